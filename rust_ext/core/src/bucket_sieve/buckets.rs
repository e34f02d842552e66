//! Hits that wait until there are enough of them for a class.
//!
//! A hit that goes straight to its bit falls anywhere into tens of megabytes. Collected by class, the hits fall into
//! one bitmap that stays in the second-level cache.

use crate::base::error::Error;
use crate::base::memory::zeros_in_huge_pages;
use crate::base::progress::{KeepGoing, ask};
use crate::base::tuning::BUCKET_LEN;
use crate::bitmap::classes210::{Bitmaps, CLASSES, WORD_BYTES};
use crate::cpu::caches::caches;
use crate::cpu::level::{Cpu, levels};
use crate::cpu::prefetch::fetch_to_second_level;

/// How many items behind the last hit of a bucket may be overwritten: the lanes of the widest vector.
pub(crate) const LANES: usize = 16;

/// How many hits one call may add to one class. The vector code has 16 KiB to hold as many.
pub(crate) const CALL_HITS: usize = 4096 - LANES;

/// How far behind the last hit of a bucket a line is fetched before the next hits come: the buckets lie in the
/// third-level cache, and stores would wait for it. That spares 8 % of the time for 10^9 integers at 10^15, and at
/// 10^18 another 5 % where multiples are dealt out one by one. From 24 to 48 items it hardly matters.
#[cfg(target_arch = "x86_64")]
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
    pub(super) fn empty_into(&mut self, cpu: Cpu, bitmaps: &mut Bitmaps, keep_going: KeepGoing) -> Result<(), Error> {
        // Where the second-level cache has room for two classes, the one behind is fetched while bits are set in this
        // one. At 10^15 and 10^18 that spares a tenth of all the time; where it has not, it costs up to 4 %.
        let two_fit = 2 * bitmaps.class_bits() / 8 <= caches().second_level;
        for (class, end) in self.ends.iter_mut().enumerate() {
            let bits = &self.bits[EMPTY[class]..*end];
            let (bytes, next) = bitmaps.class_mut_and_next(class);
            if class == 0 || !two_fit {
                touch(bytes);
            }
            set_bits(cpu, bytes, bits, next.filter(|_| two_fit).unwrap_or_default());
            *end = EMPTY[class];
            ask(keep_going)?;
        }
        Ok(())
    }
}

/// Fetch a bitmap, line after line: in the order of the hits that would take twice as long.
fn touch(bytes: &[u8]) {
    let touched = bytes.iter().step_by(LINE_BYTES).fold(0, |touched, byte| touched | byte);
    std::hint::black_box(touched);
}

levels! {
    /// Set bits of one bitmap, and fetch the lines of another one meanwhile.
    fn set_bits(bytes: &mut [u8], bits: &[u32], next: &[u8]) {
        /// Bits between lines that are fetched.
        const ROUND: usize = 16;
        let lines_per_round = next.len().div_ceil(LINE_BYTES).div_ceil(bits.len().div_ceil(ROUND).max(1));
        let mut lines = next.chunks(LINE_BYTES);
        // Word by word: a bit within a byte would take two instructions more.
        let (words, _) = bytes.as_chunks_mut::<WORD_BYTES>();
        for some in bits.chunks(ROUND) {
            for line in lines.by_ref().take(lines_per_round) {
                fetch_to_second_level(line);
            }
            for &bit in some {
                let word = &mut words[bit as usize / 32];
                *word = (u32::from_le_bytes(*word) | 1 << (bit % 32)).to_le_bytes();
            }
        }
    }
}
