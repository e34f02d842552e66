//! `floor(x / m)` for one `x` and many `m`, by floating point, as an integer division takes several times as long.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;

use crate::base::error::Error;
use crate::base::memory::reserved;

/// Below this dividend, the quotients of [`quotients`] by floating point are exact.
pub(crate) const EXACT_BELOW: u64 = 1 << 51;

/// The number of divisors that are divided by at once.
pub(crate) const BATCH_LEN: usize = 64;

/// Divisors, with their reciprocals if these are known: a multiplication takes less time than a division.
#[derive(Clone, Copy)]
pub(crate) struct Divisors<'a> {
    m: &'a [u32],
    /// For each, the closest double to `1 / m`; or empty.
    reciprocals: &'a [f64],
}

impl<'a> Divisors<'a> {
    /// Divisors without reciprocals.
    pub(crate) fn alone(m: &'a [u32]) -> Self {
        Self { m, reciprocals: &[] }
    }

    pub(crate) fn m(self) -> &'a [u32] {
        self.m
    }

    pub(crate) fn len(self) -> usize {
        self.m.len()
    }

    /// Return batches of this length; the last one may be shorter.
    pub(crate) fn batches(self, len: usize) -> impl Iterator<Item = Self> {
        let mut reciprocals = self.reciprocals.chunks(len);
        self.m.chunks(len).map(move |m| Self { m, reciprocals: reciprocals.next().unwrap_or_default() })
    }
}

/// Divisors that are divided by again and again, with the reciprocals of the first of them.
pub(crate) struct DivisorTable {
    m: Vec<u32>,
    /// The closest double to the reciprocal of each, up to a limit on their number.
    reciprocals: Vec<f64>,
}

impl DivisorTable {
    /// Make the list, with at most `reciprocals_len` reciprocals.
    pub(crate) fn new(m: Vec<u32>, reciprocals_len: usize) -> Result<Self, Error> {
        let mut reciprocals = reserved(m.len().min(reciprocals_len))?;
        reciprocals.extend(m.iter().take(reciprocals_len).map(|&m| 1.0 / f64::from(m)));
        Ok(Self { m, reciprocals })
    }

    pub(crate) fn m(&self) -> &[u32] {
        &self.m
    }

    /// The divisors with indices `start..end`.
    pub(crate) fn between(&self, start: usize, end: usize) -> Divisors<'_> {
        Divisors { m: &self.m[start..end], reciprocals: self.reciprocals.get(start..end).unwrap_or_default() }
    }
}

/// Write the quotients into the beginning of `to`. None of them may be zero.
///
/// With `h = x + 1/2`, `h / m` lies at least `1 / (2 m)` from the nearest integer, and has the same floor as `x / m`.
/// The reciprocal and the product are rounded, each by at most a part in 2^53; together they move `h / m` by less than
/// `1 / (2 m)` if `h` is less than 2^51. Adding 2^52 - 1/2 then leaves the integer in the low bits.
#[inline(always)]
pub(crate) fn quotients(x: u64, divisors: Divisors, to: &mut [u64; BATCH_LEN]) {
    const TO_LOW_BITS: f64 = ((1u64 << 52) - 1) as f64 + 0.5;
    const HIGH_BITS: u64 = ((1u64 << 52) as f64).to_bits();
    let h = x as f64 + 0.5;
    let floor = |quotient: f64| (quotient + TO_LOW_BITS).to_bits() - HIGH_BITS;
    if x >= EXACT_BELOW {
        for (to, &m) in to.iter_mut().zip(divisors.m) {
            *to = x / u64::from(m);
        }
    } else if divisors.reciprocals.is_empty() {
        for (to, &m) in to.iter_mut().zip(divisors.m) {
            *to = floor(h / f64::from(m));
        }
    } else {
        for (to, reciprocal) in to.iter_mut().zip(divisors.reciprocals) {
            *to = floor(h * reciprocal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_exact() {
        let m: Vec<u32> = (1..40).chain((40..u32::MAX).step_by(67_108_859)).chain([u32::MAX - 1, u32::MAX]).collect();
        let reciprocals: Vec<f64> = m.iter().map(|&m| 1.0 / f64::from(m)).collect();
        let mut to = [0; BATCH_LEN];
        let bases = [u64::from(u32::MAX), 1 << 40, EXACT_BELOW - 3, EXACT_BELOW, 1 << 53, u64::MAX - 3];
        // Also multiples of the divisors, where a quotient may easily be one too small, and the integers before them.
        let multiples = m.iter().flat_map(|&m| bases.map(|base| base / u64::from(m) * u64::from(m)));
        for x in bases.into_iter().chain(multiples).flat_map(|x| [x - 1, x, x + 1]) {
            for reciprocals in [&[][..], &reciprocals] {
                let divisors = Divisors { m: &m, reciprocals };
                for batch in divisors.batches(BATCH_LEN) {
                    quotients(x, batch, &mut to);
                    let divided = batch.m.iter().take_while(|&&m| u64::from(m) <= x);
                    assert!(divided.zip(to).all(|(&m, quotient)| quotient == x / u64::from(m)), "{x}");
                }
            }
        }
    }
}
