"""One interval on several workers: cut it into pieces, map the kernel over them, join.

This is the mechanism of whatever a kernel has no threads of its own for, and of all executors. A piece is told by names
and integers alone, so it can go to another thread, process or machine; what comes back is joined in order. A piece that
fails raises its exception here, and a lost worker is such a failure: nothing is ever counted as nothing.
"""

from __future__ import annotations

import sys
from collections import deque
from functools import partial
from math import isqrt, log

from primes._backends import kernel, name_of
from primes._workers.progress import LOOK_SECONDS, Reports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future
    from typing import TypeVar

    from primes._arguments import Workers
    from primes._kernel import Kernel, Progress
    from primes._workers.processes import Processes
    from primes._workers.progress import Watch

    Result = TypeVar("Result")

LEAST_PIECE_COST, MOST_PIECE_COST = 20e6, 500e6
"""What a piece should cost, in the units of ``interval_cost``: from about 10 ms, below which threads and processes eat
what they bring, to about 0.25 s, for which the last worker may be waited for, and after Ctrl-C those that an executor
has in other processes. (Far out, where a piece pays for many sieving primes, it can be a second or two.)"""

LEAST_PROCESS_COST = 4e9
"""What a process should find to do, in the same units: it takes 0.05 s to start. Near zero this is half a second."""

INTERPRETED = 20
"""How many times as long a kernel takes that no compiler made: 1.5 s against 0.08 s to 10**9."""

EXECUTOR_WIDTH = 64
"""So many workers an executor may have for all to be busy; it does not say how many it has."""

PIECES_PER_WORKER = 8
"""So many pieces, where they do not get too small, keep the last worker from being waited for."""


def root_cost(hi: int) -> float:
    """Return the work that an interval that ends at ``hi`` pays for its sieving primes, however wide it is."""
    root = isqrt(hi) + 1
    return 14.0 * root / log(root + 1)


def interval_cost(lo: int, hi: int) -> float:
    """Return about how much work it is to sieve [lo, hi] at once, in half nanoseconds of a compiled kernel.

    A narrow interval far out does not pay for all the sieving primes to its root: survivors are tested instead.
    """
    width = hi - lo + 1
    return min(40.0 * width, width + root_cost(hi))


