# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The first primes by trial division: the method that everybody thinks of first.

It is here to be compared, not to be fast. ``rust_ext/core/src/output/trial_division.rs`` and
``primes/_python/trial_division.py`` take the same steps, so that what differs in time is the language: see
``docs/explanation/lesson.md``.

The numbers have 32 bits, here and in Rust: 64 would never be needed, and compilers differ in how they divide them.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from signals cimport poll


cdef inline list first_primes(size_t n):
    """The n smallest primes.

    Each number 2, 3, 4, ... is divided by all the primes found so far, up to the first that divides it.
    """
    cdef uint32_t number = 2
    cdef uint64_t ticks = 0
    cdef size_t found = 0, i
    cdef uint32_t* primes = <uint32_t*>calloc(n, sizeof(uint32_t))
    if primes == NULL and n > 0:
        raise MemoryError
    try:
        with nogil:
            while found < n:
                for i in range(found):
                    if number % primes[i] == 0:
                        break
                else:
                    primes[found] = number
                    found += 1
                    # Look for Ctrl-C now and then: each division takes two nanoseconds or more.
                    ticks += 2 * found
                    poll(&ticks)
                number += 1
        return [primes[i] for i in range(n)]
    finally:
        free(primes)
