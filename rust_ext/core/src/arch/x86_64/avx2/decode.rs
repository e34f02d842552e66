//! Decoding with BMI: `tzcnt` and `blsr` are one step each, where the portable code takes two or three.

use std::mem::MaybeUninit;

use crate::decode::{Decoded, decode_bit_by_bit};

/// As [`decode_bit_by_bit`].
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(crate) fn decode_roomy(bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
    decode_bit_by_bit(bytes, first_byte, enough, out)
}
