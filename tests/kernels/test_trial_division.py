"""Trial division, one loop in three languages. ``tests/packaging/test_divisions.py`` counts the divisions."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

import oracle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from primes._kernel import Kernel

TOO_LONG = 100_000
"""Finding that many primes takes 10 s in the compiled kernels and two minutes in Python. The tests end such calls."""


class RungError(Exception):
    """The exception of the signal handlers in these tests."""


@pytest.fixture
def ringing() -> Iterator[None]:
    """Let SIGALRM raise an exception in the main thread."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise RungError

    before = signal.signal(signal.SIGALRM, ring)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 10, 1000])
def test_it_finds_the_first_primes(kernel: Kernel, n: int) -> None:
    found = kernel.first_n_by_trial_division(n)
    assert type(found) is list
    assert {type(prime) for prime in found} <= {int}
    assert found == oracle.first_n(n)


def test_compiled_kernels_refuse_what_is_no_count(compiled: list[str]) -> None:
    """Python's loop has no test for this: its callers give it counts only."""
    wrong: tuple[Any, ...] = ("5", None, -1, 2**64)
    for kernel in (cast("Kernel", importlib.import_module(f"primes._{name}")) for name in compiled):
        for n in wrong:
            with pytest.raises((TypeError, OverflowError)):
                kernel.first_n_by_trial_division(n)
        assert kernel.first_n_by_trial_division(3) == [2, 3, 5]


def test_compiled_kernels_refuse_more_than_memory_holds_before_any_work(compiled: list[str]) -> None:
    """Not in Python, whose list grows as it is filled."""
    for kernel in (cast("Kernel", importlib.import_module(f"primes._{name}")) for name in compiled):
        for n in (2**50, 2**62, 2**63 - 1):
            with pytest.raises(MemoryError):
                kernel.first_n_by_trial_division(n)


@pytest.mark.usefixtures("ringing")
def test_a_signal_ends_a_long_call(kernel: Kernel) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    with pytest.raises(RungError):
        kernel.first_n_by_trial_division(TOO_LONG)
    assert kernel.first_n_by_trial_division(3) == [2, 3, 5]


@pytest.mark.usefixtures("ringing")
def test_another_thread_runs_meanwhile(kernel: Kernel, backend: str) -> None:
    """The exception must end the call before all primes are found."""
    interval = sys.getswitchinterval()
    called = threading.Event()

    def ring() -> None:
        called.wait()
        os.kill(os.getpid(), signal.SIGALRM)

    def call() -> None:
        called.set()
        kernel.first_n_by_trial_division(TOO_LONG)

    thread = threading.Thread(target=ring)
    thread.start()
    if backend != "python":
        sys.setswitchinterval(1000)  # This thread gets the GIL when the kernel releases it, and not before.
    try:
        with pytest.raises(RungError):
            call()
    finally:
        sys.setswitchinterval(interval)
        thread.join()
