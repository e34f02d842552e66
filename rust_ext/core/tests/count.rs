//! Counting against listing, and tuplets against their definition.

use primes_core::{Error, PrimeBlocks, TUPLET_SIZES, TupletBlocks, count, count_tuplets};

fn primes(lo: u64, hi: u64) -> Vec<u64> {
    let mut blocks = PrimeBlocks::range(lo, hi);
    let mut primes = Vec::new();
    loop {
        match blocks.next_block(&mut || true).unwrap() {
            [] => return primes,
            block => primes.extend_from_slice(block),
        }
    }
}

fn tuplets(k: usize, lo: u64, hi: u64) -> Vec<Vec<u64>> {
    let mut blocks = TupletBlocks::range(k, lo, hi);
    let mut tuplets = Vec::new();
    loop {
        match blocks.next_block(&mut || true).unwrap() {
            [] => return tuplets,
            block => tuplets.extend(block.chunks(k).map(<[u64]>::to_vec)),
        }
    }
}

/// The patterns of the prime k-tuplets: OEIS A001359, A022004, A022005, A007530, A022006, A022007, A022008.
const PATTERNS: [&[u64]; 7] =
    [&[0, 2], &[0, 2, 6], &[0, 4, 6], &[0, 2, 6, 8], &[0, 2, 6, 8, 12], &[0, 4, 6, 10, 12], &[0, 4, 6, 10, 12, 16]];

const INTERVALS: [(u64, u64); 10] = [
    (0, 200_000),
    (3, 5),
    (4, 11),
    (65_000, 66_000),
    (65_521, 65_537),
    (11, 11 + 30 * 32_768 * 3),
    ((1 << 32) - 100_000, (1 << 32) + 100_000),
    (1_000_000_000_000, 1_000_001_000_000),
    (1 << 60, (1 << 60) + 100_000),
    (u64::MAX - 100_000, u64::MAX),
];

#[test]
fn counts_are_the_lengths_of_lists() {
    for (lo, hi) in INTERVALS {
        assert_eq!(count(lo, hi, 1, &mut |_| true).unwrap(), primes(lo, hi).len() as u64, "[{lo}, {hi}]");
    }
    assert_eq!(count(2, 1, 1, &mut |_| true), Ok(0));
}

/// So wide that there is work for several threads, in each of the ways to count.
const WIDE: [(u64, u64); 5] = [
    (0, 300_000_000),
    (1_000_000_000, 4_100_000_000),
    ((1 << 40) - 150_000_000, (1 << 40) + 150_000_000),
    (1_000_000_000_000_000, 1_000_000_300_000_000),
    (u64::MAX - 6_000_000, u64::MAX),
];

#[test]
fn any_number_of_threads_counts_the_same() {
    for (lo, hi) in WIDE {
        let middle = lo + (hi - lo) / 3;
        let parts = count(lo, middle, 1, &mut |_| true).unwrap() + count(middle + 1, hi, 1, &mut |_| true).unwrap();
        for threads in [0, 1, 2, 3, 16] {
            assert_eq!(count(lo, hi, threads, &mut |_| true), Ok(parts), "[{lo}, {hi}] by {threads}");
        }
    }
}

#[test]
fn what_is_told_of_the_way_ascends() {
    for (lo, hi) in WIDE {
        for threads in [0, 1, 3] {
            let mut told = vec![0.0];
            let mut watch = |part| {
                told.push(part);
                true
            };
            if threads == 0 {
                count_tuplets(2, lo, hi, &mut watch).unwrap();
            } else {
                count(lo, hi, threads, &mut watch).unwrap();
            }
            assert!(told.is_sorted() && told.last() <= Some(&1.0), "[{lo}, {hi}] by {threads}");
            if threads < 2 {
                // However long a slow machine takes for one job: it does not stand still, and comes to the end.
                let most = told.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
                assert!(most < 0.1 && told.last() > Some(&0.9), "[{lo}, {hi}] by {threads}: {most} at once");
            }
        }
    }
}

#[test]
fn an_interruption_stops_all_threads() {
    for (lo, hi) in WIDE {
        for threads in [1, 2, 5] {
            let mut asked = 0;
            let stopped = count(lo, hi, threads, &mut |_| {
                asked += 1;
                asked < 4
            });
            assert_eq!((stopped, asked), (Err(Error::Interrupted), 4), "[{lo}, {hi}] by {threads}");
        }
    }
}

#[test]
fn tuplets_are_what_their_patterns_say() {
    for (lo, hi) in INTERVALS {
        let primes = primes(lo, hi);
        let is_prime = |n: u64| primes.binary_search(&n).is_ok();
        for k in TUPLET_SIZES {
            let patterns = || PATTERNS.iter().filter(|pattern| pattern.len() == k);
            let starts_with = |p: u64, pattern: &[u64]| pattern.iter().all(|&d| p.checked_add(d).is_some_and(is_prime));
            let of = |p: u64| {
                patterns()
                    .filter(move |pattern| starts_with(p, pattern))
                    .map(move |pattern| pattern.iter().map(|d| p + d).collect())
            };
            let expected: Vec<Vec<u64>> = primes.iter().flat_map(|&p| of(p)).collect();
            assert_eq!(tuplets(k, lo, hi), expected, "k = {k}, [{lo}, {hi}]");
            assert_eq!(
                count_tuplets(k, lo, hi, &mut |_| true).unwrap(),
                expected.len() as u64,
                "k = {k}, [{lo}, {hi}]"
            );
        }
    }
}

/// OEIS A007508: twin primes below 10^k.
#[test]
fn twins_below_powers_of_ten() {
    for (k, twins) in [(1, 2), (2, 8), (3, 35), (4, 205), (5, 1224), (6, 8169), (7, 58_980), (8, 440_312)] {
        assert_eq!(count_tuplets(2, 0, 10u64.pow(k), &mut |_| true), Ok(twins), "10^{k}");
    }
}
