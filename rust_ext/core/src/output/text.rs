//! Primes as text in ascending blocks. Several threads make them while the caller uses the previous blocks.
//!
//! The interval is cut into pieces. A thread claims a piece, and with it a place in the queue, where it leaves the
//! receiving end of a channel. It sends the text of the piece through this channel, block by block. The caller takes
//! one channel after the other out of the queue, and receives all blocks of each, so the text is in order. Queue and
//! channels have bounds: a thread that is far ahead waits.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::base::error::Error;
use crate::base::memory::{push, reserved, spare_room};
use crate::base::progress::KeepGoing;
use crate::base::threads::{ASK_EVERY, lock};
use crate::base::tuning::BLOCK_LEN;
use crate::interval::split::Pieces;
use crate::output::blocks::PrimeBlocks;
use crate::output::decimal::{DecimalWriter, Text};

/// A block is sent when it has this many bytes: few enough for the second-level cache if it is used at once, and enough
/// to make the overhead of the caller small. Not tuned.
const BLOCK_BYTES: usize = 256 << 10;

/// The most blocks of a piece that may wait to be received. A piece has fewer, unless it lies far out. With their spare
/// room they take 11 MiB. With a lower limit, threads wait for their turn with half a piece. Not tuned.
const BLOCKS_AHEAD: usize = 32;

/// The most threads, because the blocks of a piece may wait in each. More were not tried.
const THREADS_MAX: usize = 4;

/// The smallest primes of a closed interval as decimal text, each followed by a separator, in blocks.
pub struct TextBlocks {
    hi: u64,
    /// The number of primes that are still to be returned.
    remaining: u64,
    /// The number of threads that may make the text; if it is one, the caller makes it.
    threads: u64,
    /// The blocks that the caller makes: the first ones, each with twice as many primes as the one before, or all.
    blocks: PrimeBlocks,
    writer: DecimalWriter,
    separator: Arc<[u8]>,
    spare: Arc<Spare>,
    makers: Option<Makers>,
}

impl TextBlocks {
    /// The `n` smallest primes of `[lo, hi]`, or all where there are fewer. The separator is not empty and holds no
    /// digit.
    ///
    /// If it is worthwhile, up to this number of threads, but at most four, make the text beside this one.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] if there is no memory to begin with.
    pub fn new(n: u64, lo: u64, hi: u64, separator: &[u8], threads: usize) -> Result<Self, Error> {
        debug_assert!(!separator.is_empty() && !separator.iter().any(u8::is_ascii_digit));
        spare_room()?;
        Ok(Self {
            hi,
            remaining: n,
            threads: threads.min(THREADS_MAX) as u64,
            blocks: PrimeBlocks::first_n_of_range(n, lo, hi).gradually(),
            writer: DecimalWriter::new(separator)?,
            separator: separator.into(),
            spare: Arc::default(),
            makers: None,
        })
    }

    /// The next block; none if all have been returned.
    ///
    /// `keep_going` is asked at least every few milliseconds while this thread works or waits.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] when `keep_going` says no, [`Error::OutOfMemory`] when a buffer cannot be had. No block
    /// follows an error.
    ///
    /// # Panics
    ///
    /// If one of the threads panicked. No block follows that either.
    pub fn next_block(&mut self, keep_going: KeepGoing) -> Result<Option<TextBlock>, Error> {
        // Nothing remains, and there are no threads, unless a block comes.
        let remaining = std::mem::take(&mut self.remaining);
        let (next, makers) = match self.makers.take() {
            _ if remaining == 0 => (Ok(None), None),
            Some(mut makers) => (makers.next_block(keep_going), Some(makers)),
            None => self.make_block(remaining, keep_going),
        };
        if let Ok(Some(mut block)) = next {
            block.text.truncate(remaining, self.separator.len());
            self.remaining = remaining - block.count();
            self.makers = makers;
            return Ok(Some(block));
        }
        next
    }

