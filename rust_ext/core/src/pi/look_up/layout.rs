//! How the table of pi lies in memory.

/// What one word covers: word `w` the integers from `120 w + FIRST` on.
pub(crate) const PER_WORD: u64 = 120;

/// Words behind the last one, with all bits clear: vectors may load them.
pub(crate) const MORE_WORDS: usize = 16;
