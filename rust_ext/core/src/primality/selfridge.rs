//! The parameters of the Lucas test: the first `D` of 5, -7, 9, -11, .. with `(D / n) = -1`, then `P = 1` and
//! `Q = (1 - D) / 4`.
//!
//! The ladder needs `1 / Q - 2` alone, and `Q` is small: a division by it is exact when the right multiple of `n` is
//! added. All `D` are 1 modulo 4, so `(D / n) = (n / |D|)`.

use crate::arithmetic::modular::{double, jacobi, subtract};
use crate::arithmetic::montgomery::inverse;

/// The |D| that a table answers for: 63 of 64 integers find theirs there. 9 is a square, and where 15 is reached, `(n /
/// 15)` is `(n / 3)`.
const TABLED: [u64; 6] = [5, 7, 11, 13, 15, 17];

/// The largest prime that divides a tabled |D|.
pub(crate) const LARGEST_TABLED: u64 = TABLED[5];

/// For each tabled |D|: a modulus, and as bits its residues that are no squares. `n` must be one of those.
const NONRESIDUES: [(u64, u64); 6] = {
    let mut nonresidues = [(0, 0); 6];
    let mut i = 0;
    while i < 6 {
        let modulus = if TABLED[i] == 15 { 3 } else { TABLED[i] };
        let (mut bits, mut a) = (0, 0);
        while a < modulus {
            if jacobi(a, modulus) == -1 {
                bits |= 1 << a;
            }
            a += 1;
        }
        nonresidues[i] = (modulus, bits);
        i += 1;
    }
    nonresidues
};

/// How to make `2^64 / |Q|` for a tabled |D|, modulo `n`: `(start + factors[n % 3] * n) * inverse`, modulo 2^64.
#[derive(Clone, Copy)]
struct Quotient {
    start: u64,
    factors: [u64; 3],
    inverse: u64,
    /// Whether `Q` is.
    negative: bool,
}

const QUOTIENTS: [Quotient; 6] = {
    let mut quotients = [Quotient { start: 0, factors: [0; 3], inverse: 1, negative: false }; 6];
    let mut i = 0;
    while i < 6 {
        let d = TABLED[i];
        let q = (d + 1) / 4;
        quotients[i].negative = d % 4 == 1;
        match q {
            // 2^64 - n
            1 => quotients[i].factors = [u64::MAX; 3],
            2 | 4 => quotients[i].start = (1 << 63) / (q / 2),
            // 2^64 is 1 modulo 3, so 2^64 + 2 n or 2^64 + n is a multiple.
            3 => {
                quotients[i].factors = [0, 2, 1];
                quotients[i].inverse = inverse(3);
            }
            _ => unreachable!(),
        }
        i += 1;
    }
    quotients
};

/// `2^64 (1 / Q - 2)` modulo an odd `n > 2^16` that has no prime factor up to [`LARGEST_TABLED`]; none where the search
/// for `D` finds that `n` is composite.
#[inline]
pub(crate) fn parameter(n: u64) -> Option<u64> {
    let one = n.wrapping_neg() % n;
    // All are looked up, for nobody could predict which is the first.
    let found = (0..6).fold(0, |found, i| {
        let (modulus, bits) = NONRESIDUES[i];
        found | (bits >> (n % modulus) & 1) << i
    });
    let (quotient, negative) = if found == 0 {
        let d = search(n)?;
        (divided(one, (d + 1) / 4, n), d % 4 == 1)
    } else {
        let quotient = QUOTIENTS[found.trailing_zeros() as usize];
        let sum = quotient.start.wrapping_add(quotient.factors[(n % 3) as usize].wrapping_mul(n));
        (sum.wrapping_mul(quotient.inverse) % n, quotient.negative)
    };
    Some(subtract(if negative { n - quotient } else { quotient }, double(one, n), n))
}

/// The first |D| above the tabled ones; none for a square, which would search in vain, and for a multiple of one.
#[cold]
fn search(n: u64) -> Option<u64> {
    if n.isqrt().pow(2) == n {
        return None;
    }
    let mut d = LARGEST_TABLED + 2;
    loop {
        match jacobi(n, d) {
            -1 => return Some(d),
            0 => return None,
            _ => d += 2,
        }
    }
}

/// `a / q` modulo `n`, in up to `q` steps. A `q` of this module has no factor in common with `n`: each odd prime in it
/// divides a `D` before.
fn divided(a: u64, q: u64, n: u64) -> u64 {
    // The multiple of n that makes a + k n one of q, and the quotient in parts, whose sum is below n.
    let (a_rest, n_rest) = (a % q, n % q);
    let k = (0..q).find(|k| (a_rest + k * n_rest) % q == 0).expect("n has an inverse modulo q");
    a / q + k * (n / q) + (a_rest + k * n_rest) / q
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first |D| by its definition; none where it, or one before, has a factor in common with n.
    fn first(n: u64) -> Option<u64> {
        let (d, symbol) = (5..).step_by(2).map(|d| (d, jacobi(n, d))).find(|&(_, symbol)| symbol != 1).unwrap();
        (symbol == -1).then_some(d)
    }

    #[test]
    fn the_parameter_is_what_its_name_says() {
        let coprime = |n: &u64| [3, 5, 7, 11, 13, 17].iter().all(|p| !n.is_multiple_of(*p)) && n.isqrt().pow(2) != *n;
        for start in [65_537u64, (1 << 32) + 1, (1 << 63) - 9999, u64::MAX - 19_998] {
            for n in (start..=start + 19_998).step_by(2).filter(coprime) {
                let Some(d) = first(n) else {
                    assert_eq!(parameter(n), None, "{n}");
                    continue;
                };
                let (parameter, wide) = (u128::from(parameter(n).unwrap()), u128::from(n));
                // Q times it is 2^64 (1 - 2 Q).
                let q = u128::from((d + 1) / 4);
                let q = if d % 4 == 1 { wide - q } else { q };
                let expected = (1u128 << 64) % wide * ((1 + 2 * (wide - q)) % wide) % wide;
                assert_eq!(q * parameter % wide, expected, "{n}: D = {d}");
            }
        }
    }

    #[test]
    fn squares_have_none() {
        for p in [257u64, 1093, 3511, 65_537, 4_294_967_291] {
            assert_eq!(parameter(p * p), None);
        }
    }
}
