"""``is_prime``, ``next_prime`` and ``prev_prime`` for integers of any size, and the two halves of Baillie-PSW."""

from __future__ import annotations

from itertools import pairwise
from math import isqrt, prod

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from oracle import LARGEST_PRIME
from primes import _baillie_psw
from strategies import EDGES, starts

STRONG_PSEUDOPRIMES = [
    *(2047, 3277, 4033, 4681, 8321, 15841, 29341, 42799, 49141, 52633, 65281, 74665, 80581, 85489, 88357, 90751),
    *(104653, 130561, 196093, 220729, 233017, 252601, 253241, 256999),
]
"""The composites below 260 000 that pass the strong test to base 2: OEIS A001262."""

STRONG_LUCAS_PSEUDOPRIMES = [
    *(5459, 5777, 10877, 16109, 18971, 22499, 24569, 25199, 40309, 58519, 75077, 97439, 100127, 113573, 115639, 130139),
    *(155819, 158399, 161027, 162133, 176399, 176471, 189419, 192509, 197801, 224369, 230691, 231703, 243629, 253259),
]
"""The composites below 260 000 that pass the strong Lucas test: OEIS A217255."""

LARGE_STRONG_PSEUDOPRIMES = {
    318665857834031151167461: 37,
    3317044064679887385961981: 41,
    1195068768795265792518361315725116351898245581: 29,
}
"""Composites, and the base up to which each passes the strong test to all prime bases: OEIS A014233; F. Arnault,
Rabin-Miller primality test: composite numbers which pass it, Math. Comp. 64 (1995)."""

CARMICHAEL = [
    *(561, 1105, 1729, 2465, 2821, 6601, 8911, 10585, 15841, 29341, 41041, 46657, 52633, 62745, 63973, 75361, 101101),
    *(115921, 126217, 162401, 172081, 188461, 252601, 278545, 294409, 314821, 334153, 340561, 399001, 410041, 449065),
]
"""OEIS A002997."""

MERSENNE_EXPONENTS = [2, 3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127, 521, 607, 1279, 2203, 2281]
"""The exponents p below 2300 for which 2**p - 1 is prime: OEIS A000043."""

AFTER_POWERS_OF_TEN = [
    *(39, 117, 9, 117, 7, 13, 67, 103, 331, 319, 57, 33, 49, 61, 193, 69, 67, 43, 133, 3, 121, 109, 63, 57, 31, 9),
    *(121, 33, 193, 9, 151),
]
"""The smallest prime above 10**k minus 10**k, from k = 20 to 50: OEIS A033873."""

BEFORE_POWERS_OF_TEN = [
    *(11, 101, 27, 23, 257, 123, 141, 99, 209, 27, 11, 27, 21, 9, 411, 23, 159, 81, 59, 57, 17, 119, 83, 81, 53, 9),
    *(33, 41, 33, 57, 57),
]
"""10**k minus the largest prime below it, from k = 20 to 50: OEIS A033874."""

AFTER_POWERS_OF_TWO = [13, 131, 9, 3, 33, 29, 25, 11, 15, 29, 37, 33, 15, 11, 7, 23, 13, 17, 9, 75, 3]
"""The smallest prime above 2**k minus 2**k, from k = 64 to 84: OEIS A013597."""

BEFORE_POWERS_OF_TWO = [59, 49, 5, 19, 23, 19, 35, 231, 93, 69, 35, 97, 15, 33, 11, 67, 65, 51, 57, 55, 35]
"""2**k minus the largest prime below it, from k = 64 to 84: OEIS A013603."""

FIRST_PRIME_ABOVE = 2**64 + 13


# Below 2**64, where the kernels answer.


def test_every_small_integer(backend: str) -> None:
    known = set(oracle.primerange(0, 70_000))
    for n in range(-70, 70_000):
        assert primes.is_prime(n, backend=backend) == (n in known)


@given(n=starts)
def test_it_says_what_the_oracle_says(backend: str, n: int) -> None:
    assert primes.is_prime(n, backend=backend) is oracle.is_prime(n)


@pytest.mark.parametrize("edge", EDGES)
def test_no_edge_is_missed(backend: str, edge: int) -> None:
    for n in range(max(edge - 60, 0), edge + 60):
        assert primes.is_prime(n, backend=backend) == oracle.is_prime(n)


@pytest.mark.parametrize("composites", [STRONG_PSEUDOPRIMES, STRONG_LUCAS_PSEUDOPRIMES, CARMICHAEL])
def test_no_pseudoprime_passes(backend: str, composites: list[int]) -> None:
    assert not any(primes.is_prime(n, backend=backend) for n in composites)


def test_strong_pseudoprimes_to_several_bases(backend: str) -> None:
    """OEIS A014233, and the squares of the two Wieferich primes, OEIS A001220, which pass the test to base 2."""
    for n in (
        *(2047, 1373653, 25326001, 3215031751, 2152302898747, 3474749660383, 341550071728321, 3825123056546413051),
        *(1093**2, 3511**2, 1093**4, 3511**4),
    ):
        assert not primes.is_prime(n, backend=backend)


