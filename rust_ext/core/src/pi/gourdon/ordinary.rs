//! `Phi0`, the ordinary leaves: the sum of `mu(m) phi(x / m, K)` over the squarefree `m <= y` without a prime factor
//! among the first `K`, 1 included.

use super::plan::{Plan, Tables};
use crate::base::error::Error;
use crate::base::jobs::share;
use crate::base::progress::{KeepGoing, ask};
use crate::base::table::Table;

/// The places of one job, which takes some tens of microseconds.
const JOB_PLACES: usize = 1 << 13;

/// `Phi0`, modulo 2^64.
pub(crate) fn sum(plan: &Plan, tables: &Tables, threads: usize, keep_going: KeepGoing) -> Result<u64, Error> {
    let jobs = tables.squarefree.places().div_ceil(JOB_PLACES);
    let threads = if jobs < 64 { 1 } else { threads };
    let work = |job: usize, keep_going: KeepGoing| {
        ask(keep_going)?;
        Ok(tables.squarefree.piece(JOB_PLACES * job, JOB_PLACES).fold(0u64, |sum, (m, odd)| {
            let phi = phi(plan.x / u64::from(m));
            if odd { sum.wrapping_sub(phi) } else { sum.wrapping_add(phi) }
        }))
    };
    let mut sum = phi(plan.x);
    share(threads, jobs, &mut |_| keep_going(), &work, |part| sum = sum.wrapping_add(part))?;
    Ok(sum)
}

/// `phi(n, 8)`: without 2, 3, 5, 7, 11 and 13 by a table, and without 17 and 19 by inclusion and exclusion.
fn phi(n: u64) -> u64 {
    phi_6(n) - phi_6(n / 17) - phi_6(n / 19) + phi_6(n / (17 * 19))
}

/// The product of the first six primes, and how many integers up to it have none of them as a factor.
const PERIOD: u64 = 2 * 3 * 5 * 7 * 11 * 13;
const PER_PERIOD: u64 = 2 * 4 * 6 * 10 * 12;

fn phi_6(n: u64) -> u64 {
    static TABLE: Table<[u16; PERIOD as usize]> = Table::new([0; _]);
    let table = TABLE.made_by(|table| {
        let mut count = 0;
        for (n, entry) in table.iter_mut().enumerate() {
            count += u16::from([2, 3, 5, 7, 11, 13].iter().all(|&p| !n.is_multiple_of(p)));
            *entry = count;
        }
    });
    n / PERIOD * PER_PERIOD + u64::from(table[(n % PERIOD) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phi_is_what_is_left_of_the_first_eight_primes() {
        let mut count = 0;
        for n in 1..100_000 {
            count += u64::from([2, 3, 5, 7, 11, 13, 17, 19].iter().all(|p| n % p != 0));
            assert_eq!(phi(n), count, "phi({n}, 8)");
        }
    }
}
