# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Many ascending numbers as decimal text."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport SIZE_MAX, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

from search cimport Search, free_search, new_search, next_block, next_segment
from sieve cimport BLOCK_LEN
from signals cimport poll
from table cimport TABLE, TABLE_STOP, table_index, table_stop

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
    char[16] padded_separator  # the separator again, if it fits
    uint64_t leading  # the last number, without its last four digits
    char[16] leading_digits
    size_t leading_len


cdef inline void fill_digits() noexcept:
    """Fill DIGITS; the first import of the module calls this once."""
    cdef int i
    for i in range(100):
        DIGITS[i][0] = 48 + i // 10
        DIGITS[i][1] = 48 + i % 10


cdef inline int write_decimal(Text* text, uint64_t* numbers, int count) except -1 nogil:
    """Append count numbers, each followed by the separator.

    Neighbours share all but their last digits, so the leading digits are kept from one number to the next. Every copy
    has 16 bytes, which takes two instructions; the next copy overwrites the bytes that were too many.
    """
    # This has 64 bits even where size_t has 32, because a separator may be long.
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
    """Copy it by the megabyte and look for Ctrl-C: 10**8 bytes of fresh memory take more than 50 ms."""
    cdef size_t done = 0, run
    cdef uint64_t ticks = 0
    while done < text.len:
        run = min(text.len - done, <size_t>1048576)
        memcpy(to + done, text.bytes + done, run)
        done += run
        ticks += run
        poll(&ticks)
    return 0


cdef inline tuple text_of(uint64_t n, uint64_t lo, uint64_t hi, bytes separator):
    """Return the n smallest primes of [lo, hi], or all if there are fewer, as decimal text, and how many they are."""
    cdef Search* search = NULL
    cdef uint64_t[BLOCK_LEN] numbers
    cdef uint64_t left = n
    cdef int first, stop, i, count
    cdef Text text
    cdef bytes result
    cdef char* to
    memset(&text, 0, sizeof(text))
    text.separator = separator
    text.separator_len = len(separator)
    if text.separator_len <= 16:
        memcpy(text.padded_separator, text.separator, text.separator_len)
    if lo > hi:
        return b"", 0
    try:
        if lo < TABLE_STOP:
            first = table_index(lo)
            stop = table_stop(hi)
            stop = first + <int>min(left, <uint64_t>(stop - first))
            left -= stop - first
            while first < stop:
                count = min(stop - first, <int>BLOCK_LEN)
                for i in range(count):
                    numbers[i] = TABLE[first + i]
                write_decimal(&text, numbers, count)
                first += count
        if left and hi >= TABLE_STOP:
            search = new_search(1, lo, hi)
            with nogil:
                while left and next_segment(search, <double>left):
                    count = next_block(search, search.block)
                    while left and count:
                        count = <int>min(left, <uint64_t>count)
                        write_decimal(&text, search.block, count)
                        left -= count
                        count = next_block(search, search.block)
        result = PyBytes_FromStringAndSize(NULL, text.len)
        to = result
        with nogil:
            copy_text(to, &text)
        return result, n - left
    finally:
        free(text.bytes)
        if search != NULL:
            free_search(search)
