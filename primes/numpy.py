"""The functions of :mod:`primes` over NumPy arrays.

>>> import primes.numpy
>>> primes.numpy.first_n(5)
array([ 2,  3,  5,  7, 11])
>>> primes.numpy.is_prime([[1, 2, 3], [4, 5, 6]])
array([[False,  True,  True],
       [False,  True, False]])

The kernels hand over their buffers as they are: nothing is copied, unless another ``dtype`` than 64 bits is asked for,
or several workers each bring a part. Any NumPy from 1.26 on will do; nothing is compiled against it.
"""

from __future__ import annotations

from primes import _api, _backends
from primes._api import LARGE_LIST_LEN, SMALL_LEN
from primes._arguments import (
    LIMIT,
    NOT_GIVEN,
    checked_workers,
    closed,
    demand_memory,
    demand_room,
    how_many,
    integer,
    lower_end,
    shown,
)
from primes._backends import answered_at_once, kernel, offer_originals, open_blocks
from primes._estimate import count_estimate, width_estimate
from primes._parallel import map_interval, threads_for

try:
    import numpy as np
except ModuleNotFoundError as error:
    raise ImportError("primes.numpy needs NumPy: pip install numpy") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, SupportsIndex, overload

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from primes._kernel import Kernel
    from primes._parallel import Workers
else:

    def overload(function: object) -> None:
        """Stand in for ``typing.overload``, whose module takes 3 ms to load."""


__all__ = ["count_primes", "first_n", "is_prime", "nth_prime", "primerange"]

DTYPES = ("int64", "uint64", "int32", "uint32")
"""The types that an array of primes can have."""

LARGEST = {np.dtype(name): int(np.iinfo(name).max) for name in DTYPES}
"""The largest integer of each."""

DEFAULT_START, DEFAULT_DTYPE = 0, "int64"
"""What arrays are where nothing is said; why these very objects are looked for, ``primes/_api.py`` says."""

TINY_LEN = 1024
"""Below this, a process keeps an array of each length to copy: to cut it from a longer one takes as long as to copy it.
That is 0.2 MB and 0.2 ms, once; for more primes than these it would not be felt."""

THREADED_LEN = 150_000
"""Fewer primes are the work of one thread, and to ask for the number of cores is felt: 1 of 60 us for 10**5 of them."""

EVERY = 2**63 - 1
"""More primes than there are: as the number of a kernel's array, it asks for all."""

_small: dict[Kernel, NDArray[np.int64]] = {}
"""The small primes that ``_api`` keeps as lists."""

_tiny: tuple[NDArray[np.int64], ...] = ()
"""The first none, one, two, .. of them, from the kernel that is used where nothing is asked for."""