    /// The next block without threads. Once the blocks have become large, threads take over.
    fn make_block(&mut self, remaining: u64, keep_going: KeepGoing) -> (Message, Option<Makers>) {
        let mut block = self.spare.block();
        if let Err(error) = write_block(&mut self.blocks, &mut self.writer, &mut block, keep_going) {
            return (Err(error), None);
        }
        let mut makers = None;
        if self.threads > 1
            && block.len() >= BLOCK_BYTES
            && block.count() < remaining
            && let Some(lo) = self.blocks.block().last().map(|last| last + 1).filter(|&lo| lo <= self.hi)
        {
            let pieces = Pieces::new(lo, self.hi, remaining - block.count(), self.threads);
            if pieces.threads > 1 {
                makers = Makers::start(pieces, &self.separator, &self.spare);
            }
        }
        (Ok(Some(block).filter(|block| block.count() > 0)), makers)
    }
}

/// Fill a block; it stays empty if there are no more primes.
fn write_block(
    blocks: &mut PrimeBlocks,
    writer: &mut DecimalWriter,
    to: &mut TextBlock,
    keep_going: KeepGoing,
) -> Result<(), Error> {
    writer.write(blocks.next_block(keep_going)?, &mut to.text)?;
    // What needs no search is taken along.
    while to.len() < BLOCK_BYTES && blocks.load_ready()? {
        writer.write(blocks.block(), &mut to.text)?;
    }
    Ok(())
}

/// A block of text, whose memory serves another one when it is dropped.
pub struct TextBlock {
    text: Text,
    spare: Arc<Spare>,
}

impl TextBlock {
    /// The number of its primes.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.text.count()
    }
}

impl Deref for TextBlock {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Drop for TextBlock {
    fn drop(&mut self) {
        // If there is no memory to keep it, it is freed.
        let _ = push(&mut lock(&self.spare.0), std::mem::take(&mut self.text));
    }
}

/// Memory of blocks that were dropped. The system would take longer to give new memory than it takes to write the text.
#[derive(Default)]
struct Spare(Mutex<Vec<Text>>);

impl Spare {
    /// An empty block.
    fn block(self: &Arc<Self>) -> TextBlock {
        let mut text = lock(&self.0).pop().unwrap_or_default();
        text.clear();
        TextBlock { text, spare: Arc::clone(self) }
    }
}

/// A message in the channel of a piece: a block, at the end no block, or an error.
type Message = Result<Option<TextBlock>, Error>;

/// The work that the threads share.
struct Shared {
    pieces: Pieces,
    separator: Arc<[u8]>,
    spare: Arc<Spare>,
    /// The next piece to claim, and the queue, in the order of pieces.
    claims: Mutex<(u64, SyncSender<Receiver<Message>>)>,
    stop: AtomicBool,
    /// Whether a thread had no memory to claim a piece, which then never comes.
    is_out_of_memory: AtomicBool,
}

/// The threads, as the caller sees them.
struct Makers {
    shared: Arc<Shared>,
    queue: Option<Receiver<Receiver<Message>>>,
    /// The channel of the current piece, and the number of channels that have ended before it.
    piece: Option<Receiver<Message>>,
    finished: u64,
    threads: Vec<JoinHandle<()>>,
}

impl Makers {
    /// Start the threads; none if the system has no threads or no memory.
    fn start(pieces: Pieces, separator: &Arc<[u8]>, spare: &Arc<Spare>) -> Option<Self> {
        spare_room().ok()?;
        let (sender, queue) = sync_channel(pieces.threads as usize);
        let shared = Arc::new(Shared {
            pieces,
            separator: Arc::clone(separator),
            spare: Arc::clone(spare),
            claims: Mutex::new((0, sender)),
            stop: AtomicBool::new(false),
            is_out_of_memory: AtomicBool::new(false),
        });
        let mut threads = reserved(shared.pieces.threads as usize).ok()?;
        for _ in 0..shared.pieces.threads {
            if spare_room().is_err() {
                break;
            }
            let shared = Arc::clone(&shared);
            let Ok(thread) = thread::Builder::new().spawn(move || shared.work()) else { break };
            threads.push(thread);
        }
        (!threads.is_empty()).then_some(Self { shared, queue: Some(queue), piece: None, finished: 0, threads })
    }

