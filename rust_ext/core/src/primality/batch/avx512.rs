//! The test of `primality` with IFMA: multiplications of 52 bits, eight at a time.
//!
//! An integer is `low + high 2^52`, and a product is divided by 2^104 by subtracting the multiple of `n` that makes its
//! two lower digits zero. Integers have 64 bits of 104, so nothing is ever corrected: a residue is whatever integer
//! comes out, and what must be subtracted is added as a multiple of `n` that is larger. The instructions look at the
//! lower 52 bits of their factors alone, so `low` may have anything above, unless it is said to be clean.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::x86_64::{
    __m512i, __mmask8, _mm256_storeu_si256, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask,
    _mm512_cmple_epu64_mask, _mm512_cmplt_epu64_mask, _mm512_cvtepi64_epi32, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_maskz_compress_epi64, _mm512_maskz_loadu_epi64,
    _mm512_movepi64_mask, _mm512_mullo_epi64, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_setzero_si512,
    _mm512_slli_epi64, _mm512_sllv_epi64, _mm512_srai_epi64, _mm512_srli_epi64, _mm512_srlv_epi64, _mm512_storeu_si512,
    _mm512_sub_epi64, _mm512_test_epi64_mask, _mm512_xor_si512,
};

use super::candidates::Candidates;
use crate::arithmetic::small_primes::SMALL_LIMIT;
use crate::primality::divisors::{DIVISORS, Divisor};
use crate::primality::one::{is_prime, is_prime_without_small_factors};
use crate::primality::selfridge;

/// Integers of one vector.
const LANES: usize = 8;

/// Vectors that take Fermat's half at a time, and the Lucas half: enough that none waits, few enough for the registers.
/// For primes three and two vectors take 2 % longer, two and two 6 %, four and one 25 %; four and three the same.
const FERMAT_VECTORS: usize = 4;
const LUCAS_VECTORS: usize = 2;

const FERMAT_LEN: usize = FERMAT_VECTORS * LANES;
const LUCAS_LEN: usize = LUCAS_VECTORS * LANES;

/// Divisors that are tried on all integers; the others, on what is left.
const FIRST_DIVISORS: usize = 8;

/// Bits of the first window of Fermat's half, which is a power as it stands.
const FIRST_WINDOW_BITS: u32 = 6;

/// Bits of the exponent that come in at a time: by a shift of up to 7, for which `low` has room above its 52 bits.
const WINDOW_BITS: u32 = 3;

/// Integers of one group may differ in length by this many bits.
const SPREAD_BITS: u32 = 10;

/// Windows after the first in which residues may take all 104 bits; see [`fermat`].
const WIDE_WINDOWS: u32 = 4;

const MASK_52: i64 = (1 << 52) - 1;

/// Integers below 2^104, the high half below 2^52.
#[derive(Clone, Copy)]
struct Wide {
    low: __m512i,
    high: __m512i,
}

impl Wide {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn of(n: __m512i) -> Self {
        Self { low: _mm512_and_si512(n, _mm512_set1_epi64(MASK_52)), high: _mm512_srli_epi64::<52>(n) }
    }

    /// From sums or differences of digits, which may be negative; the integer is not.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn carried(low: __m512i, high: __m512i) -> Self {
        let high = _mm512_add_epi64(high, _mm512_srai_epi64::<52>(low));
        Self { low: _mm512_and_si512(low, _mm512_set1_epi64(MASK_52)), high }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn clean(self) -> Self {
        Self { low: _mm512_and_si512(self.low, _mm512_set1_epi64(MASK_52)), high: self.high }
    }

