# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Decimal text of many ascending numbers."""

from libc.stdint cimport SIZE_MAX, uint32_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memcpy

from signals cimport poll

cdef extern from *:
    """
    static char primes_digits[100][2];
    """
    char[100][2] DIGITS "primes_digits"  # "00" to "99"


cdef struct Text:
    char* bytes
    size_t len
    size_t capacity
    const char* separator
    size_t separator_len
    char[16] padded_separator  # the same, if it is that short
    uint64_t leading  # the number but its last four digits
    char[16] leading_digits
    size_t leading_len


cdef inline void fill_digits() noexcept:
    """To be called once, while the module is imported."""
    cdef int i
    for i in range(100):
        DIGITS[i][0] = 48 + i // 10
        DIGITS[i][1] = 48 + i % 10


cdef inline int write_decimal(Text* text, uint64_t* numbers, int count) except -1 nogil:
    """Append count numbers, each with the separator after it.

    Neighbours share all but their last digits: those are kept. Copies of 16 bytes, longer than what they are for, are
    two instructions; what they write too much is overwritten by the next.
    """
    # In 64 bits also where size_t has 32: a separator may be long.
    cdef uint64_t longest = text.len + count * (20 + <uint64_t>text.separator_len) + 16
    cdef char* at
    cdef uint64_t leading
    cdef uint32_t rest
    cdef int i, skipped
    if longest > text.capacity:
        longest += longest // 2
        at = <char*>realloc(text.bytes, <size_t>longest) if longest <= SIZE_MAX // 2 else NULL
        if at == NULL:
            with gil:
                raise MemoryError
        text.bytes = at
        text.capacity = <size_t>longest
    at = text.bytes + text.len
    for i in range(count):
        leading = numbers[i] // 10000
        rest = numbers[i] - 10000 * leading
        if leading != text.leading:
            keep_leading_digits(text, leading)
        memcpy(at, text.leading_digits, 16)
        at += text.leading_len
        if leading:
            memcpy(at, &DIGITS[rest // 100], 2)
            memcpy(at + 2, &DIGITS[rest % 100], 2)
            at += 4
        else:
            skipped = (rest < 10) + (rest < 100) + (rest < 1000)
            if skipped < 1:
                at[0] = 48 + rest // 1000
            if skipped < 2:
                at[1 - skipped] = 48 + rest // 100 % 10
            if skipped < 3:
                at[2 - skipped] = 48 + rest // 10 % 10
            at[3 - skipped] = 48 + rest % 10
            at += 4 - skipped
        if text.separator_len <= 16:
            memcpy(at, text.padded_separator, 16)
        else:
            memcpy(at, text.separator, text.separator_len)
        at += text.separator_len
    text.len = at - text.bytes
    return 0


cdef inline void keep_leading_digits(Text* text, uint64_t leading) noexcept nogil:
    cdef char[20] digits
    cdef int i, len = 0
    text.leading = leading
    while leading:
        digits[len] = 48 + leading % 10
        len += 1
        leading //= 10
    for i in range(len):
        text.leading_digits[i] = digits[len - 1 - i]
    text.leading_len = len


cdef inline int copy_text(char* to, Text* text) except -1 nogil:
    """Copy it piece by piece: 10**8 bytes of fresh memory take more than 50 ms."""
    cdef size_t done = 0, piece
    cdef uint64_t ticks = 0
    while done < text.len:
        piece = min(text.len - done, <size_t>1048576)
        memcpy(to + done, text.bytes + done, piece)
        done += piece
        ticks += piece
        poll(&ticks)
    return 0
