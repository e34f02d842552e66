//! Stretches of the integers that all sieving primes are crossed off in: the near ones window by window, the far ones
//! in the whole stretch.

use super::BucketSieve;
use crate::arithmetic::wheels::WHEEL_210;
use crate::base::error::Error;
use crate::base::progress::Watch;
use crate::base::tuning::{FAR_CLASS_BYTES_MAX, FAR_CLASS_BYTES_MIN, NEAR_LIMIT, SQRT_PER_FAR_CLASS_BYTE};
use crate::bitmap::classes210::Bitmaps;
use crate::cpu::level::Cpu;
use crate::sieve::windows210::{Stretches, Windows210};

/// As many integers have far primes that cross off in a stretch in the time of one segment of the near primes, about 90
/// us. Only what is told of the way depends on it.
const INTEGERS_PER_SEGMENT: f64 = 240_000.0;

/// The stretches of an interval. Each costs a walk through all far primes, so a stretch grows with their number.
pub(crate) struct Stretches210 {
    windows: Windows210,
    far: Option<BucketSieve>,
}

impl Stretches210 {
    /// One stretch has that many integers, wherever it begins, where there are far primes up to the root of `hi`.
    pub(crate) fn far_integers(hi: u64) -> u64 {
        u64::from(WHEEL_210.modulus) * (8 * far_class_bytes(hi.isqrt()) - 1)
    }
}

impl Stretches for Stretches210 {
    fn new(cpu: Cpu, base: u64, hi: u64, segment_bytes_max: usize, overlap_bytes: usize) -> Result<Self, Error> {
        let root = hi.isqrt();
        let stretch_bytes_max = (root > NEAR_LIMIT).then(|| far_class_bytes(root));
        Ok(Self {
            windows: Windows210::with_stretches(cpu, base, hi, segment_bytes_max, overlap_bytes, stretch_bytes_max)?,
            far: (root > NEAR_LIMIT).then(|| BucketSieve::new(cpu)).transpose()?,
        })
    }

    fn next_stretch(&mut self, watch: Watch) -> Result<Option<&mut Bitmaps>, Error> {
        let Some(far) = &mut self.far else { return self.windows.next_stretch(watch) };
        let hi = self.windows.hi();
        let (before, stretch) = self.windows.next_parts();
        let near_work = INTEGERS_PER_SEGMENT * self.windows.segments();
        let near = stretch * near_work / (near_work + (hi.isqrt() - NEAR_LIMIT) as f64);
        let Some(bitmaps) = self.windows.sieve_stretch(&mut |part| watch(before + near * part))? else {
            return Ok(None);
        };
        let integers = bitmaps.class_bits() as u64 * u64::from(WHEEL_210.modulus);
        let last = bitmaps.base().saturating_add(integers - 1).min(hi);
        let mut watch = |part| watch(before + near + (stretch - near) * part);
        far.cross_off(bitmaps, NEAR_LIMIT, last.isqrt(), &mut watch)?;
        Ok(Some(bitmaps))
    }

    fn windows(&self) -> &Windows210 {
        &self.windows
    }
}

/// Bytes of each class of a stretch in which far primes up to `root` are crossed off.
fn far_class_bytes(root: u64) -> u64 {
    (root / SQRT_PER_FAR_CLASS_BYTE).clamp(FAR_CLASS_BYTES_MIN, FAR_CLASS_BYTES_MAX)
}
