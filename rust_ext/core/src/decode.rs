//! From bits to integers.

use crate::residues::{MODULUS, WORD_OFFSETS};

/// Append to `block` the integers whose bits are clear, ascending, until the block holds at least `enough` of them or
/// the bytes end; how many bytes were read.
///
/// The bytes begin at byte `first_byte` of the integers, and their number is a multiple of eight. Integers of clear bits
/// fit 64 bits: those beyond have been set.
pub(crate) fn decode(bytes: &[u8], first_byte: u64, enough: usize, block: &mut Vec<u64>) -> usize {
    debug_assert!(bytes.len().is_multiple_of(8));
    let mut base = MODULUS * first_byte;
    for (i, word) in bytes.chunks_exact(8).enumerate() {
        if block.len() >= enough {
            return 8 * i;
        }
        let mut primes = !u64::from_le_bytes(word.try_into().expect("eight bytes"));
        while primes != 0 {
            block.push(base + u64::from(WORD_OFFSETS[primes.trailing_zeros() as usize]));
            primes &= primes - 1;
        }
        base = base.wrapping_add(8 * MODULUS);
    }
    bytes.len()
}
