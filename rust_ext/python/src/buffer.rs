//! Primes, and text of them, that Python objects can look into without a copy.

use std::alloc::{self, Layout};
use std::ffi::{CStr, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use primes_core::{Error, TextBlock, ask_for_huge_pages};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

/// Bytes of a huge page, and of the smallest memory for which they are asked.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Memory for 64-bit integers, the first `len` of which are there.
pub(crate) struct Memory {
    start: NonNull<u64>,
    layout: Layout,
    len: usize,
}

// SAFETY: it owns what it points to, as a vector does.
unsafe impl Send for Memory {}
// SAFETY: as above; through a shared reference nothing but the address and the numbers of the memory can be had.
unsafe impl Sync for Memory {}

impl Memory {
    /// Memory for that many integers. None of them is there yet.
    pub(crate) fn with_capacity(capacity: usize) -> Result<Self, Error> {
        let bytes = capacity.max(1).checked_mul(size_of::<u64>()).ok_or(Error::OutOfMemory)?;
        let layout = Layout::from_size_align(bytes, align_of::<u64>()).map_err(|_| Error::OutOfMemory)?;
        // SAFETY: the layout is of at least one integer.
        let start = NonNull::new(unsafe { alloc::alloc(layout) }).ok_or(Error::OutOfMemory)?;
        let mut memory = Self { start: start.cast(), layout, len: 0 };
        if bytes >= HUGE_PAGE_BYTES {
            ask_for_huge_pages(memory.spare());
        }
        Ok(memory)
    }

    /// Make room for that many integers in all. Those that are there are moved if need be.
    pub(crate) fn reserve(&mut self, capacity: usize) -> Result<(), Error> {
        let mut larger = Self::with_capacity(capacity.max(self.len))?;
        // SAFETY: `len` integers are here and have room there, and the two memories do not overlap.
        unsafe { ptr::copy_nonoverlapping(self.start.as_ptr(), larger.start.as_ptr(), self.len) };
        larger.len = self.len;
        *self = larger;
        Ok(())
    }

    /// The integers that are there.
    pub(crate) fn as_slice(&self) -> &[u64] {
        // SAFETY: they are there, and live as long as `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// The room behind them.
    pub(crate) fn spare(&mut self) -> &mut [MaybeUninit<u64>] {
        let capacity = self.layout.size() / size_of::<u64>();
        // SAFETY: the memory is for that many integers, and belongs to `self`, which is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().add(self.len).cast(), capacity - self.len) }
    }

    /// Count that many more integers as there.
    ///
    /// # Safety
    ///
    /// That many must have been written to the front of the spare room.
    pub(crate) unsafe fn add_len(&mut self, written: usize) {
        self.len += written;
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout.
        unsafe { alloc::dealloc(self.start.as_ptr().cast(), self.layout) };
    }
}

/// Unsigned 64-bit integers behind the buffer protocol: contiguous, writable, of format `Q`.
#[pyclass(frozen, module = "primes._rust")]
pub(crate) struct Buffer {
    /// What several threads of Python do with it is theirs to order, as with any writable buffer; no Rust code reads or
    /// writes the integers any more.
    memory: Memory,
    /// How many there are: the shape that views refer to.
    len: isize,
}

/// From one integer to the next: the strides that views refer to.
static ITEM_BYTES: isize = 8;

impl Buffer {
    pub(crate) fn new(memory: Memory) -> Self {
        let len = isize::try_from(memory.len).expect("no memory has more than isize::MAX bytes");
        Self { memory, len }
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
        // SAFETY: Python passes a view that this call may fill, and it is not null. The integers are in memory that
        // neither moves nor dies before `slf`, nor does the length: the view keeps a reference to that. The format
        // and the strides are static. By the protocol consumers write to none of the three.
        unsafe {
            (*view).buf = this.memory.start.as_ptr().cast::<c_void>();
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

/// A block of text behind the buffer protocol: bytes that cannot be written to.
#[pyclass(frozen, module = "primes._rust")]
pub(crate) struct TextBuffer(pub(crate) TextBlock);

#[pymethods]
impl TextBuffer {
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let text: &[u8] = &slf.get().0;
        let len = isize::try_from(text.len()).expect("no memory has more than isize::MAX bytes");
        // SAFETY: Python passes a view that this call may fill, or null, which is refused. The text is in memory that
        // neither moves nor dies before `slf`, to which the view keeps a reference; and it is lent for reading only.
        let filled =
            unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), text.as_ptr().cast_mut().cast(), len, 1, flags) };
        if filled < 0 { Err(PyErr::fetch(slf.py())) } else { Ok(()) }
    }
}