    /// Times 2 to the power of up to 12.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn shifted(self, bits: __m512i) -> Self {
        let low = _mm512_sllv_epi64(_mm512_and_si512(self.low, _mm512_set1_epi64(MASK_52)), bits);
        let high = _mm512_sllv_epi64(self.high, bits);
        Self { low, high: _mm512_add_epi64(high, _mm512_srli_epi64::<52>(low)) }
    }

    /// `times n - self`, for a multiple that is larger.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn taken_from(self, times: i64, n: Self) -> Self {
        let times = _mm512_set1_epi64(times);
        let clean = self.clean();
        Self::carried(
            _mm512_sub_epi64(_mm512_mullo_epi64(n.low, times), clean.low),
            _mm512_sub_epi64(_mm512_mullo_epi64(n.high, times), clean.high),
        )
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn equals(self, other: Self) -> __mmask8 {
        let (a, b) = (self.clean(), other.clean());
        _mm512_cmpeq_epi64_mask(a.low, b.low) & _mm512_cmpeq_epi64_mask(a.high, b.high)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn chosen(mask: __mmask8, zeros: Self, ones: Self) -> Self {
        Self {
            low: _mm512_mask_blend_epi64(mask, zeros.low, ones.low),
            high: _mm512_mask_blend_epi64(mask, zeros.high, ones.high),
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn low(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    _mm512_madd52lo_epu64(sum, a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn high(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    _mm512_madd52hi_epu64(sum, a, b)
}

/// Eight odd moduli.
#[derive(Clone, Copy)]
struct Modulus {
    n: Wide,
    /// The inverse modulo 2^52, with anything above.
    inverse: __m512i,
}

impl Modulus {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn new(n: __m512i) -> Self {
        // As `arith::inverse`.
        let two = _mm512_set1_epi64(2);
        let mut inverse = _mm512_xor_si512(_mm512_mullo_epi64(n, _mm512_set1_epi64(3)), two);
        for _ in 0..4 {
            inverse = _mm512_mullo_epi64(inverse, _mm512_sub_epi64(two, _mm512_mullo_epi64(n, inverse)));
        }
        Self { n: Wide::of(n), inverse }
    }

    /// The integer with the given digits, divided by 2^104 modulo `n`: the quotient plus at most `n`, minus at most
    /// `n`. A digit may be a sum of up to eight of 52 bits; the third and the fourth may bring what shall be added.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn reduce(self, digits: [__m512i; 4]) -> Wide {
        let zero = _mm512_setzero_si512();
        // The multiple q n whose lower digits are the same. Its digits are summed apart, and then subtracted: what is
        // left of the two lower ones is a carry.
        let q = low(zero, digits[0], self.inverse);
        let second = _mm512_sub_epi64(digits[1], low(high(zero, q, self.n.low), q, self.n.high));
        let next_q = low(zero, second, self.inverse);
        let carry = _mm512_srai_epi64::<52>(second);
        let third = low(high(high(zero, q, self.n.high), next_q, self.n.low), next_q, self.n.high);
        let fourth = high(zero, next_q, self.n.high);
        let third = _mm512_sub_epi64(_mm512_add_epi64(digits[2], carry), third);
        let fourth = _mm512_sub_epi64(digits[3], fourth);
        Wide { low: third, high: _mm512_add_epi64(fourth, _mm512_srai_epi64::<52>(third)) }
    }

    /// `a b / 2^104 + c`, for a `c` of at least `n`: at most `a b / 2^104 + c` as an integer, and above `c - n`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn mul_add(self, a: Wide, b: Wide, c: Wide) -> Wide {
        let zero = _mm512_setzero_si512();
        let first = low(zero, a.low, b.low);
        let second = low(low(high(zero, a.low, b.low), a.low, b.high), a.high, b.low);
        let third = low(high(high(c.low, a.low, b.high), a.high, b.low), a.high, b.high);
        self.reduce([first, second, third, high(c.high, a.high, b.high)])
    }

    /// The same of `a` and `a` below 2^78.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn square_add(self, a: Wide, c: Wide) -> Wide {
        let zero = _mm512_setzero_si512();
        let twice_high = _mm512_add_epi64(a.high, a.high);
        let first = low(zero, a.low, a.low);
        let second = low(high(zero, a.low, a.low), a.low, twice_high);
        // The square of the high half is below 2^52.
        let third = low(high(c.low, a.low, twice_high), a.high, a.high);
        self.reduce([first, second, third, c.high])
    }
}

/// Take up those of some integers that have no small factors, as `Candidates::sift` does. There is room.
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(crate) fn sift(candidates: &mut Candidates, numbers: &[u64], answers: &mut [u8]) {
    let one = _mm512_set1_epi64(1);
    let small_limit = _mm512_set1_epi64(SMALL_LIMIT.cast_signed());
    let mut places = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    for (block, answers) in numbers.chunks(LANES).zip(answers.chunks_mut(LANES)) {
        let there = (u32::from(u8::MAX) >> (LANES - block.len())) as __mmask8;
        // SAFETY: the mask leaves out what the block does not have.
        let n = unsafe { _mm512_maskz_loadu_epi64(there, block.as_ptr().cast()) };
        let small = _mm512_cmplt_epu64_mask(n, small_limit) & there;
        if small != 0 {
            for (lane, (&n, answer)) in block.iter().zip(answers).enumerate() {
                if small >> lane & 1 == 1 {
                    *answer = u8::from(is_prime(n));
                }
            }
        }
        let odd = _mm512_test_epi64_mask(n, one);
        let keep = there & !small & odd & !have_factor(n, &DIVISORS[..FIRST_DIVISORS]);
        keep_candidates(candidates, keep, n, places);
        places = _mm512_add_epi64(places, _mm512_set1_epi64(8));
    }
    let first_len = std::mem::take(&mut candidates.len);
    for start in (0..first_len).step_by(LANES) {
        let there = (u32::from(u8::MAX) >> (LANES - LANES.min(first_len - start))) as __mmask8;
        let (numbers, places) = (&candidates.numbers[start..first_len], &candidates.places[start..first_len]);
        let mut block = [0; LANES];
        for (to, &place) in block.iter_mut().zip(places) {
            *to = i64::from(place);
        }
        // SAFETY: the mask leaves out what the slice does not have, and the array has eight.
        let (n, places) = unsafe {
            (_mm512_maskz_loadu_epi64(there, numbers.as_ptr().cast()), _mm512_loadu_si512(block.as_ptr().cast()))
        };
        keep_candidates(candidates, there & !have_factor(n, &DIVISORS[FIRST_DIVISORS..]), n, places);
    }
}

/// Which of eight integers have one of the divisors.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn have_factor(n: __m512i, divisors: &[Divisor]) -> __mmask8 {
    divisors.iter().fold(0, |any, divisor| {
        let quotient = _mm512_mullo_epi64(n, _mm512_set1_epi64(divisor.inverse.cast_signed()));
        any | _mm512_cmple_epu64_mask(quotient, _mm512_set1_epi64(divisor.greatest.cast_signed()))
    })
}

/// Append what a mask keeps.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn keep_candidates(candidates: &mut Candidates, keep: __mmask8, n: __m512i, places: __m512i) {
    let len = candidates.len;
    // Compressed in a register: straight to memory is slow on Zen 4.
    let (n, places) = (_mm512_maskz_compress_epi64(keep, n), _mm512_maskz_compress_epi64(keep, places));
    let (to_numbers, to_places) = (&mut candidates.numbers[len..len + LANES], &mut candidates.places[len..len + LANES]);
    // SAFETY: both slices have eight items.
    unsafe {
        _mm512_storeu_si512(to_numbers.as_mut_ptr().cast(), n);
        _mm256_storeu_si256(to_places.as_mut_ptr().cast(), _mm512_cvtepi64_epi32(places));
    }
    candidates.len += keep.count_ones() as usize;
}

