//! Consecutive stretches of the integers, each with the bitmaps of all classes modulo 210 in memory at once.
//!
//! The near primes cross off window by window: each class of a window is one segment in the first-level cache. A
//! stretch is one window, or several of them that are kept together for those who cross off more.

use super::class_sieve::ClassSieve;
use crate::arithmetic::wheels::WHEEL_210;
use crate::base::error::Error;
use crate::base::progress::Watch;
use crate::base::tuning::NEAR_LIMIT;
use crate::bitmap::classes210::Bitmaps;
use crate::cpu::level::Cpu;

/// What sieves stretch by stretch.
pub(crate) trait Stretches: Sized {
    /// Cover `[base, hi]`, above the small primes, and more behind it; the base is a multiple of 210.
    ///
    /// Each window has in each class up to `segment_bytes_max` bytes. The last `overlap_bytes` of a stretch come again
    /// as the first of the next.
    fn new(cpu: Cpu, base: u64, hi: u64, segment_bytes_max: usize, overlap_bytes: usize) -> Result<Self, Error>;

    /// The next stretch, if there is one. What lies outside `[base, hi]` is undefined. `watch` is told which part of
    /// `[base, hi]` is done.
    fn next_stretch(&mut self, watch: Watch) -> Result<Option<&mut Bitmaps>, Error>;

    /// How the integers are cut, and the present stretch.
    fn windows(&self) -> &Windows210;
}

/// Stretches that the near primes have been crossed off in.
pub(crate) struct Windows210 {
    sieve: ClassSieve,
    bitmaps: Bitmaps,
    /// Where the first stretch begins, and where the next one does, if there is one.
    base: u64,
    next_base: Option<u64>,
    /// The last integer to cover.
    hi: u64,
    /// The windows of a stretch.
    windows: usize,
    /// The bytes of a window in each class, and how many of them the next window has, too.
    segment_bytes: usize,
    overlap_bytes: usize,
}

impl Windows210 {
    /// As [`Stretches::new`], with up to `stretch_bytes_max` bytes in each class, or as many as a window has if that is
    /// not given.
    pub(crate) fn with_stretches(
        cpu: Cpu,
        base: u64,
        hi: u64,
        segment_bytes_max: usize,
        overlap_bytes: usize,
        stretch_bytes_max: Option<u64>,
    ) -> Result<Self, Error> {
        let window_bytes_max = (segment_bytes_max - overlap_bytes) as u64;
        let class_bytes = (hi - base) / u64::from(WHEEL_210.modulus) / 8 + 1;
        let stretches = class_bytes.div_ceil(stretch_bytes_max.unwrap_or(window_bytes_max));
        let windows = class_bytes.div_ceil(stretches * window_bytes_max);
        let segment_bytes =
            ClassSieve::segment_bytes(class_bytes.div_ceil(stretches * windows) as usize + overlap_bytes);
        let largest = hi.isqrt().min(NEAR_LIMIT);
        Ok(Self {
            sieve: ClassSieve::new(cpu, WHEEL_210, base, segment_bytes, 8 * overlap_bytes, largest)?,
            bitmaps: Bitmaps::default(),
            base,
            next_base: Some(base),
            hi,
            windows: windows as usize,
            segment_bytes,
            overlap_bytes,
        })
    }

    /// The last integer to cover.
    pub(crate) fn hi(&self) -> u64 {
        self.hi
    }

    /// The bytes of each class from one window to the next.
    pub(crate) fn window_bytes(&self) -> usize {
        self.segment_bytes - self.overlap_bytes
    }

    /// The bytes of each class from one stretch to the next.
    pub(crate) fn stretch_bytes(&self) -> usize {
        self.windows * self.window_bytes()
    }

    /// The present stretch.
    pub(crate) fn bitmaps(&self) -> &Bitmaps {
        &self.bitmaps
    }

    /// The segments of a stretch.
    pub(crate) fn segments(&self) -> f64 {
        (self.windows * WHEEL_210.residues.len()) as f64
    }

    /// Which part of all integers lies before the next stretch, and which part is the next stretch.
    pub(crate) fn next_parts(&self) -> (f64, f64) {
        let all = (self.hi - self.base) as f64 + 1.0;
        let before = (self.next_base.unwrap_or(self.hi) - self.base) as f64 / all;
        let stretch = f64::from(WHEEL_210.modulus) * (8 * self.stretch_bytes()) as f64 / all;
        (before, stretch.min(1.0 - before))
    }

    /// Sieve the next stretch, if there is one. `watch` is told which part of the stretch is done.
    pub(crate) fn sieve_stretch(&mut self, watch: Watch) -> Result<Option<&mut Bitmaps>, Error> {
        let Some(base) = self.next_base else { return Ok(None) };
        let (segment_bytes, stretch_bytes, window_bytes) =
            (self.segment_bytes, self.stretch_bytes(), self.window_bytes());
        let segments = self.segments();
        let mut sieved = 0.0;
        let bitmaps = &mut self.bitmaps;
        bitmaps.cover(base, stretch_bytes + self.overlap_bytes)?;
        for start in (0..stretch_bytes).step_by(window_bytes) {
            let mut keep_going = || {
                sieved += 1.0;
                watch(sieved / segments)
            };
            self.sieve.next_window(self.hi, &mut keep_going, |class, _, bits| {
                bitmaps.class_mut(class)[start..start + segment_bytes].copy_from_slice(bits);
            })?;
        }
        let behind = base.checked_add(8 * stretch_bytes as u64 * u64::from(WHEEL_210.modulus));
        self.next_base = behind.filter(|&behind| behind <= self.hi);
        Ok(Some(bitmaps))
    }
}

impl Stretches for Windows210 {
    fn new(cpu: Cpu, base: u64, hi: u64, segment_bytes_max: usize, overlap_bytes: usize) -> Result<Self, Error> {
        Self::with_stretches(cpu, base, hi, segment_bytes_max, overlap_bytes, None)
    }

    fn next_stretch(&mut self, watch: Watch) -> Result<Option<&mut Bitmaps>, Error> {
        let (before, stretch) = self.next_parts();
        self.sieve_stretch(&mut |part| watch(before + stretch * part))
    }

    fn windows(&self) -> &Windows210 {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stretch_begins_behind_the_interval() {
        // Segments are rounded up, so that fewer stretches than would be the least cover it.
        let (base, hi) = (210_000, 210_000 + 8 * 210 * 3_000 - 1);
        let mut windows = Windows210::new(Cpu::Portable, base, hi, 300, 0).unwrap();
        let mut next = base;
        while let Some(bitmaps) = windows.next_stretch(&mut |_| true).unwrap() {
            assert_eq!(bitmaps.base(), next);
            assert!(next <= hi);
            next += 210 * bitmaps.class_bits() as u64;
        }
        assert!(hi < next);
    }
}
