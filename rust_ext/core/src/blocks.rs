//! Primes as integers, in ascending blocks.

use crate::bounds::likely_count;
use crate::chunks::Chunks;
use crate::decode::decode;
use crate::error::Error;
use crate::small_primes::small_primes_of;
use crate::tuning::BLOCK_LEN;

/// The primes of a closed interval, or the first so many of them, in ascending blocks.
pub struct PrimeBlocks {
    /// What is still to come out of the table of small primes.
    small: &'static [u64],
    chunks: Chunks,
    /// How many bytes of the present chunk have been decoded.
    decoded_bytes: usize,
    /// How many primes are still to be delivered.
    remaining: u64,
    block: Vec<u64>,
}

impl PrimeBlocks {
    /// The primes of the closed interval `[lo, hi]`.
    #[must_use]
    pub fn range(lo: u64, hi: u64) -> Self {
        Self::first_n_of_range(u64::MAX, lo, hi)
    }

    /// The `n` smallest primes that are at least `lo`; fewer where 2^64 ends the search.
    #[must_use]
    pub fn first_n(n: u64, lo: u64) -> Self {
        Self::first_n_of_range(n, lo, u64::MAX)
    }

    /// The `n` smallest primes of the closed interval `[lo, hi]`, or all where there are fewer.
    #[must_use]
    pub fn first_n_of_range(n: u64, lo: u64, hi: u64) -> Self {
        Self {
            small: small_primes_of(lo, hi),
            chunks: Chunks::new(lo, hi),
            decoded_bytes: 0,
            remaining: n,
            block: Vec::new(),
        }
    }

    /// The next primes, at most some thousands; none when all have been delivered.
    ///
    /// `keep_going` is asked every few milliseconds at least, from this thread.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] when `keep_going` says no, [`Error::OutOfMemory`] when a buffer cannot be had. No block
    /// follows an error.
    pub fn next_block(&mut self, keep_going: &mut dyn FnMut() -> bool) -> Result<&[u64], Error> {
        let block_len = usize::try_from(self.remaining).map_or(BLOCK_LEN, |n| n.min(BLOCK_LEN));
        let (small, rest) = self.small.split_at(block_len.min(self.small.len()));
        if !small.is_empty() {
            self.small = rest;
            self.remaining -= small.len() as u64;
            return Ok(small);
        }
        self.block.clear();
        while self.block.is_empty() && self.remaining > 0 {
            if self.decoded_bytes == self.chunks.bytes().len() {
                self.decoded_bytes = 0;
                if !self.chunks.advance(self.remaining, keep_going)? {
                    break;
                }
            }
            // The last word may bring 63 more than are enough.
            self.block.try_reserve(block_len + 64).map_err(|_| Error::OutOfMemory)?;
            let first_byte = self.chunks.first_byte() + self.decoded_bytes as u64;
            let bytes = &self.chunks.bytes()[self.decoded_bytes..];
            self.decoded_bytes += decode(bytes, first_byte, block_len, &mut self.block);
            self.block.truncate(usize::try_from(self.remaining).unwrap_or(usize::MAX));
        }
        self.remaining -= self.block.len() as u64;
        Ok(&self.block)
    }
}

/// The `n` smallest primes of the closed interval `[lo, hi]`, or all where there are fewer.
///
/// # Errors
///
/// As [`PrimeBlocks::next_block`]; [`Error::OutOfMemory`] also when the primes themselves do not fit into memory.
pub fn collect(n: u64, lo: u64, hi: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<Vec<u64>, Error> {
    let mut blocks = PrimeBlocks::first_n_of_range(n, lo, hi);
    let mut primes = Vec::new();
    let expected = n.min(likely_count(lo, hi));
    primes
        .try_reserve_exact(usize::try_from(expected).map_err(|_| Error::OutOfMemory)?)
        .map_err(|_| Error::OutOfMemory)?;
    loop {
        let block = blocks.next_block(keep_going)?;
        if block.is_empty() {
            return Ok(primes);
        }
        primes.try_reserve(block.len()).map_err(|_| Error::OutOfMemory)?;
        primes.extend_from_slice(block);
    }
}
