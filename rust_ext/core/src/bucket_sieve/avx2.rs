//! Far primes, eight at a time: `mod.rs` says what is done here and why.

#![allow(unsafe_code, reason = "vectors are loaded and stored where no bounds are checked")]

#[allow(clippy::wildcard_imports, reason = "the names of instructions tell where they come from")]
use std::arch::x86_64::*;

use super::buckets::{Buckets, CALL_HITS, FETCHED_AHEAD};
use super::by_class::{self, HALF_GAPS, INVERSES, STEPS};
use super::by_multiple::{self, CLASS_OF_HALF, MAGIC, MAGIC_SHIFT, NO_CLASS};
use super::span::{Span, WIDTH_LIMIT};
use crate::bitmap::classes210::MODULUS;
use crate::cpu::prefetch::fetch;

const LANES: usize = 8;

/// Eight primes below 2^31 on their way through the classes.
struct Batch {
    p: __m256i,
    /// Each prime's first bit in the present class.
    first: __m256i,
    /// Each prime's step to the next class, for each half gap.
    steps: [__m256i; STEPS],
}

/// Put all hits of some primes into the buckets.
///
/// # Safety
///
/// The processor has the level. The primes ascend, and each bucket has room for `class_bits / primes[0] + 1` hits of
/// each and for [`LANES`] more.
#[target_feature(enable = "avx2,fma,popcnt")]
pub(crate) unsafe fn by_class(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    let (pairs, rest) = primes.as_chunks::<{ 2 * LANES }>();
    let limit = _mm256_set1_epi32(span.class_bits.cast_signed());
    for pair in pairs {
        let (one, other) = pair.split_at(LANES);
        let (mut one, mut other) = (Batch::new(one, span), Batch::new(other, span));
        // Hits in each class that all of these primes have, and further ones that some of them have.
        let sure = span.class_bits / pair[2 * LANES - 1] as u32;
        let unsure = span.class_bits / pair[0] as u32 - sure + 1;
        let (bits, ends) = buckets.parts();
        for (end, &half_gap) in ends.iter_mut().zip(&HALF_GAPS) {
            fetch(bits, *end + FETCHED_AHEAD);
            let bits = bits.as_mut_ptr();
            for batch in [&mut one, &mut other] {
                batch.first = subtract(batch.first, batch.steps[usize::from(half_gap)], batch.p);
                let mut bit = batch.first;
                for _ in 0..sure {
                    // SAFETY: `sure` and `unsure` add up to class_bits / pair[0] + 1, and pair[0] is not below
                    // primes[0]: the hits stay within the room, this vector's unused lanes within the LANES behind it.
                    unsafe { _mm256_storeu_si256(bits.add(*end).cast(), bit) };
                    *end += LANES;
                    bit = _mm256_add_epi32(bit, batch.p);
                }
                for _ in 0..unsure {
                    // Both are below 2^31: a bit that is no hit is not added to again unless p is below `class_bits`.
                    let is_hit = _mm256_cmpgt_epi32(limit, bit);
                    let (hits, count) = compress(is_hit, bit);
                    // SAFETY: as above.
                    unsafe { _mm256_storeu_si256(bits.add(*end).cast(), hits) };
                    *end += count;
                    bit = _mm256_add_epi32(bit, batch.p);
                }
            }
        }
    }
    by_class::collect(rest, span, buckets);
}

impl Batch {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn new(primes: &[u64], span: &Span) -> Self {
        let [low, high] = load(primes);
        let (first_low, unit_low) = start(low, span);
        let (first_high, unit_high) = start(high, span);
        let p = _mm256_set_m128i(_mm256_cvtpd_epi32(high), _mm256_cvtpd_epi32(low));
        // From between -p / 8 and p to below p.
        let first = _mm256_set_m128i(first_high, first_low);
        let first = _mm256_min_epu32(first, _mm256_add_epi32(first, p));
        let unit = _mm256_set_m128i(unit_high, unit_low);
        let minus_double = subtract(subtract(_mm256_setzero_si256(), unit, p), unit, p);
        let mut steps = [_mm256_setzero_si256(); STEPS];
        for half_gap in 1..STEPS {
            steps[half_gap] = subtract(steps[half_gap - 1], minus_double, p);
        }
        Self { p, first, steps }
    }
}

