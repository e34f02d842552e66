//! A segment of the sieve that can tell, at any time, how many of its integers up to a given one are left.
//!
//! A byte stands for thirty integers, a bit for one of the eight coprime to 30; here a *set* bit is an integer that is
//! left, so that counting is a population count. Each word of eight bytes has a counter, which crossing off keeps up to
//! date. A count is then the sum of whole groups of words, of the counters before the word, and of the word's own bits.

use std::sync::LazyLock;

use crate::arch::{Cpu, levels};
use crate::error::Error;
use crate::memory::zeros;
use crate::pi::quotients::{CHUNK_LEN, Divisors, quotients};
use crate::residues::{GAPS, MODULUS, STEPS, Step, TO_COPRIME, WORD_OFFSETS, byte_of, class_of};

/// The first integer of byte 0: the bits stand for 7 to 31, but 2 to 6 have the same count as 1.
pub(crate) const FIRST: u64 = 2;

/// What one word covers.
pub(crate) const PER_WORD: u64 = 8 * MODULUS;

/// Words of one group, and bytes.
pub(crate) const GROUP_WORDS: usize = 64;
pub(crate) const GROUP_BYTES: usize = 8 * GROUP_WORDS;

/// The longest segment has fewer than 2^24 integers.
const MOST_BYTES: usize = 512 << 10;

/// `UP_TO[r]` is how many of a word's bits stand for integers up to `r` beyond its first.
pub(crate) const UP_TO: [u8; PER_WORD as usize] = {
    let mut up_to = [0; PER_WORD as usize];
    let mut r = 0;
    let mut bits = 0;
    while r < up_to.len() {
        if bits < 64 && WORD_OFFSETS[bits] as u64 == r as u64 + FIRST {
            bits += 1;
        }
        up_to[r] = bits as u8;
        r += 1;
    }
    up_to
};

/// `MASKS[r]` has those bits.
static MASKS: [u64; PER_WORD as usize] = {
    let mut masks = [0; PER_WORD as usize];
    let mut r = 0;
    while r < masks.len() {
        masks[r] = if UP_TO[r] == 64 { u64::MAX } else { (1 << UP_TO[r]) - 1 };
        r += 1;
    }
    masks
};

/// The primes that a segment is made without: those of the first [`K`](super::K) that have multiples among its bits, in
/// two groups whose patterns stay in the first-level cache.
const PATTERN_PRIMES: [&[u64]; 2] = [&[7, 11, 13], &[17, 19]];

/// What is left by a group, byte by byte, over one period and as much again as the longest copy.
fn pattern(group: &[u64]) -> Vec<u8> {
    let period = group.iter().product::<u64>();
    let byte = |byte: u64| {
        let left = |offset: u8| group.iter().all(|&p| !(MODULUS * byte + u64::from(offset)).is_multiple_of(p));
        WORD_OFFSETS[..8].iter().enumerate().fold(0u8, |bits, (i, &offset)| bits | u8::from(left(offset)) << i)
    };
    (0..period + RUN_BYTES as u64).map(byte).collect()
}

/// Bytes that are laid down at once.
const RUN_BYTES: usize = 256;

static PATTERNS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| PATTERN_PRIMES.map(pattern));

/// The way of one prime through the segments: where its next multiple is.
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
pub(crate) struct Segment {
    bytes: Vec<u8>,
    /// How many bits each word has left.
    counts: Vec<u8>,
    /// How many bits are left in all groups before each.
    before: Vec<u32>,
    /// The first integer.
    pub(crate) lo: u64,
    cpu: Cpu,
}

impl Segment {
    /// With room for so many bytes, a multiple of [`GROUP_BYTES`] and at most [`MOST_BYTES`].
    pub(crate) fn new(cpu: Cpu, bytes: usize) -> Result<Self, Error> {
        assert!(bytes.is_multiple_of(GROUP_BYTES) && bytes <= MOST_BYTES);
        let (counts, before) = (zeros(bytes / 8)?, zeros(bytes / GROUP_BYTES)?);
        Ok(Self { bytes: zeros(bytes)?, counts, before, lo: 0, cpu })
    }

