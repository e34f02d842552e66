//! The test of Baillie and PSW for integers above 2^64.

use super::divisors::has_small_factor;
use super::montgomery::{AnyLength, FIXED_WORDS, Fixed, Ring, divide, power_of_two};
use super::products;
use super::words::{bit, bits, copied, remainder, subtract, trailing_ones};
use crate::arithmetic::modular::jacobi;
use crate::base::error::Error;
use crate::base::memory::zeros;
use crate::base::progress::{KeepGoing, Steps};

/// Whether an integer above 2^64, without leading zeros, is prime, as far as is known.
///
/// # Errors
///
/// [`Error::Interrupted`] where `keep_going` says no, [`Error::OutOfMemory`].
pub fn is_large_prime(n: &[u64], keep_going: KeepGoing) -> Result<bool, Error> {
    let steps = &mut Steps::new(keep_going);
    Ok(!n[0].is_multiple_of(2) && !has_small_factor(n, steps)? && passes(n, steps)?)
}

/// Whether an odd integer above 2^64 passes both halves.
pub(super) fn passes(n: &[u64], steps: &mut Steps) -> Result<bool, Error> {
    const { assert!(FIXED_WORDS == 8) };
    match n.len() {
        2 => passes_fixed::<2>(n, steps),
        3 => passes_fixed::<3>(n, steps),
        4 => passes_fixed::<4>(n, steps),
        5 => passes_fixed::<5>(n, steps),
        6 => passes_fixed::<6>(n, steps),
        7 => passes_fixed::<7>(n, steps),
        8 => passes_fixed::<8>(n, steps),
        _ => passes_both(&mut AnyLength::new(n, steps)?, steps),
    }
}

fn passes_fixed<const LEN: usize>(n: &[u64], steps: &mut Steps) -> Result<bool, Error> {
    let mut ring: Fixed<LEN> = Fixed::new(n);
    passes_both(&mut ring, steps)
}

fn passes_both<R: Ring>(ring: &mut R, steps: &mut Steps) -> Result<bool, Error> {
    Ok(passes_strong_test(ring, steps)? && passes_lucas_test(ring, steps)?)
}

