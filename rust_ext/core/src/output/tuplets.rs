//! Prime k-tuplets: `k` primes as close together as `k` primes can be again and again.
//!
//! Twins (k = 2) lie 2 apart, triplets, quadruplets, quintuplets and sextuplets span 6, 8, 12 and 16. All of them above
//! 7 lie within one byte of the bitmap, on adjacent bits: this is why bytes run from 7 to 31. So a tuplet is a run of
//! `k` clear bits that begins where [`STARTS`] allows it.

use crate::arithmetic::small_primes::small_primes_of;
use crate::arithmetic::wheel30::{MODULUS, RESIDUES, WORD_OFFSETS};
use crate::base::error::Error;
use crate::base::progress::{KeepGoing, Watch};
use crate::interval::chunks::Chunks;

/// The supported sizes.
pub const TUPLET_SIZES: std::ops::RangeInclusive<usize> = 2..=6;

/// `DIAMETERS[k]` is the distance from the first to the last prime of a `k`-tuplet: OEIS A008407.
const DIAMETERS: [u64; 7] = [0, 0, 2, 6, 8, 12, 16];

/// `STARTS[k]` has the bits of a byte on which a `k`-tuplet can begin, in each byte of a word: those from which `k`
/// adjacent residues span no more than the diameter.
const STARTS: [u64; 7] = {
    let mut starts = [0; 7];
    let mut k = 2;
    while k < starts.len() {
        let mut first = 0;
        while first + k <= 8 {
            if (RESIDUES[first + k - 1] - RESIDUES[first]) as u64 == DIAMETERS[k] {
                starts[k] |= 0x0101_0101_0101_0101 << first;
            }
            first += 1;
        }
        k += 1;
    }
    starts
};

/// The bits of a word on which a `k`-tuplet begins.
fn starts(composites: u64, k: usize) -> u64 {
    let primes = !composites;
    (1..k).fold(primes, |runs, next| runs & primes >> next) & STARTS[k]
}

/// The tuplets among the small primes of `[lo, hi]`. 3, 5, 7, 11 has the right span but occurs only once: in any other
/// place, one of three such numbers is a multiple of 3.
fn small_tuplets(k: usize, lo: u64, hi: u64) -> impl Iterator<Item = &'static [u64]> {
    small_primes_of(lo, hi).windows(k).filter(move |w| w[k - 1] - w[0] == DIAMETERS[k] && (k == 2 || w[0] > 3))
}

/// The number of prime `k`-tuplets whose primes all lie in the closed interval `[lo, hi]`.
///
/// `watch` is told, every few milliseconds, which part of the work is done, and says whether to go on.
///
/// # Errors
///
/// As [`PrimeBlocks::next_block`](crate::PrimeBlocks::next_block).
///
/// # Panics
///
/// When `k` is not one of [`TUPLET_SIZES`].
pub fn count_tuplets(k: usize, lo: u64, hi: u64, watch: Watch) -> Result<u64, Error> {
    assert!(TUPLET_SIZES.contains(&k));
    let mut count = small_tuplets(k, lo, hi).count() as u64;
    let mut chunks = Chunks::new(lo, hi);
    let mut most = 0.0;
    let mut watch = |part: f64| {
        most = part.max(most);
        watch(most)
    };
    while chunks.advance_watched(u64::MAX, &mut watch)? {
        count += chunks.words().map(|composites| u64::from(starts(composites, k).count_ones())).sum::<u64>();
    }
    Ok(count)
}

/// The prime `k`-tuplets of an interval, in ascending blocks.
pub struct TupletBlocks {
    k: usize,
    small: Option<(u64, u64)>,
    chunks: Chunks,
    /// The number of words of the current chunk that have been read.
    words_read: usize,
    block: Vec<u64>,
}

impl TupletBlocks {
    /// The tuplets whose primes all lie in the closed interval `[lo, hi]`.
    ///
    /// # Panics
    ///
    /// When `k` is not one of [`TUPLET_SIZES`].
    #[must_use]
    pub fn range(k: usize, lo: u64, hi: u64) -> Self {
        assert!(TUPLET_SIZES.contains(&k));
        Self { k, small: Some((lo, hi)), chunks: Chunks::new(lo, hi), words_read: 0, block: Vec::new() }
    }

    /// The next tuplets, `k` primes each, one after the other; none if all have been returned.
    ///
    /// # Errors
    ///
    /// As [`PrimeBlocks::next_block`](crate::PrimeBlocks::next_block).
    pub fn next_block(&mut self, keep_going: KeepGoing) -> Result<&[u64], Error> {
        /// The words whose tuplets make a block. Usually a word has one twin, and then a block has 16 KB. If each bit
        /// that can begin a twin did, it would have 24 times as much.
        const BLOCK_WORDS: usize = 1024;
        self.block.clear();
        if let Some((lo, hi)) = self.small.take() {
            let len = self.k * small_tuplets(self.k, lo, hi).count();
            self.block.try_reserve(len).map_err(|_| Error::OutOfMemory)?;
            self.block.extend(small_tuplets(self.k, lo, hi).flatten());
        }
        while self.block.is_empty() {
            if self.words_read == self.chunks.bytes().len() / 8 {
                self.words_read = 0;
                if !self.chunks.advance(u64::MAX, keep_going)? {
                    break;
                }
            }
            let most = BLOCK_WORDS * STARTS[self.k].count_ones() as usize * self.k;
            self.block.try_reserve(most).map_err(|_| Error::OutOfMemory)?;
            for composites in self.chunks.words().skip(self.words_read).take(BLOCK_WORDS) {
                // A word beyond 2^64 has no tuplets.
                let base = MODULUS.wrapping_mul(self.chunks.first_byte() + 8 * self.words_read as u64);
                let mut firsts = starts(composites, self.k);
                while firsts != 0 {
                    let first = firsts.trailing_zeros() as usize;
                    self.block.extend(WORD_OFFSETS[first..first + self.k].iter().map(|&n| base + u64::from(n)));
                    firsts &= firsts - 1;
                }
                self.words_read += 1;
            }
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        Ok(&self.block)
    }
}
