//! Far primes, four at a time: `mod.rs` says what is done here and why.

#![allow(unsafe_code, reason = "vectors are loaded and stored where no bounds are checked")]

#[allow(clippy::wildcard_imports, reason = "the names of instructions tell where they come from")]
use std::arch::aarch64::*;

use super::buckets::{Buckets, CALL_HITS};
use super::by_class::{self, HALF_GAPS, INVERSES, STEPS};
use super::by_multiple::{self, CLASS_OF_HALF, MAGIC, MAGIC_SHIFT, NO_CLASS};
use super::span::{Span, WIDTH_LIMIT};
use crate::bitmap::classes210::MODULUS;
use crate::cpu::neon::{LANES, compress};

/// Vectors of primes that go through the classes together: for each load of an end, and their instructions overlap.
const VECTORS: usize = 4;

/// Put all hits of some primes into the buckets.
///
/// # Safety
///
/// The primes ascend, and each bucket has room for `class_bits / primes[0] + 1` hits of each and for [`LANES`] more.
#[target_feature(enable = "neon")]
pub(crate) unsafe fn by_class(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    let (groups, rest) = primes.as_chunks::<{ VECTORS * LANES }>();
    let limit = vdupq_n_u32(span.class_bits);
    for group in groups {
        let zero = vdupq_n_u32(0);
        let (mut p, mut first, mut steps) = ([zero; VECTORS], [zero; VECTORS], [[zero; VECTORS]; STEPS]);
        for (i, primes) in group.as_chunks().0.iter().enumerate() {
            let unit;
            (p[i], first[i], unit) = start(primes, span);
            let minus_double = subtract(subtract(zero, unit, p[i]), unit, p[i]);
            for half_gap in 1..STEPS {
                steps[half_gap][i] = subtract(steps[half_gap - 1][i], minus_double, p[i]);
            }
        }
        let most = span.class_bits / group[0] as u32 + 1;
        let (bits, ends) = buckets.parts();
        for (end, &half_gap) in ends.iter_mut().zip(&HALF_GAPS) {
            let bits = bits.as_mut_ptr();
            for i in 0..VECTORS {
                first[i] = subtract(first[i], steps[usize::from(half_gap)][i], p[i]);
                let mut bit = first[i];
                for turn in 0..most {
                    // Most primes have one hit at most.
                    if turn > 0 {
                        bit = vaddq_u32(bit, p[i]);
                    }
                    let (hits, count) = compress(vcltq_u32(bit, limit), bit);
                    // SAFETY: group[0] is not below primes[0]: the hits stay within the room, this vector's unused
                    // lanes within the LANES behind it.
                    unsafe { vst1q_u32(bits.add(*end), hits) };
                    *end += count;
                }
            }
        }
    }
    by_class::collect(rest, span, buckets);
}

/// Primes, the first bit of class 0 of each, and 1 / 210 modulo it: as `by_class` has them for one prime.
///
/// All integers here are below 2^53, and so exact as doubles.
#[inline]
#[target_feature(enable = "neon")]
fn start(primes: &[u64; LANES], span: &Span) -> (uint32x4_t, uint32x4_t, uint32x4_t) {
    let (one, modulus) = (vdupq_n_f64(1.0), vdupq_n_f64(f64::from(MODULUS)));
    let halves = load(primes).map(|p| {
        let (cofactor, offset) = multiple(p, span);
        let class = vcvtq_u64_f64(remainder(p));
        // SAFETY: all lanes are below 210, the length of the table.
        let inverse = |class| unsafe { *INVERSES.get_unchecked(class as usize) };
        let inverses = [inverse(vgetq_lane_u64::<0>(class)), inverse(vgetq_lane_u64::<1>(class))];
        // SAFETY: two are read, of two.
        let inverse = unsafe { vld1q_f64(inverses.as_ptr()) };
        let ahead = add_if_negative(vsubq_f64(inverse, remainder(cofactor)), modulus);
        let first = by_modulus(vfmaq_f64(vsubq_f64(offset, one), ahead, p));
        let unit = by_modulus(vfmaq_f64(one, vsubq_f64(modulus, inverse), p));
        (p, first, unit)
    });
    let p = narrow(halves.map(|(p, _, _)| p));
    // From between -p / 8 and p to below p.
    let first = narrow(halves.map(|(_, first, _)| first));
    (p, vminq_u32(first, vaddq_u32(first, p)), narrow(halves.map(|(_, _, unit)| unit)))
}

