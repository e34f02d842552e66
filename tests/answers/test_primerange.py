"""``primerange`` against the oracle, and against ``range``, whose rules for arguments it follows."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from oracle import LARGEST_PRIME
from strategies import EDGES, magnitudes, starts

PIECES = (0, 1, 2, 3, 100, 65_521, 65_536, 65_537, 10**6, 3 * 10**6)


@given(start=starts, width=st.integers(0, 400))
def test_it_finds_what_the_oracle_finds(backend: str, start: int, width: int) -> None:
    stop = min(start + width, 2**64)
    assert primes.primerange(start, stop, backend=backend) == oracle.primerange(start, stop)


@pytest.mark.parametrize("edge", EDGES)
def test_no_edge_is_missed(backend: str, edge: int) -> None:
    start, stop = max(edge - 100, 0), min(edge + 100, 2**64)
    assert primes.primerange(start, stop, backend=backend) == oracle.primerange(start, stop)


def test_every_short_interval_of_small_integers(backend: str) -> None:
    expected = oracle.primerange(0, 40)
    for start in range(-2, 40):
        for stop in range(-2, 40):
            assert primes.primerange(start, stop, backend=backend) == [p for p in expected if start <= p < stop]


def test_one_argument_is_the_end(backend: str) -> None:
    for stop in (-(10**5000), -1, 0, 1, 2, 3, 100, 70_000):
        assert primes.primerange(stop, backend=backend) == primes.primerange(0, stop, backend=backend)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(10, 10), (10, 9), (2**64, 2**64), (2**64, 0), (2**64 - 58, 2**64), (24, 29), (-10, 2), (-10, -20)],
)
def test_an_interval_without_primes_is_an_empty_list(backend: str, start: int, stop: int) -> None:
    assert primes.primerange(start, stop, backend=backend) == []


def test_the_end_is_not_included_but_can_be_the_end_of_all(backend: str) -> None:
    assert primes.primerange(LARGEST_PRIME, 2**64, backend=backend) == [LARGEST_PRIME]
    assert primes.primerange(LARGEST_PRIME, LARGEST_PRIME, backend=backend) == []
    assert primes.primerange(LARGEST_PRIME, LARGEST_PRIME + 1, backend=backend) == [LARGEST_PRIME]


@pytest.mark.parametrize("stop", PIECES)
def test_it_is_what_first_n_finds(backend: str, stop: int) -> None:
    found = primes.primerange(stop, backend=backend)
    assert found == primes.first_n(len(found), backend=backend)
    assert primes.first_n(1, stop, backend=backend)[0] >= stop


@given(start=magnitudes, cuts=st.lists(st.integers(0, 50_000), min_size=2, max_size=4))
def test_pieces_make_the_whole(backend: str, start: int, cuts: list[int]) -> None:
    """The segments of the pieces differ from those of the whole, and the shortest pieces are tested, not sieved."""
    start = min(start, 2**64 - sum(cuts))
    pieces: list[int] = []
    end = start
    for width in cuts:
        pieces += primes.primerange(end, end + width, backend=backend)
        end += width
    assert primes.primerange(start, end, backend=backend) == pieces


def test_each_call_makes_a_list_of_plain_ints_of_its_own(backend: str) -> None:
    found = primes.primerange(70_000, backend=backend)
    assert {type(p) for p in found} == {int}
    found.clear()
    assert len(primes.primerange(70_000, backend=backend)) == 6935
