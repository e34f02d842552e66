//! The smallest sieving primes, crossed off by patterns instead of one multiple at a time.
//!
//! In the bitmap of a class the multiples of `q` lie `q` bits apart, whatever the modulus: one table a prime, or a
//! product of primes, of as many bytes as its period has bits serves all classes of all moduli. A segment starts as the
//! union of all patterns, each laid from its own offset.

use crate::arithmetic::modular::inverse;
use crate::base::error::Error;
use crate::base::memory::reserved;
use crate::base::table::Table;
use crate::bitmap::pattern::{Laid, bytes_of, laid, lay, write};
use crate::cpu::level::Cpu;

/// Which primes share a pattern. Those up to 13 stand alone because they may divide the modulus.
///
/// Two primes together take one load where they would take two, but a table as long as their product: these are 36 KB.
/// With pairs to 61 only, counting to 10^9 took 52.0 ms and to 10^8 4.56, as it is 51.4 and 4.47, with pairs to 113,
/// which are 31 KB more, 51.3 and 4.41.
const GROUPS: [&[u32]; 26] = [
    &[7],
    &[11],
    &[13],
    &[17, 19],
    &[23, 29],
    &[31, 37],
    &[41, 43],
    &[47, 53],
    &[59, 61],
    &[67, 71],
    &[73, 79],
    &[83, 89],
    &[97],
    &[101],
    &[103],
    &[107],
    &[109],
    &[113],
    &[127],
    &[131],
    &[137],
    &[139],
    &[149],
    &[151],
    &[157],
    &[163],
];

/// The largest prime that the patterns cross off. Flat: to 10^9, up to 139 took 51.7 ms, up to 163 52.0, up to 199
/// 52.7.
pub(crate) const LARGEST_PRESIEVED: u64 = 163;

/// The patterns, to be laid from their beginnings on.
fn patterns() -> impl Iterator<Item = Laid> {
    static BYTES: Table<[u8; bytes_of(&GROUPS)]> = Table::new([0; _]);
    laid(&GROUPS, BYTES.made_by(|bytes| write(&GROUPS, bytes, set)))
}

/// Set the bits whose number is a multiple of `q`.
fn set(bytes: &mut [u8], q: u32) {
    for bit in (0..8 * bytes.len()).step_by(q as usize) {
        bytes[bit / 8] |= 1 << (bit % 8);
    }
}

/// The patterns for the classes of one modulus.
pub(crate) struct Presieve {
    laid: Vec<Laid>,
    /// For each pattern what a multiple of the modulus in integers is in bytes of it: the inverse of `8 * modulus`.
    bytes_per_integer: Vec<u32>,
}

impl Presieve {
    pub(crate) fn new(modulus: u32) -> Result<Self, Error> {
        let (mut all, mut bytes_per_integer) = (reserved(GROUPS.len())?, reserved(GROUPS.len())?);
        for (group, laid) in GROUPS.iter().zip(patterns()) {
            if !modulus.is_multiple_of(group[0]) {
                bytes_per_integer.push(inverse(8 * modulus % laid.period, laid.period));
                all.push(laid);
            }
        }
        Ok(Self { laid: all, bytes_per_integer })
    }

    /// Write a segment whose bit 0 stands for `first`.
    pub(crate) fn write(&mut self, cpu: Cpu, segment: &mut [u8], first: u64) {
        for (laid, &bytes_per_integer) in self.laid.iter_mut().zip(&self.bytes_per_integer) {
            let period = u64::from(laid.period);
            laid.next_byte = (first % period * u64::from(bytes_per_integer) % period) as u32;
        }
        lay(cpu, segment, &mut self.laid);
    }
}