/// The first bit of class 0, if not `p` less, and 1 / 210 modulo `p`: as `by_class` has it for one prime.
///
/// All integers here are below 2^53, and so exact as doubles.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn start(p: __m256d, span: &Span) -> (__m128i, __m128i) {
    let one = _mm256_set1_pd(1.0);
    let modulus = _mm256_set1_pd(f64::from(MODULUS));
    let (cofactor, offset) = multiple(p, span);
    let class = _mm256_cvtpd_epi32(remainder(p));
    // SAFETY: all lanes are below 210, the length of the table.
    let inverse = unsafe { _mm256_i32gather_pd::<8>(INVERSES.as_ptr(), class) };
    let ahead = add_if_negative(_mm256_sub_pd(inverse, remainder(cofactor)), modulus);
    let first = by_modulus(_mm256_fmadd_pd(ahead, p, _mm256_sub_pd(offset, one)));
    let unit = by_modulus(_mm256_fmadd_pd(_mm256_sub_pd(modulus, inverse), p, one));
    (_mm256_cvtpd_epi32(first), _mm256_cvtpd_epi32(unit))
}

/// A cofactor, and how far that multiple lies beyond the base: as `span` has it for one prime.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn multiple(p: __m256d, span: &Span) -> (__m256d, __m256d) {
    let quotient = _mm256_floor_pd(_mm256_div_pd(_mm256_set1_pd(span.below), p));
    let cofactor = _mm256_add_pd(quotient, _mm256_set1_pd(1.0));
    // Rounded once, and an integer below 2^34: exact.
    let beyond_high = _mm256_fmsub_pd(cofactor, p, _mm256_set1_pd(span.high));
    (cofactor, _mm256_sub_pd(beyond_high, _mm256_set1_pd(span.low)))
}

/// `n` modulo 210, for integers below 2^48.
///
/// `(n + 1/2) / 210` is at least 1 / 420 away from all integers, and comes out within 2^-11: its floor is right.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn remainder(n: __m256d) -> __m256d {
    let quotient = _mm256_floor_pd(by_modulus(_mm256_add_pd(n, _mm256_set1_pd(0.5))));
    _mm256_fnmadd_pd(quotient, _mm256_set1_pd(f64::from(MODULUS)), n)
}

/// `n / 210`, within a relative error of 2^-52.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn by_modulus(n: __m256d) -> __m256d {
    _mm256_mul_pd(n, _mm256_set1_pd(1.0 / f64::from(MODULUS)))
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn add_if_negative(n: __m256d, summand: __m256d) -> __m256d {
    _mm256_add_pd(n, _mm256_and_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(n, _mm256_setzero_pd()), summand))
}

/// `a - b` modulo `p`, for `a` and `b` below `p < 2^31`: whichever does not wrap, with or without `p`, is the smaller.
#[inline]
#[target_feature(enable = "avx2")]
fn subtract(a: __m256i, b: __m256i, p: __m256i) -> __m256i {
    let difference = _mm256_sub_epi32(a, b);
    _mm256_min_epu32(difference, _mm256_add_epi32(difference, p))
}

/// In a staged hit, the half residue lies in that many bits below the bit's number.
const HALF_BITS: i32 = 7;

/// Bit `31 - h % 32` of word `h / 32` tells whether the odd residue `2 h + 1` is coprime to 210.
static COPRIME_HALVES: [i32; 8] = {
    let mut words = [0u32; 8];
    let mut half = 0;
    while half < CLASS_OF_HALF.len() {
        if CLASS_OF_HALF[half] != NO_CLASS {
            words[half / 32] |= 1 << (31 - half % 32);
        }
        half += 1;
    }
    let mut signed = [0; 8];
    let mut i = 0;
    while i < 8 {
        signed[i] = words[i].cast_signed();
        i += 1;
    }
    signed
};

