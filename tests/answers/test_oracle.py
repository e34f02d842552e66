"""The oracle against published values, and its fast test of primality against its slow one."""

from __future__ import annotations

import oracle


def test_it_knows_the_first_primes() -> None:
    """OEIS A000040."""
    assert oracle.first_n(12) == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]


def test_its_two_halves_agree() -> None:
    for n in (*range(41, 20_000), *range(oracle.TRIAL_LIMIT - 500, oracle.TRIAL_LIMIT + 500)):
        assert oracle.is_prime_by_division(n) == oracle.is_strong_probable_prime(n)


def test_the_largest_prime_is_the_last_below_the_limit() -> None:
    assert oracle.first_n(1, oracle.LARGEST_PRIME) == [oracle.LARGEST_PRIME]
    assert oracle.first_n(1, oracle.LARGEST_PRIME + 1)[0] > 2**64
