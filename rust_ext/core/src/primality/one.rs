//! One integer: both halves of the test side by side.

use super::divisors::has_small_factor;
use super::ladders::{self, Fermat, Lucas};
use super::selfridge;
use crate::arithmetic::montgomery::{Field, Signed, Unsigned};
use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes};

/// Whether `n` is prime.
#[must_use]
pub fn is_prime(n: u64) -> bool {
    if n < SMALL_LIMIT {
        return small_primes().binary_search(&n).is_ok();
    }
    !n.is_multiple_of(2) && !has_small_factor(n) && is_prime_without_small_factors(n)
}

/// Whether an odd `n` above [`SMALL_LIMIT`] without prime factors up to [`LARGEST_TABLED`](selfridge::LARGEST_TABLED)
/// is prime.
#[inline]
pub(crate) fn is_prime_without_small_factors(n: u64) -> bool {
    if Signed::takes(&[n]) { passes_both::<Signed>(n) } else { passes_both::<Unsigned>(n) }
}

fn passes_both<F: Field>(n: u64) -> bool {
    let Some(p) = selfridge::parameter(n) else { return false };
    let field = F::new(n);
    let (fermat_steps, lucas_steps) = (ladders::fermat_steps(n), ladders::lucas_steps(n));
    let mut fermat = Fermat::new(n, field, fermat_steps);
    let mut lucas = Lucas::new(n, p, field, lucas_steps);
    for _ in fermat_steps..lucas_steps {
        lucas.step();
    }
    for bit in (0..fermat_steps).rev() {
        fermat.step(bit);
        lucas.step();
    }
    fermat.passes() && lucas.passes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both fields and the whole function say, where each may be asked.
    fn answer(n: u64) -> bool {
        let expected = is_prime(n);
        if n > SMALL_LIMIT && n % 2 == 1 && !has_small_factor(n) {
            assert_eq!(passes_both::<Unsigned>(n), expected, "{n}");
            if n < 1 << 63 {
                assert_eq!(passes_both::<Signed>(n), expected, "{n}");
            }
        }
        expected
    }

    #[test]
    fn agrees_with_trial_division() {
        for n in 0..300_000u64 {
            let expected = n > 1 && (2..=n.isqrt()).all(|d| n % d != 0);
            assert_eq!(answer(n), expected, "{n}");
        }
    }

    /// The least strong pseudoprime to the first nine primes: Jiang and Deng, Math. Comp. 83 (2014), 2915-2924;
    /// products of the form (k + 1) (2 k + 1), (k + 1) (3 k + 1), .. which are the most frequent pseudoprimes.
    #[test]
    fn pseudoprimes_are_composite() {
        assert!(!answer(3_825_123_056_546_413_051));
        for factor in 2..8 {
            for start in [1u64 << 16, 1 << 25, 1 << 26, 1 << 29, 1 << 30] {
                for k in (start..start + 4000).step_by(2) {
                    let (p, q) = (k + 1, factor * k + 1);
                    if let Some(n) = p.checked_mul(q) {
                        assert!(!answer(n), "{p} * {q}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        assert!(answer(18_446_744_073_709_551_557), "the largest prime below 2^64");
        for n in 18_446_744_073_709_551_558..=u64::MAX {
            assert!(!answer(n), "{n}");
        }
        assert!(answer(9_223_372_036_854_775_783), "the largest prime below 2^63");
        assert!(answer(9_223_372_036_854_775_837), "the smallest prime above 2^63");
        for n in 9_223_372_036_854_775_784..9_223_372_036_854_775_837 {
            assert!(!answer(n), "{n}");
        }
        assert!(!answer(4_294_967_291 * 4_294_967_291), "a square near 2^64");
        for wieferich in [1093u64, 3511] {
            assert!(!answer(wieferich.pow(2)) && !answer(wieferich.pow(4)));
        }
    }
}
