//! Primes as integers, in ascending blocks.

use crate::arithmetic::small_primes::small_primes_of;
use crate::base::error::Error;
use crate::base::progress::KeepGoing;
use crate::base::tuning::BLOCK_LEN;
use crate::bitmap::decode::{WORD_LEN, decode_to};
use crate::interval::chunks::Chunks;

/// The primes of a closed interval, or the first `n` of them, in ascending blocks.
pub struct PrimeBlocks {
    /// The part of the interval that the table of small primes still has to answer.
    small: &'static [u64],
    chunks: Chunks,
    /// The number of bytes of the current chunk that have been decoded.
    decoded_bytes: usize,
    /// The number of primes that are still to be returned.
    remaining: u64,
    /// The number of primes to look for at once.
    lookahead: u64,
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
            lookahead: u64::MAX,
            block: Vec::new(),
        }
    }

    /// The same, for callers who may soon have enough. It looks for a few primes at first, then for twice as many each
    /// time, so that no block takes much longer than all before it.
    #[must_use]
    pub fn gradually(self) -> Self {
        /// Primes of the first block.
        const FIRST: u64 = 16;
        Self { lookahead: FIRST, ..self }
    }

    /// The next primes, at most some thousands; none if all have been returned.
    ///
    /// `keep_going` is asked every few milliseconds at least, from this thread.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] when `keep_going` says no, [`Error::OutOfMemory`] when a buffer cannot be had. No block
    /// follows an error.
    pub fn next_block(&mut self, keep_going: KeepGoing) -> Result<&[u64], Error> {
        while !self.load_ready()? && self.remaining > 0 {
            self.decoded_bytes = 0;
            if !self.chunks.advance(self.remaining.min(self.lookahead), keep_going)? {
                break;
            }
            self.lookahead = self.lookahead.saturating_mul(2);
        }
        Ok(&self.block)
    }

    /// Make the next primes the present block where that takes no sieving, but microseconds; whether there were any.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] when a buffer cannot be had.
    pub fn load_ready(&mut self) -> Result<bool, Error> {
        let wanted = self.remaining.min(self.lookahead);
        let block_len = usize::try_from(wanted).map_or(BLOCK_LEN, |n| n.min(BLOCK_LEN));
        self.block.clear();
        // The last word may bring more than are enough.
        self.block.try_reserve(block_len + WORD_LEN).map_err(|_| Error::OutOfMemory)?;
        let (small, rest) = self.small.split_at(block_len.min(self.small.len()));
        self.small = rest;
        self.block.extend_from_slice(small);
        while self.block.is_empty() && wanted > 0 && self.decoded_bytes < self.chunks.bytes().len() {
            let first_byte = self.chunks.first_byte() + self.decoded_bytes as u64;
            let bytes = &self.chunks.bytes()[self.decoded_bytes..];
            self.decoded_bytes += decode_to(&mut self.block, bytes, first_byte, block_len);
            self.block.truncate(usize::try_from(self.remaining).unwrap_or(usize::MAX));
        }
        self.remaining -= self.block.len() as u64;
        if !self.block.is_empty() && self.lookahead < BLOCK_LEN as u64 {
            self.lookahead *= 2;
        }
        Ok(!self.block.is_empty())
    }

    /// The present block: what [`next_block`](Self::next_block) last returned, or [`load_ready`](Self::load_ready)
    /// loaded.
    #[must_use]
    pub fn block(&self) -> &[u64] {
        &self.block
    }
}
