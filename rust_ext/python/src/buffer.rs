//! A buffer of primes that Python objects can look into without a copy.

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

/// Unsigned 64-bit integers behind the buffer protocol: contiguous, writable, of format `Q`.
#[pyclass(frozen, module = "primes._rust")]
pub(crate) struct Buffer {
    values: UnsafeCell<Box<[u64]>>,
    /// How many there are: the shape that views refer to.
    len: isize,
}

/// From one integer to the next: the strides that views refer to.
static ITEM_BYTES: isize = 8;

// SAFETY: no Rust code reads or writes the integers once they are in the cell; only their address is taken out of it.
// What several threads of Python do with the memory is theirs to order, as with any writable buffer.
unsafe impl Sync for Buffer {}

impl Buffer {
    pub(crate) fn new(values: Vec<u64>) -> Self {
        let len = isize::try_from(values.len()).expect("no vector has more than isize::MAX bytes");
        Self { values: UnsafeCell::new(values.into_boxed_slice()), len }
    }
}

#[pymethods]
impl Buffer {
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        const FORMAT: &CStr = c"Q";
        if view.is_null() {
            // The only failure, so there is never an `obj` to set to null.
            return Err(PyBufferError::new_err("no view to fill"));
        }
        let this = slf.get();
        // A consumer gets what it asked for, and null for the rest.
        let asked = |flag: c_int| flags & flag == flag;
        let format = if asked(ffi::PyBUF_FORMAT) { FORMAT.as_ptr() } else { ptr::null() };
        let shape = if asked(ffi::PyBUF_ND) { &raw const this.len } else { ptr::null() };
        let strides = if asked(ffi::PyBUF_STRIDES) { &raw const ITEM_BYTES } else { ptr::null() };
        // SAFETY: the cell's content is never replaced, and a raw pointer to what the box holds reads none of it.
        let values: *mut [u64] = unsafe { &raw mut **this.values.get() };
        // SAFETY: Python passes a view that this call may fill, and it is not null. The integers belong to the box,
        // which neither moves nor dies before `slf`, nor does the length: the view keeps a reference to that. The format
        // and the strides are static. By the protocol consumers write to none of the three.
        unsafe {
            (*view).buf = values.cast::<c_void>();
            (*view).obj = slf.clone().into_any().into_ptr();
            (*view).len = this.len * ITEM_BYTES;
            (*view).itemsize = ITEM_BYTES;
            (*view).readonly = 0;
            (*view).ndim = 1;
            (*view).format = format.cast_mut();
            (*view).shape = shape.cast_mut();
            (*view).strides = strides.cast_mut();
            (*view).suboffsets = ptr::null_mut();
            (*view).internal = ptr::null_mut();
        }
        Ok(())
    }
}
