//! Arithmetic modulo an odd 64-bit integer, without divisions.
//!
//! P. L. Montgomery, *Modular multiplication without trial division*, Math. Comp. 44 (1985), 519-521. A residue `a` is
//! kept as `2^64 a`, and a product of two such is divided by 2^64 again, by subtracting the multiple of the modulus
//! that makes the lower half zero.
//!
//! What one multiplication waits for is three others in a row. All that can be is done beside them: correcting the
//! upper half before the last subtraction costs no time, correcting its difference would.

#![expect(
    clippy::inline_always,
    reason = "a call would take as long as the one or two multiplications in each of these"
)]

use crate::arithmetic::modular::subtract;

/// The integers modulo an odd `n > 2`, with products that are divided by 2^64.
pub(crate) trait Field: Copy {
    /// A class of integers modulo `n`. It may stand for one in several ways.
    type Residue: Copy;
    /// A residue as [`mul_sub`](Self::mul_sub) wants it.
    type Term: Copy;

    fn new(n: u64) -> Self;

    /// The class of an integer below `n`.
    fn residue(self, a: u64) -> Self::Residue;

    /// The integer below `n` in a class.
    fn integer(self, a: Self::Residue) -> u64;

    /// The class of an integer below `n`, to be subtracted.
    fn term(self, a: u64) -> Self::Term;

    /// `a / 2^exponent` for an exponent up to 63.
    fn halve(self, a: Self::Residue, exponent: u64) -> Self::Residue;

    /// `a b / 2^64`.
    fn mul(self, a: Self::Residue, b: Self::Residue) -> Self::Residue;

    /// `a b / 2^64 - c`.
    fn mul_sub(self, a: Self::Residue, b: Self::Residue, c: Self::Term) -> Self::Residue;
}

/// The field of an odd `n < 2^63`: a residue is an integer from `-n` to `n`, which spares the last correction.
///
/// Both numbers are kept with a minus sign: a signed product with what the compiler knows to be positive would become
/// an unsigned one that is corrected, and that took a fifth of the time.
#[derive(Clone, Copy)]
pub(crate) struct Signed {
    minus_n: i64,
    minus_inverse: u64,
}

/// `c` and `c - n`. The one that leads to the middle is subtracted.
#[derive(Clone, Copy)]
pub(crate) struct SignedTerm {
    above: i64,
    below: i64,
    border: i64,
}

impl Signed {
    /// Whether this is the field for each of some integers.
    #[inline(always)]
    pub(crate) fn takes(numbers: &[u64]) -> bool {
        numbers.iter().all(|&n| n < 1 << 63)
    }

    /// (`high` 2^64 + `low`) / 2^64, for a `high` from `-n / 2` to `n / 2`.
    #[inline(always)]
    fn reduce(self, high: i64, low: u64) -> i64 {
        // The multiple of n between -n 2^63 and n 2^63 with the same lower half: its upper half is within n / 2 too.
        let multiple = i128::from(low.wrapping_mul(self.minus_inverse).cast_signed()) * i128::from(self.minus_n);
        high - (multiple >> 64) as i64
    }
}

impl Field for Signed {
    type Residue = i64;
    type Term = SignedTerm;

    #[inline(always)]
    fn new(n: u64) -> Self {
        debug_assert!(n < 1 << 63);
        Self { minus_n: -n.cast_signed(), minus_inverse: inverse(n).wrapping_neg() }
    }

    #[inline(always)]
    fn residue(self, a: u64) -> i64 {
        a.cast_signed()
    }

    #[inline(always)]
    fn integer(self, a: i64) -> u64 {
        let a = if a < 0 { a - self.minus_n } else { a };
        if a == -self.minus_n { 0 } else { a.cast_unsigned() }
    }

    #[inline(always)]
    fn term(self, a: u64) -> SignedTerm {
        let a = a.cast_signed();
        SignedTerm { above: a, below: a + self.minus_n, border: a + self.minus_n / 2 }
    }

    // This is `a 2^(64 - exponent) / 2^64`. The upper half is within n / 2, or there is no lower half.
    #[inline(always)]
    fn halve(self, a: i64, exponent: u64) -> i64 {
        self.reduce(a >> exponent, a.cast_unsigned() << 1 << (63 - exponent))
    }

    // Both factors are within n: the product is within n 2^63.
    #[inline(always)]
    fn mul(self, a: i64, b: i64) -> i64 {
        let product = i128::from(a) * i128::from(b);
        self.reduce((product >> 64) as i64, product as u64)
    }

