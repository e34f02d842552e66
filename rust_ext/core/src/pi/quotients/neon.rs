//! The places of quotients in a table of words.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers, and quotients looked up unchecked")]

use std::arch::aarch64::{
    uint32x4x2_t, vdupq_n_u32, vget_low_u32, vld1q_u64, vmlsq_n_u32, vmull_high_n_u32, vmull_n_u32,
    vreinterpretq_u32_u64, vshrq_n_u32, vst2q_u32, vsubq_u32, vuzp1q_u32, vuzp2q_u32,
};

use super::BATCH_LEN;
use crate::cpu::neon::LANES;

/// Places of integers: the word, and the distance from its first integer.
pub(crate) type Places = [[u32; 2]; BATCH_LEN];

/// Find the places of the first `len` quotients, which lie less than 2^32 beyond `lo`, among words for `PER_WORD`
/// integers each.
#[inline]
#[target_feature(enable = "neon")]
pub(crate) fn find<const PER_WORD: u32, const SHIFT: i32>(
    quotients: &[u64; BATCH_LEN],
    lo: u64,
    len: usize,
    places: &mut Places,
) {
    /// `MAGIC / 2^(32 + SHIFT)` is `1 / PER_WORD`, but too large by 7 / 2^35 of that. So `n * MAGIC >> (32 + SHIFT)` is
    /// `n / PER_WORD` for `n` below 2^32: the error of the product is less than 7/8 of `1 / PER_WORD`, and the next
    /// integer is at least `1 / PER_WORD` away.
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
