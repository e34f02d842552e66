//! Floor 7: the answers: primes in blocks, in arrays and as text, tuplets, and counts.

pub(crate) mod array;
pub(crate) mod blocks;
pub(crate) mod count;
pub(crate) mod decimal;
pub(crate) mod text;
pub(crate) mod trial_division;
pub(crate) mod tuplets;
