//! Arithmetic modulo an odd 64-bit integer, without divisions.
//!
//! P. L. Montgomery, *Modular multiplication without trial division*, Math. Comp. 44 (1985), 519-521.

/// An odd modulus `n > 1` with what Montgomery's reduction needs. Residues are kept as `a * 2^64 mod n`, below `n`.
#[derive(Clone, Copy)]
pub(crate) struct Montgomery {
    n: u64,
    /// `n * inverse` is 1 modulo 2^64.
    inverse: u64,
    one: u64,
}

impl Montgomery {
    pub(crate) fn new(n: u64) -> Self {
        debug_assert!(n % 2 == 1 && n > 1);
        // n is its own inverse modulo 8, and each step of Newton's iteration doubles the correct bits: 3, 6, .. 96.
        let mut inverse = n;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(n.wrapping_mul(inverse)));
        }
        // 2^64 mod n, from the 64-bit value 2^64 - n.
        let one = n.wrapping_neg() % n;
        Self { n, inverse, one }
    }

    pub(crate) fn one(&self) -> u64 {
        self.one
    }

    /// `a / d` for an integer `d` that has no factor in common with `n`; it takes up to `d` steps.
    pub(crate) fn over(&self, a: u64, d: u64) -> u64 {
        // The multiple of n that makes a + k n a multiple of d, and the quotient in parts, whose sum is below n.
        let (a_rest, n_rest) = (a % d, self.n % d);
        let k = (0..d).find(|k| (a_rest + k * n_rest) % d == 0).expect("n has an inverse modulo d");
        a / d + k * (self.n / d) + (a_rest + k * n_rest) / d
    }

    /// The residue of an integer.
    #[cfg(test)]
    pub(crate) fn residue(&self, a: u64) -> u64 {
        ((u128::from(a) << 64) % u128::from(self.n)) as u64
    }

    #[inline]
    pub(crate) fn mul(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        // product - m n is divisible by 2^64 and lies between -n 2^64 and n 2^64.
        let m = (product as u64).wrapping_mul(self.inverse);
        let m_n = ((u128::from(m) * u128::from(self.n)) >> 64) as u64;
        let (difference, negative) = ((product >> 64) as u64).overflowing_sub(m_n);
        if negative { difference.wrapping_add(self.n) } else { difference }
    }

    #[inline]
    pub(crate) fn add(&self, a: u64, b: u64) -> u64 {
        // a - (n - b) never leaves 64 bits but through zero, where a + b could pass 2^64.
        let (difference, negative) = a.overflowing_sub(self.n - b);
        if negative { difference.wrapping_add(self.n) } else { difference }
    }

    #[inline]
    pub(crate) fn sub(&self, a: u64, b: u64) -> u64 {
        let (difference, negative) = a.overflowing_sub(b);
        if negative { difference.wrapping_add(self.n) } else { difference }
    }
}

/// Jacobi's symbol `(a / n)` for odd `n`.
pub(crate) fn jacobi(mut a: u64, mut n: u64) -> i8 {
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

    const MODULI: [u64; 6] = [3, 9, 65_537, (1 << 32) + 15, (1 << 63) + 29, u64::MAX];

    #[test]
    fn montgomery_agrees_with_wide_integers() {
        for n in MODULI {
            let field = Montgomery::new(n);
            let values = [0, 1, 2, n / 2, n / 3 + 1, n - 2, n - 1];
            for a in values.map(|v| v % n) {
                for b in values.map(|v| v % n) {
                    let (ra, rb) = (field.residue(a), field.residue(b));
                    let wide = |c: u128| field.residue((c % u128::from(n)) as u64);
                    assert_eq!(field.mul(ra, rb), wide(u128::from(a) * u128::from(b)), "{a} * {b} mod {n}");
                    assert_eq!(field.add(ra, rb), wide(u128::from(a) + u128::from(b)), "{a} + {b} mod {n}");
                    assert_eq!(field.sub(ra, rb), wide(u128::from(a) + u128::from(n) - u128::from(b)));
                }
            }
            assert_eq!(field.one(), field.residue(1));
            for d in (1..30).filter(|d| jacobi(*d, n) != 0) {
                for a in values.map(|v| v % n) {
                    assert_eq!(field.mul(field.over(a, d), field.residue(d)), a, "{a} / {d} mod {n}");
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
