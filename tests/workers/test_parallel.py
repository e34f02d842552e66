"""Several workers: how an interval is cut, that its pieces add up to the whole, and that no piece is ever lost."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

import primes
import primes.numpy as array_primes
from primes import _api
from primes._workers import intervals, progress
from processes import run_python
from strategies import EDGES, near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


LIMIT = 2**64

# How an interval is cut.

ends = st.integers(0, 64).flatmap(lambda bits: st.integers(0, min(2**bits, LIMIT - 1))) | near(st.sampled_from(EDGES))
widths = st.integers(0, 50).flatmap(lambda bits: st.integers(1, 2**bits))


@given(lo=ends, width=widths, most=st.integers(1, 1000))
def test_the_pieces_are_the_interval(lo: int, width: int, most: int) -> None:
    hi = min(lo + width - 1, LIMIT - 1)
    pieces = [piece for _, piece in zip(range(2000), intervals.cut(lo, hi, most), strict=False)]
    assert pieces[0][0] == lo
    assert all(first <= last for first, last in pieces)
    assert all(one[1] + 1 == other[0] for one, other in pairwise(pieces))
    assert pieces[-1][1] == hi or len(pieces) == 2000
    # No tuplet lies across these places: see test_tuplets.py.
    assert all(first % 30 == 2 for first, _last in pieces[1:])


@given(lo=ends, width=widths, most=st.integers(1, 1000))
def test_there_are_not_too_many_pieces(lo: int, width: int, most: int) -> None:
    hi = min(lo + width - 1, LIMIT - 1)
    by_size = (hi - lo + 1) // int(intervals.MOST_PIECE_COST) + 1
    counted = sum(1 for _ in zip(range(most + by_size + 10), intervals.cut(lo, hi, most), strict=False))
    assert counted <= max(most, by_size) + 1


def test_far_windows_are_not_cut_to_shreds() -> None:
    """At 10**18 each piece needs 50 million sieving primes, whatever its width."""
    lo = 10**18
    for width in (10**6, 10**7, 10**8, 10**9):
        pieces = list(intervals.cut(lo, lo + width - 1, 64))
        least = intervals.interval_cost(lo, lo + width - 1)
        assert sum(intervals.interval_cost(*piece) for piece in pieces) < 3 * least


def test_the_whole_range_is_cut_without_making_a_list() -> None:
    """A list of 10**10 pieces would not fit into memory."""
    pieces = intervals.cut(0, LIMIT - 1, 16)
    assert next(pieces)[0] == 0


@pytest.mark.parametrize("hi", [0, 1, 2, 29, 30, 31, 32, 100])
def test_the_smallest_intervals_can_be_cut(hi: int) -> None:
    for lo in range(hi + 1):
        for most in (1, 2, 100):
            pieces = list(intervals.cut(lo, hi, most))
            assert [n for first, last in pieces for n in range(first, last + 1)] == list(range(lo, hi + 1))


# The same answers with all workers.


@pytest.fixture(scope="module")
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(params=["default", "one", "two", "seven", "threads", "processes"])
def workers(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401  (whatever workers may be)
    counts = {"default": None, "one": 1, "two": 2, "seven": 7}
    name = request.param
    return counts[name] if name in counts else request.getfixturevalue(name)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits: even little work is then cut into many pieces and given to processes."""
    monkeypatch.setattr(intervals, "LEAST_PIECE_COST", intervals.LEAST_PIECE_COST / 100)
    monkeypatch.setattr(intervals, "LEAST_PROCESS_COST", intervals.LEAST_PIECE_COST)
    monkeypatch.setattr(array_primes, "LARGE_LIST_LEN", _api.LARGE_LIST_LEN // 100)


WINDOWS = [
    # The first interval has the primes that the wheels leave out. The last one lies far out.
    (0, 3 * 10**7),
    (2**32 - 10**7, 2**32 + 10**7),
    (10**13 + 1, 10**13 + 3 * 10**7),
    (LIMIT - 10**6, LIMIT),
]

SMALLER_WINDOWS = [
    (0, 2 * 10**6),
    (2**32 - 5 * 10**5, 2**32 + 5 * 10**5),
    (10**12 + 1, 10**12 + 2 * 10**5),
    (LIMIT - 5000, LIMIT),
]
"""Intervals for pure Python."""


def windows_of(backend: str, workers: Any) -> list[tuple[int, int]]:  # noqa: ANN401
    """Return the intervals to test: only one where each call starts processes, and all with an executor."""
    windows = SMALLER_WINDOWS if backend == "python" else WINDOWS
    return windows[1:2] if starts_processes(backend, workers) else windows


def starts_processes(backend: str, workers: Any) -> bool:  # noqa: ANN401
    """Tell whether each call starts processes for these workers."""
    return backend == "python" and (workers is None or (isinstance(workers, int) and workers > 1))


@pytest.fixture(scope="module")
def serial() -> Callable[..., Any]:
    """Make a call with one worker, once, to compare all others with it."""
    answers: dict[Any, Any] = {}

    def serial(name: str, *arguments: int, backend: str) -> Any:  # noqa: ANN401  (what the function returns)
        options = {"method": "sieve"} if name == "count_primes" else {}
        key = (name, arguments, backend)
        if key not in answers:
            answers[key] = getattr(primes, name)(*arguments, workers=1, backend=backend, **options)
        return answers[key]

    return serial


@pytest.mark.usefixtures("small_pieces")
def test_counts_are_the_same_from_all(backend: str, workers: Any, serial: Callable[..., Any]) -> None:  # noqa: ANN401
    for window in windows_of(backend, workers):
        expected = serial("count_primes", *window, backend=backend)
        assert primes.count_primes(*window, method="sieve", workers=workers, backend=backend) == expected


@pytest.mark.usefixtures("small_pieces")
def test_a_sieved_count_is_pi(backend: str, workers: Any) -> None:  # noqa: ANN401
    """OEIS A006880."""
    k, expected = (7, 664_579) if backend == "python" else (9, 50_847_534)
    assert primes.count_primes(10**k, method="sieve", workers=workers, backend=backend) == expected
    assert primes.count_primes(10**k, workers=workers, backend=backend) == expected


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("k", [2, 6])
def test_tuplets_are_the_same_from_all(
    backend: str,
    workers: Any,  # noqa: ANN401
    serial: Callable[..., Any],
    k: int,
) -> None:
    for window in windows_of(backend, workers):
        expected = serial("count_tuplets", k, *window, backend=backend)
        assert primes.count_tuplets(k, *window, workers=workers, backend=backend) == expected


@pytest.mark.usefixtures("small_pieces")
def test_arrays_are_the_same_from_all(backend: str, workers: Any) -> None:  # noqa: ANN401
    width = 3 * 10**5 if backend == "python" else 5 * 10**6
    for start in (10**12,) if starts_processes(backend, workers) else (0, 10**12):
        alone = array_primes.primerange(start, start + width, workers=1, backend=backend)
        several = array_primes.primerange(start, start + width, workers=workers, backend=backend)
        assert several.dtype == alone.dtype
        assert (several == alone).all()
    n = 20_000 if backend == "python" else 1_100_000
    for start in (10**9,) if starts_processes(backend, workers) else (0, 10**9):
        alone = array_primes.first_n(n, start, workers=1, backend=backend)
        several = array_primes.first_n(n, start, workers=workers, backend=backend)
        assert len(several) == n
        assert several.flags.writeable
        assert (several == alone).all()


def test_nothing_is_nothing_from_all(backend: str, workers: Any) -> None:  # noqa: ANN401
    for window in ((10, 5), (0, 0), (0, 1), (0, 2), (24, 29), (LIMIT, LIMIT), (LIMIT - 58, LIMIT)):
        assert primes.count_primes(*window, method="sieve", workers=workers, backend=backend) == 0
        assert primes.count_tuplets(2, *window, workers=workers, backend=backend) == 0
        assert len(array_primes.primerange(*window, workers=workers, backend=backend)) == 0


# The calls of an executor.


class Inline(Executor):
    """Does each piece at once, in the calling thread, and remembers it."""

    def __init__(self) -> None:
        self.pieces: list[tuple[Any, ...]] = []
        self.under_way = 0
        self.was_shut_down = False

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:  # noqa: ANN401
        assert not options
        # Another machine would get a pickled copy.
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))  # noqa: S301  (its own)
        self.pieces.append(arguments)
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:  # noqa: BLE001  (as executors do)
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        self.was_shut_down = True


