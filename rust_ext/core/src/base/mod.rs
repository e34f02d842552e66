//! Floor 0: the base of all other floors. It knows nothing about primes.

pub(crate) mod error;
pub(crate) mod estimate;
pub(crate) mod jobs;
pub(crate) mod memory;
pub(crate) mod progress;
pub(crate) mod threads;
pub(crate) mod tuning;
