"""Every wrong argument of every function gets one exception and one message, the same from all backends.

Each row of a table is a call with one place left open. The tests put each bad value into each place.
"""

from __future__ import annotations

import re
import resource
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

import primes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Call = Callable[..., object]

HUGE = 10**5000
"""Too long to be printed: Python writes no int of more than 4300 digits."""


class Unshowable:
    """No integer, and its ``repr`` fails."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Unwilling:
    """Its ``__index__`` fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __index__(self) -> int:
        raise self.error

    def __repr__(self) -> str:
        return "Unwilling()"


class Ten(float):
    """A number that looks like an integer but is not one."""


NOT_INTEGERS: list[tuple[Any, str]] = [
    (3.0, "3.0 (float)"),
    (1e300, "1e+300 (float)"),
    (float("nan"), "nan (float)"),
    (float("-inf"), "-inf (float)"),
    (Ten(10), "10.0 (Ten)"),
    ("5", "'5' (str)"),
    ("", "'' (str)"),
    (b"5", "b'5' (bytes)"),
    (bytearray(8), r"bytearray(b'\x00\x00\x00\x00\x00\x00\x00\x00') (bytearray)"),
    ([5], "[5] (list)"),
    ((5,), "(5,) (tuple)"),
    ({}, "{} (dict)"),
    (..., "Ellipsis (ellipsis)"),
    (Decimal(5), "Decimal('5') (Decimal)"),
    (Decimal("NaN"), "Decimal('NaN') (Decimal)"),
    (Fraction(5), "Fraction(5, 1) (Fraction)"),
    (5j, "5j (complex)"),
    (int, "<class 'int'> (type)"),
    (Unshowable(), "an object without a repr (Unshowable)"),
    (Unwilling(TypeError("not now")), "Unwilling() (Unwilling)"),
    ("5" * 1000, "'" + "5" * 79 + "... (str)"),
]

PLACES: dict[str, Call] = {
    "first_n:n": primes.first_n,
    "first_n:start": lambda bad, **options: primes.first_n(5, bad, **options),
    "primerange:stop": primes.primerange,
    "primerange:start": lambda bad, **options: primes.primerange(bad, 10, **options),
    "primerange:0:stop": lambda bad, **options: primes.primerange(0, bad, **options),
    "iter_primes:start": primes.iter_primes,
    "iter_primes:0:stop": lambda bad, **options: primes.iter_primes(0, bad, **options),
    "count_primes:stop": primes.count_primes,
    "count_primes:start": lambda bad, **options: primes.count_primes(bad, 10, **options),
    "count_primes:0:stop": lambda bad, **options: primes.count_primes(0, bad, **options),
    "prime_pi:x": primes.prime_pi,
    "nth_prime:n": primes.nth_prime,
    "nth_prime:start": lambda bad, **options: primes.nth_prime(5, bad, **options),
    "count_tuplets:k": lambda bad, **options: primes.count_tuplets(bad, 10, **options),
    "count_tuplets:stop": lambda bad, **options: primes.count_tuplets(2, bad, **options),
    "count_tuplets:start": lambda bad, **options: primes.count_tuplets(2, bad, 10, **options),
    "count_tuplets:2:0:stop": lambda bad, **options: primes.count_tuplets(2, 0, bad, **options),
    "tuplets:k": lambda bad, **options: primes.tuplets(bad, 10, **options),
    "tuplets:stop": lambda bad, **options: primes.tuplets(2, bad, **options),
    "tuplets:start": lambda bad, **options: primes.tuplets(2, bad, 10, **options),
    "tuplets:2:0:stop": lambda bad, **options: primes.tuplets(2, 0, bad, **options),
    "is_prime:n": primes.is_prime,
    "next_prime:n": primes.next_prime,
    "prev_prime:n": primes.prev_prime,
}
"""Calls that expect an integer; the name of the argument comes last."""

NONE_IS_ABSENT = {"iter_primes:0:stop"}

HUGE_IS_REFUSED = {"first_n:n", "primerange:stop", "primerange:0:stop", "prime_pi:x", "tuplets:stop"}
HUGE_IS_REFUSED |= {place for place in PLACES if place.endswith(":k")}
"""Elsewhere an integer of this size is a good one, and the call takes its time."""

