//! Far primes, sixteen at a time: `mod.rs` says what is done here and why.

#![allow(unsafe_code, reason = "vectors are loaded and stored where no bounds are checked")]

#[allow(clippy::wildcard_imports, reason = "the names of instructions tell where they come from")]
use std::arch::x86_64::*;

use super::buckets::{Buckets, CALL_HITS, FETCHED_AHEAD, LANES};
use super::by_class::{self, HALF_GAPS, INVERSES, STEPS};
use super::by_multiple::{self, CLASS_OF_HALF, MAGIC, MAGIC_SHIFT, NO_CLASS};
use super::span::{Span, WIDTH_LIMIT};
use crate::bitmap::classes210::MODULUS;
use crate::cpu::prefetch::fetch;

/// Sixteen primes below 2^31 on their way through the classes.
struct Batch {
    p: __m512i,
    /// Each prime's first bit in the present class.
    first: __m512i,
    /// Each prime's step to the next class, for each half gap.
    steps: [__m512i; STEPS],
}

/// Put all hits of some primes into the buckets.
///
/// # Safety
///
/// The processor has the level. The primes ascend, and each bucket has room for `class_bits / primes[0] + 1` hits of
/// each and for [`LANES`] more.
#[target_feature(enable = "avx512f,avx512dq,popcnt")]
pub(crate) unsafe fn by_class(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    let (pairs, rest) = primes.as_chunks::<{ 2 * LANES }>();
    let limit = _mm512_set1_epi32(span.class_bits.cast_signed());
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
            // Two batches for each load of an end: their instructions overlap.
            for batch in [&mut one, &mut other] {
                batch.first = subtract(batch.first, batch.steps[usize::from(half_gap)], batch.p);
                let mut bit = batch.first;
                for _ in 0..sure {
                    // SAFETY: `sure` and `unsure` add up to class_bits / pair[0] + 1, and pair[0] is not below
                    // primes[0]: the hits stay within the room, this vector's unused lanes within the LANES behind it.
                    unsafe { _mm512_storeu_si512(bits.add(*end).cast(), bit) };
                    *end += LANES;
                    bit = _mm512_add_epi32(bit, batch.p);
                }
                for _ in 0..unsure {
                    let is_hit = _mm512_cmplt_epu32_mask(bit, limit);
                    // To a register, then to memory: straight to memory this instruction is very slow on Zen 4.
                    let hits = _mm512_maskz_compress_epi32(is_hit, bit);
                    // SAFETY: as above.
                    unsafe { _mm512_storeu_si512(bits.add(*end).cast(), hits) };
                    *end += is_hit.count_ones() as usize;
                    bit = _mm512_add_epi32(bit, batch.p);
                }
            }
        }
    }
    by_class::collect(rest, span, buckets);
}

impl Batch {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn new(primes: &[u64], span: &Span) -> Self {
        let [low, high] = load(primes);
        let (first_low, unit_low) = start(low, span);
        let (first_high, unit_high) = start(high, span);
        let p = join(_mm512_cvtepi64_epi32(low), _mm512_cvtepi64_epi32(high));
        // From between -p / 8 and p to below p.
        let first = join(first_low, first_high);
        let first = _mm512_min_epu32(first, _mm512_add_epi32(first, p));
        let unit = join(unit_low, unit_high);
        let minus_double = subtract(subtract(_mm512_setzero_si512(), unit, p), unit, p);
        let mut steps = [_mm512_setzero_si512(); STEPS];
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
#[target_feature(enable = "avx512f,avx512dq")]
fn start(primes: __m512i, span: &Span) -> (__m256i, __m256i) {
    let one = _mm512_set1_pd(1.0);
    let modulus = _mm512_set1_pd(f64::from(MODULUS));
    let p = _mm512_cvtepu64_pd(primes);
    let cofactor = _mm512_add_pd(floor(_mm512_div_pd(_mm512_set1_pd(span.below), p)), one);
    // Rounded once, and an integer below 2^33: exact.
    let beyond_high = _mm512_fmsub_pd(cofactor, p, _mm512_set1_pd(span.high));
    let offset = _mm512_sub_pd(beyond_high, _mm512_set1_pd(span.low));

    let class = _mm512_cvtpd_epi32(remainder(p));
    // SAFETY: all lanes are below 210, the length of the table.
    let inverse = unsafe { _mm512_i32gather_pd::<8>(class, INVERSES.as_ptr()) };
    let ahead = _mm512_sub_pd(inverse, remainder(cofactor));
    let ahead = _mm512_mask_add_pd(ahead, _mm512_movepi64_mask(_mm512_castpd_si512(ahead)), ahead, modulus);
    let first = by_modulus(_mm512_fmadd_pd(ahead, p, _mm512_sub_pd(offset, one)));
    let unit = by_modulus(_mm512_fmadd_pd(_mm512_sub_pd(modulus, inverse), p, one));
    (_mm512_cvtpd_epi32(first), _mm512_cvtpd_epi32(unit))
}

/// `n` modulo 210, for integers below 2^48.
///
/// `(n + 1/2) / 210` is at least 1 / 420 away from all integers, and comes out within 2^-11: its floor is right.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn remainder(n: __m512d) -> __m512d {
    let quotient = floor(by_modulus(_mm512_add_pd(n, _mm512_set1_pd(0.5))));
    _mm512_fnmadd_pd(quotient, _mm512_set1_pd(f64::from(MODULUS)), n)
}

/// `n / 210`, within a relative error of 2^-52.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn by_modulus(n: __m512d) -> __m512d {
    _mm512_mul_pd(n, _mm512_set1_pd(1.0 / f64::from(MODULUS)))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn floor(x: __m512d) -> __m512d {
    _mm512_roundscale_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(x)
}

/// `a - b` modulo `p`, for `a` and `b` below `p < 2^31`: whichever does not wrap, with or without `p`, is the smaller.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn subtract(a: __m512i, b: __m512i, p: __m512i) -> __m512i {
    let difference = _mm512_sub_epi32(a, b);
    _mm512_min_epu32(difference, _mm512_add_epi32(difference, p))
}

