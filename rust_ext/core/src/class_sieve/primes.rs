//! The sieving primes of the tiers that store them, and their places: where each has its first hit in a segment.
//!
//! In the class of residue `r` a multiple of `p` lies at the bits `i` with `base + modulus * i + r == 0 (mod p)`. So the
//! place falls by `gap / modulus (mod p)` from a class to one that lies `gap` higher: one vector step for all primes, and
//! nothing is carried through the loops that cross off.

use super::segment::{LANES, NOWHERE, ROUNDS_STOP, Segment, down, step_down};
use crate::arch::{Cpu, levels};
use crate::classes::Classes;
use crate::error::Error;
use crate::memory::{reserved, zeros};

pub(crate) struct SievingPrimes {
    /// First those below [`ROUNDS_STOP`], by their remainder modulo 8. Then the others, ascending, and at the end what
    /// makes their number a multiple of [`LANES`] and has no hit.
    pub(crate) primes: Vec<u32>,
    /// From `rounds[i]` to `rounds[i + 1]` the remainder is `2 * i + 1`.
    pub(crate) rounds: [usize; 5],
    /// From here on, primes have at most one hit in a segment.
    singles: usize,
    segment_bits: u32,
    /// How many primes there are without what fills the lanes.
    len: usize,
    /// `gap_steps[g - 1]`, for each prime: how far the places of a class lie above those of one that is `2 * g` higher.
    gap_steps: Vec<Vec<u32>>,
    /// The same for two windows.
    window_steps: Vec<u32>,
    /// For each [`LANES`] of the primes from `rounds[4]` on: how many hits one of them may have in the present window.
    hits: Vec<u32>,
    /// The places in class 0 of the present window.
    window_places: Vec<u32>,
    /// The places in the present class: of hits that need not lie above the square of the prime.
    places: Vec<u32>,
    /// The primes before this one have their squares below the window. A multiple of [`LANES`] behind `rounds[4]`, or 0.
    settled: usize,
    /// For the others: the bit of the square, before which no hit is needed, and the last multiple of the prime that is
    /// not larger, or [`NOWHERE`].
    squares: Vec<u32>,
    to_squares: Vec<u32>,
    /// For the others: the places to cross off from.
    from_squares: Vec<u32>,
}

impl SievingPrimes {
    /// `ascending` are primes above 13. The windows begin at `base` and follow each other by `window_bits` a class.
    pub(crate) fn new(
        classes: &Classes,
        base: u64,
        window_bits: u32,
        segment_bits: u32,
        ascending: &[u32],
    ) -> Result<Self, Error> {
        let (small, large) = ascending.split_at(ascending.partition_point(|&p| p < ROUNDS_STOP));
        let gaps = classes.residues.windows(2).map(|pair| pair[1] - pair[0]);
        let several = large.partition_point(|&p| p < segment_bits);
        let half_gaps = usize::from(gaps.max().expect("more classes than one")) / 2;
        let len = ascending.len();
        let filled = small.len() + large.len().next_multiple_of(LANES);

        let mut primes = reserved(filled)?;
        let mut rounds = [0; 5];
        for i in 0..4 {
            primes.extend(small.iter().filter(|&&p| p as usize % 8 == 2 * i + 1));
            rounds[i + 1] = primes.len();
        }
        primes.extend_from_slice(large);

        let mut gap_steps = Vec::new();
        for _ in 0..half_gaps {
            gap_steps.push(reserved(filled)?);
        }
        let mut window_places = reserved(filled)?;
        let first_index = base / u64::from(classes.modulus);
        for &p in &primes {
            let unit = classes.inverse_modulo(p);
            let double = down(unit, p - unit, p);
            let mut step = 0;
            for steps in &mut gap_steps {
                step = down(step, p - double, p);
                steps.push(step);
            }
            // Class 0 has residue 1: the index where base + modulus * index + 1 == 0.
            window_places.push(down(p - (first_index % u64::from(p)) as u32 - 1, unit - 1, p));
        }
        let mut window_steps = reserved(filled)?;
        window_steps.extend(primes.iter().map(|p| window_bits % p));

        primes.resize(filled, 1);
        window_steps.resize(filled, 0);
        window_places.resize(filled, NOWHERE);
        for steps in &mut gap_steps {
            steps.resize(filled, 0);
        }
        let mut places = reserved(filled)?;
        places.extend_from_slice(&window_places);
        Ok(Self {
            primes,
            rounds,
            singles: rounds[4] + several.next_multiple_of(LANES),
            segment_bits,
            len,
            hits: zeros(several.div_ceil(LANES))?,
            gap_steps,
            window_steps,
            window_places,
            places,
            settled: 0,
            squares: zeros(filled)?,
            to_squares: zeros(filled)?,
            from_squares: zeros(filled)?,
        })
    }

