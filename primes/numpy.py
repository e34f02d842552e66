"""The functions of :mod:`primes` over NumPy arrays.

>>> import primes.numpy
>>> primes.numpy.first_n(5)
array([ 2,  3,  5,  7, 11])
>>> primes.numpy.is_prime([[1, 2, 3], [4, 5, 6]])
array([[False,  True,  True],
       [False,  True, False]])

An array uses the buffer of the kernel without a copy. Only a 32-bit ``dtype`` and parts from several
workers need one. Any NumPy from 1.26 on will do, because nothing is compiled against it.
"""

from __future__ import annotations

from primes import _api, _backends, _primality
from primes._api import LARGE_LIST_LEN, SMALL_LEN
from primes._arguments import (
    ARRAY_ITEM_BYTES,
    EVERY,
    LIMIT,
    NOT_GIVEN,
    checked_workers,
    closed_of_64_bits,
    demand_memory,
    demand_room,
    how_many_of_64_bits,
    integer,
    lower_end_of_64_bits,
    shown,
)
from primes._backends import answered_at_once, kernel, offer_originals, open_blocks
from primes._estimate import count_estimate, width_estimate
from primes._workers.intervals import THREADED_LEN, map_interval, threads_for

try:
    import numpy as np
except ModuleNotFoundError as error:
    raise ImportError("primes.numpy needs NumPy: pip install numpy") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, SupportsIndex, overload

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from primes._arguments import Workers
    from primes._kernel import Kernel, Progress
else:

    def overload(function: object) -> None:
        """Stand in for ``typing.overload``, whose module takes 3 ms to load."""


__all__ = [
    "count_primes",
    "first_n",
    "is_prime",
    "next_prime",
    "nth_prime",
    "prev_prime",
    "prime_pi",
    "primerange",
]

DTYPES = ("int64", "uint64", "int32", "uint32")
"""The types that an array of primes can have."""

LARGEST = {np.dtype(name): int(np.iinfo(name).max) for name in DTYPES}
"""The largest integer of each."""

LARGEST_PRIME = LIMIT - 59
"""Below 2**64: OEIS A014234."""

DEFAULT_START, DEFAULT_DTYPE = 0, "int64"
"""The defaults of arrays. ``primes/_api.py`` says why the quick path tests for these objects with ``is``."""

TINY_LEN = 1024
"""A process keeps one array of each length below this, and answers with a copy. Cutting it from a longer array would
take as long as the copy. All of them take 0.2 MB and 0.2 ms, once. For longer ones the gain would not be felt."""

_small: dict[Kernel, NDArray[np.int64]] = {}
"""The small primes that ``_api`` keeps as lists."""

_tiny: tuple[NDArray[np.int64], ...] = ()
"""Arrays of the first 0, 1, 2, ... primes, from the default kernel."""


