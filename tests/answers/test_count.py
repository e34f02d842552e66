"""``count_primes``, ``prime_pi`` and ``nth_prime``: published values, both methods, and sums of pieces."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from oracle import LARGEST_PRIME
from strategies import EDGES, magnitudes, starts

BELOW_POWERS_OF_TEN = [
    *(0, 4, 25, 168, 1229, 9592, 78498, 664579, 5761455, 50847534, 455052511, 4118054813, 37607912018),
    *(346065536839, 3204941750802),
]
"""pi(10**k): OEIS A006880."""

BELOW_POWERS_OF_TWO = [
    *(0, 1, 2, 4, 6, 11, 18, 31, 54, 97, 172, 309, 564, 1028, 1900, 3512, 6542, 12251, 23000, 43390, 82025, 155611),
    *(295947, 564163, 1077871, 2063689, 3957809, 7603553, 14630843, 28192750, 54400028, 105097565, 203280221),
    *(393615806, 762939111, 1480206279, 2874398515, 5586502348, 10866266172, 21151907950, 41203088796),
]
"""pi(2**k): OEIS A007053."""

POWER_OF_TEN_TH = [
    *(2, 29, 541, 7919, 104729, 1299709, 15485863, 179424673, 2038074743, 22801763489, 252097800623, 2760727302517),
]
"""The 10**k-th prime: OEIS A006988."""

FAR_WINDOWS = {
    (10**18, 10**18 + 10**5): 2398,
    (2**64 - 363, 2**64): 10,
}
"""The first value is the example of the documentation. The second: PrimePages, https://t5k.org/lists/2small/."""


def powers(backend: str, *, compiled: int, python: int) -> range:
    """Return the exponents to test: fewer for pure Python, which takes a hundred times as long."""
    return range((python if backend == "python" else compiled) + 1)


# Published values.


def test_pi_of_powers_of_ten(backend: str) -> None:
    for k in powers(backend, compiled=13, python=11):
        assert primes.prime_pi(10**k, backend=backend) == BELOW_POWERS_OF_TEN[k]
        assert primes.count_primes(10**k, backend=backend) == BELOW_POWERS_OF_TEN[k]


def test_pi_of_powers_of_two(backend: str) -> None:
    for k in powers(backend, compiled=40, python=34):
        assert primes.prime_pi(2**k, backend=backend) == BELOW_POWERS_OF_TWO[k]


def test_sieving_counts_the_same(backend: str) -> None:
    for k in powers(backend, compiled=9, python=7):
        assert primes.count_primes(10**k, method="sieve", backend=backend) == BELOW_POWERS_OF_TEN[k]
    for k in powers(backend, compiled=28, python=23):
        assert primes.count_primes(2**k + 1, method="sieve", backend=backend) == BELOW_POWERS_OF_TWO[k]


def test_the_power_of_ten_th_prime(backend: str) -> None:
    for k in powers(backend, compiled=11, python=8):
        assert primes.nth_prime(10**k, backend=backend) == POWER_OF_TEN_TH[k]


@pytest.mark.parametrize("ends", FAR_WINDOWS)
@pytest.mark.parametrize("method", [None, "sieve"])
def test_far_windows(backend: str, ends: tuple[int, int], method: None) -> None:
    assert primes.count_primes(*ends, method=method, backend=backend) == FAR_WINDOWS[ends]


# Counts against lists.


@given(start=starts, width=st.integers(0, 400))
def test_it_counts_what_the_oracle_finds(backend: str, start: int, width: int) -> None:
    stop = min(start + width, 2**64)
    assert primes.count_primes(start, stop, backend=backend) == len(oracle.primerange(start, stop))


@pytest.mark.parametrize("edge", EDGES)
def test_no_edge_is_missed(backend: str, edge: int) -> None:
    start, stop = max(edge - 100, 0), min(edge + 100, 2**64)
    expected = oracle.primerange(start, stop)
    for each in (start, edge, *expected[:2], *expected[-2:]):
        assert primes.count_primes(each, stop, backend=backend) == len(expected) - bisect_left(expected, each)
        assert primes.count_primes(start, each, backend=backend) == bisect_left(expected, each)


def test_every_short_interval_of_small_integers(backend: str) -> None:
    expected = oracle.primerange(0, 40)
    for start in range(-2, 40):
        for stop in range(-2, 40):
            count = sum(start <= p < stop for p in expected)
            assert primes.count_primes(start, stop, backend=backend) == count
            assert primes.count_primes(start, stop, method="sieve", backend=backend) == count


