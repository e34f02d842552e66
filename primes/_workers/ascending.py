"""Answers for each integer of an ascending array, in less time than one call for each takes.

If neighbours lie close together, the primes between them are sieved once and looked up. If they lie far apart, the
kernel is called for each. The costs that the kernel states decide what is close, so this never takes longer than one
call for each integer. Memory is bounded, apart from arrays as long as the given one. Ctrl-C is heard between two
blocks, and by the kernel.
"""

from __future__ import annotations

from math import isqrt, log
from typing import TYPE_CHECKING

import numpy as np

from primes._arguments import EVERY, LIMIT
from primes._workers.intervals import THREADED_LEN, root_cost, threads_for
from primes._workers.nth import nth_from
from primes._workers.pi import pi_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from primes._kernel import Kernel

    Integers = NDArray[np.uint64]
    Counts = NDArray[np.int64]

BLOCK_LEN = 1 << 20
"""The items looked up at a time, some tens of milliseconds, and the primes sieved at a time, 8 MB."""

CALL_COST = 3000
"""The cost of one call of the kernel, at least 0.3 us, in integers whose primes could be counted in that time."""

LISTING, TO_THE_ROOT, TESTING = 4, 20, 200
"""The cost of listing the primes of an interval and looking them up, in the same unit. Each integer costs LISTING, and
the sieving primes cost TO_THE_ROOT times their ``root_cost``. Or each integer costs TESTING, if a little sieving and a
primality test are cheaper. At 10^9, windows of 10^5 integers take the kernels 65, 270 and 3900 us, as long as counting
in 7 * 10^5, 2 * 10^6 and 3 * 10^6 integers of a wide interval."""

NTH_COST = 100_000
"""The cost of the n-th prime in addition to pi(x), at least 5 us."""

LITTLE = 300_000
"""If the calls for all integers together cost at most this, they take less than finding close neighbours: 20 us."""

NEAR_STOP, NEAR_GAP, FAR_GAP = 1 << 40, 512, 32
"""The widest gap that is sieved to find a neighbour. A window above 2^40 is not sieved to its root, and takes 20 ns an
integer instead of less than 1. The kernel finds one neighbour in about 0.3 us near zero and 1 us far from it."""

LEAST_NEIGHBOURS = 64
"""Fewer neighbours in a row are found one by one: making an array takes 10 us."""


def counts_up_to(chosen: Kernel, numbers: Integers) -> Counts:
    """Return pi(x) for each of the ascending numbers."""
    counts = np.empty(len(numbers), np.int64)

    def count_each(block: slice | NDArray[np.intp]) -> None:
        counts[block] = pi_values(chosen, numbers[block].tolist(), None)

    if len(numbers) and len(numbers) * (chosen.pi_cost(int(numbers[-1])) + CALL_COST) <= LITTLE:
        count_each(slice(None))
        return counts
    heads = split(numbers, lambda x: (chosen.pi_cost(x) + CALL_COST) / LISTING)
    for first in range(0, len(heads) - 1, BLOCK_LEN):
        count_each(heads[first : min(first + BLOCK_LEN, len(heads) - 1)])
    for head, end in groups(heads, 2):
        lo, hi = int(numbers[head]), int(numbers[end - 1])
        if window_cost(lo, hi) < (end - 1 - head) * (chosen.pi_cost(hi) + CALL_COST):
            count_on(chosen, numbers[head:end], counts[head:end])
        else:
            count_each(slice(head + 1, end))
    return counts


