//! The bitmap of the integers from the small primes to two million: sieved once, since most lists begin there.
//!
//! So do those of the sieving primes, of whatever is sieved further out.

use std::sync::LazyLock;

use crate::byte_sieve::ByteSieve;
use crate::residues::{LAST_RESIDUE, MODULUS, byte_of};
use crate::small_primes::SMALL_LIMIT;

/// The byte of the integers with which it begins.
const FIRST_BYTE: u64 = byte_of(SMALL_LIMIT);

/// Its length, a multiple of eight. Whoever wants a few primes above the small ones waits for all of it, once.
const LEN: usize = 66 << 10;

static BITMAP: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = vec![0; LEN];
    let last = MODULUS * (FIRST_BYTE + LEN as u64 - 1) + LAST_RESIDUE;
    let sieved = ByteSieve::default().sieve_chunk(&mut bytes, FIRST_BYTE, last.isqrt(), &mut || true);
    sieved.expect("nobody stops it, and it stores few primes");
    bytes
});

/// The bitmap from byte `first_byte` of the integers on, above the small primes: the clear bits stand for primes. Empty
/// where it has ended.
pub(crate) fn low_bitmap_from(first_byte: u64) -> &'static [u8] {
    debug_assert!(first_byte >= FIRST_BYTE);
    let skipped = first_byte - FIRST_BYTE;
    if skipped < LEN as u64 { &BITMAP[skipped as usize..] } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residues::RESIDUES;
    use crate::small_primes::small_primes;

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
