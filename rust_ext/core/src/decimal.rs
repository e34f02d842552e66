//! Primes as decimal text.

use std::sync::LazyLock;

use crate::error::Error;

/// How many integers the last four digits tell apart.
const LAST_DIGITS: u64 = 10_000;

/// Most bytes before the last four digits: 2^64 has twenty.
const LEADING_BYTES: usize = 16;

/// Bytes of the last four digits and a separator where they are stored at once.
const END_BYTES: usize = 8;

/// The last four digits of an integer, as text.
static FOUR_DIGITS: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let digit = |n: u64| b'0' + (n % 10) as u8;
    (0..LAST_DIGITS).map(|n| [digit(n / 1000), digit(n / 100), digit(n / 10), digit(n)]).collect()
});

/// Writes ascending integers, each followed by a separator.
///
/// The digits before the last four are mostly those of the integer before. So an item is two stores: these digits, which
/// are kept, and over what the first store wrote too much, the last four digits with the separator.
pub struct DecimalWriter {
    separator: Vec<u8>,
    /// So many integers from `first` on have the leading digits that are kept: none or 10^4.
    kept: u64,
    first: u64,
    leading: [u8; LEADING_BYTES],
    leading_len: usize,
    /// What has been written, and room for more.
    text: Vec<u8>,
    text_len: usize,
}

impl DecimalWriter {
    /// A writer that puts `separator` after each integer.
    #[must_use]
    pub fn new(separator: &[u8]) -> Self {
        Self {
            separator: separator.to_vec(),
            kept: 0,
            first: 0,
            leading: [0; LEADING_BYTES],
            leading_len: 0,
            text: Vec::new(),
            text_len: 0,
        }
    }

    /// What has been written.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text[..self.text_len]
    }

    /// Forget what has been written.
    pub fn clear(&mut self) {
        self.text_len = 0;
    }

    /// Write a block of integers.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] when the text does not fit into memory.
    pub fn write(&mut self, block: &[u64]) -> Result<(), Error> {
        let most = block.len() * (LEADING_BYTES + 4 + self.separator.len()) + LEADING_BYTES + END_BYTES;
        let enough = self.text_len.saturating_add(most);
        if enough > self.text.len() {
            self.text.try_reserve(enough - self.text.len()).map_err(|_| Error::OutOfMemory)?;
            self.text.resize(self.text.capacity(), 0);
        }
        let digits: &[[u8; 4]] = &FOUR_DIGITS;
        // Digits and separator in one store, if it is short.
        let mut end = [0; END_BYTES];
        let short = self.separator.len() <= END_BYTES - 4;
        if short {
            end[4..4 + self.separator.len()].copy_from_slice(&self.separator);
        }
        let end = u64::from_le_bytes(end);
        for &n in block {
            let last = n.wrapping_sub(self.first);
            // A block has its room, and to look is what lets the stores be plain.
            let room = self.text[self.text_len..].first_chunk_mut::<{ LEADING_BYTES + END_BYTES }>();
            if let Some(room) = room
                && last < self.kept
                && short
            {
                let digits = u32::from_le_bytes(digits[last as usize]);
                let leading_len = self.leading_len.min(LEADING_BYTES);
                room[..LEADING_BYTES].copy_from_slice(&self.leading);
                room[leading_len..leading_len + END_BYTES].copy_from_slice(&(end | u64::from(digits)).to_le_bytes());
                self.text_len += leading_len + 4 + self.separator.len();
            } else {
                self.write_anew(n);
            }
        }
        Ok(())
    }

    /// Write an integer digit by digit, and keep its leading ones.
    fn write_anew(&mut self, n: u64) {
        let text = n.to_string();
        for piece in [text.as_bytes(), &self.separator] {
            self.text[self.text_len..self.text_len + piece.len()].copy_from_slice(piece);
            self.text_len += piece.len();
        }
        // Shorter integers differ in length.
        if n >= LAST_DIGITS {
            self.first = n - n % LAST_DIGITS;
            self.kept = LAST_DIGITS;
            self.leading_len = text.len() - 4;
            self.leading[..self.leading_len].copy_from_slice(&text.as_bytes()[..self.leading_len]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_the_standard_library_writes() {
        let block: Vec<u64> =
            (0..30_000).chain([99_999_999, 100_000_000, 1 << 53, u64::MAX - 10_000, u64::MAX]).collect();
        for separator in ["", "\n", ", ", " -- ", " --- ", "a longer one"] {
            let mut writer = DecimalWriter::new(separator.as_bytes());
            writer.write(&block[..5]).unwrap();
            assert_eq!(writer.text(), ["0", "1", "2", "3", "4", ""].join(separator).as_bytes());
            writer.clear();
            writer.write(&block[..12_345]).unwrap();
            writer.write(&block[12_345..]).unwrap();
            let expected: Vec<String> = block.iter().map(u64::to_string).collect();
            assert!(writer.text() == (expected.join(separator) + separator).as_bytes(), "{separator:?}");
        }
    }
}
