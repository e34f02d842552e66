"""The sieve of Eratosthenes as Python tutorials show it, which one would write without this package."""

from __future__ import annotations

from math import isqrt, log


def first_n(n: int) -> list[int]:
    """Return the n smallest primes.

    From the sixth on, the m-th is less than m (log m + log log m): J. B. Rosser and L. Schoenfeld, Approximate formulas
    for some functions of prime numbers, Illinois J. Math. 6 (1962), corollary of theorem 3.
    """
    m = max(n, 6)
    stop = int(m * (log(m) + log(log(m)))) + 1
    is_prime = bytearray([1]) * stop
    is_prime[0] = is_prime[1] = 0
    for number in range(2, isqrt(stop) + 1):
        if is_prime[number]:
            multiples = range(number * number, stop, number)
            is_prime[number * number :: number] = bytes(len(multiples))
    primes = [number for number in range(stop) if is_prime[number]]
    return primes[:n]
