//! pi(x), the number of primes up to `x`, without a sieve over all of them.
//!
//! A ladder of methods, each tested against the one below it: a table (`look_up/`); Lucy's method, the readable
//! reference (`reference/lucy.rs`); the same over rough numbers (`reference/rough_lucy.rs`); Gourdon's (`gourdon/`),
//! with portable code and with vector instructions. Only the tests use the second and the third.

mod coprime_words;
mod gourdon;
mod look_up;
mod quotients;
#[cfg(test)]
mod reference;

use crate::base::error::Error;
use crate::base::progress::Watch;
use gourdon::plan::Plan;

/// Below this `x`, the start of a thread (0.1 ms) takes longer than it saves.
const THREADS_FROM: u64 = 40_000_000_000;

/// Up to this `x`, [`prime_pi`] takes nanoseconds.
pub const LARGEST_TABLED_PI: u64 = look_up::LAST;

/// The number of primes up to `x`, by up to this number of threads, if there is work for them.
///
/// `watch` is told every few milliseconds which part of the work is done, and says whether to go on.
///
/// # Errors
///
/// [`Error::Interrupted`] when `watch` says no; [`Error::OutOfMemory`] when the tables cannot be had.
pub fn prime_pi(x: u64, threads: usize, watch: Watch) -> Result<u64, Error> {
    if x <= look_up::LAST {
        return Ok(look_up::prime_pi(x));
    }
    let threads = if x < THREADS_FROM { 1 } else { threads.max(1) };
    gourdon::prime_pi(&Plan::new(x), threads, watch)
}

