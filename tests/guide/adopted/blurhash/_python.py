"""The sums over all pixels in Python."""

import struct
from math import cos, pi


def to_linear(value):
    value /= 255.0
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def to_srgb(value):
    value = max(0.0, min(1.0, value))
    if value <= 0.0031308:
        return int(value * 12.92 * 255 + 0.5)
    return int((1.055 * value ** (1 / 2.4) - 0.055) * 255 + 0.5)


def components(data, width, height, components_x, components_y, linear):
    values = struct.unpack(f"{3 * width * height}d", data)
    if not linear:
        values = [to_linear(value) for value in values]
    result = []
    for j in range(components_y):
        for i in range(components_x):
            norm = 2.0 if i or j else 1.0
            red = green = blue = 0.0
            at = 0
            for y in range(height):
                for x in range(width):
                    basis = norm * cos(pi * i * x / width) * cos(pi * j * y / height)
                    red += basis * values[at]
                    green += basis * values[at + 1]
                    blue += basis * values[at + 2]
                    at += 3
            result.append([red / (width * height), green / (width * height), blue / (width * height)])
    return result


def linear_pixels(colours, size_x, size_y, width, height):
    rows = []
    for y in range(height):
        row = []
        for x in range(width):
            red = green = blue = 0.0
            at = 0
            for j in range(size_y):
                for i in range(size_x):
                    basis = cos(pi * x * i / width) * cos(pi * y * j / height)
                    red += colours[at] * basis
                    green += colours[at + 1] * basis
                    blue += colours[at + 2] * basis
                    at += 3
            row.append([red, green, blue])
        rows.append(row)
    return rows


def srgb_pixels(colours, size_x, size_y, width, height):
    rows = linear_pixels(colours, size_x, size_y, width, height)
    return [[[to_srgb(value) for value in pixel] for pixel in row] for row in rows]
