//! The sieving primes above 2^16, for those who cross off far out: block after block, and none of them is stored.
//!
//! They are below 2^32, so their own sieving primes are below 2^16, or at most below the end of the low bitmap. That is
//! why they need nothing from the floors above.

use super::bytes30::ByteSieve;
use super::low_bitmap::low_bitmap_from;
use super::rows210::Rows210;
use super::windows210::Windows210;
use crate::arithmetic::small_primes::SMALL_LIMIT;
use crate::arithmetic::wheel30::{MODULUS, byte_of};
use crate::base::error::Error;
use crate::base::progress::{KeepGoing, ask};
use crate::base::tuning::{BLOCK_LEN, CLASSES_WIDTH_MIN, LISTED_CLASSES_FROM, SEGMENT_BYTES};
use crate::bitmap::chunk::Chunk;
use crate::bitmap::decode::{WORD_LEN, decode_to};

/// The primes of a closed interval within `[2^16, 2^32)`, in ascending blocks.
pub(crate) struct SievingPrimes {
    /// The first integer that no chunk has covered yet, unless all of the interval is covered.
    next: Option<u64>,
    largest: u64,
    sieve: ByteSieve,
    rows: Option<Rows210<Windows210>>,
    chunk: Chunk,
    /// How many bytes of the chunk have been decoded.
    decoded_bytes: usize,
    block: Vec<u64>,
}

impl SievingPrimes {
    /// The primes of the closed interval `[smallest, largest]`.
    pub(crate) fn new(smallest: u64, largest: u64) -> Self {
        debug_assert!(SMALL_LIMIT <= smallest && largest < 1 << 32);
        Self {
            next: (smallest <= largest).then_some(smallest),
            largest,
            sieve: ByteSieve::default(),
            rows: None,
            chunk: Chunk::default(),
            decoded_bytes: 0,
            block: Vec::new(),
        }
    }

    /// The next primes; none when all have been delivered. No block follows an error.
    pub(crate) fn next_block(&mut self, keep_going: KeepGoing) -> Result<&[u64], Error> {
        self.block.clear();
        self.block.try_reserve_exact(BLOCK_LEN + WORD_LEN).map_err(|_| Error::OutOfMemory)?;
        while self.block.is_empty() {
            if self.decoded_bytes == self.chunk.bytes().len() {
                let Some(lo) = self.next.take() else { break };
                self.decoded_bytes = 0;
                if let Err(error) = self.next_chunk(lo, keep_going) {
                    self.next = None;
                    self.chunk.clear();
                    return Err(error);
                }
            }
            let first_byte = self.chunk.first_byte() + self.decoded_bytes as u64;
            let bytes = &self.chunk.bytes()[self.decoded_bytes..];
            self.decoded_bytes += decode_to(&mut self.block, bytes, first_byte, BLOCK_LEN);
        }
        Ok(&self.block)
    }

    /// Finish the chunk that begins at `lo`.
    fn next_chunk(&mut self, lo: u64, keep_going: KeepGoing) -> Result<(), Error> {
        let left = self.largest - lo;
        let enough = (left / MODULUS + 2).next_multiple_of(8) as usize;
        let low = low_bitmap_from(byte_of(lo)).as_chunks::<8>().0;
        if !low.is_empty() {
            self.chunk.copy(byte_of(lo), &low[..low.len().min(enough / 8)])?;
            ask(keep_going)?;
        } else if self.rows.is_some() || (left >= CLASSES_WIDTH_MIN && self.largest >= LISTED_CLASSES_FROM) {
            let rows = match &mut self.rows {
                Some(rows) => rows,
                none => none.insert(Rows210::new(lo, self.largest)?),
            };
            rows.next_chunk(&mut self.chunk, &mut |_| keep_going())?;
        } else {
            self.chunk.begin(byte_of(lo), enough.min(SEGMENT_BYTES))?;
            let (hi, _) = self.chunk.end(self.largest);
            self.sieve.sieve_chunk(self.chunk.bytes_mut(), byte_of(lo), hi.isqrt(), keep_going)?;
        }
        let (hi, behind) = self.chunk.end(self.largest);
        self.chunk.set_outside(lo, hi);
        self.next = behind.filter(|&next| next <= self.largest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primality::one::is_prime;

    fn primes(smallest: u64, largest: u64) -> Vec<u64> {
        let mut primes = SievingPrimes::new(smallest, largest);
        let mut all = Vec::new();
        while let block @ [_, ..] = primes.next_block(&mut || true).unwrap() {
            all.extend_from_slice(block);
        }
        assert_eq!(primes.next_block(&mut || true), Ok(&[][..]), "the end stays");
        all
    }

    #[test]
    fn all_come_in_their_order_and_nothing_else() {
        for (smallest, largest) in [
            (SMALL_LIMIT, SMALL_LIMIT),
            (SMALL_LIMIT, SMALL_LIMIT + 1),
            (SMALL_LIMIT, 2_200_000), // across the end of the low bitmap
            (1 << 20, 1 << 21),
            (2_000_001, 2_000_000),
            (LISTED_CLASSES_FROM - 5_000_000, LISTED_CLASSES_FROM - 4_000_000),
            ((1 << 32) - 200_000, (1 << 32) - 1),
        ] {
            let expected: Vec<u64> = (smallest..=largest).filter(|&n| is_prime(n)).collect();
            assert!(primes(smallest, largest) == expected, "[{smallest}, {largest}]");
        }
    }

    /// OEIS A006880, A000720: pi(10^8), and pi(2^16).
    #[test]
    fn a_wide_interval_goes_by_classes() {
        assert_eq!(primes(SMALL_LIMIT, 100_000_000).len(), 5_761_455 - 6_542);
    }

    #[test]
    fn an_interruption_is_told_and_final() {
        for limit in [0, 1, 2, 5, 50] {
            let mut asked = 0;
            let mut some = || {
                asked += 1;
                asked <= limit
            };
            let mut primes = SievingPrimes::new(SMALL_LIMIT, 100_000_000);
            let error = loop {
                match primes.next_block(&mut some) {
                    Ok(block) => assert!(!block.is_empty()),
                    Err(error) => break error,
                }
            };
            assert_eq!(error, Error::Interrupted);
            assert_eq!(primes.next_block(&mut || true), Ok(&[][..]), "no block follows an error");
            assert_eq!(asked, limit + 1);
        }
    }
}
