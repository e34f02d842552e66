//! Residues modulo an odd integer of several words, in Montgomery's form: `a` stands for `a / R`, where `R` is 2^64 to
//! the power of the length. P. L. Montgomery, *Modular multiplication without trial division*, Math. Comp. 44 (1985).

use super::products;
use super::words::{
    add, add_carry, add_multiple, add_two_multiples, bit, compare, copied, multiply_add, remainder, subtract,
    subtract_borrow,
};
use crate::arithmetic::montgomery::inverse;
use crate::base::error::Error;
use crate::base::memory::zeros;
use crate::base::progress::Steps;

/// Words up to which the compiler knows the length.
pub(super) const FIXED_WORDS: usize = 8;

/// Words from which on a reduction takes two products instead of going word by word.
const REDUCED_BY_PRODUCTS_WORDS: usize = 160;

/// Arithmetic modulo one odd integer above 2^64. Residues are below it.
pub(super) trait Ring {
    /// A residue: as many words as the modulus.
    type Residue: AsRef<[u64]> + AsMut<[u64]>;

    /// The modulus.
    fn modulus(&self) -> &[u64];

    /// The residue 0.
    fn zero(&self) -> Result<Self::Residue, Error>;

    /// Replace a residue by its square.
    fn square(&mut self, a: &mut Self::Residue, steps: &mut Steps) -> Result<(), Error>;

    /// Replace a residue by its product with another one.
    fn multiply(&mut self, a: &mut Self::Residue, b: &Self::Residue, steps: &mut Steps) -> Result<(), Error>;

    /// The residue 1, which is the remainder of `R`.
    #[inline(always)]
    fn one(&self) -> Result<Self::Residue, Error> {
        let mut one = self.zero()?;
        remainder_of_power(one.as_mut(), self.modulus());
        Ok(one)
    }

    /// Replace a residue by twice it.
    #[inline(always)]
    fn double(&self, a: &mut Self::Residue) {
        let (a, n) = (a.as_mut(), self.modulus());
        let mut top = 0;
        for word in a.iter_mut() {
            (*word, top) = (*word << 1 | top, *word >> 63);
        }
        reduce_once(a, n, top);
    }

    /// Subtract a residue from another one.
    #[inline(always)]
    fn subtract(&self, a: &mut Self::Residue, b: &Self::Residue) {
        let (a, n) = (a.as_mut(), self.modulus());
        let mask = subtract(a, b.as_ref()).wrapping_neg();
        let mut carry = 0;
        for (a, &n) in a.iter_mut().zip(n) {
            (*a, carry) = add_carry(*a, n & mask, carry);
        }
    }

    /// Replace a residue by what has to be added to it to make 0.
    #[inline(always)]
    fn negate(&self, a: &mut Self::Residue) -> Result<(), Error> {
        let mut negative = self.zero()?;
        self.subtract(&mut negative, a);
        std::mem::swap(a, &mut negative);
        Ok(())
    }
}

/// `2^(64 len)` modulo `n`, whose last word is not zero: one digit of a long division.
#[inline(always)]
fn remainder_of_power(out: &mut [u64], n: &[u64]) {
    let len = n.len();
    let shift = n[len - 1].leading_zeros();
    // The quotient is estimated from the upper 64 bits of the modulus; it is at most 2 too large (Knuth, TAOCP 4.3.1).
    let top = if shift == 0 { n[len - 1] } else { n[len - 1] << shift | n[len - 2] >> (64 - shift) };
    let quotient = (u128::from(1u64 << shift) << 64) / u128::from(top);
    let quotient = u64::try_from(quotient).unwrap_or(u64::MAX);
    // The power minus the multiple, whose word above the length is 1 - carry - borrow.
    let mut carry = 0;
    let mut borrow = 0;
    for (out, &n) in out.iter_mut().zip(n) {
        let low;
        (low, carry) = multiply_add(0, n, quotient, carry);
        (*out, borrow) = subtract_borrow(0, low, borrow);
    }
    let mut above = 1u64.wrapping_sub(carry).wrapping_sub(borrow);
    while above != 0 {
        above = above.wrapping_add(add(out, n));
    }
    while compare(out, n).is_ge() {
        subtract(out, n);
    }
}

