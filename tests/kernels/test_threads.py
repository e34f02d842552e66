"""Several threads that use one kernel at the same time."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import primes
import primes.numpy as array_primes
from processes import run_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


FEW = ThreadPoolExecutor(2)
"""The workers that the calls below share."""

CALLS: dict[str, Callable[..., Any]] = {
    "first_n": lambda **backend: primes.first_n(20_000, 2**32 - 10**5, **backend),
    "primerange": lambda **backend: primes.primerange(10**12, 10**12 + 10**5, **backend),
    "iter_primes": lambda **backend: list(primes.iter_primes(10**6, 11 * 10**5, **backend)),
    "count_primes": lambda **backend: primes.count_primes(10**7, **backend),
    "a sieved count": lambda **backend: primes.count_primes(10**9, 10**9 + 10**5, method="sieve", workers=1, **backend),
    "a count by two": lambda **backend: primes.count_primes(4 * 10**7, method="sieve", workers=FEW, **backend),
    "prime_pi": lambda **backend: primes.prime_pi(10**8, **backend),
    "nth_prime": lambda **backend: primes.nth_prime(10**6, **backend),
    "tuplets": lambda **backend: primes.tuplets(3, 10**9, 10**9 + 10**5, **backend),
    "count_tuplets": lambda **backend: primes.count_tuplets(2, 10**6, workers=1, **backend),
    "is_prime": lambda **backend: [primes.is_prime(n, **backend) for n in range(2**64 - 100, 2**64 + 100)],
    "next_prime": lambda **backend: primes.next_prime(18361375334787046697, **backend),
    "prev_prime": lambda **backend: primes.prev_prime(2**64 + 13, **backend),
    "array": lambda **backend: array_primes.first_n(20_000, 10**12, **backend).tolist(),
    "are prime": lambda **backend: array_primes.is_prime(range(10**4), **backend).tolist(),
    "backends": lambda **_backend: [each.name for each in primes.backends() if each.available],
}


def test_eight_at_once_may_call_everything(backend: str) -> None:
    alone = {name: call(backend=backend) for name, call in CALLS.items()}
    start = threading.Barrier(THREADS)

    def call_all(shift: int) -> list[str]:
        names = list(CALLS)[2 * shift :] + list(CALLS)[: 2 * shift]
        start.wait()
        with primes.use_backend(backend):
            # Half of the threads name the backend.
            options = {"backend": backend} if shift % 2 else {}
            return [name for name in names if CALLS[name](**options) != alone[name]]

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(call_all, range(THREADS))) == [[]] * THREADS


def test_backends_of_several_threads_do_not_mix(compiled: list[str]) -> None:
    names = [*compiled, "python"] * 3
    start = threading.Barrier(len(names))
    alone = CALLS["primerange"]()

    def call(name: str) -> bool:
        start.wait()
        with primes.use_backend(name):
            return all(CALLS["primerange"]() == alone and CALLS["nth_prime"]() == 15485863 for _ in range(3))

    with ThreadPoolExecutor(len(names)) as pool:
        assert all(pool.map(call, names))


def test_the_first_calls_of_a_process_may_come_at_once(backend: str) -> None:
    """The first thread makes the tables and loads the backend. The 7000th prime: OEIS A000040."""
    assert run_python(FIRST_CALLS, backend) == "{70657}\n"


@pytest.fixture
def switch_interval(backend: str) -> Iterator[None]:
    """Keep the interpreter from switching threads, so that others run only where a compiled kernel releases the GIL."""
    seconds = sys.getswitchinterval()
    if backend != "python":
        sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(seconds)


@pytest.mark.usefixtures("switch_interval")
@pytest.mark.parametrize(("start", "stop"), [(0, 3 * 10**7), (10**14, 10**14 + 10**5), (10**18, 10**18 + 10**5)])
def test_another_thread_works_while_a_kernel_sieves(backend: str, start: int, stop: int) -> None:
    primes.first_n(10, backend=backend)
    ticks = 0
    done = False

    def tick() -> None:
        nonlocal ticks
        while not done:
            ticks += 1
            time.sleep(0)  # Each round releases the GIL.

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        before = ticks
        # One call may be over before a busy machine lets the thread run at all.
        for _ in range(1000):
            primes.count_primes(start, stop, method="sieve", workers=1, backend=backend)
            if ticks > before + 5:
                break
        meanwhile = ticks - before
    finally:
        done = True
        thread.join()
    assert meanwhile > 5