/// Whether `2^d` is 1, or `2^(d 2^r)` is -1 for an `r < s`, where `n = d 2^s + 1`.
fn passes_strong_test<R: Ring>(ring: &mut R, steps: &mut Steps) -> Result<bool, Error> {
    let (one, mut minus_one) = (ring.one()?, ring.one()?);
    ring.negate(&mut minus_one)?;
    // The bits of n - 1 are those of n, but for the lowest.
    let mut twos = 1;
    while !bit(ring.modulus(), twos) {
        twos += 1;
    }
    let n = copied(ring.modulus())?;
    let mut power = power_of_two(ring, &n, twos, steps)?;
    if power.as_ref() == one.as_ref() || power.as_ref() == minus_one.as_ref() {
        return Ok(true);
    }
    for _ in 1..twos {
        ring.square(&mut power, steps)?;
        if power.as_ref() == minus_one.as_ref() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `U(d)` is 0, or `V(d 2^r)` is 0 for an `r < s`, where `n + 1 = d 2^s`; `U` and `V` are the Lucas sequences of
/// `P = 1` and Selfridge's `Q`.
///
/// The ladder has the sequence `W` of `1 / Q - 2` and 1: `V(2 k) = Q^k W(k)`. With `d = 2 k + 1`, `V(d)` is
/// `Q^(k + 1) (W(k + 1) + W(k))`, and `D U(d)` is `Q^(k + 1) (W(k + 1) - W(k))`. So it takes a product and a square for
/// each bit, and no power of `Q`.
fn passes_lucas_test<R: Ring>(ring: &mut R, steps: &mut Steps) -> Result<bool, Error> {
    let Some(d) = selfridge(ring.modulus(), steps)? else { return Ok(false) };
    let mut two = ring.one()?;
    ring.double(&mut two);
    let mut parameter = ring.one()?;
    divide(ring, &mut parameter, (d + 1) / 4);
    if d % 4 == 1 {
        ring.negate(&mut parameter)?;
    }
    ring.subtract(&mut parameter, &two);
    // W(k) and W(k + 1), for a k that grows bit by bit.
    let (mut this, mut next) = (ring.zero()?, ring.zero()?);
    this.as_mut().copy_from_slice(two.as_ref());
    next.as_mut().copy_from_slice(parameter.as_ref());
    let twos = trailing_ones(ring.modulus());
    let mut i = bits(ring.modulus());
    while i > twos + 1 {
        i -= 1;
        let odd = bit(ring.modulus(), i);
        if odd {
            std::mem::swap(&mut this, &mut next);
        }
        // One becomes W(2 k + 1), the other one W(2 k), or W(2 k + 2).
        ring.multiply(&mut next, &this, steps)?;
        ring.subtract(&mut next, &parameter);
        ring.square(&mut this, steps)?;
        ring.subtract(&mut this, &two);
        if odd {
            std::mem::swap(&mut this, &mut next);
        }
    }
    let mut negative = ring.zero()?;
    ring.subtract(&mut negative, &next);
    if this.as_ref() == next.as_ref() || this.as_ref() == negative.as_ref() {
        return Ok(true);
    }
    ring.multiply(&mut this, &next, steps)?;
    ring.subtract(&mut this, &parameter);
    for _ in 1..twos {
        if this.as_ref().iter().all(|&word| word == 0) {
            return Ok(true);
        }
        ring.square(&mut this, steps)?;
        ring.subtract(&mut this, &two);
    }
    Ok(false)
}

/// The first |D| of 5, 7, 9, 11, .. with `(D / n) = -1`, where the signs of D are plus and minus in turn; none where `n`
/// is found to be composite.
fn selfridge(n: &[u64], steps: &mut Steps) -> Result<Option<u64>, Error> {
    /// The odd primes to 53.
    const PRODUCT: u64 = 16_294_579_238_595_022_365;
    /// Where none up to this is found, a square is likely: one in thousands else.
    const BEFORE_SQUARES: u64 = 53;
    let rest = remainder(n, PRODUCT);
    let mut d = 5;
    loop {
        // All D are 1 modulo 4, so (D / n) = (n / |D|).
        match jacobi(if d <= BEFORE_SQUARES { rest % d } else { remainder(n, d) }, d) {
            -1 => return Ok(Some(d)),
            0 => return Ok(None),
            _ => d += 2,
        }
        if d == BEFORE_SQUARES + 2 && is_square(n, steps)? {
            return Ok(None);
        }
    }
}

/// Whether an odd integer is a square.
fn is_square(n: &[u64], steps: &mut Steps) -> Result<bool, Error> {
    if n[0] % 8 != 1 {
        return Ok(false);
    }
    // Newton's iteration x = x (3 - n x^2) / 2 for 1 / sqrt(n) modulo powers of 2: from k bits that are right it makes
    // 2 k - 1 (and 1 is right in 3). n x is the root, or its negative, modulo a power of 2 above twice the root.
    let len = n.len().div_ceil(2) + 1;
    let mut n_low: Vec<u64> = zeros(len)?;
    let low = len.min(n.len());
    n_low[..low].copy_from_slice(&n[..low]);
    let mut scratch = zeros(products::scratch_len(len))?;
    let (mut x, mut root) = (zeros::<u64>(len)?, zeros::<u64>(2 * len)?);
    let (mut square, mut other) = (zeros::<u64>(2 * len)?, zeros::<u64>(2 * len)?);
    x[0] = 1;
    let mut right = 3;
    while right < 64 * len - 2 {
        products::square(&mut square, &x, &mut scratch, steps)?;
        products::multiply(&mut other, &square[..len], &n_low, &mut scratch, steps)?;
        let factor = &mut square[..len];
        factor.fill(0);
        factor[0] = 3;
        subtract(factor, &other[..len]);
        products::multiply(&mut root, factor, &x, &mut scratch, steps)?;
        for i in 0..len {
            x[i] = root[i] >> 1 | root.get(i + 1).filter(|_| i + 1 < len).map_or(0, |word| word << 63);
        }
        right = 2 * right - 2;
    }
    products::multiply(&mut root, &x, &n_low, &mut scratch, steps)?;
    for negative in [false, true] {
        let candidate = &mut other[..len];
        candidate.copy_from_slice(&root[..len]);
        if negative {
            candidate.fill(0);
            subtract(candidate, &root[..len]);
        }
        // The uppermost bits may be wrong; a root has none in the last word.
        candidate[len - 1] = 0;
        products::square(&mut square, candidate, &mut scratch, steps)?;
        if square[..n.len()] == *n && square[n.len()..].iter().all(|&word| word == 0) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::large::reference::{Random, reference_product, reference_remainder};
    use crate::large::words::len;

    fn answer(n: &[u64]) -> bool {
        let n = &n[..len(n)];
        let expected = is_large_prime(n, &mut || true).unwrap();
        if n[0] % 2 == 1 {
            let steps_of = &mut || true;
            let steps = &mut Steps::new(steps_of);
            assert_eq!(passes(n, steps).unwrap(), expected, "{n:x?}");
            let any_length = passes_both(&mut AnyLength::new(n, steps).unwrap(), steps);
            assert_eq!(any_length.unwrap(), expected, "{n:x?}");
        }
        expected
    }

    /// Lucas's and Lehmer's test of `2^p - 1`, which is proven.
    fn is_mersenne_prime(p: usize) -> bool {
        let mut n = vec![u64::MAX; p.div_ceil(64)];
        *n.last_mut().unwrap() >>= n.len() * 64 - p;
        let mut s = vec![0; n.len()];
        s[0] = 4;
        for _ in 2..p {
            let mut square = reference_product(&s, &s);
            // Minus 2, by adding n - 2.
            let mut minus_two = n.clone();
            minus_two[0] -= 2;
            crate::large::words::add(&mut square, &minus_two);
            s = reference_remainder(&square, &n);
        }
        s.iter().all(|&word| word == 0)
    }

    #[test]
    fn words_of_all_ones_are_prime_where_mersenne_numbers_are() {
        for p in (65..=330usize).chain([521, 607]) {
            let mut n = vec![u64::MAX; p.div_ceil(64)];
            *n.last_mut().unwrap() >>= n.len() * 64 - p;
            assert_eq!(answer(&n), is_mersenne_prime(p), "2^{p} - 1");
        }
    }

    /// OEIS A013603 and A013597: how far the nearest primes are from `2^(64 k)`.
    #[test]
    fn nearest_primes_of_word_borders() {
        for (len, below, above) in [(1, 59, 13), (2, 159, 51), (3, 237, 133), (4, 189, 297)] {
            let mut border = vec![0; len + 1];
            border[len] = 1;
            for distance in 1..=above {
                let mut n = border.clone();
                n[0] += distance;
                assert_eq!(answer(&n), distance == above, "2^{} + {distance}", 64 * len);
            }
            for distance in (1..=below).filter(|_| len > 1) {
                let mut n = border.clone();
                subtract(&mut n, &[distance]);
                assert_eq!(answer(&n), distance == below, "2^{} - {distance}", 64 * len);
            }
        }
    }

    #[test]
    fn squares_and_frequent_pseudoprimes_are_composite() {
        let mut random = Random(4);
        for len in [1, 2, 3, 5, 9, 20] {
            for _ in 0..50 {
                let mut root = random.words(len);
                root[0] |= 1;
                let square = reference_product(&root, &root);
                assert!(
                    is_square(&square[..crate::large::words::len(&square)], &mut Steps::new(&mut || true)).unwrap()
                );
                assert!(!answer(&square));
            }
        }
        // (k + 1) (f k + 1), which pass Fermat's tests more often than others.
        for factor in 2..8u128 {
            for k in ((1u128 << 40)..(1 << 40) + 2000).step_by(2) {
                let n = (k + 1) * (factor * k + 1);
                assert!(!answer(&[n as u64, (n >> 64) as u64]), "{n}");
            }
        }
        // Those of Chernick, (6 k + 1) (12 k + 1) (18 k + 1), which are Carmichael numbers where all three are prime.
        for k in (1u128 << 30)..(1 << 30) + 3000 {
            let n = (6 * k + 1) * (12 * k + 1) * (18 * k + 1);
            assert!(!answer(&[n as u64, (n >> 64) as u64]), "{n}");
        }
    }
}
