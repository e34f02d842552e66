//! Primes as a sequence of blocks: the one way in.
//!
//! Each chunk is sieved with the primes up to a limit that grows with the chunk's width. Where this limit is below the
//! square root, as it is for a narrow window far out, the survivors are tested one by one; where it is not, there is
//! nothing left to test. So one rule serves ten primes near 2^64 and the first hundred million.

use std::ops::Range;

use crate::bounds::likely_width;
use crate::decode::decode;
use crate::error::Error;
use crate::primality::is_odd_prime;
use crate::residues::{MODULUS, RESIDUES, byte_of};
use crate::sieve::Sieve;
use crate::small_primes::{SMALL_LIMIT, small_primes};
use crate::tuning::{
    BLOCK_LEN, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, SEGMENT_BYTES, SIEVE_LIMIT_PER_TESTED_WIDTH, SQRT_PER_CHUNK_BYTE,
    SQRT_PER_SIEVED_WIDTH,
};

/// The primes of a closed interval, or the first so many of them, in ascending blocks.
pub struct PrimeBlocks {
    /// What is still to come out of the table of small primes.
    small: Range<usize>,
    /// The first integer that no chunk has covered yet, unless all of `[lo, hi]` is covered.
    next: Option<u64>,
    hi: u64,
    /// How many primes are still to be delivered.
    remaining: u64,
    sieve: Sieve,
    chunk: Vec<u8>,
    first_byte: u64,
    /// How many bytes of the chunk have been decoded.
    decoded_bytes: usize,
    /// Whether the chunk's clear bits may be composite.
    survivors_need_test: bool,
    block: Vec<u64>,
}

impl PrimeBlocks {
    /// The primes of the closed interval `[lo, hi]`.
    #[must_use]
    pub fn range(lo: u64, hi: u64) -> Self {
        Self::new(lo, hi, u64::MAX)
    }

    /// The `n` smallest primes that are at least `lo`; fewer where 2^64 ends the search.
    #[must_use]
    pub fn first_n(n: u64, lo: u64) -> Self {
        Self::new(lo, u64::MAX, n)
    }

    fn new(lo: u64, hi: u64, remaining: u64) -> Self {
        let table = small_primes();
        Self {
            small: table.partition_point(|&p| p < lo)..table.partition_point(|&p| p <= hi),
            next: (hi >= SMALL_LIMIT && lo <= hi).then_some(lo.max(SMALL_LIMIT)),
            hi,
            remaining,
            sieve: Sieve::default(),
            chunk: Vec::new(),
            first_byte: 0,
            decoded_bytes: 0,
            survivors_need_test: false,
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
        let at_most = usize::try_from(self.remaining).map_or(BLOCK_LEN, |n| n.min(BLOCK_LEN));
        if !self.small.is_empty() {
            let end = self.small.end.min(self.small.start + at_most);
            let block = &small_primes()[self.small.start..end];
            self.small.start = end;
            self.remaining -= block.len() as u64;
            if self.remaining == 0 {
                self.small = 0..0;
            }
            return Ok(block);
        }
        self.block.clear();
        while self.block.is_empty() && self.remaining > 0 {
            if self.decoded_bytes == self.chunk.len() && !self.sieve_next_chunk(keep_going)? {
                break;
            }
            // The last word may bring 63 more than are enough.
            self.block.try_reserve(at_most + 64).map_err(|_| Error::OutOfMemory)?;
            let first_byte = self.first_byte + self.decoded_bytes as u64;
            self.decoded_bytes += decode(&self.chunk[self.decoded_bytes..], first_byte, at_most, &mut self.block);
            if self.survivors_need_test {
                self.block.retain(|&n| is_odd_prime(n));
                if !keep_going() {
                    return Err(self.stop(Error::Interrupted));
                }
            }
            self.block.truncate(usize::try_from(self.remaining).unwrap_or(usize::MAX));
        }
        self.remaining -= self.block.len() as u64;
        Ok(&self.block)
    }

    /// Sieve the chunk that begins at `next`; false when there is none.
    fn sieve_next_chunk(&mut self, keep_going: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        let Some(lo) = self.next else {
            return Ok(false);
        };
        self.first_byte = byte_of(lo);
        let chunk_bytes = chunk_bytes(lo, self.hi, self.remaining);
        self.chunk.clear();
        if self.chunk.try_reserve_exact(chunk_bytes).is_err() {
            return Err(self.stop(Error::OutOfMemory));
        }
        self.chunk.resize(chunk_bytes, 0);
        let last_byte = self.first_byte + chunk_bytes as u64 - 1;
        let hi = last_byte.checked_mul(MODULUS).and_then(|n| n.checked_add(31)).map_or(self.hi, |n| n.min(self.hi));
        // The first integer of the next byte: 30 b + 31 is the last of one, 30 (b + 1) + 7 the first of the next.
        self.next = hi.checked_add(6).filter(|&next| next <= self.hi);

        let root = hi.isqrt();
        let width = hi - lo;
        self.survivors_need_test = width < root / SQRT_PER_SIEVED_WIDTH;
        let largest = if self.survivors_need_test { width * SIEVE_LIMIT_PER_TESTED_WIDTH } else { root };
        if let Err(error) = self.sieve.sieve_chunk(&mut self.chunk, self.first_byte, largest, keep_going) {
            return Err(self.stop(error));
        }
        set_outside(&mut self.chunk, self.first_byte, lo, hi);
        self.decoded_bytes = 0;
        Ok(true)
    }

    /// Make sure that nothing half-made is ever delivered.
    fn stop(&mut self, error: Error) -> Error {
        self.next = None;
        self.chunk.clear();
        self.decoded_bytes = 0;
        error
    }
}

/// The bytes of the chunk from `lo` on, a multiple of eight: enough for `remaining` primes in all likelihood and for
/// `hi`, but no more than can be sieved well at once.
fn chunk_bytes(lo: u64, hi: u64, remaining: u64) -> usize {
    let width = likely_width(lo, remaining).min(hi - lo);
    let wanted = (width / MODULUS + 2).next_multiple_of(8);
    let root = lo.isqrt();
    let most = if root < SMALL_LIMIT {
        SEGMENT_BYTES as u64
    } else {
        (root / SQRT_PER_CHUNK_BYTE).clamp(CHUNK_BYTES_MIN, CHUNK_BYTES_MAX).next_multiple_of(8)
    };
    wanted.min(most) as usize
}

/// Set the bits of all integers outside `[lo, hi]`, where `lo` lies in the first byte.
fn set_outside(chunk: &mut [u8], first_byte: u64, lo: u64, hi: u64) {
    chunk[0] |= !at_least(lo - MODULUS * first_byte);
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
