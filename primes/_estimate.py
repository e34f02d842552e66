"""Estimates that steer how work is done; no answer depends on them."""

from __future__ import annotations

from math import log, sqrt

EULER_GAMMA = 0.5772156649015329

NOTHING = 1e-17
"""A relative difference that a float cannot hold."""


def log_integral(x: float) -> float:
    """Return li(x) for x > 1, by its power series in log x."""
    t = log(x)
    total, term, k = EULER_GAMMA + log(t), 1.0, 0
    # The terms t**k / (k * k!) grow to k = t, which is at most 45 here, and then fall faster and faster.
    while k < t or term > NOTHING * total:
        k += 1
        term *= t / k
        total += term / k
    return total


def pi_estimate(x: float) -> float:
    """Estimate pi(x) by the first terms of Riemann's function R; the error is much less than the square root of x."""
    return log_integral(x) - log_integral(sqrt(x)) / 2


def nth_estimate(n: int) -> float:
    """Estimate the n-th prime, n >= 100: the x at which ``pi_estimate`` is n, by one step of Newton's method.

    A term of second order replaces a second step, which would take as long again. The error that remains is much less
    than the square root of the result.
    """
    # The first terms of an expansion by M. Cipolla (1902), right to a thousandth.
    t = log(n)
    u = log(t)
    x = n * (t + u - 1 + (u - 2) / t)
    slope = log(x)
    step = (n - pi_estimate(x)) * slope
    return x + step + step * step / (2 * x * slope)


def width_estimate(n: int, lo: int) -> float:
    """Estimate how wide an interval from ``lo`` on must be to hold n primes, by the prime number theorem."""
    return n * log(lo + n * 2 * log(n + 2) + 2)


def count_estimate(lo: int, hi: int) -> int:
    """Estimate how many primes [lo, hi] holds, rather too few: it takes the density at hi for all of it."""
    return (hi - lo + 1) * 1000 // int(1000 * log(hi) + 1) if hi > max(lo, 2) else 0


def tuplet_estimate(k: int, lo: int, hi: int) -> int:
    """Estimate how many prime k-tuplets [lo, hi] holds, rather too few.

    This takes 1 for the constant of the conjecture, which is larger: G. H. Hardy and J. E. Littlewood, Partitio
    numerorum III, Acta Math. 44 (1923).
    """
    return (hi - lo + 1) // int(log(hi) ** k + 1) if hi > max(lo, 2) else 0
