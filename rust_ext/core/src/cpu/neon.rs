//! What several algorithms share of NEON: lanes that are moved to the front.
//!
//! Every processor of the target has NEON, so nothing here has to ask for it. NEON can neither gather nor compress:
//! gathering stays a matter of single loads, and compressing is a permutation from a table.

use std::arch::aarch64::{
    uint32x4_t, vaddvq_u32, vandq_u32, vld1q_u8, vld1q_u32, vqtbl1q_u8, vreinterpretq_u8_u32, vreinterpretq_u32_u8,
};

/// Lanes of 32 bits.
pub(crate) const LANES: usize = 4;

/// The lanes that are all ones in `which`, moved to the front, and how many they are.
#[inline]
#[target_feature(enable = "neon")]
#[allow(unsafe_code, reason = "vectors are loaded through pointers")]
pub(crate) fn compress(which: uint32x4_t, lanes: uint32x4_t) -> (uint32x4_t, usize) {
    /// A bit for each lane, and above these bits a one to count.
    const WEIGHTS: [u32; LANES] = [0x11, 0x12, 0x14, 0x18];
    // SAFETY: there are four.
    let weights = unsafe { vld1q_u32(WEIGHTS.as_ptr()) };
    let sum = vaddvq_u32(vandq_u32(which, weights)) as usize;
    // SAFETY: an item of the table has the 16 bytes that are loaded.
    let order = unsafe { vld1q_u8(COMPRESSING[sum % 16].as_ptr()) };
    (vreinterpretq_u32_u8(vqtbl1q_u8(vreinterpretq_u8_u32(lanes), order)), sum / 16)
}

/// For each set of lanes, the bytes of its members in ascending order.
static COMPRESSING: [[u8; 4 * LANES]; 1 << LANES] = {
    let mut orders = [[0; 4 * LANES]; 1 << LANES];
    let mut set = 0;
    while set < orders.len() {
        let (mut byte, mut end) = (0, 0);
        while byte < 4 * LANES {
            if set >> (byte / 4) & 1 == 1 {
                orders[set][end] = byte as u8;
                end += 1;
            }
            byte += 1;
        }
        set += 1;
    }
    orders
};
