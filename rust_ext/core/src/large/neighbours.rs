//! The primes next to an integer above 2^64.

use super::interval::{Window, likely_odds};
use super::words::{copied, difference, sum};
use crate::base::error::Error;
use crate::base::progress::{KeepGoing, Steps};

/// The smallest prime above `n`, an integer from 2^64 - 1 on without leading zeros.
///
/// # Errors
///
/// [`Error::Interrupted`] where `keep_going` says no, [`Error::OutOfMemory`].
pub fn next_large_prime(n: &[u64], keep_going: KeepGoing) -> Result<Vec<u64>, Error> {
    let steps = &mut Steps::new(keep_going);
    let odds = likely_odds(n);
    let mut base = sum(n, if n[0].is_multiple_of(2) { 1 } else { 2 })?;
    loop {
        let window = Window::sieved(base, odds, steps)?;
        if let Some(offset) = window.first(steps)? {
            return window.integer(offset);
        }
        base = window.integer(2 * odds)?;
    }
}

/// The largest prime below `n` that is above 2^64, where there is one; `n`, without leading zeros, is above 2^64, too.
///
/// # Errors
///
/// As for [`next_large_prime`].
pub fn prev_large_prime(n: &[u64], keep_going: KeepGoing) -> Result<Option<Vec<u64>>, Error> {
    let steps = &mut Steps::new(keep_going);
    let likely = likely_odds(n);
    // One past the last odd integer that is left.
    let mut end = copied(n)?;
    end[0] |= 1;
    loop {
        // Windows end above 2^64, and the last one begins behind it.
        let room = if end.len() == 2 && end[1] == 1 { (end[0] - 1) / 2 } else { u64::MAX };
        let odds = likely.min(room);
        if odds == 0 {
            return Ok(None);
        }
        let Some(base) = difference(&end, 2 * odds)? else { return Ok(None) };
        let window = Window::sieved(copied(&base)?, odds, steps)?;
        if let Some(offset) = window.last(steps)? {
            return window.integer(offset).map(Some);
        }
        end = base;
    }
}
