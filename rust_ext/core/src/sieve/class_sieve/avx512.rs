//! Hits of sixteen primes at a time: `mod.rs` says what is done here and why.

#![allow(unsafe_code, reason = "vectors are loaded and stored where no bounds are checked")]

#[allow(clippy::wildcard_imports, reason = "the names of instructions tell where they come from")]
use std::arch::x86_64::*;

const LANES: usize = 16;

/// Places that are looked at before the hits among them are set: a list of 2 KiB at most.
const LISTED: usize = 512;

/// Set the bits of a segment whose numbers are among some places.
///
/// Most primes that have one hit at most have none: the hits alone are listed.
///
/// # Safety
///
/// The processor has the level.
#[target_feature(enable = "avx512f,bmi1,bmi2,popcnt")]
pub(crate) unsafe fn singles(segment: &mut [u8], places: &[u32]) {
    assert!(segment.len() < 1 << 24);
    let end = _mm512_set1_epi32((8 * segment.len() as u32).cast_signed());
    let mut hits = [0u32; LISTED + LANES];
    for places in places.chunks(LISTED) {
        let mut len = 0;
        for places in places.as_chunks::<LANES>().0 {
            // SAFETY: there are sixteen.
            let places = unsafe { _mm512_loadu_si512(places.as_ptr().cast()) };
            let is_hit = _mm512_cmplt_epu32_mask(places, end);
            // The byte, and in the lowest eight bits the mask.
            let bit = _mm512_and_si512(places, _mm512_set1_epi32(7));
            let mask = _mm512_sllv_epi32(_mm512_set1_epi32(1), bit);
            let byte = _mm512_andnot_si512(_mm512_set1_epi32(0xFF), _mm512_slli_epi32::<5>(places));
            let hit = _mm512_maskz_compress_epi32(is_hit, _mm512_or_si512(byte, mask));
            // SAFETY: `len` counts some of the places of this chunk, LISTED at most; the list has LANES more.
            unsafe { _mm512_storeu_si512(hits.as_mut_ptr().add(len).cast(), hit) };
            len += is_hit.count_ones() as usize;
        }
        for &hit in &hits[..len] {
            // SAFETY: only places below the bits of the segment were listed.
            unsafe { *segment.get_unchecked_mut((hit >> 8) as usize) |= hit as u8 };
        }
    }
}
