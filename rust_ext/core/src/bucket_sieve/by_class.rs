//! Far primes that hit many of the 48 classes: each class in turn.
//!
//! Where the class of residue `r` has its first multiple of `p` in bit `s`, that of residue `r + g` has it in bit
//! `s - g / 210 (mod p)`: a subtraction and a correction lead from class to class.

use super::buckets::Buckets;
use super::span::Span;
use crate::arithmetic::modular::{inverse, subtract_32};
use crate::arithmetic::wheels::RESIDUES_210;
use crate::bitmap::classes210::{CLASSES, MODULUS};

/// Half the way from the residue before to that of each class; none to the first.
pub(crate) const HALF_GAPS: [u8; CLASSES] = {
    let mut gaps = [0; CLASSES];
    let mut class = 1;
    while class < CLASSES {
        gaps[class] = ((RESIDUES_210[class] - RESIDUES_210[class - 1]) / 2) as u8;
        class += 1;
    }
    gaps
};

/// One more than the largest half gap.
pub(crate) const STEPS: usize = 6;

/// `INVERSES[n]` is the inverse of `n` modulo 210, for the `n` that have one.
pub(crate) static INVERSES: [f64; MODULUS as usize] = {
    let mut inverses = [0.0; MODULUS as usize];
    let mut class = 0;
    while class < CLASSES {
        let residue = RESIDUES_210[class];
        inverses[residue as usize] = inverse(residue as u32, MODULUS) as f64;
        class += 1;
    }
    inverses
};

/// How many hits a class can have of one prime that is not below `p`.
pub(super) fn hits_per_class(p: u64, span: &Span) -> usize {
    span.class_bits as usize / p as usize + 1
}

/// Put all hits of some primes into the buckets, which have room for them.
pub(crate) fn collect(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    for &p in primes {
        let (mut first, steps) = start(p, span);
        let p = p as u32;
        for (class, &gap) in HALF_GAPS.iter().enumerate() {
            first = subtract_32(first, steps[usize::from(gap)], p);
            let mut bit = first;
            while bit < span.class_bits {
                buckets.push(class, bit);
                bit += p;
            }
        }
    }
}

/// The first bit of class 0, and the step for each half gap.
#[inline]
fn start(p: u64, span: &Span) -> (u32, [u32; STEPS]) {
    let modulus = u64::from(MODULUS);
    let (cofactor, offset) = span.multiple(p);
    let inverse = INVERSES[(p % modulus) as usize] as u64;
    // (cofactor + ahead) * p is 1 modulo 210 and lies offset + ahead * p beyond the base.
    let ahead = (inverse + modulus - cofactor % modulus) % modulus;
    // Nothing remains of this division. The quotient is below p, and above -p / 8.
    let first = (offset - 1 + (ahead * p).cast_signed()) / i64::from(MODULUS);
    let first = if first < 0 { first + p.cast_signed() } else { first } as u32;

    let unit = ((modulus - inverse) * p / modulus + 1) as u32; // 1 / 210 modulo p
    let p = p as u32;
    let double = subtract_32(unit, p - unit, p);
    let mut steps = [0; STEPS];
    for half_gap in 1..STEPS {
        steps[half_gap] = subtract_32(steps[half_gap - 1], p - double, p);
    }
    (first, steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket_sieve::tests::{BASES, PRIMES};

    #[test]
    fn starts_and_steps_are_what_they_are_called() {
        for p in PRIMES.into_iter().filter(|&p| p < 1 << 31) {
            for base in BASES {
                let (first, steps) = start(p, &Span::new(base, 8));
                assert!(u64::from(first) < p);
                assert_eq!((u128::from(base) + 210 * u128::from(first) + 1) % u128::from(p), 0, "{p}, {base}");
                for (half_gap, &step) in steps.iter().enumerate() {
                    assert_eq!(210 * u64::from(step) % p, 2 * half_gap as u64, "{p}");
                }
            }
        }
    }
}
