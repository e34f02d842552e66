//! The two halves of the test as ladders, a step for each bit. Several ladders can take their steps in turn.

#![expect(
    clippy::inline_always,
    reason = "a call would take as long as the one or two multiplications in each of these"
)]

use crate::arithmetic::modular::double;
use crate::arithmetic::montgomery::Field;

/// The bits of the exponent that one division of [`Fermat`] brings in.
const WINDOW_BITS: u32 = 6;

/// Fermat's test to base 2 of an odd `n > 2^16`: the power 2^-(n - 1), from the left.
///
/// Several bits are brought in at once by a division by a power of two, which takes half of a multiplication; that is
/// why the exponent is negative.
#[derive(Clone, Copy)]
pub(super) struct Fermat<F: Field> {
    field: F,
    /// The bits of n - 1 that are still to come, and some above them.
    exponent: u64,
    one: u64,
    power: F::Residue,
}

/// The steps that [`Fermat`] needs: the bits of `n` after the first window.
pub(super) fn fermat_steps(n: u64) -> u32 {
    (u64::BITS - n.leading_zeros()).saturating_sub(WINDOW_BITS)
}

impl<F: Field> Fermat<F> {
    /// For an odd `n` that needs at most that many steps.
    #[inline(always)]
    pub(super) fn new(n: u64, field: F, steps: u32) -> Self {
        let exponent = n - 1;
        let one = n.wrapping_neg() % n;
        let power = field.halve(field.residue(one), exponent >> steps);
        Self { field, exponent: exponent & ((1 << steps) - 1), one, power }
    }

    /// Go on to the given bit.
    #[inline(always)]
    pub(super) fn step(&mut self, bit: u32) {
        self.power = self.field.mul(self.power, self.power);
        if bit.is_multiple_of(WINDOW_BITS) {
            self.power = self.field.halve(self.power, self.exponent >> bit & ((1 << WINDOW_BITS) - 1));
        }
    }

    /// Whether the power is 1.
    #[inline(always)]
    pub(super) fn passes(&self) -> bool {
        self.field.integer(self.power) == self.one
    }
}

/// Whether `U_(n+1)` is 0 for the Lucas sequence of Selfridge's parameters.
///
/// Powers of `Q` are not needed. With `u` and `v` for the sequences of `p = 1 / Q - 2` and `q = 1`, `U_2k` is
/// `Q^(k-1) u_k`, and `D / Q^2` times `u_k` is `2 v_(k+1) - p v_k`. Neither `Q` nor `D` has a factor in common with
/// `n`, so `U_(n+1)` is 0 exactly if this is, for `k = (n + 1) / 2`.
#[derive(Clone, Copy)]
pub(super) struct Lucas<F: Field> {
    field: F,
    p: F::Term,
    two: F::Term,
    /// p and 2 once more, to be multiplied.
    factors: (F::Residue, F::Residue),
    /// The pair `v_j`, `v_(j+1)`, the one made by squaring first: that is `v_j` exactly where the last bit was 0.
    square: F::Residue,
    product: F::Residue,
    /// Where a bit of k is not the one before it: the next on top.
    changes: u64,
    is_odd: bool,
}

/// The steps that [`Lucas`] needs: the bits of `(n + 1) / 2`.
pub(super) fn lucas_steps(n: u64) -> u32 {
    u64::BITS - (n / 2 + 1).leading_zeros()
}

impl<F: Field> Lucas<F> {
    /// For an odd `n` that needs at most that many steps, and at least one; `p` is 2^64 (1 / Q - 2) modulo `n`.
    #[inline(always)]
    pub(super) fn new(n: u64, p: u64, field: F, steps: u32) -> Self {
        // n + 1 is 2^64 for the largest n: it is halved before it is made.
        let k = n / 2 + 1;
        let two = double(n.wrapping_neg() % n, n);
        Self {
            field,
            p: field.term(p),
            two: field.term(two),
            factors: (field.residue(p), field.residue(two)),
            square: field.residue(two),
            product: field.residue(p),
            changes: (k ^ k >> 1) << (u64::BITS - steps),
            is_odd: k % 2 == 1,
        }
    }

