//! The bitmap of an interval, chunk by chunk, finished: what is clear is prime.
//!
//! | way | room |
//! | --- | --- |
//! | copy what was sieved once | [`crate::low_bitmap`] |
//! | test what a little sieving leaves | [`crate::byte_sieve`], and [`window`] from there |
//! | bytes of thirty | [`crate::byte_sieve`] |
//! | classes, with or without far primes | [`by_classes`], and [`rows`] from there |
//!
//! Consumers (`blocks`, `tuplets`, ..) need not know which it was.

mod by_classes;
mod rows;
mod window;

use crate::bounds::likely_width;
use crate::byte_sieve::ByteSieve;
use crate::error::Error;
use crate::low_bitmap::low_bitmap_from;
use crate::residues::{GAP_BETWEEN_BYTES, LAST_RESIDUE, MODULUS, RESIDUES, byte_of};
use crate::small_primes::SMALL_LIMIT;
use crate::tuning::SEGMENT_BYTES;
use crate::ways::Way;
use by_classes::ClassChunks;

/// The part of a closed interval above the small primes.
pub(crate) struct Chunks {
    /// The first integer that no chunk has covered yet, unless all of the interval is covered.
    next: Option<u64>,
    lo: u64,
    hi: u64,
    sieve: ByteSieve,
    /// The chunks to come that are sieved by classes.
    classes: Option<ClassChunks>,
    bytes: Vec<u8>,
    first_byte: u64,
}

impl Chunks {
    pub(crate) fn new(lo: u64, hi: u64) -> Self {
        Self {
            next: (hi >= SMALL_LIMIT && lo <= hi).then_some(lo.max(SMALL_LIMIT)),
            lo,
            hi,
            sieve: ByteSieve::default(),
            classes: None,
            bytes: Vec::new(),
            first_byte: 0,
        }
    }

    /// The bitmap of the present chunk, a multiple of eight bytes: the clear bits stand for its primes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same as little-endian words.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.bytes.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// The byte of the integers with which the present chunk begins.
    pub(crate) fn first_byte(&self) -> u64 {
        self.first_byte
    }

    /// The first integer that no chunk has covered yet, unless all of the interval is covered.
    pub(crate) fn next(&self) -> Option<u64> {
        self.next
    }

    /// Go to the next chunk, which need not hold more than `wanted` primes; false when there is none.
    pub(crate) fn advance(&mut self, wanted: u64, keep_going: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        self.advance_watched(wanted, &mut |_| keep_going())
    }

    /// The same where `watch` is told which part of the interval is done, and says whether to go on. It may be told of
    /// less than before, where several chunks are sieved at once.
    pub(crate) fn advance_watched(&mut self, wanted: u64, watch: &mut dyn FnMut(f64) -> bool) -> Result<bool, Error> {
        let Some(lo) = self.next else {
            self.bytes.clear();
            return Ok(false);
        };
        let done = self.finish_chunk(lo, wanted, watch);
        if done.is_err() {
            // Nothing half-made is ever seen.
            self.next = None;
            self.bytes.clear();
        }
        done.map(|()| true)
    }

