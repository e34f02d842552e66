//! Buffers, of which a lack of memory is an error and not the end of the process.

use crate::error::Error;

/// An empty buffer with room for so many items.
pub(crate) fn reserved<T>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    items.try_reserve_exact(len).map_err(|_| Error::OutOfMemory)?;
    Ok(items)
}

/// A buffer of zeros.
pub(crate) fn zeros<T: Copy + From<u8>>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = reserved(len)?;
    items.resize(len, T::from(0));
    Ok(items)
}

/// The same in large pages, where the system has them: for megabytes of which any is touched at any time.
///
/// In pages of 4 KiB the addresses fall out of the processor's tables: for the far primes of 10^9 integers at 10^15 to
/// 10^18 that took 6 % longer.
pub(crate) fn zeros_in_huge_pages<T: Copy + From<u8>>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = reserved(len)?;
    ask_for_huge_pages(&mut items);
    items.resize(len, T::from(0));
    Ok(items)
}

/// Ask for huge pages before the memory of an empty buffer is touched for the first time. Where there are none, nothing
/// changes, and no answer is needed.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "a system call that the standard library does not have")]
fn ask_for_huge_pages<T>(items: &mut Vec<T>) {
    use std::ffi::{c_int, c_void};

    unsafe extern "C" {
        fn madvise(start: *mut c_void, len: usize, advice: c_int) -> c_int;
    }
    const MADV_HUGEPAGE: c_int = 14;
    /// The smallest page that there is, to whose bounds the call wants its start.
    const PAGE_BYTES: usize = 4096;

    let memory = items.spare_capacity_mut();
    let before = memory.as_ptr().cast::<u8>().align_offset(PAGE_BYTES);
    if let Some(bytes) = size_of_val(memory).checked_sub(before) {
        // SAFETY: the range lies within memory that the buffer owns. This advice changes nothing that a program can see
        // but time; where it cannot be followed, as with a start that larger pages find unaligned, it is refused.
        unsafe { madvise(memory.as_mut_ptr().cast::<u8>().add(before).cast(), bytes, MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages<T>(_: &mut Vec<T>) {}

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
