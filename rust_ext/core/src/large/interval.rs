//! The primes of an interval above 2^64: windows are sieved with small primes, and what is left is tested.

use super::divisors::groups;
use super::test::passes;
use super::words::{bits, copied, remainder, sum};
use crate::arithmetic::small_primes::SMALL_LIMIT;
use crate::base::error::Error;
use crate::base::memory::{push, reserved};
use crate::base::progress::{KeepGoing, Steps};
use crate::sieve::sieving_primes::SievingPrimes;

/// Odd integers of a window of an interval: twice that many integers are sieved together. More of them are sieved for
/// less each; fewer are in the first-level cache.
const WINDOW_ODDS: u64 = 1 << 15;

/// The largest sieving primes, which pay for integers of 64 words.
const FAR_LIMIT: u64 = 1 << 21;

/// The product of this many primes below [`FAR_LIMIT`] is one word.
const FAR_GROUP_LEN: usize = 3;

/// Consecutive odd integers, of which those with small factors are crossed off.
pub(super) struct Window {
    /// The first of them.
    base: Vec<u64>,
    composite: Vec<bool>,
}

impl Window {
    /// That many odd integers from an odd `base` above 2^64 on.
    pub(super) fn sieved(base: Vec<u64>, odds: u64, steps: &mut Steps) -> Result<Self, Error> {
        let mut composite = reserved(odds as usize)?;
        composite.resize(odds as usize, false);
        let limit = limit(base.len(), odds);
        for group in groups(limit) {
            for (p, rest) in group.remainders(&base) {
                cross_off(&mut composite, p, rest);
            }
            steps.take(16 * base.len() + odds as usize / 16)?;
        }
        if limit > SMALL_LIMIT {
            let mut primes = SievingPrimes::new(SMALL_LIMIT, limit);
            loop {
                let block = primes.next_block(steps.keep_going())?;
                if block.is_empty() {
                    break;
                }
                for group in block.chunks(FAR_GROUP_LEN) {
                    let rest = remainder(&base, group.iter().product());
                    for &p in group {
                        cross_off(&mut composite, p, rest % p);
                    }
                    steps.take(8 * base.len())?;
                }
            }
        }
        Ok(Self { base, composite })
    }

    /// How far behind the base an odd integer is, unless it has a small factor.
    fn candidate(&self, i: usize) -> Option<u64> {
        (!self.composite[i]).then_some(2 * i as u64)
    }

    /// Whether the integer that is that far behind the base is prime.
    fn is_prime(&self, offset: u64, steps: &mut Steps) -> Result<bool, Error> {
        steps.take(1 << 10)?;
        passes(&sum(&self.base, offset)?, steps)
    }

    /// How far behind the base its smallest prime is.
    pub(super) fn first(&self, steps: &mut Steps) -> Result<Option<u64>, Error> {
        self.find((0..self.composite.len()).filter_map(|i| self.candidate(i)), steps)
    }

    /// How far behind the base its largest prime is.
    pub(super) fn last(&self, steps: &mut Steps) -> Result<Option<u64>, Error> {
        self.find((0..self.composite.len()).rev().filter_map(|i| self.candidate(i)), steps)
    }

    fn find(&self, mut offsets: impl Iterator<Item = u64>, steps: &mut Steps) -> Result<Option<u64>, Error> {
        offsets
            .find_map(|offset| match self.is_prime(offset, steps) {
                Ok(false) => None,
                Ok(true) => Some(Ok(offset)),
                Err(error) => Some(Err(error)),
            })
            .transpose()
    }

    /// The integer that is that far behind the base.
    pub(super) fn integer(&self, offset: u64) -> Result<Vec<u64>, Error> {
        sum(&self.base, offset)
    }
}

/// Cross off the multiples of a prime, of which the base is one more by `rest`.
#[inline]
fn cross_off(composite: &mut [bool], p: u64, rest: u64) {
    // The first i for which base + 2 i is a multiple.
    let missing = if rest == 0 { 0 } else { p - rest };
    let first = if missing % 2 == 0 { missing / 2 } else { missing.midpoint(p) };
    for multiple in composite.iter_mut().skip(first as usize).step_by(p as usize) {
        *multiple = true;
    }
}

/// Up to which prime it pays to sieve that many odd integers of `len` words: the more they are and the longer their
/// tests take, the further.
fn limit(len: usize, odds: u64) -> u64 {
    (len as u64 * len as u64 * odds / 2).clamp(100, FAR_LIMIT)
}

/// Odd integers of a window in which the next prime is likely: four times the mean distance of primes.
pub(super) fn likely_odds(n: &[u64]) -> u64 {
    // The mean distance is ln(n).
    (bits(n) as u64 * 3 / 2).next_multiple_of(64)
}

