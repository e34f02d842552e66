//! The largest far primes, with fewer odd multiples than there are classes: each of those is looked at.
//!
//! Of 105 odd integers 48 are coprime to 210; a table tells which, and the class.

use super::buckets::Buckets;
use super::span::Span;
use crate::arithmetic::wheels::RESIDUES_210;
use crate::bitmap::classes210::{CLASSES, MODULUS};

/// `CLASS_OF_HALF[r / 2]` is the class of the odd residue `r`, or [`NO_CLASS`].
pub(crate) static CLASS_OF_HALF: [u8; 128] = {
    let mut classes = [NO_CLASS; 128];
    let mut class = 0;
    while class < CLASSES {
        classes[RESIDUES_210[class] as usize / 2] = class as u8;
        class += 1;
    }
    classes
};

pub(crate) const NO_CLASS: u8 = CLASSES as u8;

/// For vectors: `x * MAGIC >> MAGIC_SHIFT` is `x / 210` for `x` below 2^30. MAGIC exceeds 2^39 / 210 by less than 1,
/// which makes the quotient too large by less than 2^30 / 2^39 = 1 / 512; it lacks at least 1 / 210 to the next
/// integer.
pub(crate) const MAGIC_SHIFT: u32 = 39;
pub(crate) const MAGIC: i64 = (1 << MAGIC_SHIFT) / MODULUS.cast_signed() as i64 + 1;

/// How many odd multiples a prime that is not below `p` can have.
pub(super) fn odd_multiples(p: u64, span: &Span) -> usize {
    (u64::from(span.width()) / (2 * p)) as usize + 1
}

/// Put all hits of some primes into the buckets, which have room for them.
pub(crate) fn collect(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    for &p in primes {
        let mut offset = span.odd_multiple(p);
        while offset < u64::from(span.width()) {
            let (bit, residue) = (offset as u32 / MODULUS, offset as u32 % MODULUS);
            let class = CLASS_OF_HALF[residue as usize / 2];
            if class != NO_CLASS {
                buckets.push(usize::from(class), bit);
            }
            offset += 2 * p;
        }
    }
}
