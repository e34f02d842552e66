//! Integers from 2^64 on, between Python and slices of words.

use primes_core::LargePrimes;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyList};

use crate::interrupt::{Interruptible, exception};
use crate::objects;

/// Bytes of a word.
const WORD_BYTES: usize = size_of::<u64>();

/// The words of an integer that is not negative, the least significant first and no zero last.
fn words(n: &Bound<'_, PyInt>) -> PyResult<Vec<u64>> {
    let py = n.py();
    let bits: usize = n.call_method0(pyo3::intern!(py, "bit_length"))?.extract()?;
    let len = bits.div_ceil(64);
    let bytes = n.call_method1(pyo3::intern!(py, "to_bytes"), (len * WORD_BYTES, pyo3::intern!(py, "little")))?;
    let bytes = bytes.cast_into::<PyBytes>()?;
    let mut words = Vec::new();
    words.try_reserve_exact(len).map_err(|_| exception(primes_core::Error::OutOfMemory))?;
    words.extend(bytes.as_bytes().as_chunks().0.iter().map(|&bytes| u64::from_le_bytes(bytes)));
    Ok(words)
}

/// The integer that some words are.
fn integer<'py>(py: Python<'py>, words: &[u64]) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyBytes::new_with(py, words.len() * WORD_BYTES, |bytes| {
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        Ok(())
    })?;
    py.get_type::<PyInt>().call_method1(pyo3::intern!(py, "from_bytes"), (bytes, pyo3::intern!(py, "little")))
}

/// `start + offset`.
fn sum<'py>(start: &Bound<'py, PyInt>, offset: u64) -> PyResult<Bound<'py, PyAny>> {
    let offset = objects::int(start.py(), offset)?;
    // SAFETY: both are Python objects, and this thread may call Python, which returns a new reference, or null and an
    // exception.
    unsafe { Bound::from_owned_ptr_or_err(start.py(), ffi::PyNumber_Add(start.as_ptr(), offset.as_ptr())) }
}

/// Tell whether `n`, from 2**64 on, is prime, as far as is known.
#[pyfunction]
#[pyo3(signature = (n, /))]
pub(crate) fn is_large_prime(n: &Bound<'_, PyInt>) -> PyResult<bool> {
    let words = words(n)?;
    Interruptible::new(n.py()).run(|keep_going| primes_core::is_large_prime(&words, keep_going))
}

/// Return the smallest prime > `n`, for an `n` from 2**64 - 1 on.
#[pyfunction]
#[pyo3(signature = (n, /))]
pub(crate) fn next_large_prime<'py>(n: &Bound<'py, PyInt>) -> PyResult<Bound<'py, PyAny>> {
    let words = words(n)?;
    let prime = Interruptible::new(n.py()).run(|keep_going| primes_core::next_large_prime(&words, keep_going))?;
    integer(n.py(), &prime)
}

/// Return the largest prime < `n` that is > 2**64, or 0 where there is none, for an `n` > 2**64.
#[pyfunction]
#[pyo3(signature = (n, /))]
pub(crate) fn prev_large_prime<'py>(n: &Bound<'py, PyInt>) -> PyResult<Bound<'py, PyAny>> {
    let words = words(n)?;
    let prime = Interruptible::new(n.py()).run(|keep_going| primes_core::prev_large_prime(&words, keep_going))?;
    prime.map_or_else(|| objects::int(n.py(), 0), |prime| integer(n.py(), &prime))
}

/// Append to `out` the primes of `[lo, hi]`, for a `lo` from 2**64 on and a `hi` less than 2**64 above it.
#[pyfunction]
#[pyo3(signature = (out, lo, hi, /))]
pub(crate) fn extend_large_range<'py>(
    out: &Bound<'py, PyList>,
    lo: &Bound<'py, PyInt>,
    hi: &Bound<'py, PyInt>,
) -> PyResult<()> {
    if hi.lt(lo)? {
        return Ok(());
    }
    let width: u64 = hi.sub(lo)?.extract()?;
    let mut primes = LargePrimes::new(&words(lo)?, width).map_err(exception)?;
    let mut work = Interruptible::new(out.py());
    loop {
        let outcome = work.run(|keep_going| primes.next_block(keep_going).map(|_| ()));
        for &offset in primes.block() {
            out.append(sum(lo, offset)?)?;
        }
        outcome?;
        if primes.block().is_empty() {
            return Ok(());
        }
        out.py().check_signals()?;
    }
}
