"""Prime tuplets: by the definition, by published lists, and in pieces."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from strategies import EDGES, magnitudes, starts

FIRST_PRIMES = {
    2: [3, 5, 11, 17, 29, 41, 59, 71, 101, 107, 137, 149, 179, 191, 197, 227, 239, 269, 281, 311, 347, 419, 431],
    3: [5, 7, 11, 13, 17, 37, 41, 67, 97, 101, 103, 107, 191, 193, 223, 227, 277, 307, 311, 347, 457, 461, 613, 641],
    4: [5, 11, 101, 191, 821, 1481, 1871, 2081, 3251, 3461, 5651, 9431, 13001, 15641, 15731, 16061, 18041, 18911],
    5: [5, 7, 11, 97, 101, 1481, 1867, 3457, 5647, 15727, 16057, 16061, 19417, 19421, 21011, 22271],
    6: [7, 97, 16057, 19417, 43777, 1091257, 1615837, 1954357, 2822707, 2839927],
}
"""The first primes of the smallest tuplets: OEIS A001359, A007529, A007530, A022006 and A022007 in one, A022008."""

BELOW_POWERS_OF_TEN = {
    2: [2, 8, 35, 205, 1224, 8169, 58980, 440312, 3424506],
    4: [0, 2, 5, 12, 38, 166, 899, 4768, 28388],
}
"""How many pairs, and how many quadruplets, begin and end below 10**k, from k = 1 on: OEIS A007508 and A050258."""

SIZES = (2, 3, 4, 5, 6)

sizes = pytest.mark.parametrize("k", SIZES)


@sizes
def test_the_first_ones_are_the_published_ones(backend: str, k: int) -> None:
    stop = FIRST_PRIMES[k][-1] + 1
    found = primes.tuplets(k, stop + 16, backend=backend)
    assert [tuplet[0] for tuplet in found if tuplet[0] < stop] == FIRST_PRIMES[k]


@pytest.mark.parametrize("k", BELOW_POWERS_OF_TEN)
def test_counts_below_powers_of_ten(backend: str, k: int) -> None:
    for i, expected in enumerate(BELOW_POWERS_OF_TEN[k][: 7 if backend == "python" else 9], 1):
        assert primes.count_tuplets(k, 10**i, backend=backend) == expected


@sizes
def test_the_first_integers_by_the_definition(backend: str, k: int) -> None:
    expected = oracle.tuplets(k, 0, 20_000)
    assert primes.tuplets(k, 20_000, backend=backend) == expected
    assert primes.count_tuplets(k, 20_000, backend=backend) == len(expected)


@sizes
def test_every_short_interval_of_small_integers(backend: str, k: int) -> None:
    """All primes of a tuplet must lie in the interval."""
    known = oracle.tuplets(k, 0, 130)
    for start, stop in product((*range(-1, 36), *range(88, 100)), (*range(-1, 36), *range(98, 120))):
        expected = [tuplet for tuplet in known if start <= tuplet[0] and tuplet[-1] < stop]
        assert primes.tuplets(k, start, stop, backend=backend) == expected
        assert primes.count_tuplets(k, start, stop, backend=backend) == len(expected)


@given(k=st.sampled_from(SIZES), start=starts, width=st.integers(0, 600))
def test_it_finds_what_the_oracle_finds(backend: str, k: int, start: int, width: int) -> None:
    stop = min(start + width, 2**64)
    expected = oracle.tuplets(k, start, stop)
    assert primes.tuplets(k, start, stop, backend=backend) == expected
    assert primes.count_tuplets(k, start, stop, backend=backend) == len(expected)


@sizes
@pytest.mark.parametrize("edge", EDGES)
def test_no_edge_is_missed(backend: str, k: int, edge: int) -> None:
    start, stop = max(edge - 150, 0), min(edge + 150, 2**64)
    expected = oracle.tuplets(k, start, stop)
    assert primes.tuplets(k, start, stop, backend=backend) == expected
    assert primes.count_tuplets(k, start, stop, backend=backend) == len(expected)


@sizes
@pytest.mark.parametrize("lo", [0, 2**16 - 10**4, 2**32 - 10**5, 10**12])
def test_tuplets_are_neighbours_in_the_list_of_primes(backend: str, k: int, lo: int) -> None:
    """Wide enough for several segments: tuplets that lie across a border of segments must be found too."""
    hi = lo + (3 * 10**5 if backend == "python" else 5 * 10**6)
    listed = primes.primerange(lo, hi, backend=backend)
    known = set(oracle.PATTERNS[k])
    windows = zip(*(listed[i:] for i in range(k)), strict=False)
    longest = oracle.PATTERNS[k][0][-1]
    expected = [
        window
        for window in windows
        if window[-1] - window[0] == longest and tuple(p - window[0] for p in window) in known
    ]
    assert primes.tuplets(k, lo, hi, backend=backend) == expected
    assert primes.count_tuplets(k, lo, hi, backend=backend) == len(expected)


@given(k=st.sampled_from(SIZES), start=magnitudes, cuts=st.lists(st.integers(0, 30_000), min_size=2, max_size=4))
def test_pieces_that_are_cut_between_tuplets_add_up(backend: str, k: int, start: int, cuts: list[int]) -> None:
    """No tuplet lies across 30 * i + 2: between 30 * i + 1 and 30 * i + 7, which are 6 apart, there is no prime."""
    start = min(start, 2**64 - sum(cuts))
    borders = [start]
    for width in cuts:
        border = borders[-1] + width
        borders.append(max(border - (border - 2) % 30, start))
    stop = borders[-1]
    counts, lists = 0, []
    for lo, hi in pairwise(borders):
        counts += primes.count_tuplets(k, lo, hi, backend=backend)
        lists += primes.tuplets(k, lo, hi, backend=backend)
    assert primes.count_tuplets(k, start, stop, backend=backend) == counts
    assert primes.tuplets(k, start, stop, backend=backend) == lists


@sizes
@pytest.mark.parametrize(("start", "stop"), [(10, 10), (10, 9), (2**64, 2**64), (2**64, 0), (-20, -10), (-5, 5)])
def test_an_interval_without_tuplets(backend: str, k: int, start: int, stop: int) -> None:
    assert primes.tuplets(k, start, stop, backend=backend) == []
    assert primes.count_tuplets(k, start, stop, backend=backend) == 0


@sizes
def test_they_are_tuples_of_plain_ints(backend: str, k: int) -> None:
    found = primes.tuplets(k, 10**5, backend=backend)
    assert {type(tuplet) for tuplet in found} == {tuple}
    assert {type(p) for tuplet in found for p in tuplet} == {int}
    assert {len(tuplet) for tuplet in found} == {k}
