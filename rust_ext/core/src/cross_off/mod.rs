//! Who crosses off which sieving prime.
//!
//! | primes | room | why there |
//! | --- | --- | --- |
//! | 7 to 101 | `presieve` | hit every segment thousands of times: patterns are cheaper than stores |
//! | to 2^16 | [`near`] | hit every segment: their place in the next one is kept, the hits fall into the first-level cache |
//! | above | [`far`] | miss most segments: each is crossed off once through a whole chunk, its start found by a division |
//!
//! A *segment* is what fits the first-level cache, a *chunk* the run of segments that is finished together.

pub(crate) mod far;
pub(crate) mod far_bytes;
pub(crate) mod near;

use crate::residues::{FIRST_RESIDUE, MODULUS, TO_COPRIME};

/// The first multiple of `p` that is coprime to 30, at least `p * p` and in byte `first_byte` or later: its byte,
/// counted from `first_byte`, and the class of its cofactor.
///
/// Everything is relative to the first integer of the byte, so that no multiple needs to fit 64 bits.
pub(crate) fn first_multiple(p: u64, first_byte: u64) -> (u64, usize) {
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
