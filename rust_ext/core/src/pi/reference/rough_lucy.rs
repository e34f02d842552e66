//! pi(x) in about x^(3/4) steps and x^(1/2) memory: Lucy's method over rough numbers.
//!
//! The idea, due to Legendre and put into this shape by "Lucy Hedgehog" (projecteuler.net, problem 10, 2011): let
//! `S(v, p)` be how many of 2..=v are left when the multiples of the primes to `p` are crossed off (the primes
//! themselves stay). For `p^2 <= v`
//!
//! `S(v, p) = S(v, p - 1) - (S(v / p, p - 1) - pi(p - 1))`,
//!
//! and only the values `v = x / i` are ever needed: all `v` up to the root `r` of `x`, and `x / i` for `i` up to `r`.
//! Three things make it quick:
//!
//! - Even numbers are left out from the start.
//! - Only *rough* `i` matter, those without a prime factor so far: a term `x / i` is asked for by `x / i'` with
//!   `i = i' p'`, where later primes `p'` are larger than all the factors of `i`.
//! - Once `p^4 > x`, what is left to subtract from `S(x)` are products of two primes, counted pair by pair.

/// The number of primes up to `x`.
pub(crate) fn prime_pi(x: u64) -> u64 {
    if x < 3 {
        return u64::from(x == 2);
    }
    let mut tables = Tables::new(x);
    for p in (3..=tables.root.isqrt()).step_by(2) {
        if !tables.crossed_off[index(p)] {
            tables.cross_off(p);
        }
    }
    tables.count()
}

/// The number of odd numbers in `3..=v`.
fn odd_up_to(v: u64) -> u64 {
    (v - 1) / 2
}

/// The index of an odd number; an even one has the index of the odd number before it.
fn index(v: u64) -> usize {
    odd_up_to(v) as usize
}

/// `S` without the prime 2, at the values that are still needed.
struct Tables {
    x: u64,
    root: u64,
    /// The number of odd primes that have been crossed off.
    primes: u64,
    /// `small[index(v)]` is `S(v)` for `v <= root`.
    small: Vec<u32>,
    /// The rough `i <= root`, ascending, 1 first.
    rough: Vec<u32>,
    /// `large[k]` is `S(x / rough[k])`.
    large: Vec<u64>,
    /// Whether the odd number of this index has a prime factor among those crossed off.
    crossed_off: Vec<bool>,
}

impl Tables {
    fn new(x: u64) -> Self {
        let root = x.isqrt();
        let odd = || (1..=root).step_by(2);
        Self {
            x,
            root,
            primes: 0,
            small: odd().map(|v| index(v) as u32).collect(),
            rough: odd().map(|i| i as u32).collect(),
            large: odd().map(|i| odd_up_to(x / i)).collect(),
            crossed_off: vec![false; odd().count()],
        }
    }

    /// `S(v)` for `v <= root`.
    fn small(&self, v: u64) -> u64 {
        u64::from(self.small[index(v)])
    }

    fn cross_off(&mut self, p: u64) {
        for multiple in self.crossed_off[index(p)..].iter_mut().step_by(p as usize) {
            *multiple = true;
        }
        // The large values first: they need the small ones as they are. Those of multiples of p are dropped.
        let mut kept = 0;
        for k in 0..self.rough.len() {
            let i = u64::from(self.rough[k]);
            if self.crossed_off[index(i)] {
                continue;
            }
            let smaller = if i * p <= self.root {
                // i p is rough as well, and behind k: its place is how many rough numbers lie in 3..=i p.
                self.large[(self.small(i * p) - self.primes) as usize]
            } else {
                self.small(self.x / (i * p))
            };
            self.large[kept] = self.large[k] - (smaller - self.primes);
            self.rough[kept] = self.rough[k];
            kept += 1;
        }
        self.rough.truncate(kept);
        self.large.truncate(kept);
        // Downwards, because S(v / p) must be the old value. All v with the same quotient lie side by side.
        let mut end = self.small.len();
        for quotient in (p..=self.root / p).rev().filter(|quotient| quotient % 2 == 1) {
            let start = index(quotient * p);
            let fewer = self.small[index(quotient)] - self.primes as u32;
            for count in &mut self.small[start..end] {
                *count -= fewer;
            }
            end = start;
        }
        self.primes += 1;
    }

    /// What is left when the rough numbers but 1 are primes `q`, with `q^4 > x`: the recursion for all of them at once.
    ///
    /// `S(x / p, q < p)` is `S(x / p)` now without the products of two primes that `q < p` crosses off:
    /// `q` times each prime from `q` to `x / (p q)`.
    fn count(&self) -> u64 {
        // Besides 2, the places of the primes p: pi(p - 1) is so many more than the rough numbers before it.
        let others = self.rough.len() as u64 - 1;
        let mut count = 1 + self.large[0] + others * self.primes + others * others.saturating_sub(1) / 2;
        count -= self.large[1..].iter().sum::<u64>();
        for (l, &q) in self.rough.iter().enumerate().skip(1) {
            let quotient = self.x / u64::from(q);
            let last = self.small(quotient / u64::from(q)).saturating_sub(self.primes) as usize;
            if last <= l {
                break;
            }
            let primes_below_q = self.primes + l as u64 - 1;
            for &p in &self.rough[l + 1..=last] {
                count += self.small(quotient / u64::from(p)) - primes_below_q;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::small_primes::small_primes;
    use crate::output::count::count;

    #[test]
    fn agrees_with_the_sieve() {
        for (primes, p) in small_primes().windows(2).enumerate().take(3000) {
            for x in p[0]..p[1] {
                assert_eq!(prime_pi(x), primes as u64 + 1, "pi({x})");
            }
        }
        let sieved = |x| count(0, x, 1, &mut |_| true).unwrap();
        for root in [1000u64, 1009, 4999, 9973] {
            // Squares, cubes and fourth powers are where the roots change.
            for x in [root * root - 1, root * root, root * root + 1, (root / 40).pow(3), (root / 40).pow(3) - 1] {
                assert_eq!(prime_pi(x), sieved(x), "pi({x})");
            }
        }
        for fourth in (2..60u64).map(|root| root.pow(4)) {
            assert_eq!(prime_pi(fourth), sieved(fourth), "pi({fourth})");
            assert_eq!(prime_pi(fourth - 1), sieved(fourth - 1), "pi({fourth} - 1)");
        }
    }

    /// OEIS A006880.
    #[test]
    fn powers_of_ten() {
        for (k, expected) in [(9, 50_847_534), (10, 455_052_511), (11, 4_118_054_813), (12, 37_607_912_018)] {
            assert_eq!(prime_pi(10u64.pow(k)), expected, "pi(10^{k})");
        }
    }
}
