"""After Ctrl-C an iterator goes on where it was. No prime is lost, none comes twice, and it ends as usual.

The primes are taken by ``list.extend``, which is written in C. It looks for no signals between taking a prime from the
iterator and storing it.
"""

from __future__ import annotations

import gc
import operator
import signal
import sys
from _thread import interrupt_main
from contextlib import suppress
from itertools import chain, islice, repeat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import oracle
import primes
from primes._python import iterators
from primes._workers.large import LargePrimes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from primes._kernel import Kernel


DIRECTIONS = ["up", "down"]


def opened(kernel: Kernel, direction: str, lo: int, hi: int) -> Iterator[int]:
    """Return the iterator of a kernel over the primes of [lo, hi]."""
    return kernel.iterate(lo, hi) if direction == "up" else kernel.iterate_down(lo, hi)


def turned(direction: str, ascending: list[int]) -> list[int]:
    """Return primes in the order in which they come."""
    return ascending if direction == "up" else ascending[::-1]


class RungError(Exception):
    """The exception of the signal handlers in these tests."""


def pressed(iterator: Iterator[Any], found: list[Any]) -> bool:
    """Take primes while Ctrl-C is pending from the first one on; tell whether the iterator has ended."""
    try:
        found.extend(map(operator.call, chain([interrupt_main], repeat(iterator.__next__))))
    except KeyboardInterrupt:
        ended = False
    else:
        ended = True
    found.remove(None)  # The result of interrupt_main.
    return ended


@pytest.mark.parametrize(
    ("lo", "hi"), [(0, 3000), (65_000, 70_000), (10**9, 10**9 + 5000), (2**64 - 3000, 2**64 - 1), (24, 28)]
)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_ctrl_c_at_each_look_ahead(kernel: Kernel, direction: str, lo: int, hi: int) -> None:
    iterator, found = opened(kernel, direction, lo, hi), list[int]()
    presses = 0
    while not pressed(iterator, found):
        presses += 1
        found.extend(islice(iterator, 1))
        if presses > hi - lo:
            break
    assert found == turned(direction, oracle.primerange(lo, hi + 1))
    assert presses > 0


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_ctrl_c_at_each_look_ahead_across_2_to_the_64(backend: str, direction: str) -> None:
    expected = turned(direction, oracle.primerange(2**64 - 1000, 2**64 + 1000))
    with primes.use_backend(backend):
        both_sides = primes.Primes(2**64 - 1000, 2**64 + 1000)
        iterator = iter(both_sides) if direction == "up" else reversed(both_sides)
    found = list[int]()
    presses = 0
    while not pressed(iterator, found):
        presses += 1
        found.extend(islice(iterator, 1))
        if presses > 2000:
            break
    assert found == expected
    assert presses > 0


def test_ctrl_c_before_the_first_prime_of_all(backend: str) -> None:
    iterator, found = primes.iter_primes(backend=backend), list[int]()
    for _ in range(20):
        with suppress(KeyboardInterrupt):
            interrupt_main()
            found.append(next(iterator))
        found.extend(islice(iterator, 1))
    assert found == primes.first_n(len(found))
    assert len(found) >= 20


def test_ctrl_c_does_not_hide_the_end_of_what_kernels_know(kernel: Kernel) -> None:
    lo = 2**64 - 3000
    iterator, found = kernel.iterate(lo, None), list[int]()
    expected = oracle.primerange(lo, 2**64)
    for _ in expected:
        if len(found) < len(expected):
            assert not pressed(iterator, found)
            found.extend(islice(iterator, min(1, len(expected) - len(found))))
    assert found == expected
    with pytest.raises(OverflowError, match=r"2\*\*64"):
        next(iterator)
    assert next(iterator, None) is None