/// A cofactor, and how far that multiple lies beyond the base: as `span` has it for one prime.
#[inline]
#[target_feature(enable = "neon")]
fn multiple(p: float64x2_t, span: &Span) -> (float64x2_t, float64x2_t) {
    let quotient = vrndmq_f64(vdivq_f64(vdupq_n_f64(span.below), p));
    let cofactor = vaddq_f64(quotient, vdupq_n_f64(1.0));
    // Rounded once, and an integer below 2^34: exact.
    let beyond_high = vfmaq_f64(vdupq_n_f64(-span.high), cofactor, p);
    (cofactor, vsubq_f64(beyond_high, vdupq_n_f64(span.low)))
}

/// `n` modulo 210, for integers below 2^48.
///
/// `(n + 1/2) / 210` is at least 1 / 420 away from all integers, and comes out within 2^-11: its floor is right.
#[inline]
#[target_feature(enable = "neon")]
fn remainder(n: float64x2_t) -> float64x2_t {
    let quotient = vrndmq_f64(by_modulus(vaddq_f64(n, vdupq_n_f64(0.5))));
    vfmsq_f64(n, quotient, vdupq_n_f64(f64::from(MODULUS)))
}

/// `n / 210`, within a relative error of 2^-52.
#[inline]
#[target_feature(enable = "neon")]
fn by_modulus(n: float64x2_t) -> float64x2_t {
    vmulq_n_f64(n, 1.0 / f64::from(MODULUS))
}

#[inline]
#[target_feature(enable = "neon")]
fn add_if_negative(n: float64x2_t, summand: float64x2_t) -> float64x2_t {
    vaddq_f64(n, only(vcltzq_f64(n), summand))
}

/// The lanes that are all ones in `which`, and zero for the others.
#[inline]
#[target_feature(enable = "neon")]
fn only(which: uint64x2_t, lanes: float64x2_t) -> float64x2_t {
    vreinterpretq_f64_u64(vandq_u64(which, vreinterpretq_u64_f64(lanes)))
}

/// `a - b` modulo `p`, for `a` and `b` below `p < 2^31`: whichever does not wrap, with or without `p`, is the smaller.
#[inline]
#[target_feature(enable = "neon")]
fn subtract(a: uint32x4_t, b: uint32x4_t, p: uint32x4_t) -> uint32x4_t {
    let difference = vsubq_u32(a, b);
    vminq_u32(difference, vaddq_u32(difference, p))
}

/// In a staged hit, the half residue lies in that many bits below the bit's number.
const HALF_BITS: i32 = 7;

/// Bit `h % 8` of byte `h / 8` tells whether the odd residue `2 h + 1` is coprime to 210.
static COPRIME_HALVES: [u8; 16] = {
    let mut bytes = [0; 16];
    let mut half = 0;
    while half < CLASS_OF_HALF.len() {
        if CLASS_OF_HALF[half] != NO_CLASS {
            bytes[half / 8] |= 1 << (half % 8);
        }
        half += 1;
    }
    bytes
};

