"""The first primes by trial division: the method that everybody thinks of first.

It is here to be compared, not to be fast. ``rust_ext/core/src/output/trial_division.rs`` and
``cython_ext/trial_division.pxd`` take the same steps, so that what differs in time is the language: see
``docs/explanation/lesson.md``.
"""

from __future__ import annotations


def first_primes(n: int) -> list[int]:
    """Return the n smallest primes.

    Each number 2, 3, 4, ... is divided by all the primes found so far, up to the first that divides it.
    """
    primes: list[int] = []
    number = 2
    while len(primes) < n:
        for prime in primes:
            if number % prime == 0:
                break
        else:
            primes.append(number)
        number += 1
    return primes
