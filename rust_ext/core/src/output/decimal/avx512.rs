//! Decimal text with VBMI: the last four digits of sixteen integers at a time, then one permutation for each 64 bytes.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi8, _mm512_castsi256_si512, _mm512_cvtepi64_epi32, _mm512_inserti64x4,
    _mm512_loadu_si512, _mm512_maskz_loadu_epi64, _mm512_mulhi_epu16, _mm512_mullo_epi16, _mm512_or_si512,
    _mm512_permutex2var_epi8, _mm512_set1_epi8, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_slli_epi16,
    _mm512_slli_epi32, _mm512_srli_epi16, _mm512_storeu_si512, _mm512_sub_epi16, _mm512_sub_epi32,
};

use super::run::{LEADING_BYTES, Run, SEPARATOR_BYTES, SLACK_BYTES, Sources};

/// Items that are made at once: their last four digits fill a vector.
const ITEMS: usize = 16;

/// Bytes of a vector.
const BYTES: usize = 64;

/// As `write_one_by_one` in `mod.rs`.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(crate) fn write_run(integers: &[u64], run: &Run, to: &mut [u8]) {
    static SOURCES: Sources<ITEMS, BYTES> = Sources::new();
    let item_len = run.item_len();
    let sources = &SOURCES.of(run)[..(ITEMS * item_len).div_ceil(BYTES)];
    assert!(to.len() >= integers.len() * item_len + SLACK_BYTES);
    let mut common = [0; BYTES];
    common[..LEADING_BYTES].copy_from_slice(&run.leading);
    common[LEADING_BYTES..][..SEPARATOR_BYTES].copy_from_slice(&run.separator);
    // SAFETY: 64 bytes are read, of 64.
    let common = unsafe { _mm512_loadu_si512(common.as_ptr().cast()) };
    let first = _mm512_set1_epi32(run.first as i32);
    for (i, integers) in integers.chunks(ITEMS).enumerate() {
        let (low, high) = integers.split_at(integers.len().min(ITEMS / 2));
        let low_half = |integers: &[u64]| {
            let there = (1u32 << integers.len()).wrapping_sub(1) as __mmask8;
            // SAFETY: only the integers that are there are read.
            _mm512_cvtepi64_epi32(unsafe { _mm512_maskz_loadu_epi64(there, integers.as_ptr().cast()) })
        };
        let integers = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low_half(low)), low_half(high));
        // Of the difference, which is below 10^4, the low half is all.
        let digits = four_digits(_mm512_sub_epi32(integers, first));
        let to = &mut to[ITEMS * item_len * i..];
        for (to, sources) in to.chunks_exact_mut(BYTES).zip(sources) {
            // SAFETY: 64 bytes are read, and written, of 64.
            unsafe {
                let sources = _mm512_loadu_si512(sources.as_ptr().cast());
                _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_permutex2var_epi8(digits, sources, common));
            }
        }
    }
}

/// The four digits, as text, of sixteen integers of 32 bits below 10^4.
///
/// n * 5243 / 2^19 is n / 100 for all of them, and n * 103 / 2^10 is n / 10 below 100.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn four_digits(n: __m512i) -> __m512i {
    let hundreds = _mm512_srli_epi16::<3>(_mm512_mulhi_epu16(n, _mm512_set1_epi16(5243)));
    let rest = _mm512_sub_epi16(n, _mm512_mullo_epi16(hundreds, _mm512_set1_epi16(100)));
    let pairs = _mm512_or_si512(hundreds, _mm512_slli_epi32::<16>(rest));
    let tens = _mm512_srli_epi16::<10>(_mm512_mullo_epi16(pairs, _mm512_set1_epi16(103)));
    let ones = _mm512_sub_epi16(pairs, _mm512_mullo_epi16(tens, _mm512_set1_epi16(10)));
    let digits = _mm512_or_si512(tens, _mm512_slli_epi16::<8>(ones));
    _mm512_add_epi8(digits, _mm512_set1_epi8(b'0'.cast_signed()))
}
