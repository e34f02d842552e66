//! The number of primes in an interval, by sieving it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes_of};
use crate::arithmetic::wheels::{WHEEL_210, Wheel};
use crate::base::error::Error;
use crate::base::jobs::share;
use crate::base::progress::{KeepGoing, Watch};
use crate::base::tuning::{
    COUNTED_SEGMENT_EIGHTHS, FAR_JOBS_PER_ROOT, JOB_INTEGERS_MAX, JOB_INTEGERS_MIN, JOBS_PER_THREAD,
    TESTED_JOB_INTEGERS_MIN, THREAD_INTEGERS_MIN,
};
use crate::bitmap::clip::set_outside_in_class;
use crate::bucket_sieve::stretches210::Stretches210;
use crate::cpu::caches::caches;
use crate::cpu::level::active;
use crate::interval::chunks::Chunks;
use crate::interval::strategy::{FAR_FROM, Strategy};
use crate::sieve::class_sieve::{ClassSieve, count_clear};
use crate::sieve::windows210::Stretches;

/// The number of primes in the closed interval `[lo, hi]`.
///
/// At most `threads` threads work, and this one is the first. It alone calls `watch`, every few milliseconds, with the
/// part of the work that all threads have done. `watch` says whether to go on.
///
/// # Errors
///
/// [`Error::Interrupted`] if `watch` says no, [`Error::OutOfMemory`] if there is no memory for a buffer of the sieve.
pub fn count(lo: u64, hi: u64, threads: usize, watch: Watch) -> Result<u64, Error> {
    let mut count = small_primes_of(lo, hi).len() as u64;
    let above = lo.max(SMALL_LIMIT);
    // Each part has its own method: below the border, larger moduli are faster, and there are no far primes.
    for (from, to) in [(above, hi.min(FAR_FROM - 1)), (above.max(FAR_FROM), hi)] {
        if from <= to {
            let section = Section::new(from, to, threads);
            let part = |integers: f64| ((from - lo) as f64 + integers) / ((hi - lo) as f64 + 1.0);
            let done = AtomicU64::new(0);
            let mut watch = |_| watch(part(done.load(Ordering::Relaxed) as f64));
            let work =
                |job: usize, keep_going: KeepGoing| section.count(job, &mut Done::new(&section, &done), keep_going);
            share(threads, section.jobs, &mut watch, &work, |found| count += found)?;
        }
    }
    Ok(count)
}

/// A part of the interval, above the small primes, that is counted by one method, by several threads.
struct Section {
    lo: u64,
    hi: u64,
    way: Strategy,
    /// If it is counted by classes, each job takes some classes; otherwise an interval.
    jobs: usize,
}

impl Section {
    fn new(lo: u64, hi: u64, threads: usize) -> Self {
        let (way, width, threads) = (Strategy::of(lo, hi), hi - lo, threads.max(1) as u64);
        // Enough jobs that no thread is waited for long and progress is reported often, unless the jobs would be too
        // small.
        let several = if threads == 1 { 1 } else { threads.saturating_mul(JOBS_PER_THREAD) };
        let most = |integers_min: u64| width / integers_min + 1;
        let jobs = match &way {
            Strategy::Bytes => 1,
            Strategy::Test { .. } => several.min(most(TESTED_JOB_INTEGERS_MIN)),
            Strategy::Classes(classes) => {
                let one_each = threads.min(most(THREAD_INTEGERS_MIN));
                let wanted = several.min(most(JOB_INTEGERS_MIN)).max(one_each).max(width / JOB_INTEGERS_MAX);
                wanted.min(classes.residues.len() as u64)
            }
            // Each job goes through all far primes, for each of its chunks.
            Strategy::Far => {
                let chunks = width / Stretches210::far_integers(hi) + 1;
                chunks.next_multiple_of(threads).min(most(THREAD_INTEGERS_MIN.max(hi.isqrt() / FAR_JOBS_PER_ROOT)))
            }
        };
        Self { lo, hi, way, jobs: usize::try_from(jobs).unwrap_or(usize::MAX) }
    }

