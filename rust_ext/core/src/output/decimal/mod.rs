//! Primes as decimal text.

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod run;

use crate::base::error::Error;
use crate::base::memory::reserved;
use crate::base::table::Table;
use crate::cpu::level::{Cpu, active};
use run::{END_BYTES, LEADING_BYTES, Run, SEPARATOR_BYTES, SLACK_BYTES};

/// How many integers the last four digits tell apart.
const LAST_DIGITS: u64 = 10_000;

/// The last four digits of an integer, as text.
fn four_digits() -> &'static [[u8; 4]] {
    static TABLE: Table<[[u8; 4]; LAST_DIGITS as usize]> = Table::new([[0; _]; _]);
    TABLE.made_by(|table| {
        let digit = |n: usize| b'0' + (n % 10) as u8;
        for (n, digits) in table.iter_mut().enumerate() {
            *digits = [digit(n / 1000), digit(n / 100), digit(n / 10), digit(n)];
        }
    })
}

/// The digits of an integer, at the end of some bytes.
fn digits(mut n: u64, bytes: &mut [u8; 20]) -> &[u8] {
    let mut start = bytes.len();
    loop {
        start -= 1;
        bytes[start] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            return &bytes[start..];
        }
    }
}

/// Decimal text, and of how many integers.
#[derive(Default)]
pub struct Text {
    /// What has been written, and room for more.
    bytes: Vec<u8>,
    len: usize,
    count: u64,
}

impl Text {
    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// How many integers it has.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Forget what has been written, but not the room.
    pub fn clear(&mut self) {
        (self.len, self.count) = (0, 0);
    }

    /// Keep the first `count` integers, where there are more, each with its separator of `separator_len` bytes.
    pub(crate) fn truncate(&mut self, count: u64, separator_len: usize) {
        if self.count <= count {
            return;
        }
        self.len = (0..count).fold(0, |start, _| {
            let digits = self.bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            start + digits + separator_len
        });
        self.count = count;
    }

    /// Make room for that many bytes behind the text.
    pub(crate) fn reserve(&mut self, len: usize) -> Result<(), Error> {
        let enough = self.len.saturating_add(len);
        if enough > self.bytes.len() {
            self.bytes.try_reserve(enough - self.bytes.len()).map_err(|_| Error::OutOfMemory)?;
            self.bytes.resize(self.bytes.capacity(), 0);
        }
        Ok(())
    }
}

/// Writes ascending integers, each followed by a separator.
///
/// The digits before the last four are mostly those of the integer before. So the integers come in runs that have these
/// in common, and of an item only four digits are made.
pub struct DecimalWriter {
    cpu: Cpu,
    separator: Vec<u8>,
    run: Run,
}

impl DecimalWriter {
    /// A writer that puts `separator` after each integer.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] when the separator does not fit into memory.
    pub fn new(separator: &[u8]) -> Result<Self, Error> {
        Self::at(active(), separator)
    }

    fn at(cpu: Cpu, separator: &[u8]) -> Result<Self, Error> {
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
        let mut copy = reserved(separator.len())?;
        copy.extend_from_slice(separator);
        Ok(Self { cpu, separator: copy, run })
    }

    /// Write a block of integers behind a text.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] when the text does not fit into memory.
    pub fn write(&mut self, mut block: &[u64], text: &mut Text) -> Result<(), Error> {
        text.reserve(self.room(block.len()))?;
        text.count += block.len() as u64;
        let short = self.separator.len() <= SEPARATOR_BYTES;
        while let &[n, ..] = block {
            let mut len = 1;
            if n < LAST_DIGITS || !short {
                for piece in [digits(n, &mut [0; 20]), &self.separator] {
                    text.bytes[text.len..text.len + piece.len()].copy_from_slice(piece);
                    text.len += piece.len();
                }
            } else {
                if self.run.leading_len == 0 || n.wrapping_sub(self.run.first) >= LAST_DIGITS {
                    self.begin_run(n);
                }
                // The beginning of the next run need not fit 64 bits.
                len = block.partition_point(|&n| n - self.run.first < LAST_DIGITS);
                write_run(self.cpu, &block[..len], &self.run, &mut text.bytes[text.len..]);
                text.len += len * self.run.item_len();
            }
            block = &block[len..];
        }
        Ok(())
    }

    /// The bytes of room in which that many integers can be written.
    pub(crate) fn room(&self, len: usize) -> usize {
        len * (LEADING_BYTES + 4 + self.separator.len()) + SLACK_BYTES
    }

    /// Keep the leading digits of an integer that has more than four.
    fn begin_run(&mut self, n: u64) {
        self.run.first = n - n % LAST_DIGITS;
        let mut bytes = [0; 20];
        let leading = digits(n / LAST_DIGITS, &mut bytes);
        self.run.leading_len = leading.len();
        self.run.leading[..leading.len()].copy_from_slice(leading);
    }
}

/// Write integers of a run to the front of `to`, which has [`SLACK_BYTES`] more than they need.
fn write_run(cpu: Cpu, integers: &[u64], run: &Run, to: &mut [u8]) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: the value is proof that the processor has the level.
        Cpu::Avx512(_) => unsafe { avx512::write_run(integers, run, to) },
        #[cfg(target_arch = "aarch64")]
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        // SAFETY: the value is proof that the processor has the level.
        Cpu::Neon(_) => unsafe { neon::write_run(integers, run, to) },
        _ => write_one_by_one(integers, run, to),
    }
}

/// The same, each item as two stores: the leading digits, and over what that wrote too much the last four and the
/// separator.
fn write_one_by_one(integers: &[u64], run: &Run, to: &mut [u8]) {
    let digits = four_digits();
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
    use crate::cpu::level::available;

    fn written(cpu: Cpu, blocks: &[&[u64]], separator: &str) -> String {
        let mut writer = DecimalWriter::at(cpu, separator.as_bytes()).unwrap();
        let mut text = Text::default();
        for block in blocks {
            writer.write(block, &mut text).unwrap();
        }
        assert_eq!(text.count(), blocks.iter().map(|block| block.len() as u64).sum::<u64>());
        String::from_utf8(text.as_bytes().to_vec()).unwrap()
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
    fn a_text_is_cut_and_begun_anew() {
        let integers: Vec<u64> = (9_000..11_000).collect();
        for separator in ["", "\n", " -- "] {
            let mut writer = DecimalWriter::new(separator.as_bytes()).unwrap();
            let mut text = Text::default();
            // Without a separator nobody could tell where to cut.
            for count in
                if separator.is_empty() { vec![0, 2000, 2001] } else { vec![0, 1, 1000, 1001, 1999, 2000, 2001] }
            {
                writer.write(&integers, &mut text).unwrap();
                text.truncate(count as u64, separator.len());
                let kept = &integers[..count.min(2000)];
                assert_eq!(text.count(), kept.len() as u64);
                assert!(text.as_bytes() == expected(kept, separator).as_bytes(), "{count} with {separator:?}");
                text.clear();
                assert_eq!((text.as_bytes(), text.count()), (&[][..], 0));
            }
        }
    }
}
