//! From bits to integers, straight into the memory where they are wanted.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod decoded;
#[cfg(target_arch = "aarch64")]
mod neon;

use std::mem::MaybeUninit;

use crate::arithmetic::wheel30::{MODULUS, WORD_OFFSETS};
use crate::cpu::level::{Cpu, active, levels};
pub(crate) use decoded::{Decoded, WORD_LEN};

/// Write the integers whose bits are clear, ascending, to the front of `out`, until `enough` of them are there or the
/// bytes end. Where `out` ends before a word does, the rest of that word is lost.
///
/// The bytes begin at byte `first_byte` of the integers, and their number is a multiple of eight. Integers of clear
/// bits fit 64 bits: those beyond have been set.
pub(crate) fn decode(bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
    decode_at(active(), bytes, first_byte, enough, out)
}

/// Append the integers whose bits are clear to a block with spare room for `enough` of them and for [`WORD_LEN`] more,
/// until `enough` of them are there or the bytes end. Returns how many bytes were read.
pub(crate) fn decode_to(block: &mut Vec<u64>, bytes: &[u8], first_byte: u64, enough: usize) -> usize {
    let done = decode(bytes, first_byte, enough, block.spare_capacity_mut());
    #[allow(unsafe_code, reason = "the integers come into memory that held none")]
    // SAFETY: `decode` wrote that many integers to the front of the spare room.
    unsafe {
        block.set_len(block.len() + done.len);
    }
    done.bytes
}

fn decode_at(cpu: Cpu, bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
    debug_assert!(bytes.len().is_multiple_of(8) && enough <= out.len());
    let mut done = decode_roomy(cpu, bytes, first_byte, enough, out);
    // The words at the end of `out`, where one more might not find room.
    let mut numbers = [MaybeUninit::uninit(); WORD_LEN];
    while done.len < enough && done.bytes < bytes.len() {
        let word = &bytes[done.bytes..done.bytes + 8];
        let found = decode_roomy(cpu, word, first_byte + done.bytes as u64, 1, &mut numbers);
        let room = &mut out[done.len..];
        let len = found.len.min(room.len());
        room[..len].copy_from_slice(&numbers[..len]);
        done = Decoded { bytes: done.bytes + 8, len: done.len + len };
    }
    done
}

/// The same, up to where `out` has no room for a whole word.
fn decode_roomy(cpu: Cpu, bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: the value is proof that the processor has the level.
        Cpu::Avx512(_) => unsafe { avx512::decode_roomy(bytes, first_byte, enough, out) },
        #[cfg(target_arch = "aarch64")]
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: the value is proof that the processor has the level.
        Cpu::Neon(_) => unsafe { neon::decode_roomy(bytes, first_byte, enough, out) },
        _ => decode_bit_by_bit(cpu, bytes, first_byte, enough, out),
    }
}

