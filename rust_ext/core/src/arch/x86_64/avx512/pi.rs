//! The leaves of `pi/gourdon`, eight at a time: quotients by floating point, look-ups by gathering, or by permuting
//! two vectors where all eight are close together.
//!
//! With the reciprocals of the divisors, `pi/quotients.rs` shows what is exact. Without them, a quotient `floor(x / m)`
//! of integers below 2^53 is the double `x / m`, rounded, without its fraction: if `x / m` is not an integer it lies at
//! least `1 / m` below the next one, `n`, and as `m n < 2^53` no rounding bridges that. A larger `x` is itself rounded,
//! and together that moves a quotient below 2^51 by less than 1, which the remainder tells.

#![allow(unsafe_code, reason = "vectors are loaded and gathered through pointers")]

use std::arch::x86_64::{
    __m512i, _bzhi_u64, _mm_cvtsi128_si64, _mm256_cmpgt_epu16_mask, _mm256_loadu_si256, _mm256_mask_loadu_epi32,
    _mm256_movepi16_mask, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_storeu_si256, _mm512_add_epi32,
    _mm512_add_epi64, _mm512_andnot_si512, _mm512_castsi512_si128, _mm512_cmple_epu64_mask, _mm512_cmplt_epu64_mask,
    _mm512_cvtepi64_epi32, _mm512_cvtepu32_epi64, _mm512_cvtepu32_pd, _mm512_cvttpd_epu64, _mm512_div_pd,
    _mm512_loadu_si512, _mm512_mask_add_epi64, _mm512_mask_blend_epi64, _mm512_mask_i64gather_epi64,
    _mm512_mask_sub_epi64, _mm512_maskz_compress_epi32, _mm512_maskz_loadu_epi8, _mm512_maskz_loadu_pd,
    _mm512_maskz_permutex2var_epi8, _mm512_movepi64_mask, _mm512_mul_epu32, _mm512_mul_pd, _mm512_mullo_epi64,
    _mm512_permutex2var_epi8, _mm512_permutex2var_epi64, _mm512_permutexvar_epi64, _mm512_popcnt_epi64,
    _mm512_reduce_add_epi64, _mm512_sad_epu8, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_set1_pd,
    _mm512_setzero_si512, _mm512_sllv_epi64, _mm512_srli_epi64, _mm512_storeu_si512, _mm512_sub_epi64,
    _mm512_test_epi64_mask,
};

use crate::pi::gourdon::segment::{self, GROUP_WORDS};
use crate::pi::gourdon::squarefree::{LISTED_PLACES, Leaves, ODD, PLACES_AT_ONCE};
use crate::pi::quotients::{Divisors, EXACT_BELOW};
use crate::pi::table;
use crate::residues::{MODULUS, WORD_OFFSETS};

/// Quotients of one step.
const LANES: usize = 8;

/// Dividends below this are doubles.
const DOUBLES_BELOW: u64 = 1 << 53;

/// `floor(x / m)` for as many `m` as there are lanes, or fewer, by their reciprocals where they are at hand. What
/// stands behind the last one is some of the others, or nothing.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn quotients<const EXACT: bool>(x: u64, m: Divisors, lanes: u8) -> __m512i {
    debug_assert_eq!(m.m.len(), lanes.count_ones() as usize);
    if EXACT && m.reciprocals.len() == m.m.len() {
        // SAFETY: the mask has as many lanes as there are reciprocals.
        let reciprocals = unsafe { _mm512_maskz_loadu_pd(lanes, m.reciprocals.as_ptr()) };
        return _mm512_cvttpd_epu64(_mm512_mul_pd(_mm512_set1_pd(x as f64 + 0.5), reciprocals));
    }
    // SAFETY: the mask has as many lanes as there are integers.
    let m = unsafe { _mm256_mask_loadu_epi32(_mm256_set1_epi32(m.m[0].cast_signed()), lanes, m.m.as_ptr().cast()) };
    let quotients = _mm512_cvttpd_epu64(_mm512_div_pd(_mm512_set1_pd(x as f64), _mm512_cvtepu32_pd(m)));
    if EXACT {
        return quotients;
    }
    let m = _mm512_cvtepu32_epi64(m);
    let rest = _mm512_sub_epi64(_mm512_set1_epi64(x.cast_signed()), _mm512_mullo_epi64(quotients, m));
    let one = _mm512_set1_epi64(1);
    // The remainder is between -m and 2 m.
    let above = _mm512_movepi64_mask(rest);
    let below = !above & _mm512_cmple_epu64_mask(m, rest);
    let quotients = _mm512_mask_sub_epi64(quotients, above, quotients, one);
    _mm512_mask_add_epi64(quotients, below, quotients, one)
}

/// The low bits of which each lane says how many there are, up to 64, and none of the others.
#[inline]
#[target_feature(enable = "avx512f")]
fn low_bits(bits: __m512i, counts: __m512i) -> __m512i {
    // Shifted by 64, nothing is left.
    _mm512_andnot_si512(_mm512_sllv_epi64(_mm512_set1_epi64(-1), counts), bits)
}

