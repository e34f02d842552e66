//! The public interface against a sieve of ten lines, known values, and itself by another way.

use primes_core::{Error, PrimeBlocks};

/// All primes that the blocks deliver.
fn collect(mut blocks: PrimeBlocks) -> Vec<u64> {
    let mut primes = Vec::new();
    loop {
        match blocks.next_block(&mut || true).expect("nobody interrupts") {
            [] => return primes,
            block => primes.extend_from_slice(block),
        }
    }
}

fn count_and_sum(mut blocks: PrimeBlocks) -> (usize, u128) {
    let (mut count, mut sum) = (0, 0);
    loop {
        match blocks.next_block(&mut || true).expect("nobody interrupts") {
            [] => return (count, sum),
            block => {
                count += block.len();
                sum += block.iter().map(|&p| u128::from(p)).sum::<u128>();
            }
        }
    }
}

/// The sieve of Eratosthenes as in school.
fn primes_below(stop: usize) -> Vec<u64> {
    let mut composite = vec![false; stop];
    let mut primes = Vec::new();
    for n in 2..stop {
        if !composite[n] {
            primes.push(n as u64);
            for multiple in (n.saturating_mul(n)..stop).step_by(n) {
                composite[multiple] = true;
            }
        }
    }
    primes
}

/// The primes of `[lo, hi]` by windows so narrow that each survivor is tested, none sieved to the end.
fn by_narrow_windows(lo: u64, hi: u64, width: u64) -> Vec<u64> {
    let mut primes = Vec::new();
    let mut start = lo;
    loop {
        let end = start.saturating_add(width - 1).min(hi);
        primes.extend(collect(PrimeBlocks::range(start, end)));
        if end == hi {
            return primes;
        }
        start = end + 1;
    }
}

#[test]
fn agrees_with_the_sieve_from_school() {
    let expected = primes_below(3_000_000);
    assert_eq!(collect(PrimeBlocks::range(0, 2_999_999)), expected);
    assert_eq!(collect(PrimeBlocks::first_n(expected.len() as u64, 0)), expected);
}

#[test]
fn every_short_interval_near_a_border_is_right() {
    let primes = primes_below(1_200_000);
    // Zero; the end of the table; the end of a segment, of 32 KiB bytes of thirty.
    for border in [20, 1 << 16, 30 * (2184 + 32_768)] {
        for lo in border - 20..=border + 20u64 {
            for hi in lo.saturating_sub(1)..=border + 40 {
                let from = primes.partition_point(|&p| p < lo);
                let to = primes.partition_point(|&p| p <= hi).max(from);
                assert_eq!(collect(PrimeBlocks::range(lo, hi)), primes[from..to], "[{lo}, {hi}]");
            }
        }
    }
}

/// OEIS A006880 and A046731: how many primes there are below 10^k, and their sum.
#[test]
fn counts_and_sums_below_powers_of_ten() {
    for (k, count, sum) in [
        (1, 4, 17),
        (2, 25, 1060),
        (3, 168, 76_127),
        (4, 1229, 5_736_396),
        (5, 9592, 454_396_537),
        (6, 78_498, 37_550_402_023),
        (7, 664_579, 3_203_324_994_356),
        (8, 5_761_455, 279_209_790_387_276),
        (9, 50_847_534, 24_739_512_092_254_535),
    ] {
        assert_eq!(count_and_sum(PrimeBlocks::range(0, 10u64.pow(k))), (count, sum), "10^{k}");
    }
}

#[test]
fn sieving_to_the_end_agrees_with_testing_survivors() {
    for (lo, width) in [
        (4_294_967_296 - 300_000, 600_000), // 2^32, where far primes begin
        (1_000_000_000_000, 2_000_000),
        (4_611_686_018_427_387_904, 36_000_000), // 2^62: half a second each way
    ] {
        let hi = lo + width;
        let sieved = collect(PrimeBlocks::range(lo, hi));
        assert_eq!(sieved, by_narrow_windows(lo, hi, (lo.isqrt() / 64 - 1).min(width / 3)), "from {lo}");
    }
}

#[test]
fn looking_ahead_gradually_finds_the_same() {
    for (lo, width) in [
        (0, 80_000_000),
        (4_294_967_296 - 300_000, 80_000_000),
        ((1 << 40) - 60_000_000, 100_000_000), // where classes are no longer used
        (1 << 60, 1_000_000),
        (u64::MAX - 1_000_000, 1_000_000),
    ] {
        let (hi, half) = (lo + width, lo + width / 2);
        let expected = [collect(PrimeBlocks::range(lo, half)), collect(PrimeBlocks::range(half + 1, hi))].concat();
        assert!(collect(PrimeBlocks::range(lo, hi).gradually()) == expected, "from {lo}");
        // Without an end, more and more is looked for at once.
        let mut blocks = PrimeBlocks::range(lo, u64::MAX).gradually();
        let mut found = Vec::new();
        while found.len() < expected.len() {
            found.extend_from_slice(blocks.next_block(&mut || true).unwrap());
        }
        found.truncate(expected.len());
        assert!(found == expected, "from {lo} without an end");
    }
}

#[test]
fn first_n_is_the_beginning_of_the_range() {
    for lo in [0, 1, 2, 3, 65_519, 65_521, 65_522, 1 << 32, 1 << 40, (1 << 63) - 25] {
        let range = collect(PrimeBlocks::range(lo, lo + 300_000));
        for n in [0, 1, 2, 100, 4096, 5000] {
            assert_eq!(collect(PrimeBlocks::first_n(n, lo)), range[..n as usize], "{n} from {lo}");
        }
    }
}

/// The largest primes below 2^64 are 2^64 minus 59, 83, 95, 179, 189, 257, 279, 323, 353, 363: C. Caldwell, The Prime
/// Pages, "Primes just less than a power of two".
#[test]
fn the_search_ends_at_2_to_the_64() {
    let last: Vec<u64> = [363, 353, 323, 279, 257, 189, 179, 95, 83, 59].map(|k: u64| k.wrapping_neg()).to_vec();
    assert_eq!(collect(PrimeBlocks::range(last[0], u64::MAX)), last);
    assert_eq!(collect(PrimeBlocks::first_n(1000, last[0])), last);
    assert_eq!(collect(PrimeBlocks::first_n(10, last[0])), last);
    assert_eq!(collect(PrimeBlocks::range(last[9] + 1, u64::MAX)), []);
    assert_eq!(collect(PrimeBlocks::range(u64::MAX, u64::MAX)), []);
}

#[test]
fn an_empty_interval_has_no_primes() {
    for (lo, hi) in [(1, 0), (3, 2), (70_000, 65_537), (u64::MAX, 0), (14, 16), (0, 1)] {
        assert_eq!(collect(PrimeBlocks::range(lo, hi)), [], "[{lo}, {hi}]");
    }
}

#[test]
fn an_interruption_is_told_and_final() {
    for (lo, hi) in [(100_000, 1 << 40), (1 << 60, 1 << 61), (u64::MAX - 10_000_000, u64::MAX)] {
        let mut blocks = PrimeBlocks::range(lo, hi);
        let mut asked = 0;
        let mut twice = || {
            asked += 1;
            asked <= 2
        };
        let error = loop {
            if let Err(error) = blocks.next_block(&mut twice) {
                break error;
            }
        };
        assert_eq!(error, Error::Interrupted);
        assert_eq!(asked, 3, "nobody is asked again after having said no");
        assert_eq!(blocks.next_block(&mut || true), Ok([].as_slice()));
    }
}
