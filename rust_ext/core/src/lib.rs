//! Prime numbers up to 2^64 - 1.
