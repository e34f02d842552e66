//! Two slower methods, from readable to fast, that the tests hold the fast one against.

pub(crate) mod lucy;
pub(crate) mod rough_lucy;
