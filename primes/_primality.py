"""Primality and the neighbouring primes of integers of any size.

Each kernel has one function for integers below 2**64, whose answers are proven, and one for those above.
"""

from __future__ import annotations

from primes import _backends
from primes._arguments import LIMIT, integer, shown
from primes._backends import answered_at_once, kernel, open_blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import SupportsIndex


@answered_at_once("is_prime")
def is_prime(n: SupportsIndex, *, backend: str | None = None) -> bool:
    """Tell whether ``n`` is prime.

    >>> is_prime(2**61 - 1), is_prime(2**67 - 1)
    (True, False)

    For ``n`` below 2**64 the answer is proven. Above, False is still proven, and True means that ``n``
    passes the Baillie-PSW test. No composite is known to pass it, but very large ones are thought to exist. For a
    proof, use PARI (``isprime``) or FLINT (``fmpz.is_prime`` of python-flint).

    Args:
        n: an integer of any size; no negative one is prime.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``n`` is not an integer.
        ValueError: there is no backend of this name.
        BackendUnavailableError: the backend is known but not there.
    """
    # The answer takes as long as two or three calls, so the common case makes none before it.
    number = n if type(n) is int else integer("n", n)
    chosen = (backend is None and not open_blocks() and _backends.usual) or kernel(backend)
    if number < LIMIT:
        return number > 0 and chosen.is_prime(number)
    return chosen.is_large_prime(number)


@answered_at_once("next_prime")
def next_prime(n: SupportsIndex, *, backend: str | None = None) -> int:
    """Return the smallest prime that is greater than ``n``.

    >>> next_prime(7), next_prime(-100), next_prime(2**64)
    (11, 2, 18446744073709551629)

    Args:
        n: an integer of any size.
        backend: as for :func:`is_prime`. The same holds for proofs.

    Raises:
        TypeError: ``n`` is not an integer.
        ValueError: there is no backend of this name.
        BackendUnavailableError: the backend is known but not there.
    """
    number = integer("n", n)
    chosen = kernel(backend)
    if number < LIMIT:
        found = chosen.next_prime(max(number, 0))
        if found:
            return found
        number = LIMIT - 1
    return chosen.next_large_prime(number)


@answered_at_once("prev_prime")
def prev_prime(n: SupportsIndex, *, backend: str | None = None) -> int:
    """Return the largest prime that is less than ``n``.

    >>> prev_prime(3), prev_prime(10**18), prev_prime(2**64 + 1)
    (2, 999999999999999989, 18446744073709551557)

    Args:
        n: an integer of any size, above 2.
        backend: as for :func:`is_prime`. The same holds for proofs.

    Raises:
        TypeError: ``n`` is not an integer.
        ValueError: ``n`` is 2 or less, and no prime is less than that; or there is no backend of this name.
        BackendUnavailableError: the backend is known but not there.
    """
    number = integer("n", n)
    chosen = kernel(backend)
    if number <= 2:  # noqa: PLR2004  (the smallest prime)
        raise ValueError(f"n must be greater than 2, the smallest prime, got {shown(number)}")
    if number > LIMIT:
        found = chosen.prev_large_prime(number)
        if found:
            return found
    # 2**64 - 1 is not prime, so nothing is lost if n is 2**64.
    return chosen.prev_prime(min(number, LIMIT - 1))
