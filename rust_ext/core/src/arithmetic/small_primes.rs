//! The primes below 2^16: the answer to small requests, and the sieving primes of everything below 2^32.

use std::sync::LazyLock;

/// One past the largest integer that the table knows.
pub(crate) const SMALL_LIMIT: u64 = 1 << 16;

/// How many primes there are below [`SMALL_LIMIT`]: OEIS A007053.
const SMALL_PRIMES: usize = 6542;

/// All primes below [`SMALL_LIMIT`], ascending, made at first use.
pub(crate) fn small_primes() -> &'static [u64] {
    static TABLE: LazyLock<[u64; SMALL_PRIMES]> = LazyLock::new(|| {
        // Entry i stands for the odd 2 i + 1.
        let mut composite = [false; SMALL_LIMIT as usize / 2];
        for i in 1..128 {
            if !composite[i] {
                let p = 2 * i + 1;
                for multiple in (p * p / 2..composite.len()).step_by(p) {
                    composite[multiple] = true;
                }
            }
        }
        let odd = (1..composite.len()).filter(|&i| !composite[i]).map(|i| 2 * i as u64 + 1);
        let mut primes = std::iter::once(2).chain(odd);
        std::array::from_fn(|_| primes.next().expect("there are as many"))
    });
    &*TABLE
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
