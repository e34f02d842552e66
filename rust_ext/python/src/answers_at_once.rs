//! Builtin functions that stand in front of public ones and give short answers themselves, as quickly as C would.
//!
//! A Python function cannot do that: for pi(1000), one that only calls the kernel takes 80 ns, this 16. But everything
//! else is still the Python function's: what is not one plain int, what may take long, what goes wrong, and the choice
//! of a backend.
//!
//! What they know of Python stands in statics, for a builtin function whose `self` is no module could not be pickled.
//! So they can serve one import of the package: the first of the main interpreter, which alone can import this module.

use std::ffi::CString;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use pyo3::Borrowed;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::pi_at_once;

/// Whether a call that asks for no backend gets this one, outside of all blocks; once it does, it always will.
static USUAL: AtomicBool = AtomicBool::new(false);

/// What tells the open blocks of `use_backend`; null until the first one of the process, for to ask takes 8 ns. A block
/// counts for the thread that enters it and for those that get its context from there, so none of them can miss it.
static OPEN_BLOCKS: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());

/// A tuple of arrays of the first none, one, two, .. primes, which are to be copied; null until there is one.
static ORIGINALS: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());

/// What `primes/_backends.py` sees of this.
#[pyclass(frozen, module = "primes._rust")]
pub(crate) struct Front;

/// Add it to the module, if that is the first of the process: who forgets the package and imports it again gets
/// another.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    static IS_TAKEN: AtomicBool = AtomicBool::new(false);
    if IS_TAKEN.swap(true, Ordering::Relaxed) { Ok(()) } else { module.add("front", Front) }
}

#[pymethods]
impl Front {
    /// Return a builtin function that answers for this one where it can, or this one if the key is unknown here.
    #[staticmethod]
    fn of<'py>(key: &str, function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let Some((behind, call)) = place_and_call(key) else { return Ok(function.clone()) };
        let module = function.getattr("__module__")?.cast_into::<PyString>()?;
        let name: String = function.getattr("__name__")?.extract()?;
        let doc: Option<String> = function.getattr("__doc__")?.extract()?;
        let doc = format!("{name}({})\n--\n\n{}", parameters(function)?, doc.unwrap_or_default());
        let definition = Box::new(ffi::PyMethodDef {
            ml_name: CString::new(name)?.into_raw(),
            ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: call },
            ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
            ml_doc: CString::new(doc)?.into_raw(),
        });
        // Kept for ever, as a call in another thread may be about to use what was there before.
        behind.store(function.clone().into_ptr(), Ordering::Release);
        // SAFETY: the definition and its strings are never freed, and its flags are those of the type of `call`.
        unsafe {
            let builtin = ffi::PyCFunction_NewEx(Box::into_raw(definition), ptr::null_mut(), module.as_ptr());
            Bound::from_owned_ptr_or_err(function.py(), builtin)
        }
    }

    /// Say that a call that asks for no backend gets this one, outside of all blocks.
    #[staticmethod]
    fn set_usual() {
        USUAL.store(true, Ordering::Relaxed);
    }

    /// Say that there may be open blocks of `use_backend`, and what tells them.
    #[staticmethod]
    fn watch_blocks(open_blocks: Bound<'_, PyAny>) {
        if OPEN_BLOCKS.load(Ordering::Acquire) != open_blocks.as_ptr() {
            // Kept for ever, as above.
            OPEN_BLOCKS.store(open_blocks.into_ptr(), Ordering::Release);
        }
    }

    /// Say what to copy for an array of the first none, one, two, .. primes.
    #[staticmethod]
    fn set_originals(originals: Bound<'_, PyTuple>) {
        // Kept for ever, as above.
        ORIGINALS.store(originals.into_ptr(), Ordering::Release);
    }
}

/// The parameters as Python's own builtin functions tell them. Ours have a default each if they are given by name
/// alone.
fn parameters(function: &Bound<'_, PyAny>) -> PyResult<String> {
    let code = function.getattr("__code__")?;
    let mut parameters: Vec<String> = code.getattr("co_varnames")?.extract()?;
    parameters.truncate(code.getattr("co_argcount")?.extract()?);
    let defaults: Option<Vec<Bound<'_, PyAny>>> = function.getattr("__defaults__")?.extract()?;
    for (parameter, default) in parameters.iter_mut().rev().zip(defaults.unwrap_or_default().iter().rev()) {
        *parameter = format!("{parameter}={}", default.repr()?);
    }
    parameters.push("*".into());
    for (name, default) in function.getattr("__kwdefaults__")?.cast_into::<PyDict>()? {
        parameters.push(format!("{name}={}", default.repr()?));
    }
    Ok(parameters.join(", "))
}

