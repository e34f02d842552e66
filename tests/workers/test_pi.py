"""pi(x) and the n-th prime: which workers do them, what progress they report, and how they end early."""

from __future__ import annotations

import signal
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import primes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

LONG = {"rust": 10**17, "cython": 10**15, "python": 10**13}
"""Arguments for which pi(x) takes at least a second."""

MILLIONTH, TEN_MILLIONTH = 15_485_863, 179_424_673
"""Primes: OEIS A006988."""


class Asked(Executor):
    """Does each task at once, in the calling thread, and counts them."""

    def __init__(self) -> None:
        self.tasks = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        self.tasks += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.parametrize("x", [10**6, 10**7, 10**8, 123456789])
def test_the_nth_primes_around_an_estimate(backend: str, x: int) -> None:
    """The n lie on both sides of the estimate, so that the search goes forward and back."""
    n = primes.prime_pi(x, backend=backend)
    around = primes.primerange(x - 2000, x + 2000, backend=backend)
    first = n - sum(p <= x for p in around)
    step = 40 if backend == "python" else 7
    for i in range(0, len(around), step):
        assert primes.nth_prime(first + i + 1, backend=backend) == around[i]


@pytest.mark.parametrize("workers", [1, 2, 5, None])
def test_workers_do_not_move_the_answer(backend: str, workers: int | None) -> None:
    x = 10**9 if backend == "python" else 10**11
    expected = 50847534 if backend == "python" else 4118054813
    assert primes.prime_pi(x, workers=workers, backend=backend) == expected
    assert primes.count_primes(x // 2, x + 1, workers=workers, backend=backend) == expected - primes.prime_pi(
        x // 2 - 1, backend=backend
    )
    assert primes.nth_prime(10**7, workers=workers, backend=backend) == TEN_MILLIONTH


def test_an_executor_is_asked(backend: str) -> None:
    asked = Asked()
    assert primes.prime_pi(10**8, workers=asked, backend=backend) == 5761455
    assert asked.tasks == 1
    assert primes.count_primes(10**7, 10**9, workers=asked, backend=backend) == 50847534 - 664579
    assert asked.tasks == 3
    assert primes.nth_prime(10**6, workers=asked, backend=backend) == MILLIONTH
    assert asked.tasks == 4
    with ThreadPoolExecutor(2) as threads:
        assert primes.count_primes(10**7, 10**9, workers=threads, backend=backend) == 50847534 - 664579


@pytest.mark.parametrize("workers", [1, 2, "executor"])
def test_progress_grows_to_all(backend: str, workers: Any) -> None:  # noqa: ANN401
    x = 10**9 if backend == "python" else 10**12
    workers = Asked() if workers == "executor" else workers
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    calls: list[tuple[Callable[[], int], int]] = [
        (lambda: primes.prime_pi(x, workers=workers, progress=tell, backend=backend), x),
        (lambda: primes.count_primes(x // 2, x, workers=workers, progress=tell, backend=backend), x // 2),
        (lambda: primes.nth_prime(x // 100, workers=workers, progress=tell, backend=backend), x // 100),
        (lambda: primes.prime_pi(0, workers=workers, progress=tell, backend=backend), 0),
    ]
    for call, total in calls:
        told.clear()
        call()
        assert told[-1] == (total, total)
        assert told == sorted(set(told))
        assert {of for _, of in told} == {total}


def test_an_error_of_progress_ends_the_call(backend: str) -> None:
    """The exception comes soon, and not only at the end of the work."""
    x = {"rust": 2**64 - 1, "cython": 10**16, "python": 10**13}[backend]

    def fail(done: int, total: int) -> None:
        assert done < total
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        primes.prime_pi(x, progress=fail, backend=backend)
    assert primes.prime_pi(10**8, backend=backend) == 5761455


class Alarm(Exception):  # noqa: N818  (no error)
    """The exception of the signal handler."""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_ends_the_call(backend: str, workers: int) -> None:
    def alarm(_signal: int, _frame: FrameType | None) -> None:
        raise Alarm

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Alarm):
            primes.prime_pi(LONG[backend], workers=workers, backend=backend)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert primes.prime_pi(10**7, workers=workers, backend=backend) == 664579
