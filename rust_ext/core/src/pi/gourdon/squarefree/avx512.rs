//! Leaves listed sixteen places at a time.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::x86_64::{
    _mm256_cmpgt_epu16_mask, _mm256_loadu_si256, _mm256_movepi16_mask, _mm256_set1_epi16, _mm512_add_epi32,
    _mm512_loadu_si512, _mm512_maskz_compress_epi32, _mm512_set1_epi32, _mm512_storeu_si512,
};

use super::codes::{LISTED_PLACES, Leaves, ODD, PLACES_AT_ONCE};
use crate::arithmetic::wheel30::{MODULUS, WORD_OFFSETS};

/// List the integers of whole turns of places, the first of which stands for `first`, whose least
/// prime factor is behind the b-th prime: those with an odd number of prime factors and those with an even one. Returns
/// how many they are.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,popcnt")]
pub(crate) fn list(codes: &[u16], first: u32, b: u16, leaves: &mut Leaves) -> [usize; 2] {
    const INTEGERS: [u32; PLACES_AT_ONCE] = {
        let mut integers = [0; PLACES_AT_ONCE];
        let mut i = 0;
        while i < PLACES_AT_ONCE {
            integers[i] = (WORD_OFFSETS[i] - WORD_OFFSETS[0]) as u32;
            i += 1;
        }
        integers
    };
    assert!(codes.len() <= LISTED_PLACES && leaves.iter().all(|list| list.len() >= LISTED_PLACES + PLACES_AT_ONCE));
    // SAFETY: sixteen integers of four bytes.
    let mut m = unsafe { _mm512_loadu_si512(INTEGERS.as_ptr().cast()) };
    m = _mm512_add_epi32(m, _mm512_set1_epi32(first.cast_signed()));
    let step = _mm512_set1_epi32(2 * MODULUS as i32);
    let even_b = _mm256_set1_epi16(b.cast_signed());
    let odd_b = _mm256_set1_epi16((b | ODD).cast_signed());
    let mut listed = [0; 2];
    for codes in codes.as_chunks::<PLACES_AT_ONCE>().0 {
        // SAFETY: sixteen integers of two bytes.
        let codes = unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) };
        let odd = _mm256_cmpgt_epu16_mask(codes, odd_b);
        let even = _mm256_cmpgt_epu16_mask(codes, even_b) & !_mm256_movepi16_mask(codes);
        for ((list, listed), chosen) in leaves.iter_mut().zip(&mut listed).zip([odd, even]) {
            // SAFETY: no more are listed than there were places, and the list has room for a step beyond those.
            unsafe {
                _mm512_storeu_si512(list.as_mut_ptr().add(*listed).cast(), _mm512_maskz_compress_epi32(chosen, m));
            }
            *listed += chosen.count_ones() as usize;
        }
        m = _mm512_add_epi32(m, step);
    }
    listed
}
