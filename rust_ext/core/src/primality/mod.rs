//! Floor 3: whether integers are prime, one by one or many at a time, and which primes are next to them.
//!
//! The test of Baillie and PSW is proven for all integers below 2^64. It is Fermat's test to base 2, then the Lucas
//! test with Selfridge's parameters (method A): R. Baillie and S. S. Wagstaff, *Lucas pseudoprimes*, Math. Comp. 35
//! (1980), 1391-1417. No composite below 2^64 passes both. J. Feitsma listed all pseudoprimes to base 2 below 2^64, and
//! none of them passes this Lucas test: R. Baillie, A. Fiori and S. S. Wagstaff, *Strengthening the Baillie-PSW
//! primality test*, Math. Comp. 90 (2021), 1931-1955. (The strong test to base 2 is more usual. It only spares some
//! integers the second half.)
//!
//! Both halves are ladders in which each multiplication waits for the one before it, so one integer does not keep a
//! processor busy. A single integer takes both halves side by side, and a composite then costs no more than a prime
//! ([`one`]). Of many integers, several take the same half at a time ([`batch`]).

pub(crate) mod batch;
pub(crate) mod divisors;
mod ladders;
pub(crate) mod neighbours;
pub(crate) mod one;
pub(crate) mod selfridge;
