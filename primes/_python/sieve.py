"""The sieve: one bytearray for each residue class coprime to 30.

Why this layout: within one class, the multiples of a sieving prime p lie exactly p bytes apart, so one slice assignment
crosses off all of them at the speed of C. Most of the time then goes into turning flags into integers. ``_decode`` does
that without a step of Python, or an ``int`` object, for any number that is not prime.

The sieve works only above a table of the primes below 2**16. So no segment holds one of its own sieving primes:
crossing off need not begin at p * p, and it removes no prime. Sieving primes above the table are never stored: a second
sieve streams them. Far from zero, the whole stream costs too much for a short segment. There it ends early, and a
primality test decides the numbers that are left.

Conventions: intervals are closed. Row i of a segment is the thirty numbers from base + 30 * i on, and flag i of a class
stands for one of them. A flag of 0 means composite.

Sources: E. Bach and J. Shallit, Algorithmic Number Theory (1996), section 9.8, for the sieve; H. Warren, Hacker's
Delight (2nd ed. 2012), section 2-18, for arithmetic on many lanes at once; https://miller-rabin.appspot.com for the
seven witnesses of J. Sinclair; G. Jaeschke, On strong pseudoprimes to several bases, Math. Comp. 61 (1993), for the
three that do below 2**32.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from itertools import accumulate, compress
from math import gcd, isqrt, log, prod, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from typing_extensions import Buffer

    from primes._kernel import Progress

LAST = 2**64 - 1
RESIDUES = (1, 7, 11, 13, 17, 19, 23, 29)

TABLE_STOP = 2**16
"""A table up to here sieves everything below 2**32. It takes 1.3 ms to make, once."""

_NEAR_ROWS = 2**18
"""The most rows of a segment that needs only the table: 256 KiB a class, 2 MiB in all. Sieving for the first 10**6
primes takes 8.1 ms. It takes 8.7 ms with half as many rows and twice the slices, 7.8 ms with twice as many rows, and
twice the memory."""

_FAR_ROWS = 2**21
"""The most rows of a segment that streams sieving primes: 16 MiB in all. The stream takes 17 s for each segment at
10**18. Longer segments would need fewer streams, but more memory in addition to the caller's list."""

_BLOCK_ROWS = 2**12
"""The rows decoded at a time. Half as many take 2 % longer. With twice as many, the flags leave the caches, and
dropping the zeros takes 7.8 ms for 10**6 primes instead of 3.2 ms."""

_INVERSE_NUMERATORS = tuple(pow(-p, -1, 30) if p in RESIDUES else 0 for p in range(30))
"""k with p * k == -1 (mod 30), by p % 30: then (p * k + 1) / 30 is the inverse of 30 modulo p."""

