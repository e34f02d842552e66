//! Prime numbers from 2 to 2^64 - 1, in ascending blocks, and those above as slices of words.
//!
//! This crate holds the sieve and what belongs to it. It does not know Python, it does not print, and it starts no
//! threads but those that [`count`](fn@count), [`prime_pi`], [`fill`](fn@fill) and [`TextBlocks`] are told to.
//! `rust_ext/python` binds it to the interpreter; `rust_ext/README.md` is the map of the modules.
//!
//! ```
//! use primes_core::PrimeBlocks;
//!
//! let mut blocks = PrimeBlocks::first_n(4, 1_000_000_000_000);
//! let block = blocks.next_block(&mut || true)?;
//! assert_eq!(block, [1_000_000_000_039, 1_000_000_000_061, 1_000_000_000_063, 1_000_000_000_091]);
//! # Ok::<(), primes_core::Error>(())
//! ```

#![deny(unsafe_code)]

mod arithmetic;
mod base;
mod bitmap;
mod bucket_sieve;
mod cpu;
mod interval;
mod large;
mod output;
mod pi;
mod primality;
mod sieve;

pub use base::error::Error;
pub use base::estimate::likely_count;
pub use base::memory::ask_for_huge_pages;
pub use cpu::level::{Cpu, available as available_cpus, cpu};
pub use large::interval::LargePrimes;
pub use large::neighbours::{next_large_prime, prev_large_prime};
pub use large::test::is_large_prime;
pub use output::array::fill;
pub use output::blocks::PrimeBlocks;
pub use output::count::count;
pub use output::decimal::{DecimalWriter, Text};
pub use output::text::{TextBlock, TextBlocks};
pub use output::trial_division::first_n_by_trial_division;
pub use output::tuplets::{TUPLET_SIZES, TupletBlocks, count_tuplets};
pub use pi::{LARGEST_TABLED_PI, prime_pi, prime_pi_cost};
pub use primality::batch::are_prime;
pub use primality::neighbours::{next_prime, prev_prime};
pub use primality::one::is_prime;