/// Put all hits of some primes into the buckets.
///
/// # Safety
///
/// The processor has the level. The primes ascend, and have at most [`CALL_HITS`] odd multiples among them; each bucket
/// has room for as many.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vbmi,popcnt")]
pub(crate) unsafe fn by_multiple(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    let (batches, rest) = primes.as_chunks::<LANES>();
    let mut staged = [0u32; CALL_HITS + LANES];
    let mut len = 0;
    let width = _mm512_set1_epi32(span.width().cast_signed());
    let magic = _mm512_set1_epi64(MAGIC);
    let (low_classes, high_classes) = CLASS_OF_HALF.split_at(64);
    // SAFETY: each part has 64 bytes.
    let (low_classes, high_classes) =
        unsafe { (_mm512_loadu_si512(low_classes.as_ptr().cast()), _mm512_loadu_si512(high_classes.as_ptr().cast())) };
    for batch in batches {
        let [low, high] = load(batch);
        let (offset_low, step_low) = odd_multiples(low, span);
        let (offset_high, step_high) = odd_multiples(high, span);
        let mut offset = join(offset_low, offset_high);
        let step = join(step_low, step_high);
        let mut within = _mm512_cmplt_epu32_mask(offset, width);
        while within != 0 {
            let even = _mm512_srli_epi64::<MAGIC_SHIFT>(_mm512_mul_epu32(offset, magic));
            let odd = _mm512_mul_epu32(_mm512_srli_epi64::<32>(offset), magic);
            let bit = _mm512_mask_blend_epi32(0xAAAA, even, _mm512_srli_epi64::<{ MAGIC_SHIFT - 32 }>(odd));
            let residue = _mm512_sub_epi32(offset, _mm512_mullo_epi32(bit, _mm512_set1_epi32(MODULUS.cast_signed())));
            // Half of the residue, which is odd, as the index in each lane's highest byte; there the class comes out.
            let index = _mm512_slli_epi32::<23>(residue);
            let class = _mm512_maskz_permutex2var_epi8(0x8888_8888_8888_8888, low_classes, index, high_classes);
            let hit = _mm512_or_si512(class, bit);
            let no_class = _mm512_set1_epi32(i32::from(NO_CLASS) << 24);
            let is_hit = _mm512_mask_cmplt_epu32_mask(within, hit, no_class);
            let hits = _mm512_maskz_compress_epi32(is_hit, hit);
            // SAFETY: `len` counts odd multiples, of which there are at most CALL_HITS; the array has LANES more.
            unsafe { _mm512_storeu_si512(staged.as_mut_ptr().add(len).cast(), hits) };
            len += is_hit.count_ones() as usize;
            offset = _mm512_add_epi32(offset, step);
            within = _mm512_mask_cmplt_epu32_mask(within, offset, width);
        }
    }
    let (bits, ends) = buckets.parts();
    for &hit in &staged[..len] {
        // SAFETY: a hit's highest byte is below NO_CLASS, the number of classes.
        let end = unsafe { ends.get_unchecked_mut((hit >> 24) as usize) };
        // SAFETY: each bucket has room for CALL_HITS, and `len` is not above that.
        unsafe { *bits.get_unchecked_mut(*end) = hit & 0xFF_FFFF };
        fetch(bits, *end + FETCHED_AHEAD);
        *end += 1;
    }
    by_multiple::collect(rest, span, buckets);
}

/// How far the first odd multiples lie beyond the base, and the way from one to the next. What is beyond 2^31 is given
/// as some number that is not below [`WIDTH_LIMIT`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn odd_multiples(p: __m512i, span: &Span) -> (__m256i, __m256i) {
    let quotient = _mm512_cvttpd_epu64(_mm512_div_pd(_mm512_set1_pd(span.below), _mm512_cvtepu64_pd(p)));
    let base = _mm512_set1_epi64(span.base.cast_signed());
    let offset = _mm512_add_epi64(_mm512_mullo_epi64(quotient, p), _mm512_sub_epi64(p, base));
    let even = _mm512_testn_epi64_mask(offset, _mm512_set1_epi64(1));
    let odd = _mm512_mask_add_epi64(offset, even, offset, p);
    let double = _mm512_add_epi64(p, p);
    // A negative one wraps.
    let odd = _mm512_min_epu64(odd, _mm512_add_epi64(odd, double));
    let step = _mm512_min_epu64(double, _mm512_set1_epi64(i64::from(WIDTH_LIMIT)));
    (_mm512_cvtusepi64_epi32(odd), _mm512_cvtepi64_epi32(step))
}

/// The two halves of sixteen integers.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn load(integers: &[u64]) -> [__m512i; 2] {
    let (low, high) = integers[..LANES].split_at(8);
    // SAFETY: each half has 8 items.
    unsafe { [_mm512_loadu_si512(low.as_ptr().cast()), _mm512_loadu_si512(high.as_ptr().cast())] }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn join(low: __m256i, high: __m256i) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
}