/// Put all hits of some primes into the buckets.
///
/// # Safety
///
/// The processor has the level. The primes ascend, and have at most [`CALL_HITS`] odd multiples among them; each bucket
/// has room for as many.
#[target_feature(enable = "avx2,fma,popcnt")]
pub(crate) unsafe fn by_multiple(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    let (batches, rest) = primes.as_chunks::<LANES>();
    let mut staged = [0u32; CALL_HITS + LANES];
    let mut len = 0;
    let width = _mm256_set1_epi32(span.width().cast_signed());
    let magic = _mm256_set1_epi64x(MAGIC);
    // SAFETY: the table has 8 items.
    let coprime_halves = unsafe { _mm256_loadu_si256(COPRIME_HALVES.as_ptr().cast()) };
    for batch in batches {
        let [low, high] = load(batch);
        let (offset_low, step_low) = odd_multiples(low, span);
        let (offset_high, step_high) = odd_multiples(high, span);
        let mut offset = _mm256_set_m128i(offset_high, offset_low);
        let step = _mm256_set_m128i(step_high, step_low);
        loop {
            // No step leads from below WIDTH_LIMIT to 2^31, and what is above has been masked before it wraps.
            let within = _mm256_cmpgt_epi32(width, offset);
            if _mm256_testz_si256(within, within) == 1 {
                break;
            }
            let even = _mm256_srli_epi64::<{ MAGIC_SHIFT.cast_signed() }>(_mm256_mul_epu32(offset, magic));
            let odd = _mm256_mul_epu32(_mm256_srli_epi64::<32>(offset), magic);
            let bit = _mm256_blend_epi32::<0xAA>(even, _mm256_srli_epi64::<{ MAGIC_SHIFT.cast_signed() - 32 }>(odd));
            let residue = _mm256_sub_epi32(offset, _mm256_mullo_epi32(bit, _mm256_set1_epi32(MODULUS.cast_signed())));
            let half = _mm256_srli_epi32::<1>(residue);
            let words = _mm256_permutevar8x32_epi32(coprime_halves, _mm256_srli_epi32::<5>(half));
            let coprime = _mm256_sllv_epi32(words, _mm256_and_si256(half, _mm256_set1_epi32(31)));
            let is_hit = _mm256_and_si256(within, coprime);
            let (hits, count) = compress(is_hit, _mm256_or_si256(_mm256_slli_epi32::<HALF_BITS>(bit), half));
            // SAFETY: `len` counts odd multiples, of which there are at most CALL_HITS; the array has LANES more.
            unsafe { _mm256_storeu_si256(staged.as_mut_ptr().add(len).cast(), hits) };
            len += count;
            // Where it was not within the width, it stays.
            offset = _mm256_add_epi32(offset, _mm256_and_si256(within, step));
        }
    }
    let (bits, ends) = buckets.parts();
    for &hit in &staged[..len] {
        let class = CLASS_OF_HALF[(hit % (1 << HALF_BITS)) as usize];
        // SAFETY: the residue of a hit is coprime to 210, its class one of those that there are.
        let end = unsafe { ends.get_unchecked_mut(usize::from(class)) };
        // SAFETY: each bucket has room for CALL_HITS, and `len` is not above that.
        unsafe { *bits.get_unchecked_mut(*end) = hit >> HALF_BITS };
        fetch(bits, *end + FETCHED_AHEAD);
        *end += 1;
    }
    by_multiple::collect(rest, span, buckets);
}

/// How far the first odd multiples lie beyond the base, and the way from one to the next, each at most
/// [`WIDTH_LIMIT`].
#[inline]
#[target_feature(enable = "avx2,fma")]
fn odd_multiples(p: __m256d, span: &Span) -> (__m128i, __m128i) {
    let (_, offset) = multiple(p, span);
    let double = _mm256_add_pd(p, p);
    let half = _mm256_mul_pd(offset, _mm256_set1_pd(0.5));
    let even = _mm256_cmp_pd::<_CMP_EQ_OQ>(_mm256_floor_pd(half), half);
    let odd = add_if_negative(_mm256_add_pd(offset, _mm256_and_pd(even, p)), double);
    let limit = _mm256_set1_pd(f64::from(WIDTH_LIMIT));
    (_mm256_cvtpd_epi32(_mm256_min_pd(odd, limit)), _mm256_cvtpd_epi32(_mm256_min_pd(double, limit)))
}

/// The two halves of eight integers below 2^52, as doubles.
#[inline]
#[target_feature(enable = "avx2")]
fn load(integers: &[u64]) -> [__m256d; 2] {
    let (low, high) = integers[..LANES].split_at(4);
    // SAFETY: each half has 4 items.
    let (low, high) = unsafe { (_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())) };
    // As the last bits of 2^52, whose unit they are.
    let unit = _mm256_set1_pd((1u64 << 52) as f64);
    [low, high].map(|n| _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(n, _mm256_castpd_si256(unit))), unit))
}

/// The lanes whose sign is set in `which`, moved to the front, and how many they are.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn compress(which: __m256i, lanes: __m256i) -> (__m256i, usize) {
    let mask = _mm256_movemask_ps(_mm256_castsi256_ps(which)) as usize;
    // SAFETY: an item of the table has the 8 bytes that are loaded.
    let order = unsafe { _mm_loadl_epi64((&raw const COMPRESSING[mask]).cast()) };
    (_mm256_permutevar8x32_epi32(lanes, _mm256_cvtepu8_epi32(order)), mask.count_ones() as usize)
}

/// For each set of lanes, its members in ascending order.
static COMPRESSING: [[u8; LANES]; 1 << LANES] = {
    let mut orders = [[0; LANES]; 1 << LANES];
    let mut mask = 0;
    while mask < orders.len() {
        let (mut lane, mut count) = (0, 0);
        while lane < LANES {
            if mask >> lane & 1 == 1 {
                orders[mask][count] = lane as u8;
                count += 1;
            }
            lane += 1;
        }
        mask += 1;
    }
    orders
};
