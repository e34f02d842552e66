//! The sieving primes below 2^16, which hit every segment: the eight multiples of one turn of the wheel, unrolled.
//!
//! The primes are kept by class modulo 30, so that the masks of a whole loop are constants. Each carries its next
//! multiple from segment to segment; nothing is divided after its start.

use crate::arithmetic::wheel30::{GAPS, MODULUS, RESIDUES, STEPS, byte_of, class_of, first_multiple};
use crate::base::error::Error;
use crate::base::memory::push;

#[derive(Clone, Copy)]
struct Prime {
    /// `p / MODULUS` in the sense of [`byte_of`].
    quotient: u32,
    /// The byte of the next multiple, counted from the next segment's first.
    next_byte: u32,
    /// The class of that multiple's cofactor.
    cofactor_class: u32,
}

impl Prime {
    fn new(p: u64, first_byte: u64) -> Self {
        let (next_byte, cofactor_class) = first_multiple(p, first_byte);
        Self {
            quotient: byte_of(p) as u32,
            next_byte: u32::try_from(next_byte).expect("p * p lies within the chunk for which p was taken up"),
            cofactor_class: cofactor_class as u32,
        }
    }
}

/// The small primes in use, with their places.
#[derive(Default)]
pub(super) struct Small {
    by_class: [Vec<Prime>; 8],
}

impl Small {
    /// Take up the prime `p < 2^16` before a segment whose first byte is `first_byte`, from its first multiple there
    /// that is at least `p * p`.
    pub(super) fn add(&mut self, p: u64, first_byte: u64) -> Result<(), Error> {
        push(&mut self.by_class[class_of(p)], Prime::new(p, first_byte))
    }

    pub(super) fn cross_off(&mut self, segment: &mut [u8]) {
        let [c0, c1, c2, c3, c4, c5, c6, c7] = &mut self.by_class;
        cross_off_class::<0>(c0, segment);
        cross_off_class::<1>(c1, segment);
        cross_off_class::<2>(c2, segment);
        cross_off_class::<3>(c3, segment);
        cross_off_class::<4>(c4, segment);
        cross_off_class::<5>(c5, segment);
        cross_off_class::<6>(c6, segment);
        cross_off_class::<7>(c7, segment);
    }
}

/// Cross off the prime `p < 2^16` in bytes that begin with byte `first_byte` of the integers and reach to `p * p`.
pub(crate) fn cross_off_prime(bytes: &mut [u8], first_byte: u64, p: u64) {
    let prime = &mut [Prime::new(p, first_byte)];
    match class_of(p) {
        0 => cross_off_class::<0>(prime, bytes),
        1 => cross_off_class::<1>(prime, bytes),
        2 => cross_off_class::<2>(prime, bytes),
        3 => cross_off_class::<3>(prime, bytes),
        4 => cross_off_class::<4>(prime, bytes),
        5 => cross_off_class::<5>(prime, bytes),
        6 => cross_off_class::<6>(prime, bytes),
        _ => cross_off_class::<7>(prime, bytes),
    }
}

fn cross_off_class<const CLASS: usize>(primes: &mut [Prime], segment: &mut [u8]) {
    for prime in primes {
        let quotient = prime.quotient as usize;
        let mut byte = prime.next_byte as usize;
        let mut i = prime.cofactor_class as usize;
        // To the start of a turn.
        while i != 0 && byte < segment.len() {
            segment[byte] |= STEPS[CLASS][i].mask;
            byte += quotient * usize::from(GAPS[i]) + usize::from(STEPS[CLASS][i].carry_bytes);
            i = (i + 1) % 8;
        }
        if i == 0 {
            byte = cross_off_turns::<CLASS>(segment, byte, quotient);
            // The rest of the last turn.
            while byte < segment.len() {
                segment[byte] |= STEPS[CLASS][i].mask;
                byte += quotient * usize::from(GAPS[i]) + usize::from(STEPS[CLASS][i].carry_bytes);
                i += 1;
            }
        }
        prime.next_byte = (byte - segment.len()) as u32;
        prime.cofactor_class = i as u32;
    }
}

/// Where the eight multiples of a turn lie beyond the first: `quotient * OFFSET_GAPS + OFFSET_CARRIES[class]`.
const OFFSET_GAPS: [usize; 8] = {
    let mut sums = [0; 8];
    let mut i = 1;
    while i < 8 {
        sums[i] = sums[i - 1] + GAPS[i - 1] as usize;
        i += 1;
    }
    sums
};

const OFFSET_CARRIES: [[usize; 8]; 8] = {
    let mut sums = [[0; 8]; 8];
    let mut class = 0;
    while class < 8 {
        let mut i = 1;
        while i < 8 {
            sums[class][i] = sums[class][i - 1] + STEPS[class][i - 1].carry_bytes as usize;
            i += 1;
        }
        class += 1;
    }
    sums
};

/// Cross off whole turns of the wheel while they fit the segment; the byte of the first multiple that was left.
#[allow(unsafe_code, reason = "bounds checks cost a tenth of the time to list the primes below 10^9")]
fn cross_off_turns<const CLASS: usize>(segment: &mut [u8], mut byte: usize, quotient: usize) -> usize {
    let offsets: [usize; 8] = std::array::from_fn(|i| quotient * OFFSET_GAPS[i] + OFFSET_CARRIES[CLASS][i]);
    let [.., last_offset] = offsets;
    let turn_bytes = quotient * MODULUS as usize + usize::from(RESIDUES[CLASS]);
    while byte + last_offset < segment.len() {
        for i in 0..8 {
            // SAFETY: the offsets ascend, so byte + offsets[i] <= byte + last_offset, which the loop's condition
            // keeps below segment.len(). Neither sum wraps: p < 2^16, so all terms are below 2^28.
            unsafe { *segment.get_unchecked_mut(byte + offsets[i]) |= STEPS[CLASS][i].mask };
        }
        byte += turn_bytes;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_any_length_join_without_a_seam() {
        let primes = [103u64, 107, 109, 113, 127, 131, 137, 151, 1009, 4001];
        let first_byte = 333_333u64;
        let whole = 60_000;
        for segment_bytes in [whole, 64, 1000, 7777] {
            let mut small = Small::default();
            for p in primes {
                small.add(p, first_byte).unwrap();
            }
            let mut bytes = vec![0; whole];
            for segment in bytes.chunks_mut(segment_bytes) {
                small.cross_off(segment);
            }
            for (i, &byte) in bytes.iter().enumerate() {
                for (bit, &residue) in RESIDUES.iter().enumerate() {
                    let n = MODULUS * (first_byte + i as u64) + u64::from(residue);
                    let composite = primes.iter().any(|&p| n.is_multiple_of(p) && n >= p * p);
                    assert_eq!(byte >> bit & 1 == 1, composite, "{n}, segments of {segment_bytes}");
                }
            }
        }
    }
}
