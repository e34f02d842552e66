"""The public functions over lists and numbers.

Each turns what the caller gave into the plain integers of the kernel contract (``primes/_kernel.py``), picks the kernel
and calls it. Public intervals are half-open like ``range``. Above 2**64, ``primes/_workers/large.py`` does the work.
"""

from __future__ import annotations

from primes._arguments import (
    LIMIT,
    NOT_GIVEN,
    checked_progress,
    checked_workers,
    closed,
    demand_memory,
    how_many,
    integer,
    listed_bytes,
    lower_end,
    shown,
)
from primes._backends import answered_at_once, kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal, NoReturn, Self, SupportsIndex, TypeVar, overload

    from primes._arguments import Workers
    from primes._kernel import Kernel, Progress

    Item = TypeVar("Item")
else:

    def overload(function: object) -> None:
        """Stand in for ``typing.overload``, whose module takes 3 ms to load."""


LARGE_LIST_LEN = 1_000_000
"""From this length on, the allocator is asked first whether a list fits. Freeing it takes 8 ms, so a thread
frees it."""

TUPLE_BYTES = 64
"""The bytes of a tuple without its items and their pointers."""

SMALL_STOP, SMALL_LEN = 1 << 16, 6542
"""A process keeps the primes below SMALL_STOP, SMALL_LEN of them. Small requests are answered with a copy of some of
them. A longer table would take more time, at the first request, than most programs spend in all."""

DEFAULT_START = 0
"""The default start of a list. The quick path tests for this object with ``is``. That is faster than ``==``, and it
neither raises an exception nor returns an array, whatever the argument is. Another 0 only takes the slower path."""

_small: dict[Kernel, list[int]] = {}

PI_AT_ONCE = 1_000_000_000
"""Up to here, pi(x) takes a compiled kernel at most a millisecond. The number of cores is not asked for."""

WITHIN_REACH = 2**50
"""An iterator that begins at most this far below 2**64 may reach it: that takes ten weeks in Rust."""

THREADED_WIDTH = 2_500_000
"""Fewer integers are sieved by one thread, and the number of cores is not asked for."""


def small_primes(chosen: Kernel) -> list[int]:
    """Return the primes below ``SMALL_STOP`` from this kernel. The caller must not change the list."""
    table = _small.get(chosen)
    if table is None:
        table = []
        chosen.extend_first_n(table, SMALL_LEN, 0)
        _small[chosen] = table  # it is complete: a second thread finds it, or makes its own
    return table


