//! The memory of one segment of one class, and the loops that cross off in it.
//!
//! ```text
//!   | pad | segment: bit i of the class, i + 1, ...                | pad |
//!           |--- p bits ---|--- p bits ---|                               a prime's hits, wherever its first one is
//! ```
//!
//! The loops may write into the pads, which mean nothing: so none has to look where the segment ends. Each crosses off
//! all primes that are given to it, whose first hits are their *places*: counted from their *origins*, which are bits
//! of the segment, or where none are given from bit 0.

#[cfg(target_arch = "x86_64")]
use super::avx512;
use crate::arithmetic::modular::subtract_32;
use crate::base::error::Error;
use crate::base::memory::zeros;
use crate::bitmap::pattern::BLOCK_BYTES;
use crate::cpu::level::{Cpu, levels};

/// The bytes before and behind the segment.
const PAD_BYTES: usize = ROUNDS_STOP as usize;

/// Primes below this are crossed off in rounds of eight hits, the others one hit after the other. Higher, the rounds
/// that only half lie in the segment weigh more, and the pads want room in the cache: counting to 10^9, up to 2048 took
/// 52.9 ms, up to 4096 51.3; up to 6144, 8192 and 10240 level.
pub(crate) const ROUNDS_STOP: u32 = 4096;

/// How many primes are crossed off side by side.
pub(super) const LANES: usize = 16;

/// The place of a prime that has no hit, however many of its strides are added.
pub(crate) const NOWHERE: u32 = 1 << 31;

/// For how many vectors hits wait from being made to being set. Fewer, the stores wait for the vectors: by itself the
/// loop took 0.46 ns a hit with 1, 0.40 with 2, 0.37 with 4. More, the ring takes room in the cache: with 8 and 16
/// level.
const WAITING: usize = 4;

pub(crate) struct ClassSegment {
    memory: Vec<u8>,
}

impl ClassSegment {
    /// A segment of whole blocks, in which the patterns are laid.
    pub(crate) fn new(segment_bytes: usize) -> Result<Self, Error> {
        assert!(segment_bytes.is_multiple_of(BLOCK_BYTES));
        Ok(Self { memory: zeros(segment_bytes + 2 * PAD_BYTES)? })
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let end = self.memory.len() - PAD_BYTES;
        &mut self.memory[PAD_BYTES..end]
    }

    /// Cross off primes below [`ROUNDS_STOP`] that leave the remainder `2 * class + 1` modulo 8.
    pub(crate) fn cross_off_rounds(&mut self, cpu: Cpu, class: usize, primes: &[u32], places: &[u32], origins: &[u32]) {
        match class {
            0 => rounds_of_1(cpu, &mut self.memory, primes, places, origins),
            1 => rounds_of_3(cpu, &mut self.memory, primes, places, origins),
            2 => rounds_of_5(cpu, &mut self.memory, primes, places, origins),
            _ => rounds_of_7(cpu, &mut self.memory, primes, places, origins),
        }
    }

    /// Cross off primes, whose number is a multiple of [`LANES`]. `hits` has a number of hits for each [`LANES`] of
    /// them.
    pub(crate) fn cross_off_strides(
        &mut self,
        cpu: Cpu,
        primes: &[u32],
        places: &[u32],
        origins: &[u32],
        hits: &[u32],
    ) {
        strides(cpu, &mut self.memory, primes, places, origins, hits);
    }

    /// Cross off primes that have one hit at most, and whose number is a multiple of [`LANES`].
    pub(crate) fn cross_off_singles(&mut self, cpu: Cpu, places: &[u32]) {
        match cpu {
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            Cpu::Avx512(_) => unsafe { avx512::singles(self.bytes_mut(), places) },
            _ => singles(cpu, &mut self.memory, places),
        }
    }
}

levels! {
    fn rounds_of_1(memory: &mut [u8], primes: &[u32], places: &[u32], origins: &[u32]) {
        rounds::<1>(memory, primes, places, origins);
    }
}

levels! {
    fn rounds_of_3(memory: &mut [u8], primes: &[u32], places: &[u32], origins: &[u32]) {
        rounds::<3>(memory, primes, places, origins);
    }
}

levels! {
    fn rounds_of_5(memory: &mut [u8], primes: &[u32], places: &[u32], origins: &[u32]) {
        rounds::<5>(memory, primes, places, origins);
    }
}

levels! {
    fn rounds_of_7(memory: &mut [u8], primes: &[u32], places: &[u32], origins: &[u32]) {
        rounds::<7>(memory, primes, places, origins);
    }
}

/// The primes `p` with `p % 8 == R`: eight hits lie in `p` bytes, and from a hit in bit 0 of a byte on, their masks are
/// constants.
#[inline(always)]
#[allow(unsafe_code, reason = "bounds checks cost a tenth of the time to 10^9, most of it here")]
fn rounds<const R: usize>(memory: &mut [u8], primes: &[u32], places: &[u32], origins: &[u32]) {
    let end = memory.len() - PAD_BYTES;
    for ((&p, &place), &origin) in primes.iter().zip(places).zip(origins) {
        let (p, place) = (p as usize, (origin + place) as usize);
        assert!(p <= PAD_BYTES);
        // Back to a hit in bit 0 of a byte: as p * p == 1 (mod 8), place * p steps of p do it, modulo 8. It may lie up
        // to 7 p bits before the segment: in the pad, or on composites.
        let mut at = (8 * PAD_BYTES + place - (((place & 7) * p) & 7) * p) / 8;
        let q = p / 8;
        while at < end {
            for k in 0..8 {
                // SAFETY: k * q + k * R / 8 < 8 * q + R = p <= PAD_BYTES, and at < end = memory.len() - PAD_BYTES.
                unsafe { *memory.get_unchecked_mut(at + k * q + k * R / 8) |= 1 << (k * R % 8) };
            }
            at += p;
        }
    }
}

