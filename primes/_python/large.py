"""Integers of 2**64 and more for the pure-Python kernel: sieve an interval, then test what is left.

How far the sieve goes depends on how long a test takes, from 30 us at 128 bits to 150 ms at 4096. What is left is
decided by the test in ``primes/_baillie_psw.py``.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import compress, count
from math import gcd, log, prod

from primes._baillie_psw import is_baillie_psw_prime
from primes._long_products import remainder
from primes._python.sieve import TABLE_STOP, _small_primes, extend_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEAST = 2**64

_SMALL_BELOW = 2000
"""An integer that is tested alone is first divided by the primes below: one gcd, which finds a factor of 93 in 100."""

_LEAST_DEPTH, _MOST_DEPTH = 200, 2**32 - 1
"""How far an interval is sieved."""

_GROUP_BITS = 240
"""Primes are divided by in groups, whose product has at most so many bits: one long division for all of a group."""

_WINDOW_WIDTH = 2**21
"""Integers that are sieved at once: a flag for each odd one, 1 MiB."""

_small_product: int | None = None
_groups: tuple[tuple[int, tuple[int, ...]], ...] = ()


def is_large_prime(n: int, /) -> bool:
    """Tell whether ``n`` >= 2**64 is prime, as far as is known: no composite is known to pass for one."""
    global _small_product  # noqa: PLW0603 - a finished integer; a second thread sees it or makes the same
    if n % 2 == 0:
        return False
    if _small_product is None:
        table = _small_primes()
        _small_product = prod(table[: bisect_left(table, _SMALL_BELOW)])
    # Of a very long n, the remainder is taken in steps between which Ctrl-C gets in.
    return gcd(remainder(n, _small_product), _small_product) == 1 and is_baillie_psw_prime(n)


def next_large_prime(n: int, /) -> int:
    """Return the smallest prime > ``n``, for ``n`` >= 2**64 - 1."""
    lo = n + 1
    while True:
        width = _search_width(lo)
        for offset in _survivors(lo, width, _spacing(lo)):
            if is_baillie_psw_prime(lo + offset):
                return lo + offset
        lo += width


def prev_large_prime(n: int, /) -> int:
    """Return the largest prime p with 2**64 < p < ``n``, or 0 where there is none."""
    while n > _LEAST:
        lo = max(n - _search_width(n), _LEAST)
        for offset in reversed([*_survivors(lo, n - lo, _spacing(n))]):
            if is_baillie_psw_prime(lo + offset):
                return lo + offset
        n = lo
    return 0


def extend_large_range(out: list[int], lo: int, hi: int, /) -> None:
    """Append to ``out`` the primes of [lo, hi], 2**64 <= lo, in ascending order."""
    for first in range(lo, hi + 1, _WINDOW_WIDTH):
        width = min(_WINDOW_WIDTH, hi + 1 - first)
        for offset in _survivors(first, width, width):
            if is_baillie_psw_prime(first + offset):
                out.append(first + offset)  # noqa: PERF401 - what is found stays when Ctrl-C comes


def _spacing(n: int) -> int:
    """Return about how many integers lie between two primes near n."""
    return int(n.bit_length() * log(2)) + 1


def _search_width(n: int) -> int:
    """Return how many integers to sieve at once for one prime: in 98 of 100 such intervals there is one."""
    return min(4 * _spacing(n), _WINDOW_WIDTH)


def _depth(bits: int, tested: int) -> int:
    """Return up to which prime p to sieve so many integers that would be tested: where one more saves what it costs.

    In microseconds, a test takes 0.15 * bits and 2.2e-6 * bits**3, and one more sieving prime 0.3 and 0.0004 * bits.
    Without a prime factor up to p are 0.56 / log(p) of the integers (Mertens), and p divides one of p of them.
    """
    test_us = 0.15 * bits + 2.2e-6 * bits**3
    balance = min(tested * 0.56 * test_us / (0.3 + 0.0004 * bits), 1e12)
    return int(min(max(balance / log(balance + 3), _LEAST_DEPTH), _MOST_DEPTH))


def _survivors(lo: int, width: int, tested: int) -> Iterator[int]:
    """Yield what is left of the offsets from ``lo`` below ``width``, when about so many of them would be tested."""
    first = lo | 1
    flags = bytearray(b"\1") * ((width - (first - lo) + 1) // 2)
    length = len(flags)
    for product, primes in _sieving_groups(_depth(lo.bit_length(), tested)):
        rest = remainder(first, product)
        for p in primes:
            # Flag i is that of first + 2 * i.
            i = (p - rest % p) * (p + 1 >> 1) % p
            if i < length:
                flags[i::p] = bytes((length - 1 - i) // p + 1)
    return compress(count(first - lo, 2), flags)


def _sieving_groups(bound: int) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield the odd primes up to ``bound`` in groups, each with its product."""
    global _groups  # noqa: PLW0603 - finished, as above
    if not _groups:
        _groups = tuple(_grouped(_small_primes()[1:]))
    for product, primes in _groups:
        if primes[-1] > bound:
            yield product, primes[: bisect_left(primes, bound + 1)]
            return
        yield product, primes
    if bound > TABLE_STOP:
        for lo in range(TABLE_STOP, bound + 1, _WINDOW_WIDTH):
            more: list[int] = []
            extend_range(more, lo, min(lo + _WINDOW_WIDTH - 1, bound))
            yield from _grouped(more)


def _grouped(primes: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    i = 0
    while i < len(primes):
        group = tuple(primes[i : i + _GROUP_BITS // primes[i].bit_length()])
        yield prod(group), group
        i += len(group)
