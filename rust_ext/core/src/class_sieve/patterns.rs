//! The smallest sieving primes, crossed off by patterns instead of one multiple at a time.
//!
//! In the bitmap of a class the multiples of `q` lie `q` bits apart, whatever the modulus: one table a prime, or a
//! product of primes, of as many bytes as its period has bits serves all classes of all moduli. A segment starts as the
//! union of all patterns, each laid from its own offset.

use std::sync::LazyLock;

use super::segment::BLOCK_BYTES;
use crate::arch::{Cpu, levels};
use crate::classes::inverse;

/// Which primes share a pattern. Those up to 13 stand alone because they may divide the modulus.
///
/// Two primes together take one load where they would take two, but a table as long as their product: these are 36 KB.
/// With pairs to 61 only, counting to 10^9 took 52.0 ms and to 10^8 4.56, as it is 51.4 and 4.47, with pairs to 113,
/// which are 31 KB more, 51.3 and 4.41.
const GROUPS: [&[u32]; 26] = [
    &[7],
    &[11],
    &[13],
    &[17, 19],
    &[23, 29],
    &[31, 37],
    &[41, 43],
    &[47, 53],
    &[59, 61],
    &[67, 71],
    &[73, 79],
    &[83, 89],
    &[97],
    &[101],
    &[103],
    &[107],
    &[109],
    &[113],
    &[127],
    &[131],
    &[137],
    &[139],
    &[149],
    &[151],
    &[157],
    &[163],
];

/// The largest prime that the patterns cross off. Flat: to 10^9, up to 139 took 51.7 ms, up to 163 52.0, up to 199
/// 52.7.
pub(crate) const LARGEST_PRESIEVED: u64 = 163;

struct Pattern {
    /// After so many bytes, as after so many bits, it repeats: the product of the group.
    period: u32,
    /// As many whole periods as are not shorter than a block, so that to go a block further takes one subtraction.
    turn: u32,
    /// A turn and a block more, so that a block can begin anywhere in the turn. Bit `i` is set where a prime of the
    /// group divides `i`.
    bytes: Vec<u8>,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| GROUPS.iter().map(|group| Pattern::new(group)).collect());

impl Pattern {
    fn new(group: &[u32]) -> Self {
        let period: u32 = group.iter().product();
        let turn = period * (BLOCK_BYTES as u32).div_ceil(period);
        let mut bytes = vec![0; turn as usize + BLOCK_BYTES];
        for &q in group {
            for bit in (0..8 * bytes.len()).step_by(q as usize) {
                bytes[bit / 8] |= 1 << (bit % 8);
            }
        }
        Self { period, turn, bytes }
    }
}

/// A pattern in use, and the byte of it with which the next block begins.
struct Laid {
    pattern: &'static Pattern,
    /// What a multiple of the modulus in integers is in bytes of the pattern: the inverse of `8 * modulus`.
    bytes_per_integer: u32,
    next_byte: u32,
}

/// The patterns for the classes of one modulus.
pub(crate) struct Presieve {
    laid: Vec<Laid>,
}

impl Presieve {
    pub(crate) fn new(modulus: u32) -> Self {
        let laid = GROUPS
            .iter()
            .zip(PATTERNS.iter())
            .filter(|(group, _)| !modulus.is_multiple_of(group[0]))
            .map(|(_, pattern)| Laid {
                pattern,
                bytes_per_integer: inverse(8 * modulus % pattern.period, pattern.period),
                next_byte: 0,
            })
            .collect();
        Self { laid }
    }

    /// Write a segment whose bit 0 stands for `first`, in whole blocks.
    pub(crate) fn write(&mut self, cpu: Cpu, segment: &mut [u8], first: u64) {
        for laid in &mut self.laid {
            let period = u64::from(laid.pattern.period);
            laid.next_byte = (first % period * u64::from(laid.bytes_per_integer) % period) as u32;
        }
        lay(cpu, segment, &mut self.laid);
    }
}

levels! {
    fn lay(segment: &mut [u8], laid: &mut [Laid]) {
        let (blocks, rest) = segment.as_chunks_mut::<BLOCK_BYTES>();
        debug_assert!(rest.is_empty());
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
