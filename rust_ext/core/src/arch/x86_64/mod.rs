//! Code for x86-64, a folder for each level and in it a file for each room.

pub(crate) mod avx2;
pub(crate) mod avx512;

#[allow(unsafe_code, reason = "the instruction takes an address")]
mod fetch {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

    /// Bring the cache line of an item, which there need not be, to the first level.
    #[inline(always)]
    pub(crate) fn fetch<T>(items: &[T], i: usize) {
        // SAFETY: nothing is read, and an address without memory is passed over.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(items.as_ptr().wrapping_add(i).cast()) };
    }
}
pub(crate) use fetch::fetch;
