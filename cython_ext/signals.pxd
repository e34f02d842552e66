# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Ctrl-C, and any other signal whose handler raises, in code that runs without the GIL.

A signal is heard by the main thread alone. Others hear that they are to stop from whom they tell how far they are.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint64_t

cdef enum:
    # Units of about a nanosecond between two looks for Ctrl-C, of which every 50 ms are promised.
    TICKS_PER_POLL = 5000000


cdef struct Watch:
    uint64_t ticks  # work since the last look for Ctrl-C
    void* progress  # is told of the way, if it is not NULL; whoever began the work holds it
    uint64_t done
    uint64_t total


cdef inline void begin_watch(Watch* watch, progress, uint64_t total):
    watch.ticks = 0
    watch.progress = NULL if progress is None else <void*>progress
    watch.done = 0
    watch.total = total


cdef inline int look_and_tell(Watch* watch) except -1 nogil:
    """Do what poll() does, and tell how much is done: an exception of that ends the work as well."""
    if watch.ticks >= TICKS_PER_POLL:
        watch.ticks = 0
        with gil:
            PyErr_CheckSignals()
            if watch.progress != NULL:
                (<object>watch.progress)(watch.done, watch.total)
    return 0


cdef inline int poll(uint64_t* ticks) except -1 nogil:
    """Look for Ctrl-C when TICKS_PER_POLL of work were done since the last look."""
    if ticks[0] >= TICKS_PER_POLL:
        ticks[0] = 0
        with gil:
            PyErr_CheckSignals()
    return 0
