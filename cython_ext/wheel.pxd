# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The residue classes coprime to 30, and the steps between multiples of a prime that lie in them.

Conventions: row i of a segment is the thirty numbers from base + 30 * i on. Bit i of a class stands for one of them. A
column is one byte of each class: 8 rows, 240 numbers.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    CLASS_COUNT = 8
    COLUMN_SPAN = 240  # numbers

# These are variables of C, because Cython would look for a variable of a .pxd in another module, at run time.
cdef extern from *:
    """
    #include <stdint.h>

    static const uint8_t primes_residues[8] = {1, 7, 11, 13, 17, 19, 23, 29};
    static uint8_t primes_class_of[30];
    static uint8_t primes_class_from[30];
    static uint8_t primes_coprimes_to[31];
    static const uint8_t primes_step[8] = {6, 4, 2, 4, 2, 4, 6, 2};
    static uint16_t primes_column_offset[64];
    """
    const uint8_t[CLASS_COUNT] RESIDUES "primes_residues"
    uint8_t[30] CLASS_OF "primes_class_of"  # the class of a residue; CLASS_COUNT if it is not coprime to 30
    uint8_t[30] CLASS_FROM "primes_class_from"  # the class of the first residue coprime to 30 from this one on
    uint8_t[31] COPRIMES_TO "primes_coprimes_to"  # how many residues coprime to 30 are at most this one
    const uint8_t[CLASS_COUNT] STEP "primes_step"  # from the residue of a class to the next one coprime to 30
    # The number that bit i of a transposed column stands for, minus the first number of the column.
    uint16_t[64] COLUMN_OFFSET "primes_column_offset"


cdef inline void fill_wheel() noexcept:
    cdef int c, i, row
    for i in range(30):
        CLASS_OF[i] = CLASS_COUNT
    for c in range(CLASS_COUNT):
        CLASS_OF[RESIDUES[c]] = c
        for row in range(8):
            COLUMN_OFFSET[8 * row + c] = 30 * row + RESIDUES[c]
    c = 0
    for i in range(30):
        CLASS_FROM[i] = c
        if i == RESIDUES[c]:
            c += 1
        COPRIMES_TO[i] = c
    COPRIMES_TO[30] = CLASS_COUNT


cdef inline uint32_t first_multiple(uint64_t base, uint64_t p, uint64_t* offset) noexcept nogil:
    """Find the first multiple m * p > base with m coprime to 30: store its distance from base, return the class of m.

    base itself never counts: it is a multiple of 30, so if it is m * p, m is not coprime to 30.
    """
    cdef uint64_t m = base // p
    cdef uint32_t residue = (m + 1) % 30
    cdef uint32_t c = CLASS_FROM[residue]
    offset[0] = m * p - base + p * (1 + RESIDUES[c] - residue)
    return c


cdef inline uint32_t next_multiple(uint32_t c, uint64_t p, uint64_t* offset) noexcept nogil:
    """Step from m * p, m of class c, to the next such multiple: add to its distance, return the class of the new m."""
    offset[0] += p * STEP[c]
    return (c + 1) % CLASS_COUNT