    #[inline(always)]
    fn mul_sub(self, a: i64, b: i64, c: SignedTerm) -> i64 {
        let product = i128::from(a) * i128::from(b);
        let high = (product >> 64) as i64;
        // Both branches end within n / 2.
        let high = high - if high < c.border { c.below } else { c.above };
        self.reduce(high, product as u64)
    }
}

/// The field of any odd `n`: a residue is an integer below `n`.
#[derive(Clone, Copy)]
pub(crate) struct Unsigned {
    n: u64,
    inverse: u64,
}

impl Unsigned {
    /// (`high` 2^64 + `low`) / 2^64, for a `high` below `n`.
    #[inline(always)]
    fn reduce(self, high: u64, low: u64) -> u64 {
        let multiple = u128::from(low.wrapping_mul(self.inverse)) * u128::from(self.n);
        subtract(high, (multiple >> 64) as u64, self.n)
    }
}

impl Field for Unsigned {
    type Residue = u64;
    type Term = u64;

    #[inline(always)]
    fn new(n: u64) -> Self {
        Self { n, inverse: inverse(n) }
    }

    #[inline(always)]
    fn residue(self, a: u64) -> u64 {
        a
    }

    #[inline(always)]
    fn integer(self, a: u64) -> u64 {
        a
    }

    #[inline(always)]
    fn term(self, a: u64) -> u64 {
        a
    }

    #[inline(always)]
    fn halve(self, a: u64, exponent: u64) -> u64 {
        self.reduce(a >> exponent, a << 1 << (63 - exponent))
    }

    // Both factors are below n, and so is the upper half.
    #[inline(always)]
    fn mul(self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        self.reduce((product >> 64) as u64, product as u64)
    }

    #[inline(always)]
    fn mul_sub(self, a: u64, b: u64, c: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        self.reduce(subtract((product >> 64) as u64, c, self.n), product as u64)
    }
}

/// The inverse of an odd `n` modulo 2^64.
#[inline(always)]
pub(crate) const fn inverse(n: u64) -> u64 {
    // 3 n xor 2 is right in the 5 lowest bits, and each step of Newton's iteration doubles them: 5, 10, .. 80.
    let mut inverse = n.wrapping_mul(3) ^ 2;
    let mut step = 0;
    while step < 4 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(n.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULI: [u64; 8] = [3, 9, 65_537, (1 << 32) + 15, (1 << 62) + 1, (1 << 63) - 1, (1 << 63) + 29, u64::MAX];

    /// The integer below `n` that `a b / 2^64` is.
    fn quotient(a: u64, b: u64, n: u64) -> u64 {
        let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(n)) as u64;
        // (n + 1) / 2 is a half, and 64 of them what 2^64 divides by.
        (0..64).fold(times(a % n, b % n), |x, _| times(x, n / 2 + 1))
    }

    fn agrees_with_wide_integers<F: Field>(n: u64) {
        let field = F::new(n);
        let values = [0, 1, 2, n / 3 + 1, n / 2, n / 2 + 1, n - 2, n - 1].map(|a| a % n);
        for a in values {
            assert_eq!(field.integer(field.residue(a)), a);
            for b in values {
                let product = field.mul(field.residue(a), field.residue(b));
                assert_eq!(field.integer(product), quotient(a, b, n), "{a} {b} / 2^64 mod {n}");
                for c in values {
                    // Twice, for the residues that come out are not those that went in.
                    let once = field.mul_sub(field.residue(a), field.residue(b), field.term(c));
                    let expected = subtract(quotient(a, b, n), c, n);
                    assert_eq!(field.integer(once), expected, "{a} {b} / 2^64 - {c} mod {n}");
                    let twice = field.mul_sub(once, once, field.term(c));
                    assert_eq!(field.integer(twice), subtract(quotient(expected, expected, n), c, n));
                    assert_eq!(field.integer(field.mul(once, product)), quotient(expected, quotient(a, b, n), n));
                }
            }
            for exponent in 0..64 {
                let expected = (0..exponent).fold(a, |a, _| if a % 2 == 0 { a / 2 } else { a / 2 + n / 2 + 1 });
                assert_eq!(
                    field.integer(field.halve(field.residue(a), exponent)),
                    expected,
                    "{a} / 2^{exponent} mod {n}"
                );
            }
        }
    }

    #[test]
    fn both_fields_agree_with_wide_integers() {
        for n in MODULI {
            agrees_with_wide_integers::<Unsigned>(n);
            if n < 1 << 63 {
                agrees_with_wide_integers::<Signed>(n);
            }
        }
    }

    #[test]
    fn inverses_are_inverses() {
        for n in MODULI {
            assert_eq!(n.wrapping_mul(inverse(n)), 1, "{n}");
        }
    }
}