/// What has passed Fermat's half.
struct Passed {
    numbers: [u64; LUCAS_LEN],
    /// Where it was among the candidates.
    places: [usize; LUCAS_LEN],
    parameters: [u64; LUCAS_LEN],
    /// The digits of a residue of 1.
    low: [u64; LUCAS_LEN],
    high: [u64; LUCAS_LEN],
    len: usize,
}

/// Tell which of the candidates are prime.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn test_all(numbers: &[u64], found: &mut dyn FnMut(usize)) {
    let nothing = [0; LUCAS_LEN];
    let mut passed =
        Passed { numbers: nothing, places: [0; LUCAS_LEN], parameters: nothing, low: nothing, high: nothing, len: 0 };
    let (mut low, mut high) = ([0; FERMAT_LEN], [0; FERMAT_LEN]);
    for (group, start) in numbers.chunks(FERMAT_LEN).zip((0..).step_by(FERMAT_LEN)) {
        let largest = group.iter().copied().max().unwrap_or(0);
        // Where some are missing, or much shorter than the others, the largest stands in for them.
        let mut lanes = [largest; FERMAT_LEN];
        let mut mask = 0u32;
        for (lane, &n) in group.iter().enumerate() {
            if n.leading_zeros() <= largest.leading_zeros() + SPREAD_BITS {
                lanes[lane] = n;
                mask |= 1 << lane;
            } else if is_prime_without_small_factors(n) {
                found(start + lane);
            }
        }
        mask &= fermat(&lanes, u64::BITS - largest.leading_zeros(), &mut low, &mut high);
        while mask != 0 {
            let lane = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            let Some(parameter) = selfridge::parameter(lanes[lane]) else { continue };
            let len = passed.len;
            passed.numbers[len] = lanes[lane];
            passed.places[len] = start + lane;
            passed.parameters[len] = parameter;
            passed.low[len] = low[lane];
            passed.high[len] = high[lane];
            passed.len += 1;
            if passed.len == LUCAS_LEN {
                tell_primes(&mut passed, found);
            }
        }
    }
    if passed.len > 0 {
        for i in passed.len..LUCAS_LEN {
            passed.numbers[i] = passed.numbers[0];
            passed.parameters[i] = passed.parameters[0];
            passed.low[i] = passed.low[0];
            passed.high[i] = passed.high[0];
        }
        tell_primes(&mut passed, found);
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn tell_primes(passed: &mut Passed, found: &mut dyn FnMut(usize)) {
    let mask = lucas(passed);
    (0..passed.len).filter(|lane| mask >> lane & 1 == 1).for_each(|lane| found(passed.places[lane]));
    passed.len = 0;
}

/// Which of the integers, which have at most `bits` bits, pass Fermat's test to base 2; and for each a residue of
/// `2^-(n - 1)`, below 2^73: of 1, where it passes.
///
/// The exponent is -(n - 1), as in `ladders.rs`: a residue of 2^-c is 2^(104 - c). With `c` the upper bits of
/// `n - 1`, rounded up, and the rest of them to be subtracted, it goes on to twice `c` at each step, and the bits of
/// the rest come in by shifts.
///
/// What is added to a residue is `n` at each step. As long as `c` is small, such a residue is 2^(104 - c) and what came
/// of these `n`: a window turns `k n` into less than `(8 k + 152) n`, or 1500 n after three windows. The longest
/// integers begin with a `c` of at least 32, those with ten bits less are there after ten steps, which is four windows.
/// From then on each residue is below 2^73: its square, divided by 2^104, is below 2^42; with `n` added and shifted by
/// 7 bits it is below 2^73 again.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn fermat(numbers: &[u64; FERMAT_LEN], bits: u32, low: &mut [u64; FERMAT_LEN], high: &mut [u64; FERMAT_LEN]) -> u32 {
    let zero = _mm512_setzero_si512();
    let one = _mm512_set1_epi64(1);
    let steps = bits.saturating_sub(FIRST_WINDOW_BITS);
    let mut moduli = [Modulus { n: Wide { low: zero, high: zero }, inverse: zero }; FERMAT_VECTORS];
    let mut powers = [moduli[0].n; FERMAT_VECTORS];
    let mut rests = [zero; FERMAT_VECTORS];
    for (vector, numbers) in numbers.chunks_exact(LANES).enumerate() {
        // SAFETY: these are eight integers.
        let n = unsafe { _mm512_loadu_si512(numbers.as_ptr().cast()) };
        moduli[vector] = Modulus::new(n);
        // (n - 1) / 2^steps, rounded up; and 2^(104 - c): one of the two shifts leaves nothing.
        let count = _mm512_set1_epi64(i64::from(steps));
        let above = _mm512_srlv_epi64(_mm512_sub_epi64(n, _mm512_set1_epi64(2)), count);
        let c = _mm512_add_epi64(above, one);
        powers[vector] = Wide {
            low: _mm512_and_si512(
                _mm512_sllv_epi64(one, _mm512_sub_epi64(_mm512_set1_epi64(104), c)),
                _mm512_set1_epi64(MASK_52),
            ),
            high: _mm512_sllv_epi64(one, _mm512_sub_epi64(_mm512_set1_epi64(52), c)),
        };
        // 1 - n modulo 2^steps, its bits on top.
        let top = _mm512_set1_epi64(i64::from(u64::BITS - steps));
        rests[vector] = _mm512_sllv_epi64(_mm512_sub_epi64(one, n), top);
    }
    let windows = steps.div_ceil(WINDOW_BITS);
    // The first of these windows has what the others leave.
    let mut window_bits = steps - (windows.max(1) - 1) * WINDOW_BITS;
    for window in 0..windows {
        for _ in 1..window_bits {
            for (power, modulus) in powers.iter_mut().zip(&moduli) {
                *power = if window < WIDE_WINDOWS {
                    modulus.mul_add(*power, *power, modulus.n)
                } else {
                    modulus.square_add(*power, modulus.n)
                };
            }
        }
        let keep = _mm512_set1_epi64(i64::from(u64::BITS - window_bits));
        let gone = _mm512_set1_epi64(i64::from(window_bits));
        for ((power, modulus), rest) in powers.iter_mut().zip(&moduli).zip(&mut rests) {
            let square = if window < WIDE_WINDOWS {
                modulus.mul_add(*power, *power, modulus.n)
            } else {
                modulus.square_add(*power, modulus.n)
            };
            *power = square.shifted(_mm512_srlv_epi64(*rest, keep));
            *rest = _mm512_sllv_epi64(*rest, gone);
        }
        window_bits = WINDOW_BITS;
    }
    let plain_one = Wide { low: one, high: zero };
    let mut passes = 0;
    for vector in 0..FERMAT_VECTORS {
        let (modulus, power) = (moduli[vector], powers[vector].clean());
        // Divided by 2^104 once more and with n added, it is an integer from 1 to n.
        let integer = modulus.mul_add(power, plain_one, modulus.n);
        passes |= u32::from(integer.equals(plain_one)) << (vector * LANES);
        // SAFETY: each array has eight integers from there on.
        unsafe {
            _mm512_storeu_si512(low[vector * LANES..][..LANES].as_mut_ptr().cast(), power.low);
            _mm512_storeu_si512(high[vector * LANES..][..LANES].as_mut_ptr().cast(), power.high);
        }
    }
    passes
}

