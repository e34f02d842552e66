"""More primes than exist, or than fit into memory, are refused: before any work, or as soon as that is known."""

from __future__ import annotations

import re
import resource
from typing import TYPE_CHECKING

import pytest

import primes
from processes import run_python

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_PRIMES = 425_656_284_035_217_743
"""pi(2**64): OEIS A007053."""

ERRORS: list[tuple[tuple[int, ...], type[Exception], str]] = [
    ((10**15, 2**64 - 10), MemoryError, f"a list of {10**15} primes does not fit into memory (n={10**15})"),
    ((10**15, 10**30), MemoryError, f"a list of {10**15} primes does not fit into memory (n={10**15})"),
    ((10**15,), MemoryError, f"a list of {10**15} primes does not fit into memory (n={10**15})"),
    ((ALL_PRIMES,), MemoryError, f"a list of {ALL_PRIMES} primes does not fit into memory (n={ALL_PRIMES})"),
]


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Limit the memory: a kernel that starts to work where it should refuse then fails the test, not the machine."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.mark.parametrize(
    ("arguments", "error", "message"), ERRORS, ids=[f"{i}-{error.__name__}" for i, (_, error, _) in enumerate(ERRORS)]
)
def test_it_is_told_at_once_and_leaves_nothing_behind(
    backend: str, arguments: tuple[int, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        primes.first_n(*arguments, backend=backend)
    assert caught.type is error
    told = str(caught.value)
    assert told == message or (error is MemoryError and told.startswith(f"{message}: it takes about "))
    assert primes.first_n(3, 100, backend=backend) == [101, 103, 107]


def test_lists_of_intervals_are_refused_at_once_too(backend: str) -> None:
    for ends in ((2**64,), (10**18, 10**18 + 10**14), (2**65,), (10**30, 10**30 + 10**16), (10**50, 10**51)):
        with pytest.raises(
            MemoryError,
            match=r"^a list of about \d+ primes does not fit into memory \(start=\d+, stop=\d+\): it takes about ",
        ):
            primes.primerange(*ends, backend=backend)


WITH_LITTLE_MEMORY = """
import resource, sys
import primes
backend = sys.argv[1]
primes.first_n(1, backend=backend)
resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
try:
    primes.first_n(int(sys.argv[2]), int(sys.argv[3]), backend=backend)
except MemoryError as error:
    print(primes.first_n(3, 100, backend=backend), error)
else:
    print("fits")
"""

NOTHING_RESERVED = {"MIMALLOC_ARENA_RESERVE": "0"}
"""A free-threaded CPython else reserves a gigabyte of addresses when it starts."""


def test_a_list_that_does_not_fit_is_refused_before_any_work(backend: str) -> None:
    """The array of the list alone is more than the process may have. An error amid the work has another message."""
    told = "[101, 103, 107] a list of 100000000 primes does not fit into memory (n=100000000): it takes about 4000 MB, "
    assert run_python(WITH_LITTLE_MEMORY, backend, "100000000", "0").startswith(told)


def test_running_out_of_memory_midway_is_a_memory_error(backend: str) -> None:
    """The array of the list fits, the ints do not. The error comes from a kernel, and the process goes on."""
    told = r"\[101, 103, 107\] the list does not fit into memory, which was full after \d+ items\n"
    got = run_python(WITH_LITTLE_MEMORY, backend, "10000000", "0", PRIMES_MEMORY="unchecked", **NOTHING_RESERVED)
    assert re.fullmatch(told, got)


def test_a_process_that_has_more_than_it_may_is_not_killed(backend: str) -> None:
    """With its gigabyte, a free-threaded CPython is above the limit: the kernel kills it if its stack must grow.

    What is reserved may still be enough for all ints.
    """
    told = r"(\[101, 103, 107\] the list does not fit into memory.*|fits)\n"
    assert re.fullmatch(told, run_python(WITH_LITTLE_MEMORY, backend, "10000000", "0", PRIMES_MEMORY="unchecked"))
