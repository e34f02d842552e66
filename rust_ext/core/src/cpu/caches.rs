//! The caches of one core: how large the processor says they are.

use std::sync::LazyLock;

/// Bytes of the caches for data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caches {
    pub(crate) first_level: usize,
    pub(crate) second_level: usize,
}

/// What is assumed where the processor does not say, and at least.
const LEAST: Caches = Caches { first_level: 32 << 10, second_level: 256 << 10 };

/// What is believed at most: beyond, loops that were measured with less would be stretched too far.
const MOST: Caches = Caches { first_level: 128 << 10, second_level: 8 << 20 };

static CACHES: LazyLock<Caches> = LazyLock::new(|| believed(&told()));

/// What to make of levels and bytes that were told.
fn believed(told: &[(u32, usize)]) -> Caches {
    let largest = |level| told.iter().filter(|cache| cache.0 == level).map(|cache| cache.1).max().unwrap_or(0);
    Caches {
        first_level: largest(1).clamp(LEAST.first_level, MOST.first_level),
        second_level: largest(2).clamp(LEAST.second_level, MOST.second_level),
    }
}

/// The caches of this processor.
pub(crate) fn caches() -> Caches {
    *CACHES
}

/// The levels and bytes of the caches that may hold data.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, unused_unsafe, reason = "the instruction is unsafe to call up to Rust 1.93")]
fn told() -> [(u32, usize); 16] {
    use std::arch::x86_64::{__cpuid, __cpuid_count, CpuidResult};

    // SAFETY: all processors of this architecture have the instruction.
    let leaf = |leaf| unsafe { __cpuid(leaf) };
    // SAFETY: as above.
    let part = |leaf, part| unsafe { __cpuid_count(leaf, part) };
    // "Deterministic cache parameters": of Intel, and in the same form of AMD.
    let of_intel = (leaf(0).eax >= 4).then_some(4);
    let of_amd = (leaf(0x8000_0000).eax >= 0x8000_001D).then_some(0x8000_001D);
    let is_cache = |cache: &CpuidResult| cache.eax & 0x1F != 0;
    let holds_data = |cache: &CpuidResult| cache.eax & 0x1F != 2;
    let level_and_bytes = |CpuidResult { eax, ebx, ecx, .. }| {
        let (ways, partitions, line_bytes, sets) = (ebx >> 22, ebx >> 12 & 0x3FF, ebx & 0xFFF, ecx);
        let factors = [ways, partitions, line_bytes, sets].map(|n| (n as usize).saturating_add(1));
        (eax >> 5 & 7, factors.into_iter().fold(1, usize::saturating_mul))
    };
    let leaves = [of_intel, of_amd].into_iter().flatten();
    // There are five kinds and levels at most; where there is no end to them, something else answers.
    let caches = leaves.flat_map(|leaf| (0..8).map(move |i| part(leaf, i)).take_while(is_cache));
    let mut told = [(0, 0); 16];
    for (told, cache) in told.iter_mut().zip(caches.filter(holds_data).map(level_and_bytes)) {
        *told = cache;
    }
    told
}

/// Elsewhere there is no instruction that tells.
#[cfg(not(target_arch = "x86_64"))]
fn told() -> [(u32, usize); 0] {
    []
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_believed_within_bounds() {
        let believed = |told: &[_]| {
            let Caches { first_level, second_level } = believed(told);
            (first_level, second_level)
        };
        assert_eq!(believed(&[]), (32 << 10, 256 << 10));
        assert_eq!(believed(&[(1, 48 << 10), (2, 2 << 20), (3, 1 << 30)]), (48 << 10, 2 << 20));
        assert_eq!(believed(&[(1, 8 << 10), (2, 128 << 10)]), (32 << 10, 256 << 10));
        assert_eq!(believed(&[(2, usize::MAX), (1, usize::MAX), (1, 0)]), (128 << 10, 8 << 20));
    }
}
