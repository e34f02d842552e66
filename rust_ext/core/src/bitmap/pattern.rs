//! Multiples of small primes as patterns of bytes that repeat, laid over each other.
//!
//! However a bitmap assigns its bits, the multiples of a prime `p` repeat after `p` bytes, and those of a group of
//! primes after their product. A segment begins as the union of such patterns, each from its own offset: a vector of
//! each takes the place of as many stores as the prime has multiples there.

use crate::cpu::level::{Cpu, levels};

/// A segment is laid in blocks of so many bytes, whose union stays in registers: four with AVX-512.
pub(crate) const BLOCK_BYTES: usize = 256;

/// The multiples of a group of primes.
pub(crate) struct Pattern {
    /// After so many bytes it repeats: the product of the group.
    pub(crate) period: u32,
    /// As many whole periods as are not shorter than a block, so that to go a block further takes one subtraction.
    turn: u32,
    /// A turn and a block more, so that a block can begin anywhere in the turn.
    bytes: Vec<u8>,
}

impl Pattern {
    /// The bytes of a group, of which `set` is to set the multiples of each prime.
    pub(crate) fn new(group: &[u32], set: impl Fn(&mut [u8], u32)) -> Self {
        let period: u32 = group.iter().product();
        let turn = period * (BLOCK_BYTES as u32).div_ceil(period);
        let mut bytes = vec![0; turn as usize + BLOCK_BYTES];
        for &p in group {
            set(&mut bytes, p);
        }
        Self { period, turn, bytes }
    }
}

/// A pattern in use, and the byte of it with which the next block begins: below its turn.
pub(crate) struct Laid {
    pub(crate) pattern: &'static Pattern,
    pub(crate) next_byte: u32,
}

/// Write the union of some patterns to a segment. They go on from block to block; a last part of a block ends that.
pub(crate) fn lay(cpu: Cpu, segment: &mut [u8], laid: &mut [Laid]) {
    let (blocks, rest) = segment.as_chunks_mut::<BLOCK_BYTES>();
    lay_blocks(cpu, blocks, laid);
    if !rest.is_empty() {
        let mut block = [[0; BLOCK_BYTES]];
        lay_blocks(cpu, &mut block, laid);
        rest.copy_from_slice(&block[0][..rest.len()]);
    }
}

levels! {
    fn lay_blocks(blocks: &mut [[u8; BLOCK_BYTES]], laid: &mut [Laid]) {
        for block in blocks {
            let mut union = [0u64; BLOCK_BYTES / 8];
            for laid in laid.iter_mut() {
                let start = laid.next_byte as usize;
                let (words, _) = laid.pattern.bytes[start..start + BLOCK_BYTES].as_chunks::<8>();
                for (union, word) in union.iter_mut().zip(words) {
                    *union |= u64::from_ne_bytes(*word);
                }
                let next = laid.next_byte + BLOCK_BYTES as u32;
                // What wraps is larger.
                laid.next_byte = next.min(next.wrapping_sub(laid.pattern.turn));
            }
            for (bytes, word) in block.as_chunks_mut::<8>().0.iter_mut().zip(union) {
                *bytes = word.to_ne_bytes();
            }
        }
    }
}
