//! Buffers whose lack of memory is an error and not the end of the process.
//!
//! Every allocation of the core goes through `try_reserve`, most of them here. Two kinds of memory need none: tables
//! that are made at first use are statics, and what the standard library allocates for itself (threads, channels,
//! shared counts) cannot be asked for softly, so [`spare_room`] asks before.

use std::mem::MaybeUninit;

use crate::base::error::Error;

/// An empty buffer with room for that many items.
pub(crate) fn reserved<T>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    items.try_reserve_exact(len).map_err(|_| Error::OutOfMemory)?;
    Ok(items)
}

/// Append an item to a buffer.
#[inline]
pub(crate) fn push<T>(items: &mut Vec<T>, item: T) -> Result<(), Error> {
    items.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
    items.push(item);
    Ok(())
}

/// Make sure that there is some memory, far more than the standard library takes for a thread or a channel.
pub(crate) fn spare_room() -> Result<(), Error> {
    /// Bytes that are asked for and given back.
    const SPARE_BYTES: usize = 64 << 10;
    // Not optimised away.
    std::hint::black_box(reserved::<u8>(SPARE_BYTES)?);
    Ok(())
}

/// A buffer of zeros.
pub(crate) fn zeros<T: Copy + From<u8>>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = reserved(len)?;
    items.resize(len, T::from(0));
    Ok(items)
}

/// The same in large pages, where the system has them: for megabytes that are touched here and there.
///
/// In pages of 4 KiB the addresses fall out of the processor's tables: for the far primes of 10^9 integers at 10^15 to
/// 10^18 that took 6 % longer.
pub(crate) fn zeros_in_huge_pages<T: Copy + From<u8>>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = reserved(len)?;
    ask_for_huge_pages(items.spare_capacity_mut());
    items.resize(len, T::from(0));
    Ok(items)
}

/// Ask the system to give memory that nobody has touched yet in huge pages, which it may do or not: for megabytes. What
/// it gives 4 KiB at a time takes it twice as long to give.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "a system call that the standard library does not have")]
pub fn ask_for_huge_pages<T>(memory: &mut [MaybeUninit<T>]) {
    use std::ffi::{c_int, c_void};

    unsafe extern "C" {
        fn madvise(start: *mut c_void, len: usize, advice: c_int) -> c_int;
    }
    const MADV_HUGEPAGE: c_int = 14;
    /// Where an advice must begin; where pages are larger, it is refused.
    const PAGE_BYTES: usize = 4096;

    let (start, bytes) = (memory.as_mut_ptr().cast::<u8>(), size_of_val(memory));
    let before = start.addr() % PAGE_BYTES;
    // SAFETY: this advice changes nothing that a program can see but time. What it includes of the page before is
    // mapped as the rest of that page is.
    unsafe { madvise(start.wrapping_sub(before).cast(), before + bytes, MADV_HUGEPAGE) };
}

/// Huge pages are asked for on Linux alone.
#[cfg(not(target_os = "linux"))]
pub fn ask_for_huge_pages<T>(_: &mut [MaybeUninit<T>]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_of_any_length_are_zero() {
        for len in [0, 1, 100, 5000, 10 << 20] {
            for items in [zeros::<u32>(len), zeros_in_huge_pages(len)].map(Result::unwrap) {
                assert!(items.len() == len && items.iter().all(|&item| item == 0));
            }
        }
        assert_eq!(zeros::<u64>(usize::MAX / 8), Err(Error::OutOfMemory));
        assert_eq!(zeros_in_huge_pages::<u64>(usize::MAX / 8), Err(Error::OutOfMemory));
    }
}
