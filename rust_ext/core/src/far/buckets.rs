//! Hits that wait until there are enough of them for a class.
//!
//! A hit that goes straight to its bit falls anywhere into tens of megabytes. Collected by class, the hits fall into
//! one bitmap that stays in the second-level cache.

use crate::arch::{Cpu, levels};
use crate::bitmaps::{Bitmaps, CLASSES, WORD_BYTES};
use crate::error::Error;
use crate::memory::zeros_in_huge_pages;
use crate::tuning::BUCKET_LEN;

/// How many items behind the last hit of a bucket may be overwritten: the lanes of the widest vector.
pub(crate) const LANES: usize = 16;

/// How many hits one call may add to one class. The vector code has 16 KiB to hold as many.
pub(crate) const CALL_HITS: usize = 4096 - LANES;

/// How far behind the last hit of a bucket a line is fetched before the next hits come: the buckets lie in the
/// third-level cache, and stores would wait for it. That spares 8 % of the time for 10^9 integers at 10^15, and at
/// 10^18 another 5 % where multiples are dealt out one by one. From 24 to 48 items it hardly matters.
pub(crate) const FETCHED_AHEAD: usize = 48;

/// A cache line.
const LINE_BYTES: usize = 64;

/// Where the bucket of each class begins.
const EMPTY: [usize; CLASSES] = {
    let mut starts = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        starts[class] = class * BUCKET_LEN;
        class += 1;
    }
    starts
};

/// For each class, bits to be set.
pub(crate) struct Buckets {
    /// `BUCKET_LEN` items for each class, one class after the other.
    bits: Vec<u32>,
    /// Where in `bits` the next hit of each class goes.
    ends: [usize; CLASSES],
}

impl Buckets {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self { bits: zeros_in_huge_pages(CLASSES * BUCKET_LEN)?, ends: EMPTY })
    }

    /// Forget what an interrupted call may have left.
    pub(super) fn clear(&mut self) {
        self.ends = EMPTY;
    }

    /// Whether each class has room for [`CALL_HITS`] hits and [`LANES`] more.
    pub(super) fn has_room(&self) -> bool {
        self.ends.iter().enumerate().all(|(class, end)| end + CALL_HITS + LANES <= (class + 1) * BUCKET_LEN)
    }

    #[inline]
    pub(crate) fn push(&mut self, class: usize, bit: u32) {
        self.bits[self.ends[class]] = bit;
        self.ends[class] += 1;
    }

    /// The memory, and where the next hit of each class goes: for code that has made sure of its room.
    pub(crate) fn parts(&mut self) -> (&mut [u32], &mut [usize; CLASSES]) {
        (&mut self.bits, &mut self.ends)
    }

    /// Set the bits, and be empty.
    pub(super) fn empty_into(
        &mut self,
        cpu: Cpu,
        bitmaps: &mut Bitmaps,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        for (class, end) in self.ends.iter_mut().enumerate() {
            set_bits(cpu, bitmaps.class_mut(class), &self.bits[EMPTY[class]..*end]);
            *end = EMPTY[class];
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        Ok(())
    }
}

levels! {
    fn set_bits(bytes: &mut [u8], bits: &[u32]) {
        // First fetch the bitmap, line after line: in the order of the hits that would take twice as long.
        let mut touched = 0;
        for line in bytes.chunks(LINE_BYTES) {
            touched |= line[0];
        }
        std::hint::black_box(touched);
        // Word by word: a bit within a byte would take two instructions more.
        let (words, _) = bytes.as_chunks_mut::<WORD_BYTES>();
        for &bit in bits {
            let word = &mut words[bit as usize / 32];
            *word = (u32::from_le_bytes(*word) | 1 << (bit % 32)).to_le_bytes();
        }
    }
}
