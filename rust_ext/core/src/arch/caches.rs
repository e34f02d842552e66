//! The caches of one core: how large the processor says they are, and what is brought into them.

use std::sync::LazyLock;

/// Bytes of the caches for data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caches {
    pub(crate) first_level: usize,
    pub(crate) second_level: usize,
}

/// What is assumed where the processor does not say, and at least: smaller ones are not worth a thought.
const LEAST: Caches = Caches { first_level: 32 << 10, second_level: 256 << 10 };

static CACHES: LazyLock<Caches> = LazyLock::new(|| {
    let (mut first_level, mut second_level) = (LEAST.first_level, LEAST.second_level);
    for (level, bytes) in told() {
        match level {
            1 => first_level = first_level.max(bytes),
            2 => second_level = second_level.max(bytes),
            _ => {}
        }
    }
    Caches { first_level, second_level }
});

/// The caches of this processor.
pub(crate) fn caches() -> Caches {
    *CACHES
}

/// Bring the cache line of the first of some bytes to the second level, without waiting for it.
#[inline(always)]
#[allow(unsafe_code, reason = "the instruction takes an address")]
pub(crate) fn fetch_to_second_level(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: nothing is read, and an address without memory is passed over.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(bytes.as_ptr().cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::hint::black_box(bytes.first().copied());
}

/// The levels and bytes of the caches that may hold data.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, unused_unsafe, reason = "the instruction is unsafe to call up to Rust 1.93")]
fn told() -> Vec<(u32, usize)> {
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
        (eax >> 5 & 7, [ways, partitions, line_bytes, sets].iter().map(|&n| n as usize + 1).product())
    };
    let caches = [of_intel, of_amd].into_iter().flatten();
    // There are five kinds and levels at most; where there is no end to them, something else answers.
    caches
        .flat_map(|leaf| (0..8).map(move |i| part(leaf, i)).take_while(is_cache))
        .filter(holds_data)
        .map(level_and_bytes)
        .collect()
}

/// Elsewhere there is no instruction that tells.
#[cfg(not(target_arch = "x86_64"))]
fn told() -> Vec<(u32, usize)> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_of_plausible_sizes() {
        let Caches { first_level, second_level } = caches();
        assert!((LEAST.first_level..=1 << 20).contains(&first_level), "{first_level}");
        assert!((LEAST.second_level..=1 << 28).contains(&second_level), "{second_level}");
        assert!(first_level <= second_level);
    }
}
