//! The counts of a segment, and look-ups of eight counts at a time.

#![allow(unsafe_code, reason = "vectors are loaded and gathered through pointers")]

use std::arch::x86_64::{
    __m512i, _mm_cvtsi128_si64, _mm512_add_epi32, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512,
    _mm512_andnot_si512, _mm512_castsi512_si128, _mm512_castsi512_si256, _mm512_cvtepu16_epi32, _mm512_cvtepu32_epi64,
    _mm512_extracti64x4_epi64, _mm512_i64gather_epi32, _mm512_loadu_si512, _mm512_mask_i64gather_epi64,
    _mm512_maskz_permutexvar_epi8, _mm512_maskz_srli_epi64, _mm512_mul_epu32, _mm512_permutexvar_epi8,
    _mm512_permutexvar_epi16, _mm512_permutexvar_epi32, _mm512_permutexvar_epi64, _mm512_popcnt_epi64,
    _mm512_reduce_add_epi64, _mm512_sad_epu8, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setr_epi32,
    _mm512_setzero_si512, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_storeu_si512, _mm512_sub_epi64,
};

use super::layout::{GROUP_BYTES, GROUP_LINES, LINE_BYTES, RUN_BYTES};
use crate::arithmetic::wheel30::MODULUS;
use crate::pi::coprime_words::UP_TO;
use crate::pi::quotients::avx512::{DOUBLES_BELOW, FIRST_BYTES, LANES, quotients, without_highest};
use crate::pi::quotients::{Divisors, EXACT_BELOW};

/// Words of one group of lines.
const GROUP_WORDS: usize = GROUP_BYTES / 8;

/// The sum over `quotient / m` of how many integers the segment has up to there.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 30 * bytes.len()`, and that is less than 2^24 integers; the bytes are whole lines,
/// with one of `counts` for each word and one of `before` for each line.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
pub(crate) unsafe fn count(
    bytes: &[u8],
    counts: &[u8],
    before: &[u32],
    lo: u64,
    quotient: u64,
    m: Divisors,
    quick_gathers: bool,
) -> u64 {
    // SAFETY: the caller's.
    unsafe {
        if quotient < EXACT_BELOW {
            count_quotients::<true>(bytes, counts, before, lo, quotient, m, quick_gathers)
        } else if quotient < DOUBLES_BELOW {
            count_quotients::<true>(bytes, counts, before, lo, quotient, Divisors::alone(m.m()), quick_gathers)
        } else {
            count_quotients::<false>(bytes, counts, before, lo, quotient, m, quick_gathers)
        }
    }
}

