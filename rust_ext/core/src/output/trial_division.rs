//! The first primes by trial division: the method that everybody thinks of first.
//!
//! It is here to be compared, not to be fast. `cython_ext/trial_division.pxd` and `primes/_python/trial_division.py` take the
//! same steps, so that what differs in time is the language: see `docs/explanation/lesson.md`.
//!
//! The numbers have 32 bits, here and in Cython: 64 would never be needed, and compilers differ in how they divide
//! them.

use crate::base::error::Error;
use crate::base::memory::reserved;
use crate::base::progress::KeepGoing;

/// The `n` smallest primes. Each number 2, 3, 4, ... is divided by all the primes found so far, up to the first that
/// divides it.
///
/// # Errors
///
/// [`Error::Interrupted`] when `keep_going`, which is asked after each prime, says no; [`Error::OutOfMemory`] before
/// any work.
pub fn first_n_by_trial_division(n: usize, keep_going: KeepGoing) -> Result<Vec<u32>, Error> {
    let mut primes = reserved(n)?;
    let mut number = 2;
    while primes.len() < n {
        if primes.iter().all(|prime| number % prime != 0) {
            primes.push(number);
            if !keep_going() {
                return Err(Error::Interrupted);
            }
        }
        number += 1;
    }
    Ok(primes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::small_primes::small_primes;

    #[test]
    fn it_finds_the_first_primes() {
        for n in [0, 1, 2, 3, 10, 1000] {
            let found = first_n_by_trial_division(n, &mut || true).unwrap();
            assert!(found.into_iter().map(u64::from).eq(small_primes()[..n].iter().copied()));
        }
    }

    #[test]
    fn it_asks_after_each_prime_whether_to_go_on() {
        let mut asked = 0;
        let mut third_time_no = || {
            asked += 1;
            asked < 3
        };
        assert_eq!(first_n_by_trial_division(10, &mut third_time_no), Err(Error::Interrupted));
        assert_eq!(asked, 3);
    }

    #[test]
    fn too_many_are_refused_before_any_work() {
        let mut never = || unreachable!("there is no memory for the first prime");
        for n in [1 << 50, usize::MAX] {
            assert_eq!(first_n_by_trial_division(n, &mut never), Err(Error::OutOfMemory));
        }
    }
}
