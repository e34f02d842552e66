//! Consecutive chunks of which all classes modulo 210 are in memory at once.
//!
//! The near primes cross off window by window, each class of a window being one segment in the first-level cache. What
//! comes of it is put together to chunks of one window, or far out of many: the far primes cross off in the whole
//! chunk, and all of them are gone through for each.

use crate::arch::Cpu;
use crate::bitmaps::Bitmaps;
use crate::class_sieve::ClassSieve;
use crate::classes::CLASSES_210;
use crate::error::Error;
use crate::far::Far;
use crate::tuning::{FAR_CLASS_BYTES_MAX, FAR_CLASS_BYTES_MIN, NEAR_LIMIT, SQRT_PER_FAR_CLASS_BYTE};

/// As many integers have far primes that cross off in a chunk in the time of one segment of the near primes, about 90
/// us. Only what is told of the way depends on it.
const INTEGERS_PER_SEGMENT: f64 = 240_000.0;

pub(crate) struct AllClasses {
    near: ClassSieve,
    far: Option<Far>,
    bitmaps: Bitmaps,
    /// Where the first chunk begins, and where the next one does, if there is one.
    base: u64,
    next_base: Option<u64>,
    /// The last integer to cover.
    hi: u64,
    /// The windows of a chunk.
    windows: usize,
    /// The bytes of a window in each class, and how many of them the next window has, too.
    segment_bytes: usize,
    overlap_bytes: usize,
}

impl AllClasses {
    /// Cover `[base, hi]`, above the small primes, and more behind it; the base is a multiple of 210.
    ///
    /// Each window and each chunk has in each class up to `segment_bytes_max` bytes, of which the last `overlap_bytes`
    /// come again as the first of the next.
    pub(crate) fn new(
        cpu: Cpu,
        base: u64,
        hi: u64,
        segment_bytes_max: usize,
        overlap_bytes: usize,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Self, Error> {
        let window_bytes_max = (segment_bytes_max - overlap_bytes) as u64;
        let class_bytes = (hi - base) / u64::from(CLASSES_210.modulus) / 8 + 1;
        let root = hi.isqrt();
        let chunk_bytes_max = if root > NEAR_LIMIT { far_class_bytes(root) } else { window_bytes_max };
        let chunks = class_bytes.div_ceil(chunk_bytes_max);
        let windows = class_bytes.div_ceil(chunks * window_bytes_max);
        let segment_bytes = ClassSieve::segment_bytes(class_bytes.div_ceil(chunks * windows) as usize + overlap_bytes);
        let largest = root.min(NEAR_LIMIT);
        Ok(Self {
            near: ClassSieve::new(cpu, CLASSES_210, base, segment_bytes, 8 * overlap_bytes, largest, keep_going)?,
            far: (root > NEAR_LIMIT).then(|| Far::new(cpu)).transpose()?,
            bitmaps: Bitmaps::default(),
            base,
            next_base: Some(base),
            hi,
            windows: windows as usize,
            segment_bytes,
            overlap_bytes,
        })
    }

    /// So many integers are one chunk, wherever they begin, where far primes, to the root of `hi`, cross off.
    pub(crate) fn far_chunk_integers(hi: u64) -> u64 {
        u64::from(CLASSES_210.modulus) * (8 * far_class_bytes(hi.isqrt()) - 1)
    }

    /// The bytes of each class from one window to the next.
    pub(crate) fn window_bytes(&self) -> usize {
        self.segment_bytes - self.overlap_bytes
    }

    /// The bytes of each class from one chunk to the next.
    pub(crate) fn chunk_bytes(&self) -> usize {
        self.windows * self.window_bytes()
    }

    /// The present chunk.
    pub(crate) fn bitmaps(&self) -> &Bitmaps {
        &self.bitmaps
    }

    /// The next chunk, if there is one. What lies outside `[base, hi]` is undefined.
    ///
    /// `watch` is told which part of `[base, hi]` is done, and says whether to go on.
    pub(crate) fn next_chunk(&mut self, watch: &mut dyn FnMut(f64) -> bool) -> Result<Option<&mut Bitmaps>, Error> {
        let Some(base) = self.next_base else { return Ok(None) };
        let total = (self.hi - self.base) as f64 + 1.0;
        let before = (base - self.base) as f64 / total;
        let chunk = (f64::from(CLASSES_210.modulus) * (8 * self.chunk_bytes()) as f64 / total).min(1.0 - before);
        let segments = (self.windows * CLASSES_210.residues.len()) as f64;
        let near_work = INTEGERS_PER_SEGMENT * segments;
        let near = chunk * near_work / (near_work + self.hi.isqrt().saturating_sub(NEAR_LIMIT) as f64);
        let mut sieved = 0.0;
        let (segment_bytes, chunk_bytes, window_bytes) = (self.segment_bytes, self.chunk_bytes(), self.window_bytes());
        let bitmaps = &mut self.bitmaps;
        bitmaps.cover(base, chunk_bytes + self.overlap_bytes)?;
        for start in (0..chunk_bytes).step_by(window_bytes) {
            let mut keep_going = || {
                sieved += 1.0;
                watch(before + near * (sieved / segments))
            };
            self.near.next_window(self.hi, &mut keep_going, |class, _, bits| {
                bitmaps.class_mut(class)[start..start + segment_bytes].copy_from_slice(bits);
            })?;
        }
        let last = base.saturating_add(bitmaps.class_bits() as u64 * u64::from(CLASSES_210.modulus) - 1);
        if let Some(far) = &mut self.far {
            let mut watch = |part| watch(before + near + (chunk - near) * part);
            far.cross_off(bitmaps, NEAR_LIMIT, last.min(self.hi).isqrt(), &mut watch)?;
        }
        let behind = base.checked_add(8 * chunk_bytes as u64 * u64::from(CLASSES_210.modulus));
        self.next_base = behind.filter(|&behind| behind <= self.hi);
        Ok(Some(bitmaps))
    }
}

/// Bytes of each class of a chunk where far primes, up to such a root, cross off.
fn far_class_bytes(root: u64) -> u64 {
    (root / SQRT_PER_FAR_CLASS_BYTE).clamp(FAR_CLASS_BYTES_MIN, FAR_CLASS_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chunk_begins_behind_the_interval() {
        // Segments are rounded up, so that fewer chunks than would be the least cover it.
        let (base, hi) = (210_000, 210_000 + 8 * 210 * 3_000 - 1);
        let mut classes = AllClasses::new(Cpu::Portable, base, hi, 300, 0, &mut || true).unwrap();
        let mut next = base;
        while let Some(bitmaps) = classes.next_chunk(&mut |_| true).unwrap() {
            assert_eq!(bitmaps.base(), next);
            assert!(next <= hi);
            next += 210 * bitmaps.class_bits() as u64;
        }
        assert!(hi < next);
    }
}
