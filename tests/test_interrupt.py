"""Ctrl-C, and any other signal whose handler raises: a long call ends soon, and nothing is broken afterwards."""

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

LATENCY = 0.5
"""Seconds. A quarter is what is promised; the rest is for machines that have other work."""

SESSION = """
import sys, time
import primes
n, start, backend = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
print("begun", flush=True)
try:
    primes.first_n(n, start, backend=backend)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
print(primes.first_n(3, 100, backend=backend), primes.first_n(1, 10**18, backend=backend))
"""


@pytest.mark.parametrize(
    ("n", "start", "seconds"),
    [
        (10**9, 0, 1),
        (10**9, 0, 3),
        (10**9, 10**12, 1),
        (10**6, 10**18, 0.3),
        (10**7, 10**18, 1),
        (10**7, 2**64 - 10**10, 1),
    ],
)
def test_ctrl_c_ends_the_call_and_not_the_session(backend: str, n: int, start: int, seconds: float) -> None:
    command = [*PYTHON, "-c", SESSION, str(n), str(start), backend]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), stdout=pipe, stderr=pipe, text=True) as session:
        assert session.stdout is not None
        assert session.stdout.readline() == "begun\n"
        time.sleep(seconds)
        pressed = time.monotonic()
        session.send_signal(signal.SIGINT)
        output, errors = session.communicate(timeout=30)
    ended, answers = output.splitlines()
    assert (session.returncode, errors) == (0, "")
    latency = float(ended) - pressed
    print(f"{backend}: first_n({n}, {start}) ended {1000 * latency:.0f} ms after Ctrl-C")  # noqa: T201  (the measurement)
    assert 0 < latency < LATENCY
    assert answers == "[101, 103, 107] [1000000000000000003]"


class RungError(Exception):
    """What the handler of a test raises."""


@pytest.fixture
def alarm_restored() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm_restored")
@pytest.mark.parametrize("start", [0, 10**12, 10**18])
def test_the_exception_of_another_handler_comes_through(backend: str, start: int) -> None:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise RungError

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    began = time.monotonic()
    with pytest.raises(RungError):
        primes.first_n(10**8, start, backend=backend)
    assert time.monotonic() - began < 0.2 + LATENCY
    assert primes.first_n(3, 100, backend=backend) == [101, 103, 107]


@pytest.mark.usefixtures("alarm_restored")
@pytest.mark.parametrize(("n", "start"), [(2_000_000, 0), (300_000, 10**14)])
def test_a_handler_that_returns_changes_nothing(backend: str, n: int, start: int) -> None:
    undisturbed = primes.first_n(n, start, backend=backend)
    rung = 0

    def ring(_number: int, _frame: FrameType | None) -> None:
        nonlocal rung
        rung += 1
        # A handler may itself call the kernel that it interrupts.
        assert primes.first_n(3, 10**6, backend=backend) == [1000003, 1000033, 1000037]

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    disturbed = primes.first_n(n, start, backend=backend)
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert rung > 0
    assert disturbed == undisturbed
