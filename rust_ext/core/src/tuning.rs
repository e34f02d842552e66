//! Constants that are a matter of speed alone: each with its unit, and what more and less of it costs. What was measured of
//! them stands in `docs/experiments.md`; those that are not named there are first choices.
//!
//! Machine: AMD EPYC (Zen 4), 32 KiB L1d, 1 MiB L2, 2026-11.

/// Bytes of one segment. Larger than the first-level cache, the near primes' stores fall out of it; smaller, each near
/// prime is started for fewer hits.
pub(crate) const SEGMENT_BYTES: usize = 32 << 10;

/// Bytes of the smallest and the largest chunk that is sieved with far primes. Larger, the hits fall out of the caches
/// one after the other; smaller, each far prime's division serves fewer.
pub(crate) const CHUNK_BYTES_MIN: u64 = 512 << 10;
pub(crate) const CHUNK_BYTES_MAX: u64 = 32 << 20;

/// Between those, a chunk has one byte for so many units of its square root.
pub(crate) const SQRT_PER_CHUNK_BYTE: u64 = 4;

/// A window narrower than its square root divided by this is not sieved to the end: its survivors are tested. Where they
/// meet, at 10^12 as at 10^18, the far primes' divisions cost about as much as the tests.
pub(crate) const SQRT_PER_SIEVED_WIDTH: u64 = 64;

/// Such a window of `w` integers is sieved with the primes up to this times `w`. More spends more divisions than it saves
/// tests.
pub(crate) const SIEVE_LIMIT_PER_TESTED_WIDTH: u64 = 4;

/// Primes of one block: 32 KiB, which stay in the cache until the caller has read them. A larger block would not, and
/// each block costs the caller one trip through the interpreter's lock.
pub(crate) const BLOCK_LEN: usize = 4096;
