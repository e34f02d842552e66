"""Primes drawn at random."""

from __future__ import annotations

from random import SystemRandom

from primes._api import primerange
from primes._arguments import NOT_GIVEN, integer, shown
from primes._primality import is_prime, next_prime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from typing import SupportsIndex, overload
else:

    def overload(function: object) -> None:
        """Stand in for ``typing.overload``, whose module takes 3 ms to load."""


SYSTEM = SystemRandom()

MOST_BITS = 2**31
"""The bits of an int of 256 MB. The largest known prime has 1.4 * 10^8 bits. Longer ints would only fill the memory."""

DRAWS_PER_BIT = 2
"""After this many composite draws for each bit, a search tells whether the interval holds a prime. One in 0.35 b odd
numbers of b bits is prime, so one in 300 calls comes to this search by chance."""


@overload
def random_prime(stop: SupportsIndex, *, rng: Random | None = None, backend: str | None = None) -> int: ...
@overload
def random_prime(
    start: SupportsIndex, stop: SupportsIndex, *, rng: Random | None = None, backend: str | None = None
) -> int: ...
@overload
def random_prime(*, bits: SupportsIndex, rng: Random | None = None, backend: str | None = None) -> int: ...
def random_prime(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
    _bound: SupportsIndex = NOT_GIVEN,
    /,
    stop: SupportsIndex = NOT_GIVEN,
    *,
    start: SupportsIndex = NOT_GIVEN,
    bits: SupportsIndex = NOT_GIVEN,
    rng: Random | None = None,
    backend: str | None = None,
) -> int:
    """Return a random prime of the half-open interval ``[start, stop)``. Each prime has the same probability.

    >>> random_prime(24, 30)
    29
    >>> 2**255 < random_prime(bits=256) < 2**256
    True

    The bounds may be of any size. They work as in :func:`primes.primerange`: one is the stop, two are start and stop.

    Without ``rng``, the generator of the system draws, so nobody can foresee the prime. Even so, do not make keys
    with it. Above 2**64 the test is no proof (see :func:`primes.is_prime`), the time that the search
    takes depends on the prime, the numbers stay in memory, and p - 1 and p + 1 are not looked at. Use a library that is
    made for keys.

    Args:
        start: where the interval begins, included; 0 unless it is given. It may be negative.
        stop: where it ends, not included.
        bits: instead of bounds, the number of bits: the prime is at least 2**(bits - 1) and below 2**bits.
        rng: a ``random.Random``, for primes that can be drawn again: the same state gives the same prime, from all
            backends. It must not be used for secrets.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: an argument is not what it must be, or there are neither bounds nor ``bits``, or both.
        ValueError: there is no prime in the interval, ``bits`` is below 2, or there is no backend of this name.
        OverflowError: ``bits`` is above 2**31.
        BackendUnavailableError: the backend is known but not there.
    """
    lo, hi = interval(_bound, stop, start, bits)
    randrange = randrange_of(SYSTEM if rng is None else rng)
    patience = DRAWS_PER_BIT * max(hi, 0).bit_length()
    if hi - max(lo, 0) < 2 * patience:
        # Listing all primes is no more work than drawing.
        found = primerange(lo, hi + 1, backend=backend)
        if not found:
            raise no_prime(lo, hi)
        return found[randrange(len(found))]
    return drawn(lo, hi, patience, randrange, backend)


def randrange_of(rng: object) -> Callable[[int], int]:
    """Return the method that draws from any object with the ``randrange`` of ``random.Random``."""
    randrange: Callable[[int], int] | None = None if isinstance(rng, type) else getattr(rng, "randrange", None)
    if randrange is None:
        raise TypeError(f"rng must be a random.Random, got {shown(rng)} ({type(rng).__name__})")
    return randrange


def interval(bound: SupportsIndex, stop: SupportsIndex, start: SupportsIndex, bits: SupportsIndex) -> tuple[int, int]:
    """Turn the arguments into the closed interval from which a prime is drawn."""
    if bits is not NOT_GIVEN:
        if not bound is stop is start is NOT_GIVEN:
            raise TypeError("bits and bounds must not both be given")
        length = integer("bits", bits)
        if length < 2:  # noqa: PLR2004  (the bits of the smallest prime)
            raise ValueError(f"bits must be at least 2, those of the smallest prime, got {shown(length)}")
        if length > MOST_BITS:
            raise OverflowError(f"bits must be at most {MOST_BITS}, got {shown(length)}")
        return 1 << (length - 1), (1 << length) - 1
    if bound is not NOT_GIVEN:
        if start is not NOT_GIVEN:
            raise TypeError("start must be given once: by position, before stop, or by name")
        start, stop = (0, bound) if stop is NOT_GIVEN else (bound, stop)
    if stop is NOT_GIVEN:
        raise TypeError("stop or bits must be given")
    return 0 if start is NOT_GIVEN else integer("start", start), integer("stop", stop) - 1


def drawn(lo: int, hi: int, patience: int, randrange: Callable[[int], int], backend: str | None) -> int:
    """Draw from 2 and the odd integers of [lo, hi] until one is prime. Each prime has the same probability.

    This ends: after ``patience`` draws, an interval without primes is an error, and any other yields one in the end.
    """
    first = max(lo, 3) | 1
    odd_count = (hi - first) // 2 + 1
    draws = 0
    while True:
        if draws == patience and next_prime(lo - 1, backend=backend) > hi:
            raise no_prime(lo, hi)
        draws += 1
        i = randrange(odd_count + (lo <= 2))  # noqa: PLR2004  (the even prime)
        candidate = first + 2 * i if i < odd_count else 2
        if is_prime(candidate, backend=backend):
            return candidate


def no_prime(lo: int, hi: int) -> ValueError:
    """Return the error for an interval without primes."""
    return ValueError(f"there is no prime from start={shown(lo)} to stop={shown(hi + 1)}")
