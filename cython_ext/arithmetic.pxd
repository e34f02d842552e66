# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Integer arithmetic that C lacks, or that each compiler spells differently."""

from libc.math cimport sqrt
from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>

    #if defined(__SIZEOF_INT128__)
    static inline uint64_t primes_mul_high(uint64_t a, uint64_t b) {
        return (uint64_t)(((unsigned __int128)a * b) >> 64);
    }
    #elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    #include <intrin.h>
    static inline uint64_t primes_mul_high(uint64_t a, uint64_t b) { return __umulh(a, b); }
    #else
    static inline uint64_t primes_mul_high(uint64_t a, uint64_t b) {
        uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
        uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
        return a1 * b1 + (middle >> 32) + ((a0 * b1 + (uint32_t)middle) >> 32);
    }
    #endif

    /* Neither is defined for 0. */
    #if defined(__GNUC__)
    #define primes_lowest_bit(word) ((unsigned)__builtin_ctzll(word))
    #define primes_highest_bit(word) ((unsigned)(63 - __builtin_clzll(word)))
    #elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    static inline unsigned primes_lowest_bit(uint64_t word) {
        unsigned long bit;
        _BitScanForward64(&bit, word);
        return bit;
    }
    static inline unsigned primes_highest_bit(uint64_t word) {
        unsigned long bit;
        _BitScanReverse64(&bit, word);
        return bit;
    }
    #else
    static inline unsigned primes_lowest_bit(uint64_t word) {
        unsigned bit = 0;
        for (; !(word & 1); word >>= 1) bit++;
        return bit;
    }
    static inline unsigned primes_highest_bit(uint64_t word) {
        unsigned bit = 0;
        for (; word >>= 1;) bit++;
        return bit;
    }
    #endif
    """
    uint64_t mul_high "primes_mul_high"(uint64_t a, uint64_t b) noexcept nogil
    unsigned lowest_bit "primes_lowest_bit"(uint64_t word) noexcept nogil
    unsigned highest_bit "primes_highest_bit"(uint64_t word) noexcept nogil


cdef inline int count_ones(uint64_t word) noexcept nogil:
    """Count the bits that are 1. The target of the build is the oldest x86-64, which has no instruction for that."""
    word -= word >> 1 & 0x5555555555555555ULL
    word = (word & 0x3333333333333333ULL) + (word >> 2 & 0x3333333333333333ULL)
    return <int>(((word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FULL) * 0x0101010101010101ULL >> 56)


cdef inline uint32_t sum_of_bytes(uint64_t bytes) noexcept nogil:
    """Return the sum of the eight bytes of a word."""
    bytes = (bytes & 0x00FF00FF00FF00FFULL) + (bytes >> 8 & 0x00FF00FF00FF00FFULL)
    return bytes * 0x0001000100010001ULL >> 48


cdef inline uint64_t isqrt(uint64_t x) noexcept nogil:
    """Return the largest root with root * root <= x. The root as a float is off by one at most."""
    cdef uint64_t root = <uint64_t>sqrt(<double>x)
    if root > UINT32_MAX:
        root = UINT32_MAX
    if root * root > x:
        root -= 1
    elif root < UINT32_MAX and (root + 1) * (root + 1) <= x:
        root += 1
    return root
