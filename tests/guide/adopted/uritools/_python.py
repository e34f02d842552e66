"""Percent-encoding in Python."""

import functools
import string

UNRESERVED = frozenset(f"{string.ascii_letters}{string.digits}-._~".encode())
DECODED = {(a + b).encode(): bytes.fromhex(a + b) for a in string.hexdigits for b in string.hexdigits}


@functools.cache
def encoding(safe):
    """Return what stands for each of the 256 bytes."""
    return [bytes([byte]) if byte in UNRESERVED or byte in safe else b"%%%02X" % byte for byte in range(256)]


def encode(data, safe):
    return b"".join(map(encoding(safe).__getitem__, data))


def decode(data):
    first, *parts = data.split(b"%")
    return first + b"".join(DECODED.get(part[:2], b"%" + part[:2]) + part[2:] for part in parts)
