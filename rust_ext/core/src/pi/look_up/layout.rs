//! How the table of pi lies in memory.

/// The integers of one word: word `w` covers those from `120 w + FIRST` on.
pub(crate) const PER_WORD: u64 = 120;

/// Empty words after the last one, which vectors may load.
pub(crate) const MORE_WORDS: usize = 16;