@answered_at_once("numpy.first_n")
def first_n(
    n: SupportsIndex,
    start: SupportsIndex = DEFAULT_START,
    *,
    dtype: DTypeLike = DEFAULT_DTYPE,
    workers: Workers = None,
    backend: str | None = None,
) -> NDArray[Any]:
    """Return the ``n`` smallest primes that are at least ``start``, as an array of shape ``(n,)``, ascending.

    >>> first_n(4, start=10**9, dtype="uint32")
    array([1000000007, 1000000009, 1000000021, 1000000033], dtype=uint32)

    Args:
        n: how many, from 0 up to what memory holds (8 bytes each).
        start: where to begin, below 2**64; included if it is prime. A negative start counts as 0.
        dtype: int64, uint64, int32 or uint32.
        workers: as for :func:`primes.count_primes`.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``n`` or ``start`` is not an integer, ``workers`` not what it must be, or ``dtype`` not a type.
        ValueError: ``n`` is negative, ``workers`` is below 1, ``dtype`` is another type, or there is no backend of this
            name.
        OverflowError: there are fewer than ``n`` primes from ``start`` to 2**64, or one of them does not fit ``dtype``.
        MemoryError: the array does not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    if type(n) is int and 0 <= n <= SMALL_LEN and start is DEFAULT_START and dtype is DEFAULT_DTYPE and workers is None:
        # No other checks are needed here. They would take longer than the answer.
        if n < TINY_LEN and backend is None and _tiny and not open_blocks():
            return _tiny[n].copy()
        return small_primes(backend)[:n].copy()
    return checked_first_n(n, start, dtype, workers, backend)


@overload
def primerange(
    stop: SupportsIndex,
    *,
    dtype: DTypeLike = DEFAULT_DTYPE,
    workers: Workers = None,
    backend: str | None = None,
) -> NDArray[Any]: ...
@overload
def primerange(
    start: SupportsIndex,
    stop: SupportsIndex,
    *,
    dtype: DTypeLike = DEFAULT_DTYPE,
    workers: Workers = None,
    backend: str | None = None,
) -> NDArray[Any]: ...
def primerange(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
    _bound: SupportsIndex = NOT_GIVEN,
    /,
    stop: SupportsIndex = NOT_GIVEN,
    *,
    start: SupportsIndex = NOT_GIVEN,
    dtype: DTypeLike = DEFAULT_DTYPE,
    workers: Workers = None,
    backend: str | None = None,
) -> NDArray[Any]:
    """Return the primes of the half-open interval ``[start, stop)``, as an array.

    >>> primerange(90, 110)
    array([ 97, 101, 103, 107, 109])

    The bounds work as in :func:`primes.primerange`: one is the stop, two are start and stop.

    Args:
        start: where to begin, included; 0 unless it is given. It may be negative.
        stop: where to end, not included; at most 2**64. An interval that ends before it begins is empty.
        dtype: int64, uint64, int32 or uint32.
        workers: as for :func:`primes.count_primes`.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Raises:
        TypeError: ``start`` or ``stop`` is not an integer, or ``stop`` is missing; ``workers`` is not what it must be,
            or ``dtype`` not a type.
        ValueError: ``workers`` is below 1, ``dtype`` is another type, or there is no backend of this name.
        OverflowError: ``stop`` is above 2**64, or a prime does not fit ``dtype``.
        MemoryError: the array does not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    lo, hi = closed_of_64_bits(_bound, stop, start)
    checked, workers = checked_dtype(dtype), checked_workers(workers)
    chosen = kernel(backend)
    demand_width(checked, chosen, lo, hi)
    if hi - lo >= LARGE_LIST_LEN:
        demand_memory("an array of about {} primes", count_estimate(lo, hi), ARRAY_ITEM_BYTES, start=lo, stop=hi + 1)
    return typed(joined(arrays(chosen, lo, hi, workers)), checked)


def array_of(lo: int, hi: int, dtype: DTypeLike | None) -> NDArray[Any]:
    """Return the primes of [lo, hi], which may lie above 2**64, as an array of any type that can hold them."""
    if hi >= LIMIT:
        asked_for = np.dtype(object if dtype is None else dtype)
        return np.array(_api.primerange(lo, hi + 1), object).astype(asked_for)
    last = _primality.prev_prime(hi + 1) if hi > 1 else 0
    wanted = np.dtype("int64" if last <= LARGEST[np.dtype("int64")] else "uint64") if dtype is None else np.dtype(dtype)
    if wanted.kind in "iu" and last > np.iinfo(wanted).max:
        raise OverflowError(f"{last} does not fit dtype {wanted}")
    fit = wanted if wanted in LARGEST else np.dtype("uint64")
    return primerange(lo, hi + 1, dtype=fit).astype(wanted, copy=False)


