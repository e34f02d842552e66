//! Code for x86-64, a folder for each level and in it a file for each room.

pub(crate) mod avx2;
pub(crate) mod avx512;
