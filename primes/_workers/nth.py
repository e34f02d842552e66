"""The n-th prime: count the primes up to an estimate, then sieve from there, up or down."""

from __future__ import annotations

from math import log, sqrt

from primes._arguments import LIMIT, PRIMES_BELOW_LIMIT, shown
from primes._estimate import nth_estimate, width_estimate
from primes._workers.pi import pi_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from primes._arguments import Workers
    from primes._kernel import Kernel, Progress


class TooFewError(OverflowError):
    """There are fewer than ``n`` primes from ``lo`` to 2**64: ``found`` of them."""

    def __init__(self, found: int, lo: int, n: int) -> None:
        super().__init__(f"n must be at most {found}, the primes from start={lo} to 2**64, got {shown(n)}")
        self.found = found


BLOCK_LEN = 1_000_000
"""The number of primes that are sieved at once: 8 MB."""

LEAST_ESTIMATED = 1000
"""Below this n, the estimates are poor, and sieving takes microseconds."""


def nth_of_any(chosen: Kernel, n: int, lo: int, workers: Workers = None, progress: Progress | None = None) -> int:
    """Return the ``n``-th prime that is at least ``lo``, be it above 2**64 or not."""
    found = 0
    if lo < LIMIT:
        try:
            return nth_from(chosen, n, lo, workers, progress)
        except TooFewError as error:
            found = error.found
    from primes._workers import large  # noqa: PLC0415  (few numbers are so large)

    tell = None if progress is None else large.shifted(progress, found, n)
    return large.nth(chosen, n - found, max(lo, LIMIT), workers, tell)


def nth_from(chosen: Kernel, n: int, lo: int, workers: Workers = None, progress: Progress | None = None) -> int:
    """Return the ``n``-th prime that is at least ``lo``, all below 2**64; ``progress`` is told how much is done."""
    if n < LEAST_ESTIMATED:
        return sieved(chosen, n, lo)
    if lo > 0 and n <= PRIMES_BELOW_LIMIT:
        width = width_estimate(n, lo)
        if width < chosen.pi_cost(min(int(lo + width), LIMIT - 1)) + chosen.pi_cost(lo):
            return sieved(chosen, n, lo)
    before = pi_values(chosen, [lo - 1], workers)[0] if lo > 0 else 0
    n += before
    if n > PRIMES_BELOW_LIMIT:
        raise TooFewError(PRIMES_BELOW_LIMIT - before, lo, n - before)
    # The error of the estimate is less than the square root, and mostly much less.
    x = min(int(nth_estimate(n)), LIMIT - 1)
    counted = pi_values(chosen, [x], workers, progress, n - before)[0]
    return sieved(chosen, n - counted, x + 1) if counted < n else sieved_back(chosen, counted - n, x)


def sieved(chosen: Kernel, n: int, lo: int) -> int:
    """Return the ``n``-th prime that is at least ``lo`` by sieving up to it."""
    start, wanted = lo, n
    while True:
        primes = memoryview(chosen.array(min(n, BLOCK_LEN), lo, LIMIT - 1, 1)).cast("B").cast("Q")
        if n <= len(primes):
            last: int = primes[-1]
            return last
        if len(primes) < BLOCK_LEN:
            raise TooFewError(wanted - n + len(primes), start, wanted)
        n -= len(primes)
        lo = primes[-1] + 1


def sieved_back(chosen: Kernel, n: int, hi: int, lo: int = 0) -> int:
    """Return the prime of [lo, hi] that has ``n`` others above it there, or 0 if there is none."""
    while hi >= max(lo, 2):
        block_len = min(n, BLOCK_LEN)
        width = int((block_len + 4 * sqrt(block_len) + 16) * log(hi))
        first = max(hi - width, lo)
        primes = memoryview(chosen.array(width + 1, first, hi, 1)).cast("B").cast("Q")
        if n < len(primes):
            found: int = primes[len(primes) - 1 - n]
            return found
        n -= len(primes)
        hi = first - 1
    return 0