/// The primes of an interval above 2^64, as distances from its start.
pub struct LargePrimes {
    base: Vec<u64>,
    /// How far behind the base the next window begins, as long as there is one.
    next: Option<u64>,
    /// How far behind the base the last integer is.
    last: u64,
    window: Option<Window>,
    /// Which odd integer of the window is looked at next.
    at: usize,
    window_start: u64,
    block: Vec<u64>,
}

impl LargePrimes {
    /// The primes from `start`, an integer above 2^64 without leading zeros, to `start + width`.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`]
    pub fn new(start: &[u64], width: u64) -> Result<Self, Error> {
        let first_odd = u64::from(start[0].is_multiple_of(2));
        Ok(Self {
            base: copied(start)?,
            next: (first_odd <= width).then_some(first_odd),
            last: width,
            window: None,
            at: 0,
            window_start: 0,
            block: Vec::new(),
        })
    }

    /// The next primes, ascending, as distances from the start; none when all have been delivered.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] where `keep_going` says no; [`Self::block`] has the primes that were found before.
    /// [`Error::OutOfMemory`].
    pub fn next_block(&mut self, keep_going: KeepGoing) -> Result<&[u64], Error> {
        /// Primes of a block: enough that a caller's way there and back is nothing.
        const LARGE_BLOCK_LEN: usize = 256;
        self.block.clear();
        let steps = &mut Steps::new(keep_going);
        while self.block.len() < LARGE_BLOCK_LEN {
            let Some(window) = &self.window else {
                let Some(start) = self.next else { break };
                let odds = ((self.last - start) / 2 + 1).min(WINDOW_ODDS);
                self.window = Some(Window::sieved(sum(&self.base, start)?, odds, steps)?);
                (self.at, self.window_start) = (0, start);
                self.next = start.checked_add(2 * odds).filter(|&next| next <= self.last);
                continue;
            };
            if self.at == window.composite.len() {
                self.window = None;
                continue;
            }
            if let Some(offset) = window.candidate(self.at)
                && window.is_prime(offset, steps)?
            {
                push(&mut self.block, self.window_start + offset)?;
            }
            self.at += 1;
        }
        Ok(&self.block)
    }

    /// The primes that the last call of [`Self::next_block`] found, also where it came to no end.
    #[must_use]
    pub fn block(&self) -> &[u64] {
        &self.block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::large::neighbours::{next_large_prime, prev_large_prime};
    use crate::large::test::is_large_prime;

    /// The primes from `start` to `start + width`, one by one.
    fn expected(start: &[u64], width: u64) -> Vec<u64> {
        (0..=width).filter(|&i| is_large_prime(&sum(start, i).unwrap(), &mut || true).unwrap()).collect()
    }

    #[test]
    fn intervals_and_neighbours_are_what_tests_one_by_one_find() {
        // Across borders of words and of windows.
        for (start, width) in [(vec![0, 1], 70_000), (vec![u64::MAX - 999, u64::MAX], 2000), (vec![1, 0, 0, 5], 3000)] {
            let all = expected(&start, width);
            let mut primes = LargePrimes::new(&start, width).unwrap();
            let mut found = Vec::new();
            loop {
                match primes.next_block(&mut || true).unwrap() {
                    [] => break,
                    block => found.extend_from_slice(block),
                }
            }
            assert_eq!(found, all);
            for pair in all.windows(2).take(30) {
                let [low, high] = [pair[0], pair[1]].map(|offset| sum(&start, offset).unwrap());
                assert_eq!(next_large_prime(&low, &mut || true).unwrap(), high);
                assert_eq!(prev_large_prime(&high, &mut || true).unwrap(), Some(low));
            }
        }
    }

    #[test]
    fn the_least_primes_above_2_to_the_64() {
        // OEIS A013597.
        assert_eq!(next_large_prime(&[u64::MAX], &mut || true).unwrap(), [13, 1]);
        for end in 1..=13 {
            assert_eq!(prev_large_prime(&[end, 1], &mut || true).unwrap(), None);
        }
        assert_eq!(prev_large_prime(&[14, 1], &mut || true).unwrap(), Some(vec![13, 1]));
    }

    #[test]
    fn what_is_interrupted_keeps_what_was_found() {
        let (mut asked, mut found) = (0, Vec::new());
        let start = [0, 1 << 40];
        let mut primes = LargePrimes::new(&start, 1 << 20).unwrap();
        let outcome = loop {
            let outcome = primes.next_block(&mut || {
                asked += 1;
                asked < 6
            });
            let outcome = outcome.map(<[u64]>::len);
            found.extend_from_slice(primes.block());
            if let Err(error) = outcome {
                break error;
            }
        };
        assert_eq!((outcome, asked), (Error::Interrupted, 6));
        assert_eq!(found, expected(&start, *found.last().unwrap()));
        let long = vec![u64::MAX; 20_000];
        assert_eq!(passes(&long, &mut Steps::new(&mut || false)), Err(Error::Interrupted));
    }
}
