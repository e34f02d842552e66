//! Two slower methods, from readable to fast. The tests compare the fastest one with them.

pub(crate) mod lucy;
pub(crate) mod rough_lucy;
