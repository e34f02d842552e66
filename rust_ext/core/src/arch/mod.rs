//! Which vector instructions are used: chosen once, when the process first needs to know.
//!
//! A room that has faster code for some processors matches on [`active`] once a call, outside its loops. The code
//! itself lies in `arch/x86_64/` and `arch/aarch64/`, a file for each level and room, and does what the portable code
//! beside the match does: tests compare them over all of [`available`].

#[cfg(target_arch = "aarch64")]
pub(crate) mod aarch64;
mod caches;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86_64;

use std::sync::LazyLock;

pub(crate) use caches::{caches, fetch_to_second_level};

/// A set of vector instructions. Each level has all that the levels of its target before it have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cpu {
    /// What the compiler makes of portable loops for every processor of the target.
    Portable,
    /// NEON, which every 64-bit Arm has: the compiler uses it for portable loops, too.
    Neon,
    /// AVX2 with BMI1, BMI2, FMA, LZCNT and POPCNT: x86-64-v3, since 2013.
    Avx2,
    /// AVX-512 as since Ice Lake and Zen 4: F, BW, CD, DQ, VL, IFMA, VBMI, VBMI2, BITALG and VPOPCNTDQ.
    Avx512,
}

/// All levels of the target, the least first.
const LEVELS: &[Cpu] = if cfg!(target_arch = "x86_64") {
    &[Cpu::Portable, Cpu::Avx2, Cpu::Avx512]
} else if cfg!(target_arch = "aarch64") {
    &[Cpu::Portable, Cpu::Neon]
} else {
    &[Cpu::Portable]
};

/// The environment variable that names the level to use.
const VARIABLE: &str = "PRIMES_CPU";

impl Cpu {
    /// The name by which users know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

/// The best level of this processor.
fn best() -> Cpu {
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! all_detected {
            ($($feature:tt)+) => { $(std::arch::is_x86_feature_detected!($feature))&&+ };
        }
        if all_detected!("avx2" "bmi1" "bmi2" "fma" "lzcnt" "popcnt") {
            let avx512 = all_detected!(
                "avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl" "avx512ifma" "avx512vbmi" "avx512vbmi2"
                "avx512bitalg" "avx512vpopcntdq"
            );
            return if avx512 { Cpu::Avx512 } else { Cpu::Avx2 };
        }
    }
    if cfg!(target_arch = "aarch64") { Cpu::Neon } else { Cpu::Portable }
}

/// The levels that this processor has, the least first.
pub fn available() -> impl Iterator<Item = Cpu> {
    let best = best();
    LEVELS.iter().copied().filter(move |&level| level <= best)
}

/// The level that `PRIMES_CPU` names, or the best of this processor where it is unset or empty.
fn selected() -> Result<Cpu, String> {
    let name = std::env::var_os(VARIABLE).unwrap_or_default();
    if name.is_empty() {
        return Ok(best());
    }
    available().find(|level| name == level.name()).ok_or_else(|| {
        let names: Vec<_> = available().map(Cpu::name).collect();
        format!("{VARIABLE} must be one of {} on this processor, got {}", names.join(", "), name.display())
    })
}

/// Compile the same loops once for each level, and choose by a first argument of type [`Cpu`].
macro_rules! levels {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$attribute])*
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        $visibility fn $name(cpu: Cpu, $($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn portable($($argument: $type),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    portable($($argument),*)
                }
                #[target_feature(
                    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
                )]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    portable($($argument),*)
                }
                match cpu {
                    // SAFETY: a level is only named where the processor has it.
                    Cpu::Avx2 => return unsafe { avx2($($argument),*) },
                    // SAFETY: as above.
                    Cpu::Avx512 => return unsafe { avx512($($argument),*) },
                    _ => {}
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = cpu;
            portable($($argument),*)
        }
    };
}
pub(crate) use levels;

static SELECTED: LazyLock<Result<Cpu, String>> = LazyLock::new(selected);

/// The level in use.
///
/// # Errors
///
/// A message, when `PRIMES_CPU` names a level that does not exist or that this processor does not have.
pub fn cpu() -> Result<Cpu, &'static str> {
    SELECTED.as_ref().copied().map_err(String::as_str)
}

/// The level in use; the portable one where `PRIMES_CPU` is wrong, which whoever asks [`cpu`] is told.
pub(crate) fn active() -> Cpu {
    cpu().unwrap_or(Cpu::Portable)
}
