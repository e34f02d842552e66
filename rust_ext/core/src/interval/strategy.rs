//! How an interval is sieved: the one place that decides.

use crate::arithmetic::wheels::{WHEEL_210, WHEEL_2310, WHEEL_30030, Wheel};
use crate::base::tuning::{
    CLASSES_2310_WIDTH_MIN, CLASSES_30030_WIDTH_MIN, CLASSES_WIDTH_MIN, DISTANT, DISTANT_CLASSES_WIDTH_MIN,
    LISTED_CLASSES_FROM, NEAR_LIMIT, SQRT_PER_SIEVED_WIDTH, TESTED_WIDTH_PER_SIEVE_LIMIT,
};
use crate::primality::selfridge::LARGEST_TABLED;

/// The first integer whose root is not below [`NEAR_LIMIT`]: from here on, far primes are needed.
pub(crate) const FAR_FROM: u64 = NEAR_LIMIT * NEAR_LIMIT;

/// The ways, in the order of the table in `rust_ext/README.md`.
pub(crate) enum Strategy {
    /// Sieve with the primes to `limit`, and test what is left.
    Test { limit: u64 },
    /// Sieve in bytes of thirty.
    Bytes,
    /// Sieve by residue classes. These are the classes to count by; lists are made of those modulo 210.
    Classes(Wheel),
    /// Sieve by the classes modulo 210, and in all of them at once by far primes.
    Far,
}

impl Strategy {
    /// The way for the closed interval `[lo, hi]`.
    pub(crate) fn of(lo: u64, hi: u64) -> Self {
        let width = hi - lo;
        if width < hi.isqrt() / SQRT_PER_SIEVED_WIDTH {
            // The test relies on the smallest factors being gone.
            return Self::Test { limit: (width / TESTED_WIDTH_PER_SIEVE_LIMIT).max(LARGEST_TABLED) };
        }
        let classes_from = if hi < DISTANT { CLASSES_WIDTH_MIN } else { DISTANT_CLASSES_WIDTH_MIN };
        match width {
            _ if width < classes_from => Self::Bytes,
            _ if hi >= FAR_FROM => Self::Far,
            ..CLASSES_2310_WIDTH_MIN => Self::Classes(WHEEL_210),
            CLASSES_2310_WIDTH_MIN..CLASSES_30030_WIDTH_MIN => Self::Classes(WHEEL_2310),
            CLASSES_30030_WIDTH_MIN.. => Self::Classes(WHEEL_30030),
        }
    }

    /// The way for the closed interval `[lo, hi]` where its primes are listed in their order.
    pub(crate) fn to_list(lo: u64, hi: u64) -> Self {
        match Self::of(lo, hi) {
            Self::Classes(_) if hi < LISTED_CLASSES_FROM => Self::Bytes,
            way => way,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(lo: u64, width: u64) -> &'static str {
        match Strategy::of(lo, lo + width) {
            Strategy::Test { .. } => "test",
            Strategy::Bytes => "bytes",
            Strategy::Classes(classes) if classes.modulus == 210 => "210",
            Strategy::Classes(classes) if classes.modulus == 2_310 => "2310",
            Strategy::Classes(_) => "30030",
            Strategy::Far => "far",
        }
    }

    #[test]
    fn the_ways_are_those_of_the_table() {
        let million = 1_000_000;
        for (lo, width, expected) in [
            (1 << 16, 0, "test"),
            (1 << 16, 1_000, "bytes"),
            (1 << 16, 10 * million - 1, "bytes"),
            (1 << 16, 10 * million, "210"),
            (1 << 16, 200 * million, "2310"),
            (1 << 16, 3_000 * million, "30030"),
            (FAR_FROM - 10 * million - 1, 10 * million, "210"),
            (FAR_FROM - 10 * million, 10 * million, "far"),
            (FAR_FROM, 5_000 * million, "far"),
            (FAR_FROM, 9 * million, "bytes"),
            (FAR_FROM, 65_535, "test"),
            (DISTANT, 2 * million, "bytes"),
            (DISTANT, 3 * million, "far"),
            (1_000_000_000_000 * million, 60 * million, "test"),
            (1_000_000_000_000 * million, 63 * million, "far"),
            (u64::MAX - 100 * million, 100 * million, "test"),
        ] {
            assert_eq!(name(lo, width), expected, "{width} from {lo}");
        }
    }
}
