//! `A` and `C`, the easy leaves: sums of `pi(x / (p m))` with arguments up to the square root of `x`, by a table.
//!
//! `A` is the sum over `x* < p <= x^(1/3)` and the primes `q` with `p < q <= sqrt(x / p)` of `w pi(x / (p q))`, where
//! `w` is 1 if `q <= x / (p y)` and else 2. `C` is the sum over `p_K < p_b <= x*` and squarefree `m`, without a prime
//! factor up to `p_b`, with `max(y / p_b, x / p_b^3) < m <= y`, of `-mu(m) [pi(x / (p_b m)) - b + 2]`.
//!
//! Where `p_b` is above the square root of `y`, `m` is a prime `q`, and few of them need a look-up of their own. With
//! `X = x / p_b`, the sum of `pi(X / q)` over `t < q <= y` counts pairs of primes `q`, `r` with `q r <= X`, and so is
//! the sum over `r <= X / t` of `pi(min(y, X / r)) - pi(t)`. With `t` at the square root of `X` there are few such `r`.
//!
//! The table is made in pieces of [`Plan::table_span`] integers. A piece answers the arguments that it covers.

use super::formula::K;
use super::plan::{Plan, Tables};
use super::squarefree::codes::{Leaves, NO_LEAVES};
use crate::base::error::Error;
use crate::base::jobs::share;
use crate::base::progress::{KeepGoing, Watch, ask};
use crate::pi::coprime_words::FIRST;
use crate::pi::look_up::PiTable;
use crate::pi::look_up::layout::PER_WORD;
use crate::pi::quotients::Divisors;

/// The primes `p` of one job: enough to make up for the overhead of a job, and few enough for all threads to end at
/// about the same time.
const JOB_LEN: usize = 16;

/// The sum, modulo 2^64, and pi of the square root of `x`.
pub(crate) fn sum(plan: &Plan, tables: &Tables, threads: usize, watch: Watch) -> Result<(u64, u64), Error> {
    let last = plan.square_root.max(plan.star.pow(2));
    let span = plan.table_span.next_multiple_of(PER_WORD);
    let (first_b, last_b) = (K + 1, tables.pi(plan.cube_root));
    let jobs = (last_b + 1 - first_b).div_ceil(JOB_LEN);
    let mut table = PiTable::default();
    let (mut sum, mut primes_to_root) = (0u64, 0);
    let mut lo = FIRST;
    while lo <= last {
        let hi = (lo + span - 1).min(last);
        let (before, part, width) =
            (primes_before(&table, lo), lo as f64 / last as f64, (hi - lo) as f64 / last as f64);
        table.fill(lo, hi, before, &mut || watch(part))?;
        if (lo..=hi).contains(&plan.square_root) {
            primes_to_root = table.pi(plan.square_root);
        }
        let piece = Piece { plan, tables, table: &table, lo, hi };
        let work = |job: usize, keep_going: KeepGoing| {
            let start = first_b + JOB_LEN * job;
            let (mut sum, mut buffer) = (0u64, NO_LEAVES);
            for b in start..(start + JOB_LEN).min(last_b + 1) {
                ask(keep_going)?;
                sum = sum.wrapping_add(piece.leaves(b, &mut buffer));
            }
            Ok(sum)
        };
        let mut watch = |done: usize| watch(part + width * done as f64 / jobs as f64);
        share(threads, jobs, &mut watch, &work, |part| sum = sum.wrapping_add(part))?;
        lo = hi + 1;
    }
    Ok((sum, primes_to_root))
}

/// pi(lo - 1), where the table ends there.
fn primes_before(table: &PiTable, lo: u64) -> u64 {
    if lo == FIRST { 0 } else { table.pi(lo - 1) }
}

/// A piece of the table, which covers `[lo, hi]`.
struct Piece<'a> {
    plan: &'a Plan,
    tables: &'a Tables,
    table: &'a PiTable,
    lo: u64,
    hi: u64,
}

impl Piece<'_> {
    /// The sum over those leaves of the b-th prime whose arguments lie in this piece.
    fn leaves(&self, b: usize, buffer: &mut Leaves) -> u64 {
        let &Self { plan, tables, .. } = self;
        let p = tables.prime(b);
        let quotient = plan.x / p;
        if p > plan.star {
            let root = quotient.isqrt();
            let once = (quotient / plan.y).clamp(p, root);
            let (single, _) = self.primes(quotient, p, once);
            let (double, _) = self.primes(quotient, once, root);
            single.wrapping_add(double.wrapping_mul(2))
        } else if p * p > plan.y {
            self.prime_leaves(b, p, quotient)
        } else {
            let lo = (plan.y / p).max(quotient / (p * p)).max(quotient / (self.hi + 1));
            let hi = plan.y.min(quotient / self.lo);
            if lo >= hi {
                return 0;
            }
            let mut sum = 0u64;
            tables.squarefree.leaves(plan.cpu, (lo, hi), b, buffer, |m, odd| {
                let counts = self.table.sum(plan.cpu, quotient, Divisors::alone(m));
                let leaves = counts.wrapping_sub((m.len() as u64).wrapping_mul(b as u64 - 2));
                sum = if odd { sum.wrapping_add(leaves) } else { sum.wrapping_sub(leaves) };
            });
            sum
        }
    }

    /// The leaves of `C` whose `m` is a prime.
    fn prime_leaves(&self, b: usize, p: u64, quotient: u64) -> u64 {
        let &Self { plan, tables, .. } = self;
        let y = plan.y;
        let lo = p.max(quotient / (p * p)).min(y);
        // Count by q up to `turn`, and by r above it.
        let turn = quotient.isqrt().clamp(lo, y);
        // The root is rounded down, so r may be a little larger than y.
        let turn = if quotient / turn > y { y } else { turn };
        let (mut sum, direct) = self.primes(quotient, lo, turn);
        sum = sum.wrapping_sub(direct.wrapping_mul(b as u64 - 2));
        if turn < y {
            let all = (tables.pi(y) - tables.pi(turn)) as u64;
            let (r_lo, r_hi) = (quotient / y, quotient / turn);
            let (others, count) = self.primes(quotient, r_lo, r_hi);
            sum = sum.wrapping_add(others).wrapping_sub(count.wrapping_mul(tables.pi(turn) as u64));
            if self.lo == FIRST {
                // These need no look-up: the r that go with all q, and the constant.
                sum = sum.wrapping_add(all.wrapping_mul((tables.pi(r_lo) as u64).wrapping_sub(b as u64 - 2)));
            }
        }
        sum
    }

    /// The sum of `pi(quotient / q)` over those primes `q` in `(lo, hi]` whose argument lies in this piece, and their
    /// number; `hi` is at most `y`.
    fn primes(&self, quotient: u64, lo: u64, hi: u64) -> (u64, u64) {
        let lo = lo.max(quotient / (self.hi + 1));
        let hi = hi.min(quotient / self.lo);
        if lo >= hi {
            return (0, 0);
        }
        let plan = self.plan;
        let q = self.tables.primes_between(lo, hi);
        (self.table.sum(plan.cpu, quotient, q), q.len() as u64)
    }
}
