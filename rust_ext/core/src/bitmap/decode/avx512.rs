//! Decoding with VBMI2: one instruction gathers the offsets of a word's primes, 64 at a time; the rest is to widen
//! them.

#![allow(unsafe_code, reason = "vectors are stored through pointers")]

use std::arch::x86_64::{
    __m512i, _mm_bsrli_si128, _mm512_add_epi64, _mm512_castsi512_si128, _mm512_cvtepu8_epi64,
    _mm512_extracti32x4_epi32, _mm512_loadu_si512, _mm512_maskz_compress_epi8, _mm512_set1_epi64, _mm512_storeu_si512,
};
use std::mem::MaybeUninit;

use super::decoded::{Decoded, WORD_LEN};
use crate::arithmetic::wheel30::{MODULUS, WORD_OFFSETS};
use crate::cpu::prefetch::fetch;

/// Integers of one vector.
const LANES: usize = 8;

/// How far ahead, in integers, the lines are fetched that will be written: stores to memory that lies outside the
/// second-level cache would wait for it. The first 10^5, 10^6 and 10^7 primes took 14.3, 785 and 20,000 us instead of
/// 17.5, 875 and 25,000. From 256 to 2048 it hardly matters.
const FETCHED_AHEAD: usize = 512;

/// As `decode_bit_by_bit` in `mod.rs`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,popcnt")]
pub(crate) fn decode_roomy(bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
    // SAFETY: 64 bytes are read, of 64.
    let offsets = unsafe { _mm512_loadu_si512(WORD_OFFSETS.as_ptr().cast()) };
    let step = _mm512_set1_epi64((8 * MODULUS).cast_signed());
    // Words beyond 2^64, which have no clear bits, wrap.
    let mut base = _mm512_set1_epi64(MODULUS.wrapping_mul(first_byte).cast_signed());
    let mut len = 0;
    for (i, word) in bytes.chunks_exact(8).enumerate() {
        let room = out[len..].first_chunk_mut::<WORD_LEN>();
        let Some(room) = room.filter(|_| len < enough) else {
            return Decoded { bytes: 8 * i, len };
        };
        let primes = !u64::from_le_bytes(word.try_into().expect("eight bytes"));
        let found = _mm512_maskz_compress_epi8(primes, offsets);
        let count = primes.count_ones() as usize;
        // As many lines as most words fill.
        for line in 0..3 {
            fetch(room, FETCHED_AHEAD + LANES * line);
        }
        let to = room.as_mut_ptr();
        let store = |at: usize, numbers: __m512i| {
            // SAFETY: `at` is at most 56, so that the eight integers lie in the room for 64.
            unsafe { _mm512_storeu_si512(to.add(at).cast(), numbers) };
        };
        // Past the last one this writes what the next word overwrites. Three vectors hold all primes of most words
        // above the small primes, so that the branch below is seldom mispredicted.
        let (low, middle) = (_mm512_castsi512_si128(found), _mm512_extracti32x4_epi32::<1>(found));
        store(0, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(low)));
        store(LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(_mm_bsrli_si128::<8>(low))));
        store(2 * LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(middle)));
        if count > 3 * LANES {
            let (third, last) = (_mm512_extracti32x4_epi32::<2>(found), _mm512_extracti32x4_epi32::<3>(found));
            store(3 * LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(_mm_bsrli_si128::<8>(middle))));
            store(4 * LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(third)));
            store(5 * LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(_mm_bsrli_si128::<8>(third))));
            store(6 * LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(last)));
            store(7 * LANES, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(_mm_bsrli_si128::<8>(last))));
        }
        len += count;
        base = _mm512_add_epi64(base, step);
    }
    Decoded { bytes: bytes.len(), len }
}
