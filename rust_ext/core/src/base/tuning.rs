//! Constants that change speed alone, each with its unit and with what more and less of it costs. What was measured
//! stands beside them or in `docs/explanation/experiments.md`; the others are first choices. Constants of one tier
//! of a sieve, and those of pi(x), stand at the top of their files.
//!
//! Machine: AMD EPYC (Zen 4), 32 KiB L1d, 1 MiB L2, 2026-11; what speaks of 48 KiB is an Intel Xeon (Sapphire Rapids)
//! with an L2 of 2 MiB.

/// Bytes of one segment of the sieve in bytes of thirty. Larger than the first-level cache, the near primes' stores
/// fall out of it; smaller, each near prime is started for fewer hits.
pub(crate) const SEGMENT_BYTES: usize = 32 << 10;

/// A window narrower than its square root divided by this is not sieved to the end: its survivors are tested. Both ways
/// take the same, with AVX-512, at a 16th of the root at 10^18 (6 * 10^7 integers, 0.24 s) and an 8th at 10^14 and
/// 10^15; with AVX2 at a 25th and a 15th, with portable code at a 12th.
pub(crate) const SQRT_PER_SIEVED_WIDTH: u64 = 16;

/// Such a window is sieved with the primes up to its width divided by this. More of them take more than they spare
/// tests; from 2 to 8 it hardly matters.
pub(crate) const TESTED_WIDTH_PER_SIEVE_LIMIT: u64 = 4;

/// Primes of one block: 32 KiB, which stay in the cache until the caller has read them. A larger block would not, and
/// each block costs the caller one trip through the interpreter's lock.
pub(crate) const BLOCK_LEN: usize = 4096;

/// Intervals at least so wide are sieved by residue classes, narrower ones by bytes of thirty: each class pays a fixed
/// cost, of starts and patterns. To 7 * 10^6 both take 0.28 ms, from 10^10 on 1.31 and 0.90 ms by bytes and by classes,
/// from 10^12 on, where there are most primes to be started, 2.4 and 3.8; for 10^7 integers there 3.2 and 4.1.
pub(crate) const CLASSES_WIDTH_MIN: u64 = 10_000_000;

/// Intervals that end below this are listed by bytes of thirty, however wide: near zero few primes cross off, and what
/// the classes gain is less than turning them costs. From 0 to 3 * 10^7 classes take 3.2 ms and bytes 1.9, to 5 * 10^7
/// 4.2 and 3.6; 1.2 * 10^7 integers at 10^8 take both 0.95 ms, at 3 * 10^8 1.05 and 1.18.
pub(crate) const LISTED_CLASSES_FROM: u64 = 50_000_000;

/// The same as `CLASSES_WIDTH_MIN` for intervals that end from here on, where most primes are far ones, and miss most
/// classes: for 3 * 10^6 integers at 10^14 bytes and classes take 5.5 and 4.4 ms, at 10^15 11.4 and 7.3.
pub(crate) const DISTANT: u64 = 100_000_000_000_000;
pub(crate) const DISTANT_CLASSES_WIDTH_MIN: u64 = 2_500_000;

/// Intervals at least so wide are counted with modulus 2310 rather than 210, and with 30030 rather than 2310: fewer
/// integers have a bit, but ten times as many classes pay their fixed cost. To 10^8, 210 and 2310 take 4.4 and 4.9 ms,
/// to 2 * 10^8 9.3 and 9.1, to 5 * 10^8 25.4 and 22.8; to 10^9, 2310 and 30030 take 48 and 62 ms, to 3 * 10^9 159 and
/// 157, to 10^10 585 and 551.
pub(crate) const CLASSES_2310_WIDTH_MIN: u64 = 200_000_000;
pub(crate) const CLASSES_30030_WIDTH_MIN: u64 = 3_000_000_000;

/// Eighths of the first-level cache that the largest segment of a class takes where it is counted. Larger, its pads and
/// the patterns no longer share the cache with it: with 32 KiB, counting to 10^10 in segments of 42 KiB took 0.62 s, of
/// 21 KiB 0.57. Smaller, each class pays its fixed cost more often: with 48 KiB, segments of 42 KiB took 0.465 s, of 21
/// KiB 0.495, and 10^9 integers at 10^15 0.197 s instead of 0.206.
pub(crate) const COUNTED_SEGMENT_EIGHTHS: usize = 7;

/// Jobs of one thread where several count. Fewer, the last thread is waited for longer; more, each is started for less.
/// Flat: two threads took 0.50 to 0.52 s of processor time to 10^10 with 1 to 8, one thread 0.49.
pub(crate) const JOBS_PER_THREAD: u64 = 4;

