# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The table of the primes below 2**16: small requests are slices of it, and sieving up to 2**32 needs no other ones."""

from libc.stdint cimport uint8_t, uint16_t, uint64_t
from libc.string cimport memset

cdef enum:
    TABLE_STOP = 65536  # 2**16: an entry has 16 bits, and the table alone sieves up to the square, 2**32
    TABLE_LEN = 6542  # pi(2**16), OEIS A007053

cdef extern from *:
    """
    #include <stdint.h>

    static uint16_t primes_table[6542];
    """
    uint16_t[TABLE_LEN] TABLE "primes_table"


cdef inline void fill_table() noexcept:
    cdef uint8_t[TABLE_STOP >> 1] composite  # of 2 * i + 1
    cdef int i, k, p, count = 1
    memset(composite, 0, sizeof(composite))
    TABLE[0] = 2
    for i in range(1, TABLE_STOP // 2):
        if composite[i]:
            continue
        p = 2 * i + 1
        TABLE[count] = p
        count += 1
        k = 2 * i * (i + 1)  # the index of p * p; Cython makes no C loop of a range() whose step is no constant
        while p < 256 and k < TABLE_STOP // 2:
            composite[k] = 1
            k += p


cdef inline int table_stop(uint64_t hi) noexcept nogil:
    """Return how many primes of the table are at most hi."""
    return table_index(min(hi, <uint64_t>TABLE_STOP - 1) + 1)


cdef inline int table_index(uint64_t lo) noexcept nogil:
    """Return how many primes of the table are below lo."""
    cdef int first = 0, last = TABLE_LEN, middle
    while first < last:
        middle = (first + last) >> 1
        if TABLE[middle] < lo:
            first = middle + 1
        else:
            last = middle
    return first
