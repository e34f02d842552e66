//! Multiples of small primes as patterns of bytes that repeat, laid over each other.
//!
//! Whichever integers the bits stand for, the multiples of a prime `p` repeat after `p` bytes, and those of a group of
//! primes after their product. A segment begins as the union of such patterns, each from its own offset: a vector of
//! each takes the place of as many stores as the prime has multiples there.

use crate::cpu::level::{Cpu, levels};

/// A segment is laid in blocks of that many bytes, whose union stays in registers: four with AVX-512.
pub(crate) const BLOCK_BYTES: usize = 256;

/// After that many bytes the pattern of a group repeats: the product of its primes.
const fn period_of(group: &[u32]) -> usize {
    let (mut period, mut i) = (1, 0);
    while i < group.len() {
        period *= group[i] as usize;
        i += 1;
    }
    period
}

/// As many whole periods as are not shorter than a block, so that to go a block further takes one subtraction.
const fn turn_of(group: &[u32]) -> usize {
    period_of(group) * BLOCK_BYTES.div_ceil(period_of(group))
}

/// The bytes of the patterns of some groups. Each has a turn and a block more, so that a block can begin anywhere in
/// the turn.
pub(crate) const fn bytes_of(groups: &[&[u32]]) -> usize {
    let (mut bytes, mut i) = (0, 0);
    while i < groups.len() {
        bytes += turn_of(groups[i]) + BLOCK_BYTES;
        i += 1;
    }
    bytes
}

/// Write the patterns of some groups to zeros, one behind the other: [`bytes_of`] them. `set` is to set the multiples
/// of a prime.
pub(crate) fn write(groups: &[&[u32]], bytes: &mut [u8], set: impl Fn(&mut [u8], u32)) {
    let mut rest = bytes;
    for group in groups {
        let (pattern, behind) = rest.split_at_mut(turn_of(group) + BLOCK_BYTES);
        for &p in *group {
            set(pattern, p);
        }
        rest = behind;
    }
    assert!(rest.is_empty());
}

/// The patterns of some groups that were written to these bytes, to be laid from their beginnings on.
pub(crate) fn laid(groups: &'static [&'static [u32]], bytes: &'static [u8]) -> impl Iterator<Item = Laid> {
    let mut rest = bytes;
    groups.iter().map(move |group| {
        let (bytes, behind) = rest.split_at(turn_of(group) + BLOCK_BYTES);
        rest = behind;
        Laid { bytes, period: period_of(group) as u32, turn: turn_of(group) as u32, next_byte: 0 }
    })
}

/// A pattern in use.
pub(crate) struct Laid {
    bytes: &'static [u8],
    pub(crate) period: u32,
    turn: u32,
    /// The byte of the pattern with which the next block begins: below its turn.
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
                let (words, _) = laid.bytes[start..start + BLOCK_BYTES].as_chunks::<8>();
                for (union, word) in union.iter_mut().zip(words) {
                    *union |= u64::from_ne_bytes(*word);
                }
                let next = laid.next_byte + BLOCK_BYTES as u32;
                // What wraps is larger.
                laid.next_byte = next.min(next.wrapping_sub(laid.turn));
            }
            for (bytes, word) in block.as_chunks_mut::<8>().0.iter_mut().zip(union) {
                *bytes = word.to_ne_bytes();
            }
        }
    }
}