    fn finish_chunk(&mut self, lo: u64, wanted: u64, watch: &mut dyn FnMut(f64) -> bool) -> Result<(), Error> {
        if self.classes.is_some() {
            return self.finish_by_classes(lo, watch);
        }
        let part = self.part_before(lo);
        // As far as so many primes reach in all likelihood.
        let hi = lo + likely_width(lo, wanted).min(self.hi - lo);
        let enough = ((hi - lo) / MODULUS + 2).next_multiple_of(8) as usize;
        let low = low_bitmap_from(byte_of(lo)).as_chunks::<8>().0;
        if !low.is_empty() {
            self.copy(&low[..low.len().min(enough / 8)], lo)?;
            return if watch(part) { Ok(()) } else { Err(Error::Interrupted) };
        }
        let limit = match Way::to_list(lo, hi) {
            Way::Test { limit } => Some(limit),
            Way::Bytes => None,
            Way::Classes(_) | Way::Far => {
                self.classes = Some(ClassChunks::new(lo, hi, &mut || watch(part))?);
                // What it carries from chunk to chunk does not reach over those.
                self.sieve = ByteSieve::default();
                return self.finish_by_classes(lo, watch);
            }
        };
        self.first_byte = byte_of(lo);
        // Near zero no more than a segment, for there the primes to the root take their places along to the next.
        // Further out each prime costs a division once a chunk, so it is all in one: of what is sieved to the end at
        // most CLASSES_WIDTH_MIN integers come in bytes of thirty, and of what is tested a 16th of the root, 9 MB.
        let chunk_bytes = if lo.isqrt() < SMALL_LIMIT { enough.min(SEGMENT_BYTES) } else { enough };
        self.bytes.clear();
        self.bytes.try_reserve_exact(chunk_bytes).map_err(|_| Error::OutOfMemory)?;
        self.bytes.resize(chunk_bytes, 0);
        let hi = self.go_past_chunk(self.hi);
        let largest = limit.unwrap_or_else(|| hi.isqrt());
        self.sieve.sieve_chunk(&mut self.bytes, self.first_byte, largest, &mut || watch(part))?;
        set_outside(&mut self.bytes, self.first_byte, lo, hi);
        match limit {
            Some(_) => {
                let chunk = self.part_before(hi) - part;
                window::set_composites(&mut self.bytes, self.first_byte, &mut |done| watch(part + chunk * done))
            }
            None => Ok(()),
        }
    }

    /// The part of the interval that lies before `n`.
    fn part_before(&self, n: u64) -> f64 {
        (n - self.lo) as f64 / ((self.hi - self.lo) as f64 + 1.0)
    }

    /// The next chunk, from `lo` on, out of words that begin with its byte.
    fn copy(&mut self, words: &[[u8; 8]], lo: u64) -> Result<(), Error> {
        self.first_byte = byte_of(lo);
        self.bytes.clear();
        self.bytes.try_reserve_exact(8 * words.len()).map_err(|_| Error::OutOfMemory)?;
        self.bytes.extend_from_slice(words.as_flattened());
        let hi = self.go_past_chunk(self.hi);
        set_outside(&mut self.bytes, self.first_byte, lo, hi);
        Ok(())
    }

    /// The next chunk, from `lo` on, of those that are sieved by classes.
    fn finish_by_classes(&mut self, lo: u64, watch: &mut dyn FnMut(f64) -> bool) -> Result<(), Error> {
        let part = self.part_before(lo);
        let classes = self.classes.as_mut().expect("there is one while its chunks come");
        // They cover the interval, but for what little was copied before them, unless fewer primes were wanted.
        self.first_byte = classes.next_chunk(&mut self.bytes, &mut |done| watch(part.max(done)))?;
        let last = classes.last();
        if classes.is_finished() {
            self.classes = None;
        }
        let hi = self.go_past_chunk(last);
        set_outside(&mut self.bytes, self.first_byte, lo, hi);
        Ok(())
    }

    /// Make `next` the first integer behind the chunk, or behind `last` if that comes earlier; the last integer of the
    /// interval before it.
    fn go_past_chunk(&mut self, last: u64) -> u64 {
        let last_byte = self.first_byte + self.bytes.len() as u64 - 1;
        let end = last_byte.checked_mul(MODULUS).and_then(|n| n.checked_add(LAST_RESIDUE));
        let hi = end.unwrap_or(u64::MAX).min(last);
        let step = if end == Some(hi) { GAP_BETWEEN_BYTES } else { 1 };
        self.next = hi.checked_add(step).filter(|&next| next <= self.hi);
        hi
    }
}

/// Set the bits of all integers outside `[lo, hi]`.
fn set_outside(chunk: &mut [u8], first_byte: u64, lo: u64, hi: u64) {
    let head = byte_of(lo);
    let (before, head_on) = chunk.split_at_mut((head - first_byte) as usize);
    before.fill(0xFF);
    head_on[0] |= !at_least(lo - MODULUS * head);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::small_primes::small_primes;
    use crate::tuning::LISTED_CLASSES_FROM;

    /// There are 3001134 primes to 5 * 10^7 and 4394304 to 75 * 10^6: OEIS A000720.
    #[test]
    fn chunks_that_were_wanted_for_fewer_primes_are_right_to_their_end() {
        // By classes as far as so many primes reach, and by bytes or by classes behind.
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
