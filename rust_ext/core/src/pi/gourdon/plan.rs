//! The parameters of the formula, which say how large its parts are, and the tables that all parts use.

use super::formula::LEAST;
use super::squarefree::SquareFree;
use crate::base::error::Error;
use crate::base::memory::reserved;
use crate::base::progress::KeepGoing;
use crate::cpu::level::{Cpu, active};
use crate::output::blocks::PrimeBlocks;
use crate::pi::look_up::PiTable;
use crate::pi::quotients::{DivisorTable, Divisors};

/// The parameters, which are free within bounds: the answer does not depend on them.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) x: u64,
    /// Between the cube root and the square root of `x`: more of it means more leaves and less to sieve.
    pub(crate) y: u64,
    /// `x*`: `A` begins after it, `C` and `D` end with it.
    pub(crate) star: u64,
    pub(crate) square_root: u64,
    pub(crate) cube_root: u64,
    /// The square root of `x / y`.
    pub(crate) middle: u64,
    /// The end of the sieve: `x / y`.
    pub(crate) limit: u64,
    /// Bytes of the sieve's segments, a multiple of [`GROUP_BYTES`](super::counted_segment::layout::GROUP_BYTES).
    pub(crate) segment_bytes: usize,
    /// The instructions that the leaves are counted with.
    pub(crate) cpu: Cpu,
    /// Integers that one table of the easy leaves covers.
    pub(crate) table_span: u64,
}

/// `y` as a multiple of the cube root, by the decimal logarithm of `x`; linear in between. Less means more to sieve,
/// more means more leaves. It was fitted at each of these from 9 to 17, with AVX-512. A quarter more or less costs some
/// per cent.
const ALPHA: [(f64, f64); 12] = [
    (5.0, 1.5),
    (9.0, 3.25),
    (10.0, 4.25),
    (11.0, 6.0),
    (12.0, 8.0),
    (13.0, 10.5),
    (14.0, 14.5),
    (15.0, 19.0),
    (16.0, 23.0),
    (17.0, 28.0),
    (18.0, 33.0),
    (20.0, 38.0),
];

/// Without AVX-512 leaves take longer, and this part of it is best: 4 % less at 10^12 and 10^15, 8 % less at 10^16.
const ALPHA_PORTABLE: f64 = 0.7;

/// The most that `y` may be. It bounds the memory, so that a process with one worker or two stays below 64 MiB near
/// 2^64; without it, `y` would be twice as large there. At 10^18, a quarter less than the best `y` took 10 % longer.
const MOST_Y: u64 = 54_000_000;

/// Bytes of a segment at most: in the first-level cache, unless there are so many sieving primes and so many segments
/// that it matters more to visit each prime less often.
const SEGMENT_BYTES: usize = 32 << 10;

/// From the first on segments are four times as wide, which takes 5 % less at 10^12 and 10^13 and 10 % less at 10^15;
/// at 10^10 it took 6 % more. From the second on they are eight times as wide: 2 % less at 10^17.
const WIDE_FROM: [u64; 2] = [500_000_000_000, 50_000_000_000_000_000];

/// Integers of one table of easy leaves: 700 KB of words. Three times as many miss more caches, which takes 1 % at
/// 10^15 and 3 % at 10^16, and take more memory; a third visits each prime more often, and takes 3 %.
const TABLE_SPAN: u64 = 10_000_000;

/// The most reciprocals that are kept: 2 MB, for the primes to 3.7 million.
const RECIPROCALS_LEN: usize = 1 << 18;

impl Plan {
    pub(crate) fn new(x: u64) -> Self {
        let log = (x as f64).log10();
        let above = ALPHA.partition_point(|&(at, _)| at < log).clamp(1, ALPHA.len() - 1);
        let ((x0, y0), (x1, y1)) = (ALPHA[above - 1], ALPHA[above]);
        let alpha = y0 + (y1 - y0) * (log - x0) / (x1 - x0);
        Self::with_alpha(x, if matches!(active(), Cpu::Avx512(_)) { alpha } else { ALPHA_PORTABLE * alpha })
    }

    /// Up to where the parts look at each prime: below `y`, at 10^18 by a half.
    fn last_prime(&self) -> u64 {
        // Where `m` is a prime, `p` is above the square root of `y`. Then the easy leaves look at those up to the
        // square root of `x / p`, or of the quotient by it; and the hard ones at those up to `x / p^3`.
        let least_p = self.y.isqrt();
        let quotient = self.x / least_p;
        let easy = quotient.isqrt() + 2;
        let hard = quotient / self.y;
        // Products of them are squarefree integers; and they sieve.
        let factors = self.y / SquareFree::LEAST;
        easy.max(hard).max(factors).max(self.middle).max(self.cube_root).min(self.y)
    }