/// # Safety
///
/// As [`count`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
unsafe fn count_quotients<const EXACT: bool>(
    bytes: &[u8],
    counts: &[u8],
    before: &[u32],
    lo: u64,
    quotient: u64,
    m: Divisors,
    quick_gathers: bool,
) -> u64 {
    /// How many bits of a byte stand for integers behind.
    const BEHIND: [u8; 64] = {
        let mut behind = [0; 64];
        let mut r = 0;
        while r < 30 {
            behind[r] = 8 - UP_TO[r];
            r += 1;
        }
        behind
    };
    // SAFETY: 64 bytes.
    let behind = unsafe { _mm512_loadu_si512(BEHIND.as_ptr().cast()) };
    let thirty = _mm512_set1_epi64(MODULUS.cast_signed());
    // 2^32 / 30, rounded up, which is 14 / 30 too much: right below 2^32 / 14.
    let thirtieth = _mm512_set1_epi64(143_165_577);
    let (in_word, in_line) = (_mm512_set1_epi64(7), _mm512_set1_epi64(56));
    let bits_of_line = _mm512_set1_epi64(64);
    let zero = _mm512_setzero_si512();
    let mut sum = zero;
    let mut sum_before = 0;
    for start in (0..m.len()).step_by(LANES) {
        let (n, lanes) = quotients::<EXACT>(quotient, lo, m, start);
        let byte = _mm512_srli_epi64::<32>(_mm512_mul_epu32(n, thirtieth));
        let rest = _mm512_sub_epi64(n, _mm512_mul_epu32(byte, thirty));
        // Where there is no quotient, the first line, before which there is nothing.
        let (word, line) = (_mm512_srli_epi64::<3>(byte), _mm512_maskz_srli_epi64::<6>(lanes, byte));
        // SAFETY: the quotients lie in the segment.
        let [word, counts] = unsafe {
            [(word, bytes), (line, counts)]
                .map(|(at, bytes)| _mm512_mask_i64gather_epi64::<8>(zero, lanes, at, bytes.as_ptr().cast()))
        };
        // Of the byte, and with the bytes behind it in its word.
        let behind = _mm512_maskz_permutexvar_epi8(FIRST_BYTES, rest, behind);
        let behind = _mm512_add_epi64(behind, _mm512_slli_epi64::<3>(_mm512_andnot_si512(byte, in_word)));
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(without_highest(word, behind)));
        // Of the words before it in its line.
        let behind = _mm512_sub_epi64(bits_of_line, _mm512_and_si512(byte, in_line));
        sum = _mm512_add_epi64(sum, _mm512_sad_epu8(without_highest(counts, behind), zero));
        if quick_gathers {
            // SAFETY: the lines lie in the segment.
            let before = unsafe { _mm512_i64gather_epi32::<4>(line, before.as_ptr().cast()) };
            sum = _mm512_add_epi64(sum, _mm512_cvtepu32_epi64(before));
        } else {
            let mut stored = [0u64; LANES];
            // SAFETY: eight integers of eight bytes.
            unsafe { _mm512_storeu_si512(stored.as_mut_ptr().cast(), line) };
            for &line in &stored[..lanes.count_ones() as usize] {
                // SAFETY: the line lies in the segment.
                sum_before += u64::from(unsafe { *before.get_unchecked(line as usize) });
            }
        }
    }
    _mm512_reduce_add_epi64(sum) as u64 + sum_before
}

/// Fill the counters of the words and the counts before the lines of whole groups; returns how many bits are set. If
/// they are to `CLEAR`, those that a pattern does not have are cleared first: it is one period, whose byte `at` belongs
/// to the first of `bytes`, and [`RUN_BYTES`] more.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
pub(crate) fn count_lines<const CLEAR: bool>(
    bytes: &mut [u8],
    pattern: &[u8],
    mut at: usize,
    counts: &mut [u8],
    before: &mut [u32],
) -> u64 {
    /// From eight lines side by side to one behind the other.
    const ORDER: [u8; 64] = {
        let mut order = [0; 64];
        let mut i = 0;
        while i < 64 {
            order[i] = (i % 8 * 8 + i / 8) as u8;
            i += 1;
        }
        order
    };
    // SAFETY: 64 bytes.
    let order = unsafe { _mm512_loadu_si512(ORDER.as_ptr().cast()) };
    let period = if CLEAR { pattern.len().saturating_sub(RUN_BYTES) } else { 1 };
    assert!(at < period);
    let step = RUN_BYTES % period;
    let zero = _mm512_setzero_si512();
    let mut total = zero;
    let groups = bytes.as_chunks_mut::<GROUP_BYTES>().0.iter_mut().zip(counts.as_chunks_mut::<GROUP_WORDS>().0);
    for ((bytes, counts), before) in groups.zip(before.as_chunks_mut().0) {
        let mut counts_of_group = [zero; 4];
        let runs = bytes.as_chunks_mut::<RUN_BYTES>().0.iter_mut().zip(counts.as_chunks_mut::<LINE_BYTES>().0);
        for ((run, counts), counts_of_run) in runs.zip(&mut counts_of_group) {
            let mut words = [zero; 8];
            for (i, (words, line)) in words.iter_mut().zip(run.as_chunks_mut::<LINE_BYTES>().0).enumerate() {
                // SAFETY: there are 64 bytes of a line, and a run of a pattern from any place in its period on.
                unsafe {
                    let mut bits = _mm512_loadu_si512(line.as_ptr().cast());
                    if CLEAR {
                        let left = _mm512_loadu_si512(pattern.as_ptr().add(at + LINE_BYTES * i).cast());
                        bits = _mm512_and_si512(bits, left);
                        _mm512_storeu_si512(line.as_mut_ptr().cast(), bits);
                    }
                    *words = _mm512_popcnt_epi64(bits);
                }
            }
            at += step;
            at -= if at >= period { period } else { 0 };
            let side_by_side =
                words.into_iter().rev().fold(zero, |lines, line| _mm512_add_epi64(_mm512_slli_epi64::<8>(lines), line));
            *counts_of_run = _mm512_permutexvar_epi8(order, side_by_side);
            // SAFETY: 64 bytes.
            unsafe { _mm512_storeu_si512(counts.as_mut_ptr().cast(), *counts_of_run) };
        }
        total = sum_up_group(counts_of_group, total, before);
    }
    _mm_cvtsi128_si64(_mm512_castsi512_si128(total)) as u64
}

