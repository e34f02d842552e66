//! `D` and `B`, the hard leaves: counts of what a sieve over `[0, x / y]` leaves, taken while it runs.
//!
//! `D` is the sum over `p_K < p_b <= x*` and squarefree `m`, without a prime factor up to `p_b`, with
//! `y / p_b < m <= min(y, x / p_b^3)`, of `-mu(m) phi(x / (p_b m), b - 1)`. `B` is the sum of `pi(x / p)` over
//! `y < p <= sqrt x`.
//!
//! Each segment is crossed off prime by prime; before the b-th prime it shows `phi(.., b - 1)`, and at the end the
//! primes. The counts before the segment are known from earlier segments: `phi(v, b - 1) = phi(lo - 1, b - 1) +` the
//! count from `lo` to `v`. A prime enters when its square lies in the segment, because all its `x / (p_b m)` are at
//! least that large; until then `phi(lo - 1, b - 1) = pi(lo - 1) - b + 2`.
//!
//! Threads take *jobs*: runs of segments. A job counts as if nothing lay before it. The counts before it are added
//! afterwards, in order: for each `b`, one product with the signed number of its leaves in the job.

use super::counted_segment::layout::GROUP_BYTES;
use super::counted_segment::{CountedSegment, Place, last_pattern};
use super::formula::K;
use super::plan::{Plan, Tables};
use super::squarefree::codes::{Leaves, NO_LEAVES};
use crate::arithmetic::wheel30::MODULUS;
use crate::base::error::Error;
use crate::base::jobs::share;
use crate::base::memory::{push, reserved};
use crate::base::progress::{KeepGoing, Watch, ask};
use crate::output::blocks::PrimeBlocks;
use crate::pi::coprime_words::FIRST;
use crate::pi::quotients::Divisors;

/// Segments of the largest job. More means fewer starts, one of which costs a division for each sieving prime; less
/// keeps all threads at work to the end.
const JOB_SEGMENTS: u64 = 32;

/// The integers whose primes are found at once for `B`.
const WINDOW: u64 = 1 << 20;

/// `D - B`, modulo 2^64.
pub(crate) fn sum(plan: &Plan, tables: &Tables, threads: usize, watch: Watch) -> Result<u64, Error> {
    let bytes = (plan.limit / MODULUS + 1).next_multiple_of(GROUP_BYTES as u64);
    // All segments have the same length: the whole of the last one is sieved, even if part of it is not needed.
    let segments = bytes.div_ceil(plan.segment_bytes as u64);
    let segment_bytes = bytes.div_ceil(segments).next_multiple_of(GROUP_BYTES as u64);
    let borders = borders(bytes, segment_bytes, threads as u64)?;
    let mut merged = Merged { phi: reserved(tables.pi(plan.star) + 1)?, primes: 0, sum: 0 };
    merged.phi.resize(K + 1, 0);
    let work = |job: usize, keep_going: KeepGoing| {
        let job = Job::new(plan, tables, borders[job], borders[job + 1], segment_bytes as usize)?;
        job.run(keep_going)
    };
    let mut watch = |done: usize| watch((borders[done] as f64 / bytes as f64).sqrt());
    share(threads, borders.len() - 1, &mut watch, &work, |part| merged.add(&part))?;
    Ok(merged.sum)
}

/// Where the jobs begin and the last one ends, in bytes. The leaves are dense near zero, so the jobs grow from one
/// segment on.
fn borders(bytes: u64, segment_bytes: u64, threads: u64) -> Result<Vec<u64>, Error> {
    let mut borders = Vec::new();
    push(&mut borders, 0)?;
    let mut at = 0;
    while at < bytes {
        let segments_left = (bytes - at).div_ceil(segment_bytes);
        let grown = borders.len().div_ceil(4) as u64;
        at += grown.min(segments_left.div_ceil(threads.saturating_mul(4))).min(JOB_SEGMENTS) * segment_bytes;
        push(&mut borders, at.min(bytes))?;
    }
    Ok(borders)
}

/// The result of a job for one `b`.
#[derive(Clone, Copy, Default)]
struct Level {
    /// How many integers the sieve leaves before the b-th prime; where the prime enters within the job, as many
    /// primes as there are before that.
    left: u64,
    /// The sum of `-mu(m)` over the leaves, modulo 2^64.
    leaves: u64,
}

/// The result of a job, as if nothing lay before it.
struct Part {
    sum: u64,
    levels: Vec<Level>,
    primes: u64,
    /// The number of leaves of `B`.
    last_leaves: u64,
}

/// The sum of the jobs so far.
struct Merged {
    /// `phi(lo - 1, b - 1)` for the primes that have entered, `lo` being where the next job begins.
    phi: Vec<u64>,
    /// `pi(lo - 1)`.
    primes: u64,
    sum: u64,
}

impl Merged {
    fn add(&mut self, part: &Part) {
        for b in self.phi.len()..part.levels.len() {
            self.phi.push(self.primes.wrapping_sub(b as u64).wrapping_add(2));
        }
        for (phi, level) in self.phi.iter_mut().zip(&part.levels) {
            self.sum = self.sum.wrapping_add(phi.wrapping_mul(level.leaves));
            *phi = phi.wrapping_add(level.left);
        }
        self.sum = self.sum.wrapping_add(part.sum).wrapping_sub(self.primes.wrapping_mul(part.last_leaves));
        self.primes += part.primes;
    }
}