def test_products_of_two_primes_of_32_bits(backend: str) -> None:
    large = primes.first_n(12, 2**32 - 300)
    for p, q in pairwise(p for p in large if p < 2**32):
        assert primes.is_prime(p, backend=backend)
        assert not primes.is_prime(p * q, backend=backend)
        assert not primes.is_prime(p * p, backend=backend)


def test_the_answer_is_a_bool(backend: str) -> None:
    for n in (-7, 0, 1, 2, 4, 97, 2**61 - 1, 2**63, 2**89 - 1, 2**90):
        assert type(primes.is_prime(n, backend=backend)) is bool


# Above 2**64, where the Baillie-PSW test answers.


def test_mersenne_numbers(backend: str) -> None:
    exponents = primes.primerange(200)
    found = [p for p in exponents if primes.is_prime(2**p - 1, backend=backend)]
    assert found == [p for p in MERSENNE_EXPONENTS if p <= exponents[-1]]


def test_long_mersenne_numbers() -> None:
    """The backends have no part in these answers."""
    for start, stop in (200, 1300), (2190, 2300):
        found = [p for p in primes.primerange(start, stop) if primes.is_prime(2**p - 1)]
        assert found == [p for p in MERSENNE_EXPONENTS if start <= p < stop]


def test_fermat_numbers() -> None:
    """From 2**(2**5) + 1 on, none is known to be prime. All up to 2**(2**11) + 1 are factored: OEIS A000215."""
    assert [k for k in range(12) if primes.is_prime(2 ** (2**k) + 1)] == [0, 1, 2, 3, 4]


