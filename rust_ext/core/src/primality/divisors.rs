//! The odd primes up to 227, by which most integers are found to be composite.

use crate::arithmetic::montgomery::inverse;

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
pub(super) fn has_small_factor(n: u64) -> bool {
    DIVISORS
        .chunks_exact(DIVISORS_AT_ONCE)
        .any(|divisors| divisors.iter().fold(false, |any, d| any | (n.wrapping_mul(d.inverse) <= d.greatest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::small_primes::small_primes;

    #[test]
    fn divisors_divide_their_multiples_alone() {
        for (divisor, &p) in DIVISORS.iter().zip(&small_primes()[1..]) {
            for n in [0, 1, p - 1, p, p + 1, 3 * p, u64::MAX / p * p, u64::MAX / p * p - 1, u64::MAX] {
                assert_eq!(n.wrapping_mul(divisor.inverse) <= divisor.greatest, n % p == 0, "{p} divides {n}");
            }
        }
    }
}
