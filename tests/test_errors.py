"""Bad input: one type and one message for each, whatever the backend, and no work before it is told."""

from __future__ import annotations

import resource
import time
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

import primes
from oracle import LARGEST_PRIME
from processes import run_python

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_PRIMES = 425_656_284_035_217_743
"""pi(2**64): OEIS A007053."""

HUGE = 10**5000
HUGE_IN_WORDS = f"an integer of {HUGE.bit_length()} bits"
"""Python refuses to write an int of more than 4300 digits."""


class Unshowable:
    """Something that is no integer and refuses to be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Unwilling:
    """An ``__index__`` that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __index__(self) -> int:
        raise self.error

    def __repr__(self) -> str:
        return "Unwilling()"


NOT_INTEGERS = [
    (3.0, "3.0 (float)"),
    (float("nan"), "nan (float)"),
    ("5", "'5' (str)"),
    (b"5", "b'5' (bytes)"),
    (None, "None (NoneType)"),
    ([5], "[5] (list)"),
    (Decimal(5), "Decimal('5') (Decimal)"),
    (Fraction(5), "Fraction(5, 1) (Fraction)"),
    (5j, "5j (complex)"),
    (Unshowable(), "an object without a repr (Unshowable)"),
    (Unwilling(TypeError("not now")), "Unwilling() (Unwilling)"),
    ("5" * 1000, "'" + "5" * 79 + "... (str)"),
]

ERRORS: list[tuple[tuple[Any, ...], type[Exception], str]] = [
    *[((value,), TypeError, f"n must be an integer, got {shown}") for value, shown in NOT_INTEGERS],
    *[((5, value), TypeError, f"start must be an integer, got {shown}") for value, shown in NOT_INTEGERS],
    ((-1,), ValueError, "n must be at least 0, got -1"),
    ((-(2**64),), ValueError, f"n must be at least 0, got {-(2**64)}"),
    ((-HUGE,), ValueError, f"n must be at least 0, got {HUGE_IN_WORDS}"),
    (
        (ALL_PRIMES + 1,),
        OverflowError,
        f"n must be at most {ALL_PRIMES}, the primes below 2**64, got {ALL_PRIMES + 1}",
    ),
    ((2**64,), OverflowError, f"n must be at most {ALL_PRIMES}, the primes below 2**64, got {2**64}"),
    ((HUGE,), OverflowError, f"n must be at most {ALL_PRIMES}, the primes below 2**64, got {HUGE_IN_WORDS}"),
    ((5, 2**64), OverflowError, f"start must be below 2**64, got {2**64}"),
    ((0, 2**64), OverflowError, f"start must be below 2**64, got {2**64}"),
    ((5, HUGE), OverflowError, f"start must be below 2**64, got {HUGE_IN_WORDS}"),
    (
        (2, LARGEST_PRIME),
        OverflowError,
        f"n must be at most 1, the primes from start={LARGEST_PRIME} to 2**64, got 2",
    ),
    (
        (1, LARGEST_PRIME + 1),
        OverflowError,
        f"n must be at most 0, the primes from start={LARGEST_PRIME + 1} to 2**64, got 1",
    ),
    (
        # The ten largest: PrimePages, https://t5k.org/lists/2small/.
        (11, 2**64 - 363),
        OverflowError,
        f"n must be at most 10, the primes from start={2**64 - 363} to 2**64, got 11",
    ),
    ((10**15,), MemoryError, f"a list of {10**15} primes does not fit into memory (n={10**15})"),
    (
        (10**15, 2**64 - 10),
        OverflowError,
        f"n must be at most 10, the integers from start={2**64 - 10} to 2**64, got {10**15}",
    ),
    ((ALL_PRIMES,), MemoryError, f"a list of {ALL_PRIMES} primes does not fit into memory (n={ALL_PRIMES})"),
]


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Let a kernel that works where it should refuse fail the test, and not the machine."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.mark.parametrize(
    ("arguments", "error", "message"), ERRORS, ids=[f"{i}-{error.__name__}" for i, (_, error, _) in enumerate(ERRORS)]
)
def test_bad_input_is_told_at_once(
    backend: str, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    began = time.process_time()
    with pytest.raises(error) as caught:
        primes.first_n(*arguments, backend=backend)
    assert time.process_time() - began < 1
    assert caught.type is error
    assert str(caught.value) == message


@pytest.mark.parametrize("error", [RuntimeError("mine"), KeyError("mine"), OverflowError("mine")])
def test_an_error_of_the_argument_itself_is_not_disguised(backend: str, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        primes.first_n(Unwilling(error), backend=backend)
    assert caught.value is error


@pytest.mark.parametrize("arguments", [(), (1, 2, 3)])
def test_a_backend_is_named_by_keyword(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        primes.first_n(*arguments)


def test_an_error_leaves_nothing_behind(backend: str) -> None:
    for arguments, error, _message in ERRORS:
        with pytest.raises(error):
            primes.first_n(*arguments, backend=backend)
        assert primes.first_n(3, 100, backend=backend) == [101, 103, 107]


WITH_LITTLE_MEMORY = """
import resource, sys, time
import primes
backend = sys.argv[1]
primes.first_n(1, backend=backend)
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
began = time.process_time()
try:
    primes.first_n(int(sys.argv[2]), int(sys.argv[3]), backend=backend)
except MemoryError as error:
    print(time.process_time() - began, primes.first_n(3, 100, backend=backend), error)
"""


def test_a_list_that_does_not_fit_is_refused_before_any_work(backend: str) -> None:
    """Its array alone is twice what the process may have."""
    seconds, rest = run_python(WITH_LITTLE_MEMORY, backend, "100000000", "0").split(maxsplit=1)
    assert float(seconds) < 1
    assert rest == "[101, 103, 107] a list of 100000000 primes does not fit into memory (n=100000000)\n"


def test_running_out_of_memory_midway_is_a_memory_error(backend: str) -> None:
    """The array fits, the ints do not: the error comes from within a kernel, and the process goes on."""
    _seconds, rest = run_python(WITH_LITTLE_MEMORY, backend, "20000000", "0").split(maxsplit=1)
    assert rest.startswith("[101, 103, 107]")
