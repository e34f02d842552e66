//! Intervals that are wide enough to be sieved by residue classes, against the sieve from school.

use primes_core::{Error, PrimeBlocks, count};

/// The primes of `[lo, hi]`: the odd integers are marked, prime by prime.
fn by_school(lo: u64, hi: u64) -> Vec<u64> {
    let root = hi.isqrt() as usize;
    let mut small = vec![true; root + 1];
    let first = lo | 1;
    let mut odd = vec![true; ((hi - first) / 2 + 1) as usize];
    for p in 3..=root {
        if p % 2 == 1 && small[p] {
            (p.saturating_mul(p)..=root).step_by(p).for_each(|n| small[n] = false);
            let p = p as u64;
            let mut multiple = first.next_multiple_of(p).max(p * p);
            multiple += if multiple.is_multiple_of(2) { p } else { 0 };
            (((multiple - first) / 2) as usize..odd.len()).step_by(p as usize).for_each(|i| odd[i] = false);
        }
    }
    (0..odd.len()).filter(|&i| odd[i]).map(|i| first + 2 * i as u64).filter(|&n| n > 1).collect()
}

fn collect(mut blocks: PrimeBlocks) -> Vec<u64> {
    let mut primes = Vec::new();
    loop {
        match blocks.next_block(&mut || true).unwrap() {
            [] => return primes,
            block => primes.extend_from_slice(block),
        }
    }
}

#[test]
fn lists_and_counts_are_those_of_the_school() {
    // The end of the small table; squares ahead; the square of the largest small prime; primes above 2^16, whose
    // squares lie ahead; the last interval before the far primes, and one on both sides of where they begin.
    let far_from = 1 << 40;
    for lo in
        [3, 65_535, 100_000_007, (1 << 32) - 6_000_001, 5_000_000_000, far_from - 10_400_000, far_from - 5_000_000]
    {
        let hi = lo + 10_390_000;
        let expected = by_school(lo, hi);
        assert_eq!(collect(PrimeBlocks::range(lo, hi)), expected, "from {lo}");
        assert_eq!(count(lo, hi, 1, &mut |_| true), Ok(expected.len() as u64), "from {lo}");
    }
}

#[test]
fn each_end_of_an_interval_counts() {
    let primes = by_school(200_000_000, 210_100_000);
    let within = |lo, hi| (primes.partition_point(|&p| p <= hi) - primes.partition_point(|&p| p < lo)) as u64;
    // Ends on primes, beside primes, and on all residues modulo 30.
    for i in 0..30 {
        let (lo, hi) = (200_000_033 + 7 * i, 210_000_048 + 11 * i);
        assert_eq!(count(lo, hi, 1, &mut |_| true), Ok(within(lo, hi)), "[{lo}, {hi}]");
    }
}

#[test]
fn the_first_n_end_where_they_should() {
    let primes = by_school(3, 12_000_000);
    for n in [700_000, 700_001, 750_000] {
        assert_eq!(collect(PrimeBlocks::first_n(n, 3)), primes[..n as usize], "n = {n}");
    }
}

/// OEIS A006880 and A046731.
#[test]
fn known_counts_and_sums() {
    assert_eq!(count(0, 100_000_000, 1, &mut |_| true), Ok(5_761_455));
    let mut blocks = PrimeBlocks::range(0, 100_000_000);
    let (mut len, mut sum) = (0, 0);
    loop {
        let block = blocks.next_block(&mut || true).unwrap();
        if block.is_empty() {
            break;
        }
        len += block.len();
        sum += block.iter().sum::<u64>();
    }
    assert_eq!((len, sum), (5_761_455, 279_209_790_387_276));
}

/// OEIS A006880: more than 2 * 10^8 integers take another modulus.
#[test]
fn a_wide_interval_is_the_sum_of_its_parts() {
    let [a, b, c] = [1_000_000_000, 1_120_000_000, 1_250_000_000];
    let parts = count(a, b, 1, &mut |_| true).unwrap() + count(b + 1, c, 1, &mut |_| true).unwrap();
    assert_eq!(count(a, c, 1, &mut |_| true), Ok(parts));
}

#[test]
fn interruptions_are_heard() {
    let mut asked = 0;
    let stop = &mut |_| {
        asked += 1;
        asked < 10
    };
    assert_eq!(count(0, 1_000_000_000, 1, stop), Err(Error::Interrupted));
    assert_eq!(asked, 10);
    let mut blocks = PrimeBlocks::range(100_000, 1_000_000_000);
    assert_eq!(blocks.next_block(&mut || false), Err(Error::Interrupted));
    assert_eq!(blocks.next_block(&mut || true), Ok(&[][..]));
}
