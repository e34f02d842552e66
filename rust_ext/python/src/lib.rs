//! `primes._rust`: the sieve of `primes-core` as a kernel of the Python package.
//!
//! The contract is `Kernel` in `primes/_kernel.py`. This crate converts, lets go of the GIL while the core works, asks
//! Python for pending signals now and then, and turns errors into exceptions; what there is to know of primes is in the
//! core.

mod answers_at_once;
mod buffer;
mod interrupt;
mod iterator;
mod large;
mod objects;

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};

use primes_core::{Cpu, PrimeBlocks, TextBlock, TextBlocks, TupletBlocks};
use pyo3::buffer::{Element, PyUntypedBuffer};
use pyo3::exceptions::{PyBufferError, PyImportError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyByteArray, PyDict, PyList};

use buffer::{Buffer, Memory, TextBuffer};
use interrupt::{Interruptible, exception, teller};

/// Prime numbers from Rust.
#[pymodule(gil_used = false)]
mod _rust {
    use pyo3::prelude::*;

    use super::cpu;
    #[pymodule_export]
    use super::large::{extend_large_range, is_large_prime, next_large_prime, prev_large_prime};
    #[pymodule_export]
    use super::{
        are_prime, array, build_info, count, count_tuplets, decimal, extend_first_n, extend_range, extend_tuplets,
        first_n_by_trial_division, is_prime, iterate, iterate_down, next_prime, pi_cost, prev_prime, prime_pi,
    };

    /// Whether threads make it faster.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "an attribute of the Python module")]
    const releases_gil: bool = true;

    /// Whether `array`, `count`, `decimal` and `prime_pi` have threads of their own.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "an attribute of the Python module")]
    const own_threads: bool = true;

    /// A wrong choice of instructions must be told, not passed over.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::demand_main_interpreter()?;
        cpu()?;
        crate::answers_at_once::add_to(module)
    }
}

/// Refuse all interpreters but the main one. The types of `PyO3` and the functions in front are static, so they would be
/// those of whichever interpreter came first; and before Python 3.12 its way to the GIL waits forever in another one.
fn demand_main_interpreter() -> PyResult<()> {
    // PyPy has no others.
    #[cfg(not(PyPy))]
    // SAFETY: this thread is attached to an interpreter, which is the one that imports the module.
    if unsafe { pyo3::ffi::PyInterpreterState_GetID(pyo3::ffi::PyInterpreterState_Get()) } != 0 {
        return Err(PyImportError::new_err(
            "the Rust module serves the main interpreter alone, and this is another one",
        ));
    }
    Ok(())
}

/// The instructions in use, if the environment chose well.
fn cpu() -> PyResult<Cpu> {
    primes_core::cpu().map_err(PyValueError::new_err)
}

/// Tell what this module was built from, and how.
#[pyfunction]
fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
    info.set_item("cpu", cpu()?.name())?;
    info.set_item("compiler", env!("PRIMES_COMPILER"))?;
    Ok(info)
}

/// Append to `out` the `n` smallest primes >= `lo`, or as many as there are below 2**64.
#[pyfunction]
#[pyo3(signature = (out, n, lo, /))]
fn extend_first_n(out: &Bound<'_, PyList>, n: u64, lo: u64) -> PyResult<()> {
    extend(out, PrimeBlocks::first_n(n, lo))
}

/// Append to `out` the primes of `[lo, hi]`.
#[pyfunction]
#[pyo3(signature = (out, lo, hi, /))]
fn extend_range(out: &Bound<'_, PyList>, lo: u64, hi: u64) -> PyResult<()> {
    extend(out, PrimeBlocks::range(lo, hi))
}

fn extend(out: &Bound<'_, PyList>, mut blocks: PrimeBlocks) -> PyResult<()> {
    let mut work = Interruptible::new(out.py());
    loop {
        let block = next_block(&mut work, &mut blocks)?;
        if block.is_empty() {
            return Ok(());
        }
        objects::append_ints(out, block)?;
        out.py().check_signals()?;
    }
}

/// The next block of primes. To sieve for it, this lets go of the GIL; to decode it takes less time than to get the GIL
/// back where another thread has it, which is 5 ms.
fn next_block<'a>(work: &mut Interruptible<'_>, blocks: &'a mut PrimeBlocks) -> PyResult<&'a [u64]> {
    if blocks.load_ready().map_err(exception)? {
        Ok(blocks.block())
    } else {
        work.run(|keep_going| blocks.next_block(keep_going))
    }
}

/// Append to `out` the prime `k`-tuplets whose primes all lie in `[lo, hi]`.
#[pyfunction]
#[pyo3(signature = (out, k, lo, hi, /))]
fn extend_tuplets(out: &Bound<'_, PyList>, k: usize, lo: u64, hi: u64) -> PyResult<()> {
    let mut work = Interruptible::new(out.py());
    let mut blocks = TupletBlocks::range(k, lo, hi);
    loop {
        let block = work.run(|keep_going| blocks.next_block(keep_going))?;
        if block.is_empty() {
            return Ok(());
        }
        for tuplet in block.chunks_exact(k) {
            out.append(objects::tuple(out.py(), tuplet)?)?;
        }
        out.py().check_signals()?;
    }
}

