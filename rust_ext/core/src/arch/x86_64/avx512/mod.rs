//! Code for processors of the level AVX-512.

pub(crate) mod class_sieve;
pub(crate) mod decimal;
pub(crate) mod decode;
pub(crate) mod far;
pub(crate) mod pi;
pub(crate) mod primality;
