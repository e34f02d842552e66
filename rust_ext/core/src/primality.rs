//! Whether one integer is prime: the test of Baillie and PSW, proven for all integers below 2^64.
//!
//! A strong probable-prime test to base 2, then the Lucas test with Selfridge's parameters (method A): R. Baillie and
//! S. S. Wagstaff, *Lucas pseudoprimes*, Math. Comp. 35 (1980), 1391-1417. No composite below 2^64 passes both: of the
//! pseudoprimes to base 2 below 2^64, which J. Feitsma listed, none passes this Lucas test: R. Baillie, A. Fiori and
//! S. S. Wagstaff, *Strengthening the Baillie-PSW primality test*, Math. Comp. 90 (2021), 1931-1955.

use crate::arith::{Montgomery, jacobi};
use crate::small_primes::{SMALL_LIMIT, small_primes};

/// Whether `n` is prime.
#[must_use]
pub fn is_prime(n: u64) -> bool {
    if n < SMALL_LIMIT {
        return small_primes().binary_search(&n).is_ok();
    }
    !n.is_multiple_of(2) && !n.is_multiple_of(3) && !n.is_multiple_of(5) && !n.is_multiple_of(7) && is_odd_prime(n)
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

/// Whether `U_(n+1)` is 0 for the Lucas sequence of `P = 1, Q = (1 - D) / 4`, where `D` is the first of 5, -7, 9, -11,
/// .. with `(D / n) = -1`.
///
/// Powers of `Q` are not needed. With `u` and `v` for the sequences of `p = 1 / Q - 2` and `q = 1`, `U_2k` is
/// `Q^(k-1) u_k`, and `D / Q^2` times `u_k` is `2 v_(k+1) - p v_k`. Neither `Q` nor `D` has a factor in common with
/// `n`, so `U_(n+1)` is 0 exactly if this is, for `k = (n + 1) / 2`.
fn is_lucas_probable_prime(n: u64, field: &Montgomery) -> bool {
    /// Among so many `D` almost every integer but a square finds its own; a square, never.
    const LAST_BEFORE_SQUARES: u64 = 25;
    let mut d = 5;
    loop {
        // All these D are 1 modulo 4, whence (D / n) = (n / |D|).
        match jacobi(n, d) {
            -1 => break,
            // A common factor, unless it is n itself.
            0 if d % n != 0 => return false,
            _ => {}
        }
        if d == LAST_BEFORE_SQUARES && n.isqrt().pow(2) == n {
            return false;
        }
        d += 2;
    }
    // |Q|; each odd prime in it divides a D before, so not n.
    let one_over_q = field.over(field.one(), (d + 1) / 4);
    let one_over_q = if d % 4 == 1 { field.sub(0, one_over_q) } else { one_over_q };
    let two = field.add(field.one(), field.one());
    let p = field.sub(one_over_q, two);
    // n + 1 is 2^64 for the largest n: it is halved before it is made.
    let half = n / 2 + 1;
    // The pair v_j, v_(j+1), from j = 0: v_2j = v_j^2 - 2 and v_(2j+1) = v_j v_(j+1) - p.
    let (mut v, mut next) = (two, p);
    for bit in (0..u64::BITS - half.leading_zeros()).rev() {
        let between = field.sub(field.mul(v, next), p);
        if half >> bit & 1 == 1 {
            (v, next) = (between, field.sub(field.mul(next, next), two));
        } else {
            (v, next) = (field.sub(field.mul(v, v), two), between);
        }
    }
    field.add(next, next) == field.mul(p, v)
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

    /// OEIS A217120: what passes the Lucas half; the strong half must see through it.
    #[test]
    fn lucas_pseudoprimes_are_composite() {
        let passes = |n: &u64| is_lucas_probable_prime(*n, &Montgomery::new(*n));
        let composite = |n: &u64| (3..=n.isqrt()).any(|d| n.is_multiple_of(d));
        let seen: Vec<u64> = (5..10_000).step_by(2).filter(|n| composite(n) && passes(n)).collect();
        assert_eq!(seen, [323, 377, 1159, 1829, 3827, 5459, 5777, 9071, 9179]);
        for n in (5..200_000).step_by(2).filter(|n| composite(n) && passes(n)) {
            assert!(!is_odd_prime(n), "{n}");
        }
    }

    /// U_(n+1) from its definition, on integers modulo n.
    #[test]
    fn the_lucas_half_is_what_its_name_says() {
        for n in (5..3000i64).step_by(2) {
            let signed = (5..).step_by(2).map(|d| if d % 4 == 1 { d } else { -d });
            let symbol = |d: i64| jacobi(d.rem_euclid(n) as u64, n as u64);
            if (n as u64).isqrt().pow(2) == n as u64 {
                continue;
            }
            let d = signed.clone().find(|&d| symbol(d) == -1).unwrap();
            let shares_a_factor = signed.take_while(|&other| other != d).any(|d| symbol(d) == 0 && d % n != 0);
            let (mut u, mut next) = (0, 1);
            for _ in 0..=n {
                (u, next) = (next, (next - (1 - d) / 4 * u).rem_euclid(n));
            }
            let passes = is_lucas_probable_prime(n as u64, &Montgomery::new(n as u64));
            assert_eq!(passes, u == 0 && !shares_a_factor, "{n}");
        }
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