/// A job at work.
struct Job<'a> {
    plan: &'a Plan,
    tables: &'a Tables,
    segment: CountedSegment,
    segment_bytes: usize,
    first_byte: u64,
    end_byte: u64,
    /// The first prime that is crossed off from multiple to multiple, and where those from it on are, as far as they
    /// have been used.
    first_place: usize,
    places: Vec<Place>,
    /// The first prime that is crossed off by its products with one prime, and the next of these primes for those from
    /// it on, as far as they have been used.
    first_cofactor: usize,
    cofactors: Vec<u32>,
    last_primes: LastPrimes,
    part: Part,
}

impl<'a> Job<'a> {
    fn new(
        plan: &'a Plan,
        tables: &'a Tables,
        first_byte: u64,
        end_byte: u64,
        segment_bytes: usize,
    ) -> Result<Self, Error> {
        let hi = (MODULUS * end_byte + FIRST - 1).min(plan.limit);
        let sieving = tables.pi(hi.isqrt());
        let levels = sieving.min(tables.pi(plan.star));
        let first_place = tables.pi(last_pattern(plan.cpu).min(plan.y)).max(K) + 1;
        let first_cofactor = tables.first_of_products(plan.limit).max(first_place);
        let mut part = Part { sum: 0, levels: reserved(levels + 1)?, primes: 0, last_leaves: 0 };
        part.levels.resize(K + 1, Level::default());
        Ok(Self {
            plan,
            tables,
            segment: CountedSegment::new(plan.cpu, segment_bytes)?,
            segment_bytes,
            first_byte,
            end_byte,
            first_place,
            places: reserved(sieving.min(first_cofactor))?,
            first_cofactor,
            cofactors: reserved((sieving + 1).saturating_sub(first_cofactor))?,
            last_primes: LastPrimes::new(plan, MODULUS * first_byte + FIRST, hi),
            part,
        })
    }

    fn run(mut self, keep_going: KeepGoing) -> Result<Part, Error> {
        let mut buffer = NO_LEAVES;
        for first_byte in (self.first_byte..self.end_byte).step_by(self.segment_bytes) {
            ask(keep_going)?;
            self.segment(first_byte, &mut buffer, keep_going)?;
        }
        Ok(self.part)
    }

    fn segment(&mut self, first_byte: u64, buffer: &mut Leaves, keep_going: KeepGoing) -> Result<(), Error> {
        let &mut Self { plan, tables, .. } = self;
        self.segment.begin(first_byte);
        let lo = self.segment.lo;
        let hi = (lo + MODULUS * self.segment_bytes as u64 - 1).min(plan.limit);
        let sieving = tables.pi(hi.isqrt());
        let levels = sieving.min(tables.pi(plan.star)).min(tables.pi((plan.x / lo).isqrt().min(plan.y)));
        for b in self.first_place + self.places.len()..self.first_cofactor.min(sieving + 1) {
            self.places.push(Place::new(tables.prime(b), first_byte));
        }
        for b in self.first_cofactor + self.cofactors.len()..=sieving {
            let before = tables.pi((lo - 1) / tables.prime(b));
            self.cofactors.push(b.max(before + 1) as u32);
        }
        if first_byte == 0 {
            // These primes cross off themselves, and 1 has no bit.
            self.part.primes = sieving as u64;
        }
        let mut left = self.segment.count();
        for b in K + 1..=levels {
            if b % 64 == 0 {
                ask(keep_going)?;
            }
            if self.part.levels.len() == b {
                // phi(lo - 1, b - 1) is this, once pi before the job, less b - 2, is added to it.
                let left = if first_byte == 0 { b as u64 - 1 } else { self.part.primes };
                self.part.levels.push(Level { left, leaves: 0 });
            }
            self.leaves_of(b, lo, hi, buffer);
            self.part.levels[b].left += left;
            left = self.cross_off_and_count(b);
        }
        for b in levels.max(K) + 1..=sieving {
            self.cross_off::<false>(b);
        }
        let primes = self.segment.count();
        self.last_leaves(lo, hi, keep_going)?;
        self.part.primes += primes;
        Ok(())
    }

    /// Cross off the b-th prime and its multiples; returns how many integers are left.
    fn cross_off_and_count(&mut self, b: usize) -> u64 {
        if b < self.first_place {
            return self.segment.cross_off_by_pattern(b);
        }
        self.cross_off::<true>(b);
        self.segment.sum_up()
    }

    /// The same without the count; the counters of the words may be kept up to date.
    fn cross_off<const COUNTED: bool>(&mut self, b: usize) {
        if b < self.first_place {
            // This is rare: nearly all these primes have leaves.
            self.segment.cross_off_by_pattern(b);
            return;
        }
        let p = self.tables.prime(b);
        if self.segment.lo == FIRST {
            self.segment.cross_off_itself(p);
        }
        if b < self.first_cofactor {
            self.segment.cross_off::<COUNTED>(p, &mut self.places[b - self.first_place]);
        } else {
            let next = &mut self.cofactors[b - self.first_cofactor];
            *next += self.segment.cross_off_products::<COUNTED>(p, &self.tables.primes()[*next as usize..]) as u32;
        }
    }

