//! Constants that all methods of listing leaves share.

/// Part of the code of a product of one, three, .. primes.
pub(crate) const ODD: u16 = 0x8000;

/// The number of places that are looked at together. The number of all places is a multiple of it.
pub(crate) const PLACES_AT_ONCE: usize = 16;

/// The number of places whose leaves are listed at once.
pub(crate) const LISTED_PLACES: usize = 1024;

/// Room for leaves, and for a vector that is stored whole behind them; a power of two.
pub(crate) const LIST_LEN: usize = 2 * LISTED_PLACES;

/// Leaves with an odd number of prime factors, and those with an even one.
pub(crate) type Leaves = [[u32; LIST_LEN]; 2];

pub(crate) const NO_LEAVES: Leaves = [[0; LIST_LEN]; 2];
