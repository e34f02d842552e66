"""Several threads in one kernel at a time."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import primes
from processes import run_python

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 8

REQUESTS = [(30_000, 0), (2_000, 10**12), (20_000, 2**32 - 10**5), (100, 10**18), (5, 2**64 - 1000)]

FIRST_CALLS = """
import sys, threading
import primes
start = threading.Barrier(8)
found = []
def call():
    start.wait()
    found.append(primes.first_n(7000, backend=sys.argv[1])[-1])
threads = [threading.Thread(target=call) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(set(found))
"""


def test_eight_at_once_get_what_each_would_get_alone(backend: str) -> None:
    alone = [primes.first_n(n, start, backend=backend) for n, start in REQUESTS]
    start = threading.Barrier(THREADS)

    def call(shift: int) -> bool:
        start.wait()
        rotated = [(i + shift) % len(REQUESTS) for i in range(len(REQUESTS))]
        return all(primes.first_n(*REQUESTS[i], backend=backend) == alone[i] for i in rotated)

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(call, range(THREADS)))


def test_the_first_calls_of_a_process_may_come_at_once(backend: str) -> None:
    """Tables are made, and the backend is loaded, by whoever comes first. The 7000th prime: OEIS A000040."""
    assert run_python(FIRST_CALLS, backend) == "{70657}\n"


@pytest.fixture
def switch_interval(backend: str) -> Iterator[None]:
    """Let another thread run only where a compiled kernel lets go of the GIL, not where the interpreter takes it."""
    seconds = sys.getswitchinterval()
    if backend != "python":
        sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(seconds)


@pytest.mark.usefixtures("switch_interval")
@pytest.mark.parametrize(("n", "start"), [(1_000_000, 0), (60_000, 10**14), (1_000, 10**18)])
def test_another_thread_works_while_a_kernel_sieves(backend: str, n: int, start: int) -> None:
    primes.first_n(10, backend=backend)
    ticks = 0
    done = False

    def tick() -> None:
        nonlocal ticks
        while not done:
            ticks += 1
            time.sleep(0)  # This thread lets go of the GIL each time.

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        before = ticks
        primes.first_n(n, start, backend=backend)
        meanwhile = ticks - before
    finally:
        done = True
        thread.join()
    assert meanwhile > 5
