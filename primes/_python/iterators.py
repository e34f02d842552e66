"""Primes one by one, and as blocks of text, which continue where they were after Ctrl-C."""

from __future__ import annotations

import sys
from _operator import length_hint
from _thread import RLock

from primes._python.sieve import LAST, blocks_of, extend_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self


class PrimeIterator:
    """The primes of [lo, hi] one by one, or those from ``lo`` on until 2**64 is an error.

    They come from lists of short intervals, each twice as wide as the one before. The first interval is narrow, so the
    first prime comes within microseconds. The widest one holds up to 3 * 10**5 primes; far from zero, where each
    interval needs many sieving primes, it holds fewer.

    A generator would take a fifth less time, but Ctrl-C would end it. This continues where it was: CPython looks for
    signals after a call, and where a function or a turn of a loop begins. At none of these places has a prime left the
    list without being returned, or has the list changed without the bounds.
    """

    __slots__ = ("_down", "_endless", "_last", "_lo", "_lock", "_ready", "_searching", "_width")

    def __init__(self, lo: int, hi: int | None, *, down: bool = False) -> None:
        self._lo, self._last, self._endless = lo, LAST if hi is None else hi, hi is None
        self._down = down
        self._width = 1 << 7
        self._ready: Iterator[int] = iter(list[int]())
        # A second thread waits. The handler of a signal would wait for itself, so it gets an error.
        self._lock = RLock()
        self._searching = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        while True:
            for prime in self._ready:
                return prime
            self._look_ahead()

    def _look_ahead(self) -> None:
        with self._lock:
            self._demand_idle()
            self._searching = True  # Before any call after which the handler of a signal may ask for a prime.
            try:
                if length_hint(self._ready):
                    return  # Another thread has filled the list while this one waited.
                if self._lo > self._last:
                    if not self._endless:
                        raise StopIteration
                    self._endless = False
                    raise OverflowError("iter_primes without stop has come to 2**64, the end of what the kernels know")
                primes: list[int] = []
                if self._down:
                    first, end = max(self._last - self._width + 1, self._lo), self._last
                    ahead = self._lo, first - 1
                else:
                    first, end = self._lo, min(self._lo + self._width - 1, self._last)
                    ahead = end + 1, self._last
                width = min(2 * self._width, 1 << 24 if end >> 48 else 1 << 22)
                extend_range(primes, first, end)
                ready = reversed(primes) if self._down else iter(primes)
                self._ready, self._width, (self._lo, self._last) = ready, width, ahead
            finally:
                self._searching = False

    def _demand_idle(self) -> None:
        if self._searching:
            raise ValueError("the iterator is already looking for the next prime")


class LockedIterator(PrimeIterator):
    """The same for an interpreter without the GIL, where two threads could take the same prime from a list."""

    __slots__ = ()

    def __next__(self) -> int:
        prime = 0
        try:
            with self._lock:
                self._demand_idle()
                prime = super().__next__()
        except BaseException:
            if prime:  # Ctrl-C came while the lock was released.
                with self._lock:
                    self._ready = iter([prime, *self._ready])
            raise
        return prime


_has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()


def iterate(lo: int, hi: int | None) -> Iterator[int]:
    """Return an iterator over the primes of [lo, hi], or over those from ``lo`` on until 2**64 is an error."""
    # A filter, as it is made in C, is its own iterator without a call of Python. If Ctrl-C comes in that call, `chain`,
    # in which this may be, ends for good.
    return filter(None, (PrimeIterator if _has_gil else LockedIterator)(lo, hi))


def iterate_down(lo: int, hi: int) -> Iterator[int]:
    """Return an iterator over the primes of [lo, hi], the largest first."""
    return (PrimeIterator if _has_gil else LockedIterator)(lo, hi, down=True)


class Texts:
    """The ``n`` smallest primes of [lo, hi], or all if there are fewer, as blocks of decimal text.

    After Ctrl-C, it continues like :class:`PrimeIterator`, and no block is lost.
    """

    __slots__ = ("_blocks", "_hi", "_item", "_lo", "_n")

    def __init__(self, n: int, lo: int, hi: int, separator: bytes) -> None:
        self._n, self._lo, self._hi = n, lo, hi
        self._item = b"%d" + separator.replace(b"%", b"%%")
        self._blocks: Iterator[Sequence[int]] | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[bytes, int]:
        try:
            if self._blocks is None:
                self._blocks = blocks_of(self._n, self._lo, self._hi)
            block = next(filter(None, self._blocks))
            # This takes 45 ns a prime; separator.join(map(str, ..)) takes 114.
            text = self._item * len(block) % tuple(block)
            count, following = len(block), block[-1] + 1
        except StopIteration:
            raise
        except BaseException:
            self._blocks = None  # It has ended, or is one block ahead of the text that was returned.
            raise
        self._n -= count
        self._lo = following
        return text, count


def decimal(n: int, lo: int, hi: int, separator: bytes) -> Iterator[tuple[bytes, int]]:
    """Return an iterator over the ``n`` smallest primes of [lo, hi], or all: blocks of text, each with its count."""
    return Texts(n, lo, hi, separator)
