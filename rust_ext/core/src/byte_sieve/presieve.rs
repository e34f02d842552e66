//! The smallest sieving primes, crossed off by patterns instead of one multiple at a time.
//!
//! In bytes of thirty the multiples of `p` repeat every `p` bytes, and those of a group of primes after the product of
//! the group. Each group is crossed off once, in a pattern of that length; a segment then starts as the union of all
//! patterns, a few vector operations per 16 bytes where the primes themselves would take thousands of stores.

use std::sync::LazyLock;

use crate::residues::{FIRST_RESIDUE, GAPS, STEPS, byte_of, class_of};

/// The groups: products near the 8 to 17 KB that stay in the second-level cache together (70 KB for all).
///
/// Up to 101: the next pair would replace 4900 stores in a segment of 32 KB by another 2048 vector steps and 11 KB.
const GROUPS: [&[u64]; 10] = [
    &[7, 11, 13, 17],
    &[19, 23, 29],
    &[31, 37],
    &[41, 43],
    &[47, 53],
    &[59, 61],
    &[67, 71],
    &[73, 79],
    &[83, 89],
    &[97, 101],
];

/// The largest prime that the patterns cross off.
pub(super) const LARGEST_PRESIEVED: u64 = 101;

static PATTERNS: LazyLock<[Vec<u8>; GROUPS.len()]> = LazyLock::new(|| GROUPS.map(pattern));

/// The composites of a group, byte by byte, over one period. The primes themselves count as their own multiples.
fn pattern(group: &[u64]) -> Vec<u8> {
    let period: u64 = group.iter().product();
    let mut bytes = vec![0; period as usize];
    for &p in group {
        let steps = &STEPS[class_of(p)];
        // From p * 7, whose byte is taken modulo the period like all that follow.
        let mut byte = byte_of(p * FIRST_RESIDUE);
        for turn in 0..8 * (period / p) as usize {
            let i = turn % 8;
            bytes[(byte % period) as usize] |= steps[i].mask;
            byte += byte_of(p) * u64::from(GAPS[i]) + u64::from(steps[i].carry_bytes);
        }
    }
    bytes
}

/// Fill a segment whose first byte is byte `first_byte` of the integers with the multiples of 7 to 101.
pub(super) fn presieve(segment: &mut [u8], first_byte: u64) {
    let mut patterns = PATTERNS.iter();
    if let Some(pattern) = patterns.next() {
        repeat(pattern, segment, first_byte, |target, source| target.copy_from_slice(source));
    }
    for pattern in patterns {
        repeat(pattern, segment, first_byte, |target, source| {
            for (byte, &composites) in target.iter_mut().zip(source) {
                *byte |= composites;
            }
        });
    }
}

/// Lay a pattern along a segment, whole runs at a time.
fn repeat(pattern: &[u8], segment: &mut [u8], first_byte: u64, lay: impl Fn(&mut [u8], &[u8])) {
    let mut start = (first_byte % pattern.len() as u64) as usize;
    let mut rest = segment;
    while !rest.is_empty() {
        let run_bytes = rest.len().min(pattern.len() - start);
        let (run, after) = rest.split_at_mut(run_bytes);
        lay(run, &pattern[start..start + run_bytes]);
        rest = after;
        start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residues::{MODULUS, RESIDUES};

    #[test]
    fn marks_the_multiples_and_nothing_else() {
        let largest = GROUPS.iter().flat_map(|group| group.iter()).max();
        assert_eq!(largest, Some(&LARGEST_PRESIEVED));
        for first_byte in [0u64, 1, 9_999, 123_456_789] {
            let mut segment = vec![0xAA; 20_000];
            presieve(&mut segment, first_byte);
            for (i, &byte) in segment.iter().enumerate() {
                for (bit, &residue) in RESIDUES.iter().enumerate() {
                    let n = MODULUS * (first_byte + i as u64) + u64::from(residue);
                    let composite = GROUPS.iter().flat_map(|group| group.iter()).any(|p| n.is_multiple_of(*p));
                    assert_eq!(byte >> bit & 1 == 1, composite, "{n}");
                }
            }
        }
    }
}
