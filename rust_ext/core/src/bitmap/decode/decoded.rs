//! What all ways of decoding share.

/// The most integers that a word of the bitmap stands for.
pub(crate) const WORD_LEN: usize = 64;

/// What [`decode`](super::decode) has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Bytes that were read: whole words.
    pub(crate) bytes: usize,
    /// Integers that were written.
    pub(crate) len: usize,
}
