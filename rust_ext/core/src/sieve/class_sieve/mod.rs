//! The sieve by residue classes: in a window, each class is one segment.
//!
//! | tier | primes | how |
//! | --- | --- | --- |
//! | [`presieve`] | to 163 | the union of repeating patterns |
//! | [`segment`], rounds | to 4096 | eight hits at a time, with constant masks |
//! | [`segment`], strides | to the bits of a segment | sixteen primes side by side: hits made as vectors, set later |
//! | [`segment`], singles | above | the same, with one hit at most; AVX-512 lists those that hit |
//!
//! Classes and windows need nothing from each other but the places of the primes, which a vector step leads on.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod places;
mod presieve;
mod segment;

use super::low_bitmap::append_low_primes;
use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes_of};
use crate::arithmetic::wheels::Wheel;
use crate::base::error::Error;
use crate::base::memory::reserved;
use crate::base::progress::KeepGoing;
use crate::bitmap::pattern::BLOCK_BYTES;
use crate::cpu::level::Cpu;
use places::PrimePlaces;
use presieve::{LARGEST_PRESIEVED, Presieve};
use segment::ClassSegment;

pub(crate) use segment::count_clear;

/// Windows that follow each other from a base on.
pub(crate) struct ClassSieve {
    cpu: Cpu,
    classes: Wheel,
    presieve: Presieve,
    primes: PrimePlaces,
    segment: ClassSegment,
    /// Where the next window begins, a multiple of the modulus.
    base: u64,
    segment_bits: u64,
    /// How far one window lies behind the other, in bits.
    window_bits: u64,
}

impl ClassSieve {
    /// The length of the smallest segment that has `bytes`.
    pub(crate) fn segment_bytes(bytes: usize) -> usize {
        bytes.next_multiple_of(BLOCK_BYTES)
    }

    /// Sieve from `base` on with the primes to `largest`. None of them above [`SMALL_LIMIT`] has a square below the
    /// base. A window has `segment_bytes` for each class, and overlaps with the next by `overlap_bits`.
    pub(crate) fn new(
        cpu: Cpu,
        classes: Wheel,
        base: u64,
        segment_bytes: usize,
        overlap_bits: usize,
        largest: u64,
    ) -> Result<Self, Error> {
        let window_bits = 8 * segment_bytes - overlap_bits;
        let small = small_primes_of(LARGEST_PRESIEVED + 1, largest);
        let mut ascending = reserved(small.len())?;
        ascending.extend(small.iter().map(|&p| p as u32));
        if largest >= SMALL_LIMIT {
            append_low_primes(&mut ascending, largest)?;
        }
        Ok(Self {
            cpu,
            classes,
            presieve: Presieve::new(classes.modulus)?,
            primes: PrimePlaces::new(&classes, base, window_bits as u32, 8 * segment_bytes as u32, &ascending)?,
            segment: ClassSegment::new(segment_bytes)?,
            base,
            segment_bits: 8 * segment_bytes as u64,
            window_bits: window_bits as u64,
        })
    }

