//! The prime after an integer, and the one before: a sieve of one word, then tests one by one.

use super::divisors::DIVISORS;
use super::one::is_prime_without_small_factors;
use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes};

/// What one word of the sieve covers: odd integers, a bit each.
const WORD_SPAN: u64 = 2 * u64::BITS as u64;

/// The smallest prime above `n`, if there is one below 2^64.
#[must_use]
pub fn next_prime(n: u64) -> Option<u64> {
    let table = small_primes();
    if let Some(&p) = table.get(table.partition_point(|&p| p <= n)) {
        return Some(p);
    }
    // The first odd integer above n.
    let mut base = n.checked_add(1)? | 1;
    loop {
        let mut survivors = survivors(|p| if base % p == 0 { 0 } else { p - base % p });
        while survivors != 0 {
            let candidate = base.checked_add(2 * u64::from(survivors.trailing_zeros()))?;
            if is_prime_without_small_factors(candidate) {
                return Some(candidate);
            }
            survivors &= survivors - 1;
        }
        base = base.checked_add(WORD_SPAN)?;
    }
}

/// The largest prime below `n`, if there is one.
#[must_use]
pub fn prev_prime(n: u64) -> Option<u64> {
    if n <= SMALL_LIMIT + 1 {
        let table = small_primes();
        return table[..table.partition_point(|&p| p < n)].last().copied();
    }
    // The first odd integer below n. The search ends at 2^16 + 1, which is prime, if not before.
    let mut base = n - 1 - n % 2;
    loop {
        let mut survivors = survivors(|p| base % p);
        while survivors != 0 {
            let candidate = base - 2 * u64::from(survivors.trailing_zeros());
            if is_prime_without_small_factors(candidate) {
                return Some(candidate);
            }
            survivors &= survivors - 1;
        }
        base -= WORD_SPAN;
    }
}

/// The multiples of each of the [`DIVISORS`], from 0 on, as bits.
const MULTIPLES: [u64; DIVISORS.len()] = {
    let mut multiples = [0; DIVISORS.len()];
    let mut i = 0;
    while i < multiples.len() {
        let mut multiple = 0;
        while multiple < u64::BITS as u64 {
            multiples[i] |= 1 << multiple;
            multiple += DIVISORS[i].prime;
        }
        i += 1;
    }
    multiples
};

/// Bit `i` is set where `2 i` is not the given integer modulo any of the primes in [`DIVISORS`].
#[inline]
fn survivors(rest: impl Fn(u64) -> u64) -> u64 {
    let composites = DIVISORS.iter().zip(MULTIPLES).fold(0, |composites, (divisor, multiples)| {
        let rest = rest(divisor.prime);
        let half = if rest.is_multiple_of(2) { rest / 2 } else { u64::midpoint(rest, divisor.prime) };
        composites | if half < u64::from(u64::BITS) { multiples << half } else { 0 }
    });
    !composites
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primality::one::is_prime;

    fn agree_with_tests(start: u64, end: u64) {
        for n in start..end {
            let next = (1..).map_while(|d| n.checked_add(d)).find(|&m| is_prime(m));
            assert_eq!(next_prime(n), next, "after {n}");
            assert_eq!(prev_prime(n), (0..n).rev().find(|&m| is_prime(m)), "before {n}");
        }
    }

    #[test]
    fn where_the_table_ends_and_where_the_integers_end() {
        agree_with_tests(0, 1000);
        agree_with_tests(SMALL_LIMIT - 100, SMALL_LIMIT + 1000);
        agree_with_tests((1 << 32) - 300, (1 << 32) + 300);
        agree_with_tests((1 << 63) - 300, (1 << 63) + 300);
        agree_with_tests(u64::MAX - 600, u64::MAX);
        assert_eq!(prev_prime(u64::MAX), Some(18_446_744_073_709_551_557));
        assert_eq!(next_prime(u64::MAX), None);
    }

    /// OEIS A002386 and A005250.
    #[test]
    fn the_longest_gap_is_crossed_both_ways() {
        let (prime, gap) = (18_361_375_334_787_046_697, 1550);
        assert_eq!(next_prime(prime), Some(prime + gap));
        assert_eq!(prev_prime(prime + gap), Some(prime));
    }
}
