"""pi(x) by each kernel's own method, against its sieve, against Lucy's method, and with other parameters."""

from __future__ import annotations

import importlib
import random
from itertools import pairwise
from math import cbrt, isqrt
from typing import TYPE_CHECKING

import pytest

import oracle
import primes

if TYPE_CHECKING:
    from collections.abc import Callable

    from primes._kernel import Kernel

    Pi = Callable[[int, int, int], int]


def arguments_to(stop: int) -> list[int]:
    """Return integers near which a term could be counted twice or not at all, and random ones.

    Those are powers and products of few primes. All lie above the table of the smallest primes, which answers the rest.
    """
    small = oracle.primerange(2, isqrt(stop))
    bases = [*range(2, 40), *small[::5], 1000, 5003]
    powers = {base**k for base in bases for k in range(2, 41) if base**k < stop}
    neighbours = [*pairwise(small)]
    products = {p * q for p, q in neighbours[:200] + neighbours[200::5]} | {p * p * q for p, q in neighbours[:200]}
    generator = random.Random(1859)  # noqa: S311  (the same in each run)
    others = {int(stop ** generator.uniform(0.55, 1)) for _ in range(500)}
    around = {n + offset for n in powers | products for offset in (-1, 0, 1)}
    return sorted(n for n in {*around, *others, *range(2**16 - 2, 2**16 + 100)} if 2**16 - 2 <= n < stop)


def test_it_counts_what_the_sieve_counts(backend: str, kernel: Kernel) -> None:
    stop = 10**7 if backend == "python" else 10**9
    before, count = 0, 0
    for x in arguments_to(stop):
        count += kernel.count(before + 1, x)
        before = x
        assert kernel.prime_pi(x) == count, x


def test_it_counts_what_lucy_counts(kernel: Kernel) -> None:
    generator = random.Random(2011)  # noqa: S311  (the same in each run)
    for x in [2**16, 10**6, *(int(10 ** generator.uniform(5, 8)) for _ in range(20)), 10**9 + 7]:
        assert kernel.prime_pi(x) == oracle.prime_pi(x), x


def ways_to_move_borders(compiled: list[str]) -> list[Pi]:
    """Return pi(x) as functions of x, y and the end of the table of pi. The tests of the crate do this for Rust."""
    kernels = [("_python.pi", "by_leaves")] + [("_cython", "_prime_pi_by")] * ("cython" in compiled)
    return [getattr(importlib.import_module(f"primes.{module}"), name) for module, name in kernels]


@pytest.mark.parametrize("x", [65536, 65537, 99991, 10**6, 2**20 - 1, 101**3, 5003**2 - 1, 5003**2, 10**8 + 7])
def test_no_border_moves_the_answer(compiled: list[str], x: int) -> None:
    expected = oracle.prime_pi(x)
    root, cube_root = isqrt(x), round(cbrt(x))
    cube_root += cube_root**3 < x
    for pi in ways_to_move_borders(compiled):
        for i in range(11):
            y = int(cube_root * (root / cube_root) ** (i / 10))
            for tabled in (y, isqrt(y * root), root):
                assert pi(x, y, tabled) == expected, (y, tabled)


@pytest.mark.parametrize(
    ("x", "y", "tabled"),
    [(65535, 40, 255), (65536, 39, 256), (65536, 41, 257), (65536, 100, 99), (2**64 - 1, 2**21, 2**22)],
)
def test_other_borders_are_refused(compiled: list[str], x: int, y: int, tabled: int) -> None:
    for pi in ways_to_move_borders(compiled):
        with pytest.raises(ValueError, match="borders"):
            pi(x, y, tabled)


def test_no_segment_and_no_window_moves_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python can be given short segments. Compiled kernels have many from 10**13 on: test_count.py tests that."""
    for segment_len, span in (1, 1), (7, 100), (1000, 999), (30030, 10**6):
        monkeypatch.setattr("primes._python.pi._SEGMENT_LEN", segment_len)
        monkeypatch.setattr("primes._python.pi._WINDOW_SPAN", span)
        for x, expected in (65536, 6542), (10**7, 664579), (179424673, 10**7), (179424672, 10**7 - 1):
            assert primes.prime_pi(x, backend="python") == expected
