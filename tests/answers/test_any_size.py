"""Above 2**64, and across it without a seam: each function, from each backend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

import oracle
import primes
from oracle import LARGEST_PRIME
from primes._workers import large

if TYPE_CHECKING:
    from primes._kernel import Kernel

LIMIT = 2**64
SEAM = oracle.primerange(LIMIT - 2000, LIMIT + 2001)
"""The primes on both sides."""

FAR = 10**23
"""The oracle is proven up to 3 * 10**23."""

BORDERS = [2**k for k in (*range(64, 78), 127, 128, 129, 191, 192, 256, 320)]
"""Lengths of one word more, or of one of Python's digits."""


def mersenne(k: int) -> int:
    return (1 << k) - 1


# Lists, iterators, counts and the n-th across 2**64.


@given(start=st.integers(LIMIT - 2000, LIMIT + 2000), width=st.integers(-10, 2000))
def test_intervals_across_the_seam(backend: str, start: int, width: int) -> None:
    stop = min(start + width, LIMIT + 2001)
    expected = [p for p in SEAM if start <= p < stop]
    assert primes.primerange(start, stop, backend=backend) == expected
    assert list(primes.iter_primes(start, stop, backend=backend)) == expected
    assert primes.count_primes(start, stop, backend=backend) == len(expected)
    assert primes.first_n(len(expected), start, backend=backend) == expected
    assert list(islice(primes.iter_primes(start, backend=backend), len(expected))) == expected


def test_the_nth_across_the_seam(backend: str) -> None:
    for n in (1, 2, 9, 10, 11, 30, len(SEAM)):
        assert primes.nth_prime(n, LIMIT - 2000, backend=backend) == SEAM[n - 1]
    assert primes.nth_prime(1, LARGEST_PRIME + 1, backend=backend) == LIMIT + 13
    assert primes.nth_prime(2, LARGEST_PRIME, backend=backend) == LIMIT + 13


@pytest.mark.parametrize("k", [2, 3, 4])
def test_tuplets_across_the_seam(backend: str, k: int) -> None:
    """The oracle's primes, k in a row; the shapes are those of the primes below."""
    all_spans: dict[int, set[tuple[int, ...]]] = {2: {(2,)}, 3: {(2, 6), (4, 6)}, 4: {(2, 6, 8)}}
    spans = all_spans[k]
    known = oracle.primerange(LIMIT - 20_000, LIMIT + 20_001)
    rows = zip(*(known[i:] for i in range(k)), strict=False)
    expected = [row for row in rows if tuple(p - row[0] for p in row[1:]) in spans]
    found = primes.tuplets(k, LIMIT - 20_000, LIMIT + 20_001, backend=backend)
    assert found == expected
    assert {p > LIMIT for p, *_ in found} == {False, True} or k > 2
    for workers in (None, 2):
        count = primes.count_tuplets(k, LIMIT - 20_000, LIMIT + 20_001, workers=workers, backend=backend)
        assert count == len(expected)


@pytest.mark.parametrize("k", [3, 4])
def test_tuplets_above(backend: str, k: int) -> None:
    start, stop = 10**20, 10**20 + 2 * 10**5
    found = primes.tuplets(k, start, stop, backend=backend)
    assert found or k > 3
    assert all(oracle.is_prime(p) for each in found for p in each)
    assert {each[-1] - each[0] for each in found} <= {6, 8}
    # Whatever the windows are, no tuplet is lost between two.
    known = primes.primerange(start, stop, backend=backend)
    rows = zip(*(known[i:] for i in range(k)), strict=False)
    all_spans: dict[int, set[tuple[int, ...]]] = {3: {(0, 2, 6), (0, 4, 6)}, 4: {(0, 2, 6, 8)}}
    spans = all_spans[k]
    assert found == [row for row in rows if tuple(p - row[0] for p in row) in spans]
    assert primes.count_tuplets(k, start, stop, workers=2, backend=backend) == len(found)


def test_progress_and_workers_across_the_seam(backend: str) -> None:
    total = 4001
    for workers in (None, 1, 2):
        told: list[tuple[int, int]] = []
        count = primes.count_primes(
            LIMIT - 2000,
            LIMIT + 2001,
            workers=workers,
            progress=lambda *each: told.append(each),  # noqa: B023  (it is called in this turn)
            backend=backend,
        )
        assert count == len(SEAM)
        assert told[-1] == (total, total)
        assert all(before[0] <= after[0] for before, after in pairwise(told))
    with ThreadPoolExecutor(2) as executor:
        assert primes.count_primes(LIMIT - 2000, LIMIT + 2001, workers=executor, backend=backend) == len(SEAM)


