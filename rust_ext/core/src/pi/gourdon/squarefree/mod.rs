//! The squarefree integers up to `y` without a prime factor among the first [`K`](super::formula::K), with their least
//! prime factor and the sign of the Möbius function. The sums over `m` run through them.
//!
//! Each integer coprime to 30 has a *place*, in ascending order, with a code of two bytes: half a byte for each integer
//! up to `y`. A list of those that are squarefree would take twice as much, and they must be found before they can be
//! listed.

#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod codes;
#[cfg(target_arch = "aarch64")]
mod neon;

use super::formula::K;
use crate::arithmetic::wheel30::{MODULUS, RESIDUES, TO_COPRIME, byte_of};
use crate::base::error::Error;
use crate::base::memory::zeros;
use crate::base::progress::{KeepGoing, ask};
use crate::cpu::level::Cpu;
use crate::output::blocks::PrimeBlocks;
use codes::{LIST_LEN, LISTED_PLACES, Leaves, ODD, PLACES_AT_ONCE};

/// The code of a least prime factor that is larger than all those that are asked for.
const LARGE: u16 = 0x7FFF;

/// All of them but 1.
pub(crate) struct SquareFree {
    /// For each place zero, or the index of the least prime factor among the primes, from 1, up to [`LARGE`], and
    /// perhaps [`ODD`]. It fits, as it is asked for only up to the square root of `y`, and that is below the 2^14-th
    /// prime.
    codes: Vec<u16>,
}

/// The number of places before `n`.
fn places_before(n: u64) -> usize {
    let n = n.max(7);
    let (up, class) = TO_COPRIME[(n % MODULUS) as usize];
    8 * byte_of(n + u64::from(up)) as usize + usize::from(class)
}

/// The integer of a place.
fn integer_at(place: usize) -> u32 {
    (place / 8) as u32 * MODULUS as u32 + u32::from(RESIDUES[place % 8])
}

impl SquareFree {
    /// The least of them: the first prime behind the [`K`]-th.
    pub(crate) const LEAST: u64 = 23;

    /// Those up to `y`, which must be below 2^32; `primes[b]` is the b-th prime, up to at least the first above both
    /// the square root of `y` and its `LEAST`-th part.
    pub(crate) fn up_to(y: u32, primes: &[u32], keep_going: KeepGoing) -> Result<Self, Error> {
        let places = places_before(u64::from(y) + 1).next_multiple_of(PLACES_AT_ONCE);
        let mut products = Products { codes: zeros(places)?, y, primes };
        for (b, &p) in primes.iter().enumerate().skip(K + 1).take_while(|&(_, &p)| p <= y) {
            // Only primes to the square root have products to put.
            if b % if p <= y / p { 64 } else { 4096 } == 0 {
                ask(keep_going)?;
            }
            let code = b.min(usize::from(LARGE)) as u16 | ODD;
            products.put(p, code);
            if p <= y / p {
                products.multiply(p, code, b + 1);
            }
        }
        let mut others = PrimeBlocks::range(u64::from(primes[primes.len() - 1]) + 1, u64::from(y));
        let mut b = primes.len();
        loop {
            let block = others.next_block(keep_going)?;
            if block.is_empty() {
                break;
            }
            for &p in block {
                products.put(p as u32, b.min(usize::from(LARGE)) as u16 | ODD);
                b += 1;
            }
        }
        Ok(Self { codes: products.codes })
    }

    /// The number of places.
    pub(crate) fn places(&self) -> usize {
        self.codes.len()
    }

    /// The integers of `places` places from `start` on, or of as many as there are: each with whether it has an odd
    /// number of prime factors.
    pub(crate) fn piece(&self, start: usize, places: usize) -> impl Iterator<Item = (u32, bool)> {
        let codes = (start..).zip(&self.codes[start..]).take(places).filter(|&(_, &code)| code != 0);
        codes.map(|(place, &code)| (integer_at(place), code & ODD != 0))
    }

    /// Give the integers in `(lo, hi]` without a prime factor up to the b-th prime to `take`, list by list, and whether
    /// those of the list have an odd number of prime factors; `hi` is at most `y`.
    pub(crate) fn leaves(
        &self,
        cpu: Cpu,
        (lo, hi): (u64, u64),
        b: usize,
        leaves: &mut Leaves,
        mut take: impl FnMut(&[u32], bool),
    ) {
        let end = places_before(hi + 1);
        let first = places_before(lo + 1) / PLACES_AT_ONCE * PLACES_AT_ONCE;
        for start in (first..end).step_by(LISTED_PLACES) {
            let stop = end.next_multiple_of(PLACES_AT_ONCE).min(start + LISTED_PLACES);
            let listed = list_leaves(cpu, &self.codes[start..stop], integer_at(start), b as u16, leaves);
            for ((list, len), odd) in leaves.iter().zip(listed).zip([true, false]) {
                let list = &list[..len];
                // There may be a few too many at both ends.
                let below = list.iter().take_while(|&&m| u64::from(m) <= lo).count();
                let above = list[below..].iter().rev().take_while(|&&m| u64::from(m) > hi).count();
                take(&list[below..len - above], odd);
            }
        }
    }
}

