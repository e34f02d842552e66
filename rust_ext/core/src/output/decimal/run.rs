//! A run of items that differ in their last four digits alone, and where the bytes of its items come from.

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
use std::sync::OnceLock;

/// Most bytes before the last four digits: 2^64 has twenty.
pub(crate) const LEADING_BYTES: usize = 16;

/// Bytes of the last four digits and a separator, as they are stored at once.
pub(crate) const END_BYTES: usize = 8;

/// Bytes of the longest separator that vectors write, such as `", "`.
pub(crate) const SEPARATOR_BYTES: usize = END_BYTES - 4;

/// Bytes that may be written behind the last item.
pub(crate) const SLACK_BYTES: usize = 512;

/// What the items of the 10^4 integers from `first` on have in common: the leading digits, and the separator.
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) leading: [u8; LEADING_BYTES],
    pub(crate) leading_len: usize,
    pub(crate) separator: [u8; SEPARATOR_BYTES],
    pub(crate) separator_len: usize,
}

impl Run {
    /// Bytes of an item.
    pub(crate) fn item_len(&self) -> usize {
        self.leading_len + 4 + self.separator_len
    }
}

/// For vectors of `BYTES` bytes: where each byte of `ITEMS` items comes from, for each number of leading digits and
/// each length of a separator. First come the last four digits of them all; then what they have in common, the leading
/// digits and the separator.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(crate) struct Sources<const ITEMS: usize, const BYTES: usize>(
    [[OnceLock<[[u8; BYTES]; MOST_VECTORS]>; SEPARATOR_BYTES + 1]; LEADING_BYTES + 1],
);

/// The vectors of the longest items, whose last four digits fill one.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(crate) const MOST_VECTORS: usize = (LEADING_BYTES + 4 + SEPARATOR_BYTES) / 4;

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
impl<const ITEMS: usize, const BYTES: usize> Sources<ITEMS, BYTES> {
    pub(crate) const fn new() -> Self {
        assert!(4 * ITEMS == BYTES && SLACK_BYTES >= MOST_VECTORS * BYTES, "whole vectors are stored");
        Self([const { [const { OnceLock::new() }; SEPARATOR_BYTES + 1] }; LEADING_BYTES + 1])
    }

    /// Those of the items of a run.
    pub(crate) fn of(&self, run: &Run) -> &[[u8; BYTES]; MOST_VECTORS] {
        let &Run { leading_len, separator_len, .. } = run;
        self.0[leading_len][separator_len].get_or_init(|| {
            let item = (0..leading_len).map(|i| (BYTES + i, 0));
            let item = item.chain((0..4).map(|i| (i, 4)));
            let item = item.chain((0..separator_len).map(|i| (BYTES + LEADING_BYTES + i, 0)));
            let mut all = (0..ITEMS).flat_map(|i| item.clone().map(move |(source, step)| (source + step * i) as u8));
            std::array::from_fn(|_| std::array::from_fn(|_| all.next().unwrap_or(0)))
        })
    }
}