def is_prime(n: ArrayLike, *, backend: str | None = None) -> NDArray[np.bool_]:
    """Tell of each integer of an array whether it is prime.

    >>> is_prime([2**61 - 1, 2**62 - 1, -7])
    array([ True, False, False])

    Args:
        n: integers of any integer type and shape, or nested lists of them.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Booleans in the shape of ``n``. All answers are proven. As from NumPy's own functions, a masked array keeps its
        mask, and a pandas Series its index.

    Raises:
        TypeError: ``n`` does not hold integers.
        ValueError: ``n`` is no array, being ragged, or there is no backend of this name.
        OverflowError: an ``n`` is 2**64 or more.
        BackendUnavailableError: the backend is known but not there.
    """
    chosen = kernel(backend)

    def flags(numbers: NDArray[Any]) -> NDArray[np.bool_]:
        # No negative integer is prime, nor is 0.
        return np.frombuffer(chosen.are_prime(unsigned(numbers, 0).data), np.bool_)

    return elementwise("n", n, flags)


def nth_prime(n: ArrayLike, *, dtype: DTypeLike = DEFAULT_DTYPE, backend: str | None = None) -> NDArray[Any]:
    """Return the ``n``-th prime, counted from 1, for each ``n`` of an array.

    >>> nth_prime([1, 10, 100])
    array([  2,  29, 541])

    If many lie close together, their interval is listed once and each is looked up.

    Args:
        n: integers from 1 on, of any integer type and shape, or nested lists of them.
        dtype: int64, uint64, int32 or uint32.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Primes in the shape of ``n``; masks and indices are kept as by :func:`is_prime`.

    Raises:
        TypeError: ``n`` does not hold integers, or ``dtype`` is not a type.
        ValueError: an ``n`` is below 1, ``dtype`` is another type, or there is no backend of this name.
        OverflowError: there is no ``n``-th prime below 2**64, or it does not fit ``dtype``.
        BackendUnavailableError: the backend is known but not there.
    """
    chosen, checked = kernel(backend), checked_dtype(dtype)
    from primes._workers.ascending import nth_primes  # noqa: PLC0415  (only what is asked of many integers needs it)

    def found(numbers: NDArray[Any]) -> NDArray[Any]:
        return in_order(unsigned(numbers, 0), lambda ascending: typed(nth_primes(chosen, ascending), checked))

    return elementwise("n", n, found, lambda number: how_many_of_64_bits("n", number, 1))


def count_primes(stop: ArrayLike, *, backend: str | None = None) -> NDArray[np.int64]:
    """Count the primes below each ``stop`` of an array.

    >>> count_primes([0, 10, 100, 10**10])
    array([        0,         4,        25, 455052511])

    If many lie close together, the primes between them are sieved once.

    Args:
        stop: integers up to 2**64 - 1, of any integer type and shape, or nested lists of them.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Counts in the shape of ``stop``; masks and indices are kept as by :func:`is_prime`.

    Raises:
        TypeError: ``stop`` does not hold integers.
        ValueError: ``stop`` is no array, being ragged, or there is no backend of this name.
        OverflowError: a ``stop`` is 2**64 or more.
        BackendUnavailableError: the backend is known but not there.
    """
    chosen = kernel(backend)
    from primes._workers.ascending import counts_up_to  # noqa: PLC0415  (as above)

    def counts(numbers: NDArray[Any]) -> NDArray[np.int64]:
        return in_order(unsigned(numbers, 1) - np.uint64(1), lambda ascending: counts_up_to(chosen, ascending))

    return elementwise("stop", stop, counts)


def prime_pi(x: ArrayLike, *, backend: str | None = None) -> NDArray[np.int64]:
    """Return pi(x), the number of primes that are at most ``x``, for each ``x`` of an array.

    >>> prime_pi([-1, 2, 10, 97, 10**10])
    array([        0,         1,         4,        25, 455052511])

    The argument and the errors are those of :func:`count_primes`, under the name ``x``.
    """
    chosen = kernel(backend)
    from primes._workers.ascending import counts_up_to  # noqa: PLC0415  (as above)

    def counts(numbers: NDArray[Any]) -> NDArray[np.int64]:
        return in_order(unsigned(numbers, 0), lambda ascending: counts_up_to(chosen, ascending))

    return elementwise("x", x, counts)


