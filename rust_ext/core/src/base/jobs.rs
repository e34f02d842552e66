//! Jobs shared by threads: one counter hands them out, and what comes of them is taken in order.
//!
//! The thread that calls works as well. It alone asks the caller whether to go on, because the caller may want to be
//! asked from its own thread; the others are told through a flag.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::base::error::Error;
use crate::base::progress::KeepGoing;

/// Between two questions of a thread that has nothing left to do but wait for the others.
const WAIT: Duration = Duration::from_millis(2);

/// Do the jobs `0..jobs` on this many threads and give their results to `take`, in order.
///
/// `go_on` is told how many jobs are done. Where the system refuses a thread, there are fewer.
pub(crate) fn share<T: Send>(
    threads: usize,
    jobs: usize,
    go_on: &mut dyn FnMut(usize) -> bool,
    work: &(impl Fn(usize, KeepGoing) -> Result<T, Error> + Sync),
    take: impl FnMut(T) + Send,
) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let results = Mutex::new(InOrder { next: 0, early: BTreeMap::new(), take });
    let run = |ask: KeepGoing| -> Result<(), Error> {
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                return Ok(());
            }
            let result = work(job, ask).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
            results.lock().unwrap_or_else(PoisonError::into_inner).put(job, result);
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut go_on = || {
        let go = !stop.load(Ordering::Relaxed) && go_on(done.load(Ordering::Relaxed));
        if !go {
            stop.store(true, Ordering::Relaxed);
        }
        go
    };
    let others = threads.min(jobs).saturating_sub(1);
    if others == 0 {
        return run(&mut go_on);
    }
    thread::scope(|scope| {
        let _guard = StopInPanic(&stop);
        let caller = thread::current();
        let others: Vec<_> = (0..others)
            .map_while(|_| {
                let (run, stop, caller) = (&run, &stop, caller.clone());
                let join_in = move || {
                    let _guard = StopInPanic(stop);
                    let result = run(&mut || !stop.load(Ordering::Relaxed));
                    caller.unpark();
                    result
                };
                thread::Builder::new().spawn_scoped(scope, join_in).ok()
            })
            .collect();
        let mut outcome = run(&mut go_on);
        while others.iter().any(|other| !other.is_finished()) {
            if outcome.is_ok() && !go_on() {
                outcome = Err(Error::Interrupted);
            }
            thread::park_timeout(WAIT);
        }
        for other in others {
            let ended = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // Whoever failed first stopped the others, which then were interrupted.
            if matches!(outcome, Ok(()) | Err(Error::Interrupted)) && ended.is_err() {
                outcome = ended;
            }
        }
        outcome
    })
}

/// Lets all stop where a thread panics, lest that is only heard of when the others have done the rest.
struct StopInPanic<'a>(&'a AtomicBool);

impl Drop for StopInPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// Passes results on in the order of their jobs.
struct InOrder<T, F> {
    next: usize,
    early: BTreeMap<usize, T>,
    take: F,
}

impl<T, F: FnMut(T)> InOrder<T, F> {
    fn put(&mut self, job: usize, result: T) {
        self.early.insert(job, result);
        while let Some(result) = self.early.remove(&self.next) {
            (self.take)(result);
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            let work = |job: usize, _: KeepGoing| {
                thread::sleep(Duration::from_micros(50 * (job as u64 % 5)));
                Ok(job)
            };
            share(threads, 100, &mut |_| true, &work, |job| seen.push(job)).unwrap();
            assert_eq!(seen, (0..100).collect::<Vec<_>>(), "{threads} threads");
        }
        share(3, 0, &mut |_| true, &|_, _| Ok(()), |()| panic!("there was no job")).unwrap();
    }

    #[test]
    fn whoever_fails_or_is_stopped_stops_all() {
        for threads in [1, 2, 7] {
            let work = |job: usize, ask: KeepGoing| {
                if job == 10 {
                    return Err(Error::OutOfMemory);
                }
                if ask() { Ok(()) } else { Err(Error::Interrupted) }
            };
            assert_eq!(share(threads, 1000, &mut |_| true, &work, |()| ()), Err(Error::OutOfMemory));
            // Jobs that end only when they are stopped: the caller's question gets through.
            let work = |_: usize, ask: KeepGoing| {
                while ask() {
                    thread::yield_now();
                }
                Err::<(), _>(Error::Interrupted)
            };
            let mut questions = 0;
            let mut few = |_: usize| {
                questions += 1;
                questions < 50
            };
            assert_eq!(share(threads, 1000, &mut few, &work, |()| ()), Err(Error::Interrupted));
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                share(threads, 1000, &mut |_| panic!("asked"), &work, |()| ())
            }));
            assert!(panicked.is_err(), "and so does its panic");
        }
    }
}