def test_any_executor_will_do_and_is_left_as_it_was(backend: str) -> None:
    executor = Inline()
    count = primes.count_primes(10**7 * 5, 10**8, method="sieve", workers=executor, backend=backend)
    assert count == primes.count_primes(10**7 * 5, 10**8, backend=backend)
    assert len(executor.pieces) > 1
    assert not executor.was_shut_down
    borders = [arguments[-2:] for arguments in executor.pieces]
    assert borders[0][0] == 10**7 * 5
    assert borders[-1][1] == 10**8 - 1
    assert all(one[1] + 1 == other[0] for one, other in pairwise(borders))


@pytest.mark.parametrize(("n", "start"), [(0, 0), (1, 0), (5, 10**12), (7000, 0), (10, LIMIT - 363)])
def test_an_executor_makes_short_arrays_too(backend: str, n: int, start: int) -> None:
    executor = Inline()
    found = array_primes.first_n(n, start, dtype="uint64", workers=executor, backend=backend)
    assert found.tolist() == primes.first_n(n, start, backend=backend)
    assert bool(executor.pieces) == bool(n)
    assert sum(1 for _ in executor.pieces) < 10


def test_an_executor_that_comes_to_the_limit_says_so(backend: str) -> None:
    with pytest.raises(OverflowError, match="n must be at most 10, the primes from start="):
        array_primes.first_n(11, LIMIT - 363, dtype="uint64", workers=Inline(), backend=backend)


