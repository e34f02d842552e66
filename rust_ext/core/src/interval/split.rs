//! An interval in pieces for several threads.

use crate::arithmetic::wheel30::MODULUS;
use crate::base::estimate::likely_width;
use crate::base::tuning::{PIECE_BYTES, PIECE_BYTES_MAX, PIECES_PER_THREAD};

/// How an interval is cut: into pieces of one width, as many as it takes to come to its end. The first of them are
/// expected to hold as many primes as are wanted.
pub(crate) struct Pieces {
    lo: u64,
    hi: u64,
    width: u64,
    /// The number of threads that find something to do.
    pub(crate) threads: u64,
}

impl Pieces {
    /// Pieces of `[lo, hi]` for `threads` threads, which are to find its first `wanted` primes.
    pub(crate) fn new(lo: u64, hi: u64, wanted: u64, threads: u64) -> Self {
        let expected = likely_width(lo, wanted).min(hi - lo).saturating_add(1);
        let near = (expected / threads.saturating_mul(PIECES_PER_THREAD))
            .clamp(MODULUS * PIECE_BYTES, 4 * MODULUS * PIECE_BYTES);
        // Each piece pays for the sieving primes up to the root, however narrow it is.
        let far = lo.isqrt().min(expected.div_ceil(threads));
        let width = near.max(far).min(MODULUS * PIECE_BYTES_MAX);
        let threads = threads.min(expected.div_ceil(width));
        // The same number for each thread, and no more in all than is expected to be wanted.
        let width = expected.div_ceil(expected.div_ceil(width).next_multiple_of(threads));
        Self { lo, hi, width, threads }
    }

    pub(crate) fn count(&self) -> u64 {
        (self.hi - self.lo) / self.width + 1
    }

    /// The closed interval of a piece, if there is one of this number.
    pub(crate) fn get(&self, piece: u64) -> Option<(u64, u64)> {
        (piece < self.count()).then(|| {
            let lo = self.lo + self.width * piece;
            (lo, lo.saturating_add(self.width - 1).min(self.hi))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_interval_once() {
        for (lo, hi) in [(1 << 16, 1 << 30), (1 << 40, (1 << 40) + 12_345_678), (u64::MAX - 1_000_000_000, u64::MAX)] {
            for threads in [1, 2, 7, u64::MAX] {
                let pieces = Pieces::new(lo, hi, 100_000_000, threads);
                assert!((1..=threads).contains(&pieces.threads));
                let mut next = Some(lo);
                for piece in 0..pieces.count() {
                    let (start, end) = pieces.get(piece).unwrap();
                    assert_eq!(Some(start), next);
                    assert!(start <= end && end <= hi);
                    next = end.checked_add(1);
                }
                assert_eq!(next, hi.checked_add(1));
                assert_eq!(pieces.get(pieces.count()), None);
            }
        }
    }
}