/// Return an iterator over the primes of `[lo, hi]`, or over all from `lo` on, whose end is then an error.
#[pyfunction]
#[pyo3(signature = (lo, hi, /))]
fn iterate(py: Python<'_>, lo: u64, hi: Option<u64>) -> PyResult<Bound<'_, PyAny>> {
    iterator::up(py, lo, hi)
}

/// Return an iterator over the primes of `[lo, hi]`, the largest first.
#[pyfunction]
#[pyo3(signature = (lo, hi, /))]
fn iterate_down(py: Python<'_>, lo: u64, hi: u64) -> PyResult<Bound<'_, PyAny>> {
    iterator::down(py, lo, hi)
}

/// Return the `n` smallest primes of `[lo, hi]`, or all if there are fewer, behind the buffer protocol; by at most so
/// many threads.
#[pyfunction]
#[pyo3(signature = (n, lo, hi, threads, progress=None, /))]
fn array(
    py: Python<'_>,
    n: u64,
    lo: u64,
    hi: u64,
    threads: NonZero<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Buffer> {
    let memory = Interruptible::new(py).run_told(teller(progress, 1), |watch| {
        let keep_going = &mut || watch(0.0);
        let mut rest = (lo <= hi && n > 0).then_some(lo);
        let capacity = |n: u64, lo| usize::try_from(n.min(primes_core::likely_count(lo, hi) + 1)).unwrap_or(usize::MAX);
        let mut memory = Memory::with_capacity(rest.map_or(0, |lo| capacity(n, lo)))?;
        while let Some(lo) = rest {
            let spare = memory.spare();
            let room = spare.len();
            let written = primes_core::fill(spare, lo, hi, threads, keep_going)?;
            // SAFETY: `fill` says that it has written that many.
            unsafe { memory.add_len(written) };
            let len = memory.as_slice().len() as u64;
            let last = memory.as_slice().last().copied();
            // Where there were more primes than was likely, this goes on behind the last one.
            rest =
                last.filter(|_| written == room && len < n).and_then(|last| last.checked_add(1)).filter(|&lo| lo <= hi);
            if let Some(lo) = rest {
                memory.reserve(memory.as_slice().len().saturating_add(capacity(n - len, lo)))?;
            }
        }
        Ok(memory)
    })?;
    Ok(Buffer::new(memory))
}

/// Return an iterator over the `n` smallest primes of `[lo, hi]`, or all if there are fewer, as blocks of text, each
/// with the number of its primes; made by at most that many threads.
#[pyfunction]
#[pyo3(signature = (n, lo, hi, separator, threads, /))]
fn decimal(n: u64, lo: u64, hi: u64, separator: Vec<u8>, threads: NonZero<usize>) -> Texts {
    Texts(Mutex::new(Rest { blocks: None, n, lo, hi, separator, threads }))
}

/// Primes as text, block by block.
#[pyclass(frozen, module = "primes._rust")]
struct Texts(Mutex<Rest>);

/// The primes that are still to come as text.
struct Rest {
    /// None at first, and after an error, which no block follows: others then begin where these came to.
    blocks: Option<TextBlocks>,
    n: u64,
    lo: u64,
    hi: u64,
    separator: Vec<u8>,
    threads: NonZero<usize>,
}

impl Rest {
    fn next_block(&mut self, keep_going: &mut dyn FnMut() -> bool) -> Result<Option<TextBlock>, primes_core::Error> {
        let mut blocks = match self.blocks.take() {
            Some(blocks) => blocks,
            None => TextBlocks::new(self.n, self.lo, self.hi, &self.separator, self.threads.get())?,
        };
        let block = blocks.next_block(keep_going)?;
        self.blocks = Some(blocks);
        if let Some(block) = &block {
            self.n -= block.count();
            self.lo = last_number(&block[..block.len() - self.separator.len()]) + 1;
        }
        Ok(block)
    }
}

/// The number whose digits end a text; the separator before them has none.
fn last_number(text: &[u8]) -> u64 {
    let start = text.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |i| i + 1);
    text[start..].iter().fold(0, |n, digit| 10 * n + u64::from(digit - b'0'))
}

#[pymethods]
impl Texts {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<(TextBuffer, u64)>> {
        let mut rest = self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        let rest = &mut *rest;
        let block = Interruptible::new(py).run(|keep_going| rest.next_block(keep_going))?;
        Ok(block.map(|block| {
            let count = block.count();
            (TextBuffer(block), count)
        }))
    }
}

/// Count the primes of `[lo, hi]` by sieving.
#[pyfunction]
#[pyo3(signature = (lo, hi, threads=1, progress=None, /))]
fn count(py: Python<'_>, lo: u64, hi: u64, threads: usize, progress: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    let tell = teller(progress, hi.saturating_sub(lo));
    Interruptible::new(py).run_told(tell, |watch| primes_core::count(lo, hi, threads, watch))
}

/// Count the prime `k`-tuplets whose primes all lie in `[lo, hi]`.
#[pyfunction]
#[pyo3(signature = (k, lo, hi, progress=None, /))]
fn count_tuplets(py: Python<'_>, k: usize, lo: u64, hi: u64, progress: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    let tell = teller(progress, hi.saturating_sub(lo));
    Interruptible::new(py).run_told(tell, |watch| primes_core::count_tuplets(k, lo, hi, watch))
}

/// Count the primes <= `x` without sieving them all.
#[pyfunction]
#[pyo3(signature = (x, threads=1, progress=None, /))]
fn prime_pi(py: Python<'_>, x: u64, threads: usize, progress: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    if let Some(pi) = pi_at_once(x) {
        return Ok(pi);
    }
    let tell = teller(progress, x);
    Interruptible::new(py).run_told(tell, |watch| primes_core::prime_pi(x, threads, watch))
}

/// pi(x) where it takes so little time that letting go of the GIL would be the larger part of it.
fn pi_at_once(x: u64) -> Option<u64> {
    (x <= primes_core::LARGEST_TABLED_PI)
        .then(|| primes_core::prime_pi(x, 1, &mut |_| true).expect("nobody stops a look into a table"))
}

/// Return the `n` smallest primes by trial division.
#[pyfunction]
#[pyo3(signature = (n, /))]
fn first_n_by_trial_division(py: Python<'_>, n: usize) -> PyResult<Bound<'_, PyList>> {
    let primes = Interruptible::new(py).run(|keep_going| primes_core::first_n_by_trial_division(n, keep_going))?;
    let list = PyList::empty(py);
    for prime in primes {
        list.append(objects::int(py, prime.into())?)?;
    }
    Ok(list)
}

/// Tell about how much work pi(x) is, in integers that could be sieved instead.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn pi_cost(x: u64) -> f64 {
    primes_core::prime_pi_cost(x)
}

/// Tell whether `n` is prime.
#[pyfunction]
#[pyo3(signature = (n, /))]
fn is_prime(n: u64) -> bool {
    primes_core::is_prime(n)
}

/// Return the smallest prime > `n`, or 0 where there is none below 2**64.
#[pyfunction]
#[pyo3(signature = (n, /))]
fn next_prime(n: u64) -> u64 {
    primes_core::next_prime(n).unwrap_or(0)
}

/// Return the largest prime < `n`, or 0 where there is none.
#[pyfunction]
#[pyo3(signature = (n, /))]
fn prev_prime(n: u64) -> u64 {
    primes_core::prev_prime(n).unwrap_or(0)
}

/// Tell of each integer of a buffer whether it is prime.
///
/// The integers are copied block by block, with the GIL: without it, another thread may write to them. The answers go
/// straight to where nobody else looks yet.
#[pyfunction]
#[pyo3(signature = (numbers, /))]
fn are_prime<'py>(py: Python<'py>, numbers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyByteArray>> {
    /// Integers between two copies: tens of microseconds at least, and few enough for the stack.
    const BLOCK_LEN: usize = 2048;
    let buffer = PyUntypedBuffer::get(numbers)?;
    if buffer.item_size() != size_of::<u64>() || !u64::is_compatible_format(buffer.format()) {
        return Err(PyTypeError::new_err("the buffer does not hold unsigned 64-bit integers"));
    }
    if !buffer.is_c_contiguous() {
        return Err(PyBufferError::new_err("the buffer is not contiguous"));
    }
    let mut work = Interruptible::new(py);
    PyByteArray::new_with(py, buffer.item_count(), |answers| {
        for (start, answers) in (0..).step_by(BLOCK_LEN).zip(answers.chunks_mut(BLOCK_LEN)) {
            let mut block = [0u64; BLOCK_LEN];
            let block = &mut block[..answers.len()];
            // SAFETY: the buffer is contiguous and has as many integers as there are answers, so those of the block lie
            // in it, and as long as it is held it stays where it is. It need not be aligned: bytes are copied. `py` is
            // held: no Python code writes to the buffer meanwhile, and what writes without it writes as it would under
            // any other reader.
            unsafe {
                let from = buffer.buf_ptr().cast::<u64>().add(start).cast::<u8>();
                from.copy_to_nonoverlapping(block.as_mut_ptr().cast::<u8>(), size_of_val(block));
            }
            work.run(|keep_going| {
                primes_core::are_prime(block, answers);
                if keep_going() { Ok(()) } else { Err(primes_core::Error::Interrupted) }
            })?;
        }
        Ok(())
    })
}
