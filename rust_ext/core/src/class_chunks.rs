//! Consecutive chunks that are sieved by residue classes and then turned into bytes of thirty.

use crate::arch::{Cpu, active};
use crate::bitmaps::Bitmaps;
use crate::class_sieve::ClassSieve;
use crate::classes::CLASSES_210;
use crate::error::Error;
use crate::residues::{MODULUS, byte_of};
use crate::rows::{BLOCK_BYTES, BYTES_PER_CLASS_BYTE, write_rows};
use crate::tuning::LISTED_SEGMENT_BYTES_MAX;

/// The chunks that cover an interval.
pub(crate) struct ClassChunks {
    cpu: Cpu,
    sieve: ClassSieve,
    bitmaps: Bitmaps,
    segment_bytes: usize,
    base: u64,
    /// The last integer to cover.
    hi: u64,
}

impl ClassChunks {
    /// Cover `[lo, hi]`, above the small primes, and more behind it; sieve by the primes to `largest`.
    pub(crate) fn new(lo: u64, hi: u64, largest: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<Self, Error> {
        let modulus = u64::from(CLASSES_210.modulus);
        // The first byte of thirty may begin before the integers of the same row.
        let base = MODULUS * byte_of(lo) / modulus * modulus;
        let class_bytes = (hi - base) / modulus / 8 + 1;
        // The last bit of a row is found in the next, so each window sees the beginning of the next one.
        let windows = class_bytes.div_ceil((LISTED_SEGMENT_BYTES_MAX - BLOCK_BYTES) as u64);
        let segment_bytes = ClassSieve::segment_bytes(class_bytes.div_ceil(windows) as usize + BLOCK_BYTES);
        let cpu = active();
        Ok(Self {
            cpu,
            sieve: ClassSieve::new(cpu, &CLASSES_210, base, segment_bytes, 8 * BLOCK_BYTES, largest, keep_going)?,
            bitmaps: Bitmaps::new(&CLASSES_210),
            segment_bytes,
            base,
            hi,
        })
    }

    /// Sieve the next chunk into `bytes`, and tell with which byte of the integers it begins.
    pub(crate) fn next_chunk(
        &mut self,
        bytes: &mut Vec<u8>,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<u64, Error> {
        let first_byte = self.base / MODULUS;
        let chunk_bytes = (self.segment_bytes - BLOCK_BYTES) * BYTES_PER_CLASS_BYTE;
        if bytes.len() != chunk_bytes {
            bytes.clear();
            bytes.try_reserve_exact(chunk_bytes).map_err(|_| Error::OutOfMemory)?;
            bytes.resize(chunk_bytes, 0);
        }
        self.bitmaps.cover(self.base, self.segment_bytes)?;
        let bitmaps = &mut self.bitmaps;
        self.sieve
            .next_window(u64::MAX, keep_going, |class, _, bits| bitmaps.class_mut(class).copy_from_slice(bits))?;
        write_rows(self.cpu, bitmaps, bytes);
        self.base = self.base.saturating_add(chunk_bytes as u64 * MODULUS);
        Ok(first_byte)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.base > self.hi
    }
}
