"""Ctrl-C, or any signal whose handler raises, soon ends a long call. Nothing is broken afterwards."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

import primes
from processes import PYTHON, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

PATIENCE = 60
"""After this many seconds a program counts as hanging. The calls would take minutes or hours."""

PROGRAM = """
import sys
import primes
n, start, backend = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
try:
    print("begun", flush=True)
    primes.first_n(n, start, backend=backend)
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(primes.first_n(3, 100, backend=backend), primes.first_n(1, 10**18, backend=backend))
"""


@pytest.mark.parametrize(
    ("n", "start", "seconds"),
    [
        (10**9, 0, 0.2),
        (10**9, 0, 0.8),
        (10**9, 10**12, 0.2),
        (10**7, 10**18, 0.2),
        (10**7, 2**64 - 10**10, 0.5),
    ],
)
def test_ctrl_c_ends_the_call_and_not_the_program(backend: str, n: int, start: int, seconds: float) -> None:
    command = [*PYTHON, "-c", PROGRAM, str(n), str(start), backend]
    pipe = subprocess.PIPE
    unchecked = environment(PRIMES_MEMORY="unchecked")  # The list would not fit, but will not become that long.
    with subprocess.Popen(command, env=unchecked, stdout=pipe, stderr=pipe, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "begun\n"
        time.sleep(seconds)
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate(timeout=PATIENCE)
    assert (program.returncode, errors) == (0, "")
    assert output == "interrupted\n[101, 103, 107] [1000000000000000003]\n"


class RungError(Exception):
    """The exception of the signal handlers in these tests."""


@pytest.fixture
def alarm_restored() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm_restored")
@pytest.mark.parametrize("start", [0, 10**12, 10**18])
def test_the_exception_of_another_handler_comes_through(
    backend: str, start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIMES_MEMORY", "unchecked")

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise RungError

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with pytest.raises(RungError):
        primes.first_n(10**9, start, backend=backend)
    assert primes.first_n(3, 100, backend=backend) == [101, 103, 107]


@pytest.mark.usefixtures("alarm_restored")
@pytest.mark.parametrize(("n", "start"), [(2_000_000, 0), (300_000, 10**14)])
def test_a_handler_that_returns_changes_nothing(backend: str, n: int, start: int) -> None:
    undisturbed = primes.first_n(n, start, backend=backend)
    rung = 0

    def ring(_number: int, _frame: FrameType | None) -> None:
        nonlocal rung
        rung += 1
        # A handler may call the kernel that it interrupts.
        assert primes.first_n(3, 10**6, backend=backend) == [1000003, 1000033, 1000037]

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    while not rung:
        disturbed = primes.first_n(n, start, backend=backend)
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert disturbed == undisturbed
