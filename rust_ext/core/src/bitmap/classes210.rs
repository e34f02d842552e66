//! The memory of the sieve where all classes modulo 210 are kept at once: one bitmap for each.
//!
//! ```text
//!      bit         0            1              2
//!  class 0     base + 1    base + 211     base + 421   ...      residues[0] = 1
//!  class 1     base + 11   base + 221     base + 431   ...      residues[1] = 11
//!  ...
//!  class 47    base + 209  base + 419     base + 629   ...
//! ```
//!
//! A set bit: composite. Within a class, the multiples of a prime lie that prime's number of bits apart.

use crate::arithmetic::wheels::RESIDUES_210;
use crate::base::error::Error;
use crate::base::memory::zeros_in_huge_pages;

/// A cache line: where a class begins.
const LINE_BYTES: usize = 64;

/// What a class consists of.
pub(crate) const WORD_BYTES: usize = 4;

/// What a bit of each class covers.
pub(crate) const MODULUS: u32 = 210;

/// How many classes there are.
pub(crate) const CLASSES: usize = RESIDUES_210.len();

/// One bitmap for each class, all over the same integers: bit `i` of class `c` stands for
/// `base + MODULUS * i + RESIDUES_210[c]`, and lies in byte `i / 8` under the mask `1 << (i % 8)`.
#[derive(Default)]
pub(crate) struct Bitmaps {
    base: u64,
    class_bytes: usize,
    memory: Vec<u8>,
    /// Where in `memory` class 0 begins.
    origin: usize,
}

impl Bitmaps {
    /// Cover `8 * class_bytes` integers a class, in whole words, from `base` on, a multiple of [`MODULUS`]. What the
    /// bits are is undefined.
    pub(crate) fn cover(&mut self, base: u64, class_bytes: usize) -> Result<(), Error> {
        debug_assert!(base.is_multiple_of(u64::from(MODULUS)));
        assert!(class_bytes.is_multiple_of(WORD_BYTES));
        self.base = base;
        self.class_bytes = class_bytes;
        let needed_bytes = LINE_BYTES + self.stride_bytes() * CLASSES;
        if self.memory.len() < needed_bytes {
            self.memory = Vec::new();
            self.memory = zeros_in_huge_pages(needed_bytes)?;
        }
        self.origin = self.memory.as_ptr().align_offset(LINE_BYTES);
        Ok(())
    }

    /// A multiple of [`MODULUS`].
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    pub(crate) fn class_bits(&self) -> usize {
        8 * self.class_bytes
    }

    /// The bitmap of class `c`.
    pub(crate) fn class(&self, c: usize) -> &[u8] {
        let start = self.origin + c * self.stride_bytes();
        &self.memory[start..start + self.class_bytes]
    }

    /// The bitmap of class `c`, to be written.
    pub(crate) fn class_mut(&mut self, c: usize) -> &mut [u8] {
        let start = self.origin + c * self.stride_bytes();
        &mut self.memory[start..start + self.class_bytes]
    }

    /// The bitmaps of class `c`, to be written, and of the class behind it, if there is one.
    pub(crate) fn class_mut_and_next(&mut self, c: usize) -> (&mut [u8], Option<&[u8]>) {
        let (start, stride) = (self.origin + c * self.stride_bytes(), self.stride_bytes());
        let (before, next) = self.memory[start..].split_at_mut(stride);
        (&mut before[..self.class_bytes], (c + 1 < CLASSES).then(|| &next[..self.class_bytes]))
    }

    /// From one class to the next: an odd number of lines, so that the same place of all classes never falls into the
    /// same set of a cache.
    fn stride_bytes(&self) -> usize {
        (self.class_bytes.div_ceil(LINE_BYTES) | 1) * LINE_BYTES
    }
}
