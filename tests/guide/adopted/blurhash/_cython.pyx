# cython: language_level=3, cdivision=True
"""The sums over all pixels in Cython."""

from libc.math cimport M_PI, cos, pow
from libc.stdlib cimport free, malloc


cdef double to_linear(double value) noexcept nogil:
    value /= 255.0
    return value / 12.92 if value <= 0.04045 else pow((value + 0.055) / 1.055, 2.4)


cdef long to_srgb(double value) noexcept nogil:
    value = max(0.0, min(1.0, value))
    if value <= 0.0031308:
        return <long>(value * 12.92 * 255 + 0.5)
    return <long>((1.055 * pow(value, 1 / 2.4) - 0.055) * 255 + 0.5)


def components(bytes data not None, int width, int height, int components_x, int components_y, bint linear):
    cdef const double *given = <const double *><const char *>data
    cdef Py_ssize_t count = 3 * <Py_ssize_t>width * height, at
    if len(data) != <Py_ssize_t>sizeof(double) * count:
        raise ValueError("the data are not those of an image of this size")
    cdef double *values = <double *>malloc(sizeof(double) * count + 1)
    if values is NULL:
        raise MemoryError
    cdef int i, j, x, y
    cdef double norm, basis, red, green, blue
    result = []
    try:
        with nogil:
            for at in range(count):
                values[at] = given[at] if linear else to_linear(given[at])
        for j in range(components_y):
            for i in range(components_x):
                norm = 2.0 if i or j else 1.0
                red = green = blue = 0.0
                at = 0
                with nogil:
                    for y in range(height):
                        for x in range(width):
                            basis = norm * cos(M_PI * i * x / width) * cos(M_PI * j * y / height)
                            red += basis * values[at]
                            green += basis * values[at + 1]
                            blue += basis * values[at + 2]
                            at += 3
                size = <double>width * height
                result.append([red / size, green / size, blue / size])
    finally:
        free(values)
    return result


cdef list pixels(list colours, int size_x, int size_y, int width, int height, bint linear):
    # As many as there can be: 9 * 9 components of 3 colours.
    cdef double values[243]
    cdef int i, j, x, y, at
    cdef double basis, red, green, blue
    if len(colours) != 3 * size_x * size_y or not (1 <= size_x <= 9 and 1 <= size_y <= 9):
        raise ValueError("the colours are not those of so many components")
    for at in range(3 * size_x * size_y):
        values[at] = colours[at]
    rows = []
    for y in range(height):
        row = []
        for x in range(width):
            red = green = blue = 0.0
            at = 0
            for j in range(size_y):
                for i in range(size_x):
                    basis = cos(M_PI * x * i / width) * cos(M_PI * y * j / height)
                    red += values[at] * basis
                    green += values[at + 1] * basis
                    blue += values[at + 2] * basis
                    at += 3
            row.append([red, green, blue] if linear else [to_srgb(red), to_srgb(green), to_srgb(blue)])
        rows.append(row)
    return rows


def linear_pixels(list colours not None, int size_x, int size_y, int width, int height):
    return pixels(colours, size_x, size_y, width, height, True)


def srgb_pixels(list colours not None, int size_x, int size_y, int width, int height):
    return pixels(colours, size_x, size_y, width, height, False)
