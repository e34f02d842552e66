//! How many primes an interval holds, by sieving it.

use crate::chunks::Chunks;
use crate::error::Error;
use crate::small_primes::small_primes_of;

/// The number of primes in the closed interval `[lo, hi]`.
///
/// # Errors
///
/// As [`PrimeBlocks::next_block`](crate::PrimeBlocks::next_block).
pub fn count(lo: u64, hi: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<u64, Error> {
    let mut count = small_primes_of(lo, hi).len() as u64;
    let mut chunks = Chunks::new(lo, hi);
    while chunks.advance(u64::MAX, keep_going)? {
        count += chunks.words().map(|composites| u64::from(composites.count_zeros())).sum::<u64>();
    }
    Ok(count)
}
