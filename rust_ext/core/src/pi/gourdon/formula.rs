//! The constants of the formula.

/// The leaves of the first eight primes, 2 to 19, are summed up in `Phi0`; the sieve starts without their multiples.
pub(crate) const K: usize = 8;

/// The smallest `x` for which the formula holds: below, `x*` may be less than the K-th prime.
pub(crate) const LEAST: u64 = 200_000;
