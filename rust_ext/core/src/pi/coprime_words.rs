//! Words with a bit for each integer coprime to 30, from 2 on, and which of these bits stand for integers up to a given
//! one.

use crate::arithmetic::wheel30::WORD_OFFSETS;

/// The first integer of word 0. The bits stand for 7 and more, but 2 to 6 have the same count as 1, which has no bit.
pub(crate) const FIRST: u64 = 2;

/// The integers that the 64 bits of a word cover; half of the bits cover half of them.
const PER_WORD: usize = 240;

/// `UP_TO[r]` is the number of bits in a word that stand for integers up to `r` after its first.
pub(crate) const UP_TO: [u8; PER_WORD] = {
    let mut up_to = [0; PER_WORD];
    let mut r = 0;
    let mut bits = 0;
    while r < up_to.len() {
        if bits < 64 && WORD_OFFSETS[bits] as u64 == r as u64 + FIRST {
            bits += 1;
        }
        up_to[r] = bits as u8;
        r += 1;
    }
    up_to
};

/// `MASKS[r]` has those bits.
pub(crate) static MASKS: [u64; PER_WORD] = {
    let mut masks = [0; PER_WORD];
    let mut r = 0;
    while r < masks.len() {
        masks[r] = if UP_TO[r] == 64 { u64::MAX } else { (1 << UP_TO[r]) - 1 };
        r += 1;
    }
    masks
};

/// The same for words of 32 bits.
pub(crate) static MASKS_32: [u32; PER_WORD / 2] = {
    let mut masks = [0; PER_WORD / 2];
    let mut r = 0;
    while r < masks.len() {
        masks[r] = MASKS[r] as u32;
        r += 1;
    }
    masks
};
