//! The residue classes coprime to a modulus.
//!
//! A modulus here is a product of the first primes. The sieve keeps one bitmap for each class
//! ([`crate::bitmap::classes210`]); the larger the modulus, the fewer integers have a bit at all and the fewer hits a
//! sieving prime has: 0.267 an integer and unit of log log for 30, 0.229 for 210, 0.208 for 2310, 0.192 for 30030. But
//! each class costs each sieving prime a start, so a larger modulus wants a longer interval.

use crate::arithmetic::modular::inverse;

/// The classes coprime to `modulus`, or some of them that follow each other.
#[derive(Clone, Copy)]
pub(crate) struct Wheel {
    pub(crate) modulus: u32,
    /// From 1 to `modulus - 1`, ascending.
    pub(crate) residues: &'static [u16],
}

/// 48 classes: few enough to turn back into ascending integers.
pub(crate) const WHEEL_210: Wheel = Wheel { modulus: 210, residues: &RESIDUES_210 };
/// 480 classes.
pub(crate) const WHEEL_2310: Wheel = Wheel { modulus: 2310, residues: &RESIDUES_2310 };
/// 5760 classes.
pub(crate) const WHEEL_30030: Wheel = Wheel { modulus: 30030, residues: &RESIDUES_30030 };

impl Wheel {
    /// These classes in `parts` parts, whose lengths differ by one at most.
    pub(crate) fn parts(self, parts: usize) -> impl Iterator<Item = Self> {
        let border = move |part: usize| self.residues.len() * part / parts;
        (0..parts).map(move |i| Self { residues: &self.residues[border(i)..border(i + 1)], ..self })
    }

    /// The inverse of the modulus modulo a prime `p` above 13.
    pub(crate) fn inverse_modulo(&self, p: u32) -> u32 {
        let mut inverse = 1;
        for (i, &q) in FACTORS.iter().enumerate() {
            if self.modulus.is_multiple_of(q) {
                // inverse + multiple * p is a multiple of q: the next inverse is its q-th part, below p again.
                let multiple = (q - inverse % q) * u32::from(INVERSES[i][(p % q) as usize]) % q;
                inverse = ((u64::from(inverse) + u64::from(multiple) * u64::from(p)) / u64::from(q)) as u32;
            }
        }
        inverse
    }
}

/// The moduli are products of these primes.
const FACTORS: [u32; 6] = [2, 3, 5, 7, 11, 13];

/// `INVERSES[i][n]`: the inverse of `n` modulo `FACTORS[i]`.
const INVERSES: [[u8; 13]; 6] = {
    let mut inverses = [[0; 13]; 6];
    let mut i = 0;
    while i < FACTORS.len() {
        let mut n = 1;
        while n < FACTORS[i] {
            inverses[i][n as usize] = inverse(n, FACTORS[i]) as u8;
            n += 1;
        }
        i += 1;
    }
    inverses
};

pub(crate) const RESIDUES_210: [u16; 48] = residues(210);
static RESIDUES_2310: [u16; 480] = residues(2310);
static RESIDUES_30030: [u16; 5760] = residues(30030);

/// The `N` residues coprime to `modulus`, ascending.
const fn residues<const N: usize>(modulus: u16) -> [u16; N] {
    let mut residues = [0; N];
    let mut count = 0;
    let mut n = 1;
    while n < modulus {
        if is_coprime(n, modulus) {
            residues[count] = n;
            count += 1;
        }
        n += 1;
    }
    assert!(count == N);
    residues
}

/// Whether `n` has no prime factor in common with `modulus`.
const fn is_coprime(n: u16, modulus: u16) -> bool {
    let mut i = 0;
    while i < FACTORS.len() {
        let q = FACTORS[i] as u16;
        if n.is_multiple_of(q) && modulus.is_multiple_of(q) {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_residues_are_those_coprime_to_the_modulus() {
        for classes in [WHEEL_210, WHEEL_2310, WHEEL_30030] {
            let gcd = |mut a: u32, mut b: u32| {
                while b != 0 {
                    (a, b) = (b, a % b);
                }
                a
            };
            let expected: Vec<u16> =
                (1..classes.modulus).filter(|&n| gcd(n, classes.modulus) == 1).map(|n| n as u16).collect();
            assert_eq!(classes.residues, expected);
        }
    }

    #[test]
    fn parts_have_each_class_once() {
        for parts in [1, 2, 7, 479, 480] {
            let lens: Vec<_> = WHEEL_2310.parts(parts).map(|part| part.residues.len()).collect();
            assert_eq!(lens.len(), parts);
            assert!(lens.iter().all(|&len| (480 / parts..=480usize.div_ceil(parts)).contains(&len)), "{lens:?}");
            let residues: Vec<_> = WHEEL_2310.parts(parts).flat_map(|part| part.residues).copied().collect();
            assert_eq!(residues, RESIDUES_2310);
        }
    }

    #[test]
    fn a_number_times_its_inverse_is_one() {
        for &r in &RESIDUES_2310 {
            assert_eq!(u32::from(r) * inverse(u32::from(r), 2310) % 2310, 1);
        }
        for p in [17u32, 211, 65_521, 4_294_967_291] {
            assert_eq!(u64::from(inverse(210 % p, p)) * 210 % u64::from(p), 1);
            for classes in [WHEEL_210, WHEEL_2310, WHEEL_30030] {
                assert_eq!(classes.inverse_modulo(p), inverse(classes.modulus % p, p), "{p}");
            }
        }
    }
}
