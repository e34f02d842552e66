//! Code for processors of the level AVX2.

pub(crate) mod far;