/// Subtract the modulus once where `a`, with a word above it, is not below.
#[inline(always)]
fn reduce_once(a: &mut [u64], n: &[u64], above: u64) {
    let mut borrow = 0;
    for (&a, &n) in a.iter().zip(n) {
        (_, borrow) = subtract_borrow(a, n, borrow);
    }
    // Where it is below, nothing is subtracted: without a branch, which nobody could predict.
    let mask = (above | (borrow ^ 1)).wrapping_neg();
    let mut borrow = 0;
    for (a, &n) in a.iter_mut().zip(n) {
        (*a, borrow) = subtract_borrow(*a, n & mask, borrow);
    }
}

/// `product / R` modulo `n` into `out`, word by word: the lower half is made zero by multiples of `n`.
#[inline(always)]
fn reduce_by_words(out: &mut [u64], product: &mut [u64], n: &[u64], inverse: u64) {
    let len = n.len();
    let factor = |word: u64| word.wrapping_mul(inverse).wrapping_neg();
    for i in (0..len - 1).step_by(2) {
        let rest = &mut product[i..=i + len];
        let first = factor(rest[0]);
        let (_, carry) = multiply_add(rest[0], n[0], first, 0);
        let (next, carry) = multiply_add(rest[1], n[1], first, carry);
        let second = factor(next);
        let (_, next_carry) = multiply_add(next, n[0], second, 0);
        let carries = add_two_multiples(&mut rest[2..len], &n[1..], [first, second], [carry, next_carry]);
        let last;
        (rest[len], last) = multiply_add(rest[len], n[len - 1], second, carries[1]);
        // Both words are zero now, so the carries wait there.
        (rest[0], rest[1]) = (carries[0], last);
    }
    if len % 2 == 1 {
        let rest = &mut product[len - 1..2 * len - 1];
        rest[0] = add_multiple(rest, n, factor(rest[0]));
    }
    let (carries, high) = product.split_at(len);
    let mut carry = 0;
    for ((out, &high), &word) in out.iter_mut().zip(high).zip(carries) {
        (*out, carry) = add_carry(high, word, carry);
    }
    reduce_once(out, n, carry);
}

/// A modulus of a length that the compiler knows.
pub(super) struct Fixed<const LEN: usize> {
    n: [u64; LEN],
    inverse: u64,
}

impl<const LEN: usize> Fixed<LEN> {
    #[inline(always)]
    pub(super) fn new(n: &[u64]) -> Self {
        let n: [u64; LEN] = n.try_into().expect("the length was looked at");
        Self { inverse: inverse(n[0]), n }
    }
}

impl<const LEN: usize> Ring for Fixed<LEN> {
    type Residue = [u64; LEN];

    #[inline(always)]
    fn modulus(&self) -> &[u64] {
        &self.n
    }

    #[inline(always)]
    fn zero(&self) -> Result<Self::Residue, Error> {
        Ok([0; LEN])
    }

    #[inline]
    fn square(&mut self, a: &mut Self::Residue, _: &mut Steps) -> Result<(), Error> {
        let mut product = [[0; LEN]; 2];
        let product = product.as_flattened_mut();
        products::square_by_words(product, a);
        reduce_by_words(a, product, &self.n, self.inverse);
        Ok(())
    }

    #[inline]
    fn multiply(&mut self, a: &mut Self::Residue, b: &Self::Residue, _: &mut Steps) -> Result<(), Error> {
        let mut product = [[0; LEN]; 2];
        let product = product.as_flattened_mut();
        products::multiply_by_words(product, a, b);
        reduce_by_words(a, product, &self.n, self.inverse);
        Ok(())
    }
}

/// A modulus of any length.
pub(super) struct AnyLength {
    n: Vec<u64>,
    /// The inverse of the modulus, modulo 2^64 or modulo `R`.
    inverse: Vec<u64>,
    product: Vec<u64>,
    /// Twice as long as the modulus each, where a reduction takes products; else empty.
    quotient: Vec<u64>,
    multiple: Vec<u64>,
    scratch: Vec<u64>,
}

