# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Ctrl-C, or any other signal whose handler raises, stops code that runs without the GIL.

Only the main thread hears signals. Other threads call a ``progress``, and stop when that raises an exception.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint64_t

cdef enum:
    # The ticks between two looks for Ctrl-C. A tick is about a nanosecond, and a look at least every 50 ms is promised.
    TICKS_PER_POLL = 5000000


cdef struct Watch:
    uint64_t ticks  # of work since the last look for Ctrl-C
    void* progress  # called with (done, total), or NULL; the caller that began the work holds the reference
    uint64_t done
    uint64_t total


cdef inline void begin_watch(Watch* watch, progress, uint64_t total):
    watch.ticks = 0
    watch.progress = NULL if progress is None else <void*>progress
    watch.done = 0
    watch.total = total


cdef inline int look_and_tell(Watch* watch) except -1 nogil:
    """Do what poll() does, and call the progress; its exception ends the work as well."""
    if watch.ticks >= TICKS_PER_POLL:
        watch.ticks = 0
        with gil:
            PyErr_CheckSignals()
            if watch.progress != NULL:
                (<object>watch.progress)(watch.done, watch.total)
    return 0


cdef inline int poll(uint64_t* ticks) except -1 nogil:
    """Look for Ctrl-C if the work since the last look is TICKS_PER_POLL or more."""
    if ticks[0] >= TICKS_PER_POLL:
        ticks[0] = 0
        with gil:
            PyErr_CheckSignals()
    return 0
