//! Floor 2: residues, wheels, and the primes below 2^16.

pub(crate) mod modular;
pub(crate) mod montgomery;
pub(crate) mod small_primes;
pub(crate) mod wheel30;
pub(crate) mod wheels;