def test_an_executor_may_have_other_backends_than_this_process(backend: str, processes: Executor) -> None:
    """Only the name of the backend is sent to a worker."""
    with primes.use_backend(backend):
        assert primes.count_primes(10**8, 13 * 10**7, method="sieve", workers=processes) == primes.count_primes(
            10**8, 13 * 10**7
        )


# No piece is lost.


class Failing(Inline):
    """Fails at one piece, as a remote executor may."""

    def __init__(self, at: int, error: BaseException) -> None:
        super().__init__()
        self.at = at
        self.error = error

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:  # noqa: ANN401
        future = super().submit(function, *arguments, **options)
        if len(self.pieces) == self.at:
            future = Future()
            future.set_exception(self.error)
        return future


CALLS: dict[str, Callable[..., object]] = {
    "count_primes": lambda **options: primes.count_primes(10**7, method="sieve", **options),
    "count_tuplets": lambda **options: primes.count_tuplets(2, 10**7, **options),
    "primerange": lambda **options: array_primes.primerange(10**7, **options),
    "first_n": lambda **options: array_primes.first_n(5 * 10**5, **options),
}

calls = pytest.mark.parametrize("call", CALLS)


@pytest.mark.usefixtures("small_pieces")
@calls
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_piece_that_fails_raises(call: str, at: int) -> None:
    for error in (OSError("the network is down"), MemoryError(), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught:
            CALLS[call](workers=Failing(at, error))
        assert caught.value is error


@pytest.mark.usefixtures("small_pieces")
@calls
def test_an_executor_that_refuses_raises(call: str) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="shutdown"):
        CALLS[call](workers=pool)


class Deadly(ProcessPoolExecutor):
    """Loses its workers after some pieces."""

    submitted = 0

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:  # noqa: ANN401
        future = super().submit(function, *arguments, **options)
        self.submitted += 1
        if self.submitted == 2:
            for worker in list(self._processes):
                os.kill(worker, signal.SIGKILL)
        return future


@pytest.mark.usefixtures("small_pieces")
@calls
def test_a_lost_worker_is_told(call: str) -> None:
    with Deadly(1, mp_context=multiprocessing.get_context("spawn")) as pool, pytest.raises(BrokenProcessPool):
        CALLS[call](workers=pool)


def test_the_same_executor_serves_again_after_a_failure(threads: Executor) -> None:
    def fail(_done: int, _total: int) -> None:
        raise RuntimeError("enough")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="enough"):
            primes.count_primes(10**7, method="sieve", workers=threads, progress=fail)
        assert primes.count_primes(10**7, method="sieve", workers=threads) == 664_579


