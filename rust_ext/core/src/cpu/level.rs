//! Which vector instructions are used: chosen once, when the process first needs to know.
//!
//! Code that is compiled for a level may run only where the processor has that level. So each level is a *proof*: a
//! value of [`Avx2`], [`Avx512`] or [`Neon`] comes from detection alone, and code that holds one may call what is
//! compiled for it.
//!
//! An algorithm with faster code for some level matches on [`Cpu`] once a call, outside its loops. The faster code lies
//! beside it, in `avx512.rs`, `avx2.rs` or `neon.rs`, and does what the portable code does: tests compare them over all
//! of [`available`]. Other loops are compiled once for each level, by [`levels!`].

use std::sync::LazyLock;

/// A set of vector instructions that this processor has. Each level has all that the levels of its target before it
/// have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// What the compiler makes of portable loops for every processor of the target.
    Portable,
    /// NEON, which every 64-bit Arm has: the compiler uses it for portable loops, too.
    Neon(Neon),
    /// AVX2 with BMI1, BMI2, FMA, LZCNT and POPCNT: x86-64-v3, since 2013.
    Avx2(Avx2),
    /// AVX-512 as since Ice Lake and Zen 4: F, BW, CD, DQ, VL, IFMA, VBMI, VBMI2, BITALG and VPOPCNTDQ.
    Avx512(Avx512),
}

/// Proof that the processor has the level [`Cpu::Neon`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neon(());

/// Proof that the processor has the level [`Cpu::Avx2`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2(());

/// Proof that the processor has the level [`Cpu::Avx512`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx512(());

/// Pass the features of the level AVX2 to another macro, as the first of its arguments.
#[cfg(target_arch = "x86_64")]
macro_rules! features_of_avx2 {
    ([$($macro:tt)+] $($arguments:tt)*) => {
        $($macro)+! { ["avx2" "bmi1" "bmi2" "fma" "lzcnt" "popcnt"] $($arguments)* }
    };
}

/// The same for the level AVX-512.
#[cfg(target_arch = "x86_64")]
macro_rules! features_of_avx512 {
    ([$($macro:tt)+] $($arguments:tt)*) => {
        $($macro)+! {
            ["avx2" "bmi1" "bmi2" "fma" "lzcnt" "popcnt" "avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl"
             "avx512ifma" "avx512vbmi" "avx512vbmi2" "avx512bitalg" "avx512vpopcntdq"]
            $($arguments)*
        }
    };
}

/// Whether the processor has all of some features.
#[cfg(target_arch = "x86_64")]
macro_rules! all_detected {
    ([$($feature:tt)+]) => { $(std::arch::is_x86_feature_detected!($feature))&&+ };
}

/// A function that is compiled for all of some features.
#[cfg(target_arch = "x86_64")]
macro_rules! compiled_for {
    ([$($feature:literal)+] $($function:tt)+) => {
        #[target_feature($(enable = $feature),+)]
        $($function)+
    };
}

impl Neon {
    fn detect() -> Option<Self> {
        cfg!(target_arch = "aarch64").then_some(Self(()))
    }
}

impl Avx2 {
    fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return features_of_avx2!([all_detected]).then_some(Self(()));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }
}

impl Avx512 {
    fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return features_of_avx512!([all_detected]).then_some(Self(()));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// Whether a gathering load takes less than what can replace it. Sapphire Rapids, known by its instructions for
    /// half precision, gathers eight words in six cycles: there, pi(10^15) takes 8 % less than with windows of two
    /// vectors.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn gathers_quickly() -> bool {
        std::arch::is_x86_feature_detected!("avx512fp16")
    }
}

/// The environment variable that names the level to use.
const VARIABLE: &str = "PRIMES_CPU";

impl Cpu {
    /// The name by which users know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon(_) => "neon",
            Self::Avx2(_) => "avx2",
            Self::Avx512(_) => "avx512",
        }
    }
}

/// The levels that this processor has, the least first.
pub fn available() -> impl Iterator<Item = Cpu> {
    let vectors = [Neon::detect().map(Cpu::Neon), Avx2::detect().map(Cpu::Avx2), Avx512::detect().map(Cpu::Avx512)];
    std::iter::once(Cpu::Portable).chain(vectors.into_iter().flatten())
}

/// The level that `PRIMES_CPU` names, or the best of this processor where it is unset or empty.
fn selected() -> Result<Cpu, String> {
    let name = std::env::var_os(VARIABLE).unwrap_or_default();
    let level = if name.is_empty() { available().last() } else { available().find(|level| name == level.name()) };
    level.ok_or_else(|| {
        let names: Vec<_> = available().map(Cpu::name).collect();
        format!("{VARIABLE} must be one of {} on this processor, got {}", names.join(", "), name.display())
    })
}

/// Compile the same loops once for each level, and choose by a first argument of type [`Cpu`].
macro_rules! levels {
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block
    ) => {
        $(#[$attribute])*
        #[allow(unsafe_code, reason = "calls what is compiled for a level that the processor has")]
        $visibility fn $name(cpu: $crate::cpu::level::Cpu, $($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn portable($($argument: $type),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            {
                $crate::cpu::level::features_of_avx2! {
                    [$crate::cpu::level::compiled_for]
                    fn avx2($($argument: $type),*) $(-> $result)? { portable($($argument),*) }
                }
                $crate::cpu::level::features_of_avx512! {
                    [$crate::cpu::level::compiled_for]
                    fn avx512($($argument: $type),*) $(-> $result)? { portable($($argument),*) }
                }
                match cpu {
                    // SAFETY: the value is proof that the processor has the level.
                    $crate::cpu::level::Cpu::Avx2(_) => return unsafe { avx2($($argument),*) },
                    // SAFETY: as above.
                    $crate::cpu::level::Cpu::Avx512(_) => return unsafe { avx512($($argument),*) },
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
#[cfg(target_arch = "x86_64")]
pub(crate) use {compiled_for, features_of_avx2, features_of_avx512};

static SELECTED: LazyLock<Result<Cpu, String>> = LazyLock::new(selected);

/// The level in use.
///
/// # Errors
///
/// A message, when `PRIMES_CPU` names a level that does not exist or that this processor does not have.
pub fn cpu() -> Result<Cpu, &'static str> {
    SELECTED.as_ref().copied().map_err(String::as_str)
}

/// The level in use; the portable one where `PRIMES_CPU` is wrong, which [`cpu`] tells.
pub(crate) fn active() -> Cpu {
    cpu().unwrap_or(Cpu::Portable)
}
