//! Arithmetic as slow as it is plain, for tests to compare with.

/// Integers that look random, the same in each run.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// Steele's and Vigna's `SplitMix64`.
    pub(super) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(super) fn words(&mut self, len: usize) -> Vec<u64> {
        (0..len).map(|_| self.word()).collect()
    }
}

/// `a * b`, by halves of words.
pub(super) fn reference_product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let halves = |a: &[u64]| a.iter().flat_map(|word| [word & 0xffff_ffff, word >> 32]).collect::<Vec<_>>();
    let mut sums = vec![0u128; 2 * (a.len() + b.len())];
    for (i, a) in halves(a).into_iter().enumerate() {
        for (j, b) in halves(b).into_iter().enumerate() {
            sums[i + j] += u128::from(a * b);
        }
    }
    let mut carry = 0;
    let digits: Vec<u64> = sums
        .into_iter()
        .map(|sum| {
            carry += sum;
            let digit = carry as u64 & 0xffff_ffff;
            carry >>= 32;
            digit
        })
        .collect();
    digits.chunks(2).map(|pair| pair[0] | pair[1] << 32).collect()
}

/// `a` modulo `n`, bit by bit.
pub(super) fn reference_remainder(a: &[u64], n: &[u64]) -> Vec<u64> {
    let mut rest = vec![0u64; n.len() + 1];
    for i in (0..64 * a.len()).rev() {
        let mut carry = a[i / 64] >> (i % 64) & 1;
        for word in &mut rest {
            (*word, carry) = (*word << 1 | carry, *word >> 63);
        }
        let at_least = rest[n.len()] > 0 || rest[..n.len()].iter().rev().ge(n.iter().rev());
        if at_least {
            let mut borrow = 0;
            for (word, n) in rest.iter_mut().zip(n.iter().chain([&0])) {
                let difference = i128::from(*word) - i128::from(*n) - borrow;
                (*word, borrow) = (difference as u64, i128::from(difference < 0));
            }
        }
    }
    rest.truncate(n.len());
    rest
}
