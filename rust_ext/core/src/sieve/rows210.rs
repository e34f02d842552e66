//! Consecutive chunks that are sieved by residue classes and then turned into bytes of thirty.

use super::windows210::Stretches;
use crate::arithmetic::wheel30::{MODULUS, byte_of};
use crate::arithmetic::wheels::WHEEL_210;
use crate::base::error::Error;
use crate::base::progress::Watch;
use crate::base::tuning::LISTED_SEGMENT_BYTES_MAX;
use crate::bitmap::chunk::Chunk;
use crate::bitmap::transpose::{BLOCK_BYTES, BYTES_PER_CLASS_BYTE, write_rows};
use crate::cpu::level::{Cpu, active};

/// The chunks that cover an interval. Each comes from one window of the classes, and stays in the second-level cache.
pub(crate) struct Rows210<S> {
    cpu: Cpu,
    stretches: S,
    /// How many bytes of each class have been turned, if any have been sieved.
    turned_bytes: usize,
    /// The byte of thirty that comes next.
    next_byte: u64,
}

impl<S: Stretches> Rows210<S> {
    /// Cover `[lo, hi]`, above the small primes.
    pub(crate) fn new(lo: u64, hi: u64) -> Result<Self, Error> {
        let modulus = u64::from(WHEEL_210.modulus);
        // The first byte of thirty may begin before the integers of the same row.
        let base = MODULUS * byte_of(lo) / modulus * modulus;
        let cpu = active();
        // The last bit of a row is found in the next, so each window sees the beginning of the next one.
        let stretches = S::new(cpu, base, hi, LISTED_SEGMENT_BYTES_MAX, BLOCK_BYTES)?;
        let turned_bytes = stretches.windows().stretch_bytes();
        Ok(Self { cpu, stretches, turned_bytes, next_byte: base / MODULUS })
    }

    /// Sieve the next chunk. `watch` is told which part of all of them is done, and says whether to go on.
    pub(crate) fn next_chunk(&mut self, chunk: &mut Chunk, watch: Watch) -> Result<(), Error> {
        if self.turned_bytes == self.stretches.windows().stretch_bytes() {
            self.stretches.next_stretch(watch)?;
            self.turned_bytes = 0;
        }
        let windows = self.stretches.windows();
        let chunk_bytes = windows.window_bytes() * BYTES_PER_CLASS_BYTE;
        chunk.begin_unset(self.next_byte, chunk_bytes)?;
        write_rows(self.cpu, windows.bitmaps(), self.turned_bytes, chunk.bytes_mut());
        self.turned_bytes += windows.window_bytes();
        self.next_byte += chunk_bytes as u64;
        Ok(())
    }

    /// The last integer of the interval. What lies behind it in the last chunk has not been sieved to the end.
    pub(crate) fn last(&self) -> u64 {
        self.stretches.windows().hi()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.next_byte > byte_of(self.last())
    }
}
