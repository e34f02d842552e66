//! Consecutive chunks that are sieved by residue classes and then turned into bytes of thirty.

use super::rows::{BLOCK_BYTES, BYTES_PER_CLASS_BYTE, write_rows};
use crate::all_classes::AllClasses;
use crate::arch::{Cpu, active};
use crate::classes::CLASSES_210;
use crate::error::Error;
use crate::residues::{MODULUS, byte_of};
use crate::tuning::LISTED_SEGMENT_BYTES_MAX;

/// The chunks that cover an interval. Each comes from one window of the classes, and stays in the second-level cache.
pub(super) struct ClassChunks {
    cpu: Cpu,
    classes: AllClasses,
    /// How many bytes of each class have been turned, if any have been sieved.
    turned_bytes: usize,
    /// The byte of thirty that comes next.
    next_byte: u64,
    /// The last integer to cover.
    last: u64,
}

impl ClassChunks {
    /// Cover `[lo, hi]`, above the small primes.
    pub(super) fn new(lo: u64, hi: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<Self, Error> {
        let modulus = u64::from(CLASSES_210.modulus);
        // The first byte of thirty may begin before the integers of the same row.
        let base = MODULUS * byte_of(lo) / modulus * modulus;
        let cpu = active();
        // The last bit of a row is found in the next, so each window sees the beginning of the next one.
        let classes = AllClasses::new(cpu, base, hi, LISTED_SEGMENT_BYTES_MAX, BLOCK_BYTES, keep_going)?;
        let turned_bytes = classes.chunk_bytes();
        Ok(Self { cpu, classes, turned_bytes, next_byte: base / MODULUS, last: hi })
    }

    /// Sieve the next chunk into `bytes`, and tell with which byte of the integers it begins. `watch` is told which part
    /// of all of them is done, and says whether to go on.
    pub(super) fn next_chunk(&mut self, bytes: &mut Vec<u8>, watch: &mut dyn FnMut(f64) -> bool) -> Result<u64, Error> {
        if self.turned_bytes == self.classes.chunk_bytes() {
            self.classes.next_chunk(watch)?;
            self.turned_bytes = 0;
        }
        let chunk_bytes = self.classes.window_bytes() * BYTES_PER_CLASS_BYTE;
        if bytes.len() != chunk_bytes {
            bytes.clear();
            bytes.try_reserve_exact(chunk_bytes).map_err(|_| Error::OutOfMemory)?;
            bytes.resize(chunk_bytes, 0);
        }
        write_rows(self.cpu, self.classes.bitmaps(), self.turned_bytes, bytes);
        self.turned_bytes += self.classes.window_bytes();
        let first_byte = self.next_byte;
        self.next_byte += chunk_bytes as u64;
        Ok(first_byte)
    }

    /// The last integer of the interval. What lies behind it in the last chunk has not been sieved to the end.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn is_finished(&self) -> bool {
        self.next_byte > byte_of(self.last)
    }
}
