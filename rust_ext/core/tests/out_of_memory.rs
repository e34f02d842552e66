//! Memory that cannot be had is an error: no allocation of the core ends the process when it fails.
//!
//! The allocator of this program fails on demand. Each operation is repeated and fails at its first allocation, its
//! second, and so on, until it comes to its end. An allocation that cannot fail softly would abort the program.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use primes_core::{
    DecimalWriter, Error, LargePrimes, PrimeBlocks, Text, TextBlocks, TupletBlocks, are_prime, count, count_tuplets,
    fill, first_n_by_trial_division, is_large_prime, is_prime, next_large_prime, next_prime, prev_large_prime,
    prev_prime, prime_pi,
};

#[global_allocator]
static ALLOCATOR: Failing = Failing;

struct Failing;

/// Stands where no allocation is to fail.
const NEVER: usize = usize::MAX;

thread_local! {
    /// How many allocations of this thread succeed before one fails.
    static LEFT_HERE: Cell<usize> = const { Cell::new(NEVER) };
    /// Whether all that follow it fail, too.
    static ALL_BEHIND: Cell<bool> = const { Cell::new(false) };
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// How many allocations of at least [`LARGE_BYTES`] succeed before all of them fail, in whichever thread.
static LARGE_LEFT: AtomicUsize = AtomicUsize::new(NEVER);

/// What the standard library allocates for a thread or a channel is smaller.
const LARGE_BYTES: usize = 8 << 10;

fn must_fail(bytes: usize) -> bool {
    let here = match LEFT_HERE.get() {
        NEVER => false,
        0 => {
            LEFT_HERE.set(if ALL_BEHIND.get() { 0 } else { NEVER });
            HAS_FAILED.set(true);
            true
        }
        left => {
            LEFT_HERE.set(left - 1);
            false
        }
    };
    let count_down = |left: usize| (left != NEVER && left > 0).then(|| left - 1);
    here || bytes >= LARGE_BYTES && LARGE_LEFT.fetch_update(Relaxed, Relaxed, count_down) == Err(0)
}

// SAFETY: whatever is given out is the system's.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        if must_fail(layout.size()) { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: the caller's.
        if must_fail(bytes) { std::ptr::null_mut() } else { unsafe { System.realloc(memory, layout, bytes) } }
    }
}

type Operation = fn() -> Result<u64, Error>;

fn sum(mut blocks: PrimeBlocks) -> Result<u64, Error> {
    let mut sum = 0u64;
    loop {
        match blocks.next_block(&mut || true)? {
            [] => return Ok(sum),
            block => sum = block.iter().fold(sum, |sum, &p| sum.wrapping_add(p)),
        }
    }
}

fn filled(n: usize, lo: u64, threads: usize) -> Result<u64, Error> {
    let mut out = Vec::new();
    out.try_reserve_exact(n).map_err(|_| Error::OutOfMemory)?;
    let threads = NonZero::new(threads).unwrap();
    fill(&mut out.spare_capacity_mut()[..n], lo, u64::MAX, threads, &mut || true).map(|len| len as u64)
}

