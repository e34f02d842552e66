//! The smallest sieving primes, crossed off by patterns instead of one multiple at a time.
//!
//! Each group of primes is crossed off once, in a pattern as long as their product; a segment then starts as the union
//! of all patterns.

use crate::arithmetic::wheel30::{RESIDUES, STEPS, byte_of, class_of};
use crate::base::table::Table;
use crate::bitmap::pattern::{Laid, bytes_of, laid, lay, write};
use crate::cpu::level::Cpu;

/// Which primes share a pattern: products up to 17 KB, which stay in the second-level cache together (70 KB for all).
///
/// Flat: with AVX-512, the primes to 1.3 * 10^6 as an array took 44.2 us, sieved, with groups to 101 alone, as it is
/// 43.3, with other groups or to 211 from 43.0 to 44.0, to 307 45.8.
const GROUPS: [&[u32]; 22] = [
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

/// The largest prime that the patterns cross off.
pub(crate) const LARGEST_PRESIEVED: u64 = 163;

/// The patterns, to be laid from their beginnings on.
fn patterns() -> impl Iterator<Item = Laid> {
    static BYTES: Table<[u8; bytes_of(&GROUPS)]> = Table::new([0; _]);
    laid(&GROUPS, BYTES.made_by(|bytes| write(&GROUPS, bytes, set)))
}

/// Set the bits of the multiples of `p`, also that of `p` itself.
fn set(bytes: &mut [u8], p: u32) {
    let (p, len) = (u64::from(p), bytes.len() as u64);
    // From 7 p on: what lies before it is found a period further.
    for class in 0..8 {
        let (first, mask) = (p * u64::from(RESIDUES[class]), STEPS[class_of(p)][class].mask);
        for byte in (byte_of(first) % p..len).step_by(p as usize) {
            bytes[byte as usize] |= mask;
        }
    }
}

/// Fill a segment whose first byte is byte `first_byte` of the integers with the multiples of 7 to
/// [`LARGEST_PRESIEVED`].
pub(crate) fn presieve(cpu: Cpu, segment: &mut [u8], first_byte: u64) {
    let mut patterns = patterns();
    let mut laid = std::array::from_fn::<_, { GROUPS.len() }, _>(|_| {
        let mut laid = patterns.next().expect("one for each group");
        laid.next_byte = (first_byte % u64::from(laid.period)) as u32;
        laid
    });
    lay(cpu, segment, &mut laid);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::wheel30::MODULUS;
    use crate::cpu::level::available;

    #[test]
    fn marks_the_multiples_and_nothing_else() {
        let primes = || GROUPS.iter().flat_map(|group| group.iter()).map(|&p| u64::from(p));
        assert_eq!(primes().max(), Some(LARGEST_PRESIEVED));
        for first_byte in [0u64, 1, 9_999, 123_456_789] {
            for cpu in available() {
                let mut segment = vec![0xAA; 20_000];
                presieve(cpu, &mut segment, first_byte);
                for (i, &byte) in segment.iter().enumerate() {
                    for (bit, &residue) in RESIDUES.iter().enumerate() {
                        let n = MODULUS * (first_byte + i as u64) + u64::from(residue);
                        let composite = primes().any(|p| n.is_multiple_of(p));
                        assert_eq!(byte >> bit & 1 == 1, composite, "{cpu:?}: {n}");
                    }
                }
            }
        }
    }
}