/// The sum of pi over `quotient / q`.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 120 * words.len()`.
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
pub(crate) unsafe fn look_up(words: &[u64], lo: u64, quotient: u64, q: Divisors) -> u64 {
    // SAFETY: the caller's.
    unsafe {
        if quotient < EXACT_BELOW {
            look_up_quotients::<true>(words, lo, quotient, q)
        } else if quotient < DOUBLES_BELOW {
            look_up_quotients::<true>(words, lo, quotient, Divisors::alone(q.m))
        } else {
            look_up_quotients::<false>(words, lo, quotient, q)
        }
    }
}

/// # Safety
///
/// As [`look_up`].
#[inline]
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
unsafe fn look_up_quotients<const EXACT: bool>(words: &[u64], lo: u64, quotient: u64, q: Divisors) -> u64 {
    const UP_TO: [u8; 128] = padded(&table::UP_TO);
    // SAFETY: 64 of 128 bytes each.
    let up_to = [0, 64].map(|at| unsafe { _mm512_loadu_si512(UP_TO[at..].as_ptr().cast()) });
    let (per_word, lo) = (_mm512_set1_epi64(table::PER_WORD.cast_signed()), _mm512_set1_epi64(lo.cast_signed()));
    // 2^35 / 15, rounded up: right for all 32-bit dividends.
    let fifteenth = _mm512_set1_epi64(0x8888_8889);
    let (last, window) = (_mm512_set1_epi64(7), _mm512_set1_epi64(16));
    let mut sum = _mm512_setzero_si512();
    for q in q.chunks(LANES) {
        let lanes = (0xFF_u32 >> (LANES - q.m.len())) as u8;
        let n = _mm512_sub_epi64(quotients::<EXACT>(quotient, q, lanes), lo);
        let word = _mm512_srli_epi64::<35>(_mm512_mul_epu32(_mm512_srli_epi64::<3>(n), fifteenth));
        let rest = _mm512_sub_epi64(n, _mm512_mul_epu32(word, per_word));
        // The other bytes of a lane are zero, and so is the first of the table.
        let bits = _mm512_permutex2var_epi8(up_to[0], rest, up_to[1]);
        let low = _mm512_permutexvar_epi64(last, word);
        let beyond = _mm512_sub_epi64(word, low);
        let at = _mm_cvtsi128_si64(_mm512_castsi512_si128(low)) as usize;
        let found = if lanes == 0xFF && _mm512_cmplt_epu64_mask(beyond, window) == 0xFF && at + 16 <= words.len() {
            // SAFETY: so many words are there.
            let [low, high] = unsafe { [0, 8].map(|i| _mm512_loadu_si512(words.as_ptr().add(at + i).cast())) };
            _mm512_permutex2var_epi64(low, beyond, high)
        } else {
            // SAFETY: the quotients lie in the table.
            unsafe { _mm512_mask_i64gather_epi64::<8>(_mm512_setzero_si512(), lanes, word, words.as_ptr().cast()) }
        };
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(low_bits(found, bits)));
        sum = _mm512_add_epi64(sum, _mm512_srli_epi64::<32>(found));
    }
    _mm512_reduce_add_epi64(sum) as u64
}

/// The sum over `quotient / m` of how many integers the segment has up to there.
///
/// # Safety
///
/// All quotients lie in `lo..lo + 30 * bytes.len()`, and that is less than 2^24 integers; there are a count for every
/// eight bytes, a multiple of [`GROUP_WORDS`] of them, and an entry of `before` for each group of these.
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
pub(crate) unsafe fn count(bytes: &[u8], counts: &[u8], before: &[u32], lo: u64, quotient: u64, m: Divisors) -> u64 {
    // SAFETY: the caller's.
    unsafe {
        if quotient < EXACT_BELOW {
            count_quotients::<true>(bytes, counts, before, lo, quotient, m)
        } else if quotient < DOUBLES_BELOW {
            count_quotients::<true>(bytes, counts, before, lo, quotient, Divisors::alone(m.m))
        } else {
            count_quotients::<false>(bytes, counts, before, lo, quotient, m)
        }
    }
}