def next_prime(n: ArrayLike, *, dtype: DTypeLike | None = None, backend: str | None = None) -> NDArray[Any]:
    """Return the smallest prime that is greater than ``n``, for each ``n`` of an array.

    >>> next_prime([-5, 2, 7, 10**9])
    array([         2,          3,         11, 1000000007])

    Args:
        n: integers below 2**64 - 59, the largest prime of 64 bits, of any integer type and shape, or nested lists of
            them.
        dtype: int64, uint64, int32 or uint32; without it uint64 if that is the type of ``n``, else int64.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Primes in the shape of ``n``; masks and indices are kept as by :func:`is_prime`.

    Raises:
        TypeError: ``n`` does not hold integers, or ``dtype`` is not a type.
        ValueError: ``n`` is no array, being ragged, ``dtype`` is another type, or there is no backend of this name.
        OverflowError: the next prime is above 2**64, or does not fit ``dtype``.
        BackendUnavailableError: the backend is known but not there.
    """
    from primes._workers.ascending import next_primes  # noqa: PLC0415  (as above)

    def demand(number: int) -> None:
        if number >= LARGEST_PRIME:
            raise OverflowError(f"n must be below {LARGEST_PRIME}, the largest prime below 2**64, got {shown(number)}")

    return neighbours(next_primes, n, demand, dtype, backend)


def prev_prime(n: ArrayLike, *, dtype: DTypeLike | None = None, backend: str | None = None) -> NDArray[Any]:
    """Return the largest prime that is less than ``n``, for each ``n`` of an array.

    >>> prev_prime([3, 8, 10**9])
    array([        2,         7, 999999937])

    The arguments and the errors are those of :func:`next_prime`, with two differences: an ``n`` may be up to 2**64 - 1,
    and an ``n`` of 2 or less raises ``ValueError``, because no prime lies below it.
    """
    from primes._workers.ascending import prev_primes  # noqa: PLC0415  (as above)

    def demand(number: int) -> None:
        if number <= 2:  # noqa: PLR2004  (the smallest prime)
            raise ValueError(f"n must be greater than 2, the smallest prime, got {shown(number)}")

    return neighbours(prev_primes, n, demand, dtype, backend)


def neighbours(
    of: Callable[[Kernel, NDArray[np.uint64]], NDArray[np.uint64]],
    n: ArrayLike,
    demand: Callable[[int], object],
    dtype: DTypeLike | None,
    backend: str | None,
) -> NDArray[Any]:
    """Do the work of :func:`next_prime` and :func:`prev_prime`."""
    chosen = kernel(backend)
    asked_for = None if dtype is None else checked_dtype(dtype)

    def found(numbers: NDArray[Any]) -> NDArray[Any]:
        # uint64 in another byte order is another dtype.
        like_them = np.uint64 if numbers.dtype.newbyteorder("=") == np.uint64 else np.int64
        checked = np.dtype(like_them) if asked_for is None else asked_for
        return in_order(unsigned(numbers, 0), lambda ascending: typed(of(chosen, ascending), checked))

    return elementwise("n", n, found, demand)


