//! What can stop the sieve.

/// Why an answer could not be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The caller's `keep_going` said no.
    Interrupted,
    /// The allocator refused a buffer.
    OutOfMemory,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "interrupted",
            Self::OutOfMemory => "out of memory",
        })
    }
}

impl std::error::Error for Error {}
