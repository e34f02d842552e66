//! The sieving primes of the tiers that store them, and their places: where each has its first hit in a segment.
//!
//! In the class of residue `r` a multiple of `p` lies at the bits `i` with `base + modulus * i + r == 0 (mod p)`. So
//! the place falls by `gap / modulus (mod p)` from a class to one that lies `gap` higher: one vector step for all
//! primes, and nothing is carried through the loops that cross off.

use super::segment::{ClassSegment, LANES, NOWHERE, ROUNDS_STOP, step_down};
use crate::arithmetic::modular::subtract_32;
use crate::arithmetic::wheels::Wheel;
use crate::base::error::Error;
use crate::base::memory::{reserved, zeros};
use crate::cpu::level::Cpu;

pub(crate) struct PrimePlaces {
    /// First those below [`ROUNDS_STOP`], by their remainder modulo 8, and then the others, ascending. Each part ends
    /// with what makes its number a multiple of [`LANES`] and has no hit.
    primes: Vec<u32>,
    /// From `rounds[i]` to `rounds[i + 1]` the remainder is `2 * i + 1`.
    rounds: [usize; 5],
    /// From here on, primes are not below [`ROUNDS_STOP`].
    strides: usize,
    /// From here on, primes have at most one hit in a segment.
    singles: usize,
    segment_bits: u32,
    /// Where the last prime ends.
    len: usize,
    /// How far the places of a class lie above those of one whose residue is 2 higher.
    steps: Vec<u32>,
    /// The same for two windows.
    window_steps: Vec<u32>,
    /// For each [`LANES`] of the primes from `strides` on: how many hits one of them may have in a segment of the
    /// present window.
    hits: Vec<u32>,
    /// The places in the first class of the present window.
    window_places: Vec<u32>,
    /// The bit of each class of the present window before which no hit is needed: that of the square, or 0 if it lies
    /// before the window, or [`NOWHERE`] if behind.
    origins: Vec<u32>,
    /// The places in the present class, counted from the origins.
    places: Vec<u32>,
    /// The primes before this one have their squares below the window. A multiple of [`LANES`].
    settled: usize,
}

impl PrimePlaces {
    /// `ascending` are primes above 13. The windows begin at `base` and follow each other by `window_bits` a class.
    pub(crate) fn new(
        classes: &Wheel,
        base: u64,
        window_bits: u32,
        segment_bits: u32,
        ascending: &[u32],
    ) -> Result<Self, Error> {
        let (small, large) = ascending.split_at(ascending.partition_point(|&p| p < ROUNDS_STOP));
        let several = large.partition_point(|&p| p < segment_bits);
        let strides = small.len().next_multiple_of(LANES);
        let len = strides + large.len();
        let filled = len.next_multiple_of(LANES);

        let mut primes = reserved(filled)?;
        let mut rounds = [0; 5];
        for i in 0..4 {
            primes.extend(small.iter().filter(|&&p| p as usize % 8 == 2 * i + 1));
            rounds[i + 1] = primes.len();
        }
        primes.resize(strides, FILLER);
        primes.extend_from_slice(large);
        primes.resize(filled, FILLER);

        let mut steps = reserved(filled)?;
        let mut window_steps = reserved(filled)?;
        let mut window_places = reserved(filled)?;
        let first_index = base / u64::from(classes.modulus);
        for &p in &primes {
            window_steps.push(window_bits % p);
            if p == FILLER {
                steps.push(0);
                window_places.push(NOWHERE);
            } else {
                let unit = classes.inverse_modulo(p);
                steps.push(subtract_32(unit, p - unit, p));
                // The index where base + modulus * index + residue == 0.
                let behind = (first_index + u64::from(classes.residues[0]) * u64::from(unit)) % u64::from(p);
                window_places.push(subtract_32(0, behind as u32, p));
            }
        }
        let mut places = reserved(filled)?;
        places.extend_from_slice(&window_places);
        Ok(Self {
            primes,
            rounds,
            strides,
            singles: strides + several.next_multiple_of(LANES),
            segment_bits,
            len,
            hits: zeros(large.len().div_ceil(LANES))?,
            steps,
            window_steps,
            window_places,
            origins: zeros(filled)?,
            places,
            settled: 0,
        })
    }

    /// Go to the first class of a window that covers the integers from `base` to `last`.
    pub(crate) fn begin_window(&mut self, modulus: u32, base: u64, last: u64) {
        self.places.copy_from_slice(&self.window_places);
        let (rounds, strides) = self.primes[..self.len].split_at(self.strides);
        let settled = strides.partition_point(|&p| square(p) <= base);
        let settled = if rounds.iter().any(|&p| square(p) > base) {
            0
        } else if settled == strides.len() {
            self.primes.len()
        } else {
            rounds.len() + settled / LANES * LANES
        };
        self.origins[self.settled..settled].fill(0);
        self.settled = settled;
        for i in settled..self.len {
            let p = self.primes[i];
            self.origins[i] = if square(p) <= base {
                0
            } else if square(p) > last {
                NOWHERE
            } else {
                ((square(p) - base) / u64::from(modulus)) as u32
            };
            self.places[i] = subtract_32(self.places[i], self.origins[i] % p, p);
        }
        // The first prime of some has the shortest stride and the first square.
        let firsts = self.primes.iter().zip(&self.origins).skip(self.strides).step_by(LANES);
        for (hits, (&p, &origin)) in self.hits.iter_mut().zip(firsts) {
            *hits = self.segment_bits.saturating_sub(origin).div_ceil(p);
        }
    }

    /// Cross off all primes in the segment of the present class.
    pub(crate) fn cross_off(&mut self, cpu: Cpu, segment: &mut ClassSegment) {
        for class in 0..4 {
            let some = self.rounds[class]..self.rounds[class + 1];
            segment.cross_off_rounds(
                cpu,
                class,
                &self.primes[some.clone()],
                &self.places[some.clone()],
                &self.origins[some],
            );
        }
        let ahead = self.settled.max(self.singles);
        for some in [self.strides..self.singles, ahead..self.primes.len()] {
            segment.cross_off_strides(
                cpu,
                &self.primes[some.clone()],
                &self.places[some.clone()],
                &self.origins[some.clone()],
                &self.hits[(some.start - self.strides) / LANES..],
            );
        }
        segment.cross_off_singles(cpu, &self.places[self.singles..ahead]);
    }

    /// Go to the class that lies `gap` higher.
    pub(crate) fn next_class(&mut self, cpu: Cpu, gap: u16) {
        step_down(cpu, &mut self.places, &self.steps, &self.primes, gap / 2);
    }

    pub(crate) fn end_window(&mut self, cpu: Cpu) {
        step_down(cpu, &mut self.window_places, &self.window_steps, &self.primes, 1);
    }
}

/// Stands where no prime does.
const FILLER: u32 = 1;

fn square(p: u32) -> u64 {
    u64::from(p) * u64::from(p)
}
