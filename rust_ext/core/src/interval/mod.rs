//! Floor 6: any interval as a sequence of finished bitmaps, by whichever sieve suits it.

pub(crate) mod chunks;
mod large_primes;
mod sift_and_test;
pub(crate) mod split;
pub(crate) mod strategy;
