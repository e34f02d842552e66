"""Ctrl-C, and any other signal whose handler raises: a long call ends soon, and nothing is broken afterwards."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

import primes
from processes import PYTHON, environment, processor_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

LATENCY = 0.25
"""Seconds of the processor that an interrupted call may still use. Where nobody else wants the processor they are the
seconds that one waits."""

PATIENCE = 5
"""Seconds that may pass meanwhile, however busy the machine."""

PROGRAM = """
import sys, time
import primes
n, start, backend = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
print("begun", flush=True)
try:
    primes.first_n(n, start, backend=backend)
except KeyboardInterrupt:
    print(time.process_time(), flush=True)
print(primes.first_n(3, 100, backend=backend), primes.first_n(1, 10**18, backend=backend))
"""


@pytest.mark.parametrize(
    ("n", "start", "seconds"),
    [
        (10**9, 0, 0.5),
        (10**9, 0, 2.5),
        (10**9, 10**12, 0.5),
        (10**7, 10**18, 0.3),
        (10**7, 2**64 - 10**10, 1),
    ],
)
def test_ctrl_c_ends_the_call_and_not_the_program(backend: str, n: int, start: int, seconds: float) -> None:
    command = [*PYTHON, "-c", PROGRAM, str(n), str(start), backend]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), stdout=pipe, stderr=pipe, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "begun\n"
        time.sleep(seconds)
        pressed = time.monotonic()
        used = processor_seconds(program.pid)
        program.send_signal(signal.SIGINT)
        ended = program.stdout.readline()
        waited = time.monotonic() - pressed
        answers, errors = program.stdout.read(), program.stderr.read()
    assert (program.returncode, errors) == (0, "")
    latency = float(ended) - used
    print(f"{backend}: first_n({n}, {start}): {1000 * latency:.0f} ms of {1000 * waited:.0f} after Ctrl-C")  # noqa: T201
    assert latency < LATENCY
    assert waited < PATIENCE
    assert answers == "[101, 103, 107] [1000000000000000003]\n"


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
    began, used = time.monotonic(), time.process_time()
    with pytest.raises(RungError):
        primes.first_n(10**8, start, backend=backend)
    assert time.process_time() - used < 0.2 + LATENCY
    assert time.monotonic() - began < 0.2 + PATIENCE
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
