"""pi(x) in pure Python, in about x**(2/3) steps and with tables of bounded size.

docs/explanation/pi.md explains the method; these are the formulas. Where it can, this works on whole slices of
bytearrays, whose ``count`` counts what a sieve has left.

All divisions are floors. p_b is the b-th prime, lpf the least prime factor, and phi(n, b) counts the integers 1 .. n
without a factor among the first b primes. y lies between the cube root of x and its square root, a = pi(y) and k = 6.
Then

    pi(x) = phi(x, a) + a - 1 - sum of pi(x / p) - pi(p) + 1 over y < p <= sqrt(x)
    phi(x, a) = sum of mu(m) phi(x / m, k) over m <= y, lpf(m) > p_k                                 the ordinary leaves
              - sum of mu(m) phi(x / (p_b m), b - 1) over k < b <= a, y / p_b < m <= y, lpf(m) > p_b  the special leaves

J. C. Lagarias, V. S. Miller, A. M. Odlyzko, Computing pi(x): the Meissel-Lehmer method, Math. Comp. 44 (1985);
M. Deleglise, J. Rivat, Computing pi(x): the Meissel, Lehmer, Lagarias, Miller, Odlyzko method, Math. Comp. 65 (1996).
"""

from __future__ import annotations

from array import array
from itertools import accumulate, compress, islice, repeat
from math import cbrt, isqrt, log, sqrt

from primes._python.sieve import extend_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_CHUNK = 2**16
"""The numbers, sums or flags that are made between two looks for Ctrl-C; not tuned."""

_LARGEST_TABLED = 2**23
"""The largest n in the table of pi, which takes 2 bytes a number."""

_LARGEST_Y = 2**23
"""The largest y. Up to y, each prime takes 4 bytes, and each number twice half a byte."""

_SEGMENT_LEN = 2**14
"""The flags of a segment. pi(10**12) takes 0.84 s; with 2**13 flags 0.91 s, with 2**16 0.94 s, with 2**18 1.2 s."""

_WINDOW_SPAN = 2**20
"""The numbers from which the primes above y are listed at a time."""

_LEAST = 2**16
"""Below this x, the kernel has a table; and y could be one of the first k primes."""

_PATTERNED = (3, 5, 7, 11, 13)
_K = 1 + len(_PATTERNED)
_PERIOD = 2 * 3 * 5 * 7 * 11 * 13

_PLUS, _MINUS = 1, 2
"""The bytes for mu(m) = 1 and mu(m) = -1."""
_NEGATED = bytes([0, _MINUS, _PLUS, *range(3, 256)])


def count_up_to(x: int, progress: Callable[[int, int], object] | None = None) -> int:
    """Count the primes <= ``x``, for ``x`` >= 2**16, in about ``x ** (2 / 3)`` steps."""
    # A larger y means more leaves to count, and fewer numbers to sieve. 10**9, 10**10, .. 10**12 are fastest with a y
    # of 3, 7, 10 and 13 times the cube root. Half or twice as much takes a tenth longer.
    y = min(int(max(1.1, 1.5 * log(x) - 28) * cbrt(x)) + 1, _LARGEST_Y)
    return by_leaves(x, y, max(y, min(isqrt(x), _LARGEST_TABLED)), progress)


def _cross_off(flags: bytearray, start: int, step: int) -> None:
    for chunk in range(start, len(flags), step * _CHUNK):
        stop = min(chunk + step * _CHUNK, len(flags))
        flags[chunk:stop:step] = bytearray(len(range(chunk, stop, step)))


def _running_sums(flags: bytearray) -> array[int]:
    sums = array("I")
    total = 0
    for start in range(0, len(flags), _CHUNK):
        sums.extend(islice(accumulate(flags[start : start + _CHUNK], initial=total), 1, None))
        total = sums[-1]
    return sums


