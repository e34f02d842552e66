//! How many primes there may be in an interval, and how far one must look for `n` of them.

/// A width that is likely to hold `n` primes from `lo` on. A guess that decides how much is sieved at once, never what
/// is found: where it falls short, the search goes on behind it.
///
/// By the prime number theorem primes near `x` lie `ln x` apart on average; the square root leaves room for their
/// fluctuation. Saturates at 2^64 - 1.
pub(crate) fn likely_width(lo: u64, n: u64) -> u64 {
    let (lo, n) = (lo as f64 + 2.0, n as f64);
    // The n-th prime from 2 is below n (ln n + ln ln n) for n >= 6: Rosser and Schoenfeld, Illinois J. Math. 6 (1962).
    let logarithm = (lo + n * 2.0 * (n + 2.0).ln()).ln();
    ((n + 2.0 * n.sqrt() + 4.0) * logarithm) as u64
}

/// About how many primes the closed interval `[lo, hi]` holds, rather too many than too few; room for them is made
/// before they are known.
///
/// `hi / (ln hi - 1.1)` is above `pi(hi)` for `hi >= 60184`, and its logarithm is that of `lo` for a narrow interval:
/// P. Dusart, arXiv:1002.0442.
#[must_use]
pub fn likely_count(lo: u64, hi: u64) -> u64 {
    if lo > hi {
        return 0;
    }
    let width = (hi - lo) as f64 + 1.0;
    let density =
        if lo < hi / 2 { 1.0 / ((hi as f64).max(60_184.0).ln() - 1.1) } else { 1.0 / (lo as f64).ln().max(1.0) };
    (width * density + 3.0 * (width * density).sqrt() + 8.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::blocks::PrimeBlocks;

    #[test]
    fn the_guess_is_seldom_short_and_never_far_off() {
        for lo in [0, 1000, 1 << 32, 1 << 40, 1 << 60] {
            for n in [1u64, 10, 1000, 100_000] {
                let mut blocks = PrimeBlocks::first_n(n, lo);
                let mut last = lo;
                while let Some(&p) = blocks.next_block(&mut || true).unwrap().last() {
                    last = p;
                }
                let (width, guess) = (last - lo, likely_width(lo, n));
                assert!(width <= guess, "{n} from {lo}: {width} > {guess}");
                assert!(guess <= 4 * width + 400, "{n} from {lo}: {width} << {guess}");
            }
        }
    }

    #[test]
    fn the_guess_saturates() {
        assert_eq!(likely_width(0, u64::MAX), u64::MAX);
        assert_eq!(likely_width(u64::MAX, u64::MAX >> 1), u64::MAX);
    }
}