# Reports of progress.


def told_by(call: Callable[[Callable[[int, int], object]], object]) -> list[tuple[int, int]]:
    """Return the progress that a call reports."""
    told: list[tuple[int, int]] = []
    call(lambda done, total: told.append((done, total)))
    return told


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 100), (5, 10**7), (10**12, 10**12 + 10**6), (0, 4 * 10**7)])
def test_progress_grows_to_all(backend: str, workers: Any, start: int, stop: int) -> None:  # noqa: ANN401
    calls: list[Callable[[Callable[[int, int], object]], object]] = [
        lambda tell: primes.count_primes(start, stop, method="sieve", workers=workers, progress=tell, backend=backend),
        lambda tell: primes.count_primes(start, stop, workers=workers, progress=tell, backend=backend),
        lambda tell: primes.count_tuplets(3, start, stop, workers=workers, progress=tell, backend=backend),
    ]
    for call in calls:
        told = told_by(call)
        assert {total for _done, total in told} == {stop - start}
        assert told == sorted(set(told))
        assert told[-1] == (stop - start, stop - start)


class EnoughError(Exception):
    """The exception of a callback."""


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_told_on_the_way(backend: str, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On no machine does it end by itself: it would take hours."""
    monkeypatch.setattr(progress, "PROGRESS_SECONDS", 0)
    told: list[int] = []

    def tell(done: int, total: int) -> None:
        assert total == 10**15
        told.append(done)
        if len(told) == 5:
            raise EnoughError

    with pytest.raises(EnoughError):
        primes.count_primes(10**15, method="sieve", workers=workers, progress=tell, backend=backend)
    assert told == sorted(set(told))
    assert 0 < told[0] < told[-1] < 10**15


class Clock:
    """Waits until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_progress_is_told_a_few_times_a_second(clock: Clock) -> None:
    told: list[tuple[int, int]] = []
    reports = progress.Reports(lambda *done: told.append(done), 100)
    for done in range(1, 100):
        clock.now += progress.PROGRESS_SECONDS / 8
        reports.done((done, done))
    assert told == [(done, 100) for done in range(8, 100, 8)]
    reports.done((100, 100))
    assert told[-1] == (100, 100)


@pytest.mark.usefixtures("clock")
def test_while_the_clock_stands_still_only_the_end_is_told(backend: str, workers: Any) -> None:  # noqa: ANN401
    stop = 10**7
    calls: list[Callable[[Callable[[int, int], object]], object]] = [
        lambda tell: primes.count_primes(stop, method="sieve", workers=workers, progress=tell, backend=backend),
        lambda tell: primes.prime_pi(stop, workers=workers, progress=tell, backend=backend),
        lambda tell: primes.count_tuplets(3, stop, workers=workers, progress=tell, backend=backend),
    ]
    for call in calls:
        assert told_by(call) == [(stop, stop)]


def test_an_error_of_progress_comes_through(backend: str, workers: Any) -> None:  # noqa: ANN401
    def tell(_done: int, _total: int) -> None:
        raise EnoughError

    calls: list[Callable[[], object]] = [
        lambda: primes.count_primes(10**7, method="sieve", workers=workers, progress=tell, backend=backend),
        lambda: primes.count_primes(10**7, workers=workers, progress=tell, backend=backend),
        lambda: primes.count_tuplets(2, 10**7, workers=workers, progress=tell, backend=backend),
    ]
    for call in calls:
        with pytest.raises(EnoughError):
            call()


def test_progress_of_nothing_is_no_error(backend: str) -> None:
    primes.count_primes(10, 5, progress=print, backend=backend)
    primes.count_tuplets(2, 10, 5, progress=print, backend=backend)


# The cost of one worker.

LOADED = """
import sys
import primes
primes.count_primes(10**6, backend=sys.argv[1])
primes.count_primes(10**5, method="sieve", backend=sys.argv[1])
print(sorted({"concurrent.futures", "multiprocessing", "threading"} & set(sys.modules)))
"""


def test_small_work_starts_nobody(backend: str) -> None:
    assert run_python(LOADED, backend) == "[]\n"