def first_n(n: SupportsIndex, start: SupportsIndex = DEFAULT_START, *, backend: str | None = None) -> list[int]:
    """Return the ``n`` smallest primes that are at least ``start``, in ascending order.

    >>> first_n(5)
    [2, 3, 5, 7, 11]
    >>> first_n(2, start=10**30)
    [1000000000000000000000000000057, 1000000000000000000000000000099]

    From zero these are the first terms of OEIS A000040. Ctrl-C stops a long call at once.

    Args:
        n: how many, from 0 up to what memory holds (about 40 bytes each).
        start: where to begin, of any size; included if it is prime. A negative start counts as 0. See
            :func:`primes.is_prime` for what "prime" means above 2**64.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``n`` or ``start`` is not an integer.
        ValueError: ``n`` is negative, or there is no backend of this name.
        MemoryError: a list of ``n`` ints does not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    if start is DEFAULT_START and type(n) is int and 0 <= n <= SMALL_LEN:
        # No other checks are needed here. They would take longer than the answer.
        chosen = kernel(backend)
        return (_small.get(chosen) or small_primes(chosen))[:n]
    n = how_many("n", n, 0)
    lo = lower_end(start)
    chosen = kernel(backend)
    demand_memory("a list of {} primes", n, listed_bytes(lo), n=n)
    primes = small_primes(chosen)[:n] if lo <= 2 else []  # noqa: PLR2004  (the first prime)
    if lo < LIMIT:
        filled(primes, chosen.extend_first_n, n - len(primes), SMALL_STOP if primes else lo)
    if len(primes) < n:
        from primes._workers import large  # noqa: PLC0415  (few lists reach so far)

        filled(primes, large.extend_first_n, chosen, n - len(primes), max(lo, LIMIT))
    return primes


@overload
def primerange(stop: SupportsIndex, *, backend: str | None = None) -> list[int]: ...
@overload
def primerange(start: SupportsIndex, stop: SupportsIndex, *, backend: str | None = None) -> list[int]: ...
def primerange(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
    _bound: SupportsIndex = NOT_GIVEN,
    /,
    stop: SupportsIndex = NOT_GIVEN,
    *,
    start: SupportsIndex = NOT_GIVEN,
    backend: str | None = None,
) -> list[int]:
    """Return the primes of the half-open interval ``[start, stop)``, in ascending order.

    >>> primerange(20)
    [2, 3, 5, 7, 11, 13, 17, 19]
    >>> primerange(10**18, 10**18 + 50)
    [1000000000000000003, 1000000000000000009, 1000000000000000031]

    As in ``range``, one bound is the stop, and two are start and stop. Both may be given by name:
    ``primerange(start=10, stop=20)``, ``primerange(stop=20)``. A stop is required; :func:`iter_primes` works without.

    Args:
        start: where to begin, included; 0 unless it is given. It may be negative.
        stop: where to end, not included. An interval that ends before it begins is empty.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``start`` or ``stop`` is not an integer, or ``stop`` is missing.
        ValueError: there is no backend of this name.
        MemoryError: the list does not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    lo, hi = closed(_bound, stop, start)
    chosen = kernel(backend)
    if hi - lo >= LARGE_LIST_LEN:
        from primes._estimate import count_estimate  # noqa: PLC0415  (only large lists need it)

        demand_memory("a list of about {} primes", count_estimate(lo, hi), listed_bytes(lo), start=lo, stop=hi + 1)
    primes: list[int] = []
    if hi < LIMIT:
        filled(primes, chosen.extend_range, lo, hi)
    else:
        from primes._workers import large  # noqa: PLC0415  (few lists reach so far)

        filled(primes, large.extend_range, chosen, lo, hi)
    return primes


def iter_primes(
    start: SupportsIndex = 0, stop: SupportsIndex | None = None, *, backend: str | None = None
) -> Iterator[int]:
    """Return an iterator over the primes from ``start`` on, up to but not including ``stop``, or without end.

    The first argument is the start, as in ``itertools.count``, because the stop is optional.

    It looks for a few primes at first and then for twice as many each time, so the first one comes at once and the
    later ones at the speed of a list; what it keeps of them is bounded. Threads may share it: one that asks while
    another is answered waits, or gets a ``ValueError``, as from a generator. After Ctrl-C, unlike a generator, it
    goes on where it was.

    >>> from itertools import takewhile
    >>> [p for p in takewhile(lambda p: p < 30, iter_primes(10))]
    [11, 13, 17, 19, 23, 29]
    >>> list(iter_primes(2**64 - 90, 2**64 + 20))
    [18446744073709551533, 18446744073709551557, 18446744073709551629]

    Args:
        start: where to begin, included. It may be negative.
        stop: where to end, not included. Without it the iterator does not end, at 2**64 either.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default at the time of this call.

    Raises:
        TypeError: ``start`` or ``stop`` is not an integer.
        ValueError: there is no backend of this name.
        BackendUnavailableError: the backend is known but not there.
    """
    chosen = kernel(backend)
    if stop is None:
        lo, hi = lower_end(start), None
    else:
        lo, hi = closed(start, stop)
        if hi < LIMIT:
            return chosen.iterate(lo, hi)
    above = Onwards(chosen, max(lo, LIMIT), hi)
    if lo >= LIMIT:
        return above
    below = chosen.iterate(lo, LIMIT - 1)
    if LIMIT - lo <= WITHIN_REACH:
        return InTurn(below, above)
    from itertools import chain  # noqa: PLC0415  (no part of the start)

    return chain(below, above)