def count_on(chosen: Kernel, numbers: Integers, counts: Counts) -> None:
    """Fill in pi(x) for each of the numbers after the first, whose count is already there."""
    i, at, count = 1, int(numbers[0]), int(counts[0])
    while i < len(numbers):
        if at == LIMIT - 1:  # This is the last integer of 64 bits, so the numbers that are left all equal it.
            counts[i:] = count
            return
        # Far from zero, intervals are wider, as each one needs its sieving primes: up to 10^8 bytes at 2^64.
        reach = at + max(1 << 24, isqrt(at) // 8)
        stop = i + int(numbers[i:].searchsorted(np.uint64(min(reach, LIMIT - 1)), "right"))
        if stop <= i + 1:
            following = int(numbers[i])
            count += chosen.count(at + 1, following, threads(chosen, following - at))
            counts[i] = count
            i, at = i + 1, following
            continue
        last = int(numbers[stop - 1])
        primes = primes_of(chosen, at + 1, last)
        for first in range(i, stop, BLOCK_LEN):
            block = slice(first, min(first + BLOCK_LEN, stop))
            counts[block] = ranks(primes, numbers[block])
            counts[block] += count
        i, at, count = stop, last, count + len(primes)


def window_cost(lo: int, hi: int) -> float:
    """Estimate the work to list the primes of [lo, hi], in integers whose primes could be counted instead."""
    width = hi - lo + 1
    return min(float(TESTING * width), LISTING * width + TO_THE_ROOT * root_cost(hi))


def ranks(primes: Integers, numbers: Integers) -> Counts:
    """Return how many of the primes are at most each of the numbers; both ascend."""
    if len(primes) >= len(numbers):
        return primes.searchsorted(numbers, "right")
    # Look up the shorter array in the longer one.
    steps = np.bincount(numbers.searchsorted(primes, "left"), minlength=len(numbers))
    return np.cumsum(steps[: len(numbers)])


def nth_primes(chosen: Kernel, numbers: Integers) -> Integers:
    """Return the n-th prime for each of the ascending numbers, which are from 1 to the number of primes below 2**64."""
    primes = np.empty(len(numbers), np.uint64)
    if len(numbers) and len(numbers) * nth_cost(chosen, int(numbers[-1])) <= 4 * LITTLE:
        primes[:] = [nth_from(chosen, n, 0) for n in numbers.tolist()]
        return primes
    heads = split(numbers, lambda n: nth_limit(chosen, n))
    for head, end in groups(heads, 1):
        n, prime = int(numbers[head]), nth_from(chosen, int(numbers[head]), 0)
        primes[head] = prime
        i = head + 1
        while i < end:
            stop = i + int(numbers[i:end].searchsorted(np.uint64(n + BLOCK_LEN), "right"))
            ahead = int(numbers[stop - 1]) - n if stop > i else BLOCK_LEN
            listed = np.array([prime], np.uint64)
            if ahead:
                following = wrapped(chosen.array(ahead, prime + 1, LIMIT - 1, threads(chosen, ahead)))
                listed = np.concatenate((listed, following))
            for first in range(i, stop, BLOCK_LEN):
                block = slice(first, min(first + BLOCK_LEN, stop))
                primes[block] = listed[(numbers[block] - np.uint64(n)).astype(np.intp)]
            i, n, prime = stop, n + ahead, int(listed[-1])
    return primes


def nth_cost(chosen: Kernel, n: int) -> float:
    """Estimate the work to find the n-th prime, in integers whose primes could be counted instead."""
    return chosen.pi_cost(min(int(n * spacing(n)), LIMIT - 1)) + NTH_COST


def nth_limit(chosen: Kernel, n: int) -> float:
    """Return up to how many primes after the n-th it is cheaper to list them than to find the next one anew."""
    return nth_cost(chosen, n) / (LISTING * spacing(n))


def spacing(n: int) -> float:
    """Estimate the distance between primes near the n-th, rather too large."""
    return log(n + 2) + 4


def next_primes(chosen: Kernel, numbers: Integers) -> Integers:
    """Return the smallest prime above each of the ascending numbers; there must be one below 2**64."""

    def look_up(block: Integers) -> Integers:
        primes = primes_of(chosen, int(block[0]) + 1, chosen.next_prime(int(block[-1])))
        return primes[ranks(primes, block)]

    return neighbours(numbers, chosen.next_prime, look_up)


def prev_primes(chosen: Kernel, numbers: Integers) -> Integers:
    """Return the largest prime below each of the ascending numbers, which are above 2."""

    def look_up(block: Integers) -> Integers:
        primes = primes_of(chosen, chosen.prev_prime(int(block[0])), int(block[-1]) - 1)
        return primes[ranks(primes, block - np.uint64(1)) - 1]

    return neighbours(numbers, chosen.prev_prime, look_up)


def neighbours(numbers: Integers, neighbour: Callable[[int], int], look_up: Callable[[Integers], Integers]) -> Integers:
    """Return the neighbouring prime of each of the ascending numbers."""
    found = np.empty(len(numbers), np.uint64)
    heads = split(numbers, lambda n: NEAR_GAP if n < NEAR_STOP else FAR_GAP)
    alone = np.ones(len(numbers), bool)
    for head, end in groups(heads, LEAST_NEIGHBOURS):
        alone[head:end] = False
        # A block covers less than 2^29 integers.
        for first in range(head, end, BLOCK_LEN):
            block = slice(first, min(first + BLOCK_LEN, end))
            found[block] = look_up(numbers[block])
    places = np.flatnonzero(alone)
    for first in range(0, len(places), BLOCK_LEN):
        block_places = places[first : first + BLOCK_LEN]
        # A Python loop looks for Ctrl-C; map would not.
        found[block_places] = [neighbour(n) for n in numbers[block_places].tolist()]
    return found


def split(numbers: Integers, limit: Callable[[int], float]) -> NDArray[np.intp]:
    """Return where groups of ascending numbers begin, and where the last group ends.

    Neighbours are in one group unless their distance is above the limit. The limit is that of the largest power of two
    up to the greater of them.
    """
    if len(numbers) < 2:  # noqa: PLR2004  (there are no neighbours)
        return np.arange(len(numbers) + 1)
    powers = range(int(numbers[1]).bit_length(), int(numbers[-1]).bit_length() + 1)
    limits = np.array([limit(1 << power >> 1) for power in powers])
    gaps = np.diff(numbers)
    wide = np.flatnonzero(gaps > limits.min())
    # As a double, an integer just below a power of two may become that power.
    bits = np.minimum(np.frexp(numbers[wide + 1].astype(np.float64))[1], powers[-1])
    wide = wide[gaps[wide] > limits[bits - powers[0]]]
    return np.concatenate(([0], wide + 1, [len(numbers)]))


def groups(heads: NDArray[np.intp], least: int) -> Iterator[tuple[int, int]]:
    """Yield the begin and the end of each group that has at least this many numbers."""
    long = np.flatnonzero(np.diff(heads) >= least)
    for first in range(0, len(long), BLOCK_LEN):
        block = long[first : first + BLOCK_LEN]
        yield from zip(heads[block].tolist(), heads[block + 1].tolist(), strict=True)


def primes_of(chosen: Kernel, lo: int, hi: int) -> Integers:
    """Return the primes of [lo, hi]."""
    return wrapped(chosen.array(EVERY, lo, hi, threads(chosen, hi - lo)))


def wrapped(buffer: Any) -> Integers:  # noqa: ANN401  (whatever has the buffer protocol)
    """Look at a kernel's buffer as an array."""
    return np.frombuffer(buffer, np.uint64)


def threads(chosen: Kernel, width: int) -> int:
    """Return how many threads the kernel uses for this width."""
    return threads_for(chosen, None, worthwhile=width >= THREADED_LEN) or 1
