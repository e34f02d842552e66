//! Where an interval begins and ends within a bitmap: what lies outside counts as composite.

use crate::arithmetic::wheel30::{MODULUS, RESIDUES, byte_of};

/// Set the bits of all integers outside `[lo, hi]` in bytes of thirty that begin with byte `first_byte` of the
/// integers. Both ends lie within them.
pub(crate) fn set_outside(chunk: &mut [u8], first_byte: u64, lo: u64, hi: u64) {
    let head = byte_of(lo);
    let (before, head_on) = chunk.split_at_mut((head - first_byte) as usize);
    before.fill(0xFF);
    head_on[0] |= !at_least(lo - MODULUS * head);
    let last_byte = byte_of(hi);
    let tail = &mut chunk[(last_byte - first_byte) as usize..];
    // `hi - base` and not `hi + 1`, which need not fit.
    tail[0] |= at_least(hi - MODULUS * last_byte + 1);
    tail[1..].fill(0xFF);
}

/// The bits of a byte whose residues are at least `n`.
fn at_least(n: u64) -> u8 {
    (0..8).filter(|&i| u64::from(RESIDUES[i]) >= n).fold(0, |bits, i| bits | 1 << i)
}

/// Set the bits outside `[lo, hi]` in a class whose bit 0 stands for `first`, which lies less than `modulus` below
/// `lo`.
pub(crate) fn set_outside_in_class(bits: &mut [u8], first: u64, modulus: u64, lo: u64, hi: u64) {
    if first < lo {
        bits[0] |= 1;
    }
    set_from(bits, hi.checked_sub(first).map_or(0, |width| width / modulus + 1));
}

/// Set all bits from `bit` on.
fn set_from(bits: &mut [u8], bit: u64) {
    let byte = bit / 8;
    if byte < bits.len() as u64 {
        bits[byte as usize] |= 0xFF << (bit % 8);
        bits[byte as usize + 1..].fill(0xFF);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_set_and_nothing_else() {
        let first_byte = 7;
        let integers = |bytes: &[u8]| -> Vec<u64> {
            let bits = (0..8 * bytes.len()).filter(|bit| bytes[bit / 8] >> (bit % 8) & 1 == 0);
            bits.map(|bit| MODULUS * (first_byte + bit as u64 / 8) + u64::from(RESIDUES[bit % 8])).collect()
        };
        let all = integers(&[0; 8]);
        for lo in all[0]..all[0] + 70 {
            for hi in (lo..=all[63]).step_by(3) {
                let mut bytes = [0; 8];
                set_outside(&mut bytes, first_byte, lo, hi);
                let expected: Vec<u64> = all.iter().copied().filter(|n| (lo..=hi).contains(n)).collect();
                assert_eq!(integers(&bytes), expected, "[{lo}, {hi}]");
            }
        }
    }

    #[test]
    fn what_lies_outside_is_set_in_a_class() {
        let (first, modulus) = (1_000, 210);
        for lo in first..=first + modulus {
            for hi in (lo..first + 40 * modulus).step_by(101) {
                let mut bits = [0; 4];
                set_outside_in_class(&mut bits, first, modulus, lo, hi);
                for bit in 0..32 {
                    let n = first + modulus * bit;
                    assert_eq!(bits[bit as usize / 8] >> (bit % 8) & 1 == 1, !(lo..=hi).contains(&n), "{n}");
                }
            }
        }
        let mut bits = [0; 4];
        set_outside_in_class(&mut bits, u64::MAX, modulus, u64::MAX - 5, u64::MAX - 1);
        assert_eq!(bits, [0xFF; 4], "a class that begins behind the interval");
    }
}