impl AnyLength {
    pub(super) fn new(n: &[u64], steps: &mut Steps) -> Result<Self, Error> {
        let len = n.len();
        let by_products = len >= REDUCED_BY_PRODUCTS_WORDS;
        let long = if by_products { 2 * len } else { 0 };
        let mut ring = Self {
            n: copied(n)?,
            inverse: zeros(if by_products { len } else { 1 })?,
            product: zeros(2 * len)?,
            quotient: zeros(long)?,
            multiple: zeros(long)?,
            scratch: zeros(products::scratch_len(len))?,
        };
        ring.inverse[0] = inverse(n[0]);
        ring.lengthen_inverse(steps)?;
        Ok(ring)
    }

    /// Newton's iteration doubles the words of the inverse that are right: `x = x (2 - n x)`.
    fn lengthen_inverse(&mut self, steps: &mut Steps) -> Result<(), Error> {
        let len = self.inverse.len();
        let mut right = 1;
        while right < len {
            let wanted = (2 * right).min(len);
            let [product, error] = [&mut self.product, &mut self.quotient].map(|words| &mut words[..2 * wanted]);
            let x = &mut self.inverse[..wanted];
            products::multiply(product, &self.n[..wanted], x, &mut self.scratch, steps)?;
            // n x is 1 in its lower half; minus the upper half, times x, is what x lacks.
            product[wanted..].fill(0);
            product[0] -= 1;
            products::multiply(error, &product[..wanted], x, &mut self.scratch, steps)?;
            subtract(x, &error[..wanted]);
            right = wanted;
        }
        Ok(())
    }

    /// `product / R` into `out`.
    fn reduce(&mut self, out: &mut [u64], steps: &mut Steps) -> Result<(), Error> {
        let len = self.n.len();
        if self.inverse.len() < len {
            reduce_by_words(out, &mut self.product, &self.n, self.inverse[0]);
            return steps.take(len * len);
        }
        // The multiple of n that is equal to the product in its lower half is subtracted; the upper halves are left.
        let (low, high) = self.product.split_at(len);
        products::multiply(&mut self.quotient, low, &self.inverse, &mut self.scratch, steps)?;
        products::multiply(&mut self.multiple, &self.quotient[..len], &self.n, &mut self.scratch, steps)?;
        out.copy_from_slice(high);
        if subtract(out, &self.multiple[len..]) > 0 {
            add(out, &self.n);
        }
        Ok(())
    }
}

impl Ring for AnyLength {
    type Residue = Vec<u64>;

    fn modulus(&self) -> &[u64] {
        &self.n
    }

    fn zero(&self) -> Result<Self::Residue, Error> {
        zeros(self.n.len())
    }

    fn square(&mut self, a: &mut Self::Residue, steps: &mut Steps) -> Result<(), Error> {
        products::square(&mut self.product, a, &mut self.scratch, steps)?;
        self.reduce(a, steps)
    }

    fn multiply(&mut self, a: &mut Self::Residue, b: &Self::Residue, steps: &mut Steps) -> Result<(), Error> {
        products::multiply(&mut self.product, a, b, &mut self.scratch, steps)?;
        self.reduce(a, steps)
    }
}

/// Replace a residue by its quotient by a small `q` that has no factor in common with the modulus.
#[inline(always)]
pub(super) fn divide<R: Ring>(ring: &R, a: &mut R::Residue, q: u64) {
    if q == 1 {
        return;
    }
    let (a, n) = (a.as_mut(), ring.modulus());
    let (a_rest, n_rest) = (u128::from(remainder(a, q)), u128::from(remainder(n, q)));
    let q_wide = u128::from(q);
    // The multiple of n that makes a + k n one of q.
    let k = (0..q).find(|&k| (a_rest + u128::from(k) * n_rest) % q_wide == 0).expect("n has an inverse modulo q");
    let top = add_multiple(a, n, k);
    let mut rest = top;
    for word in a.iter_mut().rev() {
        let dividend = u128::from(rest) << 64 | u128::from(*word);
        (*word, rest) = ((dividend / q_wide) as u64, (dividend % q_wide) as u64);
    }
}

