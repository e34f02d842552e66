//! The largest far primes, with fewer odd multiples than there are classes: each of those is looked at.
//!
//! Of 105 odd integers 48 are coprime to 210; a table tells which, and the class.

use super::buckets::Buckets;
use super::span::Span;
use crate::arch::Cpu;
#[cfg(target_arch = "aarch64")]
use crate::arch::aarch64::neon;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::{avx2, avx512};
use crate::bitmaps::{CLASSES, MODULUS};
use crate::classes::RESIDUES_210;

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

/// Put all hits of some ascending primes below 2^32 into the buckets, which have room for them.
#[allow(unsafe_code, reason = "only the caller knows what the processor has")]
pub(super) fn collect(cpu: Cpu, primes: &[u64], span: &Span, buckets: &mut Buckets) {
    match cpu {
        // SAFETY: whoever made the `Far` whose level this is saw to it that the processor has it; and its loop made
        // room for as many hits as the primes can have.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx512 => unsafe { avx512::far::by_multiple(primes, span, buckets) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2 => unsafe { avx2::far::by_multiple(primes, span, buckets) },
        #[cfg(target_arch = "aarch64")]
        // SAFETY: as above.
        Cpu::Neon => unsafe { neon::far::by_multiple(primes, span, buckets) },
        _ => collect_portable(primes, span, buckets),
    }
}

pub(crate) fn collect_portable(primes: &[u64], span: &Span, buckets: &mut Buckets) {
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
