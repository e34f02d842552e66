//! Floor 4: the sieve of Eratosthenes, with sieving primes that are stored.

pub(crate) mod bytes30;
pub(crate) mod class_sieve;
pub(crate) mod low_bitmap;
pub(crate) mod rows210;
pub(crate) mod sieving_primes;
pub(crate) mod windows210;
