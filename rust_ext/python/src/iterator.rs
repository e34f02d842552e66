//! Primes one by one, at the speed of an iterator that C would have made.
//!
//! The binding library's own `__next__` takes 5 ns on its way in and out, a third of what a prime costs in a loop:
//! making the integer, handing it over, dropping it. So this type has a plain slot, and only its refills go through the
//! library.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_uint, c_void};
use std::mem;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use primes_core::{Error, PrimeBlocks};
use pyo3::Borrowed;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::sync::{MutexExt, PyOnceLock};
use pyo3::types::PyType;

use crate::interrupt::{Interruptible, exception};
use crate::next_block;
use crate::objects;

/// An object of the type: Python's head, and what it is an iterator over.
#[repr(C)]
struct Object {
    head: ffi::PyObject,
    primes: *mut Primes,
}

struct Primes {
    /// What can be handed out. It is only touched with the GIL or, where there is none, in the critical section of the
    /// object, and by nothing that calls Python.
    ready: UnsafeCell<Ready>,
    search: Mutex<Search>,
    /// The thread that has the search, for it would wait for itself.
    searching: Mutex<Option<ThreadId>>,
}

/// Where more comes from.
#[expect(clippy::large_enum_variant, reason = "the larger is the usual one, and it is not moved about")]
enum Search {
    Up(Up),
    Down(Down),
}

impl Search {
    /// Put more into what is ready; nothing at the end. After an error, such as Ctrl-C, it goes on where it was.
    fn refill(&mut self, object: &Bound<'_, PyAny>, ready: &UnsafeCell<Ready>) -> PyResult<()> {
        match self {
            Self::Up(search) => search.refill(object, ready),
            Self::Down(search) => search.refill(object, ready),
        }
    }

    /// Tell, once, that it has come to the end of what can be searched.
    fn ends_without_a_stop(&mut self) -> bool {
        match self {
            Self::Up(search) => mem::take(&mut search.endless),
            Self::Down(_) => false,
        }
    }
}

struct Up {
    blocks: PrimeBlocks,
    /// What the blocks to come are to cover, so that after an error others can.
    lo: u64,
    hi: u64,
    /// Whether its end is an error.
    endless: bool,
}

impl Up {
    fn new(lo: u64, hi: Option<u64>) -> Self {
        let (endless, hi) = (hi.is_none(), hi.unwrap_or(u64::MAX));
        Self { blocks: PrimeBlocks::range(lo, hi).gradually(), lo, hi, endless }
    }

    /// No block follows an error. So that the iterator goes on where it was, this then begins anew.
    fn refill(&mut self, object: &Bound<'_, PyAny>, ready: &UnsafeCell<Ready>) -> PyResult<()> {
        let block = next_block(&mut Interruptible::new(object.py()), &mut self.blocks);
        let found = block.and_then(|block| {
            with_critical_section(object, || {
                // SAFETY: as in `next_ready`.
                unsafe { &mut *ready.get() }.refill(block)
            })
            .map_err(exception)?;
            Ok(block.last().copied())
        });
        match found {
            // 2^64 - 1 is no prime.
            Ok(last) => self.lo = last.map_or(self.lo, |last| last + 1),
            Err(_) => self.blocks = PrimeBlocks::range(self.lo, self.hi).gradually(),
        }
        found.map(|_| ())
    }
}

/// Sieves go upwards, so the way down is one of windows, each below the one before.
struct Down {
    lo: u64,
    /// The end of the next window; none when all is done.
    hi: Option<u64>,
    width: u64,
}

impl Down {
    /// The first prime comes within microseconds.
    const FIRST_WIDTH: u64 = 1 << 7;

    /// Up to here a window mostly takes what any window takes, 3 to 30 us, so it is four times as wide as the one before
    /// it; from here on twice as wide.
    const FAST_WIDTH: u64 = 1 << 13;

    /// A window then holds at most 9 MB of primes. Narrower ones pay for their sieving primes more often, and wider ones
    /// leave the caches: 10^6 primes down from 10^15 took 126, 101 and 124 ms with 2^22, 2^24 and 2^26.
    const MOST_WIDTH: u64 = 1 << 24;

    fn new(lo: u64, hi: u64) -> Self {
        Self { lo, hi: (lo <= hi).then_some(hi), width: Self::FIRST_WIDTH }
    }

    fn refill(&mut self, object: &Bound<'_, PyAny>, ready: &UnsafeCell<Ready>) -> PyResult<()> {
        let mut work = Interruptible::new(object.py());
        // All of it has been handed out, so its memory serves again.
        // SAFETY: as in `next_ready`.
        let Ready { mut primes, .. } = with_critical_section(object, || mem::take(unsafe { &mut *ready.get() }));
        primes.clear();
        while let Some(hi) = self.hi
            && primes.is_empty()
        {
            let lo = hi.saturating_sub(self.width - 1).max(self.lo);
            let mut blocks = PrimeBlocks::range(lo, hi);
            loop {
                let block = next_block(&mut work, &mut blocks)?;
                if block.is_empty() {
                    break;
                }
                primes.try_reserve(block.len()).map_err(|_| exception(Error::OutOfMemory))?;
                primes.extend_from_slice(block);
            }
            self.hi = (lo > self.lo).then(|| lo - 1);
            self.width = Self::MOST_WIDTH.min(self.width * if self.width < Self::FAST_WIDTH { 4 } else { 2 });
        }
        primes.reverse();
        with_critical_section(object, || {
            // SAFETY: as in `next_ready`.
            *unsafe { &mut *ready.get() } = Ready { primes, handed_out: 0 };
        });
        Ok(())
    }
}

