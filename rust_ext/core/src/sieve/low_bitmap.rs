//! The bitmap of the integers from the small primes to two million. It is sieved once: most lists begin there, and so
//! do the sieving primes of all that lies further out.

use super::bytes30::{LARGEST_PRESIEVED, cross_off_prime, presieve};
use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes_of};
use crate::arithmetic::wheel30::{LAST_RESIDUE, MODULUS, RESIDUES, byte_of};
use crate::base::error::Error;
use crate::base::memory::reserved;
use crate::base::table::Table;
use crate::base::tuning::BLOCK_LEN;
use crate::bitmap::decode::{WORD_LEN, decode_to};
use crate::cpu::level::active;

/// The byte of the integers with which it begins.
const FIRST_BYTE: u64 = byte_of(SMALL_LIMIT);

/// Its length, a multiple of eight. The first call for a few primes above the small ones waits for all of it.
const LEN: usize = 66 << 10;

fn bitmap() -> &'static [u8] {
    static BITMAP: Table<[u8; LEN]> = Table::new([0; _]);
    BITMAP.made_by(|bytes| {
        presieve(active(), bytes, FIRST_BYTE);
        let last = MODULUS * (FIRST_BYTE + LEN as u64 - 1) + LAST_RESIDUE;
        for &p in small_primes_of(LARGEST_PRESIEVED + 1, last.isqrt()) {
            cross_off_prime(bytes, FIRST_BYTE, p);
        }
    })
}

/// The bitmap from byte `first_byte` of the integers on, above the small primes: the clear bits stand for primes. Empty
/// where it has ended.
pub(crate) fn low_bitmap_from(first_byte: u64) -> &'static [u8] {
    debug_assert!(first_byte >= FIRST_BYTE);
    let skipped = first_byte - FIRST_BYTE;
    if skipped < LEN as u64 { &bitmap()[skipped as usize..] } else { &[] }
}

/// The primes above the small ones as far as the bitmap goes, ascending.
pub(crate) fn low_primes() -> impl Iterator<Item = u64> {
    (FIRST_BYTE..).zip(bitmap()).flat_map(|(byte, bits)| {
        let primes = (0..8).filter(move |bit| bits >> bit & 1 == 0);
        primes.map(move |bit| MODULUS * byte + u64::from(RESIDUES[bit]))
    })
}

/// Append the primes above the small ones up to `largest`, which lies before the bitmap's end.
pub(crate) fn append_low_primes(primes: &mut Vec<u32>, largest: u64) -> Result<(), Error> {
    debug_assert!(largest < MODULUS * (FIRST_BYTE + LEN as u64));
    let mut block = reserved(BLOCK_LEN + WORD_LEN)?;
    let mut read = 0;
    loop {
        block.clear();
        read += decode_to(&mut block, &bitmap()[read..], FIRST_BYTE + read as u64, BLOCK_LEN);
        let len = block.partition_point(|&p| p <= largest);
        primes.try_reserve(len).map_err(|_| Error::OutOfMemory)?;
        primes.extend(block[..len].iter().map(|&p| p as u32));
        if len < block.len() || read == LEN {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::small_primes::small_primes;

    #[test]
    fn the_bits_are_what_trial_division_finds() {
        for (byte, bits) in (FIRST_BYTE..).zip(low_bitmap_from(FIRST_BYTE)) {
            for (bit, &residue) in RESIDUES.iter().enumerate() {
                let n = MODULUS * byte + u64::from(residue);
                let mut divisors = small_primes().iter().take_while(|&&p| p * p <= n);
                assert_eq!(bits >> bit & 1 == 1, divisors.any(|&p| n.is_multiple_of(p)), "{n}");
            }
        }
        assert_eq!(low_bitmap_from(FIRST_BYTE).len(), LEN);
        assert_eq!(low_bitmap_from(FIRST_BYTE + 8), &low_bitmap_from(FIRST_BYTE)[8..]);
        assert!(low_bitmap_from(FIRST_BYTE + LEN as u64).is_empty() && low_bitmap_from(u64::MAX / 30).is_empty());
    }
}
