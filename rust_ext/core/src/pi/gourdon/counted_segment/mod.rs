//! A segment of the sieve that can count, at any time, how many of its integers up to a given one are left.
//!
//! A byte stands for thirty integers, a bit for one of the eight coprime to 30; here a *set* bit is an integer that is
//! left, so that counting is a population count. Each word of eight bytes has a counter, and each line of eight words
//! what is left before it. A count is then the sum of what is before the line, of the counters before the word, and of
//! the word's own bits.
//!
//! Multiples are crossed off in one of three ways. The smallest primes clear so many bits that a pattern clears them in
//! all words, and the words are counted anew. Larger primes walk from multiple to multiple, and the counters of the
//! words are kept up to date. Primes whose cube is beyond the sieve only have to cross off their products with one
//! prime that is not smaller. A list of primes has these, and each hit is the first on its bit.

#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod layout;
#[cfg(target_arch = "aarch64")]
mod neon;

use super::formula::K;
use crate::arithmetic::small_primes::small_primes;
use crate::arithmetic::wheel30::{GAPS, MODULUS, STEPS, Step, TO_COPRIME, WORD_OFFSETS, byte_of, class_of};
use crate::base::error::Error;
use crate::base::memory::zeros;
use crate::base::table::Table;
#[cfg(target_arch = "x86_64")]
use crate::cpu::level::Avx512;
use crate::cpu::level::{Cpu, levels};
use crate::pi::coprime_words::{FIRST, MASKS};
use crate::pi::quotients::{BATCH_LEN, Divisors, quotients};
use layout::{GROUP_BYTES, LINE_BYTES, PER_WORD, RUN_BYTES};

/// The longest segment has fewer than 2^24 integers.
const MOST_BYTES: usize = 512 << 10;

/// `BITS[r]` is the bit of a byte that stands for the integer `r` beyond its first.
static BITS: [u8; MODULUS as usize] = {
    let mut bits = [0; MODULUS as usize];
    let mut i = 0;
    while i < 8 {
        bits[WORD_OFFSETS[i] as usize - FIRST as usize] = 1 << i;
        i += 1;
    }
    bits
};

/// A new segment has no multiples of these primes: those of the first [`K`] that have multiples among its bits. They
/// form two groups, whose patterns stay in the first-level cache.
const PATTERN_PRIMES: [&[u64]; 2] = [&[7, 11, 13], &[17, 19]];

/// The bytes after which the pattern of each group repeats.
const PERIODS: [usize; 2] = [7 * 11 * 13, 17 * 19];

/// Clear the bits of the multiples of some primes, in bytes that begin with the first integers. A pattern is as long as
/// one period plus the longest copy.
fn clear_multiples(left: &mut [u8], primes: &[u64]) {
    left.fill(u8::MAX);
    for &p in primes {
        for n in (p - FIRST..MODULUS * left.len() as u64).step_by(p as usize) {
            left[(n / MODULUS) as usize] &= !BITS[(n % MODULUS) as usize];
        }
    }
}

/// The patterns of both groups.
type Patterns = ([u8; PERIODS[0] + RUN_BYTES], [u8; PERIODS[1] + RUN_BYTES]);

fn patterns() -> &'static Patterns {
    static PATTERNS: Table<Patterns> = Table::new(([0; _], [0; _]));
    PATTERNS.made_by(|(a, b)| {
        clear_multiples(a, PATTERN_PRIMES[0]);
        clear_multiples(b, PATTERN_PRIMES[1]);
    })
}

/// Primes up to this are crossed off by patterns of their own: there are more multiples than lines, which are masked
/// and counted at once; without vectors that count bits, about as many as words.
pub(crate) fn last_pattern(cpu: Cpu) -> u64 {
    if let Cpu::Avx512(_) = cpu { LAST_PATTERN } else { LAST_PATTERN_PORTABLE }
}

const LAST_PATTERN: u64 = 300;
const LAST_PATTERN_PORTABLE: u64 = 70;

/// The primes that have patterns of their own: pi([`LAST_PATTERN`]) is 62.
const PATTERNED: usize = 62 - K;

