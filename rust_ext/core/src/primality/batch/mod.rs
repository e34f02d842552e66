//! Many integers at a time: small factors first, then each half of the test for several side by side.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod candidates;

use super::divisors::has_small_factor;
use super::ladders::{Fermat, Lucas, fermat_steps, lucas_steps};
use super::one::{is_prime, is_prime_without_small_factors};
use super::selfridge;
use crate::arithmetic::montgomery::{Field, Signed, Unsigned};
use crate::arithmetic::small_primes::SMALL_LIMIT;
use crate::cpu::level::{Cpu, active};
use candidates::BATCH_LEN;
pub(crate) use candidates::Candidates;

/// Integers that take Fermat's half at a time, and the Lucas half, where there are no vectors for it. Two of the latter
/// are four multiplications that do not wait for each other, too.
const FERMAT_LANES: usize = 4;
const LUCAS_LANES: usize = 2;

/// Up to this many candidates are tested one by one: a group of vectors takes as long.
const FEW: usize = 3;

/// Tell of each integer whether it is prime: 1 or 0.
///
/// # Panics
///
/// When there are not as many answers as integers.
pub fn are_prime(numbers: &[u64], answers: &mut [u8]) {
    assert_eq!(numbers.len(), answers.len());
    answers.fill(0);
    let mut candidates = Candidates::new();
    for (numbers, answers) in numbers.chunks(BATCH_LEN).zip(answers.chunks_mut(BATCH_LEN)) {
        candidates.sift(numbers, answers);
        candidates.test_all(&mut |place| answers[place] = 1);
    }
}

impl Candidates {
    /// Take up those of at most [`BATCH_LEN`] integers that have no small factors. The primes below [`SMALL_LIMIT`] are
    /// told at once.
    fn sift(&mut self, numbers: &[u64], answers: &mut [u8]) {
        #[cfg(target_arch = "x86_64")]
        if let Cpu::Avx512(_) = active() {
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            return unsafe { avx512::sift(self, numbers, answers) };
        }
        for (place, (&n, answer)) in numbers.iter().zip(answers).enumerate() {
            if n < SMALL_LIMIT {
                *answer = u8::from(is_prime(n));
            } else if n % 2 == 1 && !has_small_factor(n) {
                self.push(n, place);
            }
        }
    }

    /// Tell where the primes come from, and have room again.
    pub(crate) fn test_all(&mut self, found: &mut dyn FnMut(usize)) {
        self.test_with(active(), found);
    }

    fn test_with(&mut self, cpu: Cpu, found: &mut dyn FnMut(usize)) {
        let numbers = &self.numbers[..self.len];
        let mut found = |i: usize| found(self.places[i] as usize);
        match cpu {
            _ if self.len <= FEW => {
                (0..self.len).filter(|&i| is_prime_without_small_factors(numbers[i])).for_each(found);
            }
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
            // SAFETY: the value is proof that the processor has the level.
            Cpu::Avx512(_) => unsafe { avx512::test_all(numbers, &mut found) },
            _ => test_all(numbers, &mut found),
        }
        self.len = 0;
    }
}

/// Tell which of the candidates are prime.
fn test_all(numbers: &[u64], found: &mut dyn FnMut(usize)) {
    // What has passed Fermat's half and waits for the other.
    let mut waiting = [0; LUCAS_LANES];
    let mut waiting_len = 0;
    for (group, start) in numbers.chunks(FERMAT_LANES).zip((0..).step_by(FERMAT_LANES)) {
        // Where some are missing, the last stands in for them.
        let outcomes = fermat(std::array::from_fn(|lane| group[lane.min(group.len() - 1)]));
        for lane in (0..group.len()).filter(|&lane| outcomes[lane]) {
            waiting[waiting_len] = start + lane;
            waiting_len += 1;
            if waiting_len == LUCAS_LANES {
                let outcomes = lucas(waiting.map(|i| numbers[i]));
                (0..LUCAS_LANES).filter(|&lane| outcomes[lane]).for_each(|lane| found(waiting[lane]));
                waiting_len = 0;
            }
        }
    }
    waiting[..waiting_len].iter().filter(|&&i| is_prime_without_small_factors(numbers[i])).for_each(|&i| found(i));
}

fn fermat(numbers: [u64; FERMAT_LANES]) -> [bool; FERMAT_LANES] {
    if Signed::takes(&numbers) { fermat_in::<Signed>(numbers) } else { fermat_in::<Unsigned>(numbers) }
}