    pub(crate) fn with_alpha(x: u64, alpha: f64) -> Self {
        debug_assert!(x >= LEAST);
        let square_root = x.isqrt();
        let cube_root = integer_root(x, 3);
        let y = ((alpha * cube_root as f64) as u64).clamp(cube_root + 1, MOST_Y.min(square_root - 1));
        let middle = (x / y).isqrt();
        // y^2 may pass 2^64, as may x + y^2.
        let least = u128::from(x).div_ceil(u128::from(y).pow(2)) as u64;
        let star = integer_root(x, 4).max(least).min(y).min(middle);
        Self {
            x,
            y,
            star,
            square_root,
            cube_root,
            middle,
            limit: x / y,
            segment_bytes: SEGMENT_BYTES * [1, 4, 8][WIDE_FROM.partition_point(|&from| from <= x)],
            cpu: active(),
            table_span: TABLE_SPAN,
        }
    }
}

/// The largest integer whose `k`-th power is at most `x`, for `k > 2`.
fn integer_root(x: u64, k: u32) -> u64 {
    let power_fits = |root: u64| root.checked_pow(k).is_some_and(|power| power <= x);
    let mut root = (x as f64).powf(1.0 / f64::from(k)) as u64;
    while !power_fits(root) {
        root -= 1;
    }
    while power_fits(root + 1) {
        root += 1;
    }
    root
}

/// The tables of all parts.
pub(crate) struct Tables {
    /// Number `b` is the b-th prime: all to [`Plan::last_prime`] and one more. There is a zero before them.
    primes: DivisorTable,
    /// pi(v) for `v` from 5 to `y`.
    pub(crate) pi: PiTable,
    pub(crate) squarefree: SquareFree,
}

impl Tables {
    pub(crate) fn new(plan: &Plan, keep_going: KeepGoing) -> Result<Self, Error> {
        let pi = PiTable::up_to(plan.y, keep_going)?;
        let count = pi.pi(plan.last_prime()) as usize + 1;
        let mut primes = reserved(count + 1)?;
        primes.push(0);
        let mut blocks = PrimeBlocks::first_n(count as u64, 0);
        loop {
            let block = blocks.next_block(keep_going)?;
            if block.is_empty() {
                break;
            }
            primes.extend(block.iter().map(|&p| p as u32));
        }
        let primes = DivisorTable::new(primes, RECIPROCALS_LEN)?;
        let squarefree = SquareFree::up_to(plan.y as u32, primes.m(), keep_going)?;
        Ok(Self { primes, pi, squarefree })
    }

    /// Number `b` is the b-th prime; there is a zero before them.
    pub(crate) fn primes(&self) -> &[u32] {
        self.primes.m()
    }

    /// The primes in `(lo, hi]`, where `hi` is at most `y`.
    pub(crate) fn primes_between(&self, lo: u64, hi: u64) -> Divisors<'_> {
        self.primes.between(self.pi(lo) + 1, self.pi(hi) + 1)
    }

    /// The first prime that has nothing to cross off up to `limit`, of what smaller ones left, but its products with
    /// one of the primes here, itself or larger: its cube is beyond, and so are products with primes that are not here.
    pub(crate) fn first_of_products(&self, limit: u64) -> usize {
        let last = self.prime(self.primes().len() - 1);
        self.pi(integer_root(limit, 3).max(limit / last)) + 1
    }

    /// The b-th prime.
    pub(crate) fn prime(&self, b: usize) -> u64 {
        u64::from(self.primes()[b])
    }

    /// pi(v) for a `v` up to `y`.
    pub(crate) fn pi(&self, v: u64) -> usize {
        if v < 5 { [0, 0, 1, 2, 2][v as usize] } else { self.pi.pi(v) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_exact() {
        for k in [3, 4] {
            for root in [2u64, 10, 58, 1_000, 65_535] {
                let power = root.pow(k);
                assert_eq!(integer_root(power, k), root);
                assert_eq!(integer_root(power - 1, k), root - 1);
            }
        }
        assert_eq!(integer_root(u64::MAX, 3), 2_642_245);
        assert_eq!(integer_root(u64::MAX, 4), 65_535);
    }

    #[test]
    fn parameters_lie_where_the_formula_needs_them() {
        for x in [LEAST, 1_000_000, 12_345_678_901, 1 << 40, 10u64.pow(15), u64::MAX] {
            for alpha in [0.0, 1.5, 3.0, 30.0, f64::MAX] {
                let plan = Plan::with_alpha(x, alpha);
                assert!(plan.cube_root < plan.y && plan.y < plan.square_root, "{plan:?}");
                assert!(plan.star <= plan.y && plan.star <= plan.middle && plan.star >= 19, "{plan:?}");
            }
        }
    }
}