/// The place for the Python function of this key, and what stands in front of it.
fn place_and_call(key: &str) -> Option<(&'static AtomicPtr<ffi::PyObject>, ffi::PyCFunctionFastWithKeywords)> {
    /// From what tells the answer, or that there is none at once, and what makes an object of it.
    macro_rules! front {
        ($at_once:expr, $object:expr) => {{
            static BEHIND: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());
            unsafe extern "C" fn call(
                _module: *mut ffi::PyObject,
                arguments: *const *mut ffi::PyObject,
                positional: ffi::Py_ssize_t,
                names: *mut ffi::PyObject,
            ) -> *mut ffi::PyObject {
                // SAFETY: Python calls this by its rules for fast calls, and not before the place is filled.
                unsafe {
                    match answer(arguments, positional, names, $at_once) {
                        Some(answer) => $object(answer),
                        None => call_behind(&BEHIND, arguments, positional, names),
                    }
                }
            }
            Some((&BEHIND, call))
        }};
    }
    match key {
        "is_prime" => front!(|n| Some(primes_core::is_prime(n).into()), ffi::PyBool_FromLong),
        "next_prime" => front!(primes_core::next_prime, ffi::PyLong_FromUnsignedLongLong),
        "prev_prime" => front!(primes_core::prev_prime, ffi::PyLong_FromUnsignedLongLong),
        "prime_pi" => front!(pi_at_once, ffi::PyLong_FromUnsignedLongLong),
        "numpy.first_n" => front!(|n| original(Python::assume_attached(), n), copied),
        _ => None,
    }
}

/// The answer to a call, if it is one of a plain int and this kernel is to give it.
///
/// # Safety
///
/// The rules for fast calls hold: the thread is attached to Python, `names` is null or a tuple, and as long as this
/// runs, there are that many arguments by position and then one for each name.
#[inline(always)]
unsafe fn answer<T>(
    arguments: *const *mut ffi::PyObject,
    positional: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
    at_once: impl FnOnce(u64) -> Option<T>,
) -> Option<T> {
    if positional != 1 || !names.is_null() || !USUAL.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: as above.
    let n = unsafe { if in_block(Python::assume_attached()) { None } else { as_u64(*arguments) } };
    n.and_then(at_once)
}

/// An array of the first `n` primes, which is not the caller's.
fn original(_attached: Python<'_>, n: u64) -> Option<*mut ffi::PyObject> {
    let originals = ORIGINALS.load(Ordering::Acquire);
    let n = ffi::Py_ssize_t::try_from(n).ok()?;
    // SAFETY: this is a tuple that is never freed, and the thread is attached to Python.
    unsafe {
        let is_there = !originals.is_null() && n < ffi::PyTuple_Size(originals);
        is_there.then(|| ffi::PyTuple_GetItem(originals, n))
    }
}

/// What the method `copy` of an object returns.
///
/// # Safety
///
/// The thread is attached to Python, and the argument is an object.
unsafe fn copied(original: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: as above; null ends the arguments. This way makes no bound method.
    unsafe {
        let name = intern!(Python::assume_attached(), "copy");
        ffi::PyObject_CallMethodObjArgs(original, name.as_ptr(), ptr::null_mut::<ffi::PyObject>())
    }
}

/// Whether there may be an open block of `use_backend`.
#[inline]
fn in_block(py: Python<'_>) -> bool {
    let open_blocks = OPEN_BLOCKS.load(Ordering::Acquire);
    if open_blocks.is_null() {
        return false;
    }
    // SAFETY: this is an object that is never freed.
    let open_blocks = unsafe { Borrowed::from_ptr(py, open_blocks) };
    // An error will come again behind, and there be told.
    open_blocks.call0().and_then(|blocks| blocks.is_truthy()).unwrap_or(true)
}

/// The value of what is exactly an int and has 64 bits, without a sign.
///
/// # Safety
///
/// The thread is attached to Python, and the argument is an object.
unsafe fn as_u64(n: *mut ffi::PyObject) -> Option<u64> {
    // SAFETY: as above. All bits set may be the integer or stand for an exception.
    unsafe {
        if ffi::PyLong_CheckExact(n) == 0 {
            return None;
        }
        // Where both are of 64 bits, the way to a `size_t` is the shorter one.
        #[cfg(target_pointer_width = "64")]
        let value = ffi::PyLong_AsSize_t(n) as u64;
        #[cfg(not(target_pointer_width = "64"))]
        let value = ffi::PyLong_AsUnsignedLongLong(n);
        if value == u64::MAX && !ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(value)
    }
}

/// Call the Python function with what was given.
///
/// # Safety
///
/// As for [`answer`], and there is a function behind.
#[cold]
unsafe fn call_behind(
    behind: &AtomicPtr<ffi::PyObject>,
    arguments: *const *mut ffi::PyObject,
    positional: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as above. A new tuple's items may be set, which takes over a reference.
    unsafe {
        let py = Python::assume_attached();
        let argument = |i| Bound::from_borrowed_ptr(py, *arguments.offset(i));
        let call = || {
            let tuple = Bound::from_owned_ptr_or_err(py, ffi::PyTuple_New(positional))?;
            for i in 0..positional {
                ffi::PyTuple_SetItem(tuple.as_ptr(), i, argument(i).into_ptr());
            }
            let mut dict = None;
            if let Some(names) = Bound::from_borrowed_ptr_or_opt(py, names) {
                let new = Bound::from_owned_ptr_or_err(py, ffi::PyDict_New())?.cast_into_unchecked::<PyDict>();
                for (i, name) in (positional..).zip(names.cast_into_unchecked::<PyTuple>()) {
                    new.set_item(name, argument(i))?;
                }
                dict = Some(new);
            }
            let function = Bound::from_borrowed_ptr(py, behind.load(Ordering::Acquire));
            function.call(tuple.cast_into_unchecked::<PyTuple>(), dict.as_ref())
        };
        call().map_or_else(
            |error| {
                error.restore(py);
                ptr::null_mut()
            },
            Bound::into_ptr,
        )
    }
}
