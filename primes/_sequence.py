"""The primes of an interval as a sequence that is never stored, as ``range`` is for integers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, compress, islice, repeat
from math import log
from operator import getitem, index, not_

from primes._api import InTurn, count_primes, iter_primes, nth_prime
from primes._arguments import LIMIT, NOT_GIVEN, PRIMES_BELOW_LIMIT, integer, shown
from primes._backends import kernel
from primes._primality import is_prime, next_prime, prev_prime
from primes._workers.nth import TooFewError, nth_from, sieved_back
from primes._workers.pi import pi_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn, Self, SupportsIndex, TypeGuard, overload

    from numpy.typing import DTypeLike, NDArray
else:

    def overload(function: object) -> None:
        """Stand in for ``typing.overload``, whose module takes 3 ms to load."""


WIDEST_COUNTED = 2**40
"""At most this many integers above 2**64 are counted. They must all be sieved, which takes hours. Counting in a wider
interval is an error."""


class Primes(Sequence[int]):
    """The primes of an interval, as a sequence that is computed and never stored, as ``range`` is.

    ``Primes()`` are all of them, ``Primes(stop)`` those below ``stop``, ``Primes(start, stop)`` those of the half-open
    interval. ``Primes(start=10)`` and ``Primes(10, None)`` begin there and do not end.

    >>> below_30 = Primes(30)
    >>> len(below_30), below_30[3], below_30[-1], 23 in below_30, below_30.index(23)
    (10, 7, 29, True, 8)
    >>> list(below_30[2:5]), below_30[2:5]
    ([5, 7, 11], Primes(5, 13))
    >>> Primes()[10**6], next(reversed(Primes(10**18)))
    (15485867, 999999999999999989)
    >>> list(Primes(10, 30)[::-1])
    [29, 23, 19, 17, 13, 11]

    It cannot be changed; it can be hashed and pickled. A slice is again a ``Primes``, and its bounds are primes. With a
    step of k it takes every k-th prime, downwards if k is negative. Its ``repr`` shows the step:
    ``Primes(2, 30)[::3]``. Two of them are equal if they are the same primes in the same order. Only integers are in
    it: 7.0 is not.

    An index is counted from its end: ``[-1]`` takes as long as :func:`primes.prev_prime`, and ``[i]`` as
    :func:`primes.nth_prime`. ``reversed`` goes downwards about as fast as ``iter`` goes upwards. Both begin at once.
    After Ctrl-C they go on where they were, and threads may share them, as those of :func:`primes.iter_primes`.

    The length is counted once and then kept. ``list``, ``match``, ``random.choice`` and ``bisect.bisect`` ask for the
    length first; :func:`primes.primerange` makes a list without that. ``numpy.asarray`` makes an array of int64, of
    uint64 if a prime needs that, or of Python's ints above 2**64.

    Each operation uses the backend of :class:`primes.use_backend` at that moment.

    Args:
        start: where to begin, included; 0 unless it is given. It may be negative.
        stop: where to end, not included. Without it, or if it is None, there is no end.

    Raises:
        TypeError: ``start`` or ``stop`` is not an integer.
        OverflowError: not here, but from each operation that needs a count out of reach. Without a stop there is no
            length, no negative index and no way down. If more than 2**40 of its integers are above 2**64, it is not
            counted.
    """

    __slots__ = ("_count", "_start", "_step", "_stop")

    _start: int
    _stop: int | None
    _step: int
    _count: int | None
    """The length, once it is known."""

    @overload
    def __new__(cls, stop: SupportsIndex | None = None, /) -> Self: ...
    @overload
    def __new__(cls, start: SupportsIndex, /, stop: SupportsIndex | None) -> Self: ...
    @overload
    def __new__(cls, *, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> Self: ...
    def __new__(  # type: ignore[misc]  # the first bound is the stop or the start: see the overloads
        cls,
        _bound: SupportsIndex | None = NOT_GIVEN,
        /,
        stop: SupportsIndex | None = NOT_GIVEN,
        *,
        start: SupportsIndex = NOT_GIVEN,
    ) -> Self:
        if _bound is not NOT_GIVEN:
            if start is not NOT_GIVEN:
                raise TypeError("start must be given once: by position, before stop, or by name")
            start, stop = (0, _bound) if stop is NOT_GIVEN else (_bound, stop)  # type: ignore[assignment]
        first = 0 if start is NOT_GIVEN else integer("start", start)
        end = None if stop is None or stop is NOT_GIVEN else integer("stop", stop)
        return cls._made(first, end, 1)

    @classmethod
    def _made(cls, start: int, stop: int | None, step: int) -> Self:
        primes = super().__new__(cls)
        for name, value in (("_start", start), ("_stop", stop), ("_step", step), ("_count", None)):
            object.__setattr__(primes, name, value)
        return primes

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Primes cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Primes cannot be changed: {name}")

    @property
    def start(self) -> int:
        """Where the interval begins, included."""
        return self._start

    @property
    def stop(self) -> int | None:
        """Where the interval ends, not included, or None where it does not."""
        return self._stop

    @property
    def step(self) -> int:
        """The step of a slice of all primes in the interval, from the last one downwards if it is negative."""
        return self._step

    @property
    def _lo(self) -> int:
        return max(self._start, 0)

    @property
    def _hi(self) -> int | None:
        return None if self._stop is None else max(self._stop - 1, 0)

    def __repr__(self) -> str:
        return self._written(repr)

    def _shown(self) -> str:
        """Return how an error message shows it: Python may refuse the digits of a bound."""
        return self._written(shown)

    def _written(self, write: Callable[[object], str]) -> str:
        bounds = "" if (self._start, self._stop) == (0, None) else f"{write(self._start)}, {write(self._stop)}"
        return f"Primes({bounds})" + ("" if self._step == 1 else f"[::{write(self._step)}]")

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        whole = Primes, (self._start, self._stop)
        return whole if self._step == 1 else (getitem, (Primes(*whole[1]), slice(None, None, self._step)))

    def __bool__(self) -> bool:
        return self._at(0) > 0

    def __len__(self) -> int:
        if self._count is None:
            if self._hi is None:
                raise OverflowError(f"{self._shown()} has no end, so it has no length")
            count = -(-self._counted(self._lo, self._hi) // abs(self._step))
            object.__setattr__(self, "_count", count)
            return count
        return self._count

    def _counted(self, lo: int, hi: int) -> int:
        """Count the primes of [lo, hi], a part of the interval."""
        if lo > hi:
            return 0
        if hi - max(lo, LIMIT) >= WIDEST_COUNTED:
            raise OverflowError(f"{self._shown()} cannot be counted: more than 2**40 of its integers are above 2**64")
        return count_primes(lo, hi + 1)

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> Primes: ...
    def __getitem__(self, key: SupportsIndex | slice, /) -> int | Primes:
        if isinstance(key, slice):
            return self._slice(
                *(None if at is None else integer("a bound of a slice", at) for at in (key.start, key.stop, key.step))
            )
        i = integer("an index of a Primes", key)
        prime = self._from_end(-1 - i) if i < 0 else self._at(i)
        if not prime:
            raise IndexError(f"{self._shown()} has no item {shown(i)}")
        return prime

    def _at(self, i: int) -> int:
        """Return the item ``i``, which is not negative, or 0 if there is none."""
        if self._count is not None and abs(self._step) == 1 and self._count <= 2 * i < 2 * self._count:
            behind = self._count - 1 - i
            if self._step < 0 or is_sieved_back(self._demand_end(), behind):
                return self._from_end(behind)
        return self._near(i)

    def _near(self, i: int) -> int:
        if self._step > 0:
            return nth_up(self._lo, self._hi, i * self._step)
        return nth_down(self._lo, self._demand_end(), -i * self._step)

    def _from_end(self, i: int) -> int:
        """Return the item followed by ``i`` items, or 0 if there is none."""
        if self._step == 1:
            return nth_down(self._lo, self._demand_end(), i)
        if self._step == -1:
            return nth_up(self._lo, self._hi, i)
        i = len(self) - 1 - i
        return self._near(i) if i >= 0 else 0

    def _demand_end(self) -> int:
        if self._hi is None:
            raise OverflowError(f"{self._shown()} has no end, so nothing can be counted from there")
        return self._hi

    def _slice(self, begin: int | None, end: int | None, step: int | None) -> Primes:
        if step == 0:
            raise ValueError("the step of a slice cannot be 0")
        step = 1 if step is None else step
        if step > 0 and begin is not None and end is not None and 0 <= end <= begin:
            return Primes(0, 0)
        first = self._first(begin, forward=step > 0)
        beyond = self._beyond(end, forward=step > 0)
        if first is None or beyond is None:
            return Primes(0, 0)
        whole = self._step * step
        if whole > 0:
            return Primes._made(first or self._start, beyond or self._stop, whole)
        last = first or self._demand_end()
        return Primes._made(beyond + 1 if beyond else self._start, last + 1, whole)

    def _first(self, i: int | None, *, forward: bool) -> int | None:
        """Return the item with which a slice begins, 0 if it is where the interval begins or ends, or None for none."""
        if i is None:
            i = 0 if forward else -1
        if i == 0 and forward:
            return 0
        if i == -1 and not forward and abs(self._step) == 1:
            return 0
        prime = self._from_end(-1 - i) if i < 0 else self._at(i)
        if prime:
            return prime
        # A slice forward begins at the first item at the earliest, one backward at the last one at the latest.
        if forward:
            return 0 if i < 0 else None
        return None if i < 0 else self._first(-1, forward=False)

    def _beyond(self, i: int | None, *, forward: bool) -> int | None:
        """Return the item before which a slice ends, 0 if all of the interval is before that, or None for no slice."""
        if i is None:
            return 0
        prime = self._from_end(-1 - i) if i < 0 else self._at(i)
        if prime:
            return prime
        return 0 if forward == (i >= 0) else None

    def __iter__(self) -> Iterator[int]:
        primes = upwards(self._lo, self._hi) if self._step > 0 else downwards(self._lo, self._demand_end())
        step = abs(self._step)
        # compress takes the prime first, so an interruption loses none. islice would end after one.
        return primes if step == 1 else compress(primes, map(not_, chain.from_iterable(repeat(range(step)))))

    def __reversed__(self) -> Iterator[int]:
        return iter(self[::-1])

    def __contains__(self, value: object, /) -> bool:
        if abs(self._step) == 1:
            return self._has(value)
        return self._place(value) is not None

    def _has(self, value: object) -> TypeGuard[SupportsIndex]:
        """Tell whether it is a prime of the interval."""
        try:
            number = index(value)  # type: ignore[arg-type]
        except TypeError:
            return False
        return self._lo <= number and (self._hi is None or number <= self._hi) and is_prime(number)

    def _place(self, value: object) -> int | None:
        """Return the index of a value, or None if there is none."""
        if not self._has(value):
            return None
        prime = index(value)
        ends = (self._lo, prime - 1) if self._step > 0 else (prime + 1, self._demand_end())
        place, rest = divmod(self._counted(*ends), abs(self._step))
        return None if rest else place

    def index(self, value: object, start: SupportsIndex = 0, stop: SupportsIndex | None = None, /) -> int:
        """Return the index of a prime, from ``start`` on and before ``stop`` if they are given.

        Raises:
            ValueError: it is not there.
        """
        place = self._place(value)
        begin, end = self._from_begin(start), place if stop is None else self._from_begin(stop) - 1
        if place is None or end is None or not begin <= place <= end:
            raise ValueError(f"{shown(value)} is not in {self._shown()}")
        return place

    def _from_begin(self, at: SupportsIndex) -> int:
        """Return an index that may count from the end as one that counts from the beginning."""
        i = integer("an index of a Primes", at)
        return i if i >= 0 else max(i + len(self), 0)

    def count(self, value: object, /) -> int:
        """Return 1 if ``value`` is among the primes, else 0."""
        return int(value in self)

    def _key(self) -> tuple[int, int | None, int]:
        """Return what equal sequences share: the first prime, the last one if it needs no count, and the step."""
        first = self._at(0)
        if not first:
            return 0, 0, 0
        if abs(self._step) > 1:
            return (first, None, self._step) if self._at(1) else (first, first, 0)
        last = None if self._hi is None else self._from_end(0)
        return first, last, 0 if last == first else self._step

    def __eq__(self, other: object, /) -> bool:
        if not isinstance(other, Primes):
            return NotImplemented
        if (self._start, self._stop, self._step) == (other._start, other._stop, other._step):
            return True
        key = self._key()
        if key != other._key():
            return False
        if key[1] is not None:
            return True
        if self._hi is None or other._hi is None:
            return self._hi is other._hi
        return len(self) == len(other)

    def __hash__(self) -> int:
        return hash(self._key())

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001
        """Return the primes as an array, for ``numpy.asarray``."""
        if copy is False:
            raise ValueError("a Primes has no array: one must be made, which copy=False forbids")
        from primes.numpy import array_of  # noqa: PLC0415  (NumPy is there when it asks)

        lo, hi = self._lo, self._demand_end()
        return array_of(lo, hi, dtype)[:: self._step]


def most_primes(lo: int, hi: int) -> int:
    """Return a number that the primes of [lo, hi] do not exceed.

    H. L. Montgomery and R. C. Vaughan, The large sieve, Mathematika 20 (1973): an interval of N > 1 integers holds at
    most 2 N / log N.
    """
    width = hi - lo + 1
    return max(width, 0) if width < 8 else 2 * width // int(log(width))  # noqa: PLR2004  (there 2 / log N is below 1)


def nth_up(lo: int, hi: int | None, n: int) -> int:
    """Return the prime of [lo, hi] that has ``n`` others below it there, or 0 if there is none."""
    if hi is not None and n >= most_primes(lo, hi):
        return 0
    demand_reach(n, lo)
    if n == 0 and not is_narrow(lo, hi):
        prime = next_prime(lo - 1)
    elif hi is not None and lo >= LIMIT:
        # This takes as long as one search for each prime, and stops at the end of the interval.
        prime = next(islice(upwards(lo, hi), n, None), 0)
    elif hi is None:
        return nth_prime(n + 1, lo)
    else:
        try:
            prime = nth_from(kernel(None), n + 1, lo)
        except TooFewError as error:
            return nth_up(LIMIT, hi, n - error.found)
    return prime if hi is None or prime <= hi else 0


def nth_down(lo: int, hi: int, n: int) -> int:
    """Return the prime of [lo, hi] that has ``n`` others above it there, or 0 if there is none."""
    if n >= most_primes(lo, hi):
        return 0
    demand_reach(n, lo)
    if n == 0 and not is_narrow(lo, hi):
        prime = prev_prime(hi + 1) if hi > 1 else 0
        return prime if prime >= lo else 0
    if hi >= LIMIT:
        for prime in downwards(max(lo, LIMIT), hi):
            if n == 0:
                return prime
            n -= 1
        return nth_down(lo, LIMIT - 1, n)
    chosen = kernel(None)
    if is_sieved_back(hi, n):
        return sieved_back(chosen, n, hi, lo)
    rank = pi_values(chosen, [hi], None)[0] - n
    prime = nth_from(chosen, rank, 0) if rank > 0 else 0
    return prime if prime >= lo else 0


def demand_reach(n: int, lo: int) -> None:
    """Refuse an index so large that more primes would be counted above 2**64 than integers are."""
    if n > WIDEST_COUNTED + (PRIMES_BELOW_LIMIT if lo < LIMIT else 0):
        raise OverflowError(f"{shown(n)} primes cannot be counted: above 2**64 at most 2**40 integers are")


def is_narrow(lo: int, hi: int | None) -> bool:
    """Tell whether [lo, hi], above 2**64, is so narrow that listing its primes is faster than finding one.

    Near an integer of b bits, neighbouring primes are 0.7 b apart on average.
    """
    return hi is not None and lo >= LIMIT and hi - lo < lo.bit_length() // 2


def is_sieved_back(hi: int, n: int) -> bool:
    """Tell whether sieving is the faster way from ``hi`` down over ``n`` primes."""
    return hi >= LIMIT or n * log(hi + 2) < kernel(None).pi_cost(hi)


def upwards(lo: int, hi: int | None) -> Iterator[int]:
    """Return an iterator over the primes of [lo, hi], or over those from ``lo`` on."""
    if hi is None:
        return iter_primes(lo)
    return iter_primes(lo, hi + 1) if lo <= hi else iter(())


def downwards(lo: int, hi: int) -> Iterator[int]:
    """Return an iterator over the primes of [lo, hi], the largest first."""
    if lo > hi:
        return iter(())
    chosen = kernel(None)
    if hi < LIMIT:
        return chosen.iterate_down(lo, hi)
    from primes._workers.large import LargePrimes  # noqa: PLC0415  (few intervals reach so far)

    above = LargePrimes(chosen, max(lo, LIMIT), hi, down=True)
    return above if lo >= LIMIT else InTurn(above, chosen.iterate_down(lo, LIMIT - 1))