levels! {
    /// The same without vectors.
    fn decode_bit_by_bit(bytes: &[u8], first_byte: u64, enough: usize, out: &mut [MaybeUninit<u64>]) -> Decoded {
        /// Integers between two looks whether a word has more: fewer would be mispredicted more often, of more the last
        /// round is wasted more often.
        const ROUND: usize = 4;
        let mut len = 0;
        // Words beyond 2^64, which have no clear bits, wrap.
        let mut base = MODULUS.wrapping_mul(first_byte);
        for (i, word) in bytes.chunks_exact(8).enumerate() {
            let room = out[len..].first_chunk_mut::<WORD_LEN>();
            let Some(room) = room.filter(|_| len < enough) else {
                return Decoded { bytes: 8 * i, len };
            };
            let primes = !u64::from_le_bytes(word.try_into().expect("eight bytes"));
            let mut left = primes;
            let mut at = 0;
            while left != 0 {
                // Past the last one this writes what the next word overwrites.
                for number in &mut room[at..at + ROUND] {
                    let bit = left.trailing_zeros() as usize % WORD_LEN;
                    number.write(base.wrapping_add(u64::from(WORD_OFFSETS[bit])));
                    left &= left.wrapping_sub(1);
                }
                at += ROUND;
            }
            len += primes.count_ones() as usize;
            base = base.wrapping_add(8 * MODULUS);
        }
        Decoded { bytes: bytes.len(), len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::wheel30::RESIDUES;
    use crate::cpu::level::available;

    /// The same, one bit after the other.
    fn slowly(bytes: &[u8], first_byte: u64) -> Vec<u64> {
        let bits = bytes.iter().zip(first_byte..).flat_map(|(&byte, b)| (0..8).map(move |i| (byte >> i & 1, b, i)));
        bits.filter(|&(composite, _, _)| composite == 0).map(|(_, b, i)| 30 * b + u64::from(RESIDUES[i])).collect()
    }

    fn decoded(cpu: Cpu, bytes: &[u8], first_byte: u64, enough: usize, out_len: usize) -> (Decoded, Vec<u64>) {
        /// What no bit stands for.
        const UNTOUCHED: u64 = 30;
        let mut out = vec![MaybeUninit::new(UNTOUCHED); out_len + 8];
        let done = decode_at(cpu, bytes, first_byte, enough, &mut out[..out_len]);
        #[allow(unsafe_code, reason = "to look at all of it")]
        // SAFETY: each was initialised above.
        let all: Vec<u64> = out.iter().map(|n| unsafe { n.assume_init() }).collect();
        assert!(all[out_len..].iter().all(|&n| n == UNTOUCHED), "{cpu:?} wrote past the end");
        (done, all[..done.len].to_vec())
    }

    /// Bitmaps of all densities: a word has from none to 64 clear bits.
    fn bitmaps() -> impl Iterator<Item = Vec<u8>> {
        let mut state = 1u64;
        let mut random = move || {
            // Knuth's MMIX generator; its high half is random enough.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 32) as u32
        };
        (0..=16).map(move |density| {
            let mut byte = || (0..8).fold(0, |byte, i| byte | u8::from(random() % 16 < density) << i);
            (0..8 * 40).map(|_| byte()).collect()
        })
    }

    #[test]
    fn all_levels_decode_what_the_bits_say() {
        for bytes in bitmaps() {
            for first_byte in [0, 1, 123_456_789, u64::MAX / 30 - 8 * 40] {
                let expected = slowly(&bytes, first_byte);
                for cpu in available() {
                    for out_len in [expected.len(), expected.len() + 63, expected.len() + 64, expected.len() + 1000] {
                        let (done, found) = decoded(cpu, &bytes, first_byte, out_len, out_len);
                        assert_eq!(done.len, expected.len(), "{cpu:?}");
                        assert!(found == expected, "{cpu:?} from {first_byte}");
                    }
                }
            }
        }
    }

    #[test]
    fn all_levels_stop_where_there_is_enough_or_no_more_room() {
        for bytes in bitmaps() {
            let expected = slowly(&bytes, 7);
            for cpu in available() {
                for out_len in (0..expected.len()).step_by(13) {
                    let (done, found) = decoded(cpu, &bytes, 7, out_len, out_len);
                    assert!(found == expected[..out_len], "{cpu:?} to {out_len}");
                    assert_eq!(done.len, out_len);
                    let enough = out_len / 2;
                    let (done, found) = decoded(cpu, &bytes, 7, enough, out_len);
                    assert!(found == expected[..done.len], "{cpu:?} with {enough} of {out_len}");
                    assert!((enough..enough + WORD_LEN).contains(&done.len) || done.len == out_len);
                    if done.len < out_len {
                        assert_eq!(done.len, slowly(&bytes[..done.bytes], 7).len(), "whole words, all of them");
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_integers_below_2_to_the_64_do_not_overflow() {
        // Eight bytes, the last two of which lie beyond. 2^64 - 1 is 15 modulo 30, so bits 0 to 2 of the sixth do not.
        let first_byte = (u64::MAX - 7) / 30 - 5;
        let mut bytes = [0; 8];
        bytes[5] = 0xF8;
        bytes[6..].fill(0xFF);
        let expected = slowly(&bytes[..6], first_byte);
        for cpu in available() {
            assert_eq!(decoded(cpu, &bytes, first_byte, 64, 64).1, expected, "{cpu:?}");
            assert_eq!(decoded(cpu, &[0xFF; 8], first_byte + 8, 64, 64).1, [], "{cpu:?}: all of it lies beyond");
        }
    }
}
