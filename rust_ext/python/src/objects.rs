//! Python objects, each made so that a lack of memory comes back as an error.
//!
//! Where the interpreter has no memory left, the binding library's own conversions panic, and it is large results that
//! use it up.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// A Python integer.
pub(crate) fn int(py: Python<'_>, n: u64) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: `py` proves that this thread may call Python, which returns a new reference, or null and an exception.
    // Signed integers have the shorter way there.
    unsafe {
        let int =
            i64::try_from(n).map_or_else(|_| ffi::PyLong_FromUnsignedLongLong(n), |n| ffi::PyLong_FromLongLong(n));
        Bound::from_owned_ptr_or_err(py, int)
    }
}

/// Append integers to a list.
pub(crate) fn append_ints(list: &Bound<'_, PyList>, block: &[u64]) -> PyResult<()> {
    for &n in block {
        let int = int(list.py(), n)?;
        list.append(&int)?;
        drop_shared(int);
    }
    Ok(())
}

/// Drop an object that somebody else has, too.
///
/// By the stable ABI of Python 3.11 the count of references is the object's first word, and its headers let extensions
/// in C count for themselves; the binding library calls a function for that, which makes a list take 1.09 times the
/// floor (`tolist()` of ready numbers) instead of 1.02. For any other interface the library knows best.
fn drop_shared(object: Bound<'_, PyAny>) {
    #[cfg(all(Py_LIMITED_API, not(Py_3_12)))]
    // SAFETY: the object holds the GIL's token, so nobody else counts; this reference is not used any more, and as
    // somebody has another, the count does not come to zero. From Python 3.12 on small ints do not count up, and here
    // lose one each time; PEP 683 gave them 2^30 and more to lose, for extensions such as this one.
    unsafe {
        (*object.into_ptr()).ob_refcnt -= 1;
    }
    #[cfg(not(all(Py_LIMITED_API, not(Py_3_12))))]
    drop(object);
}

/// A tuple of integers.
pub(crate) fn tuple<'py>(py: Python<'py>, numbers: &[u64]) -> PyResult<Bound<'py, PyAny>> {
    let len = isize::try_from(numbers.len())?;
    // SAFETY: as in `int`.
    let tuple = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyTuple_New(len)) }?;
    for (i, &n) in (0..).zip(numbers) {
        let n = int(py, n)?.into_ptr();
        // SAFETY: the tuple is new and nobody else's, so its items may be set; this takes over the reference to `n`,
        // and minus one comes with an exception.
        if unsafe { ffi::PyTuple_SetItem(tuple.as_ptr(), i, n) } < 0 {
            return Err(PyErr::fetch(py));
        }
    }
    Ok(tuple)
}
