"""What is above 2**64: lists, counts and iterators of primes, built once above the four functions of each kernel.

Nothing here is told apart by a backend. Intervals are closed, as those of the kernels.
"""

from __future__ import annotations

from _thread import RLock
from math import log, sqrt
from operator import length_hint
from time import monotonic

from primes._arguments import LIMIT
from primes._workers.intervals import map_interval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from primes._arguments import Workers
    from primes._kernel import Kernel, Progress

CALL_WIDTH = 1 << 36
"""Integers of one call of a kernel, which takes fewer than 2**40."""

FEW = 8
"""So many primes are searched for one by one, rather than in an interval that may hold more."""

MOST_WIDTH = 1 << 21
"""Integers of a window at most: it holds 10**5 primes or fewer."""

WINDOW_SECONDS = 0.05
"""What a window should take, after which the next one gets narrower or wider."""

COUNTED_FROM = 20_000
"""From here on primes are counted, by workers, on the way to the n-th: to list them takes 10 ms and more."""

LOG_2 = log(2)

TUPLET_SPANS = {
    2: ((0, 2),),
    3: ((0, 2, 6), (0, 4, 6)),
    4: ((0, 2, 6, 8),),
    5: ((0, 2, 6, 8, 12), (0, 4, 6, 10, 12)),
    6: ((0, 4, 6, 10, 12, 16),),
}
"""Of k-tuplets: as close together as k primes can be again and again, OEIS A008407."""


def spacing(n: int) -> float:
    """Return about how many integers lie between two primes near n."""
    return n.bit_length() * LOG_2


def extend_range(out: list[int], chosen: Kernel, lo: int, hi: int) -> None:
    """Append to ``out`` the primes of [lo, hi], which may begin below 2**64 and end above it."""
    if lo < LIMIT:
        chosen.extend_range(out, lo, min(hi, LIMIT - 1))
        lo = LIMIT
    while lo <= hi:
        end = min(lo + CALL_WIDTH - 1, hi)
        chosen.extend_large_range(out, lo, end)
        lo = end + 1


def extend_first_n(out: list[int], chosen: Kernel, n: int, lo: int) -> None:
    """Append to ``out`` the ``n`` smallest primes >= ``lo`` >= 2**64."""
    wanted = len(out) + n
    while (missing := wanted - len(out)) > FEW:
        # So wide that it holds too few rather than too many.
        end = lo + min(int((missing - sqrt(missing)) * spacing(lo)), CALL_WIDTH)
        chosen.extend_large_range(out, lo, end)
        lo = end + 1
    del out[wanted:]
    while len(out) < wanted:
        out.append(chosen.next_large_prime(lo - 1))
        lo = out[-1] + 1


class Windows:
    """Cuts [lo, hi] into windows: each takes about as long, however long the integers are and however busy the machine.

    No prime tuplet reaches over the end of one but the last.
    """

    def __init__(self, lo: int, hi: int) -> None:
        self._lo, self._hi = lo, hi
        self._least = 2 * lo.bit_length()
        self._width = 16 * self._least

    def __iter__(self) -> Iterator[tuple[int, int]]:
        lo = self._lo
        while lo <= self._hi:
            end = lo + self._width
            end = min(end + (1 - end) % 30, self._hi)
            begun = monotonic()
            yield lo, end
            seconds = monotonic() - begun
            self._width = max(
                self._least, min(int(self._width * min(WINDOW_SECONDS / (seconds + 1e-6), 2)), MOST_WIDTH)
            )
            lo = end + 1


def count_piece(chosen: Kernel, lo: int, hi: int, tell: Progress | None) -> int:
    """Count the primes of a piece above 2**64."""
    total = 0
    for first, last in Windows(lo, hi):
        found: list[int] = []
        chosen.extend_large_range(found, first, last)
        total += len(found)
        if tell is not None:
            tell(last - lo + 1, hi - lo + 1)
    return total


def count_tuplets_piece(chosen: Kernel, k: int, lo: int, hi: int, tell: Progress | None) -> int:
    """Count the tuplets of a piece above 2**64; pieces are cut where none reaches over."""
    total = 0
    for first, last in Windows(lo, hi):
        found: list[tuple[int, ...]] = []
        extend_tuplets_of_window(found, chosen, k, first, last)
        total += len(found)
        if tell is not None:
            tell(last - lo + 1, hi - lo + 1)
    return total


def extend_tuplets(out: list[tuple[int, ...]], chosen: Kernel, k: int, lo: int, hi: int) -> None:
    """Append to ``out`` the tuplets of [lo, hi], which may begin below 2**64 and end above it.

    None lies on both sides: no prime is within 58 below 2**64.
    """
    if lo < LIMIT:
        chosen.extend_tuplets(out, k, lo, min(hi, LIMIT - 1))
        lo = LIMIT
    for first, last in Windows(lo, hi):
        extend_tuplets_of_window(out, chosen, k, first, last)


def extend_tuplets_of_window(out: list[tuple[int, ...]], chosen: Kernel, k: int, lo: int, hi: int) -> None:
    """Append to ``out`` the tuplets among the primes of [lo, hi]: k neighbours at the right distances."""
    primes: list[int] = []
    chosen.extend_large_range(primes, lo, hi)
    shapes = TUPLET_SPANS[k]
    span = shapes[0][-1]
    out += [
        each
        for each in zip(*(primes[i:] for i in range(k)), strict=False)
        if each[-1] - each[0] == span and tuple(p - each[0] for p in each) in shapes
    ]