    fn next_block(&mut self, keep_going: KeepGoing) -> Message {
        while self.finished < self.shared.pieces.count() {
            let piece = match (self.piece.take(), &self.queue) {
                (None, Some(queue)) => {
                    let is_out_of_memory = || self.shared.is_out_of_memory.load(Relaxed);
                    let piece = wait_for(queue, &mut || !is_out_of_memory() && keep_going());
                    piece.map_err(|error| if is_out_of_memory() { Error::OutOfMemory } else { error })?
                }
                (Some(piece), _) => piece,
                (None, None) => unreachable!("the queue is there until the makers is dropped"),
            };
            if let Some(block) = wait_for(&piece, keep_going)?? {
                self.piece = Some(piece);
                return Ok(Some(block));
            }
            self.finished += 1;
        }
        Ok(None)
    }
}

impl Drop for Makers {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
        // A thread that waits to send learns that nobody receives.
        self.queue = None;
        self.piece = None;
        for thread in self.threads.drain(..) {
            // The channel that it left without a message has reported its panic.
            let _ = thread.join();
        }
    }
}

/// Receive the next message, which comes unless a thread panics.
fn wait_for<T>(from: &Receiver<T>, keep_going: KeepGoing) -> Result<T, Error> {
    loop {
        match from.recv_timeout(ASK_EVERY) {
            Ok(message) => return Ok(message),
            Err(RecvTimeoutError::Timeout) if keep_going() => {}
            Err(RecvTimeoutError::Timeout) => return Err(Error::Interrupted),
            Err(RecvTimeoutError::Disconnected) => panic!("a thread that makes text has panicked"),
        }
    }
}

impl Shared {
    /// Do pieces until there are no more, or until nobody receives them.
    fn work(&self) {
        while let Some(((lo, hi), to)) = self.claim() {
            let mut blocks = PrimeBlocks::range(lo, hi);
            let mut writer = match DecimalWriter::new(&self.separator) {
                Ok(writer) => writer,
                Err(error) => {
                    let _ = to.send(Err(error));
                    return;
                }
            };
            loop {
                let mut block = self.spare.block();
                // No larger than necessary, because there may be many.
                let room = block.text.reserve(BLOCK_BYTES + writer.room(BLOCK_LEN));
                let done = room
                    .and_then(|()| write_block(&mut blocks, &mut writer, &mut block, &mut || !self.stop.load(Relaxed)));
                let message = done.map(|()| Some(block).filter(|block| block.count() > 0));
                let is_last = !matches!(message, Ok(Some(_)));
                if to.send(message).is_err() {
                    return;
                }
                if is_last {
                    break;
                }
            }
        }
    }

