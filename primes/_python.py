"""The pure-Python kernel: one bytearray for each residue class coprime to 30.

Why this layout: within one class a sieving prime p strides by exactly p bytes, so that one slice assignment crosses off
all its multiples at the speed of C. What then takes the time is turning flags into integers; ``_decode`` does that
without a Python-level step, or an ``int`` object, for any number that is not prime.

The sieve only works above a table of the primes below 2**16. No segment holds its own sieving primes, then, so nobody
must start at p * p or restore p. Sieving primes past the table are never stored: a second sieve streams them. Far out,
where even that costs too much for a short segment, the stream is cut and a primality test decides the survivors.

Conventions: intervals are closed. Row i of a segment is the thirty numbers from base + 30 * i on, and flag i of a class
stands for one of them; 0 means composite.

Sources: E. Bach and J. Shallit, Algorithmic Number Theory (1996), section 9.8, for the sieve; H. Warren, Hacker's
Delight (2nd ed. 2012), section 2-18, for arithmetic on many lanes at once; https://miller-rabin.appspot.com for the
seven witnesses of J. Sinclair.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from itertools import accumulate, compress
from math import isqrt, log, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from primes._kernel import BuildInfo

_LAST = 2**64 - 1
_RESIDUES = (1, 7, 11, 13, 17, 19, 23, 29)

_TABLE_STOP = 2**16
"""The table alone then sieves everything below 2**32; it takes 0.5 ms to make, once."""

_NEAR_ROWS = 2**18
"""Rows of a segment where the table sieves alone: 256 KiB a class, 2 MiB in all. Sieving for the first 10**6 primes
takes 8.1 ms; half as many rows take 8.7 ms, for twice the slices; twice as many 7.8 ms, for twice the memory."""

_FAR_ROWS = 2**21
"""Most rows of a segment that streams sieving primes: 16 MiB in all. More would divide the stream's cost by more (at
10**18 that is 10 s a segment), but is memory beside the caller's list."""

_BLOCK_ROWS = 2**12
"""Rows decoded at a time. Half as many cost 2 % more; with twice as many the flags leave the caches, and dropping the
zeros takes 7.8 ms for 10**6 primes instead of 3.2 ms."""

_INVERSE_NUMERATORS = tuple(pow(-p, -1, 30) if p in _RESIDUES else 0 for p in range(30))
"""k with p * k == -1 (mod 30), by p % 30: then (p * k + 1) / 30 is the inverse of 30 modulo p."""