def count(chosen: Kernel, lo: int, hi: int, workers: Workers, progress: Progress | None) -> int:
    """Count the primes of [lo, hi], 2**64 <= lo."""
    return sum(map_interval(count_piece, (), lo, hi, chosen, workers, progress))


def count_tuplets(chosen: Kernel, k: int, lo: int, hi: int, workers: Workers, progress: Progress | None) -> int:
    """Count the tuplets of [lo, hi], 2**64 <= lo."""
    return sum(map_interval(count_tuplets_piece, (k,), lo, hi, chosen, workers, progress))


def shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Return what tells ``progress`` of a part of a whole: what comes before it is done."""
    if progress is None:
        return None
    return lambda done, _part: progress(before + done, total)


def nth(chosen: Kernel, n: int, lo: int, workers: Workers = None, progress: Progress | None = None) -> int:
    """Return the ``n``-th prime that is at least ``lo`` >= 2**64; ``progress`` is told how many of ``n`` are done."""
    missing = n
    while missing >= COUNTED_FROM:
        # Nine tenths of the way, so that there are hardly more; if there are, they are listed below.
        width = int(spacing(lo) + 1) * missing * 9 // 10
        tell = None
        if progress is not None:
            tell = scaled(progress, n - missing, missing * 9 // 10, n)
        found = count(chosen, lo, lo + width - 1, workers, tell)
        if found >= missing:
            break
        missing -= found
        lo += width
    while missing > FEW:
        primes: list[int] = []
        chosen.extend_large_range(primes, lo, end := lo + int(min(missing, COUNTED_FROM) * spacing(lo)))
        if missing <= len(primes):
            return primes[missing - 1]
        missing -= len(primes)
        lo = end + 1
        if progress is not None:
            progress(n - missing, n)
    prime = lo - 1
    for _ in range(missing):
        prime = chosen.next_large_prime(prime)
    return prime


def scaled(progress: Progress, before: int, part: int, total: int) -> Progress:
    """Return what tells ``progress`` of a part of the primes that are counted, on the scale of the integers done."""
    return lambda done, integers: progress(before + part * done // integers, total)


class LargePrimes:
    """The primes from ``lo`` >= 2**64 on, up to ``hi`` if that is given; or from ``hi`` down to ``lo``.

    They come out of lists: short at first, then from twice as far each time. Threads may share it, and after Ctrl-C it
    goes on where it was: CPython looks for signals after a call and where a function or another turn of a loop begins,
    and at no such place has a prime left the list that is not yet handed out.
    """

    __slots__ = ("_chosen", "_down", "_hi", "_lo", "_lock", "_ready", "_searching", "_width")

    def __init__(self, chosen: Kernel, lo: int, hi: int | None, *, down: bool = False) -> None:
        self._chosen, self._lo, self._hi, self._down = chosen, lo, hi, down
        self._width = int(spacing(hi if down and hi else lo)) + 1
        self._ready: Iterator[int] = iter(())
        # A second thread waits; the handler of a signal, which would wait for itself, is told.
        self._lock = RLock()
        self._searching = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        prime = 0
        try:
            with self._lock:
                while True:
                    for prime in self._ready:
                        return prime
                    self._look_ahead()
        except BaseException:
            if prime:  # Ctrl-C came where the lock was given back.
                with self._lock:
                    self._ready = iter([prime, *self._ready])
            raise

    def _look_ahead(self) -> None:
        if self._searching:
            raise ValueError("the iterator is already looking for the next prime")
        self._searching = True
        try:
            if length_hint(self._ready):
                return
            if self._hi is not None and self._lo > self._hi:
                raise StopIteration
            if self._down and self._hi is not None:
                first, end = max(self._hi - self._width + 1, self._lo), self._hi
                ahead: tuple[int, int | None] = self._lo, first - 1
            else:
                first, end = self._lo, self._lo + self._width - 1
                if self._hi is not None:
                    end = min(end, self._hi)
                ahead = end + 1, self._hi
            primes: list[int] = []
            try:
                self._chosen.extend_large_range(primes, first, end)
            except BaseException:
                if primes and not self._down:
                    # What was found is not searched for again: else frequent signals would let it stand still.
                    found = iter(primes)
                    self._ready, self._lo = found, primes[-1] + 1
                raise
            width = min(2 * self._width, max(MOST_WIDTH, int(spacing(end))))
            ready = reversed(primes) if self._down else iter(primes)
            self._ready, self._width, (self._lo, self._hi) = ready, width, ahead
        finally:
            self._searching = False


def texts(chosen: Kernel, n: int | None, lo: int, stop: int | None, separator: bytes) -> Iterator[bytes]:
    """Yield the ``n`` smallest primes >= ``lo`` >= 2**64, or all, below ``stop`` if there is one, as blocks of text."""
    width = int(spacing(lo)) + 1
    while n != 0 and (stop is None or lo < stop):
        primes: list[int] = []
        if stop is None and n is not None and n <= FEW:
            extend_first_n(primes, chosen, n, lo)
            end = primes[-1]
        else:
            end = lo + width - 1 if stop is None else min(lo + width, stop) - 1
            chosen.extend_large_range(primes, lo, end)
        if n is not None:
            del primes[n:]
            n -= len(primes)
        if primes:
            yield b"".join(b"%d%b" % (p, separator) for p in primes)
        lo, width = end + 1, min(2 * width, max(MOST_WIDTH, width))
