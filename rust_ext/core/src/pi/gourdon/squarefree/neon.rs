//! Leaves listed eight places at a time.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::aarch64::{
    vaddq_u32, vaddvq_u16, vaddw_high_u16, vaddw_u16, vandq_u16, vcgtq_s16, vcgtq_u16, vdupq_n_s16, vdupq_n_u16,
    vdupq_n_u32, vget_low_u16, vld1_u8, vld1q_u16, vmovl_u8, vorrq_u16, vreinterpretq_s16_u16, vshlq_n_u16, vst1q_u32,
};

use super::codes::{LISTED_PLACES, Leaves, ODD};
use crate::arithmetic::wheel30::{MODULUS, RESIDUES};
use crate::cpu::neon::LANES;

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

/// As `list_leaves` in `mod.rs`.
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
