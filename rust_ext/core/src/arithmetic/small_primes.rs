//! The primes below 2^16: the answer to small requests, and the sieving primes of everything below 2^32.

use crate::base::table::Table;

/// One past the largest integer that the table knows.
pub(crate) const SMALL_LIMIT: u64 = 1 << 16;

/// How many primes there are below [`SMALL_LIMIT`]: OEIS A007053.
const SMALL_PRIMES: usize = 6542;

/// All primes below [`SMALL_LIMIT`], ascending, made at first use.
pub(crate) fn small_primes() -> &'static [u64] {
    static TABLE: Table<[u64; SMALL_PRIMES]> = Table::new([0; _]);
    TABLE.made_by(|table| {
        // Bit i stands for the odd 2 i + 1.
        let mut composite = [0u64; SMALL_LIMIT as usize / 128];
        for i in 1..128 {
            if composite[i / 64] >> (i % 64) & 1 == 0 {
                let p = 2 * i + 1;
                for multiple in (p * p / 2..SMALL_LIMIT as usize / 2).step_by(p) {
                    composite[multiple / 64] |= 1 << (multiple % 64);
                }
            }
        }
        let odd = (1..SMALL_LIMIT / 2).filter(|&i| composite[i as usize / 64] >> (i % 64) & 1 == 0);
        let primes = std::iter::once(2).chain(odd.map(|i| 2 * i + 1));
        table.iter_mut().zip(primes).for_each(|(entry, p)| *entry = p);
    })
}

/// The small primes of the closed interval `[lo, hi]`.
pub(crate) fn small_primes_of(lo: u64, hi: u64) -> &'static [u64] {
    let table = small_primes();
    let start = table.partition_point(|&p| p < lo);
    &table[start..table.partition_point(|&p| p <= hi).max(start)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_trial_division_finds() {
        let expected: Vec<u64> = (2..SMALL_LIMIT).filter(|n| (2..=n.isqrt()).all(|d| n % d != 0)).collect();
        assert_eq!(small_primes(), expected);
    }
}