    /// The number of primes that a job finds.
    fn count(&self, job: usize, done: &mut Done, keep_going: KeepGoing) -> Result<u64, Error> {
        let Self { lo, hi, .. } = *self;
        if let Strategy::Classes(classes) = self.way {
            let part = classes.parts(self.jobs).nth(job).expect("there are no more jobs than parts");
            return count_by_classes(part, lo, hi, done, keep_going);
        }
        let end = |job: usize| (u128::from(hi - lo + 1) * job as u128 / self.jobs as u128) as u64;
        let (lo, hi) = (lo + end(job), lo + (end(job + 1) - 1));
        match self.way {
            Strategy::Far => count_far(lo, hi, done, keep_going),
            _ => count_chunks(lo, hi, done, keep_going),
        }
    }
}

/// The progress of a job, added to that of all jobs while it goes on: a job may take long on a slow machine.
struct Done<'a> {
    all: &'a AtomicU64,
    /// The number of integers of the job, and of those that it has reported.
    integers: f64,
    told: u64,
}

impl<'a> Done<'a> {
    fn new(section: &Section, all: &'a AtomicU64) -> Self {
        Self { all, integers: (section.hi - section.lo) as f64 / section.jobs as f64, told: 0 }
    }

    /// Report that this part of the job is done. A smaller part than before changes nothing.
    fn tell(&mut self, part: f64) {
        let now = (self.integers * part) as u64;
        if now > self.told {
            self.all.fetch_add(now - self.told, Ordering::Relaxed);
            self.told = now;
        }
    }
}

/// The number of primes in `[lo, hi]` by bytes of thirty.
fn count_chunks(lo: u64, hi: u64, done: &mut Done, keep_going: KeepGoing) -> Result<u64, Error> {
    let mut count = 0;
    let mut chunks = Chunks::new(lo, hi);
    let mut watch = |part: f64| {
        done.tell(part);
        keep_going()
    };
    while chunks.advance_watched(u64::MAX, &mut watch)? {
        count += chunks.words().map(|composites| u64::from(composites.count_zeros())).sum::<u64>();
    }
    Ok(count)
}

/// The number of primes of some classes in `[lo, hi]`, class by class.
fn count_by_classes(classes: Wheel, lo: u64, hi: u64, done: &mut Done, keep_going: KeepGoing) -> Result<u64, Error> {
    let modulus = u64::from(classes.modulus);
    let base = lo - lo % modulus;
    let class_bits = (hi - base) / modulus + 1;
    let windows = class_bits.div_ceil(8 * segment_bytes_max() as u64);
    let segment_bytes = ClassSieve::segment_bytes(class_bits.div_ceil(8 * windows) as usize);
    let cpu = active();
    let mut sieve = ClassSieve::new(cpu, classes, base, segment_bytes, 0, hi.isqrt())?;
    let mut count = 0;
    let windows = class_bits.div_ceil(8 * segment_bytes as u64);
    let segments = (windows * classes.residues.len() as u64) as f64;
    let mut counted = 0.0;
    for _ in 0..windows {
        sieve.next_window(hi, keep_going, |_, first, bits| {
            set_outside_in_class(bits, first, modulus, lo, hi);
            count += count_clear(cpu, bits);
            counted += 1.0;
            done.tell(counted / segments);
        })?;
    }
    Ok(count)
}

/// The number of primes in `[lo, hi]`, far out.
fn count_far(lo: u64, hi: u64, done: &mut Done, keep_going: KeepGoing) -> Result<u64, Error> {
    let modulus = u64::from(WHEEL_210.modulus);
    let cpu = active();
    let mut stretches = Stretches210::new(cpu, lo - lo % modulus, hi, segment_bytes_max(), 0)?;
    let mut count = 0;
    let mut watch = |part: f64| {
        done.tell(part);
        keep_going()
    };
    while let Some(bitmaps) = stretches.next_stretch(&mut watch)? {
        for (class, &residue) in WHEEL_210.residues.iter().enumerate() {
            // Beyond 2^64 - 1 it becomes 2^64 - 1, which is not prime.
            let first = bitmaps.base().saturating_add(u64::from(residue));
            let bits = bitmaps.class_mut(class);
            set_outside_in_class(bits, first, modulus, lo, hi);
            count += count_clear(cpu, bits);
        }
    }
    Ok(count)
}

/// The bytes of the largest segment of a class that is counted in the first-level cache and then dropped.
fn segment_bytes_max() -> usize {
    caches().first_level / 8 * COUNTED_SEGMENT_EIGHTHS
}
