//! The odd primes below 2^16 in groups: a long integer is divided by the product of a group, and what is left, one word,
//! by each prime of it.

use std::sync::LazyLock;

use super::words::remainder;
use crate::arithmetic::montgomery::inverse;
use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes};
use crate::base::error::Error;
use crate::base::progress::Steps;

/// Consecutive odd primes whose product fits a word.
#[derive(Clone, Copy)]
pub(super) struct Group {
    product: u64,
    start: u16,
    end: u16,
}

/// Room for the groups: primes have up to 16 bits, so four of them fit a word, or more.
const GROUPS_MAX: usize = 1700;

/// Where the groups end among the small primes. Their products are made when they are wanted: a table of them would be
/// made on the stack, which is not large everywhere.
struct Ends {
    ends: [u16; GROUPS_MAX],
    len: usize,
}

/// The groups of the primes up to a limit.
pub(super) fn groups(limit: u64) -> impl Iterator<Item = Group> {
    static ENDS: LazyLock<Ends> = LazyLock::new(|| {
        let mut table = Ends { ends: [0; GROUPS_MAX], len: 0 };
        let (mut product, mut end) = (1u64, 1);
        for &p in &small_primes()[1..] {
            product = product.checked_mul(p).unwrap_or_else(|| {
                table.ends[table.len] = end;
                table.len += 1;
                p
            });
            end += 1;
        }
        table.ends[table.len] = end;
        table.len += 1;
        table
    });
    let mut start = 1;
    let groups = ENDS.ends[..ENDS.len].iter().map(move |&end| {
        let primes = &small_primes()[usize::from(start)..usize::from(end)];
        let group = Group { product: primes.iter().product(), start, end };
        start = end;
        group
    });
    groups.take_while(move |group| small_primes()[usize::from(group.start)] <= limit)
}

impl Group {
    /// Each prime of the group with the remainder of a division by it.
    pub(super) fn remainders(self, n: &[u64]) -> impl Iterator<Item = (u64, u64)> {
        let rest = remainder(n, self.product);
        small_primes()[usize::from(self.start)..usize::from(self.end)].iter().map(move |&p| (p, rest % p))
    }

    /// Whether a prime of the group divides an integer.
    fn divides(self, n: &[u64]) -> bool {
        let rest = remainder(n, self.product);
        small_primes()[usize::from(self.start)..usize::from(self.end)]
            .iter()
            .fold(false, |any, &p| any | (rest.wrapping_mul(inverse(p)) <= u64::MAX / p))
    }
}

/// Up to which prime it pays to divide an integer of `len` words before it is tested.
fn limit(len: usize) -> u64 {
    (40 * len as u64 * (len as u64 + 2)).min(SMALL_LIMIT)
}

/// Whether a small prime divides an odd integer above 2^64.
pub(super) fn has_small_factor(n: &[u64], steps: &mut Steps) -> Result<bool, Error> {
    for group in groups(limit(n.len())) {
        if group.divides(n) {
            return Ok(true);
        }
        // A division takes longer than a product.
        steps.take(16 * n.len())?;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_odd_prime_is_in_one_group() {
        let n = [0x0123_4567_89ab_cdef, u64::MAX, 12_345];
        let n_modulo =
            |p: u64| n.iter().rev().fold(0, |rest: u128, &word| (rest << 64 | u128::from(word)) % u128::from(p));
        let remainders: Vec<_> = groups(SMALL_LIMIT).flat_map(|group| group.remainders(&n)).collect();
        let expected: Vec<_> = small_primes()[1..].iter().map(|&p| (p, n_modulo(p) as u64)).collect();
        assert_eq!(remainders, expected);
    }

    #[test]
    fn factors_are_found() {
        let mut always = || true;
        let steps = &mut Steps::new(&mut always);
        for &p in &small_primes()[1..60] {
            let product = u128::from(p) * ((1 << 89) - 1);
            assert!(has_small_factor(&[product as u64, (product >> 64) as u64], steps).unwrap(), "{p}");
        }
        assert!(!has_small_factor(&[u64::MAX, (1 << 25) - 1], steps).unwrap(), "2^89 - 1 is prime");
    }
}