/// # Safety
///
/// As [`count`].
#[inline]
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
unsafe fn count_quotients<const EXACT: bool>(
    bytes: &[u8],
    counts: &[u8],
    before: &[u32],
    lo: u64,
    quotient: u64,
    m: Divisors,
) -> u64 {
    const UP_TO: [u8; 256] = padded(&segment::UP_TO);
    // SAFETY: 64 of 256 bytes each.
    let up_to = [0, 64, 128, 192].map(|at| unsafe { _mm512_loadu_si512(UP_TO[at..].as_ptr().cast()) });
    let (per_word, lo) = (_mm512_set1_epi64(segment::PER_WORD.cast_signed()), _mm512_set1_epi64(lo.cast_signed()));
    // 2^32 / 240, rounded up, which is 224 / 240 too much: right below 2^32 / 224.
    let per_word_inverse = _mm512_set1_epi64(17_895_698);
    let upper_half = _mm512_set1_epi64(128);
    let mut sum = _mm512_setzero_si512();
    let mut groups_before = 0;
    for m in m.chunks(LANES) {
        let lanes = (0xFF_u32 >> (LANES - m.m.len())) as u8;
        let n = _mm512_sub_epi64(quotients::<EXACT>(quotient, m, lanes), lo);
        let word = _mm512_srli_epi64::<32>(_mm512_mul_epu32(n, per_word_inverse));
        let rest = _mm512_sub_epi64(n, _mm512_mul_epu32(word, per_word));
        // The lookup looks at seven bits of each byte; the eighth chooses. Only the first byte of a lane counts.
        let bits = _mm512_mask_blend_epi64(
            _mm512_test_epi64_mask(rest, upper_half),
            _mm512_permutex2var_epi8(up_to[0], rest, up_to[1]),
            _mm512_maskz_permutex2var_epi8(0x0101_0101_0101_0101, up_to[2], rest, up_to[3]),
        );
        // SAFETY: the quotients lie in the segment.
        let left =
            unsafe { _mm512_mask_i64gather_epi64::<8>(_mm512_setzero_si512(), lanes, word, bytes.as_ptr().cast()) };
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(low_bits(left, bits)));
        let mut words = [0u32; LANES];
        // SAFETY: eight integers of four bytes.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), _mm512_cvtepi64_epi32(word)) };
        for &word in &words[..m.m.len()] {
            let word = word as usize;
            let group = word / GROUP_WORDS;
            // SAFETY: the word lies in the segment, so its group does, and all the group's counts are there.
            let counts = unsafe {
                groups_before += u64::from(*before.get_unchecked(group));
                let within = _bzhi_u64(u64::MAX, (word % GROUP_WORDS) as u32);
                _mm512_maskz_loadu_epi8(within, counts.as_ptr().add(group * GROUP_WORDS).cast())
            };
            sum = _mm512_add_epi64(sum, _mm512_sad_epu8(counts, _mm512_setzero_si512()));
        }
    }
    _mm512_reduce_add_epi64(sum) as u64 + groups_before
}

/// List the integers of whole turns of places of `squarefree.rs`, the first of which stands for `first`, whose least
/// prime factor is behind the b-th prime: those with an odd number of prime factors and those with an even one. Returns
/// how many they are.
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,avx512vpopcntdq"
)]
pub(crate) fn list(codes: &[u16], first: u32, b: u16, leaves: &mut Leaves) -> [usize; 2] {
    const INTEGERS: [u32; PLACES_AT_ONCE] = {
        let mut integers = [0; PLACES_AT_ONCE];
        let mut i = 0;
        while i < PLACES_AT_ONCE {
            integers[i] = (WORD_OFFSETS[i] - WORD_OFFSETS[0]) as u32;
            i += 1;
        }
        integers
    };
    assert!(codes.len() <= LISTED_PLACES && leaves.iter().all(|list| list.len() >= LISTED_PLACES + PLACES_AT_ONCE));
    // SAFETY: sixteen integers of four bytes.
    let mut m = unsafe { _mm512_loadu_si512(INTEGERS.as_ptr().cast()) };
    m = _mm512_add_epi32(m, _mm512_set1_epi32(first.cast_signed()));
    let step = _mm512_set1_epi32(2 * MODULUS as i32);
    let even_b = _mm256_set1_epi16(b.cast_signed());
    let odd_b = _mm256_set1_epi16((b | ODD).cast_signed());
    let mut listed = [0; 2];
    for codes in codes.as_chunks::<PLACES_AT_ONCE>().0 {
        // SAFETY: sixteen integers of two bytes.
        let codes = unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) };
        let odd = _mm256_cmpgt_epu16_mask(codes, odd_b);
        let even = _mm256_cmpgt_epu16_mask(codes, even_b) & !_mm256_movepi16_mask(codes);
        for ((list, listed), chosen) in leaves.iter_mut().zip(&mut listed).zip([odd, even]) {
            // SAFETY: no more are listed than there were places, and the list has room for a step beyond those.
            unsafe {
                _mm512_storeu_si512(list.as_mut_ptr().add(*listed).cast(), _mm512_maskz_compress_epi32(chosen, m));
            }
            *listed += chosen.count_ones() as usize;
        }
        m = _mm512_add_epi32(m, step);
    }
    listed
}

/// The same with zeros behind.
const fn padded<const LEN: usize>(bytes: &[u8]) -> [u8; LEN] {
    let mut padded = [0; LEN];
    let mut i = 0;
    while i < bytes.len() {
        padded[i] = bytes[i];
        i += 1;
    }
    padded
}
