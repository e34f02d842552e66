//! How many primes an interval holds, by sieving it.

use crate::all_classes::AllClasses;
use crate::arch::{active, caches};
use crate::chunks::Chunks;
use crate::class_sieve::{ClassSieve, count_clear};
use crate::classes::{CLASSES_210, Classes};
use crate::error::Error;
use crate::small_primes::{SMALL_LIMIT, small_primes_of};
use crate::tuning::COUNTED_SEGMENT_EIGHTHS;
use crate::ways::{FAR_FROM, Way};

/// The number of primes in the closed interval `[lo, hi]`.
///
/// # Errors
///
/// As [`PrimeBlocks::next_block`](crate::PrimeBlocks::next_block).
pub fn count(lo: u64, hi: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<u64, Error> {
    let small = small_primes_of(lo, hi).len() as u64;
    let lo = lo.max(SMALL_LIMIT);
    if lo < FAR_FROM && FAR_FROM <= hi {
        // Each part by its own way: below, larger moduli are faster, and there are no far primes.
        return Ok(small + count(lo, FAR_FROM - 1, keep_going)? + count(FAR_FROM, hi, keep_going)?);
    }
    if lo > hi {
        return Ok(small);
    }
    match Way::of(lo, hi) {
        Way::Test { .. } | Way::Bytes => {}
        Way::Classes(classes) => return Ok(small + count_by_classes(classes, lo, hi, keep_going)?),
        Way::Far => return Ok(small + count_far(lo, hi, keep_going)?),
    }
    let mut count = small;
    let mut chunks = Chunks::new(lo, hi);
    while chunks.advance(u64::MAX, keep_going)? {
        count += chunks.words().map(|composites| u64::from(composites.count_zeros())).sum::<u64>();
    }
    Ok(count)
}

/// The number of primes in `[lo, hi]`, which lies above the small primes, counted class by class.
fn count_by_classes(
    classes: &'static Classes,
    lo: u64,
    hi: u64,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<u64, Error> {
    debug_assert!(SMALL_LIMIT <= lo && lo <= hi);
    let modulus = u64::from(classes.modulus);
    let base = lo - lo % modulus;
    let class_bits = (hi - base) / modulus + 1;
    let windows = class_bits.div_ceil(8 * segment_bytes_max() as u64);
    let segment_bytes = ClassSieve::segment_bytes(class_bits.div_ceil(8 * windows) as usize);
    let cpu = active();
    let mut sieve = ClassSieve::new(cpu, classes, base, segment_bytes, 0, hi.isqrt(), keep_going)?;
    let mut count = 0;
    for _ in 0..class_bits.div_ceil(8 * segment_bytes as u64) {
        sieve.next_window(hi, keep_going, |_, first, bits| {
            set_outside(bits, first, modulus, lo, hi);
            count += count_clear(cpu, bits);
        })?;
    }
    Ok(count)
}

/// The number of primes in `[lo, hi]`, far out.
fn count_far(lo: u64, hi: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<u64, Error> {
    let modulus = u64::from(CLASSES_210.modulus);
    let cpu = active();
    let mut chunks = AllClasses::new(cpu, lo - lo % modulus, hi, segment_bytes_max(), 0, keep_going)?;
    let mut count = 0;
    while let Some(bitmaps) = chunks.next_chunk(keep_going)? {
        for (class, &residue) in CLASSES_210.residues.iter().enumerate() {
            // Beyond 2^64 - 1 it becomes that, which is not prime.
            let first = bitmaps.base().saturating_add(u64::from(residue));
            let bits = bitmaps.class_mut(class);
            set_outside(bits, first, modulus, lo, hi);
            count += count_clear(cpu, bits);
        }
    }
    Ok(count)
}

/// Bytes of the largest segment of a class where it is counted in the first-level cache, and then dropped.
fn segment_bytes_max() -> usize {
    caches().first_level / 8 * COUNTED_SEGMENT_EIGHTHS
}

/// Set the bits outside `[lo, hi]` in a class whose bit 0 stands for `first`, which lies less than `modulus` below
/// `lo`.
fn set_outside(bits: &mut [u8], first: u64, modulus: u64, lo: u64, hi: u64) {
    if first < lo {
        bits[0] |= 1;
    }
    set_from(bits, hi.checked_sub(first).map_or(0, |width| width / modulus + 1));
}

/// Set all bits from `bit` on.
fn set_from(bits: &mut [u8], bit: u64) {
    let byte = bit / 8;
    if byte < bits.len() as u64 {
        bits[byte as usize] |= 0xFF << (bit % 8);
        bits[byte as usize + 1..].fill(0xFF);
    }
}