class InTurn:
    """The primes of one iterator, then those of another.

    ``chain`` is 40 ns a prime faster. But it loses the second iterator if two threads come to the end of the first
    one at the same time, or if Ctrl-C comes while it calls ``__iter__``.
    """

    __slots__ = ("_first", "_second")

    def __init__(self, first: Iterator[int], second: Iterator[int]) -> None:
        self._first: Iterator[int] | None = first
        self._second = second

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        first = self._first
        if first is not None:
            for prime in first:
                return prime
            self._first = None
        return next(self._second)


class Onwards:
    """The primes from ``lo`` >= 2**64 on, up to ``hi`` if given. Their module is loaded at the first one."""

    __slots__ = ("_from", "_made", "_primes")

    def __init__(self, chosen: Kernel, lo: int, hi: int | None) -> None:
        self._from = chosen, lo, hi
        self._made: dict[None, Iterator[int]] = {}
        self._primes: Iterator[int] | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        primes = self._primes
        if primes is None:
            from primes._workers.large import LargePrimes  # noqa: PLC0415  (few come so far)

            # Two threads, or the handler of a signal, may be here at once; all go on with the one that is made first.
            primes = self._primes = self._made.setdefault(None, LargePrimes(*self._from))
        return next(primes)

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle an iterator over primes")


