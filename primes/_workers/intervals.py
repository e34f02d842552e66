"""One interval on several workers: cut it into pieces, call the kernel for each, join the results.

This serves all executors, and all work for which a kernel has no threads of its own. A piece consists of names and
integers alone, so it can go to another thread, process or machine. Results are joined in order. A piece that fails
raises its exception here. A lost worker is such a failure too; it never counts as an empty result.
"""

from __future__ import annotations

import sys
from collections import deque
from functools import partial
from math import isqrt, log

from primes._arguments import LIMIT
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
"""The cost of a piece, in the units of ``interval_cost``, should lie between these. The least is about 10 ms; for less,
threads and processes cost as much as they save. The most is about 0.25 s: that long the call may wait for the last
worker, and, after Ctrl-C, for the other processes of an executor. (Far from zero, where each piece needs many sieving
primes, it can be a second or two.)"""

THREAD_BITS = 4096
"""Longer integers are left to processes. To test one takes a tenth of a second and more, and during that time a thread
other than the main one cannot be stopped."""

THREADED_LEN = 150_000
"""For an array, fewer integers, or primes, are sieved by one thread. Asking for the number of cores would be felt: it
takes 1 of 60 us for 10**5 primes."""

LEAST_PROCESS_COST = 4e9
"""The least work for a process, in the same units: half a second of work near zero. Starting it takes 0.05 s."""

INTERPRETED = 20
"""How many times as long the interpreted kernel takes as a compiled one: 1.5 s against 0.08 s to 10**9."""

MOST_WIDTH, MOST_BITS = 10**100, 10**9
"""Wider intervals and longer integers cost as much as these, so that no float overflows."""

EXECUTOR_WIDTH = 64
"""The workers of an executor that can all be busy; an executor does not say how many it has."""

LEAST_SIEVED_PER_BIT = 2
"""Above 2**64, a piece holds at least this many integers for each of their bits: three primes. With fewer, the sieve
would cost too much."""

PIECES_PER_WORKER = 8
"""With this many pieces, the call hardly waits for the last worker; there are fewer if they would get too small."""


def root_cost(hi: int) -> float:
    """Return the cost of the sieving primes of an interval that ends at ``hi``, whatever its width."""
    root = isqrt(hi) + 1
    return 14.0 * root / log(root + 1)


def interval_cost(lo: int, hi: int) -> float:
    """Estimate the work to sieve [lo, hi] at once, in half nanoseconds of a compiled kernel.

    A narrow interval far from zero is not sieved up to its root; the numbers that are left are tested instead.
    """
    width = hi - lo + 1
    if hi >= LIMIT:
        return float(min(width, MOST_WIDTH)) * large_cost(hi)
    return min(40.0 * width, width + root_cost(hi))


def large_cost(n: int) -> float:
    """Estimate the work for each integer of an interval near ``n`` above 2**64: 1250 at 100 bits, 4 * 10**6 at 4096.

    The sieve leaves a few in a hundred of them, and testing those is nearly all of the work.
    """
    return float(0.05 * min(n.bit_length(), MOST_BITS) ** 2.2)


def cut(lo: int, hi: int, most_pieces: int, slowness: int = 1) -> Iterator[tuple[int, int]]:
    """Cut [lo, hi] into pieces of one width: ``most_pieces``, unless each would be too much work, or too little.

    ``slowness`` says how many times as long the kernel takes as a compiled one, so its pieces are smaller.

    Each piece needs the sieving primes anew. Far from zero, there are fewer pieces, so that this does not become the
    larger part of the work. Every piece but the first begins at 30 i + 2, a border that no prime tuplet crosses.
    """
    width = hi - lo + 1
    first = lo - (lo - 2) % 30
    if lo >= LIMIT:
        cost, least = slowness * large_cost(hi), LEAST_SIEVED_PER_BIT * hi.bit_length()
        narrowest, widest = (max(least, int(bound / cost)) for bound in (LEAST_PIECE_COST, MOST_PIECE_COST))
        step = max(narrowest, min(-(-width // most_pieces), widest)) // 30 * 30 + 30
        return ((max(start, lo), min(start + step - 1, hi)) for start in range(first, hi + 1, step))
    pieces = min(most_pieces, slowness * interval_cost(lo, hi) / LEAST_PIECE_COST, width / root_cost(hi) + 2)
    pieces = max(1, int(pieces), int(slowness * width / MOST_PIECE_COST))
    step = -(-width // pieces // 30) * 30 + 30
    return ((max(start, lo), min(start + step - 1, hi)) for start in range(first, hi + 1, step))


def cores() -> int:
    """Return how many cores this process may use."""
    import os  # noqa: PLC0415  (os is loaded anyway, but this name is needed nowhere else)

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_for(chosen: Kernel, workers: Workers, *, worthwhile: bool) -> int | None:
    """Return how many of its own threads the kernel should use, or None if the work is spread from here.

    If ``workers`` is None, there are several threads only if that is worthwhile.
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

    ``piece`` is a function of a module, so that another process can find it. ``workers`` is an executor, a number of
    workers, or None for one for each core. They are threads if the kernel releases the GIL, else processes.
    ``progress`` is called with the integers that are done and their total.
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
    use_threads = chosen.releases_gil and hi.bit_length() <= THREAD_BITS
    least = LEAST_PIECE_COST if use_threads else LEAST_PROCESS_COST
    count = min(workers or cores(), int(slowness * interval_cost(lo, hi) / least) + 1)
    processes = None
    if count > 1 and not use_threads:
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
    """Make a long call of a kernel with a ``progress``, and return its result; this may be any thread."""
    threading = sys.modules.get("threading")
    if threading is None or threading.current_thread() is threading.main_thread():
        return call(progress)
    from primes._workers.threads import Background  # noqa: PLC0415  (only other threads need it)

    with Background(progress) as tell:
        return call(tell)


def own_processes(task: Callable[..., Result], count: int, *, asked_for: bool) -> Processes | None:
    """Start processes. If that fails, raise OSError if the user has asked for them, else return None."""
    try:
        from primes._workers.processes import Processes  # noqa: PLC0415  (big work of one kernel only)

        return Processes(task, count)
    except Exception as error:
        if asked_for:
            raise OSError(f"a worker process cannot be started: {error}") from error
        # Whatever the reason is, this process can do the work.
        return None


def spread(
    executor: Executor,
    width: int,
    task: Callable[[int, int], Result],
    pieces: Iterable[tuple[int, int]],
    report: Reports,
) -> Iterator[Result]:
    """Give the pieces to an executor of about ``width`` workers, some at a time, and yield the results in order."""
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
        # After Ctrl-C or a failure, pieces that have not begun are dropped, and those in this process are stopped.
        report.watch.stop()
        for future, _ in under_way:
            future.cancel()


def result_of(future: Future[Result], look: Callable[[], object]) -> Result:
    """Wait for a result, and call ``look`` meanwhile.

    This does not call ``future.result`` with a timeout: Ctrl-C at the wrong moment leaves the future locked there, and
    then a worker waits for it without end.
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
    """Do one piece: the task of a worker, perhaps in another process."""
    tell = watch.within(lo, hi)
    tell(0, 1)
    return piece(kernel(backend), *before, lo, hi, tell)
