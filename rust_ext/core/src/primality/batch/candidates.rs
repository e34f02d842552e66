//! The integers that wait to be tested together.

/// Integers that are tested at a time: enough to fill the last groups of each half, few enough for the stack.
pub(crate) const BATCH_LEN: usize = 2048;

/// Integers above [`SMALL_LIMIT`](crate::arithmetic::small_primes::SMALL_LIMIT) that the test may be asked of, and
/// where they come from.
pub(crate) struct Candidates {
    pub(crate) numbers: [u64; BATCH_LEN],
    pub(crate) places: [u32; BATCH_LEN],
    pub(crate) len: usize,
}

impl Candidates {
    pub(crate) fn new() -> Self {
        Self { numbers: [0; BATCH_LEN], places: [0; BATCH_LEN], len: 0 }
    }

    /// How many more there is room for.
    pub(crate) fn room(&self) -> usize {
        BATCH_LEN - self.len
    }

    #[inline]
    pub(crate) fn push(&mut self, n: u64, place: usize) {
        self.numbers[self.len] = n;
        self.places[self.len] = place as u32;
        self.len += 1;
    }
}
