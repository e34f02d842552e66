//! `primes._rust`: the sieve of `primes-core` as a kernel of the Python package.
//!
//! The contract is `Kernel` in `primes/_kernel.py`. This crate converts, lets go of the GIL while the sieve works, asks
//! Python for pending signals now and then, and turns errors into exceptions; what there is to know of primes is in the
//! core.

mod interrupt;

use primes_core::{Error, PrimeBlocks};
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use interrupt::Signals;

/// Prime numbers from Rust.
#[pymodule(gil_used = false)]
mod _rust {
    #[pymodule_export]
    use super::{build_info, extend_first_n};
}

/// Append to `out` the `n` smallest primes >= `lo`, or as many as there are below 2**64.
#[pyfunction]
#[pyo3(signature = (out, n, lo, /))]
fn extend_first_n(out: &Bound<'_, PyList>, n: u64, lo: u64) -> PyResult<()> {
    extend(out, PrimeBlocks::first_n(n, lo))
}

/// Tell what this module was built from, and how.
#[pyfunction]
fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
    info.set_item("cpu", primes_core::cpu_features())?;
    info.set_item("compiler", env!("PRIMES_COMPILER"))?;
    Ok(info)
}

fn extend(out: &Bound<'_, PyList>, mut blocks: PrimeBlocks) -> PyResult<()> {
    let py = out.py();
    let mut signals = Signals::new();
    loop {
        let block = match py.detach(|| blocks.next_block(&mut || signals.none_pending())) {
            Ok([]) => return Ok(()),
            Ok(block) => block,
            Err(error) => return Err(exception(error, signals)),
        };
        for &p in block {
            out.append(p)?;
        }
        py.check_signals()?;
    }
}

/// The exception for what stopped the sieve; for an interruption, the one that the signal handler raised.
fn exception(error: Error, signals: Signals) -> PyErr {
    match error {
        Error::Interrupted => signals.raised().unwrap_or_else(|| PyKeyboardInterrupt::new_err(())),
        Error::OutOfMemory => PyMemoryError::new_err("no memory for the sieve's buffers"),
    }
}
