//! Primes into one buffer, straight from the bitmaps, by several threads.
//!
//! The interval is cut into pieces. A thread sieves a piece and counts its primes. When it is the turn of its piece, it
//! splits that many places off the front of the buffer, passes the rest to the next piece, and decodes into its part.
//! So nothing is sieved twice, nothing is moved, and the parts have no gaps, whatever their lengths.
//!
//! A second thread may need a millisecond to begin, and a million primes take no longer. Until it has begun, if chunks
//! are short, this thread goes on as if it were alone: chunk by chunk, each decoded while it is in the cache.

use std::mem::{self, MaybeUninit};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use crate::arithmetic::small_primes::{SMALL_LIMIT, small_primes_of};
use crate::base::error::Error;
use crate::base::estimate::likely_width;
use crate::base::memory::{push, spare_room};
use crate::base::progress::{KeepGoing, ask};
use crate::base::threads::{OnPanic, lock, wait_while};
use crate::bitmap::decode::decode;
use crate::interval::chunks::Chunks;
use crate::interval::split::Pieces;
use crate::interval::strategy::Strategy;

/// Write the smallest primes of the closed interval `[lo, hi]` to `out`, ascending, as many as fit. Returns their
/// number: that many places, from the front on, are initialised.
///
/// At most `threads` threads work. This one is the first, and it alone asks `keep_going`.
///
/// # Errors
///
/// [`Error::Interrupted`] if `keep_going` says no, [`Error::OutOfMemory`] if there is no memory for a buffer of the
/// sieve.
pub fn fill(
    out: &mut [MaybeUninit<u64>],
    lo: u64,
    hi: u64,
    threads: NonZero<usize>,
    keep_going: KeepGoing,
) -> Result<usize, Error> {
    let out_len = out.len();
    let small = small_primes_of(lo, hi);
    let (head, rest) = out.split_at_mut(small.len().min(out_len));
    for (to, &p) in head.iter_mut().zip(small) {
        to.write(p);
    }
    let lo = lo.max(SMALL_LIMIT);
    if rest.is_empty() || lo > hi {
        return Ok(head.len());
    }
    let threads = Pieces::new(lo, hi, rest.len() as u64, threads.get() as u64).threads;
    let left = if threads == 1 {
        by_this_thread(rest, &mut Chunks::new(lo, hi), &|| true, keep_going)?.len()
    } else {
        by_threads(rest, lo, hi, threads, keep_going)?
    };
    Ok(out_len - left)
}

/// Fill `rest` chunk by chunk, as long as this thread is alone; returns the part that is still to be filled.
fn by_this_thread<'a>(
    mut rest: &'a mut [MaybeUninit<u64>],
    chunks: &mut Chunks,
    is_alone: &dyn Fn() -> bool,
    keep_going: KeepGoing,
) -> Result<&'a mut [MaybeUninit<u64>], Error> {
    while !rest.is_empty() && is_alone() && chunks.advance(rest.len() as u64, keep_going)? {
        let done = decode(chunks.bytes(), chunks.first_byte(), rest.len(), rest);
        rest = &mut rest[done.len..];
    }
    Ok(rest)
}

/// The state that the threads pass to one another.
struct Turn<'a> {
    /// The piece whose turn it is.
    piece: u64,
    /// The rest of the buffer, for this piece and the following ones.
    rest: &'a mut [MaybeUninit<u64>],
    /// What went wrong.
    error: Option<Error>,
}

/// The work that the threads share.
struct Shared<'a> {
    /// Whether another thread than the first has begun.
    has_begun: AtomicBool,
    /// The interval to share, once it is known; none if there is nothing to share.
    pieces: OnceLock<Option<Pieces>>,
    next_piece: AtomicU64,
    /// Whether all threads can stop: the buffer is full, or something went wrong. It is set by the holder of the turn.
    stop: AtomicBool,
    turn: Mutex<Turn<'a>>,
    turned: Condvar,
}

/// Fill `rest` piece by piece; returns the length of the part that is not filled.
fn by_threads(
    rest: &mut [MaybeUninit<u64>],
    lo: u64,
    hi: u64,
    threads: u64,
    keep_going: KeepGoing,
) -> Result<usize, Error> {
    let shared = Shared {
        has_begun: AtomicBool::new(false),
        pieces: OnceLock::new(),
        next_piece: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        turn: Mutex::new(Turn { piece: 0, rest: &mut [], error: None }),
        turned: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // If the system has no more threads or no memory, the existing threads do the work.
            if spare_room().is_err() || thread::Builder::new().spawn_scoped(scope, || shared.help()).is_err() {
                break;
            }
        }
        if let Err(error) = shared.lead(rest, lo, hi, threads, keep_going) {
            shared.fail(error);
        }
    });
    let turn = shared.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    turn.error.map_or(Ok(turn.rest.len()), Err)
}

