"""Slow, short functions to compare the package with. They share no idea with any of its sieves."""

from __future__ import annotations

from functools import lru_cache
from itertools import count, islice
from math import gcd, isqrt, prod

LARGEST_PRIME = 18_446_744_073_709_551_557
"""The largest prime below 2**64: OEIS A014234."""

TRIAL_LIMIT = 2**22
"""From here on, trial division would take milliseconds for one integer."""

WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


@lru_cache(2**17)  # Each backend and several test files ask for the same integers.
def is_prime(n: int) -> bool:
    """Decide by the definition or, where that takes too long, by the strong test.

    With these twelve bases the strong test makes no mistake below 3 * 10**23: J. Sorenson and J. Webster, Strong
    pseudoprimes to twelve prime bases, Math. Comp. 86 (2017).
    """
    return is_prime_by_division(n) if n < TRIAL_LIMIT else is_strong_probable_prime(n)


def is_prime_by_division(n: int) -> bool:
    """Decide by the definition."""
    return n > 1 and all(n % divisor for divisor in range(2, isqrt(n) + 1))


def is_strong_probable_prime(n: int) -> bool:
    """Decide for n > 37 by the strong test: from each witness, squaring reaches 1 only by way of -1.

    An integer that shares a factor with the witnesses is composite, and needs no test.
    """
    if gcd(n, prod(WITNESSES)) > 1:
        return False
    twos = ((n - 1) & (1 - n)).bit_length() - 1
    return all(
        pow(witness, n - 1 >> twos, n) == 1 or any(pow(witness, n - 1 >> i, n) == n - 1 for i in range(1, twos + 1))
        for witness in WITNESSES
    )


def first_n(n: int, start: int = 0) -> list[int]:
    """Return the ``n`` smallest primes that are at least ``start``, also past 2**64."""
    return list(islice(filter(is_prime, count(max(start, 0))), n))


def primerange(start: int, stop: int) -> list[int]:
    """Return the primes of ``[start, stop)``."""
    return list(filter(is_prime, range(max(start, 0), stop)))


@lru_cache
def prime_pi(x: int) -> int:
    """Count the primes <= ``x``, for ``x`` >= 1, by the method of Lucy_Hedgehog, projecteuler.net, problem 10.

    S(v) counts the integers of 2 .. v that remain when the multiples of some primes are crossed off, but not the primes
    themselves. The next prime p with p * p <= v takes away the integers whose least factor is p, S(v // p) - pi(p - 1)
    of them. The quotients x // k have only about 2 * sqrt(x) different values v.
    """
    root = isqrt(x)
    values = [x // i for i in range(1, root + 1)]
    values += range(values[-1] - 1, 0, -1)
    left = {v: v - 1 for v in values}
    for p in range(2, root + 1):
        if left[p] > left[p - 1]:
            for v in values:
                if v < p * p:
                    break
                left[v] -= left[v // p] - left[p - 1]
    return left[x]


PATTERNS: dict[int, list[tuple[int, ...]]] = {
    2: [(0, 2)],
    3: [(0, 2, 6), (0, 4, 6)],
    4: [(0, 2, 6, 8)],
    5: [(0, 2, 6, 8, 12), (0, 4, 6, 10, 12)],
    6: [(0, 4, 6, 10, 12, 16)],
}
"""The distances of the primes of a k-tuplet from its first prime: T. Forbes and N. Luhn, https://pzktupel.de/ktuplets.htm."""


def tuplets(k: int, start: int, stop: int) -> list[tuple[int, ...]]:
    """Return the prime ``k``-tuplets in ``[start, stop)``, by the definition."""
    return [
        tuple(first + distance for distance in pattern)
        for first in primerange(start, stop)
        for pattern in PATTERNS[k]
        if first + pattern[-1] < stop and all(is_prime(first + distance) for distance in pattern)
    ]
