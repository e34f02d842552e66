//! The integers of one call, and where the multiples of a far prime begin among them: without dividing integers.

use crate::bitmap::classes210::{Bitmaps, MODULUS};

/// The smallest and the largest that a far prime may be.
pub(crate) const SMALLEST: u64 = 1 << 17;
pub(crate) const LARGEST: u64 = u32::MAX as u64;

/// Fewer integers than this can be crossed off at once: to add twice a prime, or this, to an offset below it then never
/// overflows 31 bits.
pub(crate) const WIDTH_LIMIT: u32 = 1 << 30;

/// What all far primes have to know of the bitmaps.
pub(crate) struct Span {
    /// The integer before the first bit of class 0: a multiple of 210.
    pub(crate) base: u64,
    /// The bits of each class.
    pub(crate) class_bits: u32,
    /// The base as a double, and what that is too small by: at most 2^10.
    pub(crate) high: f64,
    pub(crate) low: f64,
    /// A little less than the base: from `base * (1 - 7 u)` to `base`, with `u = 2^-53`.
    pub(crate) below: f64,
}

impl Span {
    pub(super) fn of(bitmaps: &Bitmaps) -> Self {
        let class_bits = u32::try_from(bitmaps.class_bits()).unwrap_or(u32::MAX);
        assert!(class_bits <= WIDTH_LIMIT / MODULUS, "the bitmaps are too wide");
        Self::new(bitmaps.base(), class_bits)
    }

    pub(super) fn new(base: u64, class_bits: u32) -> Self {
        let high = base as f64;
        let low = (i128::from(base) - high as i128) as f64;
        // The roundings, to a double and of this product, are factors between 1 - u and 1 + u, and so will be that of
        // the quotient. The factor here is 1 - 4 u: the quotient will not be too large, and too small by 8 u at most.
        Self { base, class_bits, high, low, below: high * (1.0 - 2.0 * f64::EPSILON) }
    }

    /// How many integers the bitmaps cover.
    pub(crate) fn width(&self) -> u32 {
        self.class_bits * MODULUS
    }

    /// A cofactor `m`, and how far `m * p` lies beyond the base: more than `-p / 8`, at most `p`.
    ///
    /// Let `q = base / p`, less than 2^47. The quotient of doubles lies between `q * (1 - 8 u)` and `q`: it is too
    /// small by less than 1/8. So `m`, the least integer above it, lies above `q - 1/8` and not above `q + 1`.
    ///
    /// The product may wrap where the base is near 2^64; the difference does not notice.
    #[inline]
    pub(super) fn multiple(&self, p: u64) -> (u64, i64) {
        debug_assert!((SMALLEST..=LARGEST).contains(&p));
        let cofactor = (self.below / p as f64) as u64 + 1;
        (cofactor, cofactor.wrapping_mul(p).wrapping_sub(self.base).cast_signed())
    }

    /// How far the first odd multiple of `p` lies beyond the base, which is even.
    #[inline]
    pub(super) fn odd_multiple(&self, p: u64) -> u64 {
        let (_, offset) = self.multiple(p);
        let p = p.cast_signed();
        // An even offset is replaced by that of the next multiple, which is not above 2 p and hence below.
        let odd = if offset % 2 == 0 { offset + p } else { offset };
        (if odd < 0 { odd + 2 * p } else { odd }) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket_sieve::tests::{BASES, PRIMES};

    #[test]
    fn the_multiple_is_near_and_the_odd_one_the_first() {
        for p in PRIMES {
            for base in BASES {
                // Around a multiple of p is where a rounded quotient would go astray.
                let multiple = base - base % p;
                for base in [base, multiple - 2, multiple - 1, multiple, multiple + 1, multiple + 2] {
                    let span = Span::new(base, 8);
                    let (cofactor, offset) = span.multiple(p);
                    assert_eq!(
                        i128::from(offset),
                        i128::from(cofactor) * i128::from(p) - i128::from(base),
                        "{p}, {base}"
                    );
                    let signed_p = p.cast_signed();
                    assert!(-signed_p < 8 * offset && offset <= signed_p, "{p}, {base}");
                    if base.is_multiple_of(2) {
                        // base + offset is p modulo 2 p.
                        assert_eq!(span.odd_multiple(p), (3 * p - base % (2 * p)) % (2 * p), "{p}, {base}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_base_is_the_sum_of_its_doubles() {
        for base in BASES {
            let span = Span::new(base, 8);
            assert_eq!(span.high as i128 + span.low as i128, i128::from(base));
            assert!(span.low.abs() <= 1024.0 && span.below <= base as f64);
        }
    }
}
