"""Checks of the users' arguments, which turn them into the integers of the kernels.

All public functions use these. So every backend accepts the same arguments, and refuses others in the same words.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Executor
    from typing import Any, Final, SupportsIndex

    from primes._kernel import Progress

    Workers = int | Executor | None


class NotGiven:
    """The type of :data:`NOT_GIVEN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<not given>"


NOT_GIVEN: Final[Any] = NotGiven()
"""The default of a bound. None would hide the mistake of a caller who passes None for an integer."""

EVERY = 2**63 - 1
"""More primes than there are below 2**64: as the number of primes in a call of a kernel, it asks for all."""

LIMIT = 2**64
"""One past the largest integer that the kernels know."""

PRIMES_BELOW_LIMIT = 425_656_284_035_217_743
"""The number of primes below 2**64: OEIS A007053."""

CHECKED_BYTES = 1 << 27
"""From here on the system is asked what is available. That takes 0.3 ms, a hundredth of the time to fill as much."""

ARRAY_ITEM_BYTES = 8
"""What a prime takes in an array."""

PROBED_LEN = 8_000_000
"""The array of a list of this length takes 64 MB: glibc adapts its limits to freed blocks of up to 32 MB."""

MOST_WORKERS = 1024
"""A larger number of workers counts as this one. No machine has that many cores."""

MESSAGE_LEN = 80
"""A message shows at most this many characters of a value."""

SHOWN_BITS = 2000
"""A message shows no digits of a longer integer. They are of no use, and finding a million digits takes ten seconds."""


def integer(name: str, value: SupportsIndex) -> int:
    """Turn an argument with ``__index__`` into an int."""
    if type(value) is int:
        return value
    from operator import index  # noqa: PLC0415  (for the few arguments that are not ints; 0.3 ms of the start)

    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {shown(value)} ({type(value).__name__})") from None


def shown(value: object) -> str:
    """Return a value as a message shows it: its ``repr``, shortened if it is long, or its kind if ``repr`` fails."""
    if isinstance(value, int) and value.bit_length() > SHOWN_BITS:
        return f"an integer of {value.bit_length()} bits"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  (a class may raise what it likes)
        return "an object without a repr"
    return text if len(text) <= MESSAGE_LEN else f"{text[:MESSAGE_LEN]}..."


def how_many(name: str, value: SupportsIndex, least: int) -> int:
    """Turn a number of primes into an int, from ``least`` on."""
    number = integer(name, value)
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {shown(number)}")
    return number


def how_many_of_64_bits(name: str, value: SupportsIndex, least: int) -> int:
    """Turn a number of primes into an int, from ``least`` up to as many as there are below 2**64."""
    number = how_many(name, value, least)
    if number > PRIMES_BELOW_LIMIT:
        raise OverflowError(f"{name} must be at most {PRIMES_BELOW_LIMIT}, the primes below 2**64, got {shown(number)}")
    return number


def demand_room(n: int, lo: int) -> None:
    """Refuse an ``n`` that exceeds the number of 64-bit integers from ``lo`` on."""
    if n > LIMIT - lo:
        raise OverflowError(f"n must be at most {LIMIT - lo}, the integers from start={lo} to 2**64, got {n}")


def lower_end(start: SupportsIndex) -> int:
    """Turn the ``start`` of an unbounded search into the kernels' ``lo``. A negative start counts as 0."""
    return max(integer("start", start), 0)


def lower_end_of_64_bits(start: SupportsIndex) -> int:
    """Do the work of :func:`lower_end` for an array, which holds integers of 64 bits."""
    number = lower_end(start)
    if number >= LIMIT:
        raise OverflowError(f"start must be below 2**64, as an array holds 64-bit integers, got {shown(number)}")
    return number


def closed(bound: SupportsIndex, stop: SupportsIndex = NOT_GIVEN, start: SupportsIndex = NOT_GIVEN) -> tuple[int, int]:
    """Turn the bounds of a public half-open interval into the kernels' closed ``[lo, hi]``.

    ``bound`` is the first argument by position, ``start`` was given by name, and ``stop`` second or by name. As in
    ``range``, a bound alone is the stop. The start is 0 unless it is given.

    The kernels' intervals are closed because 2**64 - 1 must be reachable and 2**64 does not fit 64 bits. An empty
    interval becomes ``(1, 0)``. Where ``hi`` is below ``LIMIT``, so is ``lo``.
    """
    if bound is NOT_GIVEN:
        if start is NOT_GIVEN:
            start = 0
    elif start is not NOT_GIVEN:
        raise TypeError("start must be given once: by position, before stop, or by name")
    elif stop is NOT_GIVEN:
        start, stop = 0, bound
    else:
        start = bound
    if stop is NOT_GIVEN:
        raise TypeError("stop must be given: an interval has an end (iter_primes can do without)")
    lo = start if type(start) is int else integer("start", start)
    end = stop if type(stop) is int else integer("stop", stop)
    lo = max(lo, 0)
    return (lo, end - 1) if lo < end else (1, 0)


def closed_of_64_bits(
    bound: SupportsIndex, stop: SupportsIndex = NOT_GIVEN, start: SupportsIndex = NOT_GIVEN
) -> tuple[int, int]:
    """Do the work of :func:`closed` for an array, which holds integers of 64 bits."""
    lo, hi = closed(bound, stop, start)
    if hi >= LIMIT:
        raise OverflowError(f"stop must be at most 2**64, as an array holds 64-bit integers, got {shown(hi + 1)}")
    return lo, hi


def checked_workers(workers: Workers) -> Workers:
    """Return a number of workers, at most ``MOST_WORKERS``, or None, or an executor; refuse anything else."""
    if workers is None or (hasattr(workers, "submit") and not isinstance(workers, type)):
        return workers
    return worker_count(workers)  # type: ignore[arg-type]  # a class of executors, which this refuses


def worker_count(workers: SupportsIndex) -> int:
    """Turn a number of workers into an int from 1 to ``MOST_WORKERS``."""
    number = integer("workers", workers)
    if number < 1:
        raise ValueError(f"workers must be at least 1, got {shown(number)}")
    return min(number, MOST_WORKERS)


def checked_progress(progress: Progress | None) -> Progress | None:
    """Return a progress, or None; refuse what cannot be called."""
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable, got {shown(progress)} ({type(progress).__name__})")
    return progress


def demand_memory(what: str, count: int, item_bytes: int, **arguments: int) -> None:
    """Raise MemoryError before any work is done if ``count`` items of ``item_bytes`` do not fit into memory.

    The system tells how much memory is available. It is also asked for 8 bytes for each item, because it may be set to
    promise less. Short arrays are not asked for: glibc takes the freed block as a hint to keep that much, and the list
    then took a tenth more.
    """
    needed = count * item_bytes
    if needed < CHECKED_BYTES:
        return
    from os import environ  # noqa: PLC0415  (already loaded by any interpreter but an isolated one)

    from primes._memory import allocator_promises, available_bytes, in_words  # noqa: PLC0415  (only much memory)

    if environ.get("PRIMES_MEMORY") == "unchecked":
        return
    available = available_bytes()
    if needed <= available and (count < PROBED_LEN or allocator_promises(8 * count)):
        return
    values = ", ".join(f"{name}={shown(value)}" for name, value in arguments.items())
    many = str(count) if count.bit_length() <= SHOWN_BITS else "too many"
    would_fit = item_bytes > ARRAY_ITEM_BYTES and count * ARRAY_ITEM_BYTES <= available
    less = "iterate, or use primes.numpy below 2**64" if would_fit else "iterate"
    raise MemoryError(
        f"{what.format(many)} does not fit into memory ({values}): it takes about {in_words(needed)}, and "
        f"{in_words(available)} are available; {less}, or set PRIMES_MEMORY=unchecked"
    )


def listed_bytes(largest: int) -> int:
    """Return the bytes of an int on a list of CPython: its pointer, and an object of 30-bit digits."""
    # A free-threaded interpreter has a larger header, and PyPy does not tell the size of its own.
    header = getattr(int, "__basicsize__", 24)
    return int(8 + (header + 4 * (largest.bit_length() // 30 + 1) + 15) // 16 * 16)