/// Sum the counters of the words of whole groups up to the counts before the lines; returns the sum of all.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
pub(crate) fn sum_up(counts: &[u8], before: &mut [u32]) -> u64 {
    let mut total = _mm512_setzero_si512();
    for (counts, before) in counts.as_chunks::<GROUP_WORDS>().0.iter().zip(before.as_chunks_mut().0) {
        // SAFETY: 64 bytes of 256 each.
        let counts = [0, 64, 128, 192].map(|at| unsafe { _mm512_loadu_si512(counts[at..].as_ptr().cast()) });
        total = sum_up_group(counts, total, before);
    }
    _mm_cvtsi128_si64(_mm512_castsi512_si128(total)) as u64
}

/// One group: each lane of `counts` has those of a line, and each of `total`, as of what is returned, the sum so far.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,bmi1,bmi2,lzcnt,popcnt")]
fn sum_up_group(counts: [__m512i; 4], total: __m512i, before: &mut [u32; GROUP_LINES]) -> __m512i {
    /// From four times eight lines side by side to one behind the other.
    const ORDER: [u16; GROUP_LINES] = {
        let mut order = [0; GROUP_LINES];
        let mut i = 0;
        while i < GROUP_LINES {
            order[i] = (i % 8 * 4 + i / 8) as u16;
            i += 1;
        }
        order
    };
    // SAFETY: 64 bytes.
    let order = unsafe { _mm512_loadu_si512(ORDER.as_ptr().cast()) };
    let zero = _mm512_setzero_si512();
    let [a, b, c, d] = counts.map(|counts| _mm512_sad_epu8(counts, zero));
    let (ab, cd) = (_mm512_add_epi64(a, _mm512_slli_epi64::<16>(b)), _mm512_add_epi64(c, _mm512_slli_epi64::<16>(d)));
    let left = _mm512_permutexvar_epi16(order, _mm512_add_epi64(ab, _mm512_slli_epi64::<32>(cd)));
    // A lane has four lines now. Within it, the sums up to each, and before it;
    let up_to = _mm512_add_epi64(left, _mm512_slli_epi64::<16>(left));
    let up_to = _mm512_add_epi64(up_to, _mm512_slli_epi64::<32>(up_to));
    let within = _mm512_slli_epi64::<16>(up_to);
    // the sums up to each lane, and before it.
    let in_lane = _mm512_srli_epi64::<48>(up_to);
    let sums = _mm512_add_epi64(in_lane, _mm512_alignr_epi64::<7>(in_lane, zero));
    let sums = _mm512_add_epi64(sums, _mm512_alignr_epi64::<6>(sums, zero));
    let sums = _mm512_add_epi64(sums, _mm512_alignr_epi64::<4>(sums, zero));
    let before_lane = _mm512_add_epi64(total, _mm512_sub_epi64(sums, in_lane));
    let halves = [_mm512_castsi512_si256(within), _mm512_extracti64x4_epi64::<1>(within)];
    for ((half, before), first) in halves.into_iter().zip(before.as_chunks_mut::<16>().0).zip([0, 8]) {
        let lane = _mm512_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6);
        let before_lane = _mm512_permutexvar_epi32(_mm512_add_epi32(lane, _mm512_set1_epi32(first)), before_lane);
        let sums = _mm512_add_epi32(_mm512_cvtepu16_epi32(half), before_lane);
        // SAFETY: sixteen integers of four bytes.
        unsafe { _mm512_storeu_si512(before.as_mut_ptr().cast(), sums) };
    }
    _mm512_add_epi64(total, _mm512_permutexvar_epi64(_mm512_set1_epi64(7), sums))
}