impl<'a> Shared<'a> {
    /// The work of the first thread: begin alone, then share the rest.
    fn lead(
        &self,
        rest: &'a mut [MaybeUninit<u64>],
        lo: u64,
        hi: u64,
        threads: u64,
        keep_going: KeepGoing,
    ) -> Result<(), Error> {
        let _guard = OnPanic(|| self.stop_in_panic());
        let mut chunks = Chunks::new(lo, hi);
        let likely_hi = lo + likely_width(lo, rest.len() as u64).min(hi - lo);
        // Otherwise one chunk may be the whole interval, or take so long that the others should not wait for it.
        let is_quick = matches!(Strategy::to_list(lo, likely_hi), Strategy::Bytes) && lo.isqrt() < SMALL_LIMIT;
        let is_alone = || is_quick && !self.has_begun.load(Relaxed);
        let rest = by_this_thread(rest, &mut chunks, &is_alone, keep_going);
        let rest = rest.inspect_err(|_| self.share(None))?;
        let len = rest.len() as u64;
        self.turn().rest = rest;
        self.share(chunks.next().filter(|_| len > 0).map(|next| Pieces::new(next, hi, len, threads)));
        if let Some(Some(pieces)) = self.pieces.get() {
            self.work(pieces, keep_going);
            // The scope waits for the others too, but without asking.
            self.wait_for(pieces.count(), keep_going)?;
        }
        Ok(())
    }

    /// The work of the other threads.
    fn help(&self) {
        self.has_begun.store(true, Relaxed);
        // The wait ends with a short chunk: to sleep and be woken would take as long.
        while self.pieces.get().is_none() {
            thread::yield_now();
        }
        if let Some(Some(pieces)) = self.pieces.get() {
            self.work(pieces, &mut || true);
        }
    }

    /// Publish the interval to share, unless that was done before.
    fn share(&self, pieces: Option<Pieces>) {
        let _ = self.pieces.set(pieces);
    }

    /// Do pieces until there are no more, or all can stop.
    fn work(&self, pieces: &Pieces, keep_going: KeepGoing) {
        let _guard = OnPanic(|| self.stop_in_panic());
        let mut bitmap = Bitmap::default();
        while let Some((piece, (lo, hi))) = self.claim(pieces) {
            let done = self.fill_part(piece, lo, hi, &mut bitmap, keep_going);
            if let Err(error) = done {
                self.fail(error);
                return;
            }
        }
    }

    fn claim(&self, pieces: &Pieces) -> Option<(u64, (u64, u64))> {
        let piece = self.next_piece.fetch_add(1, Relaxed);
        pieces.get(piece).filter(|_| !self.stop.load(Relaxed)).map(|ends| (piece, ends))
    }

    /// Do a piece. Once all threads can stop, its result does not matter.
    fn fill_part(&self, piece: u64, lo: u64, hi: u64, bitmap: &mut Bitmap, keep_going: KeepGoing) -> Result<(), Error> {
        bitmap.sieve(lo, hi, &mut || !self.stop.load(Relaxed) && keep_going())?;
        let count = bitmap.count();
        let Some(mut turn) = self.wait_for(piece, keep_going)? else {
            return Ok(());
        };
        let rest = mem::take(&mut turn.rest);
        let (part, rest) = rest.split_at_mut(count.min(rest.len()));
        if rest.is_empty() {
            self.stop.store(true, Relaxed);
        }
        turn.rest = rest;
        turn.piece += 1;
        drop(turn);
        self.turned.notify_all();
        bitmap.decode(part);
        Ok(())
    }

    /// Wait for the turn of a piece; none if all threads can stop.
    fn wait_for(&self, piece: u64, keep_going: KeepGoing) -> Result<Option<MutexGuard<'_, Turn<'a>>>, Error> {
        let others = |turn: &mut Turn| turn.piece != piece && !self.stop.load(Relaxed);
        loop {
            if let Some(turn) = wait_while(&self.turned, self.turn(), others) {
                return Ok((!self.stop.load(Relaxed)).then_some(turn));
            }
            ask(keep_going)?;
        }
    }

    /// Let all threads stop, and say why, unless they can stop already.
    fn fail(&self, error: Error) {
        let mut turn = self.turn();
        if !self.stop.swap(true, Relaxed) {
            turn.error = Some(error);
        }
        drop(turn);
        self.turned.notify_all();
    }

    /// Let all threads stop, whatever they wait for.
    fn stop_in_panic(&self) {
        self.stop.store(true, Relaxed);
        self.share(None);
        self.turned.notify_all();
    }

