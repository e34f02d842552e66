# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""How many primes there are up to x, without looking at each number.

Lucy_Hedgehog's way, projecteuler.net, problem 10, up to the cube root of x, and E. Meissel's formula from there.
"""

from libc.stdint cimport SIZE_MAX, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from arithmetic cimport isqrt
from signals cimport poll


cdef struct Counts:
    # S(v): how many of 2 .. v are left after the multiples of the primes so far; these stay themselves.
    uint64_t x
    uint64_t root  # of x
    uint32_t* small  # small[(v - 1) / 2] is S(v), v <= root
    uint64_t* large  # large[i / 2] is S(x / i), odd i <= root
    uint32_t* rough  # the i <= root with no prime factor so far, ascending
    uint8_t* struck  # struck[i / 2]: i has one
    size_t rough_len
    uint64_t ticks


cdef inline uint64_t quotient(uint64_t x, uint64_t d) noexcept nogil:
    """x / d for root of x < d < 2**62, by the floats' division, which is the faster: it is off by one at most."""
    cdef uint64_t q = <uint64_t>(<double>x / <double>d)
    cdef int64_t rest = <int64_t>(x - q * d)
    if rest < 0:
        q -= 1
    elif rest >= <int64_t>d:
        q += 1
    return q


cdef inline int strike(Counts* counts, uint64_t p, uint64_t below) except -1 nogil:
    """Go on from the primes before p, of which there are so many, to p."""
    cdef uint64_t root = counts.root
    cdef uint64_t last = min(root, counts.x // p // p)
    cdef uint64_t i = p, end, q, fewer
    cdef size_t k = 0, kept = 0, v
    while i <= last:
        end = min(last, i + 65536 * 2 * p)
        while i <= end:
            counts.struck[i >> 1] = 1
            i += 2 * p
        counts.ticks += 65536 * 10
        poll(&counts.ticks)
    while k < counts.rough_len and counts.rough[k] <= last:
        i = counts.rough[k]
        k += 1
        if counts.struck[i >> 1]:
            continue
        counts.rough[kept] = i
        kept += 1
        if i * p <= root:
            fewer = counts.large[i * p >> 1]
        else:
            fewer = counts.small[(quotient(counts.x, i * p) - 1) >> 1]
        counts.large[i >> 1] -= fewer - below
        if k % 65536 == 0:
            counts.ticks += 65536 * 10
            poll(&counts.ticks)
    counts.ticks += k % 65536 * 10
    poll(&counts.ticks)
    counts.rough_len = kept
    end = (root + 1) >> 1
    q = (root // p - 1) | 1
    while q >= p:
        fewer = counts.small[q >> 1] - below
        for v in range(q * p >> 1, end):
            counts.small[v] -= <uint32_t>fewer
        end = q * p >> 1
        q -= 2
        counts.ticks += p
        poll(&counts.ticks)
    return 0


cdef inline int64_t meissel(Counts* counts) except -1 nogil:
    """Count the primes <= x: strike those up to the cube root, then take off the products of two larger ones."""
    cdef uint64_t p, below
    cdef int64_t total
    cdef size_t i
    for i in range((counts.root + 1) >> 1):
        counts.small[i] = i + 1
        counts.rough[i] = 2 * i + 1
        counts.struck[i] = 0
        p = counts.x // (2 * i + 1)
        counts.large[i] = p - p // 2
        if i % 65536 == 0:
            counts.ticks += 65536 * 10
            poll(&counts.ticks)
    counts.rough_len = (counts.root + 1) >> 1
    p = 3
    while p * p <= counts.x // p:
        below = counts.small[(p >> 1) - 1]
        if counts.small[p >> 1] != below:
            strike(counts, p, below)
        p += 2
    total = counts.large[0]
    for i in range(p >> 1, (counts.root + 1) >> 1):
        if counts.small[i] != counts.small[i - 1]:
            total -= counts.large[i] - counts.small[i - 1]
        if i % 65536 == 0:
            counts.ticks += 65536 * 10
            poll(&counts.ticks)
    return total


cdef inline int64_t count_up_to(uint64_t x) except -1:
    """Count the primes <= x, for x >= 4."""
    cdef Counts counts
    cdef size_t odd_len
    cdef uint8_t* memory
    counts.x = x
    counts.root = isqrt(x)
    counts.ticks = 0
    odd_len = (counts.root + 1) >> 1
    # One block rather than four, each of which a generous system would grant: what cannot fit is told before the work.
    memory = <uint8_t*>malloc(17 * odd_len) if odd_len <= SIZE_MAX // 17 else NULL
    if memory == NULL:
        raise MemoryError
    counts.large = <uint64_t*>memory
    counts.small = <uint32_t*>(memory + 8 * odd_len)
    counts.rough = <uint32_t*>(memory + 12 * odd_len)
    counts.struck = memory + 16 * odd_len
    try:
        with nogil:
            return meissel(&counts)
    finally:
        free(memory)