WRONG_SIZES: list[tuple[str, int, type[Exception], str]] = [
    *[("prime_pi:x", n, OverflowError, "must be below 2**64, got ") for n in (2**64, 2**65, HUGE)],
    *[("first_n:n", n, ValueError, "must be at least 0, got ") for n in (-1, -(2**63) - 1, -(2**64), -HUGE)],
    *[("nth_prime:n", n, ValueError, "must be at least 1, got ") for n in (0, -1, -(2**64), -HUGE)],
    *[
        (f"{name}:k", k, ValueError, "must be 2, 3, 4, 5 or 6, got ")
        for name in ("tuplets", "count_tuplets")
        for k in (0, 1, 7, -2, False, True, 2**64, HUGE, -HUGE)
    ],
    *[
        ("prev_prime:n", n, ValueError, "must be greater than 2, the smallest prime, got ")
        for n in (2, 1, 0, -1, True, -(2**64), -HUGE)
    ],
]

WITH_WORKERS: dict[str, Call] = {
    "a sublinear count": lambda **options: primes.count_primes(10**9, **options),
    "a sieved count": lambda **options: primes.count_primes(10**12, 10**12 + 1000, **options),
    "a count of nothing": lambda **options: primes.count_primes(10, 5, **options),
    "tuplets": lambda **options: primes.count_tuplets(2, 1000, **options),
    "no tuplets": lambda **options: primes.count_tuplets(2, 10, 5, **options),
}
"""A call for each path that ``workers`` and ``progress`` may take: each path must refuse a bad value."""

WRONG_OPTIONS: list[tuple[str, Any, type[Exception], str]] = [
    *[("workers", n, ValueError, "must be at least 1, got ") for n in (0, -1, False, -(2**64), -HUGE)],
    *[("workers", bad, TypeError, f"must be an integer, got {shown}") for bad, shown in NOT_INTEGERS],
    ("workers", ThreadPoolExecutor, TypeError, "must be an integer, got <class"),
    *[("progress", bad, TypeError, "must be callable, got ") for bad in (5, True, "bar", [print], Unshowable())],
]

WRONG_METHODS: list[Any] = ["", "Sieve", "lucy", b"sieve", 0, 1, True, 3.5, ["sieve"], {}, Unshowable()]

WRONG_BACKENDS: list[tuple[Any, type[Exception], str]] = [
    *[(name, ValueError, "must be one of 'rust', 'cython', 'python', got ") for name in ("", "Rust", "c", "x" * 999)],
    *[(bad, TypeError, "must be a str, got ") for bad in (0, 1.5, True, b"rust", ["rust"], object(), primes)],
]


def name_of(place: str) -> str:
    """Return the name of the argument that is left open."""
    return place.rpartition(":")[2]


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Limit the memory: a kernel that starts to work where it should refuse then fails the test, not the machine."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


def assert_refused(call: Callable[[], object], error: type[Exception], message: str) -> None:
    """Demand exactly this exception, and a short message with this beginning."""
    with pytest.raises(error, match=f"^{re.escape(message)}") as caught:
        call()
    assert caught.type is error
    assert len(str(caught.value)) < 350


def test_the_tables_are_as_large_as_they_should_be() -> None:
    cases = len(PLACES) * (len(NOT_INTEGERS) + len(WRONG_BACKENDS))
    cases += len(WRONG_SIZES) + len(WRONG_METHODS) + len(WITH_WORKERS) * len(WRONG_OPTIONS)
    assert cases >= 950


def test_every_public_function_is_in_a_table() -> None:
    told_elsewhere = {"BackendInfo", "BackendUnavailableError", "__version__", "backends", "use_backend"}
    told_elsewhere |= {"Primes", "random_prime"}
    assert {place.partition(":")[0] for place in PLACES} == set(primes.__all__) - told_elsewhere


@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_integer_is_refused(backend: str, place: str) -> None:
    name = name_of(place)
    for bad, shown in NOT_INTEGERS:
        assert_refused(
            lambda bad=bad: PLACES[place](bad, backend=backend),  # type: ignore[misc]
            TypeError,
            f"{name} must be an integer, got {shown}",
        )