/// Where the pattern of each of them begins, and where the last one ends.
const PATTERN_STARTS: [usize; PATTERNED + 1] = {
    let mut starts = [0; PATTERNED + 1];
    let (mut p, mut i) = (23, 0);
    while p <= LAST_PATTERN as usize {
        let mut divisor = 3;
        while p % divisor != 0 {
            divisor += 2;
        }
        if divisor == p {
            starts[i + 1] = starts[i] + p + RUN_BYTES;
            i += 1;
        }
        p += 2;
    }
    starts
};

/// The patterns of all primes behind the [`K`]-th to [`LAST_PATTERN`].
fn patterns_of_primes() -> &'static [u8] {
    static PATTERNS: Table<[u8; PATTERN_STARTS[PATTERNED]]> = Table::new([0; _]);
    PATTERNS.made_by(|patterns| {
        for (i, &p) in small_primes()[K..K + PATTERNED].iter().enumerate() {
            clear_multiples(&mut patterns[PATTERN_STARTS[i]..PATTERN_STARTS[i + 1]], &[p]);
        }
    })
}

/// The walk of one prime through the segments: the place of its next multiple.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The byte, from the beginning of the segment.
    byte: u32,
    class: u8,
    /// The class of the cofactor.
    cofactor: u8,
}

impl Place {
    /// At the first multiple of `p`, from its square on, in or behind the segment that begins with this byte of the
    /// integers.
    pub(crate) fn new(p: u64, first_byte: u64) -> Self {
        let least = p.max((MODULUS * first_byte + FIRST).div_ceil(p));
        let (up, cofactor) = TO_COPRIME[(least % MODULUS) as usize];
        let byte = byte_of(p * (least + u64::from(up))) - first_byte;
        // Behind all that will be sieved, or less than p * 30 and the square of p away: both fit 32 bits.
        Self { byte: byte.min(u64::from(u32::MAX)) as u32, class: class_of(p) as u8, cofactor }
    }
}

/// A segment.
pub(crate) struct CountedSegment {
    bytes: Vec<u8>,
    /// The number of bits that are left in each word.
    counts: Vec<u8>,
    /// For each line, the number of bits that are left in all lines before it.
    before: Vec<u32>,
    /// The first integer.
    pub(crate) lo: u64,
    cpu: Cpu,
}

impl CountedSegment {
    /// Make a segment with room for this number of bytes, a multiple of [`GROUP_BYTES`] and at most [`MOST_BYTES`].
    pub(crate) fn new(cpu: Cpu, bytes: usize) -> Result<Self, Error> {
        assert!(bytes.is_multiple_of(GROUP_BYTES) && bytes <= MOST_BYTES);
        let (counts, before) = (zeros(bytes / 8)?, zeros(bytes / LINE_BYTES)?);
        Ok(Self { bytes: zeros(bytes)?, counts, before, lo: 0, cpu })
    }

    /// Begin anew at this byte of the integers, without the multiples of the first [`K`] primes.
    pub(crate) fn begin(&mut self, first_byte: u64) {
        self.lo = MODULUS * first_byte + FIRST;
        let (a, b) = patterns();
        let [period_a, period_b] = PERIODS;
        let (mut at_a, mut at_b) = ((first_byte % period_a as u64) as usize, (first_byte % period_b as u64) as usize);
        for run in self.bytes.chunks_mut(RUN_BYTES) {
            for ((byte, a), b) in run.iter_mut().zip(&a[at_a..]).zip(&b[at_b..]) {
                *byte = a & b;
            }
            at_a = (at_a + RUN_BYTES) % period_a;
            at_b = (at_b + RUN_BYTES) % period_b;
        }
    }

    /// Cross off the multiples of the b-th prime, up to [`last_pattern`], and the prime itself; returns how many are
    /// left.
    pub(crate) fn cross_off_by_pattern(&mut self, b: usize) -> u64 {
        let pattern = &patterns_of_primes()[PATTERN_STARTS[b - K - 1]..PATTERN_STARTS[b - K]];
        let period = pattern.len() - RUN_BYTES;
        let at = ((self.lo - FIRST) / MODULUS % period as u64) as usize;
        #[cfg(target_arch = "x86_64")]
        if let Cpu::Avx512(_) = self.cpu {
            let Self { bytes, counts, before, .. } = self;
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            return unsafe { avx512::count_lines::<true>(bytes, pattern, at, counts, before) };
        }
        clear(self.cpu, &mut self.bytes, pattern, at);
        self.count()
    }

