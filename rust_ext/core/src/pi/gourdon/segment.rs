//! A segment of the sieve that can tell, at any time, how many of its integers up to a given one are left.
//!
//! A byte stands for thirty integers, a bit for one of the eight coprime to 30; here a *set* bit is an integer that is left,
//! so that counting is a population count. Each word of eight bytes has a counter, which crossing off keeps up to date. A
//! count is then the sum of whole groups of words, of the counters before the word, and of the word's own bits.

use std::sync::LazyLock;

use crate::residues::{GAPS, MODULUS, STEPS, Step, TO_COPRIME, WORD_OFFSETS, byte_of, class_of};

/// The first integer of byte 0: the bits stand for 7 to 31, but 2 to 6 have the same count as 1.
pub(crate) const FIRST: u64 = 2;

/// What one word covers.
pub(crate) const PER_WORD: u64 = 8 * MODULUS;

/// Words of one group, and bytes.
pub(crate) const GROUP_WORDS: usize = 64;
pub(crate) const GROUP_BYTES: usize = 8 * GROUP_WORDS;

/// `MASKS[r]` has the bits of a word that stand for integers up to `r` beyond its first.
pub(crate) static MASKS: [u64; PER_WORD as usize] = {
    let mut masks = [0; PER_WORD as usize];
    let mut r = 0;
    let mut bits = 0;
    let mut mask = 0;
    while r < masks.len() {
        if bits < 64 && WORD_OFFSETS[bits] as u64 == r as u64 + FIRST {
            mask |= 1 << bits;
            bits += 1;
        }
        masks[r] = mask;
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
}

impl Segment {
    /// With room for so many bytes, a multiple of [`GROUP_BYTES`].
    pub(crate) fn new(bytes: usize) -> Result<Self, crate::Error> {
        debug_assert!(bytes.is_multiple_of(GROUP_BYTES));
        let mut segment = Self {
            bytes: super::reserved(bytes)?,
            counts: super::reserved(bytes / 8)?,
            before: super::reserved(bytes / GROUP_BYTES)?,
            lo: 0,
        };
        segment.bytes.resize(bytes, 0);
        segment.counts.resize(bytes / 8, 0);
        segment.before.resize(bytes / GROUP_BYTES, 0);
        Ok(segment)
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
        for (count, word) in self.counts.iter_mut().zip(self.bytes.chunks_exact(8)) {
            *count = u64::from_le_bytes(word.try_into().expect("eight bytes")).count_ones() as u8;
        }
    }

    /// Sum the counters up by groups, so that [`count_up_to`](Self::count_up_to) is right; returns how many are left.
    pub(crate) fn sum_up(&mut self) -> u64 {
        let mut sum = 0;
        for (before, group) in self.before.iter_mut().zip(self.counts.chunks_exact(GROUP_WORDS)) {
            *before = sum;
            sum += group.iter().map(|&count| u32::from(count)).sum::<u32>();
        }
        u64::from(sum)
    }

    /// How many of the integers up to `n` beyond the first are left.
    #[inline]
    pub(crate) fn count_up_to(&self, n: u32) -> u64 {
        let (word, rest) = (n as usize / PER_WORD as usize, n as usize % PER_WORD as usize);
        let (group, within) = (word / GROUP_WORDS, word % GROUP_WORDS);
        let counts = &self.counts[group * GROUP_WORDS..][..GROUP_WORDS];
        let words_before = counts[..within].iter().map(|&count| u64::from(count)).sum::<u64>();
        let bits = u64::from_le_bytes(self.bytes[8 * word..][..8].try_into().expect("eight bytes")) & MASKS[rest];
        u64::from(self.before[group]) + words_before + u64::from(bits.count_ones())
    }

    /// The sum of the counts up to `quotient / m`, which must lie in the segment.
    pub(crate) fn count_up_to_quotients(&self, quotient: u64, m: &[u32]) -> u64 {
        m.iter().map(|&m| self.count_up_to((quotient / u64::from(m) - self.lo) as u32)).sum()
    }
}

/// Cross off the multiples of a prime of this class, hit by hit: where the next one is not in the segment, the place is
/// kept for the next segment.
#[inline(never)]
fn cross_off<const CLASS: usize, const COUNTED: bool>(bytes: &mut [u8], counts: &mut [u8], p: u64, place: &mut Place) {
    let steps: &[Step; 8] = &STEPS[CLASS];
    let thirties = byte_of(p) as usize;
    let mut byte = place.byte as usize;
    let mut cofactor = place.cofactor;
    'turns: loop {
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