    /// Begin anew at this byte of the integers: all are left but the multiples of the first [`K`](super::K) primes.
    pub(crate) fn begin(&mut self, first_byte: u64) {
        self.lo = MODULUS * first_byte + FIRST;
        let [a, b] = &*PATTERNS;
        let [period_a, period_b] = PATTERN_PRIMES.map(|group| group.iter().product::<u64>() as usize);
        let (mut at_a, mut at_b) = ((first_byte % period_a as u64) as usize, (first_byte % period_b as u64) as usize);
        for run in self.bytes.chunks_mut(RUN_BYTES) {
            for ((byte, a), b) in run.iter_mut().zip(&a[at_a..]).zip(&b[at_b..]) {
                *byte = a & b;
            }
            at_a = (at_a + RUN_BYTES) % period_a;
            at_b = (at_b + RUN_BYTES) % period_b;
        }
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

    /// Count the words anew, after crossing off without counting.
    pub(crate) fn recount(&mut self) {
        recount(self.cpu, &self.bytes, &mut self.counts);
    }

    /// Sum the counters up by groups, so that [`sum`](Self::sum) is right; returns how many are left.
    pub(crate) fn sum_up(&mut self) -> u64 {
        sum_up(self.cpu, &self.counts, &mut self.before)
    }

    /// The sum over the `m`, ascending or descending, of how many are left up to `quotient / m`, all of which must lie
    /// in the segment.
    pub(crate) fn sum(&self, quotient: u64, m: Divisors) -> u64 {
        let (Some(&first), Some(&last)) = (m.m.first(), m.m.last()) else { return 0 };
        let covered = self.lo..self.lo + MODULUS * self.bytes.len() as u64;
        assert!([first, last].iter().all(|&m| covered.contains(&(quotient / u64::from(m)))), "the segment has them");
        #[cfg(target_arch = "x86_64")]
        if self.cpu == Cpu::Avx512 {
            #[allow(unsafe_code, reason = "a level that the processor has")]
            // SAFETY: the segment covers the first and the last quotient, and the others lie between them, by whatever
            // way they are found, as `Divisors` has the closest reciprocals; `new` made the counters and saw to it that
            // a segment is not too long.
            return unsafe {
                crate::arch::x86_64::avx512::pi::count(&self.bytes, &self.counts, &self.before, self.lo, quotient, m)
            };
        }
        sum(self.cpu, &self.bytes, &self.counts, &self.before, self.lo, quotient, m)
    }
}

levels! {
    fn recount(bytes: &[u8], counts: &mut [u8]) {
        for (count, word) in counts.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *count = u64::from_le_bytes(*word).count_ones() as u8;
        }
    }
}

levels! {
    fn sum_up(counts: &[u8], before: &mut [u32]) -> u64 {
        let mut sum = 0;
        for (before, group) in before.iter_mut().zip(counts.as_chunks::<GROUP_WORDS>().0) {
            *before = sum;
            sum += group.iter().map(|&count| u32::from(count)).sum::<u32>();
        }
        u64::from(sum)
    }
}

levels! {
    fn sum(bytes: &[u8], counts: &[u8], before: &[u32], lo: u64, quotient: u64, m: Divisors) -> u64 {
        let (words, groups) = (bytes.as_chunks::<8>().0, counts.as_chunks::<GROUP_WORDS>().0);
        let mut sum = 0;
        let (mut quotients_buffer, mut kept) = ([0; CHUNK_LEN], [0; CHUNK_LEN]);
        for m in m.chunks(CHUNK_LEN) {
            quotients(quotient, m, &mut quotients_buffer);
            for (kept, &v) in kept.iter_mut().zip(&quotients_buffer[..m.m.len()]) {
                let n = (v - lo) as u32;
                let (word, rest) = ((n / PER_WORD as u32) as usize, (n % PER_WORD as u32) as usize);
                let (group, within) = (word / GROUP_WORDS, word % GROUP_WORDS);
                *kept = u64::from_le_bytes(words[word]) & MASKS[rest];
                sum += u64::from(before[group]) + sum_of_first(&groups[group], within);
            }
            // By themselves, so that the compiler counts the bits of several at once.
            sum += u64::from(kept[..m.m.len()].iter().map(|kept| kept.count_ones()).sum::<u32>());
        }
        sum
    }
}

/// The sum of the first counts of a group, fewer than all. It goes over all of them under a mask, for a loop up to the
/// last one would be mispredicted.
#[inline(always)]
fn sum_of_first(group: &[u8; GROUP_WORDS], len: usize) -> u64 {
    /// Every other byte, and a one in every other.
    const EVEN_BYTES: u64 = 0x00FF_00FF_00FF_00FF;
    const ONES: u64 = 0x0001_0001_0001_0001;
    let mask: &[u8; GROUP_WORDS] = BYTE_MASKS[GROUP_WORDS - len..].first_chunk().expect("as many again");
    let (group, mask) = (group.as_chunks::<8>().0, mask.as_chunks::<8>().0);
    let kept = |i: usize| u64::from_le_bytes(group[i]) & u64::from_le_bytes(mask[i]);
    // A count is at most 64, so three of them fit a byte.
    let pairs = |bytes: u64| (bytes & EVEN_BYTES) + (bytes >> 8 & EVEN_BYTES);
    let sums = pairs(kept(0) + kept(1) + kept(2)) + pairs(kept(3) + kept(4) + kept(5)) + pairs(kept(6) + kept(7));
    sums.wrapping_mul(ONES) >> 48
}

/// Bytes that are kept, and as many that are not: a window into them keeps the first few of a group.
static BYTE_MASKS: [u8; 2 * GROUP_WORDS] = {
    let mut masks = [0; 2 * GROUP_WORDS];
    let mut i = 0;
    while i < GROUP_WORDS {
        masks[i] = u8::MAX;
        i += 1;
    }
    masks
};

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
