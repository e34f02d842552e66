"""Far out there are two ways: to sieve with all primes up to the root, or to sieve a little and test what is left.

A wide interval is sieved. In short intervals the integers are tested. Both must count the same.
"""

from __future__ import annotations

import pytest

import primes


@pytest.mark.parametrize("start", [10**15, 2**50 - 10**6, 10**15 + 7])
def test_the_two_ways_count_the_same(backend: str, start: int) -> None:
    # Python looks closer to zero, with fewer primes below the root: else it would take as long as all tests of windows.
    width, count, start = (10**6, 10, start // 100) if backend == "python" else (10**7, 100, start)
    piece = width // count
    pieces = range(start, start + width, piece)
    wide = primes.count_primes(start, start + width, method="sieve", workers=1, backend=backend)
    assert wide == sum(primes.count_primes(lo, lo + piece, method="sieve", workers=1, backend=backend) for lo in pieces)