def cut(lo: int, hi: int, most_pieces: int, slowness: int = 1) -> Iterator[tuple[int, int]]:
    """Cut [lo, hi] into pieces of one width: most_pieces of them, unless each would be too much work, or too little.

    A slow kernel does that much less in the time that a piece should take.

    Far out each piece pays for the sieving primes again. So many pieces that this becomes the larger part of the work
    would be slower than fewer of them. Every piece but the first begins at 30 i + 2: no prime tuplet reaches over that.
    """
    width = hi - lo + 1
    pieces = min(most_pieces, slowness * interval_cost(lo, hi) / LEAST_PIECE_COST, width / root_cost(hi) + 2)
    pieces = max(1, int(pieces), int(slowness * width / MOST_PIECE_COST))
    step = -(-width // pieces // 30) * 30 + 30
    first = lo - (lo - 2) % 30
    return ((max(start, lo), min(start + step - 1, hi)) for start in range(first, hi + 1, step))


def cores() -> int:
    """Return how many cores this process may use."""
    import os  # noqa: PLC0415  (os is loaded anyway, but this name is needed nowhere else)

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_for(chosen: Kernel, workers: Workers, *, worthwhile: bool) -> int | None:
    """Return how many threads of its own the kernel is to use, or None where the work is spread from here.

    Where nobody says, there are several only if that is worthwhile.
    """
    if not chosen.own_threads or not (workers is None or isinstance(workers, int)):
        return None
    return workers or (cores() if worthwhile else 1)


def map_interval(
    piece: Callable[..., Result],
    before: tuple[int, ...],
    lo: int,
    hi: int,
    chosen: Kernel,
    workers: Workers,
    progress: Progress | None,
) -> Iterator[Result]:
    """Call ``piece(chosen, *before, lo, hi, tell)`` for pieces of [lo, hi], and yield the results in order.

    ``piece`` is a function of a module, so that it can be found in another process. ``workers`` is an executor, a
    number, or None for as many as there are cores: threads if they make the kernel faster, else processes;
    ``progress`` is told the integers that are done and their total.
    """
    report = Reports(progress, max(0, hi - lo + 1))
    watch = report.watch
    if lo > hi:
        report.done((lo, lo - 1))
        return
    slowness = 1 if chosen.releases_gil else INTERPRETED
    task = partial(run_piece, piece, name_of(chosen), before)
    if not (workers is None or isinstance(workers, int)):
        pieces = cut(lo, hi, EXECUTOR_WIDTH * PIECES_PER_WORKER, slowness)
        yield from spread(workers, EXECUTOR_WIDTH, partial(task, watch), pieces, report)
        return
    least = LEAST_PIECE_COST if chosen.releases_gil else LEAST_PROCESS_COST
    count = min(workers or cores(), int(slowness * interval_cost(lo, hi) / least) + 1)
    processes = None
    if count > 1 and not chosen.releases_gil:
        processes = own_processes(task, count, asked_for=workers is not None)
        count = count if processes else 1
    if count > 1:
        from primes._workers.threads import Threads  # noqa: PLC0415  (big work only)

        pieces = cut(lo, hi, count * PIECES_PER_WORKER, slowness)
        function = partial(processes or task, watch)
        threads = Threads(function, pieces, count, watch.stop, processes.end if processes else None)
        yield from threads.results(report)
        return
    yield told(partial(piece, chosen, *before, lo, hi), None if progress is None else report.within((lo, hi)))
    report.done((lo, hi))


def told(call: Callable[[Progress | None], Result], progress: Progress | None) -> Result:
    """Return what a long call of a kernel returns that is given a ``progress``, in whatever thread this is."""
    threading = sys.modules.get("threading")
    if threading is None or threading.current_thread() is threading.main_thread():
        return call(progress)
    from primes._workers.threads import Background  # noqa: PLC0415  (only other threads need it)

    with Background(progress) as tell:
        return call(tell)


def own_processes(task: Callable[..., Result], count: int, *, asked_for: bool) -> Processes | None:
    """Start processes; where that cannot be done, do without, unless the user has asked for them."""
    try:
        from primes._workers.processes import Processes  # noqa: PLC0415  (big work of one kernel only)

        return Processes(task, count)
    except Exception as error:
        if asked_for:
            raise OSError(f"a worker process cannot be started: {error}") from error
        # Whatever was done to sys, or to the system: the work can be done here.
        return None


def spread(
    executor: Executor,
    width: int,
    task: Callable[[int, int], Result],
    pieces: Iterable[tuple[int, int]],
    report: Reports,
) -> Iterator[Result]:
    """Give the pieces to an executor of this many workers, not all at once, and yield the results in order."""
    under_way: deque[tuple[Future[Result], tuple[int, int]]] = deque()
    try:
        for ends in pieces:
            if len(under_way) >= width * PIECES_PER_WORKER:
                future, done = under_way.popleft()
                yield result_of(future, report.look)
                report.done(done)
            under_way.append((executor.submit(task, *ends), ends))
        while under_way:
            future, done = under_way.popleft()
            yield result_of(future, report.look)
            report.done(done)
    finally:
        # After Ctrl-C or a failure: what has not begun is dropped, what runs in this process hears of it.
        report.watch.stop()
        for future, _ in under_way:
            future.cancel()


def result_of(future: Future[Result], look: Callable[[], object]) -> Result:
    """Wait for a result, and look around meanwhile.

    Not in ``future.result``, with a timeout: Ctrl-C in the wrong place of it leaves the future locked, and a worker
    that waits for it without end.
    """
    from _thread import allocate_lock  # noqa: PLC0415  (executors only)

    under_way = allocate_lock()
    under_way.acquire()
    future.add_done_callback(lambda _: under_way.release())
    while not under_way.acquire(timeout=LOOK_SECONDS):
        look()
    return future.result()


def run_piece(
    piece: Callable[..., Result], backend: str, before: tuple[int, ...], watch: Watch, lo: int, hi: int
) -> Result:
    """Do one piece, wherever the executor has put it."""
    tell = watch.within(lo, hi)
    tell(0, 1)
    return piece(kernel(backend), *before, lo, hi, tell)
