//! The leaves of `pi/gourdon`: listed eight places at a time, looked up and counted from places that vectors find, and
//! what is before the lines of its segments.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers, and quotients looked up unchecked")]

use std::arch::aarch64::{
    uint32x4x2_t, vaddq_u32, vaddvq_u16, vaddvq_u32, vaddw_high_u16, vaddw_u16, vandq_u16, vcgtq_s16, vcgtq_u16,
    vdupq_laneq_u32, vdupq_n_s16, vdupq_n_u16, vdupq_n_u32, vextq_u32, vget_low_u16, vget_low_u32, vgetq_lane_u32,
    vld1_u8, vld1q_u8, vld1q_u16, vld1q_u64, vmlsq_n_u32, vmovl_u8, vmull_high_n_u32, vmull_n_u32, vorrq_u16,
    vpadalq_u16, vpaddlq_u8, vpaddlq_u16, vpaddq_u16, vreinterpretq_s16_u16, vreinterpretq_u8_u64,
    vreinterpretq_u32_u64, vshlq_n_u16, vshrq_n_u32, vst1q_u32, vst2q_u32, vsubq_u32, vuzp1q_u32, vuzp2q_u32,
};

use super::LANES;
use crate::pi::gourdon::segment::{self, LINE_BYTES};
use crate::pi::gourdon::squarefree::{LISTED_PLACES, Leaves, ODD};
use crate::pi::quotients::{CHUNK_LEN, Divisors, quotients};
use crate::pi::table;
use crate::residues::{MODULUS, RESIDUES};

/// Where integers are: in which word, and how far beyond its first one.
type Places = [[u32; 2]; CHUNK_LEN];

/// Find the places of the first `len` quotients, which lie less than 2^32 beyond `lo`, among words for `PER_WORD`
/// integers each.
#[inline]
#[target_feature(enable = "neon")]
fn find<const PER_WORD: u32, const SHIFT: i32>(quotients: &[u64; CHUNK_LEN], lo: u64, len: usize, places: &mut Places) {
    /// `MAGIC / 2^(32 + SHIFT)` is `1 / PER_WORD`, and 7 / 2^35 of that more. So `n * MAGIC >> (32 + SHIFT)` is
    /// `n / PER_WORD` for `n` below 2^32: the product is too large by less than 7/8 of `1 / PER_WORD`, which is the least
    /// that lacks to the next integer.
    const MAGIC: u32 = ((1u64 << 35) / 15 + 1) as u32;
    const { assert!(PER_WORD as u64 * (1 << 35) == 15 << (32 + SHIFT)) };
    let lo = vdupq_n_u32(lo as u32);
    for (quotients, places) in
        quotients.chunks_exact(LANES).zip(places.chunks_exact_mut(LANES)).take(len.div_ceil(LANES))
    {
        // SAFETY: four integers of eight bytes.
        let (low, high) = unsafe { (vld1q_u64(quotients.as_ptr()), vld1q_u64(quotients.as_ptr().add(2))) };
        // Modulo 2^32.
        let n = vsubq_u32(vuzp1q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high)), lo);
        let low = vreinterpretq_u32_u64(vmull_n_u32(vget_low_u32(n), MAGIC));
        let high = vreinterpretq_u32_u64(vmull_high_n_u32(n, MAGIC));
        let word = vshrq_n_u32::<SHIFT>(vuzp2q_u32(low, high));
        let rest = vmlsq_n_u32(n, word, PER_WORD);
        // SAFETY: four pairs of four bytes.
        unsafe { vst2q_u32(places.as_mut_ptr().cast(), uint32x4x2_t(word, rest)) };
    }
}

/// The sum of pi over `quotient / q`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 120 * words.len()`.
#[target_feature(enable = "neon")]
pub(crate) unsafe fn look_up(words: &[u64], lo: u64, quotient: u64, q: Divisors) -> u64 {
    assert!(words.len() as u64 <= (1 << 32) / table::PER_WORD, "the plan has no table that is so long");
    let mut sum = 0;
    let (mut quotients_buffer, mut places, mut kept) = ([0; CHUNK_LEN], [[0; 2]; CHUNK_LEN], [0; CHUNK_LEN]);
    for q in q.chunks(CHUNK_LEN) {
        let len = q.m.len();
        quotients(quotient, q, &mut quotients_buffer);
        find::<{ table::PER_WORD as u32 }, 6>(&quotients_buffer, lo, len, &mut places);
        for (kept, &[word, rest]) in kept.iter_mut().zip(&places[..len]) {
            // SAFETY: the caller's, and a remainder is less than the length of the masks.
            let (word, mask) =
                unsafe { (words.get_unchecked(word as usize), table::MASKS.get_unchecked(rest as usize)) };
            sum += word >> 32;
            *kept = *word as u32 & mask;
        }
        sum += u64::from(kept[..len].iter().map(|kept| kept.count_ones()).sum::<u32>());
    }
    sum
}