def elementwise(
    name: str,
    values: ArrayLike,
    answer: Callable[[NDArray[Any]], NDArray[Any]],
    demand: Callable[[int], object] | None = None,
) -> NDArray[Any]:
    """Answer for each integer of an array, with an array of the same shape and, as in NumPy itself, the same kind.

    ``answer`` gets an array of integers that have passed ``demand``, and returns as many answers, in a row.
    """
    if isinstance(values, np.ma.MaskedArray):
        # Masked items may be anything, so they are not checked.
        seen = ~np.ma.getmaskarray(values)
        answers = answer(integers(name, np.ma.getdata(values)[seen], demand))
        whole = np.zeros(seen.shape, answers.dtype)
        whole[seen] = answers
        return np.ma.MaskedArray(whole, np.ma.nomask if np.ma.getmask(values) is np.ma.nomask else ~seen)
    numbers = integers(name, values, demand)
    answers = answer(numbers).reshape(numbers.shape)
    kind: type = type(values)
    if kind is np.ndarray or issubclass(kind, np.generic) or not hasattr(kind, "__array_ufunc__"):
        return answers
    # Such as a Series of pandas: what it makes of functions of NumPy, it makes of these, which give the same answers.
    alike: NDArray[Any] = np.multiply(np.equal(values, values), answers)
    return alike


def in_order(numbers: NDArray[np.uint64], answer: Callable[[NDArray[np.uint64]], NDArray[Any]]) -> NDArray[Any]:
    """Sort the integers, answer for them in ascending order, and put the answers into the order of the integers."""
    if not (numbers[1:] < numbers[:-1]).any():
        return answer(numbers)
    order = np.argsort(numbers)
    answers = answer(numbers[order])
    placed = np.empty_like(answers)
    placed[order] = answers
    return placed


def unsigned(numbers: NDArray[Any], least: int) -> NDArray[np.uint64]:
    """Return the integers as a row of uint64, where each one below ``least`` is replaced by ``least``."""
    numbers = numbers.reshape(-1)  # Without a dimension, NumPy 1 makes a float of a uint64 and an int.
    if least or numbers.dtype.kind == "i":
        numbers = np.maximum(numbers, least)
    return np.ascontiguousarray(numbers, np.uint64)


def checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Refuse a type that an array of primes cannot have."""
    try:
        checked = np.dtype(dtype)
    except TypeError as error:
        raise TypeError(f"dtype must be one of {', '.join(DTYPES)}, got {shown(dtype)}: {error}") from None
    if checked not in LARGEST:  # as no type in another order of bytes is
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {shown(dtype)}")
    return checked


def integers(name: str, values: ArrayLike, demand: Callable[[int], object] | None = None) -> NDArray[Any]:
    """Turn what was given into an array of integers, the least and the greatest of which have passed ``demand``."""
    try:
        numbers = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of integers: {error}") from None
    kind = numbers.dtype.kind
    if kind == "f" and not isinstance(getattr(values, "dtype", None), np.dtype):
        # Ints on both sides of 2**63 become floats, unless one says so; and so do those of pandas if one is missing.
        kind = "O"
    if not numbers.size and numbers.dtype == np.float64:
        return numbers.astype(np.int64)  # What NumPy makes of nothing.
    if kind == "O":
        return object_integers(name, np.asarray(values, object), demand)
    if kind not in "iu":
        raise TypeError(f"{name} must hold integers, got an array of {numbers.dtype}")
    if demand is not None and numbers.size:
        demand(int(numbers.min()))
        demand(int(numbers.max()))
    return numbers


def object_integers(name: str, numbers: NDArray[Any], demand: Callable[[int], object] | None) -> NDArray[Any]:
    """Turn an array of Python ints, which NumPy makes where one is above 2**63, into one of 64-bit integers."""
    plain = [integer(name, each) for each in numbers.flat]
    if demand is not None and plain:
        demand(min(plain))
        demand(max(plain))
    outside = next((each for each in plain if each >= LIMIT), None)
    if outside is not None:
        raise OverflowError(f"{name} must hold integers below 2**64, got {shown(outside)}")
    if all(each < LIMIT // 2 for each in plain):
        return np.array([max(each, -LIMIT // 2) for each in plain], np.int64).reshape(numbers.shape)
    return np.array([max(each, 0) for each in plain], np.uint64).reshape(numbers.shape)


def checked_first_n(
    n: SupportsIndex, start: SupportsIndex, dtype: DTypeLike, workers: Workers, backend: str | None
) -> NDArray[Any]:
    """Do the work of :func:`first_n`, whose frame must be small for what is quick to be quick."""
    n = how_many_of_64_bits("n", n, 0)
    lo, checked, workers = lower_end_of_64_bits(start), checked_dtype(dtype), checked_workers(workers)
    chosen = kernel(backend)
    demand_room(n, lo)
    if lo > LARGEST[checked] and n:
        demand_width(checked, chosen, lo, LIMIT - 1)
    demand_memory("an array of {} primes", n, ARRAY_ITEM_BYTES, n=n)
    parts = []
    missing, first = n, lo
    threads = threads_for(chosen, workers, worthwhile=n >= THREADED_LEN)
    # An executor does all of it, however little that is; perhaps in several rounds, for the width is an estimate.
    by_executor = not (workers is None or isinstance(workers, int))
    spread = by_executor or (threads is None and n >= LARGE_LIST_LEN and workers != 1)
    while spread and missing and first < LIMIT:
        hi = min(first + int(width_estimate(missing, first)), LIMIT - 1)
        for part in arrays(chosen, first, hi, workers):
            parts.append(part[:missing])
            missing -= len(parts[-1])
        first = hi + 1
    if missing and first < LIMIT:
        parts.append(wrapped(chosen.array(missing, first, LIMIT - 1, threads or 1)))
        missing -= len(parts[-1])
    if missing:
        raise OverflowError(f"n must be at most {n - missing}, the primes from start={shown(start)} to 2**64, got {n}")
    return typed(joined(parts), checked)


def small_primes(backend: str | None) -> NDArray[np.int64]:
    """Return an array of the small primes; it is not the caller's."""
    global _tiny  # noqa: PLW0603  (finished: a second thread sees it, or does the same work)
    chosen = kernel(backend)
    primes = _small.get(chosen)
    if primes is None:
        primes = _small.setdefault(chosen, np.array(_api.small_primes(chosen), np.int64))
    if not _tiny and chosen is _backends.usual:
        _tiny = tuple(primes[:n] for n in range(TINY_LEN))
        offer_originals(_tiny)
    return primes


