//! Ctrl-C while the sieve works without the GIL.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// How often Python is asked. Ctrl-C should be felt at once; each question waits for the GIL, which another thread may
/// hold for the 5 ms of its switch interval.
const INTERVAL: Duration = Duration::from_millis(25);

/// Asks Python for pending signals, at most every [`INTERVAL`], and keeps the exception that a handler raised.
pub(crate) struct Signals {
    asked: Instant,
    raised: Option<PyErr>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self { asked: Instant::now(), raised: None }
    }

    /// Whether to go on: false once a signal handler has raised an exception.
    pub(crate) fn none_pending(&mut self) -> bool {
        if self.raised.is_none() && self.asked.elapsed() >= INTERVAL {
            #[expect(clippy::redundant_closure_for_method_calls, reason = "the method's lifetime is too specific")]
            let asked = Python::attach(|py| py.check_signals());
            self.raised = asked.err();
            self.asked = Instant::now();
        }
        self.raised.is_none()
    }

    /// The exception, if there was one.
    pub(crate) fn raised(self) -> Option<PyErr> {
        self.raised
    }
}