/// About how much work [`prime_pi`] is, in integers that [`count`](crate::count) could sieve instead.
#[must_use]
pub fn prime_pi_cost(x: u64) -> f64 {
    // The costs of both methods grow alike: at 10^12, 10^15 and 10^18, pi(x) takes as long as sieving 33, 33 and 37
    // times the root of x.
    2e3 + 35.0 * (x as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::gourdon::formula::LEAST;
    use super::reference::{lucy, rough_lucy};
    use super::*;
    use crate::cpu::level::{Cpu, available};
    use crate::output::count::count;

    fn gourdon(plan: &Plan, threads: usize) -> u64 {
        gourdon::prime_pi(plan, threads, &mut |_| true).unwrap()
    }

    /// Numbers without a pattern: the linear congruential generator of Knuth's MMIX.
    fn random(count: usize, range: std::ops::Range<u64>) -> impl Iterator<Item = u64> {
        let mut state = 1u64;
        (0..count).map(move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            range.start + (state >> 11) % (range.end - range.start)
        })
    }

    /// The least number of arguments at which each method is compared with the one below it.
    const ARGUMENTS: usize = 5000;

    /// Where roots change, and where nothing should: one below, at and above powers of ten and two, squares, cubes and
    /// powers of primes, and the borders of the rungs.
    fn edges() -> impl Iterator<Item = u64> {
        let powers = |base: u64| (1..64).filter_map(move |k| base.checked_pow(k));
        let bases = [2u64, 3, 5, 7, 10, 11, 13, 23, 29, 31, 97, 101, 499, 997, 9_973];
        let squares = (2..1_000_000).step_by(17_389).map(|root: u64| root.pow(2));
        let cubes = (2..10_000).step_by(239).map(|root: u64| root.pow(3));
        let borders = [look_up::LAST, LEAST, THREADS_FROM];
        let all = bases.into_iter().flat_map(powers).chain(squares).chain(cubes).chain(borders);
        all.flat_map(|x| [x - 1, x, x + 1])
    }

    /// The edges in `[least, far]`, and random integers in `[least, most]`, as many of each number of bits, that make
    /// up [`ARGUMENTS`] different ones with them.
    fn arguments(least: u64, most: u64, far: u64) -> BTreeSet<u64> {
        let mut all: BTreeSet<u64> = edges().filter(|x| (least..=far).contains(x)).chain([least, most]).collect();
        let shifts = most.leading_zeros()..=least.leading_zeros().min(60);
        let random = random(usize::MAX, 0..1 << 53).zip(shifts.cycle()).map(|(x, shift)| x << 11 >> shift);
        for x in random.filter(|x| (least..=most).contains(x)) {
            if all.len() >= ARGUMENTS {
                break;
            }
            all.insert(x);
        }
        all
    }

    /// The settings that each argument is tried with. The answer must not depend on them.
    const ALPHAS: [f64; 6] = [0.0, 1.3, 2.0, 3.5, 7.0, 1e9];

    #[test]
    fn lucy_agrees_with_the_sieve() {
        for x in random(30, 0..10_000_000) {
            assert_eq!(lucy::prime_pi(x), count(0, x, 1, &mut |_| true).unwrap(), "pi({x})");
        }
    }

    #[test]
    fn lucy_agrees_with_the_table() {
        for x in arguments(0, look_up::LAST, look_up::LAST) {
            assert_eq!(lucy::prime_pi(x), look_up::prime_pi(x), "pi({x})");
        }
    }

    #[test]
    fn lucy_over_rough_numbers_agrees_with_lucy() {
        for x in arguments(0, 10_000_000, 30_000_000) {
            assert_eq!(rough_lucy::prime_pi(x), lucy::prime_pi(x), "pi({x})");
        }
    }

    #[test]
    fn gourdon_agrees_with_lucy_over_rough_numbers() {
        let all = arguments(LEAST, 100_000_000, 100_000_000_000);
        for (x, alpha) in all.into_iter().zip(ALPHAS.into_iter().cycle()) {
            let expected = rough_lucy::prime_pi(x);
            for plan in [Plan::new(x), Plan::with_alpha(x, alpha)] {
                let plan = Plan { cpu: Cpu::Portable, ..plan };
                assert_eq!(gourdon(&plan, 1), expected, "pi({x}) with {plan:?}");
            }
        }
    }

    #[test]
    fn gourdon_agrees_with_itself_on_all_levels() {
        let all = arguments(LEAST, 2_000_000_000, 2_000_000_000_000);
        for (x, alpha) in all.into_iter().zip(ALPHAS.into_iter().cycle()) {
            let alpha = if x < 200_000_000 { alpha } else { alpha.clamp(1.3, 7.0) };
            let expected = gourdon(&Plan { cpu: Cpu::Portable, ..Plan::new(x) }, 1);
            for cpu in available() {
                let plan = Plan { cpu, ..Plan::with_alpha(x, alpha) };
                assert_eq!(gourdon(&plan, 1), expected, "pi({x}) with {plan:?}");
            }
        }
    }

    #[test]
    fn the_parameters_do_not_move_the_answer_on_all_levels() {
        for x in random(60, LEAST..1_000_000_000).chain([LEAST, 10_000_000_000, 34_567_890_123]) {
            let expected = rough_lucy::prime_pi(x);
            for alpha in ALPHAS {
                let mut plan = Plan::with_alpha(x, alpha);
                assert_eq!(gourdon(&plan, 1), expected, "pi({x}), alpha {alpha}");
                // Many segments, chunks and pieces of the table.
                plan.segment_bytes = 1024;
                plan.table_span = plan.square_root / 7;
                for cpu in available() {
                    plan.cpu = cpu;
                    assert_eq!(gourdon(&plan, 3), expected, "pi({x}), alpha {alpha}, in pieces, on {cpu:?}");
                }
            }
        }
    }

    #[test]
    fn threads_do_not_move_the_answer() {
        let mut plan = Plan::new(1 << 40);
        plan.table_span = 100_000;
        plan.segment_bytes = 8192;
        for threads in [1, 2, 8] {
            assert_eq!(gourdon(&plan, threads), 41_203_088_796, "{threads} threads");
        }
        for threads in [0, usize::MAX] {
            assert_eq!(prime_pi(THREADS_FROM, threads, &mut |_| true), Ok(1_711_955_433), "{threads} threads");
        }
        let x = 100_000_000_000;
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(prime_pi(x, 2, &mut |_| true), Ok(4_118_054_813)));
            }
        });
    }

    /// OEIS A006880.
    const POWERS_OF_TEN: [u64; 19] = [
        0,
        4,
        25,
        168,
        1_229,
        9_592,
        78_498,
        664_579,
        5_761_455,
        50_847_534,
        455_052_511,
        4_118_054_813,
        37_607_912_018,
        346_065_536_839,
        3_204_941_750_802,
        29_844_570_422_669,
        279_238_341_033_925,
        2_623_557_157_654_233,
        24_739_954_287_740_860,
    ];

    #[test]
    fn powers_of_ten() {
        for (k, &expected) in POWERS_OF_TEN.iter().enumerate().take(14) {
            assert_eq!(prime_pi(10u64.pow(k as u32), 2, &mut |_| true), Ok(expected), "pi(10^{k})");
        }
    }

    #[test]
    #[ignore = "takes minutes; times are in docs/explanation/pi.md"]
    fn large_powers_of_ten_and_the_largest_of_all() {
        for (k, &expected) in POWERS_OF_TEN.iter().enumerate().skip(14) {
            assert_eq!(prime_pi(10u64.pow(k as u32), 2, &mut |_| true), Ok(expected), "pi(10^{k})");
        }
        assert_eq!(prime_pi(u64::MAX, 2, &mut |_| true), Ok(425_656_284_035_217_743));
    }

    #[test]
    fn every_stage_can_be_interrupted_and_tells_how_far_it_is() {
        let x = 100_000_000_000;
        let mut parts = Vec::new();
        prime_pi(x, 1, &mut |part| {
            parts.push(part);
            true
        })
        .unwrap();
        assert!(parts.is_sorted() && parts.iter().all(|part| (0.0..=1.0).contains(part)), "{parts:?}");
        for last in (0..parts.len()).step_by(parts.len() / 50) {
            let mut asked = 0;
            let mut some = |_| {
                asked += 1;
                asked <= last
            };
            assert_eq!(prime_pi(x, 1, &mut some), Err(Error::Interrupted), "{last} of {}", parts.len());
            assert_eq!(asked, last + 1, "nobody is asked again after having said no");
        }
        // Both stages that threads share, and so long that the others cannot do the rest before this one is asked.
        for enough in [0.1, 0.5] {
            assert_eq!(prime_pi(1000 * x, 4, &mut |part| part < enough), Err(Error::Interrupted), "at {enough}");
        }
    }
}
