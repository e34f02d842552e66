"""Each function against other libraries: gmpy2, primecountpy, python-flint and SymPy.

Each compared integer is a case. ``test_there_were_enough`` demands at least 10**5 cases for each backend.
"""

from __future__ import annotations

import math
import random
import subprocess
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import flint
import gmpy2  # type: ignore[import-untyped]
import numpy as np
import primecountpy  # type: ignore[import-untyped]
import pytest
import sympy  # type: ignore[import-untyped]
from hypothesis import given, settings, strategies as st

import oracle
import primes
import primes.numpy as array_primes
from processes import PYTHON, environment

if TYPE_CHECKING:
    from collections.abc import Iterable

EDGES = (0, 2**31, 2**32, 2**53, 2**63, 2**64)

edges = pytest.mark.parametrize("edge", EDGES)

cases: Counter[str] = Counter()


def around(edge: int, distance: int, limit: int = 2**65) -> range:
    """Return the integers near an edge."""
    return range(max(edge - distance, 0), min(edge + distance, limit))


def of_all_sizes(count: int, most_bits: int, seed: int) -> list[int]:
    """Return random integers, the same number of them for each number of bits."""
    source = random.Random(seed)  # noqa: S311  (the same in each run)
    return [source.getrandbits(1 + i % most_bits) for i in range(count)]


def primes_by_gmpy2(start: int, stop: int) -> list[int]:
    return [n for n in range(max(start, 2), stop) if gmpy2.is_prime(n)]


def agree(backend: str, found: Iterable[object], expected: Iterable[object]) -> None:
    """Compare the answers to several cases."""
    found, expected = list(found), list(expected)
    assert found == expected
    cases[backend] += len(found)


# Primality.


@edges
def test_primality_around_edges(backend: str, edge: int) -> None:
    numbers = around(edge, 2500)
    agree(backend, (primes.is_prime(n, backend=backend) for n in numbers), map(gmpy2.is_prime, numbers))
    some = around(edge, 150)
    agree(backend, (primes.is_prime(n, backend=backend) for n in some), map(sympy.isprime, some))
    agree(backend, (primes.is_prime(n, backend=backend) for n in some), (flint.fmpz(n).is_prime() for n in some))


def test_primality_of_random_integers(backend: str) -> None:
    numbers = of_all_sizes(20_000, 64, 1)
    agree(backend, (primes.is_prime(n, backend=backend) for n in numbers), map(gmpy2.is_prime, numbers))
    numbers = of_all_sizes(3_000, 64, 2)
    agree(backend, (primes.is_prime(n, backend=backend) for n in numbers), map(sympy.isprime, numbers))
    agree(backend, (primes.is_prime(n, backend=backend) for n in numbers), (flint.fmpz(n).is_prime() for n in numbers))


def test_primality_of_large_integers() -> None:
    numbers = [n | 1 for n in of_all_sizes(6_000, 600, 3)]
    found = [primes.is_prime(n) for n in numbers]
    assert found == [gmpy2.is_prime(n) for n in numbers]
    assert found == [bool(flint.fmpz(n).is_probable_prime()) for n in numbers]
    assert found[:2400] == [sympy.isprime(n) for n in numbers[:2400]]
    assert sum(found[70:]) > 30


LARGE_SIZES = {65: 400, 127: 400, 128: 400, 129: 400, 256: 200, 512: 60, 1024: 12}
"""How many integers of so many bits are looked at."""


def odd_of(bits: int, count: int, seed: int) -> list[int]:
    """Return random odd integers of so many bits."""
    source = random.Random(seed)  # noqa: S311  (the same in each run)
    return [source.getrandbits(bits) | 1 << (bits - 1) | 1 for _ in range(count)]


