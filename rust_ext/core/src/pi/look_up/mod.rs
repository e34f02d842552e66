//! pi(v) by looking it up: one word for every 120 integers.
//!
//! The upper half of a word is pi before those integers, the lower half has a bit for each of the 32 among them that
//! are coprime to 30. So a look-up is one load, one mask and one population count; all integers below 10^6 take 67 KB.

#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod layout;
#[cfg(target_arch = "aarch64")]
mod neon;

use crate::arithmetic::small_primes::small_primes;
use crate::base::error::Error;
use crate::base::progress::KeepGoing;
use crate::base::table::Table;
#[cfg(target_arch = "x86_64")]
use crate::cpu::level::Avx512;
use crate::cpu::level::{Cpu, levels};
use crate::output::blocks::PrimeBlocks;
use crate::pi::coprime_words::{FIRST, MASKS_32, UP_TO};
use crate::pi::quotients::{BATCH_LEN, Divisors, quotients};
use crate::sieve::low_bitmap::low_primes;
use layout::{MORE_WORDS, PER_WORD};

/// pi(v) for the `v` of an interval.
#[derive(Default)]
pub(crate) struct PiTable {
    words: Vec<u64>,
    /// The first integer that the table covers.
    lo: u64,
}

impl PiTable {
    /// The table of `[5, hi]`.
    pub(crate) fn up_to(hi: u64, keep_going: KeepGoing) -> Result<Self, Error> {
        let mut table = Self::default();
        table.fill(FIRST, hi.max(FIRST), 0, keep_going)?;
        Ok(table)
    }

    /// Make the table cover `[lo, hi]`. `lo` is a multiple of [`PER_WORD`] plus [`FIRST`], and `before` is
    /// pi(lo - 1). Below 5 its answers are wrong, because 2, 3 and 5 have no bits.
    pub(crate) fn fill(&mut self, lo: u64, hi: u64, before: u64, keep_going: KeepGoing) -> Result<(), Error> {
        debug_assert!(lo % PER_WORD == FIRST && lo <= hi);
        self.lo = lo;
        self.words.clear();
        let len = usize::try_from((hi - lo) / PER_WORD + 1).map_err(|_| Error::OutOfMemory)? + MORE_WORDS;
        self.words.try_reserve_exact(len).map_err(|_| Error::OutOfMemory)?;
        self.words.resize(len, 0);
        let mut primes = PrimeBlocks::range(lo.max(7), hi);
        loop {
            let block = primes.next_block(keep_going)?;
            if block.is_empty() {
                break;
            }
            for &p in block {
                set(&mut self.words, p - lo);
            }
        }
        sum_up(&mut self.words, if lo == FIRST { 3 } else { before });
        Ok(())
    }

    /// pi(v) for a `v >= 5` that the table covers.
    #[inline]
    pub(crate) fn pi(&self, v: u64) -> u64 {
        pi(&self.words, v - self.lo)
    }

    /// The sum of `pi(quotient / q)` over the `q`, ascending or descending; the table must cover all `quotient / q`.
    pub(crate) fn sum(&self, cpu: Cpu, quotient: u64, q: Divisors) -> u64 {
        let (Some(&first), Some(&last)) = (q.m().first(), q.m().last()) else { return 0 };
        let covered = self.lo..self.lo + PER_WORD * (self.words.len() - MORE_WORDS) as u64;
        assert!([first, last].iter().all(|&q| covered.contains(&(quotient / u64::from(q)))), "the table has them");
        assert!(covered.end <= 1 << 51, "doubles hold them, and one more or less");
        debug_assert!(q.m().is_sorted() || q.m().iter().rev().is_sorted());
        match cpu {
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level. The table covers the first and the last
            // quotient, and the others lie between them, as their divisors do; by whatever way they are found, as
            // `Divisors` has the closest reciprocals, and quotients below 2^51 are off by one at most before they are
            // mended.
            Cpu::Avx512(_) => unsafe { avx512::look_up(&self.words, self.lo, quotient, q, Avx512::gathers_quickly()) },
            #[cfg(target_arch = "aarch64")]
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level. The table covers the first and the last
            // quotient, and the others lie between them, as their divisors do; they are exact, as `Divisors` has the
            // closest reciprocals.
            Cpu::Neon(_) => unsafe { neon::look_up(&self.words, self.lo, quotient, q) },
            _ => sum(cpu, &self.words, self.lo, quotient, q),
        }
    }
}