def test_pi_of_every_small_integer(backend: str) -> None:
    """The tables of the kernels end at 2**16."""
    known = primes.primerange(70_000, backend="python")
    for x in (*range(-3, 2000), *range(65_000, 66_000)):
        expected = bisect_left(known, x + 1)
        assert primes.prime_pi(x, backend=backend) == expected
        assert primes.count_primes(x + 1, backend=backend) == expected


def test_pi_around_squares_and_cubes(backend: str) -> None:
    """Where the sums of a sublinear method gain a term."""
    known = primes.primerange(1_100_000, backend="python")
    for root in (7, 11, 13, 31, 47, 97, 101, 251, 257, 509, 1009, 1021, 1031):
        for power in (root**2, root**3):
            for x in (power - 1, power, power + 1):
                if x < known[-1]:
                    assert primes.prime_pi(x, backend=backend) == bisect_left(known, x + 1)


@given(x=st.integers(0, 2 * 10**6))
def test_both_methods_agree(backend: str, x: int) -> None:
    assert primes.prime_pi(x, backend=backend) == primes.count_primes(x + 1, method="sieve", backend=backend)


@given(x=st.integers(0, 10**10), width=st.integers(0, 10**5))
def test_pi_grows_by_what_is_counted(backend: str, x: int, width: int) -> None:
    if backend == "python":
        x //= 100
    grown = primes.prime_pi(x + width, backend=backend) - primes.prime_pi(x, backend=backend)
    assert primes.count_primes(x + 1, x + width + 1, method="sieve", backend=backend) == grown


@given(start=magnitudes, cuts=st.lists(st.integers(0, 50_000), min_size=2, max_size=4))
def test_pieces_add_up(backend: str, start: int, cuts: list[int]) -> None:
    start = min(start, 2**64 - sum(cuts))
    borders = [start]
    for width in cuts:
        borders.append(borders[-1] + width)
    pieces = sum(primes.count_primes(*ends, backend=backend) for ends in pairwise(borders))
    assert primes.count_primes(start, borders[-1], backend=backend) == pieces


@pytest.mark.parametrize(
    ("start", "stop"), [(10, 10), (10, 9), (2**64, 2**64), (2**64, 0), (2**64 - 58, 2**64), (24, 29), (-20, -10)]
)
@pytest.mark.parametrize("method", [None, "sieve"])
def test_nothing_is_counted_as_nothing(backend: str, start: int, stop: int, method: None) -> None:
    assert primes.count_primes(start, stop, method=method, backend=backend) == 0


def test_nothing_is_prime_up_to_a_negative_one(backend: str) -> None:
    for x in (-1, -(2**64), -(10**5000)):
        assert primes.prime_pi(x, backend=backend) == primes.count_primes(x, backend=backend) == 0


# The n-th prime.


def test_the_first_thousands_one_by_one(backend: str) -> None:
    """Below a thousand the method is another one."""
    known = primes.first_n(1200, backend="python")
    assert [primes.nth_prime(n, backend=backend) for n in range(1, 1201)] == known


@given(n=st.integers(1, 3 * 10**6))
def test_there_are_n_primes_up_to_the_nth(backend: str, n: int) -> None:
    prime = primes.nth_prime(n, backend=backend)
    assert primes.is_prime(prime)
    assert primes.prime_pi(prime, backend=backend) == n


@given(n=st.integers(1, 3000), start=starts)
def test_the_nth_from_a_start_is_the_last_of_n(backend: str, n: int, start: int) -> None:
    start = min(start, 2**64 - 10**6)
    assert primes.nth_prime(n, start, backend=backend) == primes.first_n(n, start, backend=backend)[-1]


@pytest.mark.parametrize("start", [0, 2, 10**6, 10**9])
def test_the_nth_from_a_start_where_it_pays_to_count(backend: str, start: int) -> None:
    before = primes.count_primes(start, backend=backend)
    for n in (10**6, 2 * 10**6 + 1):
        assert primes.nth_prime(n, start, backend=backend) == primes.nth_prime(before + n, backend=backend)


def test_the_last_primes_of_all_can_be_had(backend: str) -> None:
    assert primes.nth_prime(1, LARGEST_PRIME, backend=backend) == LARGEST_PRIME
    assert primes.nth_prime(10, 2**64 - 363, backend=backend) == LARGEST_PRIME


def test_every_prime_is_at_least_a_negative_start(backend: str) -> None:
    assert primes.nth_prime(5, -(10**5000), backend=backend) == 11
