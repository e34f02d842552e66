//! Primes as decimal text.

use std::sync::LazyLock;

/// The last four digits of an integer, as text.
static FOUR_DIGITS: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let digit = |n: u16| b'0' + (n % 10) as u8;
    (0..10_000).map(|n| [digit(n / 1000), digit(n / 100), digit(n / 10), digit(n)]).collect()
});

/// Writes ascending integers, each followed by a separator.
///
/// All but the last four digits are mostly those of the integer before: they are kept as text.
pub struct DecimalWriter<'a> {
    separator: &'a [u8],
    /// The leading digits that `prefix` shows; 0 stands for none.
    leading: u64,
    prefix: Vec<u8>,
    /// What has been written.
    pub text: Vec<u8>,
}

impl<'a> DecimalWriter<'a> {
    /// A writer that puts `separator` after each integer.
    #[must_use]
    pub fn new(separator: &'a [u8]) -> Self {
        Self { separator, leading: 0, prefix: Vec::new(), text: Vec::new() }
    }

    /// Write a block of integers.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory) when the text does not fit into memory.
    pub fn write(&mut self, block: &[u64]) -> Result<(), crate::Error> {
        // 2^64 has twenty digits.
        let at_most = block.len() * (20 + self.separator.len());
        self.text.try_reserve(at_most).map_err(|_| crate::Error::OutOfMemory)?;
        for &n in block {
            let (leading, last) = (n / 10_000, (n % 10_000) as usize);
            if leading != self.leading {
                self.leading = leading;
                self.prefix.clear();
                self.prefix.extend_from_slice(leading.to_string().as_bytes());
            }
            let digits = &FOUR_DIGITS[last];
            if leading == 0 {
                let zeros = digits.iter().take(3).take_while(|&&digit| digit == b'0').count();
                self.text.extend_from_slice(&digits[zeros..]);
            } else {
                self.text.extend_from_slice(&self.prefix);
                self.text.extend_from_slice(digits);
            }
            self.text.extend_from_slice(self.separator);
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
