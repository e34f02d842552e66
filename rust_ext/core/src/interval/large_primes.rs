//! Sieving primes above 2^16: crossed off through a whole chunk at once.
//!
//! None is stored: they come block after block, and for each a division finds the first multiple in the chunk.

use crate::arithmetic::small_primes::SMALL_LIMIT;
use crate::arithmetic::wheel30::{GAPS, STEPS, byte_of, class_of, first_multiple};
use crate::base::error::Error;
use crate::base::progress::KeepGoing;
use crate::sieve::sieving_primes::SievingPrimes;

/// Cross off all primes from 2^16 to `largest` in a chunk whose first byte is `first_byte`.
pub(super) fn cross_off(chunk: &mut [u8], first_byte: u64, largest: u64, keep_going: KeepGoing) -> Result<(), Error> {
    let mut primes = SievingPrimes::new(SMALL_LIMIT, largest);
    loop {
        let block = primes.next_block(keep_going)?;
        if block.is_empty() {
            return Ok(());
        }
        for &p in block {
            cross_off_prime(chunk, first_byte, p);
        }
        if !keep_going() {
            return Err(Error::Interrupted);
        }
    }
}

fn cross_off_prime(chunk: &mut [u8], first_byte: u64, p: u64) {
    let (byte, mut i) = first_multiple(p, first_byte);
    if byte >= chunk.len() as u64 {
        return;
    }
    let mut byte = byte as usize;
    let quotient = byte_of(p) as usize;
    let steps = &STEPS[class_of(p)];
    while let Some(bits) = chunk.get_mut(byte) {
        *bits |= steps[i].mask;
        byte += quotient * usize::from(GAPS[i]) + usize::from(steps[i].carry_bytes);
        i = (i + 1) % 8;
    }
}
