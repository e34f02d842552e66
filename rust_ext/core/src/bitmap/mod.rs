//! Floor 3: bitmaps of integers, and what all sieves do with them.

pub(crate) mod chunk;
pub(crate) mod classes210;
pub(crate) mod clip;
pub(crate) mod decode;
pub(crate) mod pattern;
pub(crate) mod transpose;
