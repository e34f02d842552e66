//! pi(x) by Lucy's method, the shortest one in less than linear time. The tests compare faster methods with it.
//!
//! Let `S(v, p)` be how many of 2..=v are left when the multiples of the primes to `p` are crossed off (the primes
//! themselves stay). For `p^2 <= v`
//!
//! `S(v, p) = S(v, p - 1) - (S(v / p, p - 1) - pi(p - 1))`,
//!
//! and only the values `v = x / i` are ever needed ("Lucy Hedgehog", projecteuler.net, problem 10, 2011).

pub(crate) fn prime_pi(x: u64) -> u64 {
    let root = x.isqrt() as usize;
    // small[v] is S(v), large[i] is S(x / i).
    let mut small: Vec<u64> = (0..=root as u64).map(|v| v.saturating_sub(1)).collect();
    let mut large: Vec<u64> = (0..=root as u64).map(|i| (x / i.max(1)).saturating_sub(1)).collect();
    for p in 2..=root {
        let before = small[p - 1];
        if small[p] == before {
            continue;
        }
        for i in 1..=root.min((x / (p as u64).pow(2)) as usize) {
            let fewer = if i * p <= root { large[i * p] } else { small[(x / (i * p) as u64) as usize] };
            large[i] -= fewer - before;
        }
        for v in (p * p..=root).rev() {
            small[v] -= small[v / p] - before;
        }
    }
    if x == 0 { 0 } else { large[1] }
}
