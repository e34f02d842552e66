//! The sieve in bytes of thirty: for intervals that are too narrow to be worth the fixed cost of
//! [`crate::sieve::class_sieve`], and for lists near zero.
//!
//! | primes | room | why there |
//! | --- | --- | --- |
//! | 7 to 163 | [`presieve`] | hit every segment thousands of times: patterns are cheaper than stores |
//! | to 2^16 | [`small`] | hit every segment: their place in the next is kept, and hits fall into the nearest cache |
//!
//! Larger ones are crossed off two floors above, in `interval/large_primes.rs`: one by one, through a whole chunk.
//!
//! A *segment* is what fits the first-level cache, a *chunk* the run of segments that is finished together.

mod presieve;
mod small;

use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes};
use crate::arithmetic::wheel30::{LAST_RESIDUE, MODULUS, byte_of};
use crate::base::error::Error;
use crate::base::progress::KeepGoing;
use crate::base::tuning::SEGMENT_BYTES;
use crate::cpu::level::active;
pub(crate) use presieve::{LARGEST_PRESIEVED, presieve};
use small::Small;
pub(crate) use small::cross_off_prime;

/// What is carried from one chunk to the next, which must follow it without a gap.
#[derive(Default)]
pub(crate) struct ByteSieve {
    small: Small,
    /// How many of the small primes have been taken up.
    taken: usize,
}

impl ByteSieve {
    /// Set the bits of all integers in the chunk that have a prime factor from 7 to `largest`, or to 2^16 if that is
    /// less, and are not that prime.
    ///
    /// The chunk begins at byte `first_byte` of the integers, above the small primes. Whatever is interrupted is lost:
    /// neither the chunk nor the sieve is of use afterwards.
    pub(crate) fn sieve_chunk(
        &mut self,
        chunk: &mut [u8],
        first_byte: u64,
        largest: u64,
        keep_going: KeepGoing,
    ) -> Result<(), Error> {
        debug_assert!(first_byte >= byte_of(SMALL_LIMIT));
        let last_byte = first_byte + chunk.len() as u64 - 1;
        let largest_integer = last_byte.saturating_mul(MODULUS).saturating_add(LAST_RESIDUE);
        for &p in &small_primes()[self.taken..] {
            if p > largest || p * p > largest_integer {
                break;
            }
            if p > LARGEST_PRESIEVED {
                self.small.add(p, first_byte)?;
            }
            self.taken += 1;
        }
        let cpu = active();
        let mut segment_byte = first_byte;
        for segment in chunk.chunks_mut(SEGMENT_BYTES) {
            presieve(cpu, segment, segment_byte);
            self.small.cross_off(segment);
            segment_byte += segment.len() as u64;
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        Ok(())
    }
}
