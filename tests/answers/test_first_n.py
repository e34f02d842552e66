"""``first_n`` against known values, against the oracle, and against itself."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from oracle import LARGEST_PRIME
from strategies import EDGES, magnitudes, near, starts

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101]
"""OEIS A000040."""

POWERS_OF_TEN = [(2, 2), (29, 129), (541, 24133), (7919, 3682913), (104729, 496165411), (1299709, 62260698721)]
POWERS_OF_TEN += [(15485863, 7472966967499)]
"""The 10**k-th prime, OEIS A006988, and the sum of the first 10**k primes, OEIS A099824."""

AFTER_POWERS_OF_TEN = [1, 1, 1, 9, 7, 3, 3, 19, 7, 7, 19, 3, 39, 37, 31, 37, 61, 3, 3, 51]
"""The smallest prime from 10**k on, minus 10**k: OEIS A003617."""

BEFORE_POWERS_OF_TWO = [
    *(1, 1, 3, 1, 3, 1, 5, 3, 3, 9, 3, 1, 3, 19, 15, 1, 5, 1, 3, 9, 3, 15, 3, 39, 5, 39, 57, 3, 35, 1, 5, 9, 41),
    *(31, 5, 25, 45, 7, 87, 21, 11, 57, 17, 55, 21, 115, 59, 81, 27, 129, 47, 111, 33, 55, 5, 13, 27, 55, 93, 1, 57),
    *(25, 59),
]
"""2**k minus the largest prime below it, from k = 2 to 64: OEIS A013603."""

AFTER_POWERS_OF_TWO = [
    *(1, 3, 1, 5, 3, 3, 1, 9, 7, 5, 3, 17, 27, 3, 1, 29, 3, 21, 7, 17, 15, 9, 43, 35, 15, 29, 3, 11, 3, 11, 15, 17),
    *(25, 53, 31, 9, 7, 23, 15, 27, 15, 29, 7, 59, 15, 5, 21, 69, 55, 21, 21, 5, 159, 3, 81, 9, 69, 131, 33, 15, 135),
    29,
]
"""The smallest prime above 2**k minus 2**k, from k = 2 to 63: OEIS A013597."""

LAST_BELOW = {
    16: [123, 117, 113, 99, 89, 87, 57, 39, 17, 15],
    31: [171, 159, 151, 105, 99, 85, 69, 61, 19, 1],
    32: [267, 209, 185, 153, 135, 107, 99, 65, 17, 5],
    53: [421, 379, 369, 343, 339, 315, 265, 231, 145, 111],
    63: [471, 457, 409, 391, 387, 375, 301, 259, 165, 25],
    64: [363, 353, 323, 279, 257, 189, 179, 95, 83, 59],
}
"""2**k minus each of the ten largest primes below it: PrimePages, https://t5k.org/lists/2small/."""

RECORD_GAPS = {
    31397: 72,
    4652353: 154,
    436273009: 282,
    25056082087: 456,
    2614941710599: 652,
    218209405436543: 906,
    1693182318746371: 1132,
    804212830686677669: 1442,
    5733241593241196731: 1488,
    15570628755536096243: 1526,
    17678654157568189057: 1530,
    18361375334787046697: 1550,
}
"""Primes before a gap that is longer than all gaps before it, OEIS A002386, and its length, OEIS A005250."""

PSEUDOPRIMES = [
    *(2047, 1373653, 25326001, 3215031751, 2152302898747, 3474749660383, 341550071728321, 3825123056546413051),
    *(65521**2, 65521 * 65537, 65537**2, 4294967279 * 4294967291, 4294967291**2),
]
"""Composites that look prime to the first bases of the strong test (OEIS A014233), and to a sieve that lacks its last
prime (the squares and products of the primes around 2**16 and 2**32)."""


