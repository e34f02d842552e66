use super::*;
use crate::arithmetic::wheels::RESIDUES_210;
use crate::bitmap::classes210::CLASSES;
use crate::cpu::level::available;
use crate::primality::one::is_prime;

/// Places of bitmaps; the last covers 2^64 - 1 and more.
pub(super) const BASES: [u64; 6] = [
    210 * 20_452_226,
    1_000_000_000_000 / 210 * 210,
    1_000_000_000_000_000 / 210 * 210,
    1_000_000_000_000_000_000 / 210 * 210,
    u64::MAX / 210 * 210 - 210 * 50_000,
    u64::MAX / 210 * 210 - 210 * 100,
];

/// Primes of all sizes: what each tier takes, and what it must take.
pub(super) const PRIMES: [u64; 12] = [
    131_101,
    131_111,
    1_000_003,
    1_000_033,
    16_777_213,
    99_999_989,
    1_000_000_007,
    2_147_483_629,
    2_147_483_647,
    2_147_483_659,
    4_294_967_279,
    4_294_967_291,
];

fn bitmaps(base: u64, class_bits: usize) -> Bitmaps {
    let mut bitmaps = Bitmaps::default();
    bitmaps.cover(base, class_bits / 8).unwrap();
    for class in 0..CLASSES {
        bitmaps.class_mut(class).fill(0);
    }
    bitmaps
}

/// The slow twin: one multiple after the other.
fn cross_off_one_by_one(bitmaps: &mut Bitmaps, primes: &[u64]) {
    let base = u128::from(bitmaps.base());
    let end = base + 210 * bitmaps.class_bits() as u128;
    for &p in primes {
        let mut multiple = base.next_multiple_of(u128::from(p));
        while multiple < end {
            let (bit, residue) = ((multiple - base) / 210, (multiple - base) % 210);
            if let Ok(class) = RESIDUES_210.binary_search(&(residue as u16)) {
                bitmaps.class_mut(class)[bit as usize / 8] |= 1 << (bit % 8);
            }
            multiple += u128::from(p);
        }
    }
}

fn assert_same(left: &Bitmaps, right: &Bitmaps, what: &str) {
    for class in 0..CLASSES {
        assert!(left.class(class) == right.class(class), "class {class}, {what}");
    }
}

fn primes_of(smallest: u64, largest: u64) -> Vec<u64> {
    (smallest..=largest).filter(|&n| is_prime(n)).collect()
}

/// Some hundreds of primes from each of several places, ascending. Their number leaves the last vector partly empty.
fn runs() -> Vec<Vec<u64>> {
    [131_072, 400_000, 1_000_000, 5_000_000, 100_000_000, 2_147_480_000, 2_147_483_648, 4_294_960_000]
        .map(|smallest| primes_of(smallest, smallest + 1_991))
        .to_vec()
}

#[test]
fn both_rooms_hit_what_the_slow_twin_hits() {
    for cpu in available() {
        let mut far = BucketSieve::new(cpu).unwrap();
        for base in BASES {
            for class_bits in [32, 992, 40_000] {
                for primes in runs().into_iter().filter(|primes| primes[0] < base) {
                    let mut expected = bitmaps(base, class_bits);
                    cross_off_one_by_one(&mut expected, &primes);
                    for by_multiple in [false, true] {
                        if !by_multiple && primes[0] >= 1 << 31 {
                            continue;
                        }
                        let mut actual = bitmaps(base, class_bits);
                        let span = Span::of(&actual);
                        if by_multiple {
                            let (most, collect) = (by_multiple::odd_multiples, collect_by_multiple);
                            far.collect(&mut actual, &span, &primes, most, collect, &mut || true).unwrap();
                        } else {
                            let (most, collect) = (by_class::hits_per_class, collect_by_class);
                            far.collect(&mut actual, &span, &primes, most, collect, &mut || true).unwrap();
                        }
                        far.buckets.empty_into(cpu, &mut actual, &mut || true).unwrap();
                        let what = format!("{cpu:?}, {base}, {class_bits} bits, primes from {}", primes[0]);
                        assert_same(&actual, &expected, &what);
                    }
                }
            }
        }
    }
}

#[test]
fn full_buckets_lose_nothing() {
    // Three million hits: each bucket is emptied several times.
    let (base, class_bits, smallest, largest) = (BASES[2], 1 << 19, 131_072, 200_000);
    let mut expected = bitmaps(base, class_bits);
    cross_off_one_by_one(&mut expected, &primes_of(smallest, largest));
    for cpu in available() {
        let mut actual = bitmaps(base, class_bits);
        BucketSieve::new(cpu).unwrap().cross_off(&mut actual, smallest, largest, &mut |_| true).unwrap();
        assert_same(&actual, &expected, cpu.name());
    }
}

#[test]
fn primes_on_both_sides_of_the_border_are_crossed_off() {
    for cpu in available() {
        let mut far = BucketSieve::new(cpu).unwrap();
        for base in BASES {
            let class_bits = 40_000;
            let border = class_bits as u64 * far.class_bits_per_prime();
            let (smallest, largest) = (border - 50_000, border + 50_000);
            let (mut actual, mut expected) = (bitmaps(base, class_bits), bitmaps(base, class_bits));
            far.cross_off(&mut actual, smallest.max(SMALLEST), largest, &mut |_| true).unwrap();
            cross_off_one_by_one(&mut expected, &primes_of(smallest.max(SMALLEST), largest));
            assert_same(&actual, &expected, &format!("{cpu:?}, {base}"));
        }
    }
}

#[test]
fn an_interruption_comes_through() {
    for limit in [0, 1, 10, 60] {
        let mut asked = 0;
        let mut far = BucketSieve::new(Cpu::Portable).unwrap();
        let done = far.cross_off(&mut bitmaps(BASES[1], 80_000), 131_072, 1_000_000, &mut |_| {
            asked += 1;
            asked <= limit
        });
        assert_eq!(done, Err(Error::Interrupted));
        assert_eq!(asked, limit + 1);
    }
}
