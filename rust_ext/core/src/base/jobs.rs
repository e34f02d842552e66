//! Jobs that threads share: one counter hands them out, and their results are taken in order.
//!
//! The thread that calls works as well. It alone asks the caller whether to go on, because the caller may want to be
//! asked from its own thread. The others hear of it through a flag.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::base::error::Error;
use crate::base::memory::spare_room;
use crate::base::progress::KeepGoing;
use crate::base::threads::{ASK_EVERY, OnPanic, lock};

/// Do the jobs `0..jobs` on this many threads and give their results to `take`, in order.
///
/// `go_on` is told how many jobs are done.
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
    let results = Mutex::new(InOrder { next: 0, early: VecDeque::new(), take });
    let run = |ask: KeepGoing| -> Result<(), Error> {
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                return Ok(());
            }
            let result = work(job, ask).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
            lock(&results).put(job, result).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
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
        let _guard = OnPanic(|| stop.store(true, Ordering::Relaxed));
        let caller = thread::current();
        let mut helpers = Vec::new();
        // Where the system has no thread to give, or no memory, those that there are do the work.
        while helpers.len() < others && spare_room().is_ok() && helpers.try_reserve(1).is_ok() {
            let (run, stop, caller) = (&run, &stop, caller.clone());
            let join_in = move || {
                let _guard = OnPanic(|| stop.store(true, Ordering::Relaxed));
                let result = run(&mut || !stop.load(Ordering::Relaxed));
                caller.unpark();
                result
            };
            match thread::Builder::new().spawn_scoped(scope, join_in) {
                Ok(helper) => helpers.push(helper),
                Err(_) => break,
            }
        }
        let mut outcome = run(&mut go_on);
        while helpers.iter().any(|helper| !helper.is_finished()) {
            if outcome.is_ok() && !go_on() {
                outcome = Err(Error::Interrupted);
            }
            thread::park_timeout(ASK_EVERY);
        }
        for helper in helpers {
            let ended = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // The first thread that failed stopped the others, which were then interrupted.
            if matches!(outcome, Ok(()) | Err(Error::Interrupted)) && ended.is_err() {
                outcome = ended;
            }
        }
        outcome
    })
}

/// Passes results on in the order of their jobs.
struct InOrder<T, F> {
    next: usize,
    /// The results of the jobs from the next on, as far as there are any.
    early: VecDeque<Option<T>>,
    take: F,
}

impl<T, F: FnMut(T)> InOrder<T, F> {
    fn put(&mut self, job: usize, result: T) -> Result<(), Error> {
        let place = job - self.next;
        if place >= self.early.len() {
            self.early.try_reserve(place + 1 - self.early.len()).map_err(|_| Error::OutOfMemory)?;
            self.early.resize_with(place + 1, || None);
        }
        self.early[place] = Some(result);
        while let Some(result) = self.early.front_mut().and_then(Option::take) {
            self.early.pop_front();
            (self.take)(result);
            self.next += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
