//! Floor 0: what everything else stands on, and what knows no prime.

pub(crate) mod error;
pub(crate) mod estimate;
pub(crate) mod jobs;
pub(crate) mod memory;
pub(crate) mod progress;
pub(crate) mod table;
pub(crate) mod threads;
pub(crate) mod tuning;