levels! {
    fn sum(words: &[u64], lo: u64, quotient: u64, q: Divisors) -> u64 {
        let mut sum = 0;
        let (mut quotients_buffer, mut kept) = ([0; BATCH_LEN], [0; BATCH_LEN]);
        for q in q.batches(BATCH_LEN) {
            quotients(quotient, q, &mut quotients_buffer);
            for (kept, &v) in kept.iter_mut().zip(&quotients_buffer[..q.len()]) {
                let n = v - lo;
                let word = words[(n / PER_WORD) as usize];
                sum += word >> 32;
                *kept = word as u32 & MASKS_32[(n % PER_WORD) as usize];
            }
            // By themselves, so that the compiler counts the bits of several at once.
            sum += u64::from(kept[..q.len()].iter().map(|kept| kept.count_ones()).sum::<u32>());
        }
        sum
    }
}

/// Set the bit of the integer `n` places after the first one of the words.
fn set(words: &mut [u64], n: u64) {
    words[(n / PER_WORD) as usize] |= 1 << (UP_TO[(n % PER_WORD) as usize] - 1);
}

/// Fill the upper half of each word: `count`, which is pi before all words, plus the bits of the words before this one.
fn sum_up(words: &mut [u64], mut count: u64) {
    for word in words {
        let primes = u64::from(word.count_ones());
        *word |= count << 32;
        count += primes;
    }
}

/// pi of the integer `n` places after the first one of the words.
#[inline(always)]
fn pi(words: &[u64], n: u64) -> u64 {
    let word = words[(n / PER_WORD) as usize];
    (word >> 32) + u64::from((word as u32 & MASKS_32[(n % PER_WORD) as usize]).count_ones())
}

/// The largest `x` whose pi(x) is looked up.
pub(crate) const LAST: u64 = 1_000_000;

/// pi(x) for `x <= LAST`.
pub(crate) fn prime_pi(x: u64) -> u64 {
    static WORDS: Table<[u64; (LAST / PER_WORD + 1) as usize]> = Table::new([0; _]);
    if x < 5 {
        return [0, 0, 1, 2, 2][x as usize];
    }
    let words = WORDS.made_by(|words| {
        let primes = small_primes()[3..].iter().copied().chain(low_primes());
        primes.take_while(|&p| p <= LAST).for_each(|p| set(words, p - FIRST));
        sum_up(words, 3);
    });
    pi(words, x - FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::level::available;
    use crate::pi::quotients::DivisorTable;

    #[test]
    fn agrees_with_the_sieve() {
        let mut count = 0;
        let mut primes = PrimeBlocks::range(0, LAST);
        let mut next = 0;
        loop {
            let block = primes.next_block(&mut || true).unwrap();
            if block.is_empty() {
                break;
            }
            for &p in block {
                assert!((next..p).all(|x| prime_pi(x) == count), "below {p}");
                count += 1;
                next = p;
            }
        }
        assert!((next..=LAST).all(|x| prime_pi(x) == count));
    }

    #[test]
    fn a_part_agrees_with_the_whole() {
        let whole = PiTable::up_to(100_000, &mut || true).unwrap();
        let mut part = PiTable::default();
        for word in [1, 7, 500] {
            let lo = PER_WORD * word + FIRST;
            part.fill(lo, 100_000, whole.pi(lo - 1), &mut || true).unwrap();
            assert!((lo..=100_000).all(|v| part.pi(v) == whole.pi(v)), "from {lo}");
        }
    }

    /// The dividends lie around the one from which on doubles are not exact, and at exact quotients, which are most
    /// easily missed.
    #[test]
    fn sums_are_those_of_single_look_ups_at_each_level() {
        let (lo, middle, hi) = (PER_WORD * (1 << 26) + FIRST, PER_WORD * (1 << 26) + 1_500_000, PER_WORD * 67_133_864);
        let mut table = PiTable::default();
        table.fill(lo, hi, 0, &mut || true).unwrap();
        for base in [1_u64 << 51, 1 << 53, 1 << 60] {
            let multiple = base / middle * middle;
            for x in [base - 1, base, base + 1, multiple - 1, multiple, multiple + middle] {
                let first = x / hi + 1;
                let m: Vec<u32> = (first..=x / lo).step_by((base >> 53).max(1) as usize).map(|m| m as u32).collect();
                let with_reciprocals = DivisorTable::new(m.clone(), m.len()).unwrap();
                let expected: u64 = m.iter().map(|&m| table.pi(x / u64::from(m))).sum();
                let both = [Divisors::alone(&m), with_reciprocals.between(0, m.len())];
                for (cpu, q) in available().flat_map(|cpu| both.map(|q| (cpu, q))) {
                    assert!(m.len() > 50);
                    assert_eq!(table.sum(cpu, x, q), expected, "{x} by {cpu:?}");
                    #[cfg(target_arch = "x86_64")]
                    #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
                    if let Cpu::Avx512(_) = cpu {
                        // SAFETY: as in `sum`, which has looked at the quotients.
                        let slowly = unsafe { avx512::look_up(&table.words, table.lo, x, q, false) };
                        assert_eq!(slowly, expected, "{x} without gathering");
                    }
                }
            }
        }
    }
}
