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
}

// SAFETY: no Rust code reads or writes the integers once they are in the cell; only the address and the length are taken
// out of it. What several threads of Python do with the memory is theirs to order, as with any writable buffer.
unsafe impl Sync for Buffer {}

impl Buffer {
    pub(crate) fn new(values: Vec<u64>) -> Self {
        Self { values: UnsafeCell::new(values.into_boxed_slice()) }
    }
}

#[pymethods]
impl Buffer {
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, _flags: c_int) -> PyResult<()> {
        const FORMAT: &CStr = c"Q";
        const ITEM_BYTES: isize = 8;
        if view.is_null() {
            return Err(PyBufferError::new_err("no view to fill"));
        }
        // SAFETY: the cell's content is never replaced, and a raw pointer to what the box holds reads none of it.
        let values: *mut [u64] = unsafe { &raw mut **slf.get().values.get() };
        let len = isize::try_from(values.len())?;
        // SAFETY: Python passes a view that this call may fill, and it is not null. The memory behind the slice belongs
        // to the box, which neither moves nor dies before `slf`: the view keeps a reference to that. Shape and stride
        // are one-element arrays, for which the view's own fields serve (the length in bytes is set apart from them).
        unsafe {
            (*view).buf = values.cast::<c_void>();
            (*view).obj = slf.clone().into_any().into_ptr();
            (*view).len = len * ITEM_BYTES;
            (*view).itemsize = ITEM_BYTES;
            (*view).readonly = 0;
            (*view).format = FORMAT.as_ptr().cast_mut();
            (*view).ndim = 1;
            (*view).internal = Box::into_raw(Box::new(len)).cast::<c_void>();
            (*view).shape = (*view).internal.cast::<isize>();
            (*view).strides = &raw mut (*view).itemsize;
            (*view).suboffsets = ptr::null_mut();
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "the protocol of Python passes it")]
    unsafe fn __releasebuffer__(&self, view: *mut ffi::Py_buffer) {
        // SAFETY: `internal` is the box that `__getbuffer__` made for this view, and each view is released once.
        drop(unsafe { Box::from_raw((*view).internal.cast::<isize>()) });
    }
}
