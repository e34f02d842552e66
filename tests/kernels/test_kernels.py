"""Each backend module against the contract in ``primes/_kernel.py``."""

from __future__ import annotations

import importlib
import sys
import threading
from array import array
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import oracle
import primes
from primes._kernel import BuildInfo, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@pytest.fixture
def module(backend: str) -> ModuleType:
    return importlib.import_module(f"primes._{backend}")


def test_a_kernel_has_the_functions_of_the_contract_and_no_others(module: ModuleType) -> None:
    expected = {name for name in vars(Kernel) if not name.startswith("_")}
    defined = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and callable(value) and getattr(value, "__module__", "").startswith("primes.")
    }
    assert defined == expected


def test_a_kernel_tells_how_it_was_built(kernel: Kernel) -> None:
    info = kernel.build_info()
    assert set(info) == set(BuildInfo.__annotations__)
    assert all(isinstance(value, str) and value for value in info.values())
    assert info["version"] == primes.__version__
    assert info["profile"] == "release"


def test_what_a_kernel_tells_is_the_callers(kernel: Kernel) -> None:
    kernel.build_info()["version"] = "changed"
    assert kernel.build_info()["version"] == primes.__version__


@pytest.mark.parametrize(("n", "lo"), [(3, 0), (3, 2**16 - 2), (7000, 0), (3, 2**32), (3, 10**18)])
def test_primes_are_appended_to_the_callers_list(kernel: Kernel, n: int, lo: int) -> None:
    out = [-1]
    kernel.extend_first_n(out, n, lo)
    assert out == [-1, *oracle.first_n(n, lo)]


def test_nothing_is_appended_for_nothing(kernel: Kernel) -> None:
    out = [-1]
    for lo in (0, 2**16, 10**12, 2**64 - 1):
        kernel.extend_first_n(out, 0, lo)
    assert out == [-1]


@pytest.mark.parametrize(("lo", "distances"), [(2**64 - 100, (95, 83, 59)), (2**64 - 59, (59,)), (2**64 - 58, ())])
@pytest.mark.parametrize("n", [4, 10**6, 2**63 - 1])
def test_fewer_are_appended_only_where_the_integers_end(
    kernel: Kernel, n: int, lo: int, distances: tuple[int, ...]
) -> None:
    """PrimePages, https://t5k.org/lists/2small/."""
    out: list[int] = []
    kernel.extend_first_n(out, n, lo)
    assert out == [2**64 - distance for distance in distances]


def test_neighbours_end_where_the_integers_do(kernel: Kernel) -> None:
    assert [kernel.next_prime(n) for n in (0, 2, 2**16 - 15, 2**64 - 60)] == [2, 3, 2**16 + 1, 2**64 - 59]
    assert [kernel.prev_prime(n) for n in (3, 5, 2**16 + 2, 2**64 - 1)] == [2, 3, 2**16 + 1, 2**64 - 59]
    assert [kernel.next_prime(n) for n in (2**64 - 59, 2**64 - 1)] == [0, 0]
    assert [kernel.prev_prime(n) for n in (0, 1, 2)] == [0, 0, 0]


def test_answers_for_buffers_of_any_length(kernel: Kernel) -> None:
    numbers = array("Q", range(2**32 - 3000, 2**32 + 3000))
    expected = [oracle.is_prime(n) for n in numbers]
    for start, stop in (0, 6000), (0, 0), (0, 1), (1, 2049), (7, 4104):
        assert list(kernel.are_prime(numbers[start:stop])) == expected[start:stop]
    assert kernel.are_prime(memoryview(numbers.tobytes()).cast("Q")) == bytes(expected)
    unaligned = memoryview(b"." + numbers.tobytes())[1:].cast("Q")
    assert kernel.are_prime(unaligned) == bytes(expected)
    assert type(kernel.are_prime(numbers)) is bytearray


@pytest.mark.parametrize(
    "numbers", [array("q", [1]), array("d", [1.0]), b"12345678", memoryview(array("Q", [5] * 6))[::2]]
)
def test_other_buffers_are_refused(kernel: Kernel, numbers: Any) -> None:  # noqa: ANN401  (any wrong type)
    with pytest.raises((TypeError, BufferError)):
        kernel.are_prime(numbers)


@pytest.mark.parametrize("out", [None, 0, {}])
def test_what_is_not_a_list_is_refused(kernel: Kernel, out: Any) -> None:  # noqa: ANN401  (any wrong type)
    with pytest.raises((TypeError, AttributeError)):
        kernel.extend_first_n(out, 10, 0)


def test_a_list_that_shrinks_meanwhile_is_no_danger(kernel: Kernel) -> None:
    """Another thread, or a signal handler, may change the list during the call."""
    out: list[int] = []
    done = threading.Event()

    def clear() -> None:
        while not done.is_set():
            out.clear()

    thread = threading.Thread(target=clear)
    thread.start()
    try:
        kernel.extend_first_n(out, 300_000, 0)
    finally:
        done.set()
        thread.join()
    assert set(out) <= set(primes.first_n(300_000))


