"""The pure-Python kernel, which always works; it shares no code with the other two.

``sieve`` lists, counts and tests primes below 2**64. Above it, ``iterators`` hands them out, ``tuplets`` finds tuplets,
and ``pi`` has a faster way to pi(x). ``large`` lists and tests primes from 2**64 on. ``trial_division`` is the loop
that is compared with those in Rust and Cython. The sieve is loaded with this module, each of the others by the first
call that needs it.
"""

from __future__ import annotations

import sys

from primes._python.sieve import (
    are_prime,
    array,
    count,
    extend_first_n,
    extend_range,
    is_prime,
    next_prime,
    prev_prime,
)
from primes._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from primes._kernel import BuildInfo, Progress

__all__ = [
    "are_prime",
    "array",
    "build_info",
    "count",
    "count_tuplets",
    "decimal",
    "extend_first_n",
    "extend_large_range",
    "extend_range",
    "extend_tuplets",
    "first_n_by_trial_division",
    "is_large_prime",
    "is_prime",
    "iterate",
    "iterate_down",
    "next_large_prime",
    "next_prime",
    "own_threads",
    "pi_cost",
    "prev_large_prime",
    "prev_prime",
    "prime_pi",
    "releases_gil",
]

releases_gil = False
own_threads = False

LEAST_X = 2**16
"""Below this x, pi(x) is counted on the table of the sieve."""


def iterate(lo: int, hi: int | None, /) -> Iterator[int]:
    """Return an iterator over the primes of [lo, hi], or over those from ``lo`` on until 2**64 is an error."""
    from primes._python import iterators  # noqa: PLC0415 - only iterating needs it

    return iterators.iterate(lo, hi)


def iterate_down(lo: int, hi: int, /) -> Iterator[int]:
    """Return an iterator over the primes of [lo, hi], the largest first."""
    from primes._python import iterators  # noqa: PLC0415 - as above

    return iterators.iterate_down(lo, hi)


def decimal(n: int, lo: int, hi: int, separator: bytes, _threads: int, /) -> Iterator[tuple[bytes, int]]:
    """Return an iterator over the ``n`` smallest primes of [lo, hi], or all: blocks of text, each with its count."""
    from primes._python import iterators  # noqa: PLC0415 - as above

    return iterators.decimal(n, lo, hi, separator)


def extend_tuplets(out: list[tuple[int, ...]], k: int, lo: int, hi: int, /) -> None:
    """Append to ``out`` the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi], ascending."""
    from primes._python import tuplets  # noqa: PLC0415 - only tuplets need it

    tuplets.extend_tuplets(out, k, lo, hi)


def count_tuplets(k: int, lo: int, hi: int, progress: Progress | None = None, /) -> int:
    """Count the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi]."""
    from primes._python import tuplets  # noqa: PLC0415 - as above

    return tuplets.count_tuplets(k, lo, hi, progress)


def pi_cost(x: int, /) -> float:
    """Estimate the work of pi(x), in integers near x that could be sieved in the same time.

    Measured: 7 * 10**6 at 10**9, 10**8 at 10**12, 3 * 10**8 at 10**13. Sieving also gets slower far from zero.
    """
    return float(470 * x**0.46)


def prime_pi(x: int, threads: int = 1, progress: Progress | None = None, /) -> int:  # noqa: ARG001
    """Count the primes <= ``x`` in less than linear time, on one thread; ``progress`` is called with what is done."""
    if x < LEAST_X:
        return count(0, x)
    from primes._python.pi import count_up_to  # noqa: PLC0415 - 1 ms, for work that is longer

    return count_up_to(x, progress)


def first_n_by_trial_division(n: int, /) -> list[int]:
    """Return the ``n`` smallest primes by trial division."""
    from primes._python.trial_division import first_primes  # noqa: PLC0415 - only a comparison needs it

    return first_primes(n)


def is_large_prime(n: int, /) -> bool:
    """Tell whether ``n`` >= 2**64 is prime, as far as is known: no composite is known to pass the test."""
    from primes._python import large  # noqa: PLC0415 - few integers are so large

    return large.is_large_prime(n)


def next_large_prime(n: int, /) -> int:
    """Return the smallest prime > ``n``, for ``n`` >= 2**64 - 1."""
    from primes._python import large  # noqa: PLC0415 - few integers are so large

    return large.next_large_prime(n)


def prev_large_prime(n: int, /) -> int:
    """Return the largest prime p with 2**64 < p < ``n``, or 0 if there is none."""
    from primes._python import large  # noqa: PLC0415 - few integers are so large

    return large.prev_large_prime(n)


def extend_large_range(out: list[int], lo: int, hi: int, /) -> None:
    """Append to ``out`` the primes of [lo, hi], 2**64 <= lo, in ascending order."""
    from primes._python import large  # noqa: PLC0415 - few integers are so large

    large.extend_large_range(out, lo, hi)


def build_info() -> BuildInfo:
    """Return which interpreter runs this; nothing was built."""
    implementation = sys.implementation.name.replace("cpython", "CPython")
    version = ".".join(map(str, sys.version_info[:3]))
    return {
        "version": __version__,
        "profile": "release",
        "cpu": "portable",
        "compiler": f"{implementation} {version}",
    }
