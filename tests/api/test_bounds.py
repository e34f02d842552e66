"""All functions that take bounds follow one rule.

Where a stop is required, one bound is the stop and two are start and stop, as in ``range``. Where a stop is optional,
the first bound is the start, as in ``itertools.count``. A bound that is given by name is what its name says.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

import primes
import primes.numpy as array_primes

if TYPE_CHECKING:
    from collections.abc import Callable

FROM_10: dict[str, list[Any]] = {"primes": [11, 13, 17, 19], "pairs": [(11, 13), (17, 19)]}
BELOW_20: dict[str, list[Any]] = {"primes": [2, 3, 5, 7, 11, 13, 17, 19], "pairs": [(3, 5), (5, 7), (11, 13), (17, 19)]}

INTERVALS: dict[str, tuple[Callable[..., Any], str]] = {
    "primerange": (primes.primerange, "primes"),
    "count_primes": (primes.count_primes, "primes"),
    "tuplets": (lambda *bounds, **named: primes.tuplets(2, *bounds, **named), "pairs"),
    "tuplets k=": (lambda **named: primes.tuplets(k=2, **named), "pairs"),
    "count_tuplets": (lambda *bounds, **named: primes.count_tuplets(2, *bounds, **named), "pairs"),
    "count_tuplets k=": (lambda **named: primes.count_tuplets(k=2, **named), "pairs"),
    "numpy.primerange": (lambda *bounds, **named: array_primes.primerange(*bounds, **named).tolist(), "primes"),
}
"""The functions that require a stop, and what each finds: primes or pairs."""

FROM_START: dict[str, Callable[..., list[int]]] = {
    "iter_primes": lambda *start, **named: list(islice(primes.iter_primes(*start, **named), 4)),
    "first_n": lambda *start, **named: primes.first_n(4, *start, **named),
    "nth_prime": lambda *start, **named: [primes.nth_prime(n, *start, **named) for n in range(1, 5)],
    "numpy.first_n": lambda *start, **named: array_primes.first_n(4, *start, **named).tolist(),
}
"""The functions without a required stop. Each is asked for four primes."""

by_position = pytest.mark.parametrize("name", [name for name in INTERVALS if "k=" not in name])
by_name = pytest.mark.parametrize("name", INTERVALS)


def same(name: str, found: object, expected: dict[str, list[Any]]) -> bool:
    """Tell whether an answer is these integers, or their number."""
    listed = expected[INTERVALS[name][1]]
    return found == (len(listed) if "count" in name else listed)


@by_position
def test_by_position_one_is_the_stop_and_two_are_both(name: str) -> None:
    function = INTERVALS[name][0]
    assert same(name, function(20), BELOW_20)
    assert same(name, function(10, 20), FROM_10)
    assert same(name, function(10, stop=20), FROM_10)


@by_name
def test_by_name_they_mean_what_they_say(name: str) -> None:
    function = INTERVALS[name][0]
    assert same(name, function(stop=20), BELOW_20)
    assert same(name, function(start=10, stop=20), FROM_10)
    assert same(name, function(start=0, stop=20), BELOW_20)


@by_name
def test_a_start_without_a_stop_is_refused(name: str) -> None:
    for bounds in ({"start": 10}, {}):
        with pytest.raises(TypeError, match=r"^stop must be given"):
            INTERVALS[name][0](**bounds)


@by_position
def test_none_is_no_bound(name: str) -> None:
    function = INTERVALS[name][0]
    calls: list[tuple[tuple[int | None, ...], dict[str, int | None]]]
    calls = [((None,), {}), ((10, None), {}), ((10,), {"stop": None}), ((), {"stop": None})]
    for positional, named in calls:
        with pytest.raises(TypeError, match=r"^stop must be an integer, got None \(NoneType\)$"):
            function(*positional, **named)
    calls = [((None, 20), {}), ((), {"start": None, "stop": 20})]
    for positional, named in calls:
        with pytest.raises(TypeError, match=r"^start must be an integer, got None \(NoneType\)$"):
            function(*positional, **named)


@by_position
def test_no_bound_is_given_twice(name: str) -> None:
    function = INTERVALS[name][0]
    for positional in ((10,), (10, 20)):
        with pytest.raises(TypeError, match=r"^start must be given once"):
            function(*positional, start=5)
    with pytest.raises(TypeError, match=r"multiple values for argument 'stop'"):
        function(10, 20, stop=30)


@pytest.mark.parametrize("name", FROM_START)
def test_where_there_need_not_be_a_stop_the_start_comes_first(name: str) -> None:
    function = FROM_START[name]
    assert function() == [2, 3, 5, 7]
    assert function(10) == function(start=10) == [11, 13, 17, 19]


def test_an_iterator_may_have_a_stop() -> None:
    for bounds in ((10, 20), (10, None)):
        assert list(islice(primes.iter_primes(*bounds), 4)) == [11, 13, 17, 19]
    assert list(primes.iter_primes(stop=20)) == BELOW_20["primes"]
    assert list(primes.iter_primes(10, stop=20)) == list(primes.iter_primes(start=10, stop=20)) == [11, 13, 17, 19]
    assert next(primes.iter_primes(start=10, stop=None)) == 11
