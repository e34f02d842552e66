//! Whether integers are prime: the test of Baillie and PSW, proven for all integers below 2^64.
//!
//! Fermat's test to base 2, then the Lucas test with Selfridge's parameters (method A): R. Baillie and S. S. Wagstaff,
//! *Lucas pseudoprimes*, Math. Comp. 35 (1980), 1391-1417. No composite below 2^64 passes both: of the pseudoprimes to
//! base 2 below 2^64, which J. Feitsma listed, none passes this Lucas test: R. Baillie, A. Fiori and S. S. Wagstaff,
//! *Strengthening the Baillie-PSW primality test*, Math. Comp. 90 (2021), 1931-1955. (The strong test to base 2, which
//! is more usual, only spares the second half for some.)
//!
//! Both halves are ladders in which each multiplication waits for the last: one integer does not keep a processor busy.
//! So a single integer takes both halves side by side, and a composite costs no more than a prime; of many integers
//! (`batch.rs`), several take the same half at a time.

mod batch;
mod ladders;
pub(crate) mod selfridge;

pub(crate) use batch::Candidates;
pub use batch::are_prime;
pub(crate) use selfridge::LARGEST_TABLED;

use crate::arith::{Field, Signed, Unsigned, inverse};
use crate::small_primes::{SMALL_LIMIT, small_primes};
use ladders::{Fermat, Lucas};

/// Whether `n` is prime.
#[must_use]
pub fn is_prime(n: u64) -> bool {
    if n < SMALL_LIMIT {
        return small_primes().binary_search(&n).is_ok();
    }
    !n.is_multiple_of(2) && !has_small_factor(n) && is_prime_without_small_factors(n)
}

/// An odd prime, its inverse modulo 2^64, and the greatest quotient by it.
///
/// `n` times the inverse is the quotient where `n` is a multiple, and else above all quotients: T. Granlund and P. L.
/// Montgomery, *Division by invariant integers using multiplication*, PLDI 1994, section 9.
#[derive(Clone, Copy)]
pub(crate) struct Divisor {
    pub(crate) prime: u64,
    pub(crate) inverse: u64,
    pub(crate) greatest: u64,
}

/// How many divisors are tried before one looks at the outcome.
const DIVISORS_AT_ONCE: usize = 8;

/// The odd primes up to 227. With more, primes pay more than composites save.
pub(crate) const DIVISORS: [Divisor; 6 * DIVISORS_AT_ONCE] = {
    let mut divisors = [Divisor { prime: 0, inverse: 0, greatest: 0 }; 6 * DIVISORS_AT_ONCE];
    let (mut len, mut p) = (0, 3);
    while len < divisors.len() {
        let mut d = 3;
        while p % d != 0 {
            d += 2;
        }
        if d == p {
            divisors[len] = Divisor { prime: p, inverse: inverse(p), greatest: u64::MAX / p };
            len += 1;
        }
        p += 2;
    }
    divisors
};

/// Whether one of the [`DIVISORS`] divides `n`.
#[inline]
fn has_small_factor(n: u64) -> bool {
    DIVISORS
        .chunks_exact(DIVISORS_AT_ONCE)
        .any(|divisors| divisors.iter().fold(false, |any, d| any | (n.wrapping_mul(d.inverse) <= d.greatest)))
}

/// Whether an odd `n` above [`SMALL_LIMIT`] without prime factors up to [`LARGEST_TABLED`] is prime.
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

    #[test]
    fn divisors_divide_their_multiples_alone() {
        for (divisor, &p) in DIVISORS.iter().zip(&small_primes()[1..]) {
            for n in [0, 1, p - 1, p, p + 1, 3 * p, u64::MAX / p * p, u64::MAX / p * p - 1, u64::MAX] {
                assert_eq!(n.wrapping_mul(divisor.inverse) <= divisor.greatest, n % p == 0, "{p} divides {n}");
            }
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