#[derive(Default)]
struct Ready {
    primes: Vec<u64>,
    handed_out: usize,
}

impl Ready {
    fn next(&mut self) -> Option<u64> {
        let next = self.primes.get(self.handed_out).copied();
        self.handed_out += usize::from(next.is_some());
        next
    }

    fn refill(&mut self, block: &[u64]) -> Result<(), Error> {
        self.primes.clear();
        self.handed_out = 0;
        self.primes.try_reserve(block.len()).map_err(|_| Error::OutOfMemory)?;
        self.primes.extend_from_slice(block);
        Ok(())
    }
}

/// An iterator over the primes of `[lo, hi]`, or over those from `lo` on.
pub(crate) fn up(py: Python<'_>, lo: u64, hi: Option<u64>) -> PyResult<Bound<'_, PyAny>> {
    new(py, Search::Up(Up::new(lo, hi)))
}

/// An iterator over the primes of `[lo, hi]`, the largest first.
pub(crate) fn down(py: Python<'_>, lo: u64, hi: u64) -> PyResult<Bound<'_, PyAny>> {
    new(py, Search::Down(Down::new(lo, hi)))
}

fn new(py: Python<'_>, search: Search) -> PyResult<Bound<'_, PyAny>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = TYPE.get_or_try_init(py, || new_type(py))?.bind(py).as_type_ptr();
    // SAFETY: by its specification the type has the basic allocator.
    let object = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_GenericAlloc(class, 0)) }?;
    let primes = Primes { ready: UnsafeCell::default(), search: Mutex::new(search), searching: Mutex::new(None) };
    // SAFETY: the object is of this layout, new, and nobody else's.
    unsafe { (*object.as_ptr().cast::<Object>()).primes = Box::into_raw(Box::new(primes)) };
    Ok(object)
}

fn new_type(py: Python<'_>) -> PyResult<Py<PyType>> {
    const NAME: &std::ffi::CStr = c"primes._rust.PrimeIterator";
    let slot = |slot: c_int, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_iter, ffi::PyObject_SelfIter as *mut c_void),
        slot(ffi::Py_tp_iternext, next as *mut c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: NAME.as_ptr(),
        basicsize: c_int::try_from(size_of::<Object>())?,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION) as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the name is static, the slots have the signatures that their numbers stand for and end with 0, and the
    // basic size is that of an object which begins with Python's head.
    Ok(unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&raw mut spec)) }?
        .cast_into::<PyType>()?
        .unbind())
}

/// The slot `tp_dealloc`.
unsafe extern "C" fn dealloc(object: *mut ffi::PyObject) {
    // SAFETY: Python calls this once, when nobody has the object any more. Its content is null or what `new` put there;
    // its memory came from the basic allocator, and it owned a reference to its type.
    unsafe {
        let class = ffi::Py_TYPE(object);
        let primes = (*object.cast::<Object>()).primes;
        if !primes.is_null() {
            drop(Box::from_raw(primes));
        }
        ffi::PyObject_Free(object.cast());
        ffi::Py_DECREF(class.cast());
    }
}

/// The slot `tp_iternext`.
unsafe extern "C" fn next(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: Python calls this from a thread that is attached to it, and keeps the object alive meanwhile.
    let object = unsafe { Borrowed::from_ptr(Python::assume_attached(), object) };
    // SAFETY: it is of the type above, of which nobody has an object before `new` has filled it.
    let primes = unsafe { &*(*object.as_ptr().cast::<Object>()).primes };
    let next = match primes.next_ready(&object) {
        Some(p) => Ok(Some(p)),
        None => Python::attach(|_| primes.refill(&object)),
    };
    // Null without an exception is the end.
    match next.and_then(|next| next.map(|p| objects::int(object.py(), p)).transpose()) {
        Ok(next) => next.map_or(ptr::null_mut(), Bound::into_ptr),
        Err(error) => {
            error.restore(object.py());
            ptr::null_mut()
        }
    }
}

impl Primes {
    /// The next prime that needs no search.
    fn next_ready(&self, object: &Bound<'_, PyAny>) -> Option<u64> {
        with_critical_section(object, || {
            // SAFETY: it is not touched elsewhere meanwhile: see its description.
            unsafe { &mut *self.ready.get() }.next()
        })
    }

    /// Search for more, and take the first of them; none at the end.
    fn refill(&self, object: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        // A consumer in C, such as `sum`, does not ask by itself.
        object.py().check_signals()?;
        let this_thread = Some(thread::current().id());
        if *lock(&self.searching) == this_thread {
            // The search has asked for signals, and the handler of one asks for the next prime.
            return Err(PyValueError::new_err("the iterator is already looking for the next prime"));
        }
        let py = object.py();
        let mut search = self.search.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        // Perhaps another thread did it while this one waited.
        if let Some(p) = self.next_ready(object) {
            return Ok(Some(p));
        }
        *lock(&self.searching) = this_thread;
        let found = search.refill(object, &self.ready);
        *lock(&self.searching) = None;
        let next = found.map(|()| self.next_ready(object));
        if matches!(next, Ok(None)) && search.ends_without_a_stop() {
            return Err(PyOverflowError::new_err(
                "iter_primes without stop has come to 2**64, the end of what the kernels know",
            ));
        }
        next
    }
}

/// Lock what no thread keeps for long.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