def arrays(chosen: Kernel, lo: int, hi: int, workers: Workers) -> list[NDArray[np.uint64]]:
    """Return the primes of [lo, hi], whole or piece by piece."""
    threads = threads_for(chosen, workers, worthwhile=hi - lo >= THREADED_LEN)
    if threads is not None:
        return [wrapped(chosen.array(EVERY, lo, hi, threads))]
    return list(map_interval(array_piece, (), lo, hi, chosen, workers, None))


def array_piece(chosen: Kernel, lo: int, hi: int, tell: Progress | None) -> NDArray[np.uint64]:
    """Return the primes of a piece, as an array, which another process can send back."""
    return wrapped(chosen.array(EVERY, lo, hi, 1, tell))


def wrapped(buffer: Any) -> NDArray[np.uint64]:  # noqa: ANN401  (whatever has the buffer protocol)
    """Return an array that shares the memory of a kernel's buffer."""
    return np.frombuffer(buffer, np.uint64)


def joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Join the parts into one array. A single part is not copied."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def demand_width(dtype: np.dtype[Any], chosen: Kernel, lo: int, hi: int) -> None:
    """Refuse a type that is too narrow for a prime of [lo, hi], before the array is made."""
    if hi > LARGEST[dtype]:
        prime = chosen.next_prime(max(lo - 1, LARGEST[dtype]))
        if 0 < prime <= hi:
            raise OverflowError(f"{prime} does not fit dtype {dtype}")


def typed(primes: NDArray[np.uint64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return ascending primes in the type that was asked for. Other types of 64 bits share the memory."""
    most: int = primes.item(-1) if primes.size else 0
    if most > LARGEST[dtype]:
        raise OverflowError(f"{most} does not fit dtype {dtype}")
    return primes.view(dtype) if dtype.itemsize == primes.itemsize else primes.astype(dtype)
