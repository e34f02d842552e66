"""The pure-Python kernel, which always works; it shares no code with the other two.

``sieve`` has what lists, counts and tests primes below 2**64, ``pi`` a faster way to pi(x), and ``trial_division`` the
loop that is there to be compared.
"""

from __future__ import annotations

import sys

from primes._python.sieve import (
    are_prime,
    array,
    count,
    count_tuplets,
    decimal,
    extend_first_n,
    extend_range,
    extend_tuplets,
    is_prime,
    iterate,
    iterate_down,
    next_prime,
    prev_prime,
)
from primes._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from primes._kernel import BuildInfo, Progress

__all__ = [
    "are_prime",
    "array",
    "build_info",
    "count",
    "count_tuplets",
    "decimal",
    "extend_first_n",
    "extend_range",
    "extend_tuplets",
    "first_n_by_trial_division",
    "is_prime",
    "iterate",
    "iterate_down",
    "next_prime",
    "own_threads",
    "pi_cost",
    "prev_prime",
    "prime_pi",
    "releases_gil",
]

releases_gil = False
own_threads = False

LEAST_X = 2**16
"""Below, pi(x) is counted on the table that the sieve has."""


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
