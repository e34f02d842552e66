//! `Sigma`: the part of the sum over leaves that needs no visit to each of them.

use super::plan::{Plan, Tables};

/// `Sigma`, modulo 2^64; `primes_to_root` is pi of the square root of `x`.
///
/// With `a = pi(y)`, `b = pi(x^(1/3))`, `c = pi(sqrt(x / y))`, `d = pi(x*)` and `s = pi(sqrt x)` it is
///
/// `a - 1 + s(s-1)/2 - a(a-1)/2 + (a-b)(a-b-1)/2 + a [b - c - c(c-3)/2 + d(d-3)/2]`
/// `+ b(b-1)(2b-1)/6 - b - d(d-1)(2d-1)/6 + d`
/// `+ a` times the sum of `pi(x / (p y))` over `x* < p <= sqrt(x / y)`
/// `+` the sum of `pi(x / p^2)` over `sqrt(x / y) < p <= x^(1/3)`
/// `-` the sum of `pi(sqrt(x / p))^2` over `x* < p <= x^(1/3)`.
#[expect(clippy::many_single_char_names, reason = "those of the formula")]
pub(crate) fn sum(plan: &Plan, tables: &Tables, primes_to_root: u64) -> u64 {
    // The products of three counts exceed 2^64.
    let index = |v: u64| tables.pi(v) as i128;
    let (a, b, c, d) = (index(plan.y), index(plan.cube_root), index(plan.middle), index(plan.star));
    let s = i128::from(primes_to_root);
    let pairs = |n: i128| n * (n - 1) / 2;
    let squares = |n: i128| n * (n - 1) * (2 * n - 1) / 6;
    let mut sum = a - 1 + pairs(s) - pairs(a) + pairs(a - b);
    sum += a * (b - c - c * (c - 3) / 2 + d * (d - 3) / 2);
    sum += squares(b) - b - squares(d) + d;
    for p in &tables.primes()[d as usize + 1..=b as usize] {
        let p = u64::from(*p);
        let quotient = plan.x / p;
        sum += if p <= plan.middle { a * index(quotient / plan.y) } else { index(quotient / p) };
        sum -= index(quotient.isqrt()).pow(2);
    }
    sum as u64
}