def test_the_nth_counts_on_its_way(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from primes._workers import large  # noqa: PLC0415

    monkeypatch.setattr(large, "COUNTED_FROM", 50)
    expected = oracle.first_n(400, FAR)
    told: list[tuple[int, int]] = []
    for n in (49, 50, 51, 400):
        found = primes.nth_prime(n, FAR, progress=lambda *each: told.append(each), backend=backend)
        assert found == expected[n - 1]
        assert told[-1] == (n, n)


def test_one_count_may_overshoot(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an interval holds more primes than it should, the n-th is still found."""
    from primes._workers import large  # noqa: PLC0415

    monkeypatch.setattr(large, "COUNTED_FROM", 50)
    monkeypatch.setattr(large, "spacing", lambda _n: 200.0)
    assert primes.nth_prime(100, FAR, backend=backend) == oracle.first_n(100, FAR)[-1]
    assert primes.first_n(100, FAR, backend=backend) == oracle.first_n(100, FAR)


@settings(max_examples=30)
@given(start=st.integers(LIMIT, 2 * FAR), n=st.integers(0, 30))
def test_above_the_oracle_is_met(backend: str, start: int, n: int) -> None:
    expected = oracle.first_n(n, start)
    assert primes.first_n(n, start, backend=backend) == expected
    assert list(islice(primes.iter_primes(start, backend=backend), n)) == expected
    stop = expected[-1] + 1 if expected else start
    assert primes.primerange(start, stop, backend=backend) == expected


# The four functions of a kernel.


@pytest.mark.parametrize("border", BORDERS)
def test_intervals_at_the_borders_of_words(kernel: Kernel, border: int) -> None:
    lo, hi = max(border - 300, LIMIT), border + 300
    found: list[int] = [-1]
    kernel.extend_large_range(found, lo, hi)
    assert found == [-1, *(n for n in range(lo, hi + 1) if kernel.is_large_prime(n))]
    if border <= FAR:
        assert found == [-1, *oracle.primerange(lo, hi + 1)]
    for p, q in pairwise(found[1:]):
        assert kernel.next_large_prime(p) == kernel.next_large_prime(q - 1) == q
        assert kernel.prev_large_prime(q) == kernel.prev_large_prime(p + 1) == p


def test_where_nothing_is_between(kernel: Kernel) -> None:
    assert kernel.next_large_prime(LIMIT - 1) == LIMIT + 13
    assert [kernel.prev_large_prime(LIMIT + d) for d in (1, 2, 13, 14)] == [0, 0, 0, LIMIT + 13]
    found: list[int] = []
    for lo, hi in ((LIMIT, LIMIT), (LIMIT, LIMIT + 12), (LIMIT + 14, LIMIT + 36), (10**30, 10**30 - 1)):
        kernel.extend_large_range(found, lo, hi)
    assert not found
    kernel.extend_large_range(found, LIMIT + 13, LIMIT + 13)
    assert found == [LIMIT + 13]


def test_a_long_window_is_its_parts(kernel: Kernel) -> None:
    """Of 10**40, where more than one window of the sieve is needed for none of the parts."""
    lo = 10**40
    whole: list[int] = []
    kernel.extend_large_range(whole, lo, lo + 30_000)
    parts: list[int] = []
    for first in range(lo, lo + 30_001, 777):
        kernel.extend_large_range(parts, first, min(first + 776, lo + 30_000))
    assert whole == parts
    assert kernel.next_large_prime(lo) == lo + 121  # OEIS A033873


def test_words_of_all_ones_and_others_beside_borders(kernel: Kernel) -> None:
    """2**k - 1 is known to be prime for these k alone (OEIS A000043), 2**k + 1 for none of these k."""
    exponents = {89, 107, 127, 521, 607}
    for k in range(65, 640):
        assert kernel.is_large_prime(mersenne(k)) == (k in exponents)
        assert not kernel.is_large_prime(2**k + 1)
        assert not kernel.is_large_prime(2**k)


def test_hard_composites(kernel: Kernel) -> None:
    """Squares, of Wieferich primes too; p * (k * (p - 1) + 1); and strong pseudoprimes to many bases."""
    large = [2**61 - 1, 2**64 + 13, 2**89 - 1, 2**107 - 1, 2**127 - 1]
    for p in large:
        assert not kernel.is_large_prime(p * p)
    assert not any(kernel.is_large_prime(n) for n in (1093**8, 3511**6, 1093**4 * 3511**4))
    found = 0
    for p in oracle.first_n(300, 2**33):
        for k in (2, 3, 4, 5, 7):
            q = k * (p - 1) + 1
            if oracle.is_prime(q):
                found += 1
                assert not kernel.is_large_prime(p * q)
    assert found > 20
    # OEIS A014233; F. Arnault, Rabin-Miller primality test: composite numbers which pass it, Math. Comp. 64 (1995).
    for n in (318665857834031151167461, 3317044064679887385961981, 1195068768795265792518361315725116351898245581):
        assert not kernel.is_large_prime(n)


def test_primes_that_have_a_proof(kernel: Kernel) -> None:
    """Of Mersenne; of Fermat's form of Proth; repunits (OEIS A004023); factorials + 1 (OEIS A002981)."""
    proven = [*(mersenne(k) for k in (89, 107, 127, 521, 607, 1279)), (10**23 - 1) // 9, (10**317 - 1) // 9]
    factorial = 1
    for k in range(1, 78):
        factorial *= k
        if k in {27, 37, 41, 73, 77}:
            proven.append(factorial + 1)
    for p in proven:
        assert kernel.is_large_prime(p)
        assert kernel.next_large_prime(p - 1) == p
        assert kernel.prev_large_prime(p + 1) == p


def test_the_text_of_a_few_stops_at_the_last_of_them(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """At ten thousand bits each prime more takes minutes."""
    monkeypatch.setattr(kernel, "extend_large_range", None)
    assert b"".join(large.texts(kernel, 2, LIMIT, None, b",")) == b"%d,%d," % (LIMIT + 13, LIMIT + 37)


def test_who_asks_while_an_iterator_is_made_gets_no_prime_twice(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may ask then, and so may the handler of a signal."""
    iterator = primes.iter_primes(LIMIT, backend=backend)
    found: list[int] = []

    class Slow(large.LargePrimes):
        def __init__(self, chosen: Kernel, lo: int, hi: int | None) -> None:
            monkeypatch.undo()
            found.append(next(iterator))
            super().__init__(chosen, lo, hi)

    monkeypatch.setattr(large, "LargePrimes", Slow)
    assert [next(iterator), *found, next(iterator)] == [LIMIT + 37, LIMIT + 13, LIMIT + 51]
