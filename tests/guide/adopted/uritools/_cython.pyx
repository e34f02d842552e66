# cython: language_level=3
"""Percent-encoding in Cython."""

from libc.stdlib cimport free, malloc

cdef const char *DIGITS = b"0123456789ABCDEF"


cdef bint is_unreserved(unsigned char byte) noexcept nogil:
    return (
        c"0" <= byte <= c"9" or c"A" <= byte <= c"Z" or c"a" <= byte <= c"z"
        or byte == c"-" or byte == c"." or byte == c"_" or byte == c"~"
    )


cdef int digit(unsigned char byte) noexcept nogil:
    """Return the value of a hexadecimal digit, or -1."""
    if c"0" <= byte <= c"9":
        return byte - c"0"
    if c"A" <= byte <= c"F":
        return byte - c"A" + 10
    if c"a" <= byte <= c"f":
        return byte - c"a" + 10
    return -1


def encode(bytes data not None, bytes safe not None):
    cdef const unsigned char *first = data
    cdef Py_ssize_t length = len(data), i, end = 0
    cdef unsigned char kept[256]
    cdef unsigned char byte
    for i in range(256):
        kept[i] = is_unreserved(<unsigned char>i)
    for byte in safe:
        kept[byte] = True
    cdef unsigned char *out = <unsigned char *>malloc(3 * length + 1)
    if out is NULL:
        raise MemoryError
    try:
        with nogil:
            for i in range(length):
                byte = first[i]
                if kept[byte]:
                    out[end] = byte
                    end += 1
                else:
                    out[end] = c"%"
                    out[end + 1] = DIGITS[byte >> 4]
                    out[end + 2] = DIGITS[byte & 15]
                    end += 3
        return (<char *>out)[:end]
    finally:
        free(out)


def decode(bytes data not None):
    cdef const unsigned char *first = data
    cdef Py_ssize_t length = len(data), i = 0, end = 0
    cdef int high, low
    cdef unsigned char *out = <unsigned char *>malloc(length + 1)
    if out is NULL:
        raise MemoryError
    try:
        with nogil:
            while i < length:
                if first[i] == c"%" and i + 2 < length:
                    high, low = digit(first[i + 1]), digit(first[i + 2])
                    if high >= 0 and low >= 0:
                        out[end] = <unsigned char>(16 * high + low)
                        end += 1
                        i += 3
                        continue
                out[end] = first[i]
                end += 1
                i += 1
        return (<char *>out)[:end]
    finally:
        free(out)
