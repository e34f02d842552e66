"""``random_prime``: each prime of the interval with the same probability, and an error where there is none."""

from __future__ import annotations

from collections import Counter
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import oracle
import primes
from primes import random_prime
from processes import run_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from primes._kernel import Kernel

MAXIMAL_GAP = 1_425_172_824_437_699_411
"""The prime before the first gap of 1476: OEIS A002386, A005250."""


class Counting(Random):
    """Tells how often it was asked."""

    asked = 0

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        self.asked += 1
        return super().randrange(start, stop, step)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 20), (2, 1000), (3, 1000), (10**12, 10**12 + 1000), (2**64 - 2000, 2**64)],
    ids=["listed", "with the even one", "odd", "far", "last"],
)
def test_all_primes_are_equally_probable(start: int, stop: int) -> None:
    """By chi-square; the seed is fixed, so this is always the same sample.

    With f degrees of freedom the sum has the mean f and the variance 2 f, and is mean + 5 deviations or more in one of
    a hundred thousand samples.
    """
    expected = oracle.primerange(start, stop)
    each, rng = 40, Random(16)  # noqa: S311
    drawn = Counter(random_prime(start, stop, rng=rng) for _ in range(each * len(expected)))
    assert drawn.keys() <= set(expected)
    chi_square = sum((drawn[p] - each) ** 2 / each for p in expected)
    freedom = len(expected) - 1
    assert abs(chi_square - freedom) < 5 * (2 * freedom) ** 0.5


def test_the_generator_of_the_system_draws_all_primes() -> None:
    drawn = Counter(random_prime(100) for _ in range(2500))
    assert [*sorted(drawn)] == oracle.primerange(0, 100)  # one is missing in one of 10**42 samples


@pytest.mark.parametrize("bits", [2, 3, 8, 63, 64, 65, 256])
def test_a_number_of_bits_is_exact(backend: str, bits: int) -> None:
    rng = Random(bits)  # noqa: S311
    for _ in range(20):
        prime = random_prime(bits=bits, rng=rng, backend=backend)
        assert prime.bit_length() == bits
        assert primes.is_prime(prime)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 30), (-(10**9), 10**9), (10**18, 10**18 + 10**9), (10**30, 10**31), (10**30, 10**30 + 100)]
)
def test_the_same_seed_draws_the_same_from_all_backends(backend: str, start: int, stop: int) -> None:
    rngs = Random(5), Random(5)  # noqa: S311
    for _ in range(5):
        prime = random_prime(start, stop, rng=rngs[0], backend=backend)
        assert prime == random_prime(start, stop, rng=rngs[1])
        assert start <= prime < stop
        assert primes.is_prime(prime)


def test_where_there_is_one_prime_it_is_drawn() -> None:
    assert random_prime(24, 30) == 29
    assert random_prime(3) == random_prime(-5, stop=3) == 2
    assert random_prime(stop=4, start=3) == 3
    assert random_prime(2**64, 2**64 + 14) == 2**64 + 13
    gap = MAXIMAL_GAP
    assert random_prime(gap, gap + 1476) == gap
    assert random_prime(gap + 1, gap + 1477) == gap + 1476


def test_in_a_gap_it_ends_after_a_bounded_number_of_draws(backend: str) -> None:
    rng = Counting(0)
    with pytest.raises(ValueError, match=f"no prime from start={MAXIMAL_GAP + 1} to stop={MAXIMAL_GAP + 1476}"):
        random_prime(MAXIMAL_GAP + 1, MAXIMAL_GAP + 1476, rng=rng, backend=backend)
    assert rng.asked == 2 * MAXIMAL_GAP.bit_length()


def test_nothing_is_looked_for_outside_of_a_narrow_interval(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far out, to look for one prime more may take an hour; in an empty interval nothing is looked for at all."""
    monkeypatch.setattr(kernel, "next_large_prime", None)
    backend = kernel.__name__.rpartition("_")[2]
    assert random_prime(2**64 + 10, 2**64 + 30, backend=backend) == 2**64 + 13
    with pytest.raises(ValueError, match="no prime"):
        random_prime(2**64 + 14, 2**64 + 37, backend=backend)
    with pytest.raises(ValueError, match="no prime from start=an integer of 1000001 bits"):
        random_prime(1 << 10**6, 1 << 10**6, backend=backend)


drawn: Any = random_prime
"""For calls that no type checker would let pass."""


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: drawn(), TypeError, "stop or bits must be given"),  # noqa: PLW0108
        (lambda: drawn(start=5), TypeError, "stop or bits must be given"),
        (lambda: drawn(5, start=5), TypeError, "start must be given once"),
        (lambda: drawn(100, bits=8), TypeError, "must not both be given"),
        (lambda: drawn(start=1, bits=8), TypeError, "must not both be given"),
        (lambda: drawn(1.5), TypeError, "stop must be an integer"),
        (lambda: drawn("1", 5), TypeError, "start must be an integer"),
        (lambda: drawn(None), TypeError, "stop must be an integer"),
        (lambda: drawn(bits=8.0), TypeError, "bits must be an integer"),
        (lambda: drawn(bits=None), TypeError, "bits must be an integer"),
        (lambda: drawn(bits=1), ValueError, "bits must be at least 2"),
        (lambda: drawn(bits=-1), ValueError, "bits must be at least 2"),
        (lambda: drawn(bits=2**31 + 1), OverflowError, "bits must be at most 2147483648, got 2147483649"),
        (lambda: drawn(2), ValueError, "no prime from start=0 to stop=2"),
        (lambda: drawn(-5), ValueError, "no prime from start=0 to stop=-5"),
        (lambda: drawn(24, 29), ValueError, "no prime from start=24 to stop=29"),
        (lambda: drawn(10, 5), ValueError, "no prime from start=10 to stop=5"),
        (lambda: drawn(10**6, 5), ValueError, "no prime from start=1000000 to stop=5"),
        (lambda: drawn(2**64 + 14, 2**64 + 37), ValueError, "no prime"),
        (lambda: drawn(100, rng=Random), TypeError, "rng must be a random.Random"),
        (lambda: drawn(100, rng=5), TypeError, "rng must be a random.Random, got 5"),
        (lambda: drawn(100, backend="fortran"), ValueError, "backend must be one of"),
        (lambda: drawn(10**30, 10**31, backend="fortran"), ValueError, "backend must be one of"),
    ],
    ids=map(str, count()),
)
def test_bad_input(ask: Callable[[], int], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask()


def test_random_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, primes; primes.first_n(5); print('random' in sys.modules); primes.random_prime(9)"
    assert run_python(code) == "False\n"