/// Which of the integers pass the Lucas half: see `ladders.rs`.
///
/// Each residue is the quotient of a square or product, below 2^38, plus an integer below 5 n.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn lucas(passed: &Passed) -> u32 {
    let zero = _mm512_setzero_si512();
    let nothing = Wide { low: zero, high: zero };
    let mut moduli = [Modulus { n: nothing, inverse: zero }; LUCAS_VECTORS];
    let (mut p, mut two) = ([nothing; LUCAS_VECTORS], [nothing; LUCAS_VECTORS]);
    let (mut minus_p, mut minus_two) = (p, two);
    let mut changes = [zero; LUCAS_VECTORS];
    let largest = passed.numbers.iter().copied().max().unwrap_or(0);
    let steps = u64::BITS - (largest / 2 + 1).leading_zeros();
    for vector in 0..LUCAS_VECTORS {
        let lanes = vector * LANES..(vector + 1) * LANES;
        let load = |numbers: &[u64; LUCAS_LEN]| {
            // SAFETY: these are eight integers.
            unsafe { _mm512_loadu_si512(numbers[lanes.clone()].as_ptr().cast()) }
        };
        let n = load(&passed.numbers);
        let modulus = Modulus::new(n);
        let one = Wide { low: load(&passed.low), high: load(&passed.high) };
        // The parameter has a factor of 2^64 where the residues here have 2^104. A residue of 1, shifted, has 2^114,
        // two of them 2^124, and with another two 2^144; these times the parameter are what they should be.
        let ten = _mm512_set1_epi64(10);
        let shifted = one.shifted(ten);
        let factor = modulus.mul_add(shifted, shifted, modulus.n).shifted(ten);
        let factor = modulus.mul_add(factor, shifted, modulus.n);
        p[vector] = modulus.mul_add(Wide::of(load(&passed.parameters)), factor, modulus.n);
        let one = modulus.mul_add(one, one, modulus.n);
        two[vector] = one.shifted(_mm512_set1_epi64(1));
        // Both 1 and p are now below 2 n.
        minus_p[vector] = p[vector].taken_from(3, modulus.n);
        minus_two[vector] = two[vector].taken_from(5, modulus.n);
        let k = _mm512_add_epi64(_mm512_srli_epi64::<1>(n), _mm512_set1_epi64(1));
        let top = _mm512_set1_epi64(i64::from(u64::BITS - steps));
        changes[vector] = _mm512_sllv_epi64(_mm512_xor_si512(k, _mm512_srli_epi64::<1>(k)), top);
        moduli[vector] = modulus;
    }
    let (mut square, mut product) = (two, p);
    for _ in 0..steps {
        for vector in 0..LUCAS_VECTORS {
            let change = _mm512_movepi64_mask(changes[vector]);
            changes[vector] = _mm512_slli_epi64::<1>(changes[vector]);
            let base = Wide::chosen(change, square[vector], product[vector]);
            product[vector] = moduli[vector].mul_add(square[vector], product[vector], minus_p[vector]);
            square[vector] = moduli[vector].square_add(base, minus_two[vector]);
        }
    }
    let mut mask = 0;
    for vector in 0..LUCAS_VECTORS {
        let modulus = moduli[vector];
        // (n + 1) / 2 is odd exactly where n has a clear second bit.
        let is_even = _mm512_test_epi64_mask(modulus.n.low, _mm512_set1_epi64(2));
        let v = Wide::chosen(is_even, product[vector], square[vector]);
        let next = Wide::chosen(is_even, square[vector], product[vector]);
        // 2 v_(k+1) - p v_k, and as an integer from 1 to n, as in Fermat's half.
        let left = modulus.mul_add(two[vector], next, modulus.n).clean();
        let right = modulus.mul_add(p[vector], v, modulus.n).taken_from(3, modulus.n);
        let sum = Wide::carried(_mm512_add_epi64(left.low, right.low), _mm512_add_epi64(left.high, right.high));
        let integer = modulus.mul_add(sum, Wide::of(_mm512_set1_epi64(1)), modulus.n);
        mask |= u32::from(integer.equals(modulus.n)) << (vector * LANES);
    }
    mask
}