    /// Go to class 0 of a window that covers the integers from `base` to `last`.
    pub(crate) fn begin_window(&mut self, modulus: u32, base: u64, last: u64) {
        self.places.copy_from_slice(&self.window_places);
        let (rounds, strides) = self.primes[..self.len].split_at(self.rounds[4]);
        let settled = strides.partition_point(|&p| square(p) <= base);
        self.settled = if rounds.iter().any(|&p| square(p) > base) {
            0
        } else if settled == strides.len() {
            self.primes.len()
        } else {
            rounds.len() + settled / LANES * LANES
        };
        for i in self.settled..self.len {
            let p = self.primes[i];
            (self.squares[i], self.to_squares[i]) = if square(p) <= base {
                (0, 0)
            } else if square(p) > last {
                (0, NOWHERE)
            } else {
                let bits = ((square(p) - base) / u64::from(modulus)) as u32;
                (bits, bits - bits % p)
            };
        }
        // The first prime of some has the shortest stride, and the hits of none lie before its square.
        for (i, hits) in self.hits.iter_mut().enumerate() {
            let first = self.rounds[4] + LANES * i;
            let before = if first < self.settled { 0 } else { self.squares[first].max(self.to_squares[first]) };
            *hits = self.segment_bits.saturating_sub(before).div_ceil(self.primes[first]);
        }
    }

    /// Cross off all primes in the segment of the present class.
    pub(crate) fn cross_off(&mut self, cpu: Cpu, segment: &mut Segment) {
        let ahead = self.settled..;
        pass_squares(
            cpu,
            &mut self.from_squares[ahead.clone()],
            &self.places[ahead.clone()],
            &self.to_squares[ahead.clone()],
            &self.squares[ahead.clone()],
            &self.primes[ahead],
        );
        for class in 0..4 {
            let range = self.rounds[class]..self.rounds[class + 1];
            let places = if self.settled == 0 { &self.from_squares } else { &self.places };
            segment.cross_off_rounds(cpu, class, &self.primes[range.clone()], &places[range]);
        }
        let [strides, singles, end] = [self.rounds[4], self.singles, self.primes.len()];
        let settled = self.settled.clamp(strides, singles);
        let (hits, ahead_hits) = self.hits.split_at((settled - strides) / LANES);
        segment.cross_off_strides(cpu, &self.primes[strides..settled], &self.places[strides..settled], hits);
        segment.cross_off_strides(
            cpu,
            &self.primes[settled..singles],
            &self.from_squares[settled..singles],
            ahead_hits,
        );
        let settled = self.settled.clamp(singles, end);
        segment.cross_off_singles(cpu, &self.places[singles..settled]);
        segment.cross_off_singles(cpu, &self.from_squares[settled..end]);
    }

    /// Go to the class that lies `gap` higher.
    pub(crate) fn next_class(&mut self, cpu: Cpu, gap: u16) {
        step_down(cpu, &mut self.places, &self.gap_steps[usize::from(gap) / 2 - 1], &self.primes);
    }

    pub(crate) fn end_window(&mut self, cpu: Cpu) {
        step_down(cpu, &mut self.window_places, &self.window_steps, &self.primes);
    }
}

fn square(p: u32) -> u64 {
    u64::from(p) * u64::from(p)
}

levels! {
    /// The first of the hits from `places` on, one for every prime's number of bits, that do not lie before `squares`.
    fn pass_squares(from: &mut [u32], places: &[u32], to_squares: &[u32], squares: &[u32], primes: &[u32]) {
        for ((((from, &place), &to_square), &square), &p) in
            from.iter_mut().zip(places).zip(to_squares).zip(squares).zip(primes)
        {
            let near = place + to_square;
            *from = if near < square { near + p } else { near };
        }
    }
}