/// The sum over the `m` of how many integers of a segment are left up to `quotient / m`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 240 * counts.len()`, and for each line of eight words there is what is left before.
#[target_feature(enable = "neon")]
pub(crate) unsafe fn count(bytes: &[u8], counts: &[u8], before: &[u32], lo: u64, quotient: u64, m: Divisors) -> u64 {
    let (words, lines) = (bytes.as_chunks::<8>().0, counts.as_chunks::<8>().0);
    let mut sum = 0;
    let (mut quotients_buffer, mut places) = ([0; CHUNK_LEN], [[0; 2]; CHUNK_LEN]);
    let (mut kept, mut counts_kept) = ([0; CHUNK_LEN], [0; CHUNK_LEN]);
    for m in m.chunks(CHUNK_LEN) {
        let len = m.m.len();
        quotients(quotient, m, &mut quotients_buffer);
        find::<{ segment::PER_WORD as u32 }, 7>(&quotients_buffer, lo, len, &mut places);
        for ((kept, counts), &[word, rest]) in kept.iter_mut().zip(&mut counts_kept).zip(&places[..len]) {
            let (word, rest) = (word as usize, rest as usize);
            // SAFETY: the caller's, and a remainder is less than the length of the masks.
            let (bits, mask, line, before) = unsafe {
                (
                    words.get_unchecked(word),
                    segment::MASKS.get_unchecked(rest),
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
    /// Counters of as many lines as there are lanes.
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

/// For each set of the places of a turn, their residues in ascending order.
static RESIDUES_OF: [[u8; 8]; 256] = {
    let mut residues = [[0; 8]; 256];
    let mut set = 0;
    while set < 256 {
        let (mut i, mut len) = (0, 0);
        while i < 8 {
            if set >> i & 1 == 1 {
                residues[set][len] = RESIDUES[i];
                len += 1;
            }
            i += 1;
        }
        set += 1;
    }
    residues
};

/// As `list_leaves` beside the match in `squarefree.rs`.
#[target_feature(enable = "neon")]
pub(crate) fn list(codes: &[u16], first: u32, b: u16, leaves: &mut Leaves) -> [usize; 2] {
    /// The bit of each place in a set.
    const BITS: [u16; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
    assert!(codes.len() <= LISTED_PLACES && leaves.iter().all(|list| list.len() >= LISTED_PLACES + BITS.len()));
    // SAFETY: eight integers of two bytes.
    let odd_bits = unsafe { vld1q_u16(BITS.as_ptr()) };
    let even_bits = vshlq_n_u16::<8>(odd_bits);
    let (odd_b, even_b) = (vdupq_n_u16(b | ODD), vdupq_n_s16(b.cast_signed()));
    let mut turn = vdupq_n_u32(first - u32::from(RESIDUES[0]));
    let mut listed = [0; 2];
    for codes in codes.as_chunks::<8>().0 {
        // SAFETY: eight integers of two bytes.
        let codes = unsafe { vld1q_u16(codes.as_ptr()) };
        // Signed, those of odd numbers are negative.
        let odd = vandq_u16(vcgtq_u16(codes, odd_b), odd_bits);
        let even = vandq_u16(vcgtq_s16(vreinterpretq_s16_u16(codes), even_b), even_bits);
        let sets = vaddvq_u16(vorrq_u16(odd, even));
        for ((list, listed), set) in leaves.iter_mut().zip(&mut listed).zip(sets.to_le_bytes()) {
            // SAFETY: eight bytes.
            let residues = vmovl_u8(unsafe { vld1_u8(RESIDUES_OF[usize::from(set)].as_ptr()) });
            // SAFETY: no more are listed than there were places, and the list has room for a step beyond those.
            unsafe {
                let to = list.as_mut_ptr().add(*listed);
                vst1q_u32(to, vaddw_u16(turn, vget_low_u16(residues)));
                vst1q_u32(to.add(LANES), vaddw_high_u16(turn, residues));
            }
            *listed += usize::from(BITS_OF[usize::from(set)]);
        }
        turn = vaddq_u32(turn, vdupq_n_u32(MODULUS as u32));
    }
    listed
}

/// How many places a set has.
static BITS_OF: [u8; 256] = {
    let mut counts = [0; 256];
    let mut set = 0;
    while set < 256 {
        counts[set] = (set as u8).count_ones() as u8;
        set += 1;
    }
    counts
};
