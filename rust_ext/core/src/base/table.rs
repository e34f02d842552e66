//! Tables that are made at first use, where they stay.
//!
//! `LazyLock` makes its value on the stack and moves it. For a table of 64 KiB, the stack of the main thread may have to
//! grow. Where a limit of the address space (`RLIMIT_AS`) leaves no room for that, the kernel kills the process: nobody
//! gets an error. A table that is made in place needs no stack. It also takes no room in the compiled file, as all of
//! it is zero there.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A table, to be a static.
pub(crate) struct Table<T> {
    // Each is zero at first; the state of a `Once` is not.
    made: AtomicBool,
    making: Mutex<()>,
    value: UnsafeCell<T>,
}

// SAFETY: many threads may read the value, for `T` is `Sync`. One thread writes to it, with the mutex, and before `made`
// is true; until then none reads. What it writes may be dropped by another: `T` is `Send`.
unsafe impl<T: Send + Sync> Sync for Table<T> {}

impl<T> Table<T> {
    pub(crate) const fn new(zeros: T) -> Self {
        Self { made: AtomicBool::new(false), making: Mutex::new(()), value: UnsafeCell::new(zeros) }
    }

    /// The table. The first to ask makes it of zeros; others wait meanwhile. `make` does not ask for the same table.
    /// One whose making panicked is never used.
    #[inline]
    pub(crate) fn made_by(&self, make: impl FnOnce(&mut T)) -> &T {
        if !self.made.load(Ordering::Acquire) {
            self.make(make);
        }
        // SAFETY: `made` was true, so what wrote the value happened before, and nobody will write to it again.
        unsafe { &*self.value.get() }
    }

    #[cold]
    fn make(&self, make: impl FnOnce(&mut T)) {
        let _making = self.making.lock().expect("the table was made without a panic");
        if !self.made.load(Ordering::Relaxed) {
            // SAFETY: who has the mutex is alone here, and nobody has a reference to the value before `made` is true.
            make(unsafe { &mut *self.value.get() });
            self.made.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicU32;
    use std::thread;

    use super::*;

    #[test]
    fn is_made_once_however_many_ask() {
        static TABLE: Table<[u64; 1000]> = Table::new([0; _]);
        let (times, together) = (AtomicU32::new(0), Barrier::new(4));
        let ask = || {
            together.wait();
            TABLE.made_by(|table| {
                times.fetch_add(1, Ordering::Relaxed);
                table.fill(7);
            })
        };
        thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(ask));
            assert!(threads.into_iter().all(|thread| thread.join().unwrap() == &[7; 1000]));
        });
        assert_eq!(times.into_inner(), 1);
    }
}
