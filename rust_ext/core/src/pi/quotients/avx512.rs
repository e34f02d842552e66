//! Quotients of eight divisors at a time, and helpers that the look-ups of these quotients share.
//!
//! `mod.rs` shows which quotients are exact with reciprocals. Subtracting an integer before the product is rounded does
//! not increase the error. Without reciprocals, a quotient `floor(x / m)` of integers below 2^53 is the double `x / m`,
//! rounded, without its fraction: if `x / m` is not an integer it lies at least `1 / m` below the next one, `n`, and as
//! `m (n - 1) < 2^53`, no rounding crosses that gap. A larger `x` is itself rounded. Together, both errors move a
//! quotient below 2^51 by less than 1, and the remainder shows by how much.

#![allow(unsafe_code, reason = "vectors are loaded through pointers, and one shift is written as an instruction")]

use std::arch::asm;
use std::arch::x86_64::{
    __m512i, _bzhi_u32, _mm256_mask_loadu_epi32, _mm256_set1_epi32, _mm512_cmple_epu64_mask, _mm512_cvtepu32_epi64,
    _mm512_cvtepu32_pd, _mm512_cvttpd_epu64, _mm512_div_pd, _mm512_fmsub_pd, _mm512_mask_add_epi64,
    _mm512_mask_sub_epi64, _mm512_maskz_loadu_pd, _mm512_movepi64_mask, _mm512_mullo_epi64, _mm512_set1_epi64,
    _mm512_set1_pd, _mm512_sub_epi64,
};

use super::Divisors;

/// Quotients of one step.
pub(crate) const LANES: usize = 8;

/// The first byte of each lane.
pub(crate) const FIRST_BYTES: u64 = 0x0101_0101_0101_0101;

/// Dividends below this are doubles.
pub(crate) const DOUBLES_BELOW: u64 = 1 << 53;

/// `floor(x / m) - lo` for the eight `m` from `start` on, by their reciprocals if these are known; and a mask of the
/// lanes that have an `m`. Other lanes may hold anything.
#[inline]
#[target_feature(enable = "bmi2,avx512f,avx512dq,avx512vl")]
pub(crate) fn quotients<const EXACT: bool>(x: u64, lo: u64, m: Divisors, start: usize) -> (__m512i, u8) {
    let lanes = _bzhi_u32(0xFF, (m.m.len() - start).min(LANES) as u32) as u8;
    if EXACT && m.reciprocals.len() == m.m.len() {
        // SAFETY: the mask has as many lanes as there are reciprocals.
        let reciprocals = unsafe { _mm512_maskz_loadu_pd(lanes, m.reciprocals.as_ptr().add(start)) };
        let (h, lo) = (_mm512_set1_pd(x as f64 + 0.5), _mm512_set1_pd(lo as f64));
        return (_mm512_cvttpd_epu64(_mm512_fmsub_pd(h, reciprocals, lo)), lanes);
    }
    // SAFETY: the mask has as many lanes as there are integers.
    let m = unsafe {
        let first = _mm256_set1_epi32(m.m[0].cast_signed());
        _mm256_mask_loadu_epi32(first, lanes, m.m.as_ptr().add(start).cast())
    };
    let lo = _mm512_set1_epi64(lo.cast_signed());
    let quotients = _mm512_cvttpd_epu64(_mm512_div_pd(_mm512_set1_pd(x as f64), _mm512_cvtepu32_pd(m)));
    if EXACT {
        return (_mm512_sub_epi64(quotients, lo), lanes);
    }
    let m = _mm512_cvtepu32_epi64(m);
    let rest = _mm512_sub_epi64(_mm512_set1_epi64(x.cast_signed()), _mm512_mullo_epi64(quotients, m));
    let one = _mm512_set1_epi64(1);
    // The remainder is between -m and 2 m.
    let above = _mm512_movepi64_mask(rest);
    let below = !above & _mm512_cmple_epu64_mask(m, rest);
    let quotients = _mm512_mask_sub_epi64(quotients, above, quotients, one);
    (_mm512_sub_epi64(_mm512_mask_add_epi64(quotients, below, quotients, one), lo), lanes)
}

/// Shift left by `count`, which drops the highest bits; the result is 0 if `count` is 64 or more.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn without_highest(bits: __m512i, count: __m512i) -> __m512i {
    let moved;
    // For the intrinsic, the compiler compares the counts with 64 first, which the instruction does not need: pi(10^15)
    // took 2 % longer. SAFETY: registers alone.
    unsafe {
        asm!(
            "vpsllvq {}, {}, {}", out(zmm_reg) moved, in(zmm_reg) bits, in(zmm_reg) count,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    moved
}