    /// Cross off an integer of the first segment, a prime itself.
    pub(crate) fn cross_off_itself(&mut self, p: u64) {
        let byte = byte_of(p) as usize;
        let mask = 1 << class_of(p);
        if self.bytes[byte] & mask != 0 {
            self.bytes[byte] &= !mask;
            self.counts[byte / 8] = self.counts[byte / 8].wrapping_sub(1);
        }
    }

    /// Cross off the multiples of `p`, and keep the counters if they are `COUNTED`.
    pub(crate) fn cross_off<const COUNTED: bool>(&mut self, p: u64, place: &mut Place) {
        let (bytes, counts) = (&mut self.bytes[..], &mut self.counts[..]);
        match place.class {
            0 => cross_off::<0, COUNTED>(bytes, counts, p, place),
            1 => cross_off::<1, COUNTED>(bytes, counts, p, place),
            2 => cross_off::<2, COUNTED>(bytes, counts, p, place),
            3 => cross_off::<3, COUNTED>(bytes, counts, p, place),
            4 => cross_off::<4, COUNTED>(bytes, counts, p, place),
            5 => cross_off::<5, COUNTED>(bytes, counts, p, place),
            6 => cross_off::<6, COUNTED>(bytes, counts, p, place),
            _ => cross_off::<7, COUNTED>(bytes, counts, p, place),
        }
    }

    /// Cross off the products of `p` with these cofactors, ascending primes, as far as they lie in the segment, where
    /// all of them must be left; and keep the counters if they are `COUNTED`. Returns how many they are.
    #[inline(never)]
    pub(crate) fn cross_off_products<const COUNTED: bool>(&mut self, p: u64, cofactors: &[u32]) -> usize {
        let (bytes, counts) = (&mut self.bytes[..], &mut self.counts[..]);
        for (i, &cofactor) in cofactors.iter().enumerate() {
            let n = p * u64::from(cofactor) - self.lo;
            let byte = (n / MODULUS) as usize;
            let Some(hit) = bytes.get_mut(byte) else { return i };
            *hit &= !BITS[(n % MODULUS) as usize];
            if COUNTED {
                counts[byte / 8] = counts[byte / 8].wrapping_sub(1);
            }
        }
        cofactors.len()
    }

    /// Count all words anew, after crossing off without counting; returns how many are left.
    pub(crate) fn count(&mut self) -> u64 {
        #[cfg(target_arch = "x86_64")]
        if let Cpu::Avx512(_) = self.cpu {
            let Self { bytes, counts, before, .. } = self;
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            return unsafe { avx512::count_lines::<false>(bytes, &[], 0, counts, before) };
        }
        count_words(self.cpu, &self.bytes, &mut self.counts);
        self.sum_up()
    }

    /// Sum the counters up by lines, so that [`sum`](Self::sum) is right; returns how many are left.
    pub(crate) fn sum_up(&mut self) -> u64 {
        #[cfg(target_arch = "x86_64")]
        if let Cpu::Avx512(_) = self.cpu {
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            return unsafe { avx512::sum_up(&self.counts, &mut self.before) };
        }
        #[cfg(target_arch = "aarch64")]
        if let Cpu::Neon(_) = self.cpu {
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            return unsafe { neon::sum_up(&self.counts, &mut self.before) };
        }
        sum_up(self.cpu, &self.counts, &mut self.before)
    }

    /// The sum over the `m`, ascending or descending, of how many are left up to `quotient / m`, all of which must lie
    /// in the segment.
    pub(crate) fn sum(&self, quotient: u64, m: Divisors) -> u64 {
        let (Some(&first), Some(&last)) = (m.m().first(), m.m().last()) else { return 0 };
        let covered = self.lo..self.lo + MODULUS * self.bytes.len() as u64;
        assert!([first, last].iter().all(|&m| covered.contains(&(quotient / u64::from(m)))), "the segment has them");
        assert!(covered.end <= 1 << 51, "doubles hold them, and one more or less");
        debug_assert!(m.m().is_sorted() || m.m().iter().rev().is_sorted());
        #[cfg(target_arch = "x86_64")]
        if let Cpu::Avx512(_) = self.cpu {
            let Self { bytes, counts, before, lo, .. } = self;
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level. The segment covers the first and the last
            // quotient, and the others lie between them, as their divisors do; by whatever way they are found, as
            // `Divisors` has the closest reciprocals, and quotients below 2^51 are off by one at most before they are
            // mended. `new` made the counters and saw to it that a segment is not too long.
            return unsafe { avx512::count(bytes, counts, before, *lo, quotient, m, Avx512::gathers_quickly()) };
        }
        #[cfg(target_arch = "aarch64")]
        if let Cpu::Neon(_) = self.cpu {
            let Self { bytes, counts, before, lo, .. } = self;
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level. The segment covers the first and the last
            // quotient, and the others lie between them, as their divisors do; they are exact, as `Divisors` has the
            // closest reciprocals. `new` made the counters.
            return unsafe { neon::count(bytes, counts, before, *lo, quotient, m) };
        }
        sum(self.cpu, &self.bytes, &self.counts, &self.before, self.lo, quotient, m)
    }
}

