//! Counts at places that vectors find, and the counts before the lines of a segment.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers, and quotients looked up unchecked")]

use std::arch::aarch64::{
    vaddq_u32, vaddvq_u32, vdupq_laneq_u32, vdupq_n_u32, vextq_u32, vgetq_lane_u32, vld1q_u8, vld1q_u64, vpadalq_u16,
    vpaddlq_u8, vpaddlq_u16, vpaddq_u16, vreinterpretq_u8_u64, vst1q_u32, vsubq_u32,
};

use super::layout::{LINE_BYTES, PER_WORD};
use crate::cpu::neon::LANES;
use crate::pi::coprime_words::MASKS;
use crate::pi::quotients::neon::find;
use crate::pi::quotients::{BATCH_LEN, Divisors, quotients};

/// The sum over the `m` of how many integers of a segment are left up to `quotient / m`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 240 * counts.len()`, and for each line of eight words there is what is left before.
#[target_feature(enable = "neon")]
pub(crate) unsafe fn count(bytes: &[u8], counts: &[u8], before: &[u32], lo: u64, quotient: u64, m: Divisors) -> u64 {
    let (words, lines) = (bytes.as_chunks::<8>().0, counts.as_chunks::<8>().0);
    let mut sum = 0;
    let (mut quotients_buffer, mut places) = ([0; BATCH_LEN], [[0; 2]; BATCH_LEN]);
    let (mut kept, mut counts_kept) = ([0; BATCH_LEN], [0; BATCH_LEN]);
    for m in m.batches(BATCH_LEN) {
        let len = m.len();
        quotients(quotient, m, &mut quotients_buffer);
        find::<{ PER_WORD as u32 }, 7>(&quotients_buffer, lo, len, &mut places);
        for ((kept, counts), &[word, rest]) in kept.iter_mut().zip(&mut counts_kept).zip(&places[..len]) {
            let (word, rest) = (word as usize, rest as usize);
            // SAFETY: the caller's, and a remainder is less than the length of the masks.
            let (bits, mask, line, before) = unsafe {
                (
                    words.get_unchecked(word),
                    MASKS.get_unchecked(rest),
                    lines.get_unchecked(word / 8),
                    before.get_unchecked(word / 8),
                )
            };
            *kept = u64::from_le_bytes(*bits) & mask;
            *counts = u64::from_le_bytes(*line) & ((1 << (8 * (word % 8))) - 1);
            sum += u64::from(*before);
        }
        sum += u64::from(kept[..len].iter().map(|kept| kept.count_ones()).sum::<u32>());
        let even_len = len.next_multiple_of(2);
        counts_kept[len..even_len].fill(0);
        sum += sum_of_bytes(&counts_kept[..even_len]);
    }
    sum
}

/// The sum of all bytes of pairs of words.
#[inline]
#[target_feature(enable = "neon")]
fn sum_of_bytes(words: &[u64]) -> u64 {
    let mut sums = vdupq_n_u32(0);
    for pair in words.as_chunks::<2>().0 {
        // SAFETY: two integers of eight bytes.
        let bytes = vreinterpretq_u8_u64(unsafe { vld1q_u64(pair.as_ptr()) });
        sums = vpadalq_u16(sums, vpaddlq_u8(bytes));
    }
    u64::from(vaddvq_u32(sums))
}

/// Sum the counters of the words up by lines; returns how many are left.
#[target_feature(enable = "neon")]
pub(crate) fn sum_up(counts: &[u8], before: &mut [u32]) -> u64 {
    /// The counters of one line for each lane.
    const COUNTERS: usize = LANES * LINE_BYTES / 8;
    let zero = vdupq_n_u32(0);
    let mut total = zero;
    for (counts, before) in counts.as_chunks::<COUNTERS>().0.iter().zip(before.as_chunks_mut::<LANES>().0) {
        // SAFETY: two times sixteen bytes.
        let (low, high) = unsafe { (vld1q_u8(counts.as_ptr()), vld1q_u8(counts.as_ptr().add(16))) };
        let in_line = vpaddlq_u16(vpaddq_u16(vpaddlq_u8(low), vpaddlq_u8(high)));
        let up_to = vaddq_u32(in_line, vextq_u32::<3>(zero, in_line));
        let up_to = vaddq_u32(total, vaddq_u32(up_to, vextq_u32::<2>(zero, up_to)));
        // SAFETY: four integers of four bytes.
        unsafe { vst1q_u32(before.as_mut_ptr(), vsubq_u32(up_to, in_line)) };
        total = vdupq_laneq_u32::<3>(up_to);
    }
    u64::from(vgetq_lane_u32::<3>(total))
}
