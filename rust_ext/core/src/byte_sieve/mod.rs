//! The sieve in bytes of thirty: for intervals that are too narrow to be worth the fixed cost of
//! [`crate::class_sieve`], and for lists near zero.
//!
//! | primes | room | why there |
//! | --- | --- | --- |
//! | 7 to 163 | [`presieve`] | hit every segment thousands of times: patterns are cheaper than stores |
//! | to 2^16 | [`near`] | hit every segment: their place in the next is kept, and hits fall into the nearest cache |
//! | above | [`far`] | are many, for a narrow interval: none is stored, a division finds where each begins |
//!
//! A *segment* is what fits the first-level cache, a *chunk* the run of segments that is finished together.

mod far;
mod near;
mod presieve;

use crate::arch::active;
use crate::error::Error;
use crate::residues::{FIRST_RESIDUE, LAST_RESIDUE, MODULUS, TO_COPRIME, byte_of};
use crate::small_primes::{SMALL_LIMIT, small_primes};
use crate::tuning::SEGMENT_BYTES;
use near::Near;
use presieve::{LARGEST_PRESIEVED, presieve};

/// What is carried from one chunk to the next, which must follow it without a gap.
#[derive(Default)]
pub(crate) struct ByteSieve {
    near: Near,
    /// How many of the small primes have been taken up.
    taken: usize,
}

impl ByteSieve {
    /// Set the bits of all integers in the chunk that have a prime factor from 7 to `largest` and are not that prime.
    ///
    /// The chunk begins at byte `first_byte` of the integers, above the small primes. Whatever is interrupted is lost:
    /// neither the chunk nor the sieve is of use afterwards.
    pub(crate) fn sieve_chunk(
        &mut self,
        chunk: &mut [u8],
        first_byte: u64,
        largest: u64,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        debug_assert!(first_byte >= byte_of(SMALL_LIMIT));
        let last_byte = first_byte + chunk.len() as u64 - 1;
        let largest_integer = last_byte.saturating_mul(MODULUS).saturating_add(LAST_RESIDUE);
        for &p in &small_primes()[self.taken..] {
            if p > largest || p * p > largest_integer {
                break;
            }
            if p > LARGEST_PRESIEVED {
                self.near.add(p, first_byte);
            }
            self.taken += 1;
        }
        let cpu = active();
        let mut segment_byte = first_byte;
        for segment in chunk.chunks_mut(SEGMENT_BYTES) {
            presieve(cpu, segment, segment_byte);
            self.near.cross_off(segment);
            segment_byte += segment.len() as u64;
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        if largest > SMALL_LIMIT { far::cross_off(chunk, first_byte, largest, keep_going) } else { Ok(()) }
    }
}

/// The first multiple of `p` that is coprime to 30, at least `p * p` and in byte `first_byte` or later: its byte,
/// counted from `first_byte`, and the class of its cofactor.
///
/// Everything is relative to the first integer of the byte, so that no multiple needs to fit 64 bits.
fn first_multiple(p: u64, first_byte: u64) -> (u64, usize) {
    let low = MODULUS * first_byte + FIRST_RESIDUE;
    let (ahead, cofactor) = if p * p > low {
        (p * p - low, p)
    } else {
        let remainder = low % p;
        if remainder == 0 { (0, low / p) } else { (p - remainder, low / p + 1) }
    };
    let (up, class) = TO_COPRIME[(cofactor % MODULUS) as usize];
    ((ahead + p * u64::from(up)) / MODULUS, usize::from(class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residues::{RESIDUES, byte_of};

    #[test]
    fn first_multiples_are_the_first() {
        for p in [103u64, 107, 109, 113, 211, 30_011, 65_521] {
            for first_byte in [0u64, 1, 5_000, p * p / MODULUS, p * p / MODULUS + 1, 1 << 40] {
                let from = (MODULUS * first_byte + FIRST_RESIDUE).max(p * p);
                // Of eight consecutive multiples of an odd p with p % 3 != 0 and p % 5 != 0, one at least is coprime.
                let multiples = (from.next_multiple_of(p)..).step_by(p as usize).take(8);
                let expected = multiples.filter(|n| n % 2 != 0 && n % 3 != 0 && n % 5 != 0).min().unwrap();
                let (byte, class) = first_multiple(p, first_byte);
                let cofactor = expected / p;
                assert_eq!(byte, byte_of(expected) - first_byte, "p = {p}, byte {first_byte}");
                assert_eq!(u64::from(RESIDUES[class]) % MODULUS, cofactor % MODULUS, "p = {p}, byte {first_byte}");
            }
        }
    }
}
