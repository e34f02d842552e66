//! Prime numbers from 2 to 2^64 - 1, in ascending blocks.
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

mod all_classes;
mod arch;
mod arith;
mod bitmaps;
mod blocks;
mod bounds;
mod byte_sieve;
mod chunks;
mod class_sieve;
mod classes;
mod count;
mod decimal;
mod decode;
mod error;
mod far;
mod fill;
mod low_bitmap;
mod memory;
mod neighbours;
mod patterns;
mod pi;
mod pieces;
mod primality;
mod residues;
mod small_primes;
mod team;
mod text;
mod trial_division;
mod tuning;
mod tuplets;
mod ways;

pub use arch::{Cpu, available as available_cpus, cpu};
pub use blocks::PrimeBlocks;
pub use bounds::likely_count;
pub use count::count;
pub use decimal::{DecimalWriter, Text};
pub use error::Error;
pub use fill::fill;
pub use memory::ask_for_huge_pages;
pub use neighbours::{next_prime, prev_prime};
pub use pi::{LARGEST_TABLED_PI, prime_pi, prime_pi_cost};
pub use primality::{are_prime, is_prime};
pub use text::{TextBlock, TextBlocks};
pub use trial_division::first_n_by_trial_division;
pub use tuplets::{TUPLET_SIZES, TupletBlocks, count_tuplets};
