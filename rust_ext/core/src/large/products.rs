//! Products and squares of long integers: word by word as in school, and from some length on by Karatsuba's method.

use super::words::{add, add_multiple, add_two_multiples, compare, multiply_add, subtract};
use crate::base::error::Error;
use crate::base::progress::Steps;

/// Words from which on Karatsuba's method is used: below, its sums cost more than the products that it spares.
const KARATSUBA_WORDS: usize = 32;

/// How many words of scratch memory a product of two integers of `len` words takes.
pub(super) fn scratch_len(len: usize) -> usize {
    // Each level takes two for each word of the upper half that is rounded up, and goes on with that half.
    4 * len + 256
}

/// `a * b`, of the same length, into `out`, which is as long as both.
pub(super) fn multiply(
    out: &mut [u64],
    a: &[u64],
    b: &[u64],
    scratch: &mut [u64],
    steps: &mut Steps,
) -> Result<(), Error> {
    if a.len() < KARATSUBA_WORDS {
        multiply_by_words(out, a, b);
        return steps.take(a.len() * b.len());
    }
    let half = a.len().div_ceil(2);
    let ((a_low, a_high), (b_low, b_high)) = (a.split_at(half), b.split_at(half));
    let (middle, scratch) = scratch.split_at_mut(2 * half);
    // The differences of the halves lie where the product will be.
    let (x, y) = out[..2 * half].split_at_mut(half);
    let same_sign = absolute_difference(x, a_low, a_high) == absolute_difference(y, b_low, b_high);
    multiply(middle, x, y, scratch, steps)?;
    let (low, high) = out.split_at_mut(2 * half);
    multiply(low, a_low, b_low, scratch, steps)?;
    multiply(high, a_high, b_high, scratch, steps)?;
    combine(out, half, middle, same_sign, scratch);
    Ok(())
}

/// `a * a` into `out`, which is twice as long.
pub(super) fn square(out: &mut [u64], a: &[u64], scratch: &mut [u64], steps: &mut Steps) -> Result<(), Error> {
    if a.len() < KARATSUBA_WORDS {
        square_by_words(out, a);
        return steps.take(a.len() * a.len() / 2);
    }
    let half = a.len().div_ceil(2);
    let (a_low, a_high) = a.split_at(half);
    let (middle, scratch) = scratch.split_at_mut(2 * half);
    absolute_difference(&mut out[..half], a_low, a_high);
    square(middle, &out[..half], scratch, steps)?;
    let (low, high) = out.split_at_mut(2 * half);
    square(low, a_low, scratch, steps)?;
    square(high, a_high, scratch, steps)?;
    combine(out, half, middle, true, scratch);
    Ok(())
}

/// Add to the products of the lower and of the upper halves in `out` what lies between: their sum, minus the product of
/// the differences in `middle`, or plus its absolute value where the signs of the differences are not the same.
fn combine(out: &mut [u64], half: usize, middle: &[u64], same_sign: bool, scratch: &mut [u64]) {
    let sum = &mut scratch[..=2 * half];
    sum[..2 * half].copy_from_slice(&out[..2 * half]);
    sum[2 * half] = 0;
    add(sum, &out[2 * half..]);
    if same_sign {
        subtract(sum, middle);
    } else {
        add(sum, middle);
    }
    // The upper words are zero where they would not fit.
    let fits = sum.len().min(out.len() - half);
    add(&mut out[half..], &sum[..fits]);
}

/// `|low - high|` into `out`, which is as long as `low`, and whether the difference is negative. `high` may be one word
/// shorter.
fn absolute_difference(out: &mut [u64], low: &[u64], high: &[u64]) -> bool {
    let (common, top) = low.split_at(high.len());
    let negative = top.iter().all(|&word| word == 0) && compare(common, high).is_lt();
    if negative {
        out[..high.len()].copy_from_slice(high);
        out[high.len()..].fill(0);
        subtract(out, common);
    } else {
        out.copy_from_slice(low);
        subtract(out, high);
    }
    negative
}

/// `a * b` as in school.
#[inline(always)]
pub(super) fn multiply_by_words(out: &mut [u64], a: &[u64], b: &[u64]) {
    let len = b.len();
    out[..len].fill(0);
    let (pairs, single) = a.as_chunks::<2>();
    for (i, &factors) in pairs.iter().enumerate() {
        let out = &mut out[2 * i..2 * i + len + 2];
        let first;
        (out[0], first) = multiply_add(out[0], b[0], factors[0], 0);
        let carries = add_two_multiples(&mut out[1..len], b, factors, [first, 0]);
        (out[len], out[len + 1]) = multiply_add(carries[0], b[len - 1], factors[1], carries[1]);
    }
    if let &[a] = single {
        let out = &mut out[2 * pairs.len()..];
        out[len] = add_multiple(&mut out[..len], b, a);
    }
}

/// `a * a`: the products of two different words once, then twice that, then the squares of words.
#[inline(always)]
pub(super) fn square_by_words(out: &mut [u64], a: &[u64]) {
    let len = a.len();
    out[..len].fill(0);
    // Two rows at a time, as long as both have products.
    let pairs = len.saturating_sub(1) / 2;
    for i in (0..2 * pairs).step_by(2) {
        let factors = [a[i], a[i + 1]];
        let mut carry = 0;
        for k in i + 1..i + 3 {
            (out[i + k], carry) = multiply_add(out[i + k], a[k], factors[0], carry);
        }
        let carries = add_two_multiples(&mut out[2 * i + 3..i + len], &a[i + 2..], factors, [carry, 0]);
        (out[i + len], out[i + len + 1]) = multiply_add(carries[0], a[len - 1], factors[1], carries[1]);
    }
    for i in 2 * pairs..len {
        out[i + len] = add_multiple(&mut out[2 * i + 1..i + len], &a[i + 1..], a[i]);
    }
    let (mut shifted_out, mut carry) = (0, 0);
    for (i, &word) in a.iter().enumerate() {
        let square = u128::from(word) * u128::from(word);
        let (low, high) = (out[2 * i], out[2 * i + 1]);
        let sum = u128::from(low << 1 | shifted_out) + u128::from(square as u64) + carry;
        out[2 * i] = sum as u64;
        let sum = u128::from(high << 1 | low >> 63) + (square >> 64) + (sum >> 64);
        out[2 * i + 1] = sum as u64;
        (shifted_out, carry) = (high >> 63, sum >> 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::large::reference::{Random, reference_product};

    #[test]
    fn products_of_any_length_are_those_of_school() {
        let mut random = Random(1);
        for len in (1..80).chain([127, 128, 129, 200, 333]) {
            for kind in 0..3 {
                let [mut a, mut b] = [0; 2].map(|_| random.words(len));
                if kind == 1 {
                    a.fill(u64::MAX);
                    b[len / 2..].fill(0);
                } else if kind == 2 {
                    a.fill(u64::MAX);
                    b.fill(u64::MAX);
                }
                let (mut out, mut scratch) = (vec![7; 2 * len], vec![9; scratch_len(len)]);
                multiply(&mut out, &a, &b, &mut scratch, &mut Steps::new(&mut || true)).unwrap();
                assert_eq!(out, reference_product(&a, &b), "{len}");
                for a in [a, b] {
                    square(&mut out, &a, &mut scratch, &mut Steps::new(&mut || true)).unwrap();
                    assert_eq!(out, reference_product(&a, &a), "{len}");
                }
            }
        }
    }
}
