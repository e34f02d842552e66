//! Primes as decimal text.

use std::sync::LazyLock;

use crate::error::Error;

/// The last four digits of an integer, as text.
static FOUR_DIGITS: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let digit = |n: u16| b'0' + (n % 10) as u8;
    (0..10_000).map(|n| [digit(n / 1000), digit(n / 100), digit(n / 10), digit(n)]).collect()
});

/// Writes ascending integers, each followed by a separator.
///
/// All but the last four digits are mostly those of the integer before: its text is kept, and four bytes of it change.
pub struct DecimalWriter<'a> {
    separator: &'a [u8],
    /// What stands in `item` before the last four digits.
    leading: u64,
    /// The integer before, and its separator.
    item: Vec<u8>,
    /// Where its last four digits begin.
    last_digits: usize,
    /// What has been written.
    pub text: Vec<u8>,
}

impl<'a> DecimalWriter<'a> {
    /// A writer that puts `separator` after each integer.
    #[must_use]
    pub fn new(separator: &'a [u8]) -> Self {
        Self { separator, leading: 0, item: Vec::new(), last_digits: 0, text: Vec::new() }
    }

    /// Write a block of integers.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] when the text does not fit into memory.
    pub fn write(&mut self, block: &[u64]) -> Result<(), Error> {
        // 2^64 has twenty digits.
        let at_most = block.len() * (20 + self.separator.len());
        self.text.try_reserve(at_most).map_err(|_| Error::OutOfMemory)?;
        for &n in block {
            let (leading, last) = (n / 10_000, (n % 10_000) as usize);
            let digits = &FOUR_DIGITS[last];
            if leading == 0 {
                let zeros = digits.iter().take(3).take_while(|&&digit| digit == b'0').count();
                self.text.extend_from_slice(&digits[zeros..]);
                self.text.extend_from_slice(self.separator);
                continue;
            }
            if leading != self.leading {
                self.leading = leading;
                self.item.clear();
                self.item.extend_from_slice(leading.to_string().as_bytes());
                self.last_digits = self.item.len();
                self.item.extend_from_slice(digits);
                self.item.extend_from_slice(self.separator);
            }
            self.item[self.last_digits..self.last_digits + 4].copy_from_slice(digits);
            self.text.extend_from_slice(&self.item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_the_standard_library_writes() {
        let block: Vec<u64> =
            (0..30_000).chain([99_999_999, 100_000_000, 1 << 53, u64::MAX - 10_000, u64::MAX]).collect();
        let mut writer = DecimalWriter::new(b", ");
        writer.write(&block[..12_345]).unwrap();
        writer.write(&block[12_345..]).unwrap();
        let expected: Vec<String> = block.iter().map(u64::to_string).collect();
        assert!(writer.text == (expected.join(", ") + ", ").as_bytes());
    }
}
