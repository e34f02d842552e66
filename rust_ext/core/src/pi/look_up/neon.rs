//! Look-ups from places that vectors find.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers, and quotients looked up unchecked")]

use super::layout::PER_WORD;
use crate::pi::coprime_words::MASKS_32;
use crate::pi::quotients::neon::find;
use crate::pi::quotients::{BATCH_LEN, Divisors, quotients};

/// The sum of pi over `quotient / q`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 120 * words.len()`.
#[target_feature(enable = "neon")]
pub(crate) unsafe fn look_up(words: &[u64], lo: u64, quotient: u64, q: Divisors) -> u64 {
    assert!(words.len() as u64 <= (1 << 32) / PER_WORD, "the plan has no table that is so long");
    let mut sum = 0;
    let (mut quotients_buffer, mut places, mut kept) = ([0; BATCH_LEN], [[0; 2]; BATCH_LEN], [0; BATCH_LEN]);
    for q in q.batches(BATCH_LEN) {
        let len = q.len();
        quotients(quotient, q, &mut quotients_buffer);
        find::<{ PER_WORD as u32 }, 6>(&quotients_buffer, lo, len, &mut places);
        for (kept, &[word, rest]) in kept.iter_mut().zip(&places[..len]) {
            // SAFETY: the caller's, and a remainder is less than the length of the masks.
            let (word, mask) = unsafe { (words.get_unchecked(word as usize), MASKS_32.get_unchecked(rest as usize)) };
            sum += word >> 32;
            *kept = *word as u32 & mask;
        }
        sum += u64::from(kept[..len].iter().map(|kept| kept.count_ones()).sum::<u32>());
    }
    sum
}
