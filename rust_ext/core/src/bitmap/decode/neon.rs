//! Decoding byte by byte: a table has the offsets of a byte's primes, and where they go is known from the counts of a
//! whole word. So no byte waits for the one before it, and no loop looks whether there is one prime more.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::aarch64::{
    uint64x2_t, vaddq_u64, vaddw_high_u32, vaddw_u32, vcnt_u8, vcreate_u8, vdupq_n_u64, vget_lane_u64, vget_low_u32,
    vld1q_u32, vreinterpret_u64_u8, vst1q_u64,
};
use std::mem::MaybeUninit;

use super::decoded::{Decoded, WORD_LEN};
use crate::arithmetic::wheel30::{MODULUS, RESIDUES};

/// Integers that are made of a byte at once. At 10^6 one byte in fifty has more, at 10^10 one in 400.
const HALF: usize = 4;

/// For each set of bits, the integers from number `HALF * half` on that they stand for; zero where there are no more.
const fn offsets(half: usize) -> [[u32; HALF]; 256] {
    let mut offsets = [[0; HALF]; 256];
    let mut set = 0;
    while set < 256 {
        let (mut bit, mut len) = (0, 0);
        while bit < 8 {
            if set >> bit & 1 == 1 {
                if len / HALF == half {
                    offsets[set][len % HALF] = RESIDUES[bit] as u32;
                }
                len += 1;
            }
            bit += 1;
        }
        set += 1;
    }
    offsets
}

static OFFSETS: [[[u32; HALF]; 256]; 2] = [offsets(0), offsets(1)];

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// As `decode_bit_by_bit` in `mod.rs`.
#[target_feature(enable = "neon")]
pub(crate) fn decode_roomy(bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
    let mut len = 0;
    // Words beyond 2^64, which have no clear bits, wrap.
    let mut base = vdupq_n_u64(MODULUS.wrapping_mul(first_byte));
    for (i, word) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let room = out[len..].first_chunk_mut::<WORD_LEN>();
        let Some(room) = room.filter(|_| len < enough) else {
            return Decoded { bytes: 8 * i, len };
        };
        let primes = !u64::from_le_bytes(*word);
        let counts = vget_lane_u64::<0>(vreinterpret_u64_u8(vcnt_u8(vcreate_u8(primes))));
        // None is above 8, so that nothing is carried: this sets the highest bit of those that are above HALF.
        let any_above_half = (counts + ONES * (0x7F - HALF as u64)) & (ONES << 7) != 0;
        base = if any_above_half {
            write::<2>(primes, counts, base, room)
        } else {
            write::<1>(primes, counts, base, room)
        };
        len += (counts.wrapping_mul(ONES) >> 56) as usize;
    }
    Decoded { bytes: bytes.len(), len }
}

/// Write the integers of a word, of whose bytes as many halves are looked at, and return the base of the next.
#[inline]
#[target_feature(enable = "neon")]
fn write<const HALVES: usize>(
    primes: u64,
    counts: u64,
    mut base: uint64x2_t,
    room: &mut [MaybeUninit<u64>; WORD_LEN],
) -> uint64x2_t {
    // In each byte, how many there are in those below.
    let before = (counts << 8).wrapping_mul(ONES);
    for byte in 0..8 {
        let set = (primes >> (8 * byte)) as u8;
        let at = (before >> (8 * byte)) as u8;
        for (half, offsets) in OFFSETS.iter().enumerate().take(HALVES) {
            // Past the last one this writes what the next byte, or word, overwrites.
            // SAFETY: four integers of four bytes are read. Below this byte there are at most eight bits in each, so
            // that `at` is at most 8 * 7, and the eight integers from there on lie in the room for 64.
            unsafe {
                let offsets = vld1q_u32(offsets[usize::from(set)].as_ptr());
                let to = room.as_mut_ptr().add(usize::from(at) + HALF * half).cast();
                vst1q_u64(to, vaddw_u32(base, vget_low_u32(offsets)));
                vst1q_u64(to.add(2), vaddw_high_u32(base, offsets));
            }
        }
        base = vaddq_u64(base, vdupq_n_u64(MODULUS));
    }
    base
}
