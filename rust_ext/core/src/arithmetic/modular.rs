//! Small steps of arithmetic modulo an integer, each written once.

/// `a - b` modulo `n`, for an `a` below `n` and a `b` up to `n`.
#[inline(always)]
pub(crate) fn subtract(a: u64, b: u64, n: u64) -> u64 {
    let (difference, negative) = a.overflowing_sub(b);
    if negative { difference.wrapping_add(n) } else { difference }
}

/// `a - b` modulo `n`, for `a` and `b` below an `n` up to 2^31.
///
/// There is room above `n`, so this takes no comparison, and vectors take it as it stands: a difference that wraps is
/// larger than `n`, and adding `n` wraps it back. To one that does not wrap, adding `n` makes it larger.
#[inline(always)]
pub(crate) fn subtract_32(a: u32, b: u32, n: u32) -> u32 {
    let difference = a.wrapping_sub(b);
    difference.min(difference.wrapping_add(n))
}

/// `2 a` modulo `n`, for an `a` below `n`.
#[inline(always)]
pub(crate) fn double(a: u64, n: u64) -> u64 {
    subtract(a, n - a, n)
}

/// The inverse of `n` modulo `modulus`, for coprime `n` and `modulus` above 1.
pub(crate) const fn inverse(n: u32, modulus: u32) -> u32 {
    // Euclid's algorithm: n * factor == remainder (mod modulus) throughout, and so for the two before.
    let (mut before, mut remainder) = (n as i64, modulus as i64);
    let (mut factor_before, mut factor) = (1, 0);
    while remainder != 0 {
        let quotient = before / remainder;
        (before, remainder) = (remainder, before - quotient * remainder);
        (factor_before, factor) = (factor, factor_before - quotient * factor);
    }
    factor_before.rem_euclid(modulus as i64) as u32
}

/// Jacobi's symbol `(a / n)` for odd `n`.
pub(crate) const fn jacobi(mut a: u64, mut n: u64) -> i8 {
    debug_assert!(n % 2 == 1);
    let mut sign = 1;
    a %= n;
    while a != 0 {
        let twos = a.trailing_zeros();
        a >>= twos;
        if twos % 2 == 1 && matches!(n % 8, 3 | 5) {
            sign = -sign;
        }
        if a % 4 == 3 && n % 4 == 3 {
            sign = -sign;
        }
        (a, n) = (n % a, a);
    }
    if n == 1 { sign } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_and_doubles_are_remainders() {
        for n in [3u64, 97, (1 << 31) - 1, (1 << 32) + 15, (1 << 63) + 29, u64::MAX] {
            for a in [0, 1, n / 2, n / 2 + 1, n - 1] {
                assert_eq!(u128::from(double(a, n)), 2 * u128::from(a) % u128::from(n), "2 * {a} mod {n}");
                for b in [0, 1, n / 2, n / 2 + 1, n - 1] {
                    let expected = (u128::from(a) + u128::from(n - b)) % u128::from(n);
                    assert_eq!(u128::from(subtract(a, b, n)), expected, "{a} - {b} mod {n}");
                    if n < 1 << 31 {
                        let difference = subtract_32(a as u32, b as u32, n as u32);
                        assert_eq!(u128::from(difference), expected, "{a} - {b} mod {n}");
                    }
                }
            }
        }
    }

    #[test]
    fn jacobi_is_eulers_criterion_for_primes() {
        for p in [3u64, 5, 7, 11, 97, 101] {
            for a in 0..p {
                let power = (0..(p - 1) / 2).fold(1, |x, _| x * a % p);
                let expected = if power == p - 1 { -1 } else { power as i8 };
                assert_eq!(jacobi(a, p), expected, "({a} / {p})");
            }
        }
        assert_eq!(jacobi(2, 15), 1);
        assert_eq!(jacobi(6, 15), 0);
    }
}
