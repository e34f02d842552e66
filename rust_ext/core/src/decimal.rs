//! Primes as decimal text.

use std::sync::LazyLock;

use crate::arch::{Cpu, active};
use crate::error::Error;

/// How many integers the last four digits tell apart.
const LAST_DIGITS: u64 = 10_000;

/// Most bytes before the last four digits: 2^64 has twenty.
pub(crate) const LEADING_BYTES: usize = 16;

/// Bytes of the last four digits and a separator, as they are stored at once.
const END_BYTES: usize = 8;

/// Bytes of the longest separator that is.
pub(crate) const SEPARATOR_BYTES: usize = END_BYTES - 4;

/// Bytes that may be written behind the last item.
pub(crate) const SLACK_BYTES: usize = 512;

/// The last four digits of an integer, as text.
static FOUR_DIGITS: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let digit = |n: u64| b'0' + (n % 10) as u8;
    (0..LAST_DIGITS).map(|n| [digit(n / 1000), digit(n / 100), digit(n / 10), digit(n)]).collect()
});

/// Writes ascending integers, each followed by a separator.
///
/// The digits before the last four are mostly those of the integer before. So the integers come in runs that have these
/// in common, and of an item only four digits are made.
pub struct DecimalWriter {
    cpu: Cpu,
    separator: Vec<u8>,
    run: Run,
    /// What has been written, and room for more.
    text: Vec<u8>,
    text_len: usize,
}

/// What the items of the 10^4 integers from `first` on have in common: the leading digits, and the separator.
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) leading: [u8; LEADING_BYTES],
    pub(crate) leading_len: usize,
    pub(crate) separator: [u8; SEPARATOR_BYTES],
    pub(crate) separator_len: usize,
}

impl Run {
    /// Bytes of an item.
    pub(crate) fn item_len(&self) -> usize {
        self.leading_len + 4 + self.separator_len
    }
}

impl DecimalWriter {
    /// A writer that puts `separator` after each integer.
    #[must_use]
    pub fn new(separator: &[u8]) -> Self {
        Self::at(active(), separator)
    }

    fn at(cpu: Cpu, separator: &[u8]) -> Self {
        let mut run = Run {
            first: 0,
            leading: [0; LEADING_BYTES],
            leading_len: 0,
            separator: [0; SEPARATOR_BYTES],
            separator_len: separator.len(),
        };
        if let Some(short) = run.separator.get_mut(..separator.len()) {
            short.copy_from_slice(separator);
        }
        Self { cpu, separator: separator.to_vec(), run, text: Vec::new(), text_len: 0 }
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
    pub fn write(&mut self, mut block: &[u64]) -> Result<(), Error> {
        let most = block.len() * (LEADING_BYTES + 4 + self.separator.len()) + SLACK_BYTES;
        let enough = self.text_len.saturating_add(most);
        if enough > self.text.len() {
            self.text.try_reserve(enough - self.text.len()).map_err(|_| Error::OutOfMemory)?;
            self.text.resize(self.text.capacity(), 0);
        }
        let short = self.separator.len() <= SEPARATOR_BYTES;
        while let &[n, ..] = block {
            let mut len = 1;
            if n < LAST_DIGITS || !short {
                self.write_one(n);
            } else {
                if self.run.leading_len == 0 || n.wrapping_sub(self.run.first) >= LAST_DIGITS {
                    self.begin_run(n);
                }
                // Only 64 bits below the next run's beginning, which need not fit them.
                len = block.partition_point(|&n| n - self.run.first < LAST_DIGITS);
                let items = &block[..len];
                write_run(self.cpu, items, &self.run, &mut self.text[self.text_len..]);
                self.text_len += len * self.run.item_len();
            }
            block = &block[len..];
        }
        Ok(())
    }

    /// Keep the leading digits of an integer that has more than four.
    fn begin_run(&mut self, n: u64) {
        self.run.first = n - n % LAST_DIGITS;
        let leading = (n / LAST_DIGITS).to_string();
        self.run.leading_len = leading.len();
        self.run.leading[..leading.len()].copy_from_slice(leading.as_bytes());
    }

    /// Write an integer digit by digit.
    fn write_one(&mut self, n: u64) {
        for piece in [n.to_string().as_bytes(), &self.separator] {
            self.text[self.text_len..self.text_len + piece.len()].copy_from_slice(piece);
            self.text_len += piece.len();
        }
    }
}

/// Write integers of a run to the front of `to`, which has [`SLACK_BYTES`] more than they need.
fn write_run(cpu: Cpu, integers: &[u64], run: &Run, to: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if cpu == Cpu::Avx512 {
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: a level is only named where the processor has it.
        return unsafe { crate::arch::x86_64::avx512::decimal::write_run(integers, run, to) };
    }
    let _ = cpu;
    write_one_by_one(integers, run, to);
}

/// The same, each item as two stores: the leading digits, and over what that wrote too much the last four and the separator.
fn write_one_by_one(integers: &[u64], run: &Run, to: &mut [u8]) {
    let digits: &[[u8; 4]] = &FOUR_DIGITS;
    let separator = u64::from(u32::from_le_bytes(run.separator)) << 32;
    let (leading, leading_len, item_len) = (run.leading, run.leading_len.min(LEADING_BYTES), run.item_len());
    for (i, &n) in integers.iter().enumerate() {
        let end = u64::from(u32::from_le_bytes(digits[(n - run.first) as usize])) | separator;
        let start = i * item_len;
        let item: &mut [u8; LEADING_BYTES + END_BYTES] =
            (&mut to[start..start + LEADING_BYTES + END_BYTES]).try_into().expect("of this length");
        item[..LEADING_BYTES].copy_from_slice(&leading);
        item[leading_len..leading_len + END_BYTES].copy_from_slice(&end.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::available;

    fn written(cpu: Cpu, blocks: &[&[u64]], separator: &str) -> String {
        let mut writer = DecimalWriter::at(cpu, separator.as_bytes());
        for block in blocks {
            writer.write(block).unwrap();
        }
        String::from_utf8(writer.text().to_vec()).unwrap()
    }

    fn expected(integers: &[u64], separator: &str) -> String {
        integers.iter().map(|n| n.to_string() + separator).collect()
    }

    #[test]
    fn all_levels_write_what_the_standard_library_writes() {
        let integers: Vec<u64> =
            (0..30_000).chain([99_999_999, 100_000_000, 1 << 53, u64::MAX - 10_000, u64::MAX]).collect();
        let (some, rest) = integers.split_at(12_345);
        for cpu in available() {
            for separator in ["", "\n", ", ", " -- ", " --- ", "a longer one"] {
                assert!(
                    written(cpu, &[some, rest], separator) == expected(&integers, separator),
                    "{cpu:?}, {separator:?}"
                );
            }
        }
    }

    #[test]
    fn all_levels_write_runs_of_any_length_and_with_any_number_of_digits() {
        for digits in 1..20 {
            let middle = 10u64.pow(digits);
            for len in (0..40).chain([1000]) {
                let integers: Vec<u64> = (0..len).map(|i| middle - middle.min(7 * len / 2) + 7 * i).collect();
                for cpu in available() {
                    for separator in ["", "\n", "::::"] {
                        assert_eq!(written(cpu, &[&integers], separator), expected(&integers, separator), "{cpu:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_writer_begins_anew() {
        let mut writer = DecimalWriter::new(b"\n");
        writer.write(&[123_457, 123_458]).unwrap();
        assert_eq!(writer.text(), b"123457\n123458\n");
        writer.clear();
        writer.write(&[123_459]).unwrap();
        assert_eq!(writer.text(), b"123459\n");
    }
}