_CODES = tuple(bytes((residue // 2 + 15 * row) % 255 + 1 for row in range(17)) for residue in _RESIDUES)
"""The flags of a fresh class: halves of the numbers, modulo 255, plus 1 as 0 is taken. They repeat after 17 rows."""
_MINUS_1 = bytes([0, *range(255)])
_ONES = ((1 << 16 * 8 * _BLOCK_ROWS) - 1) // 0xFFFF
_LANE_ORDER = 1 if sys.byteorder == "little" else -1

_WITNESSES = (2, 325, 9375, 28178, 450775, 9780504, 1795265022)

_table: tuple[int, ...] = ()


def _small_primes() -> tuple[int, ...]:
    """Return the primes below ``_TABLE_STOP``, made at first use.

    Two threads may both make them: either tuple is complete before it gets its name.
    """
    global _table  # noqa: PLW0603 - functools.cache would do the same, but importing functools takes 1 ms
    if not _table:
        odd = bytearray(b"\1") * (_TABLE_STOP // 2)
        for p in range(3, isqrt(_TABLE_STOP), 2):
            if odd[p // 2]:
                odd[p * p // 2 :: p] = bytes(len(range(p * p // 2, len(odd), p)))
        odd[0] = 0
        _table = (2, *compress(range(1, _TABLE_STOP, 2), odd))
    return _table


def _sieving_primes(bound: int) -> Iterator[Sequence[int]]:
    """Yield the primes from 7 to ``bound`` in ascending blocks."""
    table = _small_primes()
    yield table[3 : bisect_left(table, bound + 1)]
    lo = _TABLE_STOP
    while lo <= bound:
        segment = _Segment(lo, bound, _NEAR_ROWS)
        segment.sieve(isqrt(segment.hi))
        yield from segment.blocks()
        lo = segment.hi + 1


class _Segment:
    """The numbers of ``[lo, hi]`` in at most ``rows`` rows, from that of ``lo`` on; ``lo`` is at least 2**16."""

    def __init__(self, lo: int, hi: int, rows: int) -> None:
        self.base = lo - lo % 30
        self.rows = min(rows, (hi - self.base) // 30 + 1)
        self.lo = lo
        self.hi = min(hi, self.base + 30 * self.rows - 1)
        self.classes: list[bytearray] = []

    def sieve(self, bound: int) -> None:
        """Cross off the multiples of the primes up to ``bound``; with the root of ``hi``, only primes are left."""
        self.classes = [bytearray(codes) * (self.rows // 17 + 1) for codes in _CODES]
        for flags in self.classes:
            del flags[self.rows :]
        for primes in _sieving_primes(bound):
            # From one hit a class downwards it is cheaper to look at each multiple than at each class.
            border = bisect_left(primes, self.rows)
            self._cross_off_classes(primes[:border])
            self._cross_off_multiples(primes[border:])
        last_row = self.base + 30 * (self.rows - 1)
        for residue, flags in zip(_RESIDUES, self.classes, strict=True):
            if self.base + residue < self.lo:
                flags[0] = 0
            if last_row + residue > self.hi:
                flags[-1] = 0

    def _cross_off_classes(self, primes: Sequence[int]) -> None:
        inverses = [(p * _INVERSE_NUMERATORS[p % 30] + 1) // 30 for p in primes]
        last = self.rows - 1
        for residue, flags in zip(_RESIDUES, self.classes, strict=True):
            target = -self.base - residue
            for p, inverse in zip(primes, inverses):  # noqa: B905 - both come from primes; strict= is slower
                row = target * inverse % p
                # bytearray rather than bytes, which a slice assignment would copy into a bytearray first.
                flags[row::p] = bytearray((last - row) // p + 1)

    def _cross_off_multiples(self, primes: Iterable[int]) -> None:
        # The multiples that are not coprime to 30 hit a bytearray that nobody reads.
        by_residue = [bytearray(self.rows)] * 30
        for residue, flags in zip(_RESIDUES, self.classes, strict=True):
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
    return base + 30 * (index // 8) + _RESIDUES[index % 8]


def _decode(base: int, merged: bytearray) -> list[int]:
    """Return the numbers whose flags, merged from the eight classes in order, are not 0.

    A flag is the half of its number modulo 255, plus 1. Dropping the zeros leaves the codes of the survivors; the
    differences of neighbours, modulo 255, are half their gaps; and the running sum of the gaps is the list. All the
    differences are taken at once, in 16-bit lanes of one big integer.

    Gaps of 510 and more come out too small. They exist from 3e11 on (OEIS A002386), but are rare: a block that does not
    end where it should is decoded flag by flag.
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
    # A lane holds 255 + next - here, in 1 .. 509: 255 too much where 256 is reached, right modulo 255 elsewhere.
    lanes = int.from_bytes(minuend, "little") - int.from_bytes(subtrahend, "little")
    lanes -= 255 * (lanes >> 8 & _ONES >> 16 * (8 * _BLOCK_ROWS - gap_count))
    gaps = memoryview((lanes << 1).to_bytes(2 * gap_count, sys.byteorder)).cast("H").tolist()[::_LANE_ORDER]
    numbers = list(accumulate(gaps, initial=first))
    if numbers[-1] != last:
        return [_number(base, index) for index, code in enumerate(merged) if code]
    return numbers


def _is_prime(n: int) -> bool:
    """Decide odd ``n`` in [3, 2**64) by the strong test to bases that no such composite passes all."""
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    odd = n >> twos
    for witness in _WITNESSES:
        power = pow(witness, odd, n)
        if power in (0, 1, n - 1):  # 0: n divides the witness, which then says nothing
            continue
        for _ in range(twos - 1):
            power = power * power % n
            if power == n - 1:
                break
        else:
            return False
    return True


def _sieving_bound(segment: _Segment) -> int:
    """Return up to which prime to sieve ``segment``: the root of its last number, or less where a test is cheaper.

    The prices, in microseconds on the machine of docs/experiments.md: 0.4 for a sieving prime, 12 to test a composite
    and 74 to test a prime of 60 bits. An error of a factor of two costs less than that, and only near the border.
    """
    root = isqrt(segment.hi)
    span = 30 * segment.rows
    # Where one more sieving prime costs as much as the tests that it saves.
    cut = max(span // 4, 64)
    if cut >= root:
        return root

    def sieving(bound: int) -> float:
        return 0.4 * bound / log(bound)

    # Mertens: 0.56 / log(cut) of the numbers have no prime factor up to cut.
    testing = span * (12 * 0.56 / log(cut) + 74 / log(segment.hi))
    return root if sieving(root) <= sieving(cut) + testing else cut


def _rows_for(n: int, lo: int) -> int:
    """Return how many rows from ``lo`` on should hold ``n`` primes, within the limits of a segment.

    The root is for luck: where the estimate falls short, the caller asks again.
    """
    rows = (n + sqrt(n)) * log(lo) / 30 + 1
    return int(min(rows, max(_NEAR_ROWS, min(isqrt(lo), _FAR_ROWS))))


def extend_first_n(out: list[int], n: int, lo: int, /) -> None:
    """Append to ``out`` the ``n`` smallest primes >= ``lo``; fewer only where 2**64 ends the search."""
    if lo < _TABLE_STOP:
        table = _small_primes()
        first = bisect_left(table, lo)
        found: Sequence[int] = table[first : first + n]
        out += found
        n -= len(found)
        lo = _TABLE_STOP
    while n and lo <= _LAST:
        segment = _Segment(lo, _LAST, _rows_for(n, lo))
        bound = _sieving_bound(segment)
        segment.sieve(bound)
        proven = bound == isqrt(segment.hi)
        for block in segment.blocks():
            found = block[:n] if proven else [*filter(_is_prime, block)][:n]
            out += found
            n -= len(found)
            if not n:
                break
        lo = segment.hi + 1


def build_info() -> BuildInfo:
    """Tell which interpreter runs this; nothing was built."""
    # The package imports its kernels, so that they can only ask for its version later.
    from primes import __version__  # noqa: PLC0415

    implementation = sys.implementation.name.replace("cpython", "CPython")
    version = ".".join(map(str, sys.version_info[:3]))
    return {
        "version": __version__,
        "profile": "release",
        "cpu": "portable",
        "compiler": f"{implementation} {version}",
    }
