//! Whether an integer is prime, in as few nanoseconds as a function in C would take.
//!
//! The binding library's own function takes 13 ns more on its way in and out, which doubles what it takes to find
//! a small factor; the shorter way from an int to 64 bits spares as much again.

use pyo3::ffi;
use pyo3::prelude::*;

/// Add the function to the module.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    /// Functions, up to one that is all zero, which Python keeps pointers to.
    struct Definitions([ffi::PyMethodDef; 2]);
    // SAFETY: nobody writes to it.
    unsafe impl Sync for Definitions {}
    static DEFINITIONS: Definitions = Definitions([
        ffi::PyMethodDef {
            ml_name: c"is_prime".as_ptr(),
            ml_meth: ffi::PyMethodDefPointer { PyCFunction: is_prime },
            ml_flags: ffi::METH_O,
            ml_doc: c"is_prime(n, /)\n--\n\nTell whether `n` is prime.".as_ptr(),
        },
        ffi::PyMethodDef::zeroed(),
    ]);
    // SAFETY: the definitions are static, their end is marked, and Python only reads them.
    let added = unsafe { ffi::PyModule_AddFunctions(module.as_ptr(), DEFINITIONS.0.as_ptr().cast_mut()) };
    if added < 0 { Err(PyErr::fetch(module.py())) } else { module.index()?.append("is_prime") }
}

/// The function with one argument: what is no int, or outside 0 .. 2^64 - 1, it refuses as Python does.
unsafe extern "C" fn is_prime(_module: *mut ffi::PyObject, n: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: Python calls this from a thread that is attached to it, and keeps the argument alive meanwhile. All bits
    // set may be the integer or stand for an exception.
    unsafe {
        let n = as_u64(n);
        if n == u64::MAX && !ffi::PyErr_Occurred().is_null() {
            return std::ptr::null_mut();
        }
        ffi::PyBool_FromLong(primes_core::is_prime(n).into())
    }
}

/// The integer, or all bits set and an exception. Where both are of 64 bits, the way to a `size_t` is the shorter one.
///
/// # Safety
///
/// The thread is attached to Python, and the argument is an object.
unsafe fn as_u64(n: *mut ffi::PyObject) -> u64 {
    #[cfg(target_pointer_width = "64")]
    // SAFETY: as above.
    return unsafe { ffi::PyLong_AsSize_t(n) } as u64;
    #[cfg(not(target_pointer_width = "64"))]
    // SAFETY: as above.
    return unsafe { ffi::PyLong_AsUnsignedLongLong(n) };
}