    /// Go on to the next bit: `v_2j = v_j^2 - 2`, and `v_(2j+1) = v_j v_(j+1) - p`.
    #[inline(always)]
    pub(super) fn step(&mut self) {
        let base = if self.changes >> 63 == 1 { self.product } else { self.square };
        self.changes <<= 1;
        self.product = self.field.mul_sub(self.square, self.product, self.p);
        self.square = self.field.mul_sub(base, base, self.two);
    }

    /// Whether `2 v_(k+1)` is `p v_k`.
    #[inline(always)]
    pub(super) fn passes(&self) -> bool {
        let (v, next) = if self.is_odd { (self.product, self.square) } else { (self.square, self.product) };
        let (p, two) = self.factors;
        self.field.integer(self.field.mul(two, next)) == self.field.integer(self.field.mul(p, v))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::modular::jacobi;
    use crate::arithmetic::montgomery::{Signed, Unsigned};
    use crate::primality::divisors::has_small_factor;
    use crate::primality::one::is_prime;
    use crate::primality::selfridge;

    fn passes_fermat<F: Field>(n: u64, more_steps: u32) -> bool {
        let steps = fermat_steps(n) + more_steps;
        let mut fermat = Fermat::new(n, F::new(n), steps);
        (0..steps).rev().for_each(|bit| fermat.step(bit));
        fermat.passes()
    }

    fn passes_lucas<F: Field>(n: u64, p: u64, more_steps: u32) -> bool {
        let steps = lucas_steps(n) + more_steps;
        let mut lucas = Lucas::new(n, p, F::new(n), steps);
        (0..steps).for_each(|_| lucas.step());
        lucas.passes()
    }

    /// OEIS A001567, by its definition; and the steps of a longer integer do no harm.
    #[test]
    fn fermats_half_is_what_its_name_says() {
        for n in (65_537..160_000u64).step_by(2) {
            let mut power = 1;
            for bit in (0..u64::BITS - n.leading_zeros()).rev() {
                power = power * power % n * (1 + ((n - 1) >> bit & 1)) % n;
            }
            assert_eq!(passes_fermat::<Signed>(n, 0), power == 1, "{n}");
            assert_eq!(passes_fermat::<Unsigned>(n, (n % 47) as u32), power == 1, "{n}");
        }
    }

    /// U_(n+1) from its definition, on integers modulo n.
    #[test]
    fn the_lucas_half_is_what_its_name_says() {
        for n in (65_537..70_000i64).step_by(2) {
            let mut signed = (5..).step_by(2).map(|d| if d % 4 == 1 { d } else { -d });
            let symbol = |d: i64| jacobi(d.rem_euclid(n) as u64, n as u64);
            let Some(p) = (!has_small_factor(n as u64)).then(|| selfridge::parameter(n as u64)).flatten() else {
                continue;
            };
            let d = signed.find(|&d| symbol(d) == -1).unwrap();
            let (mut u, mut next) = (0, 1);
            for _ in 0..=n {
                (u, next) = (next, (next - (1 - d) / 4 * u).rem_euclid(n));
            }
            assert_eq!(passes_lucas::<Signed>(n as u64, p, 0), u == 0, "{n}");
            assert_eq!(passes_lucas::<Unsigned>(n as u64, p, (n % 47) as u32), u == 0, "{n}");
        }
    }

    /// A product p (p + 2) of primes divides U_(n+1) where (D / p) = -1: then both p + 1 and p + 2 - 1 divide n + 1.
    /// The other half must see through it.
    #[test]
    fn the_lucas_half_has_pseudoprimes_of_its_own() {
        let mut passed = 0;
        for p in (229..5000u64).step_by(2).filter(|&p| is_prime(p) && is_prime(p + 2)) {
            let n = p * (p + 2);
            let mut signed = (5..).step_by(2).map(|d| if d % 4 == 1 { d } else { -d });
            let d = signed.find(|d: &i64| jacobi(d.rem_euclid(n.cast_signed()) as u64, n) == -1).unwrap();
            let expected = jacobi(d.rem_euclid(p.cast_signed()) as u64, p) == -1;
            assert_eq!(passes_lucas::<Signed>(n, selfridge::parameter(n).unwrap(), 0), expected, "{n}");
            assert!(!passes_fermat::<Signed>(n, 0), "{n}");
            passed += usize::from(expected);
        }
        assert!(passed > 20);
    }
}
