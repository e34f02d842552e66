"""Whatever is asked of each integer of an ascending array, for less than asking once for each.

Where neighbours lie close together, the primes between them are sieved once and looked up; where they lie far apart,
each is asked for by itself. What that means is told by what the kernel says of its costs, so that nothing takes longer
than one call for each integer. Memory is bounded, beside arrays as long as the one that was given; Ctrl-C is heard
between any two blocks of it, and by the kernel.
"""

from __future__ import annotations

from math import isqrt, log
from typing import TYPE_CHECKING

import numpy as np

from primes._arguments import LIMIT
from primes._workers.intervals import root_cost, threads_for
from primes._workers.nth import nth_from
from primes._workers.pi import pi_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from primes._kernel import Kernel

    Integers = NDArray[np.uint64]
    Counts = NDArray[np.int64]

THREADED_LEN = 150_000
"""To sieve fewer integers, or primes, is the work of one thread: to ask for the number of cores would be felt."""

EVERY = 2**63 - 1
"""More primes than there are: as the number of a kernel's array, it asks for all."""

BLOCK_LEN = 1 << 20
"""Items looked up at a time, some tens of milliseconds, and primes sieved at a time: 8 MB."""

CALL_COST = 3000
"""What a call of the kernel from here takes, in integers that it could sieve to count their primes: 0.3 us and more."""

LISTING, TO_THE_ROOT, TESTING = 4, 20, 200
"""What it takes to list the primes of an interval and to look them up: so many times as long as to count them in a wide
one, for each integer; and for the sieving primes so many times their ``root_cost``, if testing each integer that a
little sieving leaves, at this for each integer, is not less. At 10^9 windows of 10^5 integers take 65, 270 and 3900 us
from the kernels, as long as 7 * 10^5, 2 * 10^6 and 3 * 10^6 integers of a wide count."""

NTH_COST = 100_000
"""What the n-th prime costs beside pi(x): 5 us and more."""

LITTLE = 300_000
"""What calls for each integer may cost in all for it to take less than to look for neighbours, which is 20 us."""

NEAR_STOP, NEAR_GAP, FAR_GAP = 1 << 40, 512, 32
"""The widest gap that is sieved for the sake of a neighbour: a window above 2^40 is not sieved to its root and takes
20 ns an integer instead of less than one. The neighbour itself takes about 0.3 us near zero and 1 us far out."""

LEAST_NEIGHBOURS = 64
"""Fewer neighbours in a row are looked for one by one: to make an array takes 10 us."""


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
    """Fill in pi(x) for each of the numbers, of which the first is there already."""
    i, at, count = 1, int(numbers[0]), int(counts[0])
    while i < len(numbers):
        if at == LIMIT - 1:  # Kernels know no integer above it, so those that are left are the same.
            counts[i:] = count
            return
        # Far out wider, for each interval pays for its sieving primes: at 2^64 with up to 10^8 bytes.
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
    """Return about how much work it is to list the primes of [lo, hi], in integers that could be sieved to count."""
    width = hi - lo + 1
    return min(float(TESTING * width), LISTING * width + TO_THE_ROOT * root_cost(hi))


def ranks(primes: Integers, numbers: Integers) -> Counts:
    """Return how many of the primes are at most each of the numbers; both ascend."""
    if len(primes) >= len(numbers):
        return primes.searchsorted(numbers, "right")
    # The fewer are looked up among the others.
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
    """Return about how much work the n-th prime is, in integers that could be sieved to count."""
    return chosen.pi_cost(min(int(n * spacing(n)), LIMIT - 1)) + NTH_COST


def nth_limit(chosen: Kernel, n: int) -> float:
    """Return how many primes after the n-th are sieved rather than counted."""
    return nth_cost(chosen, n) / (LISTING * spacing(n))


def spacing(n: int) -> float:
    """Return about how far apart primes are at the n-th, rather too far."""
    return log(n + 2) + 4


def next_primes(chosen: Kernel, numbers: Integers) -> Integers:
    """Return the smallest prime above each of the ascending numbers; for each there is one below 2**64."""

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
        # So many reach less than 2^29 integers far.
        for first in range(head, end, BLOCK_LEN):
            block = slice(first, min(first + BLOCK_LEN, end))
            found[block] = look_up(numbers[block])
    places = np.flatnonzero(alone)
    for first in range(0, len(places), BLOCK_LEN):
        block_places = places[first : first + BLOCK_LEN]
        # A loop of Python looks for Ctrl-C, which map would not.
        found[block_places] = [neighbour(n) for n in numbers[block_places].tolist()]
    return found


def split(numbers: Integers, limit: Callable[[int], float]) -> NDArray[np.intp]:
    """Return where groups of ascending numbers begin, and the end of the last one.

    Neighbours are in one group unless their distance is above the limit, that of the power of two below the greater.
    """
    if len(numbers) < 2:  # noqa: PLR2004  (there are no neighbours)
        return np.arange(len(numbers) + 1)
    powers = range(int(numbers[1]).bit_length(), int(numbers[-1]).bit_length() + 1)
    limits = np.array([limit(1 << power >> 1) for power in powers])
    gaps = np.diff(numbers)
    wide = np.flatnonzero(gaps > limits.min())
    # As a double, an integer close below a power of two may be that.
    bits = np.minimum(np.frexp(numbers[wide + 1].astype(np.float64))[1], powers[-1])
    wide = wide[gaps[wide] > limits[bits - powers[0]]]
    return np.concatenate(([0], wide + 1, [len(numbers)]))


def groups(heads: NDArray[np.intp], least: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of those groups that have so many numbers at least."""
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
    """Return how many threads the kernel is to use."""
    return threads_for(chosen, None, worthwhile=width >= THREADED_LEN) or 1