@pytest.fixture
def taken_with_alarms() -> Iterator[Callable[[Iterator[Any]], tuple[list[Any], int]]]:
    """A function that takes all primes in spite of alarms, and counts them. Each delay is twice the one before."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise RungError

    def take(iterator: Iterator[Any]) -> tuple[list[Any], int]:
        found: list[Any] = []
        rung, delay = 0, 0.0005
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                found.extend(iterator)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except RungError:
                rung += 1
                delay *= 2
            else:
                return found, rung

    # Callbacks of the garbage collector, which other libraries install, would swallow the exception.
    gc.disable()
    before = signal.signal(signal.SIGALRM, ring)
    yield take
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    gc.enable()


@pytest.mark.parametrize("lo", [0, 10**12, 10**18])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_alarms_in_the_middle(
    backend: str, kernel: Kernel, direction: str, lo: int, taken_with_alarms: Callable[..., tuple[list[int], int]]
) -> None:
    width = {0: 3 * 10**7, 10**12: 10**7, 10**18: 4 * 10**6}[lo] // (100 if backend == "python" else 1)
    found, rung = taken_with_alarms(opened(kernel, direction, lo, lo + width))
    assert found == turned(direction, primes.primerange(lo, lo + width + 1, backend=backend))
    assert rung > 0


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("lo", [0, 10**12, 10**18])
def test_alarms_in_the_middle_of_texts(
    backend: str, kernel: Kernel, lo: int, threads: int, taken_with_alarms: Callable[..., tuple[list[Any], int]]
) -> None:
    width = {0: 3 * 10**7, 10**12: 10**7, 10**18: 4 * 10**6}[lo] // (100 if backend == "python" else 1)
    expected = primes.primerange(lo, lo + width + 1, backend=backend)[:-1]
    found, rung = taken_with_alarms(kernel.decimal(len(expected), lo, lo + width, b", ", threads))
    text = b"".join(bytes(block) for block, _ in found).decode()
    assert text == "".join(f"{p}, " for p in expected)
    assert [bytes(block).count(b",") for block, _ in found] == [count for _, count in found]
    assert rung > 0


def interrupted(iterator: Iterator[Any], found: list[Any], place: int) -> bool:
    """Take primes, and raise at one of the places where CPython looks for signals; tell whether the place was reached.

    Apart from loops, those places are the beginning of a function and the return from a call into C.
    """
    passed = 0

    def look(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal passed
        if event in {"call", "c_return"} and frame.f_code.co_filename == iterators.__file__:
            passed += 1
            if passed == place:
                raise RungError

    sys.setprofile(look)
    try:
        found.extend(iterator)
    except RungError:
        return True
    finally:
        sys.setprofile(None)
    return False


@pytest.mark.parametrize("iterator_type", [iterators.PrimeIterator, iterators.LockedIterator])
@pytest.mark.parametrize("lo", [0, 65_400, 10**10])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_pure_python_is_exact_wherever_it_is_interrupted(
    lo: int, direction: str, iterator_type: Callable[..., Iterator[int]]
) -> None:
    """Each run is interrupted at another place, and then once more at the same place of the rest."""
    hi = lo + 500
    expected = turned(direction, oracle.primerange(lo, hi + 1))
    place, more = 0, True
    while more:
        place += 1
        found: list[int] = []
        iterator = iterator_type(lo, hi, down=direction == "down")
        more = interrupted(iterator, found, place)
        interrupted(iterator, found, place)
        found.extend(iterator)
        assert found == expected, place
    assert place > len(expected)


@pytest.mark.parametrize("iterator_type", [iterators.PrimeIterator, iterators.LockedIterator])
def test_pure_python_keeps_what_a_handler_asks_for(iterator_type: Callable[[int, int | None], Iterator[int]]) -> None:
    """A handler that asks the iterator gets the next prime or an exception. No prime is lost, and none comes twice."""
    expected = oracle.primerange(0, 501)
    for place in range(1, 40):
        iterator, found, asked = iterator_type(0, 500), list[int](), list[int]()
        passed = 0

        def look(frame: FrameType, event: str, _argument: object) -> None:
            nonlocal passed
            if event not in {"call", "c_call", "c_return"} or frame.f_code.co_filename != iterators.__file__:
                return
            passed += 1
            if passed == place:  # noqa: B023  (it is called in this turn)
                with suppress(ValueError):
                    asked.append(next(iterator))  # noqa: B023

        sys.setprofile(look)
        try:
            found.extend(iterator)
        finally:
            sys.setprofile(None)
        assert sorted(found + asked) == expected, place


def test_pure_python_loses_no_text_wherever_it_is_interrupted() -> None:
    lo, hi = 65_000, 70_000
    expected = "".join(f"{p} " for p in oracle.primerange(lo, hi + 1))
    place, more = 0, True
    while more:
        place += 1
        found: list[tuple[bytes, int]] = []
        texts = iterators.decimal(10**6, lo, hi, b" ")
        more = interrupted(texts, found, place)
        interrupted(texts, found, place)
        found.extend(texts)
        assert b"".join(text for text, _ in found).decode() == expected, place
    assert place > 10


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_handler_that_asks_the_iterator_it_interrupts_is_told(kernel: Kernel, direction: str) -> None:
    """It would wait for itself. If the next prime is already known, it gets that."""
    answers: list[Any] = []

    def ask(_number: int, _frame: FrameType | None) -> None:
        try:
            answers.append(next(iterator))
        except ValueError as error:
            answers.append(error)

    iterator, found = opened(kernel, direction, 10**9, 10**9 + 10**4), list[int]()
    before = signal.signal(signal.SIGINT, ask)
    try:
        assert pressed(iterator, found)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(answers) == 1
    handed_out = sorted(found + [answer for answer in answers if isinstance(answer, int)])
    assert handed_out == oracle.primerange(10**9, 10**9 + 10**4 + 1)


def test_what_was_found_before_an_interruption_above_2_64_is_not_searched_again() -> None:
    """A handler that raises often would otherwise let the iterator stand still."""
    asked: list[int] = []

    def extend_large_range(out: list[int], lo: int, _hi: int) -> None:
        asked.append(lo)
        out += [lo + 1, lo + 3]
        raise KeyboardInterrupt

    kernel: Any = SimpleNamespace(extend_large_range=extend_large_range)
    iterator = LargePrimes(kernel, 2**64, None)
    taken = []
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            next(iterator)
        taken += [next(iterator), next(iterator)]
    assert asked == [2**64, 2**64 + 4, 2**64 + 8]
    assert taken == [2**64 + i for i in (1, 3, 5, 7, 9, 11)]