@answered_at_once
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
        start: where to begin, below 2**64; included when it is prime. Every prime is at least a negative one.
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
        # What needs no more checks, which would take longer than the answer.
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
def primerange(  # type: ignore[misc]  # what comes first is the stop, or the start: the overloads tell
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

    The bounds are given as to :func:`primes.primerange`: one is the stop, two are start and stop.

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
        OverflowError: ``start`` or ``stop`` is above 2**64, or a prime does not fit ``dtype``.
        MemoryError: the array does not fit into memory.
        BackendUnavailableError: the backend is known but not there.
    """
    lo, hi = closed(_bound, stop, start)
    checked, workers = checked_dtype(dtype), checked_workers(workers)
    chosen = kernel(backend)
    demand_width(checked, chosen, lo, hi)
    if hi - lo >= LARGE_LIST_LEN:
        demand_memory("an array of about {} primes", int(count_estimate(lo, hi)), start=lo, stop=hi + 1)
    return typed(joined(arrays(chosen, lo, hi, workers)), checked)


def is_prime(n: ArrayLike, *, backend: str | None = None) -> NDArray[np.bool_]:
    """Tell of each integer of an array whether it is prime.

    >>> is_prime([2**61 - 1, 2**62 - 1, -7])
    array([ True, False, False])

    Args:
        n: integers of any integer type and shape, or nested lists of them.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Booleans in the shape of ``n``. All answers are proven.

    Raises:
        TypeError: ``n`` does not hold integers.
        ValueError: ``n`` is no array, being ragged, or there is no backend of this name.
        OverflowError: an ``n`` is 2**64 or more.
        BackendUnavailableError: the backend is known but not there.
    """
    numbers = integers("n", n)
    # A negative integer would be a large one without its sign: it becomes 0, which is not prime either.
    plain = np.ascontiguousarray(np.maximum(numbers, 0) if numbers.dtype.kind == "i" else numbers, np.uint64)
    flags = kernel(backend).are_prime(plain.reshape(-1).data)
    return np.frombuffer(flags, np.bool_).reshape(numbers.shape)


def nth_prime(n: ArrayLike, *, dtype: DTypeLike = DEFAULT_DTYPE, backend: str | None = None) -> NDArray[Any]:
    """Return the ``n``-th prime, counted from 1, for each ``n`` of an array.

    >>> nth_prime([1, 10, 100])
    array([  2,  29, 541])

    Args:
        n: integers from 1 on, of any integer type and shape, or nested lists of them.
        dtype: int64, uint64, int32 or uint32.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Primes in the shape of ``n``.

    Raises:
        TypeError: ``n`` does not hold integers, or ``dtype`` is not a type.
        ValueError: an ``n`` is below 1, ``dtype`` is another type, or there is no backend of this name.
        OverflowError: there is no ``n``-th prime below 2**64, or it does not fit ``dtype``.
        BackendUnavailableError: the backend is known but not there.
    """
    numbers, checked = integers("n", n), checked_dtype(dtype)
    distinct, places = np.unique(numbers, return_inverse=True)
    primes = np.fromiter((_api.nth_prime(each, backend=backend) for each in distinct), np.uint64, len(distinct))
    return typed(primes, checked)[places.reshape(-1)].reshape(numbers.shape)


def count_primes(stop: ArrayLike, *, backend: str | None = None) -> NDArray[np.int64]:
    """Count the primes below each ``stop`` of an array.

    >>> count_primes([0, 10, 100, 10**10])
    array([        0,         4,        25, 455052511])

    Args:
        stop: integers up to 2**64 - 1, of any integer type and shape, or nested lists of them.
        backend: ``"rust"``, ``"cython"`` or ``"python"``; without it the default of :func:`primes.use_backend`.

    Returns:
        Counts in the shape of ``stop``.

    Raises:
        TypeError: ``stop`` does not hold integers.
        ValueError: ``stop`` is no array, being ragged, or there is no backend of this name.
        OverflowError: a ``stop`` is 2**64 or more.
        BackendUnavailableError: the backend is known but not there.
    """
    numbers = integers("stop", stop)
    distinct, places = np.unique(numbers, return_inverse=True)
    counts = np.fromiter((_api.count_primes(each, backend=backend) for each in distinct), np.int64, len(distinct))
    return counts[places.reshape(-1)].reshape(numbers.shape)


def checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Refuse a type that an array of primes cannot have."""
    try:
        checked = np.dtype(dtype)
    except TypeError as error:
        raise TypeError(f"dtype must be one of {', '.join(DTYPES)}, got {shown(dtype)}: {error}") from None
    if checked not in LARGEST:  # as no type in another order of bytes is
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {shown(dtype)}")
    return checked


def integers(name: str, values: ArrayLike) -> NDArray[Any]:
    """Turn what was given into an array of integers."""
    try:
        numbers = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of integers: {error}") from None
    if numbers.dtype.kind == "f" and numbers.size and not isinstance(values, np.ndarray):
        numbers = np.asarray(values, object)  # Ints on both sides of 2**63 become floats, unless one says so.
    if numbers.dtype.kind not in "iu":
        if numbers.size == 0 and not isinstance(values, np.ndarray):
            return numbers.astype(np.int64)
        if numbers.dtype.kind == "O":
            numbers = object_integers(name, numbers)
        else:
            raise TypeError(f"{name} must hold integers, got an array of {numbers.dtype}")
    return numbers


def object_integers(name: str, numbers: NDArray[Any]) -> NDArray[Any]:
    """Turn an array of Python ints, which NumPy makes where one is above 2**63, into one of 64-bit integers."""
    plain = [integer(name, each) for each in numbers.flat]
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
    n = how_many("n", n, 0)
    lo, checked, workers = lower_end(start), checked_dtype(dtype), checked_workers(workers)
    chosen = kernel(backend)
    demand_room(n, lo)
    if lo > LARGEST[checked] and n:
        demand_width(checked, chosen, lo, LIMIT - 1)
    demand_memory("an array of {} primes", n, n=n)
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


def array_piece(chosen: Kernel, lo: int, hi: int) -> NDArray[np.uint64]:
    """Return the primes of a piece, as an array, which another process can send back."""
    return wrapped(chosen.array(EVERY, lo, hi, 1))


def wrapped(buffer: Any) -> NDArray[np.uint64]:  # noqa: ANN401  (whatever has the buffer protocol)
    """Look at a kernel's buffer as an array."""
    return np.frombuffer(buffer, np.uint64)


def joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Put the parts together; a single one stays where it is."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def demand_width(dtype: np.dtype[Any], chosen: Kernel, lo: int, hi: int) -> None:
    """Refuse a type that is too narrow for a prime of [lo, hi], before there is an array of them."""
    if hi > LARGEST[dtype]:
        prime = chosen.next_prime(max(lo - 1, LARGEST[dtype]))
        if 0 < prime <= hi:
            raise OverflowError(f"{prime} does not fit dtype {dtype}")


def typed(primes: NDArray[np.uint64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give ascending primes their type; another one of 64 bits is another look at the same memory."""
    most: int = primes.item(-1) if primes.size else 0
    if most > LARGEST[dtype]:
        raise OverflowError(f"{most} does not fit dtype {dtype}")
    return primes.view(dtype) if dtype.itemsize == primes.itemsize else primes.astype(dtype)
