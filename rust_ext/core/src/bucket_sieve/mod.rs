//! Floor 5: sieving primes that miss most segments, crossed off through the bitmaps of all classes modulo 210 at once.
//!
//! There are up to 203 million of them. None is stored: they come block after block. For each, one division of doubles
//! finds its first multiple ([`span`]); then
//!
//! | primes | where | why there |
//! | --- | --- | --- |
//! | to some times the bits of a class | [`by_class`] | a vector of primes finds its hits in all classes in 48 steps |
//! | above | [`by_multiple`] | they miss most classes: to look at their few odd multiples is less work |
//!
//! Both put their hits into [`buckets`], which are emptied class by class. With the near primes, this makes
//! [`stretches210`].

#![cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, reason = "some constants are for vector code alone")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod buckets;
mod by_class;
mod by_multiple;
#[cfg(target_arch = "aarch64")]
mod neon;
mod span;
pub(crate) mod stretches210;
#[cfg(test)]
mod tests;

use crate::base::error::Error;
use crate::base::progress::{KeepGoing, Watch};
use crate::base::tuning::{CLASS_BITS_PER_PRIME, CLASS_BITS_PER_PRIME_NEON, CLASS_BITS_PER_PRIME_PORTABLE};
use crate::bitmap::classes210::Bitmaps;
use crate::cpu::level::Cpu;
use crate::sieve::sieving_primes::SievingPrimes;
use buckets::{Buckets, CALL_HITS, LANES};
use span::{LARGEST, SMALLEST, Span};

/// The crossing off of far primes, and its memory.
pub(crate) struct BucketSieve {
    cpu: Cpu,
    buckets: Buckets,
}

impl BucketSieve {
    pub(crate) fn new(cpu: Cpu) -> Result<Self, Error> {
        Ok(Self { cpu, buckets: Buckets::new()? })
    }

    /// Cross off the primes of the closed interval `[smallest, largest]` in bitmaps that begin above them.
    ///
    /// All multiples are crossed off, also those below the square of the prime: they lie above the prime. `watch` is
    /// told which part is done, and says whether to go on.
    pub(crate) fn cross_off(
        &mut self,
        bitmaps: &mut Bitmaps,
        smallest: u64,
        largest: u64,
        watch: Watch,
    ) -> Result<(), Error> {
        assert!(SMALLEST <= smallest && largest <= LARGEST && largest < bitmaps.base());
        let span = Span::of(bitmaps);
        self.buckets.clear();
        // Below 2^31, as the rooms want it: the width is below 2^30.
        let limit = u64::from(span.class_bits) * self.class_bits_per_prime();
        let mut primes = SievingPrimes::new(smallest, largest);
        let mut part = 0.0;
        loop {
            let keep_going: KeepGoing = &mut || watch(part);
            let block = primes.next_block(keep_going)?;
            let Some(last) = block.last() else {
                return self.buckets.empty_into(self.cpu, bitmaps, keep_going);
            };
            let (below, above) = block.split_at(block.partition_point(|&p| p < limit));
            self.collect(bitmaps, &span, below, by_class::hits_per_class, collect_by_class, keep_going)?;
            self.collect(bitmaps, &span, above, by_multiple::odd_multiples, collect_by_multiple, keep_going)?;
            part = (last - smallest) as f64 / (largest - smallest) as f64;
            if !watch(part) {
                return Err(Error::Interrupted);
            }
        }
    }

    /// Collect the hits of some ascending primes, as many primes at a time as surely have room, and empty the buckets
    /// whenever that becomes unsure.
    fn collect(
        &mut self,
        bitmaps: &mut Bitmaps,
        span: &Span,
        mut primes: &[u64],
        hits_at_most: fn(u64, &Span) -> usize,
        collect: fn(Cpu, &[u64], &Span, &mut Buckets),
        keep_going: KeepGoing,
    ) -> Result<(), Error> {
        while let Some(&p) = primes.first() {
            if !self.buckets.has_room() {
                self.buckets.empty_into(self.cpu, bitmaps, keep_going)?;
            }
            // Never none: below the limit a prime has at most 40 hits in a class, above it at most 53 odd multiples.
            let len = CALL_HITS / hits_at_most(p, span) / (2 * LANES) * (2 * LANES);
            let (some, rest) = primes.split_at(len.min(primes.len()));
            collect(self.cpu, some, span, &mut self.buckets);
            primes = rest;
        }
        Ok(())
    }

    fn class_bits_per_prime(&self) -> u64 {
        match self.cpu {
            Cpu::Portable => CLASS_BITS_PER_PRIME_PORTABLE,
            Cpu::Neon(_) => CLASS_BITS_PER_PRIME_NEON,
            Cpu::Avx2(_) | Cpu::Avx512(_) => CLASS_BITS_PER_PRIME,
        }
    }
}

/// Put all hits of some ascending primes below 2^31 into the buckets, which have room for them.
#[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
fn collect_by_class(cpu: Cpu, primes: &[u64], span: &Span, buckets: &mut Buckets) {
    match cpu {
        // SAFETY: the value is proof that the processor has the level; and `BucketSieve::collect` made room for as many
        // hits as the primes can have.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx512(_) => unsafe { avx512::by_class(primes, span, buckets) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) => unsafe { avx2::by_class(primes, span, buckets) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(_) => unsafe { neon::by_class(primes, span, buckets) },
        _ => by_class::collect(primes, span, buckets),
    }
}

/// Put all hits of some ascending primes below 2^32 into the buckets, which have room for them.
#[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
fn collect_by_multiple(cpu: Cpu, primes: &[u64], span: &Span, buckets: &mut Buckets) {
    match cpu {
        // SAFETY: the value is proof that the processor has the level; and `BucketSieve::collect` made room for as many
        // hits as the primes can have.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx512(_) => unsafe { avx512::by_multiple(primes, span, buckets) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) => unsafe { avx2::by_multiple(primes, span, buckets) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(_) => unsafe { neon::by_multiple(primes, span, buckets) },
        _ => by_multiple::collect(primes, span, buckets),
    }
}