/// List the integers of whole turns of places, the first of which stands for `first`, whose least prime factor is
/// behind the b-th prime: those with an odd number of prime factors and those with an even one. Returns how many they
/// are.
fn list_leaves(cpu: Cpu, codes: &[u16], first: u32, b: u16, leaves: &mut Leaves) -> [usize; 2] {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: the value is proof that the processor has the level.
        Cpu::Avx512(_) => unsafe { avx512::list(codes, first, b, leaves) },
        #[cfg(target_arch = "aarch64")]
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: the value is proof that the processor has the level.
        Cpu::Neon(_) => unsafe { neon::list(codes, first, b, leaves) },
        _ => list_one_by_one(codes, first, b, leaves),
    }
}

/// The same without vectors.
fn list_one_by_one(codes: &[u16], first: u32, b: u16, leaves: &mut Leaves) -> [usize; 2] {
    let [odd_list, even_list] = leaves;
    let [mut odd, mut even] = [0; 2];
    let mut turn = first - u32::from(RESIDUES[0]);
    for codes in codes.as_chunks::<8>().0 {
        for (&code, residue) in codes.iter().zip(RESIDUES) {
            // The remainders change no value, and save a check of the bounds.
            odd_list[odd % LIST_LEN] = turn + u32::from(residue);
            odd += usize::from(code > b | ODD);
            even_list[even % LIST_LEN] = turn + u32::from(residue);
            even += usize::from(b < code && code < ODD);
        }
        turn += MODULUS as u32;
    }
    [odd, even]
}

struct Products<'a> {
    codes: Vec<u16>,
    y: u32,
    primes: &'a [u32],
}

impl Products<'_> {
    fn put(&mut self, m: u32, code: u16) {
        self.codes[places_before(u64::from(m))] = code;
    }

    /// Put the products of `m`, which has this code, with distinct primes from the b-th on. The depth is at most 6, as
    /// the product of the seven primes from 23 on passes 2^32.
    fn multiply(&mut self, m: u32, code: u16, b: usize) {
        let most = self.y / m;
        let mut b = b;
        while self.primes[b] <= most {
            let product = m * self.primes[b];
            self.put(product, code ^ ODD);
            self.multiply(product, code ^ ODD, b + 1);
            b += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::codes::NO_LEAVES;
    use super::*;
    use crate::arithmetic::small_primes::small_primes;
    use crate::cpu::level::available;

    #[test]
    fn agrees_with_trial_division() {
        let primes: Vec<u32> = [0].into_iter().chain(small_primes().iter().map(|&p| p as u32)).collect();
        for y in [0, 22, 23, 528, 529, 667, 30_000] {
            let all = SquareFree::up_to(y, &primes, &mut || true).unwrap();
            let factors = |m: u32| (1..primes.len()).filter(|&b| m.is_multiple_of(primes[b])).collect::<Vec<_>>();
            let known: Vec<(u32, Vec<usize>)> = (2..=y)
                .map(|m| (m, factors(m)))
                .filter(|(m, factors)| factors[0] > K && factors.iter().map(|&b| primes[b]).product::<u32>() == *m)
                .collect();
            let found: Vec<(u32, bool)> =
                (0..all.places()).step_by(48).flat_map(|start| all.piece(start, 48)).collect();
            let expected: Vec<_> = known.iter().map(|(m, factors)| (*m, factors.len() % 2 == 1)).collect();
            assert_eq!(found, expected, "up to {y}");
            let mut buffer = Box::new(NO_LEAVES);
            for (cpu, b) in available().flat_map(|cpu| [K, K + 1, 20, 100].map(|b| (cpu, b))) {
                for (lo, hi) in [(0, y), (y / 2, y), (y / 3, y / 2), (23, 29), (y, y)] {
                    let mut found = Vec::new();
                    all.leaves(cpu, (u64::from(lo), u64::from(hi.min(y))), b, &mut buffer, |m, odd| {
                        found.extend(m.iter().map(|&m| (m, odd)));
                    });
                    found.sort_unstable();
                    let expected: Vec<_> = known
                        .iter()
                        .filter(|(m, factors)| (lo + 1..=hi).contains(m) && factors[0] > b)
                        .map(|(m, factors)| (*m, factors.len() % 2 == 1))
                        .collect();
                    assert_eq!(found, expected, "{cpu:?}, b = {b}, from {lo} to {hi}, up to {y}");
                }
            }
        }
    }
}