    /// The ends of a piece, and where its text goes.
    fn claim(&self) -> Option<((u64, u64), SyncSender<Message>)> {
        let mut claims = lock(&self.claims);
        let (next, queue) = &mut *claims;
        let ends = self.pieces.get(*next)?;
        if spare_room().is_err() {
            self.is_out_of_memory.store(true, Relaxed);
            return None;
        }
        let (to, from) = sync_channel(BLOCKS_AHEAD);
        queue.send(from).ok()?;
        *next += 1;
        Some((ends, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The primes of `[lo, hi]`, at most `n`, a line each.
    fn lines(n: u64, lo: u64, hi: u64) -> Vec<u8> {
        let mut blocks = PrimeBlocks::first_n_of_range(n, lo, hi);
        let mut text = Vec::new();
        loop {
            match blocks.next_block(&mut || true).unwrap() {
                [] => return text,
                block => block.iter().for_each(|p| text.extend_from_slice((p.to_string() + "\n").as_bytes())),
            }
        }
    }

    fn written(n: u64, lo: u64, hi: u64, threads: usize) -> Vec<u8> {
        let mut blocks = TextBlocks::new(n, lo, hi, b"\n", threads).unwrap();
        let (mut text, mut count) = (Vec::new(), 0);
        while let Some(block) = blocks.next_block(&mut || true).unwrap() {
            assert!(block.count() > 0);
            text.extend_from_slice(&block);
            count += block.count();
        }
        assert_eq!(count, text.split(|&byte| byte == b'\n').count() as u64 - 1);
        assert!(blocks.next_block(&mut || true).unwrap().is_none(), "the end stays");
        text
    }

    #[test]
    fn any_number_of_threads_writes_the_same() {
        for (lo, hi) in [
            (0, 1),
            (0, 2),
            (0, 100_000),
            (90_000, 80_000),
            (0, 30_000_000),
            (1_000_000_000_000, 1_000_020_000_000),
            (u64::MAX - 10_000_000, u64::MAX),
        ] {
            let expected = lines(u64::MAX, lo, hi);
            for threads in [1, 2, 3, 8] {
                assert!(written(u64::MAX, lo, hi, threads) == expected, "[{lo}, {hi}] by {threads}");
            }
        }
    }

    #[test]
    fn the_text_ends_with_the_last_prime_that_is_wanted() {
        for n in [1, 100, 30_000, 1_000_000, 1_234_567] {
            for threads in [1, 2, 3] {
                assert!(written(n, 0, u64::MAX, threads) == lines(n, 0, u64::MAX), "{n} by {threads}");
            }
        }
    }

    #[test]
    fn whoever_has_enough_or_interrupts_ends_the_threads() {
        for threads in [1, 2, 5] {
            for after in [0, 1, 20] {
                let mut blocks = TextBlocks::new(u64::MAX, 1 << 60, u64::MAX, b"\n", threads).unwrap();
                let mut asked = 0;
                let mut keep_going = || {
                    asked += 1;
                    asked <= after
                };
                let error = loop {
                    match blocks.next_block(&mut keep_going) {
                        Ok(block) => assert!(block.is_some()),
                        Err(error) => break error,
                    }
                };
                assert_eq!(error, Error::Interrupted);
                assert!(blocks.next_block(&mut || true).unwrap().is_none(), "no block follows an error");
            }
            let mut blocks = TextBlocks::new(u64::MAX, 0, u64::MAX, b"\n", threads).unwrap();
            for _ in 0..100 {
                assert!(blocks.next_block(&mut || true).unwrap().is_some());
            }
        }
        for stop in [|blocks: &mut TextBlocks| while blocks.next_block(&mut || false).is_ok() {}, |_: &mut _| ()] {
            let mut blocks = until_there_are_threads();
            let shared = Arc::downgrade(&blocks.makers.as_ref().unwrap().shared);
            stop(&mut blocks);
            drop(blocks);
            assert!(shared.upgrade().is_none());
        }
    }

    fn until_there_are_threads() -> TextBlocks {
        let mut blocks = TextBlocks::new(u64::MAX, 0, u64::MAX, b"\n", 2).unwrap();
        while blocks.makers.is_none() {
            assert!(blocks.next_block(&mut || true).unwrap().is_some());
        }
        blocks
    }

    #[test]
    fn memory_serves_again() {
        let mut blocks = TextBlocks::new(u64::MAX, 0, 400_000_000, b"\n", 2).unwrap();
        while blocks.next_block(&mut || true).unwrap().is_some() {}
        let texts = lock(&blocks.spare.0).len();
        // Each thread has one piece in its hands, and the queue as many more.
        assert!(texts <= 4 * (BLOCKS_AHEAD + 2), "{texts}");
    }

    #[test]
    fn a_panic_of_a_thread_is_told() {
        let mut blocks = until_there_are_threads();
        // As a thread leaves it that panics.
        let (_, abandoned) = sync_channel(1);
        blocks.makers.as_mut().unwrap().piece = Some(abandoned);
        let panicked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| blocks.next_block(&mut || true).is_ok()));
        assert!(panicked.is_err());
        assert!(blocks.next_block(&mut || true).unwrap().is_none(), "no block follows a panic");
    }
}
