//! Large buffers, in large pages where the system has them.
//!
//! The far primes set bits anywhere in megabytes. In pages of 4 KiB the addresses of these fall out of the processor's
//! tables: 10^9 integers at 10^15 to 10^18 took 6 % longer.

use crate::error::Error;

/// A buffer of zeros.
pub(crate) fn zeros<T: Copy + From<u8>>(len: usize) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    items.try_reserve_exact(len).map_err(|_| Error::OutOfMemory)?;
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
            let items: Vec<u32> = zeros(len).unwrap();
            assert!(items.len() == len && items.iter().all(|&item| item == 0));
        }
        assert!(matches!(zeros::<u64>(usize::MAX / 8), Err(Error::OutOfMemory)));
    }
}
