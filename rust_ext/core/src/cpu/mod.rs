//! Floor 1: what the processor has.

pub(crate) mod caches;
pub(crate) mod level;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
pub(crate) mod prefetch;
