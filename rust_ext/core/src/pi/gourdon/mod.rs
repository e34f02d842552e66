//! pi(x) by Gourdon's variant of the method of Lagarias, Miller, Odlyzko, Deleglise and Rivat.
//!
//! `docs/explanation/pi.md` derives the formula. This is the formula, with the files that compute its parts. `p_b` is
//! the b-th prime, all divisions are floors, and `phi(n, a)` counts the integers 1..=n without a prime factor among the
//! first `a` primes. With `y` a little above the cube root of `x`, [`K`](formula::K) = 8 and `x*` about the fourth root
//! ([`Plan`]),
//!
//! `pi(x) = A - B + C + D + Phi0 + Sigma`, where
//!
//! - `Phi0` is the sum of `mu(m) phi(x / m, K)`: `ordinary.rs`;
//! - `Sigma` is what is known of `A`, `B` and `C` in closed form, and a few short sums: `sigma.rs`;
//! - `A` and `C` are sums of `pi(x / (p m))` for arguments up to the square root of `x`, which a table answers:
//!   `easy.rs`;
//! - `D` is a sum of `phi(x / (p m), ..)`, and `B` one of `pi(x / p)`, for arguments up to `x / y`, which takes a
//!   sieve: `hard.rs`, with the sieve and its counters in `counted_segment/`.
//!
//! The answer is below 2^64 and all parts but the closed forms are sums of integers, so they are summed modulo 2^64.

mod counted_segment;
mod easy;
pub(crate) mod formula;
mod hard;
mod ordinary;
pub(crate) mod plan;
mod sigma;
mod squarefree;

use crate::base::error::Error;
use crate::base::progress::Watch;
use plan::{Plan, Tables};

/// pi(x) for `x >= LEAST`.
///
/// `watch` is told which part of the work is done.
pub(crate) fn prime_pi(plan: &Plan, threads: usize, watch: Watch) -> Result<u64, Error> {
    // The work before the sieve is about a third of it all.
    let mut sofar = |part: f64| watch(part / 3.0);
    let tables = Tables::new(plan, &mut || sofar(0.0))?;
    let (easy, primes_to_root) = easy::sum(plan, &tables, threads, &mut |part| sofar(part))?;
    let sigma = sigma::sum(plan, &tables, primes_to_root);
    let phi0 = ordinary::sum(plan, &tables, threads, &mut || sofar(1.0))?;
    let hard = hard::sum(plan, &tables, threads, &mut |part| watch((1.0 + 2.0 * part) / 3.0))?;
    Ok(sigma.wrapping_add(phi0).wrapping_add(easy).wrapping_add(hard))
}