levels! {
    fn strides(memory: &mut [u8], primes: &[u32], places: &[u32], origins: &[u32], counts: &[u32]) {
        let mut hits = Hits::new(memory);
        let places = places.as_chunks::<LANES>().0.iter().zip(origins.as_chunks::<LANES>().0);
        for ((p, (place, origin)), &count) in primes.as_chunks::<LANES>().0.iter().zip(places).zip(counts) {
            let mut at: [u32; LANES] = std::array::from_fn(|lane| origin[lane] + place[lane] + 8 * PAD_BYTES as u32);
            for _ in 0..count {
                hits.push(&at);
                for (at, p) in at.iter_mut().zip(p) {
                    *at = at.wrapping_add(*p);
                }
            }
        }
        hits.finish();
    }
}

levels! {
    fn singles(memory: &mut [u8], places: &[u32]) {
        let mut hits = Hits::new(memory);
        for places in places.as_chunks::<LANES>().0 {
            hits.push(&places.map(|place| place + 8 * PAD_BYTES as u32));
        }
        hits.finish();
    }
}

/// As many as are side by side, in one line of the cache: where a stack happened to place them over two, to 10^10 took
/// up to a tenth longer.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u32; LANES]);

/// Hits of [`LANES`] primes side by side: made as vectors, and set one after the other some vectors later. So neither
/// has to wait for the other, and the stores never pause.
struct Hits<'a> {
    memory: &'a mut [u8],
    /// A ring of hits that have been made and not set. Each has its byte, and in the lowest eight bits its mask.
    waiting: [Line; WAITING],
    /// How many vectors have been made.
    made: usize,
    /// Where the hits of each lane go that lie behind the segment: into the pad, apart from each other, so that no
    /// store has to wait for the next.
    limits: [u32; LANES],
}

impl<'a> Hits<'a> {
    #[inline(always)]
    fn new(memory: &'a mut [u8]) -> Self {
        assert!((PAD_BYTES..1 << 24).contains(&memory.len()));
        let end = 8 * (memory.len() - PAD_BYTES) as u32;
        let limits = std::array::from_fn(|lane| end + 64 * lane as u32);
        // No mask has a bit yet.
        Self { memory, waiting: [Line([0; LANES]); WAITING], made: 0, limits }
    }

    /// Make a hit of each lane, which are bits of the memory, and set those that were made [`WAITING`] vectors ago.
    #[inline(always)]
    fn push(&mut self, at: &[u32; LANES]) {
        let turn = self.made % WAITING;
        self.set(turn);
        for ((hit, &at), &limit) in self.waiting[turn].0.iter_mut().zip(at).zip(&self.limits) {
            let bit = at.min(limit);
            *hit = (bit / 8) << 8 | 1 << (bit % 8);
        }
        self.made += 1;
    }

    /// Set the hits that are still waiting.
    #[inline(always)]
    fn finish(mut self) {
        for turn in 0..WAITING {
            self.set(turn);
        }
    }

    #[inline(always)]
    #[allow(unsafe_code, reason = "bounds checks cost a tenth of the time to 10^9")]
    fn set(&mut self, turn: usize) {
        for &hit in &self.waiting[turn].0 {
            // SAFETY: a hit that `push` made has a bit that is at most the limit of its lane, and the largest limit
            // lies 8 * (LANES - 1) bytes behind the end of the segment, where a pad of PAD_BYTES begins. All others are
            // 0.
            unsafe { *self.memory.get_unchecked_mut((hit >> 8) as usize) |= hit as u8 };
        }
    }
}

const _: () = assert!(PAD_BYTES > 8 * LANES);

levels! {
    /// `place - times * step` modulo `p`, for each prime: its places in the class, or in the window, that lies that
    /// much further.
    pub(crate) fn step_down(places: &mut [u32], steps: &[u32], primes: &[u32], times: u16) {
        let steps = steps.as_chunks::<LANES>().0.iter().zip(primes.as_chunks::<LANES>().0);
        for (place, (step, p)) in places.as_chunks_mut::<LANES>().0.iter_mut().zip(steps) {
            for _ in 0..times {
                for ((place, &step), &p) in place.iter_mut().zip(step).zip(p) {
                    *place = subtract_32(*place, step, p);
                }
            }
        }
    }
}

levels! {
    /// The clear bits of whole words.
    pub(crate) fn count_clear(bytes: &[u8]) -> u64 {
        let (words, _) = bytes.as_chunks::<8>();
        words.iter().map(|word| u64::from(u64::from_ne_bytes(*word).count_zeros())).sum()
    }
}
