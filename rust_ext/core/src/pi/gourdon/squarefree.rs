//! The squarefree integers up to `y` without a prime factor among the first [`K`](super::K), with their least prime factor
//! and the sign of the Möbius function: what the sums over `m` run through.

use super::{K, ask};
use crate::arch::{self, Cpu};
use crate::error::Error;
use crate::memory::{reserved, zeros};
use crate::pi::team::GoOn;
use crate::residues::{MODULUS, RESIDUES, TO_COPRIME, byte_of};

/// The code of a least prime factor that is larger than all those that are asked for.
const LARGE: u16 = 0x7FFF;

/// While they are unsorted: whether the number of prime factors is odd.
const ODD: u16 = 0x8000;

/// Integers in ascending order, all with the same sign.
#[derive(Default)]
pub(crate) struct Signed {
    pub(crate) m: Vec<u32>,
    /// The place of the least prime factor among the primes, from 1, up to `LARGE`. It fits 16 bits, as it is asked for
    /// only up to the square root of `y`, and that is below 2^14.
    pub(crate) least: Vec<u16>,
}

/// All of them but 1.
#[derive(Default)]
pub(crate) struct SquareFree {
    /// Products of two, four, .. primes.
    pub(crate) even: Signed,
    /// Primes, and products of three, five, .. primes.
    pub(crate) odd: Signed,
}

impl SquareFree {
    /// Those up to `y`, which must be below 2^32; `primes[b]` is the b-th prime, up to at least the first above `y`.
    pub(crate) fn up_to(y: u32, primes: &[u32], go_on: GoOn) -> Result<Self, Error> {
        // Each integer coprime to 30 has a place; a product is written into its own, and so they need not be sorted.
        let len = 8 * (byte_of(u64::from(y.max(7))) as usize + 1);
        let mut products = Products { codes: zeros(len)?, y, primes, counts: [0; 2] };
        for (b, &p) in primes.iter().enumerate().skip(K + 1).take_while(|&(_, &p)| p <= y) {
            if b % 4096 == 0 {
                ask(go_on)?;
            }
            let least = if b < usize::from(LARGE) { b as u16 } else { LARGE };
            products.put(p, least | ODD);
            products.multiply(p, least | ODD, b + 1);
        }
        let Products { codes, counts: [even, odd], .. } = products;
        let mut lists = Self { even: Signed::with_room(even)?, odd: Signed::with_room(odd)? };
        for (turn, codes) in codes.chunks_exact(8).enumerate() {
            for (&code, residue) in codes.iter().zip(RESIDUES) {
                if code != 0 {
                    let list = if code & ODD == 0 { &mut lists.even } else { &mut lists.odd };
                    list.m.push(MODULUS as u32 * turn as u32 + u32::from(residue));
                    list.least.push(code & !ODD);
                }
            }
            if turn % 65_536 == 0 {
                ask(go_on)?;
            }
        }
        Ok(lists)
    }
}

impl Signed {
    fn with_room(len: usize) -> Result<Self, Error> {
        Ok(Self { m: reserved(len)?, least: reserved(len)? })
    }
}

/// Room for some hundred leaves.
#[derive(Default)]
pub(crate) struct Leaves(Vec<u32>);

/// Leaves that are listed at once.
const LEAVES_LEN: usize = 1024;

/// Room behind them for a vector that is stored whole.
const LEAVES_SPARE: usize = 16;

impl Signed {
    /// Give to `take`, piece by piece, the first `end` integers, from the last one down while they are above `least`, but
    /// those with a prime factor up to the b-th prime; returns how many are left before them.
    pub(crate) fn leaves(
        &self,
        cpu: Cpu,
        end: usize,
        least: u32,
        b: usize,
        Leaves(list): &mut Leaves,
        mut take: impl FnMut(&[u32]),
    ) -> usize {
        list.resize(LEAVES_LEN + LEAVES_SPARE, 0);
        let mut end = end;
        loop {
            let start = end.saturating_sub(LEAVES_LEN);
            let (listed, seen) = list_leaves(cpu, &self.m[start..end], &self.least[start..end], least, b as u16, list);
            take(&list[..listed]);
            end -= seen;
            if end > start || start == 0 {
                return end;
            }
        }
    }
}

/// List the `m`, from the last one down while they are above `least`, whose code is above `b`; returns how many are listed
/// and how many were seen. The list has more room than for all of them.
fn list_leaves(cpu: Cpu, m: &[u32], codes: &[u16], least: u32, b: u16, list: &mut [u32]) -> (usize, usize) {
    #[cfg(target_arch = "x86_64")]
    if cpu == Cpu::Avx512 {
        #[allow(unsafe_code, reason = "a level that the processor has")]
        // SAFETY: a level is only named where the processor has it.
        return unsafe { arch::x86_64::avx512::pi::list(m, codes, least, b, list) };
    }
    let (mut listed, mut seen) = (0, 0);
    for (&m, &code) in m.iter().zip(codes).rev() {
        if m <= least {
            break;
        }
        list[listed] = m;
        listed += usize::from(code > b);
        seen += 1;
    }
    (listed, seen)
}

struct Products<'a> {
    codes: Vec<u16>,
    y: u32,
    primes: &'a [u32],
    /// How many have an even and an odd number of prime factors.
    counts: [usize; 2],
}

impl Products<'_> {
    fn put(&mut self, m: u32, code: u16) {
        let m = u64::from(m);
        self.codes[8 * byte_of(m) as usize + usize::from(TO_COPRIME[(m % MODULUS) as usize].1)] = code;
        self.counts[usize::from(code & ODD != 0)] += 1;
    }

    /// Put the products of `m`, which has this code, with distinct primes from the b-th on. The depth is at most 7, as
    /// the product of the eight primes from 23 on passes 2^32.
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
    use super::*;
    use crate::small_primes::small_primes;

    #[test]
    fn agrees_with_trial_division() {
        let primes: Vec<u32> = [0].into_iter().chain(small_primes().iter().map(|&p| p as u32)).collect();
        for y in [0, 22, 23, 528, 529, 667, 30_000] {
            let lists = SquareFree::up_to(y, &primes, &mut || true).unwrap();
            let (mut even, mut odd) = (Vec::new(), Vec::new());
            for m in 2..=y {
                let factors: Vec<usize> = (1..primes.len()).filter(|&b| m % primes[b] == 0).collect();
                if factors[0] > K && factors.iter().map(|&b| primes[b]).product::<u32>() == m {
                    let list = if factors.len().is_multiple_of(2) { &mut even } else { &mut odd };
                    list.push((m, factors[0] as u16));
                }
            }
            let pairs = |list: Signed| list.m.into_iter().zip(list.least).collect::<Vec<_>>();
            assert_eq!(pairs(lists.even), even, "even, up to {y}");
            assert_eq!(pairs(lists.odd), odd, "odd, up to {y}");
        }
    }
}
