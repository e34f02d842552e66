//! Work without the GIL that Ctrl-C can end.

use std::time::{Duration, Instant};

use primes_core::Error;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError};
use pyo3::prelude::*;

/// How often Python is asked for signals. Ctrl-C should be felt at once; each question waits for the GIL, which another
/// thread may hold for the 5 ms of its switch interval.
const INTERVAL: Duration = Duration::from_millis(25);

/// The work of one call, which may come in several pieces.
pub(crate) struct Interruptible<'py> {
    py: Python<'py>,
    asked: Instant,
}

impl<'py> Interruptible<'py> {
    pub(crate) fn new(py: Python<'py>) -> Self {
        Self { py, asked: Instant::now() }
    }

    /// Do a piece of work without the GIL. It passes its `keep_going` to the core, which then ends soon after a signal
    /// handler has raised an exception; that exception is what comes back.
    pub(crate) fn run<T: Send>(
        &mut self,
        work: impl FnOnce(&mut dyn FnMut() -> bool) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        self.run_told(|_, _| Ok(()), |watch| work(&mut || watch(0.0)))
    }

    /// The same for work that tells which part of it is done: when Python is asked for signals, `tell` passes that on,
    /// and an exception of it ends the work as well.
    pub(crate) fn run_told<T: Send>(
        &mut self,
        mut tell: impl FnMut(Python<'_>, f64) -> PyResult<()> + Send,
        work: impl FnOnce(&mut dyn FnMut(f64) -> bool) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        let asked = &mut self.asked;
        let mut raised = None;
        let result = self.py.detach(|| {
            work(&mut |part| {
                if raised.is_none() && asked.elapsed() >= INTERVAL {
                    let answer = Python::attach(|py| py.check_signals().and_then(|()| tell(py, part)));
                    raised = answer.err();
                    *asked = Instant::now();
                }
                raised.is_none()
            })
        });
        result.map_err(|error| raised.unwrap_or_else(|| exception(error)))
    }
}

/// What passes on to `progress` how much of `all` is done.
pub(crate) fn teller(
    progress: Option<&Bound<'_, PyAny>>,
    all: u64,
) -> impl FnMut(Python<'_>, f64) -> PyResult<()> + Send + use<> {
    let progress = progress.map(|progress| progress.clone().unbind());
    move |py, part| {
        if let Some(progress) = &progress {
            progress.call1(py, (((part * all as f64) as u64).min(all), all))?;
        }
        Ok(())
    }
}

/// What Python is told of an error.
pub(crate) fn exception(error: Error) -> PyErr {
    match error {
        Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        Error::OutOfMemory => PyMemoryError::new_err("no memory for the tables and buffers of the sieve"),
    }
}
