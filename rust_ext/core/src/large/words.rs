//! Sums, differences and remainders of integers as slices of words.

use std::cmp::Ordering;

use crate::base::error::Error;
use crate::base::memory::reserved;

/// `a + b * c + d`, as the lower and the upper word: it always fits.
#[inline(always)]
pub(super) fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let sum = u128::from(a) + u128::from(b) * u128::from(c) + u128::from(d);
    (sum as u64, (sum >> 64) as u64)
}

/// `a + b` with a carry of 0 or 1 in and out.
#[inline(always)]
pub(super) fn add_carry(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry);
    (sum, u64::from(first | second))
}

/// `a - b` with a borrow of 0 or 1 in and out.
#[inline(always)]
pub(super) fn subtract_borrow(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow);
    (difference, u64::from(first | second))
}

/// Add `b`, which is not longer, to `a`; the carry.
#[inline(always)]
pub(super) fn add(a: &mut [u64], b: &[u64]) -> u64 {
    let (low, high) = a.split_at_mut(b.len());
    let mut carry = 0;
    for (a, &b) in low.iter_mut().zip(b) {
        (*a, carry) = add_carry(*a, b, carry);
    }
    add_word(high, carry)
}

/// Add one word to `a`; the carry.
#[inline(always)]
pub(super) fn add_word(a: &mut [u64], word: u64) -> u64 {
    let mut carry = word;
    for a in a {
        if carry == 0 {
            return 0;
        }
        let (sum, overflow) = a.overflowing_add(carry);
        (*a, carry) = (sum, u64::from(overflow));
    }
    carry
}

/// Subtract `b`, which is not longer, from `a`; the borrow.
#[inline(always)]
pub(super) fn subtract(a: &mut [u64], b: &[u64]) -> u64 {
    let (low, high) = a.split_at_mut(b.len());
    let mut borrow = 0;
    for (a, &b) in low.iter_mut().zip(b) {
        (*a, borrow) = subtract_borrow(*a, b, borrow);
    }
    subtract_word(high, borrow)
}

/// Subtract one word from `a`; the borrow.
#[inline(always)]
pub(super) fn subtract_word(a: &mut [u64], word: u64) -> u64 {
    let mut borrow = word;
    for a in a {
        if borrow == 0 {
            return 0;
        }
        let (difference, underflow) = a.overflowing_sub(borrow);
        (*a, borrow) = (difference, u64::from(underflow));
    }
    borrow
}

/// Compare integers of the same length.
#[inline(always)]
pub(super) fn compare(a: &[u64], b: &[u64]) -> Ordering {
    a.iter().rev().cmp(b.iter().rev())
}

/// Add `a * factor` to `sum`, which has the same length; the word that is carried.
#[inline(always)]
pub(super) fn add_multiple(sum: &mut [u64], a: &[u64], factor: u64) -> u64 {
    let mut carry = 0;
    for (sum, &a) in sum.iter_mut().zip(a) {
        (*sum, carry) = multiply_add(*sum, a, factor, carry);
    }
    carry
}

/// Add `a * factors[0]`, from its second word on, and `a * factors[1]`, up to its last but one, to `sum`: two rows of a
/// product, one word apart, in one pass. A word less is loaded and stored for each product than with one row at a time.
#[inline(always)]
pub(super) fn add_two_multiples(sum: &mut [u64], a: &[u64], factors: [u64; 2], mut carries: [u64; 2]) -> [u64; 2] {
    for (sum, a) in sum.iter_mut().zip(a.windows(2)) {
        let partial;
        (partial, carries[0]) = multiply_add(*sum, a[1], factors[0], carries[0]);
        (*sum, carries[1]) = multiply_add(partial, a[0], factors[1], carries[1]);
    }
    carries
}

/// The length without leading zeros.
pub(super) fn len(a: &[u64]) -> usize {
    a.iter().rposition(|&word| word != 0).map_or(0, |last| last + 1)
}

/// How many bits an integer has that does not begin with a zero.
pub(super) fn bits(a: &[u64]) -> usize {
    a.last().map_or(0, |top| 64 * a.len() - top.leading_zeros() as usize)
}

/// Bit `i` of an integer.
#[inline(always)]
pub(super) fn bit(a: &[u64], i: usize) -> bool {
    a[i / 64] >> (i % 64) & 1 == 1
}

/// How many bits below the lowest clear one are set.
pub(super) fn trailing_ones(a: &[u64]) -> usize {
    let full = a.iter().take_while(|&&word| word == u64::MAX).count();
    64 * full + a.get(full).map_or(0, |word| word.trailing_ones() as usize)
}

/// The remainder of a division by one word.
pub(super) fn remainder(a: &[u64], modulus: u64) -> u64 {
    /// From so many words on, a reciprocal pays for the division that it takes.
    const RECIPROCAL_LEN: usize = 4;
    if a.len() < RECIPROCAL_LEN {
        let modulus = u128::from(modulus);
        return a.iter().rev().fold(0, |rest, &word| ((u128::from(rest) << 64 | u128::from(word)) % modulus) as u64);
    }
    // N. Möller and T. Granlund, Improved division by invariant integers, IEEE Trans. Computers 60 (2011), 165-175. The
    // modulus and the dividend are shifted, so that the modulus has its highest bit set.
    let shift = modulus.leading_zeros();
    let modulus = modulus << shift;
    let reciprocal = (u128::MAX / u128::from(modulus)) as u64;
    let step = |rest: u64, word: u64| {
        let quotient = u128::from(reciprocal) * u128::from(rest) + (u128::from(rest) << 64 | u128::from(word));
        let high = ((quotient >> 64) as u64).wrapping_add(1);
        let rest = word.wrapping_sub(high.wrapping_mul(modulus));
        let rest = if rest > quotient as u64 { rest.wrapping_add(modulus) } else { rest };
        if rest >= modulus { rest - modulus } else { rest }
    };
    let (rest, last) = a.iter().rev().fold((0, 0), |(rest, upper), &word| {
        let shifted = if shift == 0 { word } else { upper << shift | word >> (64 - shift) };
        (step(rest, shifted), word)
    });
    if shift == 0 { rest } else { step(rest, last << shift) >> shift }
}

/// A copy.
pub(super) fn copied(a: &[u64]) -> Result<Vec<u64>, Error> {
    let mut copy = reserved(a.len())?;
    copy.extend_from_slice(a);
    Ok(copy)
}

/// `a + offset`, without leading zeros.
pub(super) fn sum(a: &[u64], offset: u64) -> Result<Vec<u64>, Error> {
    let mut sum = reserved(a.len() + 1)?;
    sum.extend_from_slice(a);
    let carry = add_word(&mut sum, offset);
    if carry > 0 {
        sum.push(carry);
    }
    Ok(sum)
}

/// `a - offset`, without leading zeros; none where that is negative.
pub(super) fn difference(a: &[u64], offset: u64) -> Result<Option<Vec<u64>>, Error> {
    let mut difference = copied(a)?;
    let borrow = subtract_word(&mut difference, offset);
    difference.truncate(len(&difference));
    Ok((borrow == 0).then_some(difference))
}