levels! {
    fn clear(bytes: &mut [u8], pattern: &[u8], at: usize) {
        let mut at = at;
        for run in bytes.chunks_mut(RUN_BYTES) {
            for (byte, left) in run.iter_mut().zip(&pattern[at..]) {
                *byte &= left;
            }
            at = (at + RUN_BYTES) % (pattern.len() - RUN_BYTES);
        }
    }
}

levels! {
    fn count_words(bytes: &[u8], counts: &mut [u8]) {
        for (count, word) in counts.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *count = u64::from_le_bytes(*word).count_ones() as u8;
        }
    }
}

levels! {
    fn sum_up(counts: &[u8], before: &mut [u32]) -> u64 {
        let mut sum = 0;
        for (before, &line) in before.iter_mut().zip(counts.as_chunks::<8>().0) {
            *before = sum;
            sum += sum_of_bytes(u64::from_le_bytes(line)) as u32;
        }
        u64::from(sum)
    }
}

levels! {
    fn sum(bytes: &[u8], counts: &[u8], before: &[u32], lo: u64, quotient: u64, m: Divisors) -> u64 {
        let (words, lines) = (bytes.as_chunks::<8>().0, counts.as_chunks::<8>().0);
        let mut sum = 0;
        let (mut quotients_buffer, mut kept) = ([0; BATCH_LEN], [0; BATCH_LEN]);
        for m in m.batches(BATCH_LEN) {
            quotients(quotient, m, &mut quotients_buffer);
            for (kept, &v) in kept.iter_mut().zip(&quotients_buffer[..m.len()]) {
                let n = (v - lo) as u32;
                let (word, rest) = ((n / PER_WORD as u32) as usize, (n % PER_WORD as u32) as usize);
                *kept = u64::from_le_bytes(words[word]) & MASKS[rest];
                let counts_before = u64::from_le_bytes(lines[word / 8]) & ((1 << (8 * (word % 8))) - 1);
                sum += u64::from(before[word / 8]) + sum_of_bytes(counts_before);
            }
            // By themselves, so that the compiler counts the bits of several at once.
            sum += u64::from(kept[..m.len()].iter().map(|kept| kept.count_ones()).sum::<u32>());
        }
        sum
    }
}

/// The sum of eight counts.
#[inline(always)]
fn sum_of_bytes(counts: u64) -> u64 {
    /// Every other byte, and a one in every other.
    const EVEN_BYTES: u64 = 0x00FF_00FF_00FF_00FF;
    const ONES: u64 = 0x0001_0001_0001_0001;
    ((counts & EVEN_BYTES) + (counts >> 8 & EVEN_BYTES)).wrapping_mul(ONES) >> 48
}

