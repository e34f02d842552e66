"""The pages that compare libraries: each call of another one, and ours beside it. `tox -e peers` has primesieve's."""

from __future__ import annotations

import pytest

import primes.numpy
from calls import evaluated, limits, tables

MODULES = ("sympy", "gmpy2", "flint", "primecountpy")
TABLES = tables()


def test_each_library_has_its_table() -> None:
    assert set(TABLES) == {*MODULES, "primesieve", "math"}
    assert all(len(rows) > 1 for rows in TABLES.values())


@pytest.mark.parametrize(
    ("module", "theirs", "ours"),
    [(module, *row) for module, rows in TABLES.items() for row in rows if module != "primesieve"],
)
def test_both_calls_give_the_same(module: str, theirs: str, ours: str) -> None:
    assert evaluated(theirs, module) == evaluated(ours, "primes.numpy")


@pytest.mark.parametrize("ours", [ours for _, ours in TABLES["primesieve"]])
def test_the_calls_beside_those_of_primesieve_are_calls(ours: str) -> None:
    assert evaluated(ours) is not None


@pytest.mark.parametrize(("call", "answer"), limits())
def test_another_library_does_what_ours_does_not(call: str, answer: str) -> None:
    assert evaluated(call, *MODULES) == evaluated(answer)


def test_what_the_page_says_of_errors() -> None:
    import sympy  # type: ignore[import-untyped]  # noqa: PLC0415

    with pytest.raises(ValueError, match="no preceding primes"):
        sympy.prevprime(2)
    with pytest.raises(ValueError, match="must be greater than 2"):
        primes.prev_prime(2)
    assert sympy.primepi(10.5) == 4
    with pytest.raises(TypeError):
        primes.prime_pi(10.5)  # type: ignore[arg-type]
