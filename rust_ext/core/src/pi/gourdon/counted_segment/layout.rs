//! How a counted segment lies in memory.

use crate::arithmetic::wheel30::MODULUS;

/// The integers that one word covers.
pub(crate) const PER_WORD: u64 = 8 * MODULUS;

/// Bytes of a line.
pub(crate) const LINE_BYTES: usize = 64;

/// Lines and bytes of a group. A segment has whole groups.
pub(crate) const GROUP_LINES: usize = 32;
pub(crate) const GROUP_BYTES: usize = GROUP_LINES * LINE_BYTES;

/// Bytes that are laid down, or cleared, at once.
pub(crate) const RUN_BYTES: usize = 8 * LINE_BYTES;