@pytest.mark.parametrize("bits", LARGE_SIZES)
def test_large_integers_from_each_backend(backend: str, bits: int) -> None:
    numbers = odd_of(bits, LARGE_SIZES[bits], 7)
    numbers += [int(gmpy2.next_prime(n)) for n in numbers[:10]]
    found = [primes.is_prime(n, backend=backend) for n in numbers]
    agree(backend, found, map(gmpy2.is_prime, numbers))
    agree(backend, found, (bool(flint.fmpz(n).is_probable_prime()) for n in numbers))
    some = numbers[:: 1 + len(numbers) // 20]
    agree(backend, (primes.next_prime(n, backend=backend) for n in some), map(int, map(gmpy2.next_prime, some)))
    agree(backend, (primes.prev_prime(n, backend=backend) for n in some), map(int, map(gmpy2.prev_prime, some)))


@pytest.mark.parametrize("start", [2**64 - 3000, 2**65 - 3000, 10**30, 2**127 - 3000, 2**128 - 3000, 2**192, 10**60])
def test_windows_of_large_integers(backend: str, start: int) -> None:
    stop, expected, prime = start + 6000, [], int(gmpy2.next_prime(start - 1))
    while prime < stop:
        expected.append(prime)
        prime = int(gmpy2.next_prime(prime))
    agree(backend, primes.primerange(start, stop, backend=backend), expected)
    agree(backend, primes.first_n(len(expected), start, backend=backend), expected)
    agree(backend, primes.iter_primes(start, stop, backend=backend), expected)
    assert primes.count_primes(start, stop, backend=backend) == len(expected)
    assert primes.nth_prime(len(expected), start, backend=backend) == expected[-1]


def test_hard_composites_above_two_to_the_64(backend: str) -> None:
    """Products of two primes whose orders share a factor: many of them pass one half of the test."""
    source = random.Random(8)  # noqa: S311  (the same in each run)
    composites = []
    for _ in range(1500):
        p = int(gmpy2.next_prime(source.getrandbits(40)))
        others = [k * (p + side) + end for k in (2, 3, 4, 5, 6) for side in (-1, 1) for end in (-1, 1)]
        composites += [p * q for q in others if gmpy2.is_prime(q)]
    assert sum(gmpy2.is_strong_prp(n, 2) for n in composites) > 20
    assert sum(gmpy2.is_strong_selfridge_prp(n) for n in composites) > 20
    agree(backend, (primes.is_prime(n, backend=backend) for n in composites), [False] * len(composites))


def test_products_of_two_primes(backend: str) -> None:
    source = random.Random(4)  # noqa: S311  (the same in each run)
    for bits in (8, 16, 24, 31, 32, 48, 64, 100):
        factors = [int(gmpy2.next_prime(source.getrandbits(bits))) for _ in range(40)]
        agree(backend, (primes.is_prime(p, backend=backend) for p in factors), [True] * len(factors))
        products = [p * q for p, q in pairwise(factors)] + [p * p for p in factors]
        agree(backend, (primes.is_prime(n, backend=backend) for n in products), [False] * len(products))


def test_pseudoprimes_of_gmpy2() -> None:
    """Each half of the Baillie-PSW test by itself."""
    from primes._baillie_psw import is_strong_lucas_probable_prime, is_strong_probable_prime_to_2  # noqa: PLC0415

    numbers = [*range(3, 20_000, 2), *(n | 1 for n in of_all_sizes(3000, 200, 5) if n > 2)]
    for n in numbers:
        assert is_strong_probable_prime_to_2(n) == gmpy2.is_strong_prp(n, 2)
        assert is_strong_lucas_probable_prime(n) == gmpy2.is_strong_selfridge_prp(n)


@edges
def test_arrays_of_primality(backend: str, edge: int) -> None:
    count = 3_000 if backend == "python" else 20_000
    numbers = np.array([*around(edge, count // 2, 2**64)], np.uint64)
    found = array_primes.is_prime(numbers, backend=backend).tolist()
    agree(backend, found, map(gmpy2.is_prime, numbers.tolist()))


@settings(max_examples=300)
@given(n=st.integers(0, 2**70) | st.sampled_from(EDGES).flatmap(lambda edge: st.integers(edge - 10**6, edge + 10**6)))
def test_primality_of_what_hypothesis_draws(backend: str, n: int) -> None:
    agree(backend, [primes.is_prime(n, backend=backend)], [n > 1 and gmpy2.is_prime(n)])


# The next prime and the one before.


@edges
def test_neighbours_around_edges(backend: str, edge: int) -> None:
    numbers = around(edge, 300)
    agree(
        backend, (primes.next_prime(n, backend=backend) for n in numbers), (int(gmpy2.next_prime(n)) for n in numbers)
    )
    numbers = range(max(edge - 300, 3), edge + 300)
    agree(
        backend, (primes.prev_prime(n, backend=backend) for n in numbers), (int(gmpy2.prev_prime(n)) for n in numbers)
    )
    some = numbers[::20]
    agree(backend, (primes.next_prime(n, backend=backend) for n in some), map(sympy.nextprime, some))
    agree(backend, (primes.prev_prime(n, backend=backend) for n in some), map(sympy.prevprime, some))


def test_neighbours_of_random_integers(backend: str) -> None:
    numbers = [n + 3 for n in of_all_sizes(1500, 90, 6)]
    agree(
        backend, (primes.next_prime(n, backend=backend) for n in numbers), (int(gmpy2.next_prime(n)) for n in numbers)
    )
    agree(
        backend, (primes.prev_prime(n, backend=backend) for n in numbers), (int(gmpy2.prev_prime(n)) for n in numbers)
    )


# Lists.


@edges
def test_lists_around_edges(backend: str, edge: int) -> None:
    start, stop = max(edge - 20_000, 0), min(edge + 20_000, 2**64)
    expected = primes_by_gmpy2(start, stop)
    agree(backend, primes.primerange(start, stop, backend=backend), expected)
    agree(backend, primes.first_n(len(expected), start, backend=backend), expected)
    agree(backend, primes.iter_primes(start, stop, backend=backend), expected)
    found = array_primes.primerange(start, stop, dtype="uint64", backend=backend)
    agree(backend, found.tolist(), expected)
    found = array_primes.first_n(len(expected), start, dtype="uint64", backend=backend)
    agree(backend, found.tolist(), expected)
    agree(backend, [primes.count_primes(start, stop, backend=backend)], [len(expected)])
    agree(backend, [primes.nth_prime(len(expected), start, backend=backend)], expected[-1:])


@settings(max_examples=100)
@given(start=st.integers(0, 64).flatmap(lambda bits: st.integers(0, 2**bits)), width=st.integers(0, 3000))
def test_lists_of_what_hypothesis_draws(backend: str, start: int, width: int) -> None:
    stop = min(start + width, 2**64)
    start = min(start, stop)
    expected = primes_by_gmpy2(start, stop)
    agree(backend, primes.primerange(start, stop, backend=backend), expected)
    agree(backend, [primes.count_primes(start, stop, backend=backend)], [len(expected)])
    agree(backend, [primes.count_primes(start, stop, method="sieve", backend=backend)], [len(expected)])


def test_lists_of_sympy(backend: str) -> None:
    for start in (0, 10**6, 5 * 10**6):
        stop = start + 2 * 10**5
        agree(backend, primes.primerange(start, stop, backend=backend), sympy.sieve.primerange(start, stop))


@edges
@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_tuplets_around_edges(backend: str, edge: int, k: int) -> None:
    start, stop = max(edge - 20_000, 0), min(edge + 20_000, 2**64)
    known = primes_by_gmpy2(start, stop)
    member = set(known)
    expected = [
        tuple(p + distance for distance in pattern)
        for p in known
        for pattern in oracle.PATTERNS[k]
        if all(p + distance in member for distance in pattern)
    ]
    agree(backend, primes.tuplets(k, start, stop, backend=backend), expected)
    agree(backend, [primes.count_tuplets(k, start, stop, backend=backend)], [len(expected)])


# Counts.


def test_pi_of_primecount(backend: str) -> None:
    most_bits = 27 if backend == "python" else 33
    numbers = [*range(2000), *of_all_sizes(1500, most_bits, 7)]
    expected = [primecountpy.prime_pi(x) for x in numbers]
    agree(backend, (primes.prime_pi(x, backend=backend) for x in numbers), expected)
    agree(backend, array_primes.count_primes(np.array(numbers) + 1, backend=backend).tolist(), expected)


@pytest.mark.parametrize("edge", [2**31, 2**32, 10**10, 2**36, 10**11, 2**40])
def test_pi_of_primecount_around_edges(backend: str, edge: int) -> None:
    numbers = [edge - 1, edge] if backend == "python" else [*around(edge, 8)]
    if backend == "python" and edge > 10**11:
        numbers = []
    agree(backend, (primes.prime_pi(x, backend=backend) for x in numbers), map(primecountpy.prime_pi, numbers))


RUNGS = {
    "by table": (0, 10**6, 10**6),
    "on one thread": (10**6, 3 * 10**9, 4 * 10**10),
    "on two threads": (4 * 10**10, 10**11, 10**12),
}
"""The methods of the rust backend: the least argument, the largest of most tests, and the largest of a few."""

PI_VALUES = "import primes; print(*[primes.prime_pi(int(x), workers=2, backend='rust') for x in input().split()])"


def arguments_of_pi(least: int, most: int, far: int, count: int) -> list[int]:
    """Return edges and random integers of all sizes, at least ``count`` of them in all."""
    roots = [2, 3, 5, 7, 10, 11, 13, 29, 31, 97, 101, 997, 9973, 65537, 99991]
    powers = {p**k for p in roots for k in range(1, 41)} | {n**2 for n in range(2, 10**6, 9973)} | {least, far}
    powers |= {n**3 for n in range(2, 10**4, 97)}
    numbers = {x + near for x in powers for near in (-1, 0, 1) if least <= x + near <= far}
    source = random.Random(11)  # noqa: S311  (the same in each run)
    low = math.log2(least + 1)
    while len(numbers) < count:
        numbers.add(min(max(int(2 ** source.uniform(low, math.log2(most))), least), most))
    return sorted(numbers)


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("instructions", ["portable", ""])
def test_each_rung_of_pi(rung: str, instructions: str) -> None:
    numbers = arguments_of_pi(*RUNGS[rung], count=500 if rung == "on two threads" else 5000)
    process = subprocess.run(
        [*PYTHON, "-c", PI_VALUES],
        input=" ".join(map(str, numbers)),
        env=environment(PRIMES_CPU=instructions),
        check=True,
        capture_output=True,
        text=True,
    )
    agree("rust", map(int, process.stdout.split()), map(primecountpy.prime_pi, numbers))


def test_counts_of_random_intervals(backend: str) -> None:
    most = 10**8 if backend == "python" else 10**11
    source = random.Random(8)  # noqa: S311  (the same in each run)
    for _ in range(60):
        start, stop = sorted(source.choices(range(most), k=2))
        expected = primecountpy.prime_pi(stop - 1) - primecountpy.prime_pi(start - 1)
        agree(backend, [primes.count_primes(start, stop, backend=backend)], [expected])


def test_nth_of_primecount(backend: str) -> None:
    most_bits = 20 if backend == "python" else 27
    numbers = [*range(1, 1500), *(n + 1 for n in of_all_sizes(400, most_bits, 9))]
    expected = [primecountpy.nth_prime(n) for n in numbers]
    agree(backend, (primes.nth_prime(n, backend=backend) for n in numbers), expected)
    agree(backend, array_primes.nth_prime(np.array(numbers), backend=backend).tolist(), expected)


def test_nth_from_a_start(backend: str) -> None:
    source = random.Random(10)  # noqa: S311  (the same in each run)
    for _ in range(40):
        start, n = source.randrange(10**9), source.randrange(1, 10**5)
        expected = primecountpy.nth_prime(primecountpy.prime_pi(start - 1) + n) if start else primecountpy.nth_prime(n)
        agree(backend, [primes.nth_prime(n, start, backend=backend)], [expected])


def test_there_were_enough(backend: str, request: pytest.FixtureRequest) -> None:
    """This test must come last, in a run of all tests."""
    print(f"{backend}: {cases[backend]} cases")  # noqa: T201  (the count)
    if not request.config.getoption("keyword") and not request.config.getoption("lf", default=False):
        assert cases[backend] >= 10**5