@pytest.mark.parametrize("place", sorted(set(PLACES) - NONE_IS_ABSENT))
def test_none_is_no_integer(backend: str, place: str) -> None:
    assert_refused(
        lambda: PLACES[place](None, backend=backend),
        TypeError,
        f"{name_of(place)} must be an integer, got None (NoneType)",
    )


@pytest.mark.parametrize("place", PLACES)
def test_an_error_of_the_argument_itself_is_not_disguised(backend: str, place: str) -> None:
    for error in (RuntimeError("mine"), KeyError("mine"), OverflowError("mine")):
        with pytest.raises(type(error)) as caught:
            PLACES[place](Unwilling(error), backend=backend)
        assert caught.value is error


@pytest.mark.parametrize(
    ("place", "value", "error", "message"),
    [pytest.param(*row, id=f"{i}-{row[0]}") for i, row in enumerate(sorted(WRONG_SIZES, key=lambda row: row[0]))],
)
def test_a_wrong_size_is_refused(backend: str, place: str, value: int, error: type[Exception], message: str) -> None:
    told = f"an integer of {value.bit_length()} bits" if abs(value) == HUGE else repr(int(value))
    assert_refused(lambda: PLACES[place](value, backend=backend), error, f"{name_of(place)} {message}{told}")


@pytest.mark.parametrize("call", WITH_WORKERS)
def test_a_wrong_option_is_refused_on_every_path(backend: str, call: str) -> None:
    for name, bad, error, message in WRONG_OPTIONS:
        options = {name: bad, "backend": backend}
        assert_refused(lambda options=options: WITH_WORKERS[call](**options), error, f"{name} {message}")  # type: ignore[misc]


def test_any_number_of_workers_will_do(backend: str) -> None:
    """``workers`` is the most that may work, and fewer do where the work is short."""
    for workers in (10**6, HUGE):
        assert primes.prime_pi(10**6, workers=workers, backend=backend) == 78_498
        assert primes.nth_prime(10**5, workers=workers, backend=backend) == 1_299_709
        assert primes.count_primes(10**6, method="sieve", workers=workers, backend=backend) == 78_498


def test_an_unknown_method_is_refused(backend: str) -> None:
    for ends, bad in product([(10**9,), (10**12, 10**12 + 1000), (10, 5)], WRONG_METHODS):
        assert_refused(
            lambda ends=ends, bad=bad: primes.count_primes(*ends, method=bad, backend=backend),  # type: ignore[misc]
            ValueError,
            "method must be 'sieve' or None, got ",
        )


@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_backend_is_refused(place: str) -> None:
    for bad, error, message in WRONG_BACKENDS:
        assert_refused(lambda bad=bad: PLACES[place](5, backend=bad), error, f"backend {message}")  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted({place.partition(":")[0] for place in PLACES}))
def test_options_are_named(name: str) -> None:
    function = getattr(primes, name)
    with pytest.raises(TypeError, match=re.escape(f"{name}()")):
        function(2, 3, 4, 5)
    with pytest.raises(TypeError, match="threads"):
        function(5, threads=2)


@pytest.mark.parametrize("place", ["first_n:n", "primerange:stop", "primerange:0:stop", "tuplets:stop"])
def test_more_than_memory_holds_is_refused(backend: str, place: str) -> None:
    for bad in (2**64, 2**65, 10**40, HUGE):
        with pytest.raises(MemoryError, match=r"^a list of .* does not fit into memory \(") as caught:
            PLACES[place](bad, backend=backend)
        assert len(str(caught.value)) < 350


def test_errors_leave_nothing_behind(backend: str) -> None:
    for place, bad in product(PLACES, ("5", HUGE, -HUGE)):
        if bad == HUGE and place not in HUGE_IS_REFUSED:
            continue
        try:
            PLACES[place](bad, backend=backend)
        except (TypeError, ValueError, OverflowError, MemoryError):
            assert primes.first_n(3, 100, backend=backend) == [101, 103, 107]
