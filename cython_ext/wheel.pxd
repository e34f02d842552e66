# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The residues coprime to 30: the classes of the sieve, and the steps from multiple to multiple that lie in them.

Conventions: row i of a segment is the thirty numbers from base + 30 * i on, and bit i of a class stands for one of
them; a column is one byte of each class: 8 rows, 240 numbers.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    CLASS_COUNT = 8
    COLUMN_SPAN = 240  # numbers

# These are C's own because a variable of a .pxd would be looked for in another module, at run time.
cdef extern from *:
    """
    #include <stdint.h>

    static const uint8_t primes_residues[8] = {1, 7, 11, 13, 17, 19, 23, 29};
    static uint8_t primes_class_of[30];
    static uint8_t primes_gap[30];
    static uint16_t primes_column_offset[64];
    """
    const uint8_t[CLASS_COUNT] RESIDUES "primes_residues"
    uint8_t[30] CLASS_OF "primes_class_of"  # the class of a residue; CLASS_COUNT where it shares a factor with 30
    uint8_t[30] GAP "primes_gap"  # from a residue to the next one coprime to 30
    # What bit i of a transposed column adds to the first number of the column.
    uint16_t[64] COLUMN_OFFSET "primes_column_offset"


cdef inline void fill_wheel() noexcept:
    cdef int c, i, gap, row
    for i in range(30):
        CLASS_OF[i] = CLASS_COUNT
    for c in range(CLASS_COUNT):
        CLASS_OF[RESIDUES[c]] = c
        for row in range(8):
            COLUMN_OFFSET[8 * row + c] = 30 * row + RESIDUES[c]
    for i in range(30):
        gap = 1
        while CLASS_OF[(i + gap) % 30] == CLASS_COUNT:
            gap += 1
        GAP[i] = gap


cdef inline uint32_t first_multiple(uint64_t base, uint64_t p, uint64_t* offset) noexcept nogil:
    """Find the first multiple m * p >= base with m coprime to 30: store its distance from base, return m modulo 30."""
    cdef uint64_t m = base // p
    cdef uint64_t rest = base - m * p
    cdef uint32_t wheel = m % 30
    offset[0] = 0
    if rest:
        offset[0] = p - rest
        wheel = wheel + 1 if wheel < 29 else 0
    if CLASS_OF[wheel] == CLASS_COUNT:
        wheel = next_multiple(wheel, p, offset)
    return wheel


cdef inline uint32_t next_multiple(uint32_t wheel, uint64_t p, uint64_t* offset) noexcept nogil:
    """Go on from m * p, m == wheel modulo 30, to the next such multiple: add to its distance, return the new m."""
    cdef uint32_t gap = GAP[wheel]
    offset[0] += p * gap
    return wheel + gap if wheel + gap < 30 else wheel + gap - 30