INTERVALS = [
    *((0, 1), (0, 2), (3, 100), (0, 70_000), (65_521, 65_537)),
    *((2**32 - 2000, 2**32 + 2000), (2**64 - 400, 2**64 - 1)),
]

expected_primes = cache(oracle.primerange)


@pytest.mark.parametrize(("lo", "hi"), INTERVALS)
def test_an_iterator_delivers_the_interval(kernel: Kernel, lo: int, hi: int) -> None:
    assert list(kernel.iterate(lo, hi)) == expected_primes(lo, hi + 1)
    assert list(kernel.iterate(hi, lo)) == []
    assert list(kernel.iterate_down(lo, hi)) == expected_primes(lo, hi + 1)[::-1]
    assert list(kernel.iterate_down(hi, lo)) == []


@pytest.mark.parametrize("threads", [1, 2, 2**31 - 1])
@pytest.mark.parametrize(("lo", "hi"), INTERVALS)
@pytest.mark.parametrize("n", [0, 1, 5, 6542, 6543, 2**63 - 1])
def test_an_array_holds_the_first_of_the_interval(kernel: Kernel, n: int, lo: int, hi: int, threads: int) -> None:
    buffer = memoryview(kernel.array(n, lo, hi, threads))
    assert buffer.format == "Q"
    assert not buffer.readonly
    assert buffer.tolist() == expected_primes(lo, hi + 1)[:n]


@pytest.mark.parametrize("threads", [1, 2, 2**31 - 1])
@pytest.mark.parametrize("separator", [b"\n", b", ", b"%", b"a long one"])
@pytest.mark.parametrize(("lo", "hi"), INTERVALS)
@pytest.mark.parametrize("n", [0, 1, 5, 6543, 2**63 - 1])
def test_text_is_that_of_each_and_a_separator(
    kernel: Kernel, n: int, lo: int, hi: int, separator: bytes, threads: int
) -> None:
    blocks = list(kernel.decimal(n, lo, hi, separator, threads))
    expected = expected_primes(lo, hi + 1)[:n]
    assert b"".join(text for text, _count in blocks) == b"".join(b"%d%s" % (prime, separator) for prime in expected)
    assert sum(count for _text, count in blocks) == len(expected)
    assert all(count for _text, count in blocks)


def test_threads_write_what_one_writes(kernel: Kernel) -> None:
    lo, n = 10**9 - 10**5, 700_000
    one, several = (
        [(bytes(text), count) for text, count in kernel.decimal(n, lo, 2**64 - 1, b"\n", threads)] for threads in (1, 3)
    )
    assert b"".join(text for text, _count in one) == b"".join(text for text, _count in several)
    assert sum(count for _text, count in one) == sum(count for _text, count in several) == n


def test_text_stays_as_it_is_while_more_is_made(kernel: Kernel) -> None:
    texts = [text for text, _count in kernel.decimal(300_000, 0, 2**64 - 1, b"\n", 2)]
    assert b"".join(texts) == b"".join(b"%d\n" % prime for prime in primes.first_n(300_000))
    assert all(memoryview(text).readonly for text in texts)


def test_the_ints_of_a_list_are_counted_right(kernel: Kernel) -> None:
    out: list[int] = []
    kernel.extend_first_n(out, 5000, 10**6)
    kernel.extend_range(out, 10**10, 10**10 + 10**4)
    made_by_python = [int(str(prime)) for prime in out]
    assert [sys.getrefcount(prime) for prime in out] == [sys.getrefcount(prime) for prime in made_by_python]


class EnoughError(Exception):
    """The exception of a callback."""


TOLD: dict[str, Callable[[Kernel, Callable[[int, int], object]], object]] = {
    "count": lambda kernel, tell: kernel.count(0, 10**15, 1, tell),
    "far count": lambda kernel, tell: kernel.count(2**64 - 10**14, 2**64 - 1, 1, tell),
    "narrow count": lambda kernel, tell: kernel.count(2**64 - 2 * 10**8, 2**64 - 1, 1, tell),
    "tuplets": lambda kernel, tell: kernel.count_tuplets(2, 10**15, 10**16, tell),
    "array": lambda kernel, tell: kernel.array(10**7, 10**18, 2**64 - 1, 1, tell),
    "pi": lambda kernel, tell: kernel.prime_pi(10**17, 1, tell),
}


@pytest.mark.parametrize("call", TOLD)
def test_the_way_is_told_and_its_hearer_may_end_it(kernel: Kernel, call: str) -> None:
    """The call runs in another thread, which hears no signal."""
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 3:
            raise EnoughError

    with ThreadPoolExecutor(1) as pool, pytest.raises(EnoughError):
        pool.submit(TOLD[call], kernel, tell).result()
    assert len(told) == 3
    assert told == sorted(told)
    assert all(0 <= done <= total == told[0][1] for done, total in told)
    assert kernel.count(0, 100, 1, None) == 25
