# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Ctrl-C, and any other signal whose handler raises, in code that runs without the GIL."""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint64_t

cdef enum:
    # Units of about a nanosecond between two looks for Ctrl-C, of which every 50 ms are promised.
    TICKS_PER_POLL = 5000000


cdef inline int poll(uint64_t* ticks) except -1 nogil:
    """Look for Ctrl-C when TICKS_PER_POLL of work were done since the last look."""
    if ticks[0] >= TICKS_PER_POLL:
        ticks[0] = 0
        with gil:
            PyErr_CheckSignals()
    return 0
