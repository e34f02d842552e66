//! The bitmap of an interval, chunk by chunk, finished: what is clear is prime.
//!
//! | way | where |
//! | --- | --- |
//! | copy what was sieved once | [`low_bitmap`](crate::sieve::low_bitmap) |
//! | sieve a little and test what is left | [`sift_and_test`] |
//! | bytes of thirty | [`bytes30`](crate::sieve::bytes30), and [`large_primes`] |
//! | classes, with or without far primes | `bucket_sieve/stretches210.rs`, then [`rows210`](crate::sieve::rows210) |
//!
//! Consumers need not know which it was.

use super::strategy::Strategy;
use super::{large_primes, sift_and_test};
use crate::arithmetic::small_primes::SMALL_LIMIT;
use crate::arithmetic::wheel30::{MODULUS, byte_of};
use crate::base::error::Error;
use crate::base::estimate::likely_width;
use crate::base::progress::{KeepGoing, Watch, ask};
use crate::base::tuning::SEGMENT_BYTES;
use crate::bitmap::chunk::Chunk;
use crate::bucket_sieve::stretches210::Stretches210;
use crate::sieve::bytes30::ByteSieve;
use crate::sieve::low_bitmap::low_bitmap_from;
use crate::sieve::rows210::Rows210;

/// The part of a closed interval above the small primes.
pub(crate) struct Chunks {
    /// The first integer that no chunk has covered yet, unless all of the interval is covered.
    next: Option<u64>,
    lo: u64,
    hi: u64,
    sieve: ByteSieve,
    /// The chunks to come that are sieved by classes.
    rows: Option<Rows210<Stretches210>>,
    chunk: Chunk,
}

impl Chunks {
    pub(crate) fn new(lo: u64, hi: u64) -> Self {
        Self {
            next: (hi >= SMALL_LIMIT && lo <= hi).then_some(lo.max(SMALL_LIMIT)),
            lo,
            hi,
            sieve: ByteSieve::default(),
            rows: None,
            chunk: Chunk::default(),
        }
    }