def test_repunits() -> None:
    """OEIS A004023."""
    assert [k for k in range(400) if primes.is_prime((10**k - 1) // 9)] == [2, 19, 23, 317]


def test_large_composites_without_small_factors() -> None:
    for p, q in pairwise([2**61 - 1, 2**64 + 13, 2**89 - 1, 2**107 - 1, 2**127 - 1, 2**521 - 1]):
        assert primes.is_prime(q)
        for n in (p * q, q * q, p * p * p, 5 * q, 1999 * q, 2003 * q):
            assert not primes.is_prime(n)


@pytest.mark.parametrize(("n", "base"), LARGE_STRONG_PSEUDOPRIMES.items())
def test_a_pseudoprime_to_the_first_bases_does_not_pass(n: int, base: int) -> None:
    assert _baillie_psw.is_strong_probable_prime_to_2(n)
    assert all(pow(b, n - 1, n) == 1 for b in primes.primerange(base + 1))
    assert not _baillie_psw.is_strong_lucas_probable_prime(n)
    assert not primes.is_prime(n)


def test_large_carmichael_numbers() -> None:
    """(6 k + 1) (12 k + 1) (18 k + 1) with three prime factors: J. Chernick, Bull. Amer. Math. Soc. 45 (1939)."""
    found = 0
    for k in range(10**7, 10**7 + 2000):
        factors = [i * k + 1 for i in (6, 12, 18)]
        if all(map(oracle.is_prime, factors)):
            n = prod(factors)
            assert n > 2**64
            assert pow(2, n - 1, n) == 1
            assert not primes.is_prime(n)
            found += 1
    assert found > 0


@given(n=st.integers(2**64, 3 * 10**23))
def test_above_it_says_what_the_oracle_says(n: int) -> None:
    assert primes.is_prime(n) is oracle.is_prime(n)
    assert primes.is_prime(-n) is False


def test_the_backend_does_not_matter_above(backend: str) -> None:
    for k in (64, 65, 89, 127, 300):
        for n in range(2**k - 20, 2**k + 20):
            assert primes.is_prime(n, backend=backend) == primes.is_prime(n)


def test_no_negative_integer_is_prime(backend: str) -> None:
    for n in (0, -1, -2, -3, -7, -(2**61 - 1), -(2**64 + 13), -(10**5000)):
        assert not primes.is_prime(n, backend=backend)


# The two halves of the Baillie-PSW test.


def odd_composites(stop: int) -> list[int]:
    known = set(primes.primerange(stop))
    return [n for n in range(9, stop, 2) if n not in known]


def test_the_strong_test_to_base_two() -> None:
    passed = [n for n in odd_composites(260_000) if _baillie_psw.is_strong_probable_prime_to_2(n)]
    assert passed == STRONG_PSEUDOPRIMES


def test_the_strong_lucas_test() -> None:
    passed = [n for n in odd_composites(260_000) if _baillie_psw.is_strong_lucas_probable_prime(n)]
    assert passed == STRONG_LUCAS_PSEUDOPRIMES


def test_every_prime_passes_both() -> None:
    for p in (*primes.primerange(3, 20_000), *primes.first_n(500, 10**12), *primes.first_n(500, 2**64 - 10**5)):
        assert _baillie_psw.is_strong_probable_prime_to_2(p)
        assert _baillie_psw.is_strong_lucas_probable_prime(p)


def test_the_two_have_no_pseudoprime_in_common() -> None:
    """J. Feitsma and W. Galway, https://www.cecm.sfu.ca/Pseudoprimes: none below 2**64."""
    assert not set(STRONG_PSEUDOPRIMES) & set(STRONG_LUCAS_PSEUDOPRIMES)
    assert not any(_baillie_psw.is_baillie_psw_prime(n) for n in odd_composites(30_000))


def test_squares_are_told_before_a_discriminant_is_looked_for() -> None:
    for p in (3, 1093, 3511, 2**61 - 1, 2**89 - 1):
        assert not _baillie_psw.is_strong_lucas_probable_prime(p * p)


def test_the_symbol_of_jacobi() -> None:
    """Euler's criterion gives the symbol of a prime. The symbol of a product is the product of the symbols."""
    odd = primes.primerange(3, 60)
    for p in odd:
        for a in range(-60, 120):
            power = pow(a, (p - 1) // 2, p)
            assert _baillie_psw.jacobi(a, p) == (power if power < 2 else -1)
    for p, q in pairwise(odd):
        for a in range(-60, 120):
            assert _baillie_psw.jacobi(a, p * q) == _baillie_psw.jacobi(a, p) * _baillie_psw.jacobi(a, q)


def test_a_power_of_two_in_steps_is_one_at_once() -> None:
    n = 3**2700 + 2
    assert n.bit_length() > _baillie_psw.LONG_BITS
    assert _baillie_psw.power_of_2(n // 7, n) == pow(2, n // 7, n)


# The next prime and the one before.


def test_neighbours_of_every_small_integer(backend: str) -> None:
    known = primes.first_n(200, backend="python")
    for p, q in pairwise(known):
        for n in range(p, q):
            assert primes.next_prime(n, backend=backend) == q
            assert primes.prev_prime(n + 1, backend=backend) == p


def test_two_comes_after_everything_below(backend: str) -> None:
    for n in (1, 0, -1, -2, -(2**64), -(10**5000)):
        assert primes.next_prime(n, backend=backend) == 2


@given(n=starts)
def test_neighbours_are_what_the_oracle_finds(backend: str, n: int) -> None:
    following = oracle.first_n(1, n + 1)[0]
    assert primes.next_prime(n, backend=backend) == following
    previous = next((m for m in range(following - 1, 1, -1) if oracle.is_prime(m)), None)
    if previous is not None:
        assert primes.prev_prime(following, backend=backend) == previous


def test_the_longest_gap_is_crossed_both_ways(backend: str) -> None:
    """OEIS A002386 and A005250."""
    prime, gap = 18361375334787046697, 1550
    assert primes.next_prime(prime, backend=backend) == prime + gap
    assert primes.prev_prime(prime + gap, backend=backend) == prime


def test_there_is_no_seam_at_the_limit(backend: str) -> None:
    for n in range(LARGEST_PRIME, FIRST_PRIME_ABOVE):
        assert primes.next_prime(n, backend=backend) == FIRST_PRIME_ABOVE
        assert primes.prev_prime(n + 1, backend=backend) == LARGEST_PRIME


@given(n=st.integers(2**64 - 3000, 2**64 + 3000))
def test_around_the_limit_the_oracle_is_met(backend: str, n: int) -> None:
    following = primes.next_prime(n, backend=backend)
    assert following == oracle.first_n(1, n + 1)[0]
    assert primes.prev_prime(following + 1, backend=backend) == following
    assert primes.prev_prime(n, backend=backend) < n


def test_neighbours_of_powers(backend: str) -> None:
    for k, distance in enumerate(AFTER_POWERS_OF_TEN, 20):
        assert primes.next_prime(10**k, backend=backend) == 10**k + distance
    for k, distance in enumerate(BEFORE_POWERS_OF_TEN, 20):
        assert primes.prev_prime(10**k, backend=backend) == 10**k - distance
    for k, distance in enumerate(AFTER_POWERS_OF_TWO, 64):
        assert primes.next_prime(2**k, backend=backend) == 2**k + distance
    for k, distance in enumerate(BEFORE_POWERS_OF_TWO, 64):
        assert primes.prev_prime(2**k, backend=backend) == 2**k - distance


def test_a_googol() -> None:
    """OEIS A033873."""
    assert primes.next_prime(10**100) == 10**100 + 267


@given(n=st.integers(2**64, 2**200))
def test_next_and_prev_are_inverse(n: int) -> None:
    following = primes.next_prime(n)
    assert following > n
    previous = primes.prev_prime(following)
    assert previous <= n
    assert primes.next_prime(previous) == following


def test_the_roots_of_squares_above_are_exact() -> None:
    """A float cannot tell such a square from its neighbours."""
    for p in primes.first_n(3, 2**61 - 100):
        assert isqrt(p * p) == p
        assert not primes.is_prime(p * p)