@overload
def count_primes(
    stop: SupportsIndex,
    *,
    method: Literal["sieve"] | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int: ...
@overload
def count_primes(
    start: SupportsIndex,
    stop: SupportsIndex,
    *,
    method: Literal["sieve"] | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int: ...
def count_primes(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
    _bound: SupportsIndex = NOT_GIVEN,
    /,
    stop: SupportsIndex = NOT_GIVEN,
    *,
    start: SupportsIndex = NOT_GIVEN,
    method: Literal["sieve"] | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int:
    """Count the primes of the half-open interval ``[start, stop)``, with the bounds of :func:`primerange`.

    >>> count_primes(10**9)
    50847534
    >>> count_primes(10**18, 10**18 + 10**5)
    2398

    If it is less work than sieving, as it always is from zero, the count is the difference of two values of pi(x).
    Sieving takes a few megabytes of memory, and near 2**64 up to 40 for each worker. For pi(x), see :func:`prime_pi`.
    Above 2**64 all integers are sieved and the remaining ones are tested: at 10**30, 10**6 integers take 0.15 s with
    the rust backend, and 3 s with the python one. There the time grows with the width, and no width is refused: 10**12
    integers take days.

    Args:
        start: where to begin, included; 0 unless it is given. It may be negative.
        stop: where to end, not included. An interval that ends before it begins is empty.
        method: ``"sieve"`` to sieve in any case; by default the method with less work.
        workers: how many workers share the work: threads if the backend releases the GIL, else processes. Or a
            ``concurrent.futures.Executor``, which then does the work. By default one worker for each core that this
            process may use, if the work is large enough.
        progress: called with (integers done, integers in all) a few times a second, and at the end.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``start``, ``stop``, ``workers`` or ``progress`` is not what it must be, or ``stop`` is missing.
        ValueError: ``method`` is unknown, ``workers`` is below 1, or there is no backend of this name.
        MemoryError: the tables of pi(x) do not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    lo, hi = closed(_bound, stop, start)
    if method is not None and method != "sieve":
        raise ValueError(f"method must be 'sieve' or None, got {shown(method)}")
    workers, progress = checked_workers(workers), checked_progress(progress)
    chosen = kernel(backend)
    if hi < LIMIT:
        return count_below(chosen, lo, hi, method, workers, progress)
    from primes._workers import large  # noqa: PLC0415  (few intervals reach so far)

    below, total = 0, hi - lo + 1
    if lo < LIMIT:
        below = count_below(chosen, lo, LIMIT - 1, method, workers, large.shifted(progress, 0, total))
    first = max(lo, LIMIT)
    return below + large.count(chosen, first, hi, workers, large.shifted(progress, first - lo, total))


def count_below(
    chosen: Kernel, lo: int, hi: int, method: str | None, workers: Workers, progress: Progress | None
) -> int:
    """Count the primes of [lo, hi] below 2**64."""
    if method is None and lo <= hi and chosen.pi_cost(hi) + (chosen.pi_cost(lo - 1) if lo > 0 else 0) < hi - lo:
        from primes._workers.pi import pi_values  # noqa: PLC0415  (no part of the start)

        total = hi - lo + 1
        ends = [hi, lo - 1] if lo > 0 else [hi]
        upper, *lower = pi_values(chosen, ends, workers, progress, total)
        if progress is not None:
            progress(total, total)
        return upper - sum(lower)
    from primes._workers.intervals import map_interval, threads_for, told  # noqa: PLC0415  (only sieving needs it)
    from primes._workers.progress import Shares  # noqa: PLC0415  (as above)

    total = max(0, hi - lo + 1)
    threads = threads_for(chosen, workers, worthwhile=total >= THREADED_WIDTH)
    if threads is None:
        return sum(map_interval(count_piece, (), lo, hi, chosen, workers, progress))
    tell = None if progress is None else Shares([1], progress, total).within(0)
    count = told(lambda tell: chosen.count(lo, hi, threads, tell), tell)
    if progress is not None:
        progress(total, total)
    return count


@answered_at_once("prime_pi")
def prime_pi(
    x: SupportsIndex, *, workers: Workers = None, progress: Progress | None = None, backend: str | None = None
) -> int:
    """Return pi(x), the number of primes that are at most ``x``: OEIS A000720.

    >>> prime_pi(10**10)
    455052511
    >>> [prime_pi(x) for x in range(10)]
    [0, 0, 1, 2, 2, 3, 3, 4, 4, 4]

    The rust backend uses Gourdon's method. It takes about x**(2/3) / log(x)**2 steps, and memory that grows with the
    cube root of x: 4 MB at 10**15, 51 MB near 2**64. The other backends use the method of Lagarias, Miller and Odlyzko.
    It takes about x**(2/3) steps on one core, and at most 35 MB.

    Args:
        x: below 2**64, because the methods work with 64-bit integers. Up to a negative one there are no primes.
        workers: how many threads the backend may use, if it can use several; or a ``concurrent.futures.Executor``,
            which does the work as one task. By default one thread for each core that this process may use, if the
            work is large enough.
        progress: called with (done, in all), scaled to ``x``, a few times a second at most, and at the end.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``x``, ``workers`` or ``progress`` is not what it must be.
        ValueError: ``workers`` is below 1, or there is no backend of this name.
        OverflowError: ``x`` is 2**64 or more.
        MemoryError: the tables do not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    one_worker = workers is None or (type(workers) is int and workers == 1)
    if one_worker and progress is None and type(x) is int and 0 <= x <= PI_AT_ONCE:
        # No other checks are needed here. They would take longer than the answer.
        return kernel(backend).prime_pi(x)
    number = integer("x", x)
    if number >= LIMIT:
        raise OverflowError(f"x must be below 2**64, got {shown(number)}")
    number = max(number, 0)
    workers, progress = checked_workers(workers), checked_progress(progress)
    from primes._workers.pi import pi_values  # noqa: PLC0415  (no part of the start)

    (count,) = pi_values(kernel(backend), [number], workers, progress, number)
    if progress is not None:
        progress(number, number)
    return count


def nth_prime(
    n: SupportsIndex,
    start: SupportsIndex = 0,
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int:
    """Return the ``n``-th prime, counted from 1, among those that are at least ``start``.

    >>> nth_prime(1), nth_prime(10**6)
    (2, 15485863)
    >>> nth_prime(2, start=10**18)
    1000000000000000009

    For a large ``n`` this counts the primes up to an estimate and sieves the rest of the way: OEIS A000040.

    Args:
        n: which, from 1 on.
        start: where to begin, of any size; included when it is prime. Every prime is at least a negative one.
        workers: who counts, as for :func:`prime_pi`.
        progress: called with (primes done, ``n``) a few times a second where the backend can tell, and at the end.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``n``, ``start``, ``workers`` or ``progress`` is not what it must be.
        ValueError: ``n`` or ``workers`` is below 1, or there is no backend of this name.
        MemoryError: the tables of pi(x) do not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    n = how_many("n", n, 1)
    lo = lower_end(start)
    workers, progress = checked_workers(workers), checked_progress(progress)
    from primes._workers.nth import nth_of_any  # noqa: PLC0415  (its estimates are of no use to the other functions)

    found = nth_of_any(kernel(backend), n, lo, workers, progress)
    if progress is not None:
        progress(n, n)
    return found


@overload
def count_tuplets(
    k: SupportsIndex,
    stop: SupportsIndex,
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int: ...
@overload
def count_tuplets(
    k: SupportsIndex,
    start: SupportsIndex,
    stop: SupportsIndex,
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int: ...
def count_tuplets(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
    k: SupportsIndex,
    _bound: SupportsIndex = NOT_GIVEN,
    stop: SupportsIndex = NOT_GIVEN,
    *,
    start: SupportsIndex = NOT_GIVEN,
    workers: Workers = None,
    progress: Progress | None = None,
    backend: str | None = None,
) -> int:
    """Count the prime ``k``-tuplets whose primes all lie in the half-open interval ``[start, stop)``.

    >>> [count_tuplets(k, 1000) for k in (2, 3, 4, 5, 6)]
    [35, 30, 5, 5, 2]

    A prime k-tuplet is k primes that lie as close together as k primes can, apart from exceptions such as 2, 3. The
    last minus the first is 2 for twins (k = 2), 6 for triplets, 8 for quadruplets, 12 for quintuplets and 16 for
    sextuplets (OEIS A008407).

    The bounds follow ``k``, as in :func:`primerange`.

    Args:
        k: how many primes make a tuplet, from 2 to 6.
        start: where to begin, included; 0 unless it is given. It may be negative.
        stop: where to end, not included. An interval that ends before it begins is empty.
        workers: as for :func:`count_primes`.
        progress: as for :func:`count_primes`.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``k``, ``start``, ``stop``, ``workers`` or ``progress`` is not what it must be, or ``stop`` is
            missing.
        ValueError: ``k`` is not 2, 3, 4, 5 or 6, ``workers`` is below 1, or there is no backend of this name.
        BackendUnavailableError: the backend is known but not there.
    """
    size = tuplet_size(k)
    lo, hi = closed(_bound, stop, start)
    workers, progress = checked_workers(workers), checked_progress(progress)
    chosen = kernel(backend)
    from primes._workers.intervals import map_interval  # noqa: PLC0415  (only sieving needs it)

    if hi < LIMIT:
        return sum(map_interval(count_tuplets_piece, (size,), lo, hi, chosen, workers, progress))
    from primes._workers import large  # noqa: PLC0415  (few intervals reach so far)

    below, total, first = 0, hi - lo + 1, max(lo, LIMIT)
    if lo < LIMIT:
        # No tuplet reaches over 2**64, because the largest prime below it is 2**64 - 59.
        tell = large.shifted(progress, 0, total)
        below = sum(map_interval(count_tuplets_piece, (size,), lo, LIMIT - 1, chosen, workers, tell))
    tell = large.shifted(progress, first - lo, total)
    return below + large.count_tuplets(chosen, size, first, hi, workers, tell)


@overload
def tuplets(k: SupportsIndex, stop: SupportsIndex, *, backend: str | None = None) -> list[tuple[int, ...]]: ...
@overload
def tuplets(
    k: SupportsIndex, start: SupportsIndex, stop: SupportsIndex, *, backend: str | None = None
) -> list[tuple[int, ...]]: ...
def tuplets(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
    k: SupportsIndex,
    _bound: SupportsIndex = NOT_GIVEN,
    stop: SupportsIndex = NOT_GIVEN,
    *,
    start: SupportsIndex = NOT_GIVEN,
    backend: str | None = None,
) -> list[tuple[int, ...]]:
    """Return the prime ``k``-tuplets whose primes all lie in the half-open interval ``[start, stop)``, ascending.

    >>> tuplets(2, 30)
    [(3, 5), (5, 7), (11, 13), (17, 19)]
    >>> tuplets(4, 100, 1000)
    [(101, 103, 107, 109), (191, 193, 197, 199), (821, 823, 827, 829)]

    See :func:`count_tuplets` for what a tuplet is, the arguments and the errors. A list that does not fit into memory
    raises ``MemoryError``.
    """
    size = tuplet_size(k)
    lo, hi = closed(_bound, stop, start)
    if hi - lo >= LARGE_LIST_LEN:
        from primes._estimate import tuplet_estimate  # noqa: PLC0415  (only large lists need it)

        tuple_bytes = TUPLE_BYTES + size * listed_bytes(lo)
        demand_memory("a list of about {} tuplets", tuplet_estimate(size, lo, hi), tuple_bytes, start=lo, stop=hi + 1)
    found: list[tuple[int, ...]] = []
    chosen = kernel(backend)
    if hi < LIMIT:
        filled(found, chosen.extend_tuplets, size, lo, hi)
    else:
        from primes._workers import large  # noqa: PLC0415  (few lists reach so far)

        filled(found, large.extend_tuplets, chosen, size, lo, hi)
    return found


def tuplet_size(k: SupportsIndex) -> int:
    """Check the size of a tuplet."""
    size = integer("k", k)
    if not 2 <= size <= 6:  # noqa: PLR2004  (twins to sextuplets)
        raise ValueError(f"k must be 2, 3, 4, 5 or 6, got {shown(size)}")
    return size


def filled(items: list[Item], extend: Callable[..., None], *arguments: object) -> None:
    """Let a kernel fill a list. If that fails, free the items without making the caller wait.

    Freeing 10**8 ints takes a second, so a thread does it.
    """
    try:
        extend(items, *arguments)
    except MemoryError:
        count = len(items)
        free_in_background(items)
        raise MemoryError(f"the list does not fit into memory, which was full after {count} items") from None
    except BaseException:
        free_in_background(items)
        raise


def free_in_background(items: list[Item]) -> None:
    """Empty a long list step by step in a thread. A short list needs no thread."""
    if len(items) < LARGE_LIST_LEN:
        return
    # The module threading is not used: with it, the call ended 160 ms later for a list of 3 * 10**7 ints.
    from _thread import start_new_thread  # noqa: PLC0415  (only an interrupted call pays for it)

    def shrink() -> None:
        try:
            while items:
                del items[-LARGE_LIST_LEN // 10 :]
        except MemoryError:
            items.clear()  # Unlike del, this makes no copy of a slice first.

    try:
        start_new_thread(shrink, ())
    except RuntimeError:
        shrink()  # There may be no memory for a thread either.


def count_piece(chosen: Kernel, lo: int, hi: int, tell: Progress | None) -> int:
    """Count the primes of a piece."""
    return chosen.count(lo, hi, 1, tell)


def count_tuplets_piece(chosen: Kernel, k: int, lo: int, hi: int, tell: Progress | None) -> int:
    """Count the tuplets of a piece. No tuplet reaches from one piece into the next."""
    return chosen.count_tuplets(k, lo, hi, tell)
