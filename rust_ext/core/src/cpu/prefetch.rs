//! Bringing cache lines nearer before they are needed.

#![allow(unsafe_code, reason = "the instructions take addresses")]

/// Bring the cache line of the first of some bytes to the second level: where there is an instruction for it, without
/// waiting.
#[inline(always)]
pub(crate) fn fetch_to_second_level(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: nothing is read, and an address without memory is passed over.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(bytes.as_ptr().cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::hint::black_box(bytes.first().copied());
}

/// Bring the cache line of an item, which there need not be, to the first level.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn fetch<T>(items: &[T], i: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: nothing is read, and an address without memory is passed over.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(items.as_ptr().wrapping_add(i).cast()) };
}
