//! The leaves of `pi/gourdon`, eight at a time, and the counts of its segments.
//!
//! Quotients come by floating point, look-ups by gathering. Where gathering is slow, eight that are close together are
//! permuted out of two vectors.
//!
//! With the reciprocals of the divisors, `pi/quotients.rs` shows what is exact; an integer that is taken off before the
//! product is rounded makes the error no larger. Without them, a quotient `floor(x / m)` of integers below 2^53 is the
//! double `x / m`, rounded, without its fraction: if `x / m` is not an integer it lies at least `1 / m` below the next
//! one, `n`, and as `m (n - 1) < 2^53` no rounding bridges that. A larger `x` is itself rounded, and together that
//! moves a quotient below 2^51 by less than 1, which the remainder tells.

#![allow(unsafe_code, reason = "vectors are loaded and gathered through pointers")]

use std::arch::asm;
use std::arch::x86_64::{
    __m512i, _bzhi_u32, _mm_cvtsi128_si64, _mm256_cmpgt_epu16_mask, _mm256_loadu_si256, _mm256_mask_loadu_epi32,
    _mm256_movepi16_mask, _mm256_set1_epi16, _mm256_set1_epi32, _mm512_add_epi32, _mm512_add_epi64,
    _mm512_alignr_epi64, _mm512_and_si512, _mm512_andnot_si512, _mm512_castsi512_si128, _mm512_castsi512_si256,
    _mm512_cmple_epu64_mask, _mm512_cvtepu16_epi32, _mm512_cvtepu32_epi64, _mm512_cvtepu32_pd, _mm512_cvttpd_epu64,
    _mm512_div_pd, _mm512_extracti64x4_epi64, _mm512_fmsub_pd, _mm512_i64gather_epi32, _mm512_loadu_si512,
    _mm512_mask_add_epi64, _mm512_mask_i64gather_epi64, _mm512_mask_sub_epi64, _mm512_maskz_compress_epi32,
    _mm512_maskz_loadu_pd, _mm512_maskz_permutexvar_epi8, _mm512_maskz_srli_epi64, _mm512_movepi64_mask,
    _mm512_mul_epu32, _mm512_mullo_epi64, _mm512_permutex2var_epi64, _mm512_permutexvar_epi8, _mm512_permutexvar_epi16,
    _mm512_permutexvar_epi32, _mm512_permutexvar_epi64, _mm512_popcnt_epi64, _mm512_reduce_add_epi64, _mm512_sad_epu8,
    _mm512_set1_epi32, _mm512_set1_epi64, _mm512_set1_pd, _mm512_setr_epi32, _mm512_setzero_si512, _mm512_slli_epi64,
    _mm512_srli_epi64, _mm512_storeu_si512, _mm512_sub_epi64,
};

use crate::pi::gourdon::segment::{self, GROUP_BYTES, GROUP_LINES, LINE_BYTES, RUN_BYTES};
use crate::pi::gourdon::squarefree::{LISTED_PLACES, Leaves, ODD, PLACES_AT_ONCE};
use crate::pi::quotients::{Divisors, EXACT_BELOW};
use crate::pi::table;
use crate::residues::{MODULUS, WORD_OFFSETS};

/// Quotients of one step.
const LANES: usize = 8;

/// Words that two vectors hold.
const WINDOW: usize = 2 * LANES;
const _: () = assert!(WINDOW <= table::MORE_WORDS);

/// Words of one group of lines.
const GROUP_WORDS: usize = GROUP_BYTES / 8;

/// The first byte of each lane.
const FIRST_BYTES: u64 = 0x0101_0101_0101_0101;

/// Dividends below this are doubles.
const DOUBLES_BELOW: u64 = 1 << 53;

/// `floor(x / m) - lo` for the eight `m` from `start` on, by their reciprocals where they are at hand; and which of
/// them there are: the others may come out as anything.
#[inline]
#[target_feature(enable = "bmi2,avx512f,avx512dq,avx512vl")]
fn quotients<const EXACT: bool>(x: u64, lo: u64, m: Divisors, start: usize) -> (__m512i, u8) {
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

/// The bits but so many of the highest, moved up; none of them where that is 64 or more.
#[inline]
#[target_feature(enable = "avx512f")]
fn without_highest(bits: __m512i, count: __m512i) -> __m512i {
    let moved;
    // For the intrinsic, the compiler compares the counts with 64 first, of which the instruction has no need:
    // pi(10^15) took 2 % longer. SAFETY: registers alone.
    unsafe {
        asm!(
            "vpsllvq {}, {}, {}", out(zmm_reg) moved, in(zmm_reg) bits, in(zmm_reg) count,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    moved
}

/// Whether a gathering load takes less than what can replace it. Sapphire Rapids, known by its instructions for half
/// precision, gathers eight words in six cycles: there, pi(10^15) takes 8 % less than with windows of two vectors.
pub(crate) fn gathers_are_quick() -> bool {
    is_x86_feature_detected!("avx512fp16")
}

/// The sum of pi over `quotient / q`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 120 * (words.len() - MORE_WORDS)`.
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
pub(crate) unsafe fn look_up(words: &[u64], lo: u64, quotient: u64, q: Divisors, quick_gathers: bool) -> u64 {
    // SAFETY: the caller's.
    unsafe {
        if quotient < EXACT_BELOW {
            look_up_quotients::<true>(words, lo, quotient, q, quick_gathers)
        } else if quotient < DOUBLES_BELOW {
            look_up_quotients::<true>(words, lo, quotient, Divisors::alone(q.m), quick_gathers)
        } else {
            look_up_quotients::<false>(words, lo, quotient, q, quick_gathers)
        }
    }
}

/// # Safety
///
/// As [`look_up`].
#[inline]
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
unsafe fn look_up_quotients<const EXACT: bool>(
    words: &[u64],
    lo: u64,
    quotient: u64,
    q: Divisors,
    quick_gathers: bool,
) -> u64 {
    /// How many bits of a word stand for integers behind, with the half that is a count.
    const BEHIND: [u8; 64] = {
        let mut behind = [64; 64];
        let mut i = 1;
        while i < 60 {
            behind[i] = 64 - table::UP_TO[2 * i - 1];
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
    for start in (0..q.m.len()).step_by(LANES) {
        // One more than the distance to the first integer: its half tells all odd integers apart.
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
                    // SAFETY: the table has so many words more than it needs.
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

/// The sum over `quotient / m` of how many integers the segment has up to there.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 30 * bytes.len()`, and that is less than 2^24 integers; the bytes are whole lines,
/// with one of `counts` for each word and one of `before` for each line.
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
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
            count_quotients::<true>(bytes, counts, before, lo, quotient, Divisors::alone(m.m), quick_gathers)
        } else {
            count_quotients::<false>(bytes, counts, before, lo, quotient, m, quick_gathers)
        }
    }
}

/// # Safety
///
/// As [`count`].
#[inline]
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
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
            behind[r] = 8 - segment::UP_TO[r];
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
    for start in (0..m.m.len()).step_by(LANES) {
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
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
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
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
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
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
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

/// List the integers of whole turns of places of `squarefree.rs`, the first of which stands for `first`, whose least
/// prime factor is behind the b-th prime: those with an odd number of prime factors and those with an even one. Returns
/// how many they are.
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
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
