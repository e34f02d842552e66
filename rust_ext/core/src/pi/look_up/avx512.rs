//! Look-ups of eight quotients at a time.
//!
//! Gathering loads fetch the words. Where these are slow, eight words that lie close together are permuted out of two
//! vectors.

#![allow(unsafe_code, reason = "vectors are loaded and gathered through pointers")]

use std::arch::x86_64::{
    _mm_cvtsi128_si64, _mm512_add_epi64, _mm512_castsi512_si128, _mm512_loadu_si512, _mm512_mask_i64gather_epi64,
    _mm512_maskz_permutexvar_epi8, _mm512_mul_epu32, _mm512_permutex2var_epi64, _mm512_permutexvar_epi64,
    _mm512_popcnt_epi64, _mm512_reduce_add_epi64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64,
    _mm512_sub_epi64,
};

use super::layout::MORE_WORDS;
use crate::pi::coprime_words::UP_TO;
use crate::pi::quotients::avx512::{DOUBLES_BELOW, FIRST_BYTES, LANES, quotients, without_highest};
use crate::pi::quotients::{Divisors, EXACT_BELOW};

/// The number of words in two vectors.
const WINDOW: usize = 2 * LANES;
const _: () = assert!(WINDOW <= MORE_WORDS);

/// The sum of pi over `quotient / q`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 120 * (words.len() - MORE_WORDS)`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
pub(crate) unsafe fn look_up(words: &[u64], lo: u64, quotient: u64, q: Divisors, quick_gathers: bool) -> u64 {
    // SAFETY: the caller's.
    unsafe {
        if quotient < EXACT_BELOW {
            look_up_quotients::<true>(words, lo, quotient, q, quick_gathers)
        } else if quotient < DOUBLES_BELOW {
            look_up_quotients::<true>(words, lo, quotient, Divisors::alone(q.m()), quick_gathers)
        } else {
            look_up_quotients::<false>(words, lo, quotient, q, quick_gathers)
        }
    }
}

/// # Safety
///
/// As [`look_up`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
unsafe fn look_up_quotients<const EXACT: bool>(
    words: &[u64],
    lo: u64,
    quotient: u64,
    q: Divisors,
    quick_gathers: bool,
) -> u64 {
    /// The number of bits in a word that stand for integers after this one, plus the half of the word that is a count.
    const BEHIND: [u8; 64] = {
        let mut behind = [64; 64];
        let mut i = 1;
        while i < 60 {
            behind[i] = 64 - UP_TO[2 * i - 1];
            i += 1;
        }
        behind
    };
    // SAFETY: 64 bytes.
    let behind = unsafe { _mm512_loadu_si512(BEHIND.as_ptr().cast()) };
    let sixty = _mm512_set1_epi64(60);
    // 2^37 / 60, rounded up: right for all 32-bit dividends.
    let sixtieth = _mm512_set1_epi64(0x8888_8889);
    let last = _mm512_set1_epi64(7);
    let mut sum = _mm512_setzero_si512();
    for start in (0..q.len()).step_by(LANES) {
        // One more than the distance to the first integer; half of that is different for each odd integer.
        let (n, lanes) = quotients::<EXACT>(quotient, lo - 1, q, start);
        let half = _mm512_srli_epi64::<1>(n);
        let word = _mm512_srli_epi64::<37>(_mm512_mul_epu32(half, sixtieth));
        let rest = _mm512_sub_epi64(half, _mm512_mul_epu32(word, sixty));
        let behind = _mm512_maskz_permutexvar_epi8(FIRST_BYTES, rest, behind);
        let found = 'found: {
            if !quick_gathers && lanes == 0xFF {
                let lowest = _mm512_permutexvar_epi64(last, word);
                let [highest, at] = [word, lowest].map(|word| _mm_cvtsi128_si64(_mm512_castsi512_si128(word)) as usize);
                if highest.wrapping_sub(at) < WINDOW {
                    // SAFETY: the table has `MORE_WORDS` more than it needs.
                    let [a, b] = unsafe { [0, 8].map(|i| _mm512_loadu_si512(words.as_ptr().add(at + i).cast())) };
                    break 'found _mm512_permutex2var_epi64(a, _mm512_sub_epi64(word, lowest), b);
                }
            }
            // SAFETY: the quotients lie in the table, or one behind it, where there is a word more.
            unsafe { _mm512_mask_i64gather_epi64::<8>(_mm512_setzero_si512(), lanes, word, words.as_ptr().cast()) }
        };
        sum = _mm512_add_epi64(sum, _mm512_srli_epi64::<32>(found));
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(without_highest(found, behind)));
    }
    _mm512_reduce_add_epi64(sum) as u64
}