fn fermat_in<F: Field>(numbers: [u64; FERMAT_LANES]) -> [bool; FERMAT_LANES] {
    let steps = numbers.into_iter().map(fermat_steps).max().unwrap_or(0);
    let mut lanes = numbers.map(|n| Fermat::new(n, F::new(n), steps));
    for bit in (0..steps).rev() {
        for lane in &mut lanes {
            lane.step(bit);
        }
    }
    lanes.map(|lane| lane.passes())
}

fn lucas(numbers: [u64; LUCAS_LANES]) -> [bool; LUCAS_LANES] {
    if Signed::takes(&numbers) { lucas_in::<Signed>(numbers) } else { lucas_in::<Unsigned>(numbers) }
}

fn lucas_in<F: Field>(numbers: [u64; LUCAS_LANES]) -> [bool; LUCAS_LANES] {
    let steps = numbers.into_iter().map(lucas_steps).max().unwrap_or(0);
    let parameters = numbers.map(selfridge::parameter);
    // Any parameter will do for what is known to be composite.
    let mut lanes = std::array::from_fn::<_, LUCAS_LANES, _>(|i| {
        Lucas::new(numbers[i], parameters[i].unwrap_or(0), F::new(numbers[i]), steps)
    });
    for _ in 0..steps {
        for lane in &mut lanes {
            lane.step();
        }
    }
    std::array::from_fn(|i| parameters[i].is_some() && lanes[i].passes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::level::available;

    /// What a level says of integers in the order given.
    fn answers(cpu: Cpu, numbers: &[u64]) -> Vec<bool> {
        let mut answers = vec![false; numbers.len()];
        let mut candidates = Candidates::new();
        for (start, block) in (0..).step_by(BATCH_LEN).zip(numbers.chunks(BATCH_LEN)) {
            for (place, &n) in block.iter().enumerate() {
                if n > SMALL_LIMIT && n % 2 == 1 && !has_small_factor(n) {
                    candidates.push(n, place);
                } else {
                    answers[start + place] = is_prime(n);
                }
            }
            candidates.test_with(cpu, &mut |place| answers[start + place] = true);
        }
        answers
    }

    fn agree(numbers: &[u64]) {
        let expected: Vec<bool> = numbers.iter().map(|&n| is_prime(n)).collect();
        for cpu in available() {
            let answers = answers(cpu, numbers);
            for (i, &n) in numbers.iter().enumerate() {
                assert_eq!(answers[i], expected[i], "{n} on {}", cpu.name());
            }
        }
        let mut answers = vec![2; numbers.len()];
        are_prime(numbers, &mut answers);
        assert!(answers.iter().zip(expected).all(|(&answer, expected)| answer == u8::from(expected)));
    }

    /// Steele, Lea and Flood's `SplitMix64`, from zero.
    fn random() -> impl Iterator<Item = u64> {
        (1u64..).map(|i| {
            let z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ z >> 31
        })
    }

    #[test]
    fn neighbours_of_powers_of_two() {
        for bits in 0..=64u32 {
            let middle = 1u128 << bits;
            let numbers: Vec<u64> =
                (middle.saturating_sub(400)..middle + 400).filter_map(|n| u64::try_from(n).ok()).collect();
            agree(&numbers);
        }
    }

    #[test]
    fn random_integers_of_one_length_and_of_all() {
        for bits in [17, 20, 32, 50, 52, 53, 63, 64] {
            agree(&random().take(6000).map(|n| n >> (64 - bits)).collect::<Vec<_>>());
        }
        agree(&random().zip((0..48).cycle()).take(20_000).map(|(n, shift)| n >> shift).collect::<Vec<_>>());
    }

    #[test]
    fn as_many_as_there_may_be() {
        agree(&random().take(3 * BATCH_LEN / 2).map(|n| n | 1).collect::<Vec<_>>());
        let primes: Vec<u64> = random().map(|n| n | 1).filter(|&n| is_prime(n)).take(BATCH_LEN + 1).collect();
        for len in [0, 1, FEW, FEW + 1, 7, 31, 32, 33, 100, BATCH_LEN, BATCH_LEN + 1] {
            agree(&primes[..len]);
        }
    }

    /// Products of the form (k + 1) (2 k + 1), (k + 1) (3 k + 1), .. are the most frequent pseudoprimes to base 2.
    #[test]
    fn pseudoprimes_and_squares() {
        let mut numbers = vec![1093u64.pow(2), 3511u64.pow(2), 1093u64.pow(4), 3511u64.pow(4)];
        for start in [300u64, 1 << 16, 1 << 25, 1 << 26, 1 << 29, (1 << 31) - 2000, (1 << 32) - 4000] {
            for k in (start..start + 4000).step_by(2).filter(|&k| is_prime(k + 1)) {
                numbers.extend((1..7).filter_map(|factor| (k + 1).checked_mul(factor * k + 1)));
            }
        }
        agree(&numbers);
    }
}
