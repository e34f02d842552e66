"""The public functions: arguments are checked and converted here, once for all backends.

Each function turns what the caller gave into the plain integers of the kernel contract (``primes/_kernel.py``), picks
the kernel and calls it. Public intervals are half-open like ``range``.
"""

from __future__ import annotations

from primes._backends import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import SupportsIndex

LIMIT = 2**64
"""One past the largest integer that the kernels know."""

PRIMES_BELOW_LIMIT = 425_656_284_035_217_743
"""The number of primes below 2**64: OEIS A007053."""

MESSAGE_LEN = 80
"""Most characters of a value that a message shows."""

LARGE_LIST_LEN = 1_000_000
"""From so many ints on a list is worth a word with the allocator before, and a thread to free it after (8 ms)."""


def first_n(n: SupportsIndex, start: SupportsIndex = 0, *, backend: str | None = None) -> list[int]:
    """Return the ``n`` smallest primes that are at least ``start``, in ascending order.

    >>> first_n(5)
    [2, 3, 5, 7, 11]
    >>> first_n(2, start=2**64 - 100)
    [18446744073709551521, 18446744073709551533]

    From zero these are the first terms of OEIS A000040. Ctrl-C stops a long call at once.

    Args:
        n: how many, from 0 up to what memory holds (about 40 bytes each).
        start: where to begin, below 2**64; included when it is prime. Every prime is at least a negative one.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``n`` or ``start`` is not an integer.
        ValueError: ``n`` is negative, or there is no backend of this name.
        OverflowError: there are fewer than ``n`` primes from ``start`` to 2**64.
        MemoryError: a list of ``n`` ints does not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    count = n if type(n) is int else _integer("n", n)
    lo = start if type(start) is int else _integer("start", start)
    chosen = kernel(backend)
    if not 0 <= count <= PRIMES_BELOW_LIMIT:
        if count < 0:
            raise ValueError(f"n must not be negative, got {_shown(count)}")
        raise OverflowError(f"n must be at most {PRIMES_BELOW_LIMIT}, the primes below 2**64, got {_shown(count)}")
    if not 0 <= lo < LIMIT:
        if lo >= LIMIT:
            raise OverflowError(f"start must be below 2**64, got {_shown(lo)}")
        lo = 0
    if count >= LARGE_LIST_LEN:
        _demand_memory("n", count)
    primes: list[int] = []
    try:
        chosen.extend_first_n(primes, count, lo)
    except BaseException:
        _free(primes)
        raise
    if len(primes) < count:
        raise OverflowError(f"n must be at most {len(primes)}, the primes from start={lo} to 2**64, got {count}")
    return primes


def _integer(name: str, value: SupportsIndex) -> int:
    """Turn an argument with ``__index__`` into an int."""
    from operator import index  # noqa: PLC0415  (for the few arguments that are not ints; 0.3 ms of the start)

    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {_shown(value)} ({type(value).__name__})") from None


def _shown(value: object) -> str:
    """Show a value in a message: ``repr``, unless it is longer than a line or refuses."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  (a huge int raises ValueError; any other class may raise what it likes)
        return f"an integer of {value.bit_length()} bits" if isinstance(value, int) else "an object without a repr"
    return text if len(text) <= MESSAGE_LEN else f"{text[:MESSAGE_LEN]}..."


def _demand_memory(name: str, count: int) -> None:
    """Ask the allocator whether the array of a list of ``count`` ints can be had at all, before any work is done."""
    try:
        # Zeroed bytes are promised by the system and not touched, so this takes microseconds and no memory.
        bytes(8 * count)
    except MemoryError:
        raise MemoryError(f"a list of {name}={count} primes does not fit into memory") from None


def _free(primes: list[int]) -> None:
    """Let go of a half-made list without making the caller wait: 10**8 ints take a second to free."""
    if len(primes) < LARGE_LIST_LEN:
        return
    # Not the module threading: its import would have the collector walk over the list, twice (160 ms for 3 * 10**7).
    from _thread import start_new_thread  # noqa: PLC0415  (only an interrupted call pays for it)

    def shrink() -> None:
        while primes:
            del primes[-LARGE_LIST_LEN // 10 :]

    try:
        start_new_thread(shrink, ())
    except RuntimeError:
        shrink()  # What ran out of memory has none for a thread either.
