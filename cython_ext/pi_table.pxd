# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A table that gives pi(n) by one load: a word serves 120 numbers, and holds their flags and a count."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from arithmetic cimport count_ones
from wheel cimport CLASS_COUNT, CLASS_OF, COPRIMES_TO

cdef enum:
    WORD_SPAN = 120  # numbers, 32 of them coprime to 30

cdef extern from *:
    """
    #include <stdint.h>

    static uint32_t primes_flags_to[120];
    """
    uint32_t[WORD_SPAN] FLAGS_TO "primes_flags_to"  # a mask: the flags of a word for its numbers up to this one


cdef inline void fill_flags_to() noexcept:
    cdef int i
    for i in range(WORD_SPAN):
        FLAGS_TO[i] = (<uint64_t>1 << (CLASS_COUNT * (i // 30) + COPRIMES_TO[i % 30])) - 1


cdef inline void add_prime(uint64_t* words, uint64_t p) noexcept nogil:
    """Set the flag of a prime above 5."""
    cdef uint32_t place = p % WORD_SPAN
    words[p // WORD_SPAN] |= <uint64_t>1 << (CLASS_COUNT * (place // 30) + CLASS_OF[place % 30])


cdef inline void add_counts(uint64_t* words, size_t word_count) noexcept nogil:
    """Store in the upper half of each word how many primes come before it, once all flags are set."""
    cdef uint64_t before = 3  # 2, 3 and 5 have no flag
    cdef size_t i
    for i in range(word_count):
        words[i] |= before << 32
        before += count_ones(<uint32_t>words[i])


cdef inline uint64_t look_up(uint64_t* words, uint64_t n) noexcept nogil:
    """Return pi(n), for n >= 5."""
    cdef uint64_t word = words[n // WORD_SPAN]
    return (word >> 32) + count_ones(word & FLAGS_TO[n % WORD_SPAN])
