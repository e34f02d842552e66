# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A sieve that can count, after each sieving prime, how many numbers are left up to any number of the segment.

Unlike the sieve for lists, it has one bitmap of all numbers coprime to 30, in order: bit c of byte i stands for
base + 30 * i + RESIDUES[c]. Eight bytes are a word, and 32 words are a group. Each word has a counter of the numbers
left in it, and crossing off keeps the counters up to date. To count, add counters, and then the bits of one word.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from arithmetic cimport count_ones, sum_of_bytes
from wheel cimport CLASS_COUNT, CLASS_OF, COPRIMES_TO, first_multiple, next_multiple

cdef enum:
    PATTERNED_PRIMES = 6  # Multiples of 2, 3, 5 have no bit; those of 7, 11, 13 are a repeating pattern.
    PATTERN_BYTES = 1001  # 7 * 11 * 13
    PATTERN_LEFT = 5760  # coprime to 30030, of 30030 numbers
    WORD_BYTES = 8
    GROUP_WORDS = 32
    GROUP_BYTES = 256

cdef extern from *:
    """
    #include <stdint.h>

    static uint8_t primes_thirteen[1001];
    static uint16_t primes_thirteen_before[1001];
    """
    uint8_t[PATTERN_BYTES] PATTERN "primes_thirteen"
    uint16_t[PATTERN_BYTES] PATTERN_BEFORE "primes_thirteen_before"  # numbers left in the bytes before this one


cdef struct CountedSieve:
    uint64_t base  # the segment is base + 1 .. base + 30 * segment_bytes
    size_t segment_bytes  # a multiple of GROUP_BYTES
    uint8_t* flags
    uint8_t* counters
    uint64_t left  # numbers left in the segment
    # For count_to(): the groups that it has passed, and the numbers left in them.
    uint32_t passed
    uint32_t passed_left


cdef inline void fill_thirteen() noexcept:
    cdef uint64_t offset
    cdef uint32_t factor, before = 0
    cdef int i, p
    for p in (7, 11, 13):
        factor = first_multiple(0, p, &offset)
        while offset < 30 * PATTERN_BYTES:
            PATTERN[offset // 30] |= 1 << CLASS_OF[offset % 30]
            factor = next_multiple(factor, p, &offset)
    for i in range(PATTERN_BYTES):
        PATTERN_BEFORE[i] = before
        before += CLASS_COUNT - count_ones(PATTERN[i])


cdef inline uint64_t phi_of_pattern(uint64_t n) noexcept nogil:
    """Return phi(n, 6): how many of the integers 1 .. n have no prime factor up to 13."""
    cdef uint32_t place = n % (30 * PATTERN_BYTES)
    cdef uint32_t byte = place // 30
    cdef uint32_t mask = (1 << COPRIMES_TO[place % 30]) - 1
    return n // (30 * PATTERN_BYTES) * PATTERN_LEFT + PATTERN_BEFORE[byte] + count_ones(~PATTERN[byte] & mask)


cdef inline uint64_t word_at(const uint8_t* at) noexcept nogil:
    """Return eight bytes as a word, the first byte lowest on any machine."""
    cdef uint64_t word = 0
    cdef int i
    for i in range(8):
        word |= <uint64_t>at[i] << (8 * i)
    return word


cdef inline void count_words(CountedSieve* sieve) noexcept nogil:
    """Set all counters from the flags."""
    cdef size_t i
    cdef uint32_t left
    sieve.left = 0
    for i in range(sieve.segment_bytes // WORD_BYTES):
        left = count_ones(~word_at(sieve.flags + WORD_BYTES * i))
        sieve.counters[i] = left
        sieve.left += left


cdef inline void begin_counting(CountedSieve* sieve, uint64_t base) noexcept nogil:
    """Begin the segment at base, a multiple of 30, with only the pattern crossed off."""
    cdef size_t phase = base // 30 % PATTERN_BYTES
    cdef size_t done = 0, run
    sieve.base = base
    while done < sieve.segment_bytes:
        run = min(PATTERN_BYTES - phase, sieve.segment_bytes - done)
        memcpy(sieve.flags + done, PATTERN + phase, run)
        done += run
        phase = 0
    count_words(sieve)


cdef inline void cross_off(CountedSieve* sieve, uint32_t p) noexcept nogil:
    """Cross off p and its multiples, without changing the counters."""
    cdef uint64_t offset
    cdef uint32_t factor = first_multiple(sieve.base, p, &offset)
    cdef size_t i
    cdef uint8_t mask
    cdef int _
    for _ in range(CLASS_COUNT):
        # The factors of one class are 30 apart, so their multiples have the same bit of bytes that are p apart.
        i = offset // 30
        mask = 1 << CLASS_OF[offset % 30]
        while i < sieve.segment_bytes:
            sieve.flags[i] |= mask
            i += p
        factor = next_multiple(factor, p, &offset)


cdef inline void cross_off_counted(CountedSieve* sieve, uint32_t p) noexcept nogil:
    """Cross off p and its multiples, and keep the counters right."""
    cdef uint64_t offset
    cdef uint32_t factor = first_multiple(sieve.base, p, &offset)
    cdef size_t i
    cdef uint64_t left = sieve.left
    cdef uint8_t flags
    cdef uint32_t c, fresh
    cdef int _
    for _ in range(CLASS_COUNT):
        i = offset // 30
        c = CLASS_OF[offset % 30]
        while i < sieve.segment_bytes:
            flags = sieve.flags[i]
            fresh = ~flags >> c & 1
            sieve.flags[i] = flags | 1 << c
            sieve.counters[i // WORD_BYTES] -= fresh
            left -= fresh
            i += p
        factor = next_multiple(factor, p, &offset)
    sieve.left = left


cdef inline void begin_walk(CountedSieve* sieve) noexcept nogil:
    """Call this before a series of count_to() of ascending numbers; nothing may be crossed off within the series."""
    sieve.passed = 0
    sieve.passed_left = 0


cdef inline uint32_t count_to(CountedSieve* sieve, uint64_t n) noexcept nogil:
    """Return how many of the numbers base + 1 .. n are left."""
    cdef uint32_t place = n - sieve.base - 1
    cdef uint32_t byte = place // 30
    cdef uint32_t word = byte // WORD_BYTES
    cdef uint32_t group = word // GROUP_WORDS
    cdef uint8_t* counters = sieve.counters + GROUP_WORDS * sieve.passed
    cdef uint32_t bits = CLASS_COUNT * (byte % WORD_BYTES) + COPRIMES_TO[place - 30 * byte + 1]  # 1 .. 64
    cdef uint64_t sums
    # With the multiples of 7 crossed off, a word has at most 56 numbers left. So the sum of four counters fits a byte.
    while sieve.passed < group:
        sieve.passed_left += sum_of_bytes(
            word_at(counters) + word_at(counters + 8) + word_at(counters + 16) + word_at(counters + 24)
        )
        sieve.passed += 1
        counters += GROUP_WORDS
    sums = 0
    while word % GROUP_WORDS >= 8:
        sums += word_at(counters)
        counters += 8
        word -= 8
    sums += word_at(counters) & ((<uint64_t>1 << 8 * (word % 8)) - 1)
    return sieve.passed_left + sum_of_bytes(sums) + count_ones(
        ~word_at(sieve.flags + (byte & ~<uint32_t>7)) & (<uint64_t>-1 >> (64 - bits))
    )