/// Integers of the smallest such job, where a thread has more than one, and where it has one: each starts all sieving
/// primes. With 2.5 * 10^7 throughout, two threads took 5.2 ms for 1.5 * 10^8 integers at 2 * 10^9, with two jobs 4.3;
/// for 4 * 10^7 integers two jobs took 1.3 ms, one 2.2.
pub(crate) const JOB_INTEGERS_MIN: u64 = 100_000_000;
pub(crate) const THREAD_INTEGERS_MIN: u64 = 20_000_000;

/// Integers of the smallest such job where survivors are tested: 10 ms.
pub(crate) const TESTED_JOB_INTEGERS_MIN: u64 = 2_500_000;

/// Each job goes through all far primes. So where they cross off, a job also has at least the root divided by this. In
/// jobs of 5 * 10^8 integers, 4 * 10^9 of them at 10^18 took one thread 2.0 s, in jobs of twice that 1.75; in two jobs,
/// two threads took 15 ms instead of 24.5 for 9.5 * 10^7 integers at 10^15, and 7.2 instead of 13.7 at 4 * 10^12.
pub(crate) const FAR_JOBS_PER_ROOT: u64 = 4;

/// Integers for which a job of classes stands at most: 0.2 s, for which the last thread may be waited for. Smaller,
/// each job starts all sieving primes for less; to 10^10 flat down to 3 * 10^8.
pub(crate) const JOB_INTEGERS_MAX: u64 = 4_000_000_000;

/// Bytes of the largest segment of a class where all classes are kept to be listed, which is to happen in the
/// second-level cache. Smaller, each class pays its fixed cost more often: listing to 10^9 took 144 ms with 16 KiB, 133
/// to 139 with 20 to 32.
pub(crate) const LISTED_SEGMENT_BYTES_MAX: usize = 28 << 10;

/// The classes are sieved with primes below this, which are stored, and whose squares are the end of what is sieved so.
/// More of them cost each class one vector step for sixteen.
pub(crate) const NEAR_LIMIT: u64 = 1 << 20;

/// Bytes of bitmap of the smallest piece that a thread takes of an array, or of a text. Smaller, each piece is started
/// for less; larger, the last thread is waited for longer, and more is sieved than is wanted: with 384 KiB, the first
/// 10^6 primes took two threads 1.6 ms instead of 0.65. Else flat: from 128 to 384 KiB, and pieces of up to 2 MiB, 10^7
/// took 36 to 38 ms of processor time. A piece is up to four times as large, and leaves the second-level cache before
/// it is decoded.
pub(crate) const PIECE_BYTES: u64 = 128 << 10;

/// Bytes of bitmap of the largest piece, which far out is as wide as the root. Larger, each thread has that much more
/// memory; smaller, the far primes are gone through for fewer integers. As it is, a piece is one stretch of far primes.
pub(crate) const PIECE_BYTES_MAX: u64 = 32 << 20;

/// Pieces of one thread, where that does not make them too small or too large. Fewer, the last thread is waited for
/// longer.
pub(crate) const PIECES_PER_THREAD: u64 = 4;

/// Items of 4 bytes in each of the 48 buckets of the far primes' hits, 4.6 MB in all. Larger, they take memory, and
/// fall out of the caches; smaller, each time they are emptied the bitmaps are fetched for fewer hits. With 8.4 MB,
/// 10^9 integers at 10^15, 10^16 and 10^18 take as long, to 2 %. An odd number of lines, so that the same place of all
/// buckets never falls into the same set of a cache.
pub(crate) const BUCKET_LEN: usize = 1501 * 16;

/// Far primes up to this many times the bits of a class go through all classes, those above from multiple to multiple.
/// Larger, most steps through the classes find nothing; smaller, too many odd multiples are not coprime to 210. Flat:
/// with vectors from 8 to 20, without from 1 to 3. In NEON's vectors of four, counted in instructions, from 4 to 8;
/// with 12 far primes take 7 % more at 10^18 and 16 % more at 10^15.
pub(crate) const CLASS_BITS_PER_PRIME: u64 = 12;
pub(crate) const CLASS_BITS_PER_PRIME_NEON: u64 = 6;
pub(crate) const CLASS_BITS_PER_PRIME_PORTABLE: u64 = 2;

/// Bytes of each class of a stretch: the square root of its integers divided by the first constant, between these two.
/// Larger, the 48 classes fall out of the third-level cache, and one of them out of the second; smaller, the far primes
/// are gone through for fewer integers. The most is a little over 10^9 integers, in 30 MB.
pub(crate) const SQRT_PER_FAR_CLASS_BYTE: u64 = 1600;
pub(crate) const FAR_CLASS_BYTES_MIN: u64 = 300 << 10;
pub(crate) const FAR_CLASS_BYTES_MAX: u64 = 600 << 10;