class Index:
    """An object that is an integer through ``__index__`` alone."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_it_begins_with_two(backend: str) -> None:
    for n in range(len(FIRST_PRIMES) + 1):
        assert primes.first_n(n, backend=backend) == FIRST_PRIMES[:n]


@pytest.mark.parametrize(("k", "last", "total"), [(k, *known) for k, known in enumerate(POWERS_OF_TEN)])
def test_the_first_powers_of_ten(backend: str, k: int, last: int, total: int) -> None:
    found = primes.first_n(10**k, backend=backend)
    assert (len(found), found[-1], sum(found)) == (10**k, last, total)


def test_the_first_primes_after_powers(backend: str) -> None:
    for k, distance in enumerate(AFTER_POWERS_OF_TEN):
        assert primes.first_n(1, 10**k, backend=backend) == [10**k + distance]
    for k, distance in enumerate(AFTER_POWERS_OF_TWO, 2):
        assert primes.first_n(1, 2**k + 1, backend=backend) == [2**k + distance]


def test_the_last_primes_before_powers_of_two(backend: str) -> None:
    for k, distance in enumerate(BEFORE_POWERS_OF_TWO, 2):
        assert primes.first_n(1, 2**k - distance, backend=backend) == [2**k - distance]
        if k < 64:
            following = AFTER_POWERS_OF_TWO[k - 2]
            assert primes.first_n(1, 2**k - distance + 1, backend=backend) == [2**k + following]


@pytest.mark.parametrize("k", LAST_BELOW)
def test_the_last_ten_before_a_machine_size(backend: str, k: int) -> None:
    expected = [2**k - distance for distance in LAST_BELOW[k]]
    assert primes.first_n(10, 2**k - LAST_BELOW[k][0], backend=backend) == expected


@pytest.mark.parametrize(("prime", "gap"), RECORD_GAPS.items())
def test_the_longest_gaps_are_crossed(backend: str, prime: int, gap: int) -> None:
    assert primes.first_n(2, prime, backend=backend) == [prime, prime + gap]
    assert primes.first_n(1, prime + 1, backend=backend) == [prime + gap]


@pytest.mark.parametrize("composite", PSEUDOPRIMES)
def test_nothing_composite_passes_for_a_prime(backend: str, composite: int) -> None:
    # A single prime is found by tests in a narrow interval; many primes are sieved.
    for n in (1, 1000):
        assert composite not in primes.first_n(n, composite, backend=backend)


@pytest.mark.parametrize("start", range(-2, 12))
def test_a_start_is_included_when_it_is_prime(backend: str, start: int) -> None:
    assert primes.first_n(6, start, backend=backend) == [p for p in FIRST_PRIMES if p >= start][:6]


@pytest.mark.parametrize("start", [-1, -(2**63) - 1, -(2**64), pytest.param(-(10**5000), id="huge")])
def test_every_prime_is_at_least_a_negative_start(backend: str, start: int) -> None:
    assert primes.first_n(5, start, backend=backend) == [2, 3, 5, 7, 11]


@pytest.mark.parametrize("start", [0, 1, 2**16, 2**64 - 1])
def test_no_primes_are_an_empty_list(backend: str, start: int) -> None:
    assert primes.first_n(0, start, backend=backend) == []


def test_the_last_prime_can_be_had(backend: str) -> None:
    for n, distance in enumerate(reversed(LAST_BELOW[64]), 1):
        found = primes.first_n(n, 2**64 - distance, backend=backend)
        assert found == [2**64 - each for each in LAST_BELOW[64][-n:]]
        assert found[-1] == LARGEST_PRIME


def test_each_call_makes_a_list_of_plain_ints_of_its_own(backend: str) -> None:
    first = primes.first_n(7000, backend=backend)
    assert {type(p) for p in first} == {int}
    first.clear()
    assert len(primes.first_n(7000, backend=backend)) == 7000


@pytest.mark.parametrize("convert", [Index, type("Int", (int,), {})], ids=["__index__", "int"])
def test_whatever_has_an_index_is_an_integer(backend: str, convert: Callable[[int], Index]) -> None:
    assert primes.first_n(convert(3), convert(100), backend=backend) == [101, 103, 107]


def test_a_bool_is_an_integer(backend: str) -> None:
    assert primes.first_n(True, True, backend=backend) == [2]  # noqa: FBT003


@given(n=st.integers(0, 12), start=starts)
def test_it_finds_what_the_oracle_finds(backend: str, n: int, start: int) -> None:
    assert primes.first_n(n, start, backend=backend) == oracle.first_n(n, start)


@pytest.mark.parametrize("edge", [edge for edge in EDGES if edge < LARGEST_PRIME])
def test_no_edge_is_missed(backend: str, edge: int) -> None:
    start = max(edge - 100, 0)
    expected = oracle.first_n(12, start)
    assert primes.first_n(12, start, backend=backend) == expected


@pytest.mark.parametrize("span", [30 * 2**15, 240 * 24576, 30 * 2**18], ids=["rust", "cython", "python"])
@pytest.mark.parametrize("shift", [-30, 0, 30])
@pytest.mark.parametrize("p", [3011, 3019, 65519])
def test_a_square_where_a_segment_ends_is_composite(backend: str, span: int, shift: int, p: int) -> None:
    """The largest sieving prime p of a segment may have one multiple in it, at its very end: p * p = 30 * i + 1."""
    assert p % 30 in {1, 11, 19, 29}
    found = primes.first_n(span // 10, p * p - 1 - span + shift, backend=backend)
    assert found[-1] > p * p
    assert p * p not in found


@given(start=magnitudes | near(st.sampled_from(EDGES)), cuts=st.lists(st.integers(0, 700), min_size=2, max_size=4))
def test_pieces_make_the_whole(backend: str, start: int, cuts: list[int]) -> None:
    """The segments of the pieces differ from those of the whole, and the shortest pieces are tested, not sieved."""
    start = min(start, 2**64 - 10**6)
    pieces: list[int] = []
    for n in cuts:
        pieces += primes.first_n(n, pieces[-1] + 1 if pieces else start, backend=backend)
    assert primes.first_n(sum(cuts), start, backend=backend) == pieces


@pytest.mark.parametrize("start", [0, 10**9, 10**12])
def test_any_number_of_primes_is_the_beginning_of_more(backend: str, start: int) -> None:
    """The lengths lie around the borders of blocks, among others."""
    most = primes.first_n(30_000, start, backend=backend)
    around = (around + i for around in (1024, 4096, 6542, 8192) for i in (-1, 0, 1))
    for n in (1, 2, *accumulate(range(60, 240, 5)), *around):
        assert primes.first_n(n, start, backend=backend) == most[:n]


@pytest.mark.parametrize("n", [10, 6542, 7000])
def test_the_list_is_the_callers(backend: str, n: int) -> None:
    before = primes.first_n(n, backend=backend)
    primes.first_n(n, backend=backend).reverse()
    primes.first_n(n, backend=backend).clear()
    assert primes.first_n(n, backend=backend) == before
