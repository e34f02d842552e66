//! From the bitmaps of the classes modulo 210 to bytes of thirty.
//!
//! The sieve wants one bitmap for each class. A list of primes in their order wants the classes side by side. A row of
//! 210 integers is seven bytes of thirty, 56 bits: 48 of them come from the classes, and eight stand for multiples of
//! 7. Eight rows are a byte of each class, so this is a transposition: of bits, eight classes and eight rows at a time,
//! and then of bytes.

use crate::arithmetic::wheel30::{MODULUS, RESIDUES};
use crate::arithmetic::wheels::RESIDUES_210;
use crate::bitmap::classes210::Bitmaps;
use crate::cpu::level::levels;

/// The bytes of thirty in a row.
const ROW_BYTES: usize = 7;

/// Bytes of each class that are turned at once.
pub(crate) const BLOCK_BYTES: usize = 64;

/// The bytes of thirty that come from one byte of each class.
pub(crate) const BYTES_PER_CLASS_BYTE: usize = 8 * ROW_BYTES;

/// Where the bits of a row come from.
#[derive(Clone, Copy)]
enum Source {
    /// Multiples of 7.
    Composite,
    Class(u8),
    /// 211, which is class 0 of the next row.
    NextRow,
}

/// `SOURCES[k][i]`: bit `i` of byte `k`.
const SOURCES: [[Source; 8]; ROW_BYTES] = {
    let mut sources = [[Source::Composite; 8]; ROW_BYTES];
    let mut k = 0;
    while k < ROW_BYTES {
        let mut i = 0;
        while i < 8 {
            let n = MODULUS as u16 * k as u16 + RESIDUES[i] as u16;
            let mut class = 0;
            while class < RESIDUES_210.len() {
                if RESIDUES_210[class] == n {
                    sources[k][i] = Source::Class(class as u8);
                }
                class += 1;
            }
            if n == 211 {
                sources[k][i] = Source::NextRow;
            }
            i += 1;
        }
        k += 1;
    }
    sources
};

/// Eight words of each of eight things.
type Square = [[u64; 8]; 8];

levels! {
    /// Write the bytes of thirty from byte `start` of each class on: whole blocks, before the last block of a class.
    pub(crate) fn write_rows(bitmaps: &Bitmaps, start: usize, bytes: &mut [u8]) {
        for (block, bytes) in bytes.chunks_exact_mut(BLOCK_BYTES * BYTES_PER_CLASS_BYTE).enumerate() {
            // `columns[7 * i + k]` has byte `k` of the rows `i`, `8 + i`, `16 + i`, ..
            let mut columns = [[0; 8]; BYTES_PER_CLASS_BYTE];
            for (k, sources) in SOURCES.iter().enumerate() {
                let mut square = sources.map(|source| load(bitmaps, source, start + BLOCK_BYTES * block));
                transpose(&mut square, [0x5555_5555_5555_5555, 0x3333_3333_3333_3333, 0x0F0F_0F0F_0F0F_0F0F], 1);
                for (i, column) in square.into_iter().enumerate() {
                    columns[ROW_BYTES * i + k] = column;
                }
            }
            for (group, square) in columns.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                transpose(square, [0x00FF_00FF_00FF_00FF, 0x0000_FFFF_0000_FFFF, 0x0000_0000_FFFF_FFFF], 8);
                for (i, words) in square.iter().enumerate() {
                    for (word, rows) in words.iter().zip(bytes.chunks_exact_mut(8 * BYTES_PER_CLASS_BYTE)) {
                        let start = BYTES_PER_CLASS_BYTE * i + 8 * group;
                        rows[start..start + 8].copy_from_slice(&word.to_le_bytes());
                    }
                }
            }
        }
    }
}

/// The block of a source that begins at byte `at`.
#[inline(always)]
fn load(bitmaps: &Bitmaps, source: Source, at: usize) -> [u64; 8] {
    let words = |class: &[u8]| -> [u64; 8] {
        let (words, _) = class[at..at + BLOCK_BYTES].as_chunks();
        std::array::from_fn(|i| u64::from_le_bytes(words[i]))
    };
    match source {
        Source::Composite => [u64::MAX; 8],
        Source::Class(class) => words(bitmaps.class(class.into())),
        Source::NextRow => {
            let class = bitmaps.class(0);
            let here = words(class);
            let behind = u64::from(class[at + BLOCK_BYTES]);
            std::array::from_fn(|i| here[i] >> 1 | here.get(i + 1).unwrap_or(&behind) << 63)
        }
    }
}

/// Exchange rows and columns of eight by eight units of `unit` bits, in each word. A mask has the units of even number,
/// then those of which the second lowest, and the third lowest, bit of the number is clear.
#[inline(always)]
fn transpose(square: &mut Square, masks: [u64; 3], unit: u32) {
    for (step, mask) in [1, 2, 4].into_iter().zip(masks) {
        for low in (0..8).filter(|row| row & step == 0) {
            let shift = unit * step as u32;
            let (lower, higher) = square.split_at_mut(low + step);
            for (a, b) in lower[low].iter_mut().zip(&mut higher[0]) {
                let differ = (*a >> shift ^ *b) & mask;
                *a ^= differ << shift;
                *b ^= differ;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::level::available;

    #[test]
    fn each_bit_goes_to_its_integer() {
        let base = 210 * 1_000;
        let mut bitmaps = Bitmaps::default();
        bitmaps.cover(base, 3 * BLOCK_BYTES).unwrap();
        let is_set = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 1;
        for (class, &residue) in RESIDUES_210.iter().enumerate() {
            for (i, byte) in bitmaps.class_mut(class).iter_mut().enumerate() {
                let integer = |bit: u64| base + 210 * (8 * i as u64 + bit) + u64::from(residue);
                *byte = (0..8).fold(0, |byte, bit| byte | u8::from(is_set(integer(bit))) << bit);
            }
        }
        for cpu in available() {
            let mut bytes = vec![0; 2 * BLOCK_BYTES * BYTES_PER_CLASS_BYTE];
            for (block, bytes) in bytes.chunks_mut(BLOCK_BYTES * BYTES_PER_CLASS_BYTE).enumerate() {
                write_rows(cpu, &bitmaps, BLOCK_BYTES * block, bytes);
            }
            for (i, byte) in bytes.iter().enumerate() {
                for (bit, &residue) in RESIDUES.iter().enumerate() {
                    let n = base + MODULUS * i as u64 + u64::from(residue);
                    assert_eq!(byte >> bit & 1 == 1, n.is_multiple_of(7) || is_set(n), "{cpu:?}: {n}");
                }
            }
        }
    }
}