/// 2 to the power of the upper bits of an integer, those from `lowest` on.
pub(super) fn power_of_two<R: Ring>(
    ring: &mut R,
    exponent: &[u64],
    lowest: usize,
    steps: &mut Steps,
) -> Result<R::Residue, Error> {
    let mut power = ring.one()?;
    let mut i = super::words::bits(exponent);
    // The first bits are doublings alone.
    let first = i.saturating_sub(6).max(lowest);
    let mut doublings = 0;
    while i > first {
        i -= 1;
        doublings = 2 * doublings + u32::from(bit(exponent, i));
    }
    for _ in 0..doublings {
        ring.double(&mut power);
    }
    while i > lowest {
        i -= 1;
        ring.square(&mut power, steps)?;
        if bit(exponent, i) {
            ring.double(&mut power);
        }
    }
    Ok(power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::large::reference::{Random, reference_product, reference_remainder};

    /// Compare with remainders of products: `a b / R` times `R` is `a b` again.
    fn agrees<R: Ring>(mut ring: R, random: &mut Random) {
        let (n, mut always) = (ring.modulus().to_vec(), || true);
        let steps = &mut Steps::new(&mut always);
        let mut power = vec![0; n.len() + 1];
        power[n.len()] = 1;
        assert_eq!(ring.one().unwrap().as_ref(), reference_remainder(&power, &n));
        let minus_one: Vec<u64> = std::iter::once(n[0] - 1).chain(n[1..].iter().copied()).collect();
        let [a, b] = [0; 2].map(|_| reference_remainder(&random.words(n.len()), &n));
        for (a, b) in [(&a, &b), (&minus_one, &minus_one), (&a, &minus_one), (&minus_one, &b)] {
            let residue = |words: &[u64]| {
                let mut residue = ring.zero().unwrap();
                residue.as_mut().copy_from_slice(words);
                residue
            };
            let (mut product, mut square, other) = (residue(a), residue(a), residue(b));
            let (mut difference, mut double, mut half) = (residue(a), residue(a), residue(a));
            ring.multiply(&mut product, &other, steps).unwrap();
            ring.square(&mut square, steps).unwrap();
            for (result, expected) in [(&product, reference_product(a, b)), (&square, reference_product(a, a))] {
                let shifted: Vec<u64> = vec![0; n.len()].into_iter().chain(result.as_ref().iter().copied()).collect();
                assert_eq!(reference_remainder(&shifted, &n), reference_remainder(&expected, &n));
                assert!(compare(result.as_ref(), &n).is_lt());
            }
            ring.subtract(&mut difference, &other);
            ring.double(&mut double);
            let sum: Vec<u64> = reference_product(&n, &[1]).into_iter().collect();
            let mut expected = sum;
            add(&mut expected, a);
            subtract(&mut expected, b);
            assert_eq!(difference.as_ref(), reference_remainder(&expected, &n));
            assert_eq!(double.as_ref(), reference_remainder(&reference_product(a, &[2]), &n));
            divide(&ring, &mut half, 2);
            ring.double(&mut half);
            assert_eq!(half.as_ref(), &a[..]);
        }
    }

    fn moduli(len: usize, random: &mut Random) -> Vec<Vec<u64>> {
        let mut any = random.words(len);
        let mut low_top = random.words(len);
        let mut one_bit = vec![0; len];
        (any[0], low_top[0], one_bit[0]) = (any[0] | 1, low_top[0] | 1, 1);
        (low_top[len - 1], one_bit[len - 1]) = (1, 1 << 63);
        vec![any, low_top, one_bit, vec![u64::MAX; len]]
    }

    #[test]
    fn fixed_lengths_agree_with_plain_remainders() {
        let mut random = Random(2);
        for n in moduli(2, &mut random) {
            agrees(Fixed::<2>::new(&n), &mut random);
        }
        for n in moduli(3, &mut random) {
            agrees(Fixed::<3>::new(&n), &mut random);
        }
        for n in moduli(8, &mut random) {
            agrees(Fixed::<8>::new(&n), &mut random);
        }
    }

    #[test]
    fn any_length_agrees_with_plain_remainders() {
        let mut random = Random(3);
        let mut always = || true;
        for len in [2, 5, 17, 33, 64, REDUCED_BY_PRODUCTS_WORDS, REDUCED_BY_PRODUCTS_WORDS + 7] {
            for n in moduli(len, &mut random) {
                agrees(AnyLength::new(&n, &mut Steps::new(&mut always)).unwrap(), &mut random);
            }
        }
    }
}