    fn turn(&self) -> MutexGuard<'_, Turn<'a>> {
        lock(&self.turn)
    }
}

/// The finished chunks of a piece, kept until the place of its primes is known.
#[derive(Default)]
struct Bitmap {
    bytes: Vec<u8>,
    /// For each chunk, its first byte among those of all integers, and its end in `bytes`.
    chunks: Vec<(u64, usize)>,
}

impl Bitmap {
    /// Sieve `[lo, hi]`.
    fn sieve(&mut self, lo: u64, hi: u64, keep_going: KeepGoing) -> Result<(), Error> {
        self.bytes.clear();
        self.chunks.clear();
        let mut chunks = Chunks::new(lo, hi);
        while chunks.advance(u64::MAX, keep_going)? {
            self.bytes.try_reserve(chunks.bytes().len()).map_err(|_| Error::OutOfMemory)?;
            self.bytes.extend_from_slice(chunks.bytes());
            push(&mut self.chunks, (chunks.first_byte(), self.bytes.len()))?;
        }
        Ok(())
    }

    fn count(&self) -> usize {
        let words = self.bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")));
        words.map(|composites| composites.count_zeros() as usize).sum()
    }

    /// Write the primes to `out`, as many as fit.
    fn decode(&self, mut out: &mut [MaybeUninit<u64>]) {
        let mut start = 0;
        for &(first_byte, end) in &self.chunks {
            let done = decode(&self.bytes[start..end], first_byte, out.len(), out);
            out = &mut out[done.len..];
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::blocks::PrimeBlocks;

    fn filled(len: usize, lo: u64, hi: u64, threads: usize) -> Vec<u64> {
        let mut out = vec![MaybeUninit::new(0); len];
        let count = fill(&mut out, lo, hi, NonZero::new(threads).unwrap(), &mut || true).unwrap();
        #[allow(unsafe_code, reason = "to look at what was filled")]
        // SAFETY: all of it was initialised above.
        out[..count].iter().map(|n| unsafe { n.assume_init() }).collect()
    }

    fn listed(n: u64, lo: u64, hi: u64) -> Vec<u64> {
        let mut blocks = PrimeBlocks::first_n_of_range(n, lo, hi);
        let mut primes = Vec::new();
        loop {
            match blocks.next_block(&mut || true).unwrap() {
                [] => return primes,
                block => primes.extend_from_slice(block),
            }
        }
    }

    #[test]
    fn any_number_of_threads_fills_in_what_blocks_deliver() {
        for (lo, hi) in [
            (0, 1),
            (0, 2),
            (0, 65_537),
            (65_520, 66_000),
            (90_000, 80_000),
            (0, 50_000_000),
            (1_000_000, 33_000_000),
            (1_000_000_000_000, 1_000_020_000_000),
            (u64::MAX - 1_000_000, u64::MAX),
        ] {
            let expected = listed(u64::MAX, lo, hi);
            let len = expected.len();
            for threads in [1, 2, 3, 8] {
                for room in [0, 1, len / 3, len.saturating_sub(1), len, len + 1, len + 100_000] {
                    let found = filled(room, lo, hi, threads);
                    assert!(found == expected[..room.min(len)], "{room} of [{lo}, {hi}] by {threads}");
                }
            }
        }
    }

    #[test]
    fn a_buffer_is_filled_although_the_interval_has_no_end() {
        for threads in [1, 2] {
            for (n, lo) in [(10, 0), (10_000, 0), (2_000_000, 0), (2_000_000, 1 << 40)] {
                assert!(filled(n, lo, u64::MAX, threads) == listed(n as u64, lo, u64::MAX), "{n} from {lo}");
            }
        }
    }

    #[test]
    fn an_interruption_stops_all_threads() {
        let mut out = vec![MaybeUninit::uninit(); 20_000_000];
        for threads in [1, 2, 5] {
            for after in [0, 1, 20] {
                let mut asked = 0;
                let mut keep_going = || {
                    asked += 1;
                    asked <= after
                };
                let threads = NonZero::new(threads).unwrap();
                let done = fill(&mut out, 0, u64::MAX, threads, &mut keep_going);
                assert_eq!(done, Err(Error::Interrupted));
                assert_eq!(asked, after + 1, "nobody is asked again after having said no");
            }
        }
    }

    #[test]
    fn a_panic_of_the_caller_comes_back() {
        let mut out = vec![MaybeUninit::uninit(); 5_000_000];
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            fill(&mut out, 0, u64::MAX, NonZero::new(3).unwrap(), &mut || panic!("asked"))
        }));
        assert!(panicked.is_err());
    }
}
