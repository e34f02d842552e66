//! Decimal text: the last four digits of four integers at a time, then one permutation for each 16 bytes.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::aarch64::{
    uint8x16_t, uint8x16x3_t, uint32x4_t, vaddq_u8, vdupq_n_u8, vdupq_n_u32, vld1q_u8, vld1q_u64, vmlsq_n_u16,
    vmlsq_n_u32, vmulq_n_u16, vmulq_n_u32, vqtbl3q_u8, vreinterpretq_u8_u16, vreinterpretq_u16_u32,
    vreinterpretq_u32_u64, vshrq_n_u16, vshrq_n_u32, vsliq_n_u16, vsliq_n_u32, vst1q_u8, vsubq_u32, vuzp1q_u32,
};

use super::run::{MOST_VECTORS, Run, SEPARATOR_BYTES, SLACK_BYTES, Sources};

/// Items that are made at once: their last four digits fill a vector.
const ITEMS: usize = 4;

/// Bytes of a vector.
const BYTES: usize = 16;

/// As `write_one_by_one` in `mod.rs`.
#[target_feature(enable = "neon")]
pub(crate) fn write_run(integers: &[u64], run: &Run, to: &mut [u8]) {
    match (ITEMS * run.item_len()).div_ceil(BYTES) {
        ..=2 => write::<2>(integers, run, to),
        3 => write::<3>(integers, run, to),
        4 => write::<4>(integers, run, to),
        5 => write::<5>(integers, run, to),
        _ => write::<MOST_VECTORS>(integers, run, to),
    }
}

/// The same for items, four of which fill `VECTORS` vectors. These, and what they are made of, stay in registers.
#[target_feature(enable = "neon")]
fn write<const VECTORS: usize>(integers: &[u64], run: &Run, to: &mut [u8]) {
    static SOURCES: Sources<ITEMS, BYTES> = Sources::new();
    let item_len = run.item_len();
    assert!(ITEMS * item_len <= VECTORS * BYTES && to.len() >= integers.len() * item_len + SLACK_BYTES);
    let sources = SOURCES.of(run);
    // SAFETY: 16 bytes are read, of 16.
    let load = |bytes: &[u8; BYTES]| unsafe { vld1q_u8(bytes.as_ptr()) };
    let sources: [uint8x16_t; VECTORS] = std::array::from_fn(|i| load(&sources[i]));
    let mut separator = [0; BYTES];
    separator[..SEPARATOR_BYTES].copy_from_slice(&run.separator);
    let (leading, separator) = (load(&run.leading), load(&separator));
    let first = vdupq_n_u32(run.first as u32);
    let (groups, rest) = integers.as_chunks::<ITEMS>();
    let mut last = [run.first; ITEMS];
    last[..rest.len()].copy_from_slice(rest);
    for (i, group) in groups.iter().chain((!rest.is_empty()).then_some(&last)).enumerate() {
        // SAFETY: two times two integers are read, of four.
        let (low, high) = unsafe { (vld1q_u64(group.as_ptr()), vld1q_u64(group.as_ptr().add(2))) };
        // Of the difference, which is below 10^4, the low half is all.
        let integers = vuzp1q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high));
        let parts = uint8x16x3_t(four_digits(vsubq_u32(integers, first)), leading, separator);
        for (j, &sources) in sources.iter().enumerate() {
            // SAFETY: item ITEMS * i is one of the integers, and behind them there is room for more than all vectors.
            unsafe { vst1q_u8(to.as_mut_ptr().add(ITEMS * item_len * i + BYTES * j), vqtbl3q_u8(parts, sources)) };
        }
    }
}

/// The four digits, as text, of four integers below 10^4.
///
/// n * 5243 / 2^19 is n / 100 for all of them, and n * 103 / 2^10 is n / 10 below 100.
#[inline]
#[target_feature(enable = "neon")]
fn four_digits(n: uint32x4_t) -> uint8x16_t {
    let hundreds = vshrq_n_u32::<19>(vmulq_n_u32(n, 5243));
    let rest = vmlsq_n_u32(n, hundreds, 100);
    let pairs = vreinterpretq_u16_u32(vsliq_n_u32::<16>(hundreds, rest));
    let tens = vshrq_n_u16::<10>(vmulq_n_u16(pairs, 103));
    let ones = vmlsq_n_u16(pairs, tens, 10);
    vaddq_u8(vreinterpretq_u8_u16(vsliq_n_u16::<8>(tens, ones)), vdupq_n_u8(b'0'))
}
