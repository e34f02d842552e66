//! Whether one integer is prime: the test of Baillie and PSW, proven for all integers below 2^64.
//!
//! A base-2 strong probable-prime test and an (almost extra) strong Lucas test. No composite below 2^64 passes both:
//! J. Feitsma and W. Galway listed all base-2 pseudoprimes below 2^64, and none of them passes the Lucas test.
//! R. Baillie and S. S. Wagstaff, *Lucas pseudoprimes*, Math. Comp. 35 (1980), 1391-1417; the parameters of the Lucas
//! test as in OEIS A217719 without its condition on U.

use crate::arith::{Montgomery, jacobi};
use crate::small_primes::{SMALL_LIMIT, small_primes};

/// Whether `n` is prime.
#[must_use]
pub fn is_prime(n: u64) -> bool {
    if n < SMALL_LIMIT {
        return small_primes().binary_search(&n).is_ok();
    }
    n % 2 != 0 && n % 3 != 0 && n % 5 != 0 && n % 7 != 0 && is_odd_prime(n)
}

/// Whether an odd `n > 3` is prime.
pub(crate) fn is_odd_prime(n: u64) -> bool {
    debug_assert!(n % 2 == 1 && n > 3);
    let field = Montgomery::new(n);
    is_strong_probable_prime_to_2(n, &field) && is_lucas_probable_prime(n, &field)
}

fn is_strong_probable_prime_to_2(n: u64, field: &Montgomery) -> bool {
    let (one, minus_one) = (field.one(), field.sub(0, field.one()));
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    // Left to right, so that a multiplication by the base is one addition.
    let mut power = one;
    for bit in (0..u64::BITS - odd.leading_zeros()).rev() {
        power = field.mul(power, power);
        if odd >> bit & 1 == 1 {
            power = field.add(power, power);
        }
    }
    if power == one || power == minus_one {
        return true;
    }
    for _ in 1..twos {
        power = field.mul(power, power);
        if power == minus_one {
            return true;
        }
    }
    false
}

/// With V of the Lucas sequence for `P, Q = 1`, where `P >= 3` is the least with `(P^2 - 4 / n) = -1`, and
/// `n + 1 = d 2^s`: whether `V_d` is 2 or -2, or one of `V_d, V_2d, .., V_(d 2^(s-2))` is 0.
fn is_lucas_probable_prime(n: u64, field: &Montgomery) -> bool {
    let mut p = 3;
    loop {
        match jacobi(p * p - 4, n) {
            -1 => break,
            // A common factor, unless the discriminant is a multiple of a small n itself.
            0 if (p * p - 4) % n != 0 => return false,
            _ => p += 1,
        }
        // The search would never end for a square, which has no such P.
        if p == 30 && n.isqrt().pow(2) == n {
            return false;
        }
    }
    let two = field.add(field.one(), field.one());
    let minus_two = field.sub(0, two);
    let p = field.residue(p);
    // n + 1 is 2^64 for the largest n: it is halved before it is made.
    let half = n / 2 + 1;
    let twos = half.trailing_zeros() + 1;
    let odd = half >> (twos - 1);
    // The pair V_k, V_(k+1), from k = 0: V_2k = V_k^2 - 2 and V_(2k+1) = V_k V_(k+1) - P.
    let (mut v, mut next) = (two, p);
    for bit in (0..u64::BITS - odd.leading_zeros()).rev() {
        let between = field.sub(field.mul(v, next), p);
        if odd >> bit & 1 == 1 {
            (v, next) = (between, field.sub(field.mul(next, next), two));
        } else {
            (v, next) = (field.sub(field.mul(v, v), two), between);
        }
    }
    if v == two || v == minus_two {
        return true;
    }
    for _ in 1..twos {
        if v == 0 {
            return true;
        }
        v = field.sub(field.mul(v, v), two);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_trial_division() {
        for n in (5..200_000u64).step_by(2) {
            let expected = (3..=n.isqrt()).step_by(2).all(|d| n % d != 0);
            assert_eq!(is_odd_prime(n), expected, "{n}");
        }
    }

    /// OEIS A001262: strong pseudoprimes to base 2; the Lucas half must see through them.
    #[test]
    fn strong_pseudoprimes_to_2_are_composite() {
        for n in [2047u64, 3277, 4033, 4681, 8321, 15_841, 29_341, 42_799, 49_141, 52_633, 65_281, 3_215_031_751] {
            assert!(is_strong_probable_prime_to_2(n, &Montgomery::new(n)), "{n}");
            assert!(!is_odd_prime(n), "{n}");
        }
        // The least strong pseudoprime to the first nine primes: Jiang and Deng, Math. Comp. 83 (2014), 2915-2924.
        assert!(!is_odd_prime(3_825_123_056_546_413_051));
    }

    /// The strong half must see through what passes the Lucas half.
    #[test]
    fn lucas_pseudoprimes_are_composite() {
        let mut seen = 0;
        for n in (5..200_000u64).step_by(2) {
            if is_lucas_probable_prime(n, &Montgomery::new(n)) && (3..=n.isqrt()).any(|d| n % d == 0) {
                seen += 1;
                assert!(!is_odd_prime(n), "{n}");
            }
        }
        assert!(seen > 0, "the range holds no pseudoprime, so this test says nothing");
    }

    #[test]
    fn the_ends_of_the_range() {
        assert!(is_odd_prime(18_446_744_073_709_551_557), "the largest prime below 2^64");
        for n in (18_446_744_073_709_551_559..=u64::MAX).step_by(2) {
            assert!(!is_odd_prime(n), "{n}");
        }
        assert!(!is_odd_prime(4_294_967_291 * 4_294_967_291), "a square near 2^64");
        assert!(!is_odd_prime(1093 * 1093) && !is_odd_prime(3511 * 3511), "squares of the Wieferich primes");
    }
}