fn text(n: u64, lo: u64, threads: usize) -> Result<u64, Error> {
    let mut blocks = TextBlocks::new(n, lo, u64::MAX, b"\n", threads)?;
    let mut sum = 0u64;
    while let Some(block) = blocks.next_block(&mut || true)? {
        sum = block.iter().fold(sum, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    }
    Ok(sum)
}

/// All that can be asked for without other threads, in each of the ways that it is found.
const ALONE: [(&str, Operation); 23] = [
    ("are_prime", || {
        let mut answers = [0; 50];
        are_prime(&std::array::from_fn::<u64, 50, _>(|i| (1 << 60) + 2 * i as u64 + 1), &mut answers);
        Ok(answers.iter().map(|&answer| u64::from(answer)).sum())
    }),
    ("is_prime and neighbours", || {
        let (next, prev) = (next_prime(1 << 50).unwrap_or(0), prev_prime(1 << 50).unwrap_or(0));
        Ok(next + prev + u64::from(is_prime(65_521)) + u64::from(is_prime(next)))
    }),
    ("small pi", || prime_pi(999_999, 1, &mut |_| true)),
    ("pi", || prime_pi(1_000_000_000, 1, &mut |_| true)),
    ("trial division", || first_n_by_trial_division(100, &mut || true).map(|primes| primes.len() as u64)),
    ("blocks of low primes", || sum(PrimeBlocks::range(0, 2_200_000))),
    ("blocks by bytes", || sum(PrimeBlocks::range(1 << 42, (1 << 42) + 1_000_000))),
    ("blocks by classes", || sum(PrimeBlocks::range(50_000_000, 62_000_000))),
    ("blocks by tests", || sum(PrimeBlocks::range(1 << 60, (1 << 60) + 10_000))),
    ("blocks, far", || sum(PrimeBlocks::range(1 << 41, (1 << 41) + 10_500_000))),
    ("first n, gradually", || sum(PrimeBlocks::first_n(20_000, 1 << 33).gradually())),
    ("count by bytes", || count(0, 9_000_000, 1, &mut |_| true)),
    ("count by classes", || count(0, 40_000_000, 1, &mut |_| true)),
    ("count far", || count(1 << 41, (1 << 41) + 10_500_000, 1, &mut |_| true)),
    ("count by tests", || count(1 << 60, (1 << 60) + 10_000, 1, &mut |_| true)),
    ("tuplets", || {
        let mut blocks = TupletBlocks::range(2, 0, 300_000);
        let mut sum = 0;
        loop {
            match blocks.next_block(&mut || true)? {
                [] => return Ok(sum),
                block => sum += block.len() as u64,
            }
        }
    }),
    ("count of tuplets", || count_tuplets(3, 0, 3_000_000, &mut |_| true)),
    ("decimal", || {
        let (mut writer, mut text) = (DecimalWriter::new(b", ")?, Text::default());
        writer.write(&[2, 3, 12_347, 12_373, 1 << 40], &mut text)?;
        Ok(text.as_bytes().len() as u64)
    }),
    ("decimal with a long separator", || {
        let (mut writer, mut text) = (DecimalWriter::new(b"----------")?, Text::default());
        writer.write(&[2, 3, 12_347], &mut text)?;
        Ok(text.as_bytes().len() as u64)
    }),
    ("array", || filled(200_000, 0, 1)),
    ("a large square and a Mersenne prime", || {
        let mut square = [0; 10];
        (square[0], square[4], square[5], square[9]) = (1, 1 << 63, 1 << 63, 1 << 62);
        let mut mersenne = [u64::MAX; 20];
        mersenne[19] >>= 1;
        let is_prime = [&square[..], &mersenne].map(|n| is_large_prime(n, &mut || true));
        Ok(u64::from(is_prime[0]?) + u64::from(is_prime[1]?))
    }),
    ("large neighbours", || {
        let next = next_large_prime(&[u64::MAX], &mut || true)?;
        Ok(prev_large_prime(&next, &mut || true)?.map_or(next[0], |prime| prime[0]))
    }),
    ("large blocks", || Ok(LargePrimes::new(&[0, 1 << 20], 5000)?.next_block(&mut || true)?.iter().sum())),
];

/// One test at a time, since large allocations are counted for all threads together.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[test]
fn each_allocation_may_fail() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    // A user of the core asks for this first, as the binding does when it is imported. The standard library copies the
    // value of PRIMES_CPU, and that cannot fail softly.
    primes_core::cpu().unwrap();
    let mut failures = 0;
    for (name, operation) in ALONE {
        for all_behind in [false, true] {
            for succeeding in 0.. {
                ALL_BEHIND.set(all_behind);
                HAS_FAILED.set(false);
                LEFT_HERE.set(succeeding);
                let outcome = operation();
                LEFT_HERE.set(NEVER);
                if !HAS_FAILED.get() {
                    assert_eq!(outcome, operation(), "{name}");
                    assert!(outcome.is_ok(), "{name}");
                    break;
                }
                assert_eq!(outcome, Err(Error::OutOfMemory), "{name} at allocation {succeeding}");
                failures += 1;
            }
        }
    }
    assert!(failures > 200, "{failures}");
}

#[test]
fn each_large_allocation_of_any_thread_may_fail() {
    const TOGETHER: [(&str, Operation); 6] = [
        ("text by one", || text(100_000, 0, 1)),
        ("text by several", || text(2_000_000, 0, 3)),
        ("array by several", || filled(2_000_000, 1 << 33, 3)),
        ("count by several", || count(1 << 33, (1 << 33) + 300_000_000, 3, &mut |_| true)),
        ("count far by several", || count(1 << 41, (1 << 41) + 60_000_000, 3, &mut |_| true)),
        ("pi by several", || prime_pi(60_000_000_000, 3, &mut |_| true)),
    ];
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    for (name, operation) in TOGETHER {
        let expected = operation();
        assert!(expected.is_ok(), "{name}");
        // From one to the next more succeed: there may be hundreds.
        let mut succeeding = 0;
        loop {
            LARGE_LEFT.store(succeeding, Relaxed);
            let outcome = operation();
            let left = LARGE_LEFT.swap(NEVER, Relaxed);
            assert!(outcome == Err(Error::OutOfMemory) || outcome == expected, "{name} at {succeeding}: {outcome:?}");
            if left > 0 {
                assert_eq!(outcome, expected, "{name}");
                break;
            }
            succeeding += 1 + succeeding / 8;
        }
    }
}
