//! Floor 5: primes above 2^64, of any size.
//!
//! An integer is a slice of 64-bit words, the least significant first, whose last word is not zero. Its test is that of
//! Baillie and PSW: the strong test to base 2, then the strong Lucas test with Selfridge's parameters. Above 2^64 nobody
//! has proven it, and nobody knows a composite that passes: R. Baillie and S. S. Wagstaff, *Lucas pseudoprimes*, Math.
//! Comp. 35 (1980), 1391-1417.
//!
//! Both halves are powers modulo the integer, so they take all the time. [`montgomery`] multiplies residues: to
//! [`FIXED_WORDS`](montgomery::FIXED_WORDS) words by loops of a length that the compiler knows, above that by loops of
//! any length, and far above by [`products`] that are faster than the square of their length.

mod divisors;
pub(crate) mod interval;
mod montgomery;
pub(crate) mod neighbours;
mod products;
#[cfg(test)]
mod reference;
pub(crate) mod test;
mod words;
