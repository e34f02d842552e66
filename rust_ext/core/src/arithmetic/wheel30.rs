//! The eight classes coprime to 30, and how a multiple walks through them.
//!
//! Everything that knows the wheel modulo 30 is here: which bit stands for which integer, and how far it is from one
//! multiple of a prime that is coprime to 30 to the next.

/// What one byte of a bitmap covers.
pub(crate) const MODULUS: u64 = 30;

/// Bit `i` of byte `b` stands for the integer `30 * b + RESIDUES[i]`.
///
/// The residues run 7..=31 rather than 1..=29 so that 1, which is not prime, has no bit and nobody must clear it.
/// The price: 31 belongs to the next thirty, so `n` bytes from 0 end at `30 * n + 1`.
pub(crate) const RESIDUES: [u8; 8] = [7, 11, 13, 17, 19, 23, 29, 31];

pub(crate) const FIRST_RESIDUE: u64 = RESIDUES[0] as u64;
pub(crate) const LAST_RESIDUE: u64 = RESIDUES[7] as u64;

/// The way from the last integer of a byte to the first of the next.
pub(crate) const GAP_BETWEEN_BYTES: u64 = MODULUS + FIRST_RESIDUE - LAST_RESIDUE;

/// `WORD_OFFSETS[i]` is what bit `i` of a 64-bit word (eight bytes, little endian) adds to the word's `30 * b`.
pub(crate) const WORD_OFFSETS: [u8; 64] = {
    let mut offsets = [0; 64];
    let mut i = 0;
    while i < 64 {
        offsets[i] = 30 * (i as u8 / 8) + RESIDUES[i % 8];
        i += 1;
    }
    offsets
};

/// `GAPS[i]` is the way from the cofactor in class `i` to the next cofactor that is coprime to 30.
pub(crate) const GAPS: [u8; 8] = [4, 2, 4, 2, 4, 6, 2, 6];

/// One step of a prime from the multiple whose cofactor is in class `i` to the next: the bit to set before it, and the
/// bytes to go beyond `GAPS[i] * (p / 30)`.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) mask: u8,
    pub(crate) carry_bytes: u8,
}

/// `STEPS[class of p][class of the cofactor]`.
///
/// With `p = 30 k + r` and a cofactor `q = 30 j + s` the multiple `p q` is `30 (p j + k s) + r s`; as `s` grows by a
/// gap the byte grows by `k * gap` and by what `r s` carries into the next thirties.
pub(crate) const STEPS: [[Step; 8]; 8] = {
    let mut steps = [[Step { mask: 0, carry_bytes: 0 }; 8]; 8];
    let mut class = 0;
    while class < 8 {
        let mut i = 0;
        while i < 8 {
            let here = RESIDUES[class] as u16 * RESIDUES[i] as u16;
            let there = here + RESIDUES[class] as u16 * GAPS[i] as u16;
            steps[class][i] = Step {
                mask: 1 << class_of(here as u64),
                carry_bytes: (byte_of(there as u64) - byte_of(here as u64)) as u8,
            };
            i += 1;
        }
        class += 1;
    }
    steps
};

/// The byte in which `n >= 7` has its bit, counted from the byte of 7.
pub(crate) const fn byte_of(n: u64) -> u64 {
    (n - FIRST_RESIDUE) / MODULUS
}

/// The class of an integer coprime to 30: the index of its bit.
pub(crate) const fn class_of(n: u64) -> usize {
    let mut i = 0;
    while RESIDUES[i] as u64 % MODULUS != n % MODULUS {
        i += 1;
    }
    i
}

/// `TO_COPRIME[n % 30]` leads up from `n` to the nearest integer coprime to 30: by how much, and its class.
pub(crate) const TO_COPRIME: [(u8, u8); 30] = {
    let mut up = [(0, 0); 30];
    let mut n = 0;
    while n < 30 {
        let mut add = 0;
        while (n + add) % 2 == 0 || (n + add) % 3 == 0 || (n + add) % 5 == 0 {
            add += 1;
        }
        up[n] = (add as u8, class_of((n + add) as u64) as u8);
        n += 1;
    }
    up
};

/// The first multiple of `p` that is coprime to 30, at least `p * p` and in byte `first_byte` or later: its byte,
/// counted from `first_byte`, and the class of its cofactor.
///
/// Everything is relative to the first integer of the byte, so that no multiple needs to fit 64 bits.
pub(crate) fn first_multiple(p: u64, first_byte: u64) -> (u64, usize) {
    let low = MODULUS * first_byte + FIRST_RESIDUE;
    let (ahead, cofactor) = if p * p > low {
        (p * p - low, p)
    } else {
        let remainder = low % p;
        if remainder == 0 { (0, low / p) } else { (p - remainder, low / p + 1) }
    };
    let (up, class) = TO_COPRIME[(cofactor % MODULUS) as usize];
    ((ahead + p * u64::from(up)) / MODULUS, usize::from(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_a_word_stands_for_its_own_integer() {
        let covered: Vec<u64> = (7..247).filter(|n| n % 2 != 0 && n % 3 != 0 && n % 5 != 0).collect();
        assert_eq!(WORD_OFFSETS.map(u64::from).to_vec(), covered);
    }

    #[test]
    fn steps_lead_from_multiple_to_multiple() {
        for p in [7u64, 11, 31, 37, 61, 89, 113, 229, 65_521] {
            let class = class_of(p);
            let k = byte_of(p);
            let mut q = 7;
            let mut byte = byte_of(p * q);
            for turn in 0..24 {
                let i = turn % 8;
                let step = STEPS[class][i];
                assert_eq!(byte, byte_of(p * q), "p = {p}, q = {q}");
                assert_eq!(step.mask, 1 << class_of(p * q), "p = {p}, q = {q}");
                byte += k * u64::from(GAPS[i]) + u64::from(step.carry_bytes);
                q += u64::from(GAPS[i]);
            }
        }
    }

    #[test]
    fn the_way_up_ends_at_the_nearest_coprime() {
        for n in 0..60u64 {
            let (add, class) = TO_COPRIME[(n % 30) as usize];
            let up = (n..n + 6).find(|m| m % 2 != 0 && m % 3 != 0 && m % 5 != 0).unwrap();
            assert_eq!((n + u64::from(add), usize::from(class)), (up, class_of(up)));
        }
    }

    #[test]
    fn first_multiples_are_the_first() {
        for p in [103u64, 107, 109, 113, 211, 30_011, 65_521] {
            for first_byte in [0u64, 1, 5_000, p * p / MODULUS, p * p / MODULUS + 1, 1 << 40] {
                let from = (MODULUS * first_byte + FIRST_RESIDUE).max(p * p);
                // Of eight consecutive multiples of an odd p with p % 3 != 0 and p % 5 != 0, one at least is coprime.
                let multiples = (from.next_multiple_of(p)..).step_by(p as usize).take(8);
                let expected = multiples.filter(|n| n % 2 != 0 && n % 3 != 0 && n % 5 != 0).min().unwrap();
                let (byte, class) = first_multiple(p, first_byte);
                let cofactor = expected / p;
                assert_eq!(byte, byte_of(expected) - first_byte, "p = {p}, byte {first_byte}");
                assert_eq!(u64::from(RESIDUES[class]) % MODULUS, cofactor % MODULUS, "p = {p}, byte {first_byte}");
            }
        }
    }
}
