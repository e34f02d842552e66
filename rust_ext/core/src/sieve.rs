//! One chunk of the sieve: presieve and cross off, segment by segment, then the far primes over the whole.

use crate::cross_off::{far_bytes as far, near::Near};
use crate::error::Error;
use crate::presieve::{LARGEST_PRESIEVED, presieve};
use crate::residues::{LAST_RESIDUE, MODULUS, byte_of};
use crate::small_primes::{SMALL_LIMIT, small_primes};
use crate::tuning::SEGMENT_BYTES;

/// What is carried from one chunk to the next, which must follow it without a gap.
#[derive(Default)]
pub(crate) struct Sieve {
    near: Near,
    /// How many of the small primes have been taken up.
    taken: usize,
}

impl Sieve {
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
        let mut segment_byte = first_byte;
        for segment in chunk.chunks_mut(SEGMENT_BYTES) {
            presieve(segment, segment_byte);
            self.near.cross_off(segment);
            segment_byte += segment.len() as u64;
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        if largest > SMALL_LIMIT { far::cross_off(chunk, first_byte, largest, keep_going) } else { Ok(()) }
    }
}