    /// The bitmap of the present chunk, a multiple of eight bytes: the clear bits stand for its primes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.chunk.bytes()
    }

    /// The same as little-endian words.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.chunk.words()
    }

    /// The byte of the integers with which the present chunk begins.
    pub(crate) fn first_byte(&self) -> u64 {
        self.chunk.first_byte()
    }

    /// The first integer that no chunk has covered yet, unless all of the interval is covered.
    pub(crate) fn next(&self) -> Option<u64> {
        self.next
    }

    /// Go to the next chunk, which need not hold more than `wanted` primes; false when there is none.
    pub(crate) fn advance(&mut self, wanted: u64, keep_going: KeepGoing) -> Result<bool, Error> {
        self.advance_watched(wanted, &mut |_| keep_going())
    }

    /// The same where `watch` is told which part of the interval is done, and says whether to go on. It may be told of
    /// less than before, where several chunks are sieved at once.
    pub(crate) fn advance_watched(&mut self, wanted: u64, watch: Watch) -> Result<bool, Error> {
        let Some(lo) = self.next else {
            self.chunk.clear();
            return Ok(false);
        };
        let done = self.finish_chunk(lo, wanted, watch);
        if done.is_err() {
            // Nothing half-made is ever seen.
            self.next = None;
            self.chunk.clear();
        }
        done.map(|()| true)
    }

    fn finish_chunk(&mut self, lo: u64, wanted: u64, watch: Watch) -> Result<(), Error> {
        if self.rows.is_some() {
            return self.finish_by_classes(lo, watch);
        }
        let part = self.part_before(lo);
        // As far as that many primes reach in all likelihood.
        let hi = lo + likely_width(lo, wanted).min(self.hi - lo);
        let enough = ((hi - lo) / MODULUS + 2).next_multiple_of(8) as usize;
        let low = low_bitmap_from(byte_of(lo)).as_chunks::<8>().0;
        if !low.is_empty() {
            self.chunk.copy(byte_of(lo), &low[..low.len().min(enough / 8)])?;
            self.clip(lo, self.hi);
            return ask(&mut || watch(part));
        }
        let limit = match Strategy::to_list(lo, hi) {
            Strategy::Test { limit } => Some(limit),
            Strategy::Bytes => None,
            Strategy::Classes(_) | Strategy::Far => {
                self.rows = Some(Rows210::new(lo, hi)?);
                // What it carries from chunk to chunk does not reach over those.
                self.sieve = ByteSieve::default();
                return self.finish_by_classes(lo, watch);
            }
        };
        // Near zero no more than a segment, for there the primes to the root take their places along to the next.
        // Further out each prime costs a division once a chunk, so it is all in one: of what is sieved to the end at
        // most CLASSES_WIDTH_MIN integers come in bytes of thirty, and of what is tested a 16th of the root, 9 MB.
        let chunk_bytes = if lo.isqrt() < SMALL_LIMIT { enough.min(SEGMENT_BYTES) } else { enough };
        let first_byte = byte_of(lo);
        self.chunk.begin(first_byte, chunk_bytes)?;
        let (last, _) = self.chunk.end(self.hi);
        let largest = limit.unwrap_or_else(|| last.isqrt());
        let bytes = self.chunk.bytes_mut();
        self.sieve.sieve_chunk(bytes, first_byte, largest, &mut || watch(part))?;
        if largest > SMALL_LIMIT {
            large_primes::cross_off(bytes, first_byte, largest, &mut || watch(part))?;
        }
        self.clip(lo, self.hi);
        match limit {
            Some(_) => {
                let chunk = self.part_before(last) - part;
                let mut watch = |done| watch(part + chunk * done);
                sift_and_test::set_composites(self.chunk.bytes_mut(), first_byte, &mut watch)
            }
            None => Ok(()),
        }
    }

    /// The part of the interval that lies before `n`.
    fn part_before(&self, n: u64) -> f64 {
        (n - self.lo) as f64 / ((self.hi - self.lo) as f64 + 1.0)
    }

    /// The next chunk, from `lo` on, of those that are sieved by classes.
    fn finish_by_classes(&mut self, lo: u64, watch: Watch) -> Result<(), Error> {
        let part = self.part_before(lo);
        let rows = self.rows.as_mut().expect("there are rows while their chunks come");
        // They cover the interval, but for what little was copied before them, unless fewer primes were wanted.
        rows.next_chunk(&mut self.chunk, &mut |done| watch(part.max(done)))?;
        let last = rows.last();
        if rows.is_finished() {
            self.rows = None;
        }
        self.clip(lo, last);
        Ok(())
    }

    /// Set the bits of the chunk outside `[lo, last]`, and go on behind it.
    fn clip(&mut self, lo: u64, last: u64) {
        let (hi, behind) = self.chunk.end(last);
        self.chunk.set_outside(lo, hi);
        self.next = behind.filter(|&next| next <= self.hi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::small_primes::small_primes;
    use crate::arithmetic::wheel30::RESIDUES;
    use crate::base::tuning::LISTED_CLASSES_FROM;

    /// There are 3001134 primes to 5 * 10^7 and 4394304 to 75 * 10^6: OEIS A000720.
    #[test]
    fn chunks_that_were_wanted_for_fewer_primes_are_right_to_their_end() {
        // By classes as far as that many primes reach, and by bytes or by classes behind.
        for wanted in [560_000, 660_000, 760_000] {
            let mut chunks = Chunks::new(LISTED_CLASSES_FROM, LISTED_CLASSES_FROM + 25_000_000);
            let mut count = 0;
            while chunks.advance(wanted, &mut || true).unwrap() {
                count += chunks.words().map(u64::count_zeros).sum::<u32>();
            }
            assert_eq!(count, 4_394_304 - 3_001_134, "{wanted}");
        }
    }

    /// Intervals that begin and end on either side of the small primes' end, and of that of what was sieved once, in
    /// any phase of its words.
    #[test]
    fn chunks_meet_where_the_low_bitmap_ends() {
        let composite = |n: u64| small_primes().iter().take_while(|&&p| p * p <= n).any(|&p| n.is_multiple_of(p));
        let end = MODULUS * (byte_of(SMALL_LIMIT) + low_bitmap_from(byte_of(SMALL_LIMIT)).len() as u64);
        for around in [SMALL_LIMIT, end] {
            for lo in (around - 600..around + 100).step_by(7) {
                for (width, wanted) in [(0, 1), (40, 1), (500, 3), (900, u64::MAX)] {
                    let hi = lo + width;
                    let mut chunks = Chunks::new(lo, hi);
                    let mut found = Vec::new();
                    while chunks.advance(wanted, &mut || true).unwrap() {
                        for (byte, bits) in (chunks.first_byte()..).zip(chunks.bytes()) {
                            let primes = (0..8).filter(|bit| bits >> bit & 1 == 0);
                            found.extend(primes.map(|bit| MODULUS * byte + u64::from(RESIDUES[bit])));
                        }
                    }
                    let expected: Vec<u64> = (lo.max(SMALL_LIMIT)..=hi).filter(|&n| !composite(n)).collect();
                    assert_eq!(found, expected, "[{lo}, {hi}], {wanted} wanted");
                }
            }
        }
    }
}
