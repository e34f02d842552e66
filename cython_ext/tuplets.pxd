# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Prime k-tuplets: their shapes, and where they end in a sieved segment."""

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memset

from arithmetic cimport lowest_bit
from sieve cimport Sieve, class_flags
from table cimport TABLE
from wheel cimport CLASS_COUNT, CLASS_OF, RESIDUES

cdef extern from *:
    """
    #include <stdint.h>

    static uint32_t primes_tuplets[7][8];
    """
    # Bit d of TUPLETS[k][c] is set if a k-tuplet that ends in class c has a prime d before its last one; d = 0 counts.
    uint32_t[7][CLASS_COUNT] TUPLETS "primes_tuplets"


cdef inline void fill_shape(int k, uint32_t distances) noexcept:
    """Note in which classes a k-tuplet of this shape may end; bit d stands for a prime d before the last one."""
    cdef int c, distance
    cdef uint32_t left
    cdef bint fits
    for c in range(CLASS_COUNT):
        fits = True
        left = distances
        while left:
            distance = lowest_bit(left)
            fits = fits and CLASS_OF[(RESIDUES[c] + 30 - distance) % 30] < CLASS_COUNT
            left &= left - 1
        if fits:
            TUPLETS[k][c] = distances


cdef inline void fill_tuplets() noexcept:
    fill_shape(1, 1)
    fill_shape(2, 1 | 1 << 2)
    fill_shape(3, 1 | 1 << 4 | 1 << 6)
    fill_shape(3, 1 | 1 << 2 | 1 << 6)
    fill_shape(4, 1 | 1 << 2 | 1 << 6 | 1 << 8)
    fill_shape(5, 1 | 1 << 2 | 1 << 6 | 1 << 8 | 1 << 12)
    fill_shape(5, 1 | 1 << 4 | 1 << 6 | 1 << 10 | 1 << 12)
    fill_shape(6, 1 | 1 << 4 | 1 << 6 | 1 << 10 | 1 << 12 | 1 << 16)


cdef inline void keep_tuplets(Sieve* sieve, int k, uint8_t* carry) noexcept nogil:
    """Flag all numbers but the last one of each k-tuplet.

    This goes from the last class down, because each class needs those below it unchanged. Bit 7 of the carry says that
    the last number of class 29 is composite: in the segment before, and on return in this one.
    """
    cdef size_t class_bytes = sieve.class_bytes
    cdef uint8_t* flags
    cdef uint8_t* member
    cdef uint32_t distances
    cdef uint8_t last
    cdef size_t i
    cdef int c, distance, residue
    # Only one tuplet lies in two rows: the twins (29, 31), where 29 is in the row before.
    member = class_flags(sieve, CLASS_COUNT - 1)
    last = member[class_bytes - 1]
    (member - 1)[0] = carry[0]
    carry[0] = last
    for c in range(CLASS_COUNT - 1, -1, -1):
        flags = class_flags(sieve, c)
        distances = TUPLETS[k][c]
        for distance in range(2, 17, 2):
            if not distances >> distance & 1:
                continue
            residue = RESIDUES[c] - distance
            if residue > 0:
                member = class_flags(sieve, CLASS_OF[residue])
                for i in range(class_bytes):
                    flags[i] |= member[i]
            else:
                member = class_flags(sieve, CLASS_OF[residue + 30])
                for i in range(class_bytes):
                    flags[i] |= member[i] << 1 | (member - 1)[i] >> 7
    for c in range(CLASS_COUNT):
        if not TUPLETS[k][c]:
            memset(class_flags(sieve, c), 0xFF, class_bytes)


cdef inline bint ends_tuplet(int k, int i) noexcept nogil:
    """Return whether TABLE[i] is the last prime of a k-tuplet.

    The primes of a tuplet are neighbours in the table: 3 divides all odd numbers between them.
    """
    cdef uint32_t distances
    cdef int c, distance, back
    for c in range(CLASS_COUNT):
        distances = TUPLETS[k][c]
        back = 0
        while distances:
            distance = lowest_bit(distances)
            if back > i or TABLE[i - back] + distance != TABLE[i]:
                break
            distances &= distances - 1
            back += 1
        if back and not distances:
            return True
    return False