def by_leaves(x: int, y: int, tabled: int, progress: Callable[[int, int], object] | None = None) -> int:
    """Count the primes <= ``x``; any cube root of x <= ``y`` <= ``tabled`` <= square root gives the same answer."""
    if x < _LEAST or not y <= tabled <= isqrt(x) or x // (y + 1) ** 2 > y:
        raise ValueError("these borders would count too many primes, or too few")
    # The part that is done: each loop is half of it. It is reported again while one turn of a loop takes long.
    so_far = 0.0

    def tell() -> None:
        if progress is not None:
            progress(min(int(x * so_far), x), x)

    leaves = _Leaves(x, y, tabled, tell)
    total = leaves.ordinary()
    for loop, before in ((leaves.look_up(), 0.0), (leaves.sieve(), 0.5)):
        for part in loop:
            so_far = before + part / 2
            tell()
    a = leaves.pi_y
    s = a + leaves.above
    return total + leaves.total + a - 1 - (leaves.pairs - (s * (s - 1) // 2 - a * (a - 1) // 2))


class _Leaves:
    """The terms of phi(x, a), and also pi(x / p) of the primes y < p <= sqrt(x).

    For p_b above the root of y, the m of special leaves are primes q. With n = x // (p_b * q), such a leaf is trivial
    if n < p_b: it is 1. It is easy if n < p_b ** 2 and n <= ``tabled``: it is pi(n) - b + 2. All other leaves are hard:
    a sieve counts them.
    """

    def __init__(self, x: int, y: int, tabled: int, tell: Callable[[], object]) -> None:
        self.x, self.y, self.tabled, self.tell = x, y, tabled, tell
        self.last = x // (y + 1)  # the largest n that the sieve must count to
        odd = bytearray(b"\1") * ((tabled + 1) // 2)  # 1 stands for 2
        for p in range(3, isqrt(tabled) + 1, 2):
            if odd[p // 2]:
                _cross_off(odd, p * p // 2, p)
        self.sums = _running_sums(odd)
        self.primes = array("I", [0, 2])  # p_b, to y
        for start in range(3, y + 1, 2 * _CHUNK):
            stop = min(start + 2 * _CHUNK, y + 1)
            self.primes.extend(compress(range(start, stop, 2), odd[start // 2 : stop // 2 + 1]))
        self.pi_y = len(self.primes) - 1
        self.middle = max(_K, self.pi(isqrt(y)))  # the largest b with p_b up to the root of y, but at least k
        self.last_hard = self.middle  # the last b that still has hard leaves
        self.total = 0  # of special leaves
        self.pairs = self.above = 0  # the sum of the pi(x / p), and the number of these p

    def pi(self, n: int) -> int:
        """Look up how many primes there are up to n >= 2."""
        return self.sums[n - 1 >> 1]

    def signs(self) -> bytearray:
        """Return mu(m) of all odd m <= y, but 0 for those with a factor among the first k primes."""
        signs = bytearray(b"\1") * ((self.y + 1) // 2)
        for b, p in enumerate(self.primes[2:]):
            if b % 64 == 0:
                self.tell()
            signs[p // 2 :: p] = signs[p // 2 :: p].translate(_NEGATED)
            if p in _PATTERNED:
                _cross_off(signs, p // 2, p)
            else:
                _cross_off(signs, p * p // 2, p * p)
        return signs

    def ordinary(self) -> int:
        """Add up mu(m) phi(x / m, k) over the m <= y."""
        before = [*accumulate(_pattern(), initial=0)]
        total = 0
        signs = self.signs()
        for start in range(0, len(signs), _CHUNK):
            self.tell()
            for i, sign in enumerate(signs[start : start + _CHUNK], start):
                if sign:
                    periods, rest = divmod(self.x // (2 * i + 1), _PERIOD)
                    phi = periods * before[-1] + before[(rest + 1) // 2]
                    total += phi if sign == _PLUS else -phi
        return total

    def look_up(self) -> Iterator[float]:
        """Add up the trivial and the easy leaves, and note where the hard ones end; yield the part that is done."""
        for b in range(self.middle + 1, self.pi_y + 1):
            p = self.primes[b]
            dividend = self.x // p
            if p * p > dividend:
                # From here on, all leaves are trivial.
                self.total += (self.pi_y - b + 1) * (self.pi_y - b) // 2
                return
            lo = max(p, min(self.y, self._hard_end(p)))
            hi = min(self.y, dividend // p)
            pi_lo, pi_hi = self.pi(lo), self.pi(hi)
            self.total += self.pi_y - pi_hi
            if lo < hi:
                self.total += self._sum_of_pi(dividend, lo, hi) - (b - 2) * (pi_hi - pi_lo)
            if pi_lo > b:
                self.last_hard = b
            if b % 8 == 0:
                yield sqrt(p / cbrt(self.x))

    def _hard_end(self, p: int) -> int:
        """Return the largest q of a hard leaf of a prime p above the root of y; q must also be above p and up to y."""
        return self.x // p // min(self.tabled + 1, p * p)

    def _sum_of_pi(self, dividend: int, lo: int, hi: int) -> int:
        """Return the sum of pi(dividend / q) over the primes lo < q <= hi.

        This is the number of pairs of primes q, r with q * r <= dividend and q in that range. Above some t near the
        root of the dividend, several q share a value, so the pairs are counted by r: the sum over t < q <= hi is the
        sum of pi(min(hi, dividend / r)) - pi(t) over r <= dividend / (t + 1). Terms that both sums have are looked up
        once.
        """
        t = min(max(isqrt(dividend), lo), hi)
        pi_lo, pi_t, r_lo = self.pi(lo), self.pi(t), self.pi(dividend // hi)
        r_hi = max(r_lo, self.pi(dividend // (t + 1)))
        total = r_lo * self.pi(hi) - r_hi * pi_t
        smaller, larger = sorted((pi_lo, r_lo))
        if larger <= r_hi <= pi_t:
            total += 2 * self._terms(dividend, larger, r_hi)
            return total + self._terms(dividend, smaller, larger) + self._terms(dividend, r_hi, pi_t)
        return total + self._terms(dividend, pi_lo, pi_t) + self._terms(dividend, r_lo, r_hi)

    def _terms(self, dividend: int, first: int, last: int) -> int:
        """Return the sum of pi(dividend / p_i) over first < i <= last."""
        sums, primes = self.sums, self.primes
        total = 0
        for start in range(first + 1, last + 1, _CHUNK):
            stop = min(start + _CHUNK, last + 1)
            total += sum([sums[dividend // q - 1 >> 1] for q in primes[start:stop]])
        return total

    def sieve(self) -> Iterator[float]:
        """Add up the hard leaves, and then pi(x / p), segment by segment; yield the part that is done."""
        # All primes that are crossed off for hard leaves must lie in the first segment.
        segment_len = min(max(_SEGMENT_LEN, isqrt(self.last)), self.last)
        pattern = _pattern()
        period_len = len(pattern)
        pattern *= segment_len // period_len + 2
        signs = self.signs()
        phis = [0] * (self.last_hard + 1)  # of b: phi(low, b - 1)
        found = 0  # pi(low)
        descent = _descending(self.y, isqrt(self.x))
        p = next(descent, 0)
        # Flag i of a segment stands for low + 1 + 2 * i.
        for low in range(0, self.last, 2 * segment_len):
            high = min(low + 2 * segment_len, self.last + 1)
            phase = low // 2 % period_len
            flags = pattern[phase : phase + (high - low) // 2]
            self._sieve_for_leaves(flags, low, high, bytearray(signs), phis)
            b = self.last_hard + 1
            while b <= self.pi_y and self.primes[b] ** 2 <= high:
                start = _first_row(self.primes[b], low)
                flags[start :: self.primes[b]] = bytearray(len(range(start, len(flags), self.primes[b])))
                b += 1
            if low == 0:
                found = b - 2  # the primes that were crossed off, minus 1 for the number 1, which was not
            at = 0
            while p and (n := self.x // p) <= high:
                stop = (n - low + 1) // 2
                found += flags.count(1, at, stop)
                self.pairs += found
                self.above += 1
                at, p = stop, next(descent, 0)
            found += flags.count(1, at)
            while self.last_hard > _K and not self._has_leaves_above(high):
                self.last_hard -= 1
            yield min(high / self.last, 1.0)

    def _sieve_for_leaves(self, flags: bytearray, low: int, high: int, rough: bytearray, phis: list[int]) -> None:
        """Add up the hard leaves with n in low + 1 .. high while crossing off prime after prime.

        ``rough`` holds the signs of the m; it becomes 0 where m has a factor among the primes so far.
        """
        left = flags.count(1)
        for b in range(_K + 1, self.last_hard + 1):
            self.tell()
            p = self.primes[b]
            dividend = self.x // p
            # The m from least + 1 to most have their n in this segment.
            least, most = dividend // (high + 1), min(self.y, dividend // (low + 1))
            ms: Iterable[int]
            signs: Iterable[int]
            if b > self.middle:
                most = min(most, self._hard_end(p))
                least = min(max(least, p), most)
                ms = reversed(self.primes[self.pi(least) + 1 : self.pi(most) + 1])
                signs = repeat(_MINUS)
            else:
                _cross_off(rough, p // 2, p)
                least = min(max(least, self.y // p), most)
                part = rough[(least + 1) // 2 : (most + 1) // 2]
                part.reverse()
                ms = compress(range((most - 1) | 1, least, -2), part)
                signs = part.translate(None, b"\0")
            at, phi = 0, phis[b]
            for m, sign in zip(ms, signs):  # noqa: B905 - one of them may be endless
                stop = (dividend // m - low + 1) // 2
                phi += flags.count(1, at, stop)
                at = stop
                self.total += phi if sign == _MINUS else -phi
            phis[b] += left
            start = _first_row(p, low)
            multiples = flags[start::p]
            left -= multiples.count(1)
            flags[start::p] = bytearray(len(multiples))

    def _has_leaves_above(self, high: int) -> bool:
        """Tell whether the last p_b with hard leaves has more of them above high."""
        p = self.primes[self.last_hard]
        return self.x // p // (high + 1) > (p if self.last_hard > self.middle else self.y // p)


def _pattern() -> bytearray:
    """Return the flags of the odd numbers of a period: 0 for those with a factor among the first k primes."""
    flags = bytearray(b"\1") * (_PERIOD // 2)
    for p in _PATTERNED:
        _cross_off(flags, p // 2, p)
    return flags


def _first_row(p: int, low: int) -> int:
    """Return the i of the first odd multiple of ``p`` among low + 1 + 2 * i, for an even ``low``."""
    return -(low + 1) * (p + 1) // 2 % p


def _descending(lo: int, hi: int) -> Iterator[int]:
    """Yield the primes of lo + 1 .. hi, the largest first."""
    while hi > lo:
        start = max(lo, hi - _WINDOW_SPAN)
        primes: list[int] = []
        extend_range(primes, start + 1, hi)
        yield from reversed(primes)
        hi = start