/// Put all hits of some primes into the buckets.
///
/// # Safety
///
/// The primes ascend, and have at most [`CALL_HITS`] odd multiples among them; each bucket has room for as many.
#[target_feature(enable = "neon")]
pub(crate) unsafe fn by_multiple(primes: &[u64], span: &Span, buckets: &mut Buckets) {
    let (batches, rest) = primes.as_chunks::<LANES>();
    let mut staged = [0u32; CALL_HITS + LANES];
    let mut len = 0;
    let width = vdupq_n_u32(span.width());
    // SAFETY: the table has 16 bytes.
    let coprime_halves = unsafe { vld1q_u8(COPRIME_HALVES.as_ptr()) };
    for batch in batches {
        let (mut offset, step) = odd_multiples(batch, span);
        loop {
            // No step leads from below WIDTH_LIMIT to 2^31.
            let within = vcltq_u32(offset, width);
            if vmaxvq_u32(within) == 0 {
                break;
            }
            let low = vreinterpretq_u32_u64(vmull_n_u32(vget_low_u32(offset), MAGIC as u32));
            let high = vreinterpretq_u32_u64(vmull_high_n_u32(offset, MAGIC as u32));
            let bit = vshrq_n_u32::<{ MAGIC_SHIFT.cast_signed() - 32 }>(vuzp2q_u32(low, high));
            let half = vshrq_n_u32::<1>(vmlsq_n_u32(offset, bit, MODULUS));
            // The lowest byte of each lane is that of the half; the others are not looked at.
            let bytes = vqtbl1q_u8(coprime_halves, vreinterpretq_u8_u32(vshrq_n_u32::<3>(half)));
            let mask = vshlq_u32(vdupq_n_u32(1), vreinterpretq_s32_u32(vandq_u32(half, vdupq_n_u32(7))));
            let is_hit = vtstq_u32(vreinterpretq_u32_u8(bytes), vandq_u32(within, mask));
            let (hits, count) = compress(is_hit, vsliq_n_u32::<HALF_BITS>(half, bit));
            // SAFETY: `len` counts odd multiples, of which there are at most CALL_HITS; the array has LANES more.
            unsafe { vst1q_u32(staged.as_mut_ptr().add(len), hits) };
            len += count;
            // Where it was not within the width, it stays.
            offset = vaddq_u32(offset, vandq_u32(within, step));
        }
    }
    let (bits, ends) = buckets.parts();
    for &hit in &staged[..len] {
        let class = CLASS_OF_HALF[(hit % (1 << HALF_BITS)) as usize];
        // SAFETY: the residue of a hit is coprime to 210, its class one of those that there are.
        let end = unsafe { ends.get_unchecked_mut(usize::from(class)) };
        // SAFETY: each bucket has room for CALL_HITS, and `len` is not above that.
        unsafe { *bits.get_unchecked_mut(*end) = hit >> HALF_BITS };
        *end += 1;
    }
    by_multiple::collect(rest, span, buckets);
}

/// How far the first odd multiples lie beyond the base, and the way from one to the next, each at most
/// [`WIDTH_LIMIT`].
#[inline]
#[target_feature(enable = "neon")]
fn odd_multiples(primes: &[u64; LANES], span: &Span) -> (uint32x4_t, uint32x4_t) {
    let limit = vdupq_n_f64(f64::from(WIDTH_LIMIT));
    let halves = load(primes).map(|p| {
        let (_, offset) = multiple(p, span);
        let double = vaddq_f64(p, p);
        let half = vmulq_n_f64(offset, 0.5);
        let even = vceqq_f64(vrndmq_f64(half), half);
        let odd = add_if_negative(vaddq_f64(offset, only(even, p)), double);
        (vminq_f64(odd, limit), vminq_f64(double, limit))
    });
    (narrow(halves.map(|(odd, _)| odd)), narrow(halves.map(|(_, double)| double)))
}

/// The two halves of four integers below 2^53, as doubles.
#[inline]
#[target_feature(enable = "neon")]
fn load(integers: &[u64; LANES]) -> [float64x2_t; 2] {
    let (low, high) = integers.split_at(2);
    // SAFETY: each half has 2 items.
    [low, high].map(|half| vcvtq_f64_u64(unsafe { vld1q_u64(half.as_ptr()) }))
}

/// The two halves of four integers, or of what is nearly so, modulo 2^32.
#[inline]
#[target_feature(enable = "neon")]
fn narrow(halves: [float64x2_t; 2]) -> uint32x4_t {
    let [low, high] = halves.map(|half| vreinterpretq_u32_s64(vcvtnq_s64_f64(half)));
    vuzp1q_u32(low, high)
}
