"""Far out, a wide window is sieved by every prime to its root, and short ones are sieved a little, the rest tested."""

from __future__ import annotations

import pytest

import primes


@pytest.mark.parametrize("start", [10**15, 2**50 - 10**6, 10**15 + 7])
def test_the_two_ways_count_the_same(backend: str, start: int) -> None:
    # In Python nearer, where the root has fewer primes below it: it would take as long as all other tests of windows.
    width, count, start = (10**6, 10, start // 100) if backend == "python" else (10**7, 100, start)
    piece = width // count
    pieces = range(start, start + width, piece)
    wide = primes.count_primes(start, start + width, method="sieve", workers=1, backend=backend)
    assert wide == sum(primes.count_primes(lo, lo + piece, method="sieve", workers=1, backend=backend) for lo in pieces)
