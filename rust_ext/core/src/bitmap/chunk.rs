//! A chunk: a stretch of the integers in bytes of thirty that is finished as one piece.

use super::clip::set_outside;
use crate::arithmetic::wheel30::{GAP_BETWEEN_BYTES, LAST_RESIDUE, MODULUS};
use crate::base::error::Error;

/// A bitmap of a multiple of eight bytes, and where it begins.
#[derive(Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    first_byte: u64,
}

impl Chunk {
    /// The bitmap: once it is finished, the clear bits stand for primes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// The same as little-endian words.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.bytes.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// The byte of the integers with which the chunk begins.
    pub(crate) fn first_byte(&self) -> u64 {
        self.first_byte
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Begin anew at byte `first_byte` of the integers, with that many clear bytes.
    pub(crate) fn begin(&mut self, first_byte: u64, len: usize) -> Result<(), Error> {
        self.bytes.clear();
        self.begin_unset(first_byte, len)
    }

    /// The same; but where the chunk had that length before, the bits are what they were.
    pub(crate) fn begin_unset(&mut self, first_byte: u64, len: usize) -> Result<(), Error> {
        self.first_byte = first_byte;
        if self.bytes.len() != len {
            self.bytes.clear();
            self.bytes.try_reserve_exact(len).map_err(|_| Error::OutOfMemory)?;
            self.bytes.resize(len, 0);
        }
        Ok(())
    }

    /// Begin anew with words that are known.
    pub(crate) fn copy(&mut self, first_byte: u64, words: &[[u8; 8]]) -> Result<(), Error> {
        self.first_byte = first_byte;
        self.bytes.clear();
        self.bytes.try_reserve_exact(8 * words.len()).map_err(|_| Error::OutOfMemory)?;
        self.bytes.extend_from_slice(words.as_flattened());
        Ok(())
    }

    /// The last integer of the chunk, or `last` if that comes earlier; and the first integer behind it that may have a
    /// bit, if there is one below 2^64.
    pub(crate) fn end(&self, last: u64) -> (u64, Option<u64>) {
        let last_byte = self.first_byte + self.bytes.len() as u64 - 1;
        let end = last_byte.checked_mul(MODULUS).and_then(|n| n.checked_add(LAST_RESIDUE));
        let hi = end.unwrap_or(u64::MAX).min(last);
        (hi, hi.checked_add(if end == Some(hi) { GAP_BETWEEN_BYTES } else { 1 }))
    }

    /// Set the bits of all integers outside `[lo, hi]`, both of which lie in the chunk.
    pub(crate) fn set_outside(&mut self, lo: u64, hi: u64) {
        set_outside(&mut self.bytes, self.first_byte, lo, hi);
    }
}
