//! What all work that threads share has in common: locks, waiting, and what becomes of a panic.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Between two questions whether to go on, while a thread waits for others.
pub(crate) const ASK_EVERY: Duration = Duration::from_millis(5);

/// Lock a mutex. A panic while it was locked does not matter: [`OnPanic`] lets all stop then.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wait as long as `is_too_early` says, but at most until the next question: then there is no guard.
pub(crate) fn wait_while<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    is_too_early: impl FnMut(&mut T) -> bool,
) -> Option<MutexGuard<'a, T>> {
    let waited = condvar.wait_timeout_while(guard, ASK_EVERY, is_too_early);
    let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
    (!timeout.timed_out()).then_some(guard)
}

/// Does something if the thread panics while this lives: the others must hear of it, or they would do the rest of the
/// work first, or wait for ever.
pub(crate) struct OnPanic<F: Fn()>(pub(crate) F);

impl<F: Fn()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            (self.0)();
        }
    }
}