_CODES = tuple(bytes((residue // 2 + 15 * row) % 255 + 1 for row in range(17)) for residue in RESIDUES)
"""The flags of a fresh class: half of each number, modulo 255, plus 1, because 0 means composite. They repeat after 17
rows."""
_MINUS_1 = bytes([0, *range(255)])
_ONES = int.from_bytes(b"\1\0" * (8 * _BLOCK_ROWS), "little")
_LANE_ORDER = 1 if sys.byteorder == "little" else -1

_WITNESSES = (2, 325, 9375, 28178, 450775, 9780504, 1795265022)
_NEAR_WITNESSES = (2, 7, 61)
_NEAR_STOP = 4_759_123_141
"""The least composite that passes the strong test to the bases 2, 7 and 61."""
_SMALL_PRODUCT = prod((2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47))
"""The product of the first primes, as many as fit 64 bits."""

_TESTED_LEN = 2**8
"""The numbers that are tested between two reports of progress: 20 ms if all are prime."""
_ITEM_BYTES = 8

_table: tuple[int, ...] = ()


def _small_primes() -> tuple[int, ...]:
    """Return the primes below ``TABLE_STOP``; the first call makes the table.

    Two threads may both make it. Each tuple is complete before the global name refers to it.
    """
    global _table  # noqa: PLW0603 - functools.cache would do the same, but importing functools takes 3 ms
    if not _table:
        odd = bytearray(b"\1") * (TABLE_STOP // 2)
        for p in range(3, isqrt(TABLE_STOP), 2):
            if odd[p // 2]:
                odd[p * p // 2 :: p] = bytes(len(range(p * p // 2, len(odd), p)))
        odd[0] = 0
        _table = (2, *compress(range(1, TABLE_STOP, 2), odd))
    return _table


def _sieving_primes(bound: int) -> Iterator[Sequence[int]]:
    """Yield the primes from 7 to ``bound`` in ascending blocks."""
    table = _small_primes()
    yield table[3 : bisect_left(table, bound + 1)]
    lo = TABLE_STOP
    while lo <= bound:
        segment = _Segment(lo, bound, _NEAR_ROWS)
        segment.sieve(isqrt(segment.hi))
        yield from segment.blocks()
        lo = segment.hi + 1


def _nobody(_part: float) -> None:
    """Ignore the progress."""


class _Segment:
    """The numbers of ``[lo, hi]`` in at most ``rows`` rows, from that of ``lo`` on; ``lo`` is at least 2**16."""

    def __init__(self, lo: int, hi: int, rows: int) -> None:
        self.base = lo - lo % 30
        self.rows = min(rows, (hi - self.base) // 30 + 1)
        self.lo = lo
        self.hi = min(hi, self.base + 30 * self.rows - 1)
        self.classes: list[bytearray] = []
        self.tell: Callable[[float], object] = _nobody

    def sieve(self, bound: int) -> None:
        """Cross off the multiples of the primes up to ``bound``; with the root of ``hi``, only primes are left."""
        # If numbers are tested, sieving and testing take about equally long.
        all_of_it = 1.0 if bound == isqrt(self.hi) else 0.5
        self.classes = [bytearray(codes) * (self.rows // 17 + 1) for codes in _CODES]
        for flags in self.classes:
            del flags[self.rows :]
        for primes in _sieving_primes(bound):
            # A prime with at most one hit in a class is cheaper multiple by multiple than class by class.
            border = bisect_left(primes, self.rows)
            self._cross_off_classes(primes[:border])
            self._cross_off_multiples(primes[border:])
            self.tell(all_of_it * primes[-1] / bound if primes else 0.0)
        last_row = self.base + 30 * (self.rows - 1)
        for residue, flags in zip(RESIDUES, self.classes, strict=True):
            if self.base + residue < self.lo:
                flags[0] = 0
            if last_row + residue > self.hi:
                flags[-1] = 0

    def _cross_off_classes(self, primes: Sequence[int]) -> None:
        inverses = [(p * _INVERSE_NUMERATORS[p % 30] + 1) // 30 for p in primes]
        last = self.rows - 1
        for residue, flags in zip(RESIDUES, self.classes, strict=True):
            target = -self.base - residue
            for p, inverse in zip(primes, inverses):  # noqa: B905 - both come from primes; strict= is slower
                row = target * inverse % p
                # A slice assignment would first copy bytes into a bytearray.
                flags[row::p] = bytearray((last - row) // p + 1)

    def _cross_off_multiples(self, primes: Iterable[int]) -> None:
        # Multiples that are not coprime to 30 hit a bytearray that nobody reads.
        by_residue = [bytearray(self.rows)] * 30
        for residue, flags in zip(RESIDUES, self.classes, strict=True):
            by_residue[residue] = flags
        minus_base = -self.base
        span = 30 * self.rows
        for p in primes:
            for offset in range(minus_base % p, span, p):
                by_residue[offset % 30][offset // 30] = 0

    def blocks(self) -> Iterator[list[int]]:
        """Yield, in ascending lists, the numbers that were not crossed off."""
        for row in range(0, self.rows, _BLOCK_ROWS):
            merged = bytearray(8 * min(_BLOCK_ROWS, self.rows - row))
            for c, flags in enumerate(self.classes):
                merged[c::8] = flags[row : row + _BLOCK_ROWS]
            yield _decode(self.base + 30 * row, merged)


def _number(base: int, index: int) -> int:
    """Return the number that flag ``index`` of the merged classes stands for."""
    return base + 30 * (index // 8) + RESIDUES[index % 8]


def _decode(base: int, merged: bytearray) -> list[int]:
    """Return the numbers whose flags, merged from the eight classes in order, are not 0.

    A flag is half of its number modulo 255, plus 1. Without the zeros, the codes of the numbers that are left remain.
    The differences of neighbours, modulo 255, are half of their gaps, and the running sum of the gaps is the list. All
    differences are taken at once, in 16-bit lanes of one big integer.

    Gaps of 510 and more come out too small. They exist from 3e11 on (OEIS A002386), but are rare. If a block does not
    end at its last number, it is decoded flag by flag.
    """
    codes = merged.translate(None, b"\0")
    if not codes:
        return []
    first = _number(base, len(merged) - len(merged.lstrip(b"\0")))
    last = _number(base, len(merged.rstrip(b"\0")) - 1)
    gap_count = len(codes) - 1
    minuend = bytearray(b"\0\1") * gap_count
    minuend[::2] = codes[1:].translate(_MINUS_1)
    subtrahend = bytearray(2 * gap_count)
    subtrahend[::2] = codes[:-1]
    # A lane holds 255 + next - this, from 1 to 509. Where that is 256 or more, 255 is subtracted.
    lanes = int.from_bytes(minuend, "little") - int.from_bytes(subtrahend, "little")
    lanes -= 255 * (lanes >> 8 & _ONES >> 16 * (8 * _BLOCK_ROWS - gap_count))
    gaps = memoryview((lanes << 1).to_bytes(2 * gap_count, sys.byteorder)).cast("H").tolist()[::_LANE_ORDER]
    numbers = list(accumulate(gaps, initial=first))
    if numbers[-1] != last:
        return [_number(base, index) for index, code in enumerate(merged) if code]
    return numbers


def is_odd_prime(n: int) -> bool:
    """Decide an odd ``n`` from 2**16 to 2**64 by strong tests to several bases; no composite there passes all of them.

    ``n`` is larger than each base that it is tested to, so no base is 0 modulo ``n``.
    """
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    odd = n >> twos
    for witness in _NEAR_WITNESSES if n < _NEAR_STOP else _WITNESSES:
        power = pow(witness, odd, n)
        if power in (1, n - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % n
            if power == n - 1:
                break
        else:
            return False
    return True


def _sieving_bound(segment: _Segment) -> int:
    """Return up to which prime to sieve ``segment``: the root of its last number, or less if testing is cheaper.

    The costs, in microseconds on the machine of docs/explanation/experiments.md: 0.34 for a sieving prime, 9 to test a
    composite, 83 to test a prime of 60 bits.
    """
    root = isqrt(segment.hi)
    span = 30 * segment.rows
    # At this bound, one more sieving prime costs as much as the tests that it saves.
    cut = max(span // 4, 64)
    if cut >= root:
        return root

    def sieving(bound: int) -> float:
        return 0.34 * bound / log(bound)

    # Mertens: 0.56 / log(cut) of the numbers have no prime factor up to cut.
    testing = span * (9 * 0.56 / log(cut) + 83 / log(segment.hi))
    return root if sieving(root) <= sieving(cut) + testing else cut


def _rows_for(n: int, lo: int) -> int:
    """Return how many rows from ``lo`` on should hold ``n`` primes, within the limits of a segment.

    The square root of n allows for chance; if the estimate falls short, the caller asks again.
    """
    rows = (n + sqrt(n)) * log(lo) / 30 + 1
    return int(min(rows, max(_NEAR_ROWS, min(isqrt(lo), _FAR_ROWS))))


def _teller(progress: Progress, before: int, width: int, total: int) -> Callable[[float], object]:
    """Return a function that reports to ``progress`` a part of ``width``, after ``before``, of ``total``."""
    return lambda part: progress(before + int(part * width), total)


def segments(lo: int, hi: int, n: int, progress: Progress | None = None) -> Iterator[tuple[_Segment, bool]]:
    """Yield the segments of ``[lo, hi]``, and whether only primes are left in each; ``n`` primes are wanted.

    ``progress`` is called with how much of the interval is done.
    """
    first = lo
    while lo <= hi:
        segment = _Segment(lo, hi, _rows_for(n, lo))
        if progress is not None:
            segment.tell = _teller(progress, lo - first, segment.hi - lo, hi - first + 1)
        bound = _sieving_bound(segment)
        segment.sieve(bound)
        yield segment, bound == isqrt(segment.hi)
        lo = segment.hi + 1


def table_part(lo: int, hi: int) -> tuple[int, ...]:
    if lo > hi or lo >= TABLE_STOP:
        return ()
    table = _small_primes()
    return table[bisect_left(table, lo) : bisect_left(table, hi + 1)]


def blocks_of(n: int, lo: int, hi: int, progress: Progress | None = None) -> Iterator[Sequence[int]]:
    """Yield the ``n`` smallest primes of ``[lo, hi]``, or all if there are fewer, in ascending blocks."""
    found: Sequence[int] = table_part(lo, hi)[:n]
    yield found
    n -= len(found)
    if not n:
        return
    for segment, proven in segments(max(lo, TABLE_STOP), hi, n, progress):
        for block in segment.blocks() if proven else _tested(segment):
            found = block[:n]
            yield found
            n -= len(found)
            if not n:
                return


def _tested(segment: _Segment) -> Iterator[list[int]]:
    """Yield, in ascending lists, the primes among the numbers that are left in a segment."""
    for block in segment.blocks():
        for i in range(0, len(block), _TESTED_LEN):
            numbers = block[i : i + _TESTED_LEN]
            yield [*filter(is_odd_prime, numbers)]
            segment.tell(0.5 + 0.5 * (numbers[-1] - segment.base) / (30 * segment.rows))


def extend_first_n(out: list[int], n: int, lo: int, /) -> None:
    """Append to ``out`` the ``n`` smallest primes >= ``lo``; fewer only where 2**64 ends the search."""
    for block in blocks_of(n, lo, LAST):
        out += block


def extend_range(out: list[int], lo: int, hi: int, /) -> None:
    """Append to ``out`` the primes of [lo, hi], in ascending order."""
    for block in blocks_of(LAST, lo, hi):
        out += block


def array(n: int, lo: int, hi: int, _threads: int, progress: Progress | None = None, /) -> Buffer:
    """Return the ``n`` smallest primes of [lo, hi], or all if there are fewer, as a buffer of format ``Q``."""
    from array import array as array_of  # noqa: PLC0415 - a shared library, that only this function needs

    primes = array_of("Q")
    for block in blocks_of(n, lo, hi, progress):
        primes.fromlist(list(block))
    return primes


def count(lo: int, hi: int, _threads: int = 1, progress: Progress | None = None, /) -> int:
    """Count the primes of [lo, hi] by sieving, in bounded memory."""
    total = len(table_part(lo, hi))
    for segment, proven in segments(max(lo, TABLE_STOP), hi, LAST, progress):
        if proven:
            total += sum(segment.rows - flags.count(0) for flags in segment.classes)
        else:
            total += sum(map(len, _tested(segment)))
    return total


def is_prime(n: int, /) -> bool:
    """Tell whether ``n`` is prime; this is proven for all n < 2**64."""
    if n < TABLE_STOP:
        table = _small_primes()
        index = bisect_left(table, n)
        return index < len(table) and table[index] == n
    return gcd(n, _SMALL_PRODUCT) == 1 and is_odd_prime(n)


def next_prime(n: int, /) -> int:
    """Return the smallest prime > ``n``, or 0 where there is none below 2**64."""
    found: list[int] = []
    extend_first_n(found, 1, n + 1)
    return found[0] if found else 0


def prev_prime(n: int, /) -> int:
    """Return the largest prime < ``n``, or 0 where there is none."""
    hi, width = n - 1, 128
    while hi > 0:
        found: list[int] = []
        extend_range(found, max(hi - width + 1, 0), hi)
        if found:
            return found[-1]
        hi, width = hi - width, 2 * width
    return 0


def are_prime(numbers: Buffer, /) -> bytearray:
    """Tell of each integer of a contiguous buffer of unsigned 64-bit integers whether it is prime: 1 or 0."""
    view = memoryview(numbers)
    # NumPy calls them L where they are C's long.
    if view.format not in {"Q", "L"} or view.itemsize != _ITEM_BYTES:
        raise TypeError("the buffer does not hold unsigned 64-bit integers")
    # An empty view cannot be cast.
    return bytearray(map(is_prime, view.cast("B").cast("Q"))) if view.nbytes else bytearray()
