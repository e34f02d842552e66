//! Narrow intervals far out: sieve a little, test the rest.
//!
//! An interval pays for each sieving prime, however few multiples the prime has there, and far out there are millions
//! of primes. A test costs as much as tens of them. So an interval that is narrow enough is sieved only as far as one
//! more prime saves as much as it costs. `primality` decides what is left.

use crate::arithmetic::wheel30::{MODULUS, WORD_OFFSETS};
use crate::base::error::Error;
use crate::base::progress::Watch;
use crate::primality::batch::Candidates;

/// Set the bits of the integers that a little sieving left and that are not prime. The bytes begin at byte `first_byte`
/// of the integers, and their number is a multiple of eight. `watch` is told which part is done, and says whether to go
/// on.
pub(super) fn set_composites(bytes: &mut [u8], first_byte: u64, watch: Watch) -> Result<(), Error> {
    let mut candidates = Candidates::new();
    let words = bytes.len() / 8;
    for word in 0..words {
        let (start, end) = (8 * word, 8 * word + 8);
        let mut survivors = !u64::from_le_bytes(bytes[start..end].try_into().expect("eight bytes"));
        // A word past 2^64 has no survivors.
        let base = (first_byte + start as u64).wrapping_mul(MODULUS);
        bytes[start..end].fill(u8::MAX);
        while survivors != 0 {
            let bit = survivors.trailing_zeros() as usize;
            survivors &= survivors - 1;
            candidates.push(base + u64::from(WORD_OFFSETS[bit]), 8 * start + bit);
        }
        if candidates.room() < u64::BITS as usize {
            candidates.test_all(&mut |place| bytes[place / 8] &= !(1 << (place % 8)));
            if !watch(word as f64 / words as f64) {
                return Err(Error::Interrupted);
            }
        }
    }
    candidates.test_all(&mut |place| bytes[place / 8] &= !(1 << (place % 8)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::strategy::Strategy;
    use crate::output::count::count;
    use crate::primality::one::is_prime;

    #[test]
    fn what_is_left_is_prime() {
        for (lo, width) in
            [(1 << 40, 3000), (10_u64.pow(15), 10_000), (1 << 63, 100_000), (u64::MAX - 100_000, 100_000)]
        {
            assert!(matches!(Strategy::of(lo, lo + width), Strategy::Test { .. }));
            let expected = (lo..=lo + width).filter(|&n| is_prime(n)).count() as u64;
            assert_eq!(count(lo, lo + width, 1, &mut |_| true), Ok(expected), "{width} from {lo}");
        }
    }

    #[test]
    fn it_can_be_interrupted() {
        let lo = 10_u64.pow(18);
        for calls in 0..10 {
            let mut calls = calls;
            let mut watch = |_| {
                calls -= 1;
                calls >= 0
            };
            assert_eq!(count(lo, lo + 1_000_000, 1, &mut watch), Err(Error::Interrupted));
        }
    }
}