    /// Sieve the next window, and give each class of it to `finish`: its number, what its bit 0 stands for, its bits.
    ///
    /// A set bit: composite. In a class whose bit 0 stands beyond `hi`, all are set.
    pub(crate) fn next_window(
        &mut self,
        hi: u64,
        keep_going: KeepGoing,
        mut finish: impl FnMut(usize, u64, &mut [u8]),
    ) -> Result<(), Error> {
        let (cpu, modulus) = (self.cpu, self.classes.modulus);
        let last = self.base.saturating_add(self.segment_bits * u64::from(modulus) - 1);
        self.primes.begin_window(modulus, self.base, last);
        let mut residue_before = self.classes.residues[0];
        for (class, &residue) in self.classes.residues.iter().enumerate() {
            if residue > residue_before {
                self.primes.next_class(cpu, residue - residue_before);
            }
            residue_before = residue;
            // Beyond 2^64 - 1 it becomes that, which is not prime.
            let first = self.base.saturating_add(u64::from(residue));
            if first <= hi {
                self.presieve.write(cpu, self.segment.bytes_mut(), first);
                self.primes.cross_off(cpu, &mut self.segment);
            } else {
                self.segment.bytes_mut().fill(0xFF);
            }
            finish(class, first, self.segment.bytes_mut());
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        self.primes.end_window(cpu);
        self.base = self.base.saturating_add(self.window_bits * u64::from(modulus));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::small_primes::small_primes;
    use crate::arithmetic::wheels::{WHEEL_210, WHEEL_2310, WHEEL_30030};
    use crate::cpu::level::available;
    use crate::primality::one::is_prime;

    /// Which of `len` integers from `base` on have a prime factor up to `largest` that is not the integer itself.
    fn composites(base: u64, len: usize, largest: u64) -> Vec<bool> {
        let mut composites = vec![false; len];
        for p in (2..=largest).filter(|&p| is_prime(p)) {
            let first = base.next_multiple_of(p).max(2 * p) - base;
            for i in (first..len as u64).step_by(p as usize) {
                composites[i as usize] = true;
            }
        }
        composites
    }

    /// Sieve windows, and compare each bit of 48 classes.
    fn check(classes: Wheel, base: u64, segment_bytes: usize, overlap_bits: usize, windows: u64, largest: u64) {
        let modulus = u64::from(classes.modulus);
        let window_bits = (8 * segment_bytes - overlap_bits) as u64;
        let last_bit = (windows - 1) * window_bits + 8 * segment_bytes as u64 - 1;
        let expected = composites(base, (modulus * (last_bit + 1)) as usize, largest);
        for cpu in available() {
            let mut sieve = ClassSieve::new(cpu, classes, base, segment_bytes, overlap_bits, largest).unwrap();
            for window in 0..windows {
                let mut seen = 0;
                sieve
                    .next_window(u64::MAX, &mut || true, |class, first, bits| {
                        assert_eq!(class, seen);
                        seen += 1;
                        let start = modulus * window * window_bits + u64::from(classes.residues[class]);
                        assert_eq!(first, base + start);
                        if class % (classes.residues.len() / 48) != 0 {
                            return;
                        }
                        for bit in 0..8 * bits.len() {
                            let i = start + modulus * bit as u64;
                            let set = bits[bit / 8] >> (bit % 8) & 1 == 1;
                            assert_eq!(set, expected[i as usize], "{cpu:?}: {}", base + i);
                        }
                    })
                    .unwrap();
                assert_eq!(seen, classes.residues.len());
            }
        }
    }

    #[test]
    fn bits_are_those_of_the_sieve_from_school() {
        // From the end of the table on, where squares lie ahead; primes on all sides of the borders between tiers.
        check(WHEEL_210, 65_520, 2_048, 512, 2, 5_300);
        check(WHEEL_2310, 64_680, 512, 0, 2, 5_000);
        check(WHEEL_30030, 60_060, 256, 0, 1, 7_900);
        // Far out, where all squares lie behind, with primes above the bits of a segment.
        check(WHEEL_210, 210 * (1 << 33), 512, 0, 3, 1 << 20);
        check(WHEEL_2310, 2_310 * (1 << 29), 256, 0, 2, 100_000);
        // Squares of primes above the small ones lie ahead.
        check(WHEEL_210, 65_537 * 65_537 / 210 * 210, 256, 256, 3, 65_700);
    }

    #[test]
    fn the_last_classes_below_2_64_are_whole() {
        let base = u64::MAX / 210 * 210;
        for cpu in available() {
            let mut sieve = ClassSieve::new(cpu, WHEEL_210, base, 256, 0, 1_000).unwrap();
            sieve
                .next_window(u64::MAX, &mut || true, |class, _, bits| {
                    let first = base.checked_add(u64::from(WHEEL_210.residues[class]));
                    let expected = first.is_none_or(|n| small_primes()[..168].iter().any(|p| n.is_multiple_of(*p)));
                    assert_eq!(bits[0] & 1 == 1, expected, "{cpu:?}: {first:?}");
                })
                .unwrap();
        }
    }

    #[test]
    fn interruptions_are_heard() {
        let mut sieve = ClassSieve::new(Cpu::Portable, WHEEL_210, 210_000, 256, 0, 1_000).unwrap();
        let mut classes = 0;
        let result = sieve.next_window(u64::MAX, &mut || false, |_, _, _| classes += 1);
        assert_eq!((result, classes), (Err(Error::Interrupted), 1));
    }
}
