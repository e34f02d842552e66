"""Estimates that steer how work is done; no answer depends on them."""

from __future__ import annotations

from math import log, sqrt

EULER_GAMMA = 0.5772156649015329


def log_integral(x: float) -> float:
    """Return li(x) for x > 1, by its power series in log x."""
    t = log(x)
    total, term = EULER_GAMMA + log(t), 1.0
    # The terms t**k / (k * k!) grow to k = t, which is at most 45 here, and are nothing at 4 t + 40.
    for k in range(1, int(4 * t) + 40):
        term *= t / k
        total += term / k
    return total


def pi_estimate(x: float) -> float:
    """Return about pi(x): the first terms of Riemann's function R, off by much less than the square root of x."""
    return log_integral(x) - log_integral(sqrt(x)) / 2


def nth_estimate(n: int) -> float:
    """Return about the n-th prime, n >= 100: where ``pi_estimate`` is n, by Newton's method."""
    x = n * (log(n) + log(log(n)) - 1)
    for _ in range(4):
        x += (n - pi_estimate(x)) * log(x)
    return x


def width_estimate(n: int, lo: int) -> float:
    """Return about how wide an interval from ``lo`` on must be to hold n primes, by the prime number theorem."""
    return n * log(lo + n * 2 * log(n + 2) + 2)


def count_estimate(lo: int, hi: int) -> float:
    """Return about how many primes [lo, hi] holds, rather too few: as many as if all of it lay at its end."""
    return (hi - lo + 1) / log(hi) if hi > max(lo, 2) else 0.0


def tuplet_estimate(k: int, lo: int, hi: int) -> float:
    """Return about how many prime k-tuplets [lo, hi] holds, rather too few.

    The constants of the conjecture are above 1: G. H. Hardy and J. E. Littlewood, Partitio numerorum III, Acta Math. 44
    (1923).
    """
    return (hi - lo + 1) / log(hi) ** k if hi > max(lo, 2) else 0.0


def pi_cost(x: int) -> float:
    """Return about how much work pi(x) is, in integers that could be sieved instead: x**(3/4) steps."""
    cost: float = max(x, 0) ** 0.75
    return cost
