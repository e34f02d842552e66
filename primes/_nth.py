"""The n-th prime: count to an estimate of it, then sieve the rest of the way."""

from __future__ import annotations

from math import sqrt

from primes._arguments import LIMIT, PRIMES_BELOW_LIMIT
from primes._estimate import nth_estimate, pi_cost, width_estimate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from primes._kernel import Kernel

BLOCK_LEN = 1_000_000
"""How many primes are sieved at once on the way: 8 MB."""

LEAST_ESTIMATED = 1000
"""Below, the estimates are poor and sieving takes microseconds."""


def nth_from(chosen: Kernel, n: int, lo: int) -> int:
    """Return the ``n``-th prime that is at least ``lo``."""
    width = width_estimate(n, lo)
    if n < LEAST_ESTIMATED or width < pi_cost(int(lo + width)) + pi_cost(lo):
        return sieved(chosen, n, lo)
    before = chosen.prime_pi(lo - 1) if lo > 0 else 0
    if before + n > PRIMES_BELOW_LIMIT:
        raise OverflowError(
            f"n must be at most {PRIMES_BELOW_LIMIT - before}, the primes from start={lo} to 2**64, got {n}"
        )
    # The estimate is off by less than the square root: from so far before it, the way leads forward.
    estimate = nth_estimate(before + n)
    x = min(int(estimate), LIMIT - 1)
    while True:
        x -= int(sqrt(estimate))
        counted = chosen.prime_pi(x)
        if counted < before + n:
            return sieved(chosen, before + n - counted, x + 1)


def sieved(chosen: Kernel, n: int, lo: int) -> int:
    """Return the ``n``-th prime that is at least ``lo`` by sieving up to it."""
    start, wanted = lo, n
    while True:
        primes = memoryview(chosen.array(min(n, BLOCK_LEN), lo, LIMIT - 1, 1)).cast("B").cast("Q")
        if n <= len(primes):
            last: int = primes[-1]
            return last
        if len(primes) < BLOCK_LEN:
            found = wanted - n + len(primes)
            raise OverflowError(f"n must be at most {found}, the primes from start={start} to 2**64, got {wanted}")
        n -= len(primes)
        lo = primes[-1] + 1