/// Cross off the multiples of a prime of this class: whole turns of the wheel where they fit, and hit by hit before and
/// behind them. Where the next hit is not in the segment, the place is kept for the next segment.
#[inline(never)]
#[allow(unsafe_code, reason = "with bounds checks all hard leaves took 7 % longer at 10^15")]
fn cross_off<const CLASS: usize, const COUNTED: bool>(bytes: &mut [u8], counts: &mut [u8], p: u64, place: &mut Place) {
    assert!(counts.len() == bytes.len() / 8 && bytes.len().is_multiple_of(8));
    let steps: &[Step; 8] = &STEPS[CLASS];
    let thirties = byte_of(p) as usize;
    let mut byte = place.byte as usize;
    let mut cofactor = place.cofactor;
    // From the first multiple of a turn to the last.
    let (last_gap, last_step) = (GAPS[7] as usize, steps[7].carry_bytes as usize);
    let reach = p as usize - thirties * last_gap - last_step;
    'turns: loop {
        if cofactor == 0 {
            // So written, nothing passes a `usize` of 32 bits.
            while byte < bytes.len().saturating_sub(reach) {
                for (step, gap) in steps.iter().zip(GAPS) {
                    // SAFETY: the bytes of a turn ascend up to `byte + reach`, which is in the segment, and there is a
                    // count for every eight of them.
                    let (hit, count) = unsafe { (bytes.get_unchecked_mut(byte), counts.get_unchecked_mut(byte / 8)) };
                    if COUNTED {
                        *count = count.wrapping_sub((*hit & step.mask) >> step.mask.trailing_zeros());
                    }
                    *hit &= !step.mask;
                    byte += thirties * gap as usize + step.carry_bytes as usize;
                }
            }
        }
        macro_rules! hit {
            ($($i:literal)*) => { $(
                if cofactor <= $i {
                    let Some(hit) = bytes.get_mut(byte) else {
                        cofactor = $i;
                        break 'turns;
                    };
                    if COUNTED {
                        let bit = (*hit & steps[$i].mask) >> steps[$i].mask.trailing_zeros();
                        counts[byte / 8] = counts[byte / 8].wrapping_sub(bit);
                    }
                    *hit &= !steps[$i].mask;
                    byte += thirties * GAPS[$i] as usize + steps[$i].carry_bytes as usize;
                }
            )* };
        }
        hit!(0 1 2 3 4 5 6 7);
        cofactor = 0;
    }
    place.byte = (byte - bytes.len()) as u32;
    place.cofactor = cofactor;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::level::available;

    /// After each prime, by whichever way it is crossed off, against an array of flags.
    #[test]
    fn counts_are_those_of_a_plain_sieve() {
        const FIRST_BYTE: u64 = 40_009;
        let primes: Vec<u32> = small_primes().iter().take_while(|&&p| p < 60_000).map(|&p| p as u32).collect();
        for cpu in available() {
            let mut segment = CountedSegment::new(cpu, 2 * GROUP_BYTES).unwrap();
            segment.begin(FIRST_BYTE);
            let (lo, len) = (segment.lo, MODULUS * segment.bytes.len() as u64);
            let mut is_left: Vec<bool> =
                (lo..lo + len).map(|n| primes[..K].iter().all(|&p| n % u64::from(p) != 0)).collect();
            let mut left = segment.count();
            for (i, &p) in primes.iter().enumerate().skip(K).take_while(|&(_, &p)| p < 1_200) {
                let x = (lo + len / 2) * 10_000 + u64::from(p);
                let m: Vec<u32> = (x / (lo + len) + 1..=x / lo).map(|m| m as u32).collect();
                let up_to = |v: u64| is_left[..=(v - lo) as usize].iter().filter(|&&left| left).count() as u64;
                assert!(m.len() > 500);
                assert_eq!(left, up_to(lo + len - 1), "before {p} on {cpu:?}");
                let expected: u64 = m.iter().step_by(7).map(|&m| up_to(x / u64::from(m))).sum();
                let m: Vec<u32> = m.into_iter().step_by(7).collect();
                assert_eq!(segment.sum(x, Divisors::alone(&m)), expected, "before {p} on {cpu:?}");
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
                if let Cpu::Avx512(_) = cpu {
                    let CountedSegment { bytes, counts, before, .. } = &segment;
                    // SAFETY: as in `sum`, which has looked at the quotients.
                    let slowly = unsafe { avx512::count(bytes, counts, before, lo, x, Divisors::alone(&m), false) };
                    assert_eq!(slowly, expected, "before {p} on {cpu:?}");
                }
                let p = u64::from(p);
                left = if p <= last_pattern(cpu) {
                    segment.cross_off_by_pattern(i + 1)
                } else if p.pow(3) < lo + len {
                    segment.cross_off::<true>(p, &mut Place::new(p, FIRST_BYTE));
                    segment.sum_up()
                } else {
                    let next = primes.partition_point(|&q| u64::from(q) * p < lo).max(i);
                    segment.cross_off_products::<true>(p, &primes[next..]);
                    segment.sum_up()
                };
                for n in (lo.next_multiple_of(p).max(p * p)..lo + len).step_by(p as usize) {
                    is_left[(n - lo) as usize] = false;
                }
            }
        }
    }
}