    /// The leaves of `D` with this `b` whose argument lies in `[lo, hi]`.
    fn leaves_of(&mut self, b: usize, lo: u64, hi: u64, buffer: &mut Leaves) {
        let &mut Self { plan, tables, .. } = self;
        let p = tables.prime(b);
        let quotient = plan.x / p;
        let most = plan.y.min(quotient / (p * p)).min(quotient / lo);
        let least = (plan.y / p).max(quotient / (hi + 1));
        if p * p > plan.y {
            let least = least.max(p);
            if least < most {
                self.add(b, quotient, tables.primes_between(least, most), false);
            }
            return;
        }
        if least < most {
            tables.squarefree.leaves(plan.cpu, (least, most), b, buffer, |m, odd| {
                self.add(b, quotient, Divisors::alone(m), !odd);
            });
        }
    }

    /// Add the counts of the leaves `quotient / m`.
    fn add(&mut self, b: usize, quotient: u64, m: Divisors, negative: bool) {
        let level = &mut self.part.levels[b];
        let len = m.len() as u64;
        let counts = level.left.wrapping_mul(len).wrapping_add(self.segment.sum(quotient, m));
        if negative {
            level.leaves = level.leaves.wrapping_sub(len);
            self.part.sum = self.part.sum.wrapping_sub(counts);
        } else {
            level.leaves = level.leaves.wrapping_add(len);
            self.part.sum = self.part.sum.wrapping_add(counts);
        }
    }

    /// The leaves of `B` whose argument lies in `[lo, hi]`.
    fn last_leaves(&mut self, lo: u64, hi: u64, keep_going: KeepGoing) -> Result<(), Error> {
        let x = self.plan.x;
        let least = x / (hi + 1);
        loop {
            let primes = self.last_primes.above(least, keep_going)?;
            if primes.is_empty() {
                return Ok(());
            }
            debug_assert!(primes.iter().all(|&p| (lo..=hi).contains(&(x / u64::from(p)))));
            let len = primes.len() as u64;
            let counts = self.part.primes.wrapping_mul(len);
            let counts = counts.wrapping_add(self.segment.sum(x, Divisors::alone(primes)));
            self.part.last_leaves += len;
            self.part.sum = self.part.sum.wrapping_sub(counts);
        }
    }
}

/// The primes of `B`, from the largest down, window by window.
struct LastPrimes {
    /// No prime up to this is needed.
    least: u64,
    /// The window begins above this.
    window: u64,
    /// The primes of the window that have not been returned yet, ascending.
    primes: Vec<u32>,
    given: usize,
}

impl LastPrimes {
    /// The primes whose `x / p` lies in `[lo, hi]`.
    fn new(plan: &Plan, lo: u64, hi: u64) -> Self {
        let most = plan.square_root.min(plan.x / lo);
        Self { least: plan.y.max(plan.x / (hi + 1)).min(most), window: most, primes: Vec::new(), given: 0 }
    }

    /// The next ones above `least`; none when there are no more.
    fn above(&mut self, least: u64, keep_going: KeepGoing) -> Result<&[u32], Error> {
        let least = least.max(self.least);
        self.primes.truncate(self.primes.len() - self.given);
        self.given = 0;
        while self.primes.is_empty() && least < self.window {
            let hi = self.window;
            self.window = self.least.max(hi.saturating_sub(WINDOW));
            let mut blocks = PrimeBlocks::range(self.window + 1, hi);
            loop {
                let block = blocks.next_block(keep_going)?;
                if block.is_empty() {
                    break;
                }
                self.primes.try_reserve(block.len()).map_err(|_| Error::OutOfMemory)?;
                self.primes.extend(block.iter().map(|&p| p as u32));
            }
        }
        let start = self.primes.partition_point(|&p| u64::from(p) <= least);
        self.given = self.primes.len() - start;
        Ok(&self.primes[start..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::level::available;

    /// The first job of the largest sieve, in segments of two sizes: quotients pass 2^53, and bounds of `m` 2^32.
    #[test]
    fn the_size_of_segments_does_not_matter_near_2_64() {
        const BYTES: u64 = 64 << 10;
        let mut plan = Plan::with_alpha(u64::MAX, 0.0);
        let tables = Tables::new(&plan, &mut || true).unwrap();
        let mut totals = Vec::new();
        for cpu in available() {
            plan.cpu = cpu;
            for segment_bytes in [4 << 10, 64 << 10] {
                let job = Job::new(&plan, &tables, 0, BYTES, segment_bytes).unwrap();
                let part = job.run(&mut || true).unwrap();
                let mut merged = Merged { phi: vec![0; K + 1], primes: 0, sum: 0 };
                merged.add(&part);
                totals.push((merged.sum, merged.primes));
            }
        }
        assert!(totals.iter().all(|total| *total == totals[0]), "{totals:?}");
    }
}
