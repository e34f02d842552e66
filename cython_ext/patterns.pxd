# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Presieving: a tile begins as the union of repeating patterns, which hold the multiples of the primes from 7 to 71."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from table cimport TABLE
from wheel cimport COLUMN_SPAN

cdef enum:
    # One pattern of three primes, then seven of two primes each: 16 KB in all. More patterns were not tried: the next
    # ones have 6 to 10 KB each, and would push the tile out of the L1 cache.
    PATTERN_COUNT = 8
    LONGEST_PERIOD_BYTES = 4757  # 67 * 71
    FIRST_UNPATTERNED = 20  # TABLE[20] is 73
    PATTERN_RUN_BYTES = 512  # bytes merged at a time; 256 and 1024 take the same time

cdef extern from *:
    """
    #include <stdint.h>

    typedef struct {
        uint32_t period_bytes;
        uint32_t inverse;
        uint8_t flags[4757 + 512];
    } primes_pattern;

    static primes_pattern primes_patterns[8];
    """
    ctypedef struct Pattern "primes_pattern":
        # Bit u is set where one of the pattern's primes divides u. In every class, the multiples repeat like this with
        # another phase, because 30 has an inverse modulo these primes. So one table serves all classes and segments.
        uint32_t period_bytes  # the product of the primes
        uint32_t inverse  # of COLUMN_SPAN modulo the period
        uint8_t[LONGEST_PERIOD_BYTES + PATTERN_RUN_BYTES] flags

    Pattern[PATTERN_COUNT] PATTERNS "primes_patterns"


cdef inline void fill_patterns() noexcept:
    cdef int i, k, first = 3, stop = 6  # TABLE[3] is 7: a triple, then pairs
    cdef uint32_t period, u
    cdef Pattern* pattern
    for k in range(PATTERN_COUNT):
        pattern = &PATTERNS[k]
        period = 1
        for i in range(first, stop):
            period *= TABLE[i]
        for i in range(first, stop):
            u = 0
            while u < 8 * (period + PATTERN_RUN_BYTES):
                pattern.flags[u >> 3] |= 1 << (u & 7)
                u += TABLE[i]
        pattern.period_bytes = period
        pattern.inverse = 1
        while <uint64_t>pattern.inverse * COLUMN_SPAN % period != 1:
            pattern.inverse += 1
        first = stop
        stop += 2


cdef inline void merge_patterns(
    uint8_t* tile, size_t tile_bytes, Pattern* patterns, uint64_t base, uint64_t distance, const bint fresh
) noexcept nogil:
    """Store the union of four patterns in a fresh tile, or add them to a tile that is not fresh.

    Bit 0 of the tile stands for base + distance; the sum itself may lie above 2**64. Bit u of a pattern that begins at
    byte t stands for 240 * t + 30 * u; the phase follows from that.
    """
    cdef uint32_t[4] phases
    cdef uint8_t* a
    cdef uint8_t* b
    cdef uint8_t* c
    cdef uint8_t* d
    cdef size_t done = 0, run_bytes, i
    cdef uint8_t* run
    cdef uint64_t period
    cdef int k
    for k in range(4):
        period = patterns[k].period_bytes
        phases[k] = (base % period + distance) % period * patterns[k].inverse % period
    while done < tile_bytes:
        run_bytes = min(tile_bytes - done, <size_t>PATTERN_RUN_BYTES)
        run = tile + done
        a = patterns[0].flags + phases[0]
        b = patterns[1].flags + phases[1]
        c = patterns[2].flags + phases[2]
        d = patterns[3].flags + phases[3]
        if fresh:
            for i in range(run_bytes):
                run[i] = a[i] | b[i] | c[i] | d[i]
        else:
            for i in range(run_bytes):
                run[i] |= a[i] | b[i] | c[i] | d[i]
        for k in range(4):
            phases[k] = (phases[k] + PATTERN_RUN_BYTES) % patterns[k].period_bytes
        done += run_bytes
