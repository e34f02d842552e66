//! The hot loops, each by itself: `cargo bench` takes their times, `benchmarks/instructions.py` counts what they
//! execute.
//!
//! Every loop checks its answer: a wrong one is not measured.

use std::num::NonZero;

use primes_core::{DecimalWriter, PrimeBlocks, Text, are_prime, count, fill, is_prime, prime_pi};

fn main() {
    divan::main();
}

/// Presieve and near primes, and the counting of bits.
#[divan::bench]
fn count_1e8() {
    assert_eq!(count(0, 100_000_000, 1, &mut |_| true), Ok(5_761_455));
}

/// Far primes, each with some multiples in a chunk.
#[divan::bench]
fn count_1e8_from_1e12() {
    assert_eq!(count(1_000_000_000_000, 1_000_100_000_000, 1, &mut |_| true), Ok(3_618_282));
}

/// Far primes, most of them without a multiple in a chunk.
#[divan::bench]
fn count_1e7_from_1e15() {
    assert_eq!(count(1_000_000_000_000_000, 1_000_000_010_000_000, 1, &mut |_| true), Ok(289_394));
}

/// A narrow window far out, which is sieved a little, and what survives tested.
#[divan::bench]
fn count_1e5_from_1e18() {
    assert_eq!(count(1_000_000_000_000_000_000, 1_000_000_000_000_100_000, 1, &mut |_| true), Ok(2_398));
}

/// From bits to integers.
#[divan::bench]
fn decode_1e6() {
    let mut blocks = PrimeBlocks::first_n(1_000_000, 0);
    let mut last = 0;
    while let [.., prime] = blocks.next_block(&mut || true).unwrap() {
        last = *prime;
    }
    assert_eq!(last, 15_485_863);
}

/// From integers to text.
#[divan::bench]
fn decimal_1e6() {
    let mut blocks = PrimeBlocks::first_n(1_000_000, 0);
    let (mut writer, mut text) = (DecimalWriter::new(b"\n").unwrap(), Text::default());
    loop {
        match blocks.next_block(&mut || true).unwrap() {
            [] => break,
            block => writer.write(block, &mut text).unwrap(),
        }
    }
    assert_eq!(text.as_bytes().len(), 8_245_905);
}

/// From bits to where the integers are wanted.
#[divan::bench]
fn fill_1e6() {
    let mut primes = Box::new_uninit_slice(1_000_000);
    assert_eq!(fill(&mut primes, 0, u64::MAX, NonZero::<usize>::MIN, &mut || true), Ok(1_000_000));
}

/// The test of many integers in lanes.
#[divan::bench]
fn are_prime_from_2_63() {
    let numbers: Vec<u64> = (1 << 63..(1 << 63) + 100_000).collect();
    let mut answers = vec![0; numbers.len()];
    are_prime(&numbers, &mut answers);
    assert_eq!(answers.iter().map(|&answer| u64::from(answer)).sum::<u64>(), 2_292);
}

/// The test of Baillie and PSW, of odd integers: one in 22 is prime.
#[divan::bench]
fn is_prime_from_2_63() {
    assert_eq!((1 << 63..(1 << 63) + 100_000).skip(1).step_by(2).filter(|&n| is_prime(n)).count(), 2_292);
}

/// pi(x) without a sieve over all of it.
#[divan::bench]
fn pi_1e10() {
    assert_eq!(prime_pi(10_000_000_000, 1, &mut |_| true), Ok(455_052_511));
}
