//! How many primes an interval holds, by sieving it.

use crate::arch::active;
use crate::chunks::Chunks;
use crate::class_sieve::{ClassSieve, count_clear};
use crate::classes::{CLASSES_210, CLASSES_2310, CLASSES_30030, Classes};
use crate::error::Error;
use crate::small_primes::{SMALL_LIMIT, small_primes_of};
use crate::tuning::{
    CLASSES_2310_WIDTH_MIN, CLASSES_30030_WIDTH_MIN, CLASSES_WIDTH_MIN, COUNTED_SEGMENT_BYTES_MAX, NEAR_LIMIT,
};

/// The number of primes in the closed interval `[lo, hi]`.
///
/// # Errors
///
/// As [`PrimeBlocks::next_block`](crate::PrimeBlocks::next_block).
pub fn count(lo: u64, hi: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<u64, Error> {
    let small = small_primes_of(lo, hi).len() as u64;
    let lo = lo.max(SMALL_LIMIT);
    if let Some(classes) = classes_for(lo, hi) {
        return Ok(small + count_by_classes(classes, lo, hi, keep_going)?);
    }
    let mut count = small;
    let mut chunks = Chunks::new(lo, hi);
    while chunks.advance(u64::MAX, keep_going)? {
        count += chunks.words().map(|composites| u64::from(composites.count_zeros())).sum::<u64>();
    }
    Ok(count)
}

/// The classes by which the primes of `[lo, hi]` are best counted, unless they are better sieved by bytes or come too far
/// out.
fn classes_for(lo: u64, hi: u64) -> Option<&'static Classes> {
    let width = hi.checked_sub(lo).filter(|&width| width >= CLASSES_WIDTH_MIN && hi < NEAR_LIMIT * NEAR_LIMIT)?;
    Some(match width {
        ..CLASSES_2310_WIDTH_MIN => &CLASSES_210,
        CLASSES_2310_WIDTH_MIN..CLASSES_30030_WIDTH_MIN => &CLASSES_2310,
        _ => &CLASSES_30030,
    })
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
    let windows = class_bits.div_ceil(8 * COUNTED_SEGMENT_BYTES_MAX);
    let segment_bytes = ClassSieve::segment_bytes(class_bits.div_ceil(8 * windows) as usize);
    let cpu = active();
    let mut sieve = ClassSieve::new(cpu, classes, base, segment_bytes, 0, hi.isqrt(), keep_going)?;
    let mut count = 0;
    for _ in 0..class_bits.div_ceil(8 * segment_bytes as u64) {
        sieve.next_window(hi, keep_going, |_, first, bits| {
            if first < lo {
                bits[0] |= 1;
            }
            set_from(bits, hi.checked_sub(first).map_or(0, |width| width / modulus + 1));
            count += count_clear(cpu, bits);
        })?;
    }
    Ok(count)
}

/// Set all bits from `bit` on.
fn set_from(bits: &mut [u8], bit: u64) {
    let byte = bit / 8;
    if byte < bits.len() as u64 {
        bits[byte as usize] |= 0xFF << (bit % 8);
        bits[byte as usize + 1..].fill(0xFF);
    }
}
