//! Sieving primes that miss most segments: crossed off through the bitmaps of all classes modulo 210 at once.
//!
//! There are up to 203 million of them. None is stored: they come out of a sieve of their own, block after block. For
//! each, one division of doubles finds its first multiple ([`span`]); then
//!
//! | primes | room | why there |
//! | --- | --- | --- |
//! | to some times the bits of a class | [`by_class`] | a vector of primes finds its hits in all classes in 48 steps |
//! | above | [`by_multiple`] | they miss most classes: to look at their few odd multiples is less work |
//!
//! Both put their hits into [`buckets`], which are emptied class by class.

#![cfg_attr(
    not(target_arch = "x86_64"),
    allow(dead_code, unused_imports, reason = "some of it is for vector code alone")
)]

mod buckets;
mod by_class;
mod by_multiple;
mod span;
#[cfg(test)]
mod tests;

pub(crate) use buckets::{Buckets, CALL_HITS, FETCHED_AHEAD, LANES};
pub(crate) use by_class::{HALF_GAPS, INVERSES, STEPS, collect_portable as by_class_portable};
pub(crate) use by_multiple::{CLASS_OF_HALF, MAGIC, MAGIC_SHIFT, NO_CLASS, collect_portable as by_multiple_portable};
pub(crate) use span::{Span, WIDTH_LIMIT};

use crate::arch::{self, Cpu};
use crate::bitmaps::Bitmaps;
use crate::blocks::PrimeBlocks;
use crate::error::Error;
use crate::tuning::{CLASS_BITS_PER_PRIME, CLASS_BITS_PER_PRIME_NEON, CLASS_BITS_PER_PRIME_PORTABLE};

/// The smallest and the largest that a far prime may be: `span` has the proofs.
const SMALLEST: u64 = 1 << 17;
const LARGEST: u64 = u32::MAX as u64;

/// The crossing off of far primes, and its memory.
pub(crate) struct Far {
    cpu: Cpu,
    buckets: Buckets,
}

impl Far {
    /// For a level that the processor has.
    pub(crate) fn new(cpu: Cpu) -> Result<Self, Error> {
        assert!(arch::available().any(|level| level == cpu));
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
        watch: &mut dyn FnMut(f64) -> bool,
    ) -> Result<(), Error> {
        assert!(SMALLEST <= smallest && largest <= LARGEST && largest < bitmaps.base());
        let span = Span::of(bitmaps);
        self.buckets.clear();
        // Below 2^31, as the rooms want it: the width is below 2^30.
        let limit = u64::from(span.class_bits) * self.class_bits_per_prime();
        // Its square root is below 2^16: this sieve has no far primes of its own.
        let mut primes = PrimeBlocks::range(smallest, largest);
        let mut part = 0.0;
        loop {
            let keep_going: &mut dyn FnMut() -> bool = &mut || watch(part);
            let block = primes.next_block(keep_going)?;
            let Some(last) = block.last() else {
                return self.buckets.empty_into(self.cpu, bitmaps, keep_going);
            };
            let (below, above) = block.split_at(block.partition_point(|&p| p < limit));
            self.collect(bitmaps, &span, below, by_class::hits_per_class, by_class::collect, keep_going)?;
            self.collect(bitmaps, &span, above, by_multiple::odd_multiples, by_multiple::collect, keep_going)?;
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
        keep_going: &mut dyn FnMut() -> bool,
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
            Cpu::Neon => CLASS_BITS_PER_PRIME_NEON,
            Cpu::Avx2 | Cpu::Avx512 => CLASS_BITS_PER_PRIME,
        }
    }
}
