"""pi(x) on the kernel's own threads, or on an executor."""

from __future__ import annotations

from primes._backends import kernel, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from primes._arguments import Workers
    from primes._kernel import Kernel, Progress
    from primes._workers.progress import Watch

PARTS = 1000
"""The progress of one value is counted in this many parts."""

THREADS_FROM = 10_000_000_000
"""Below this x, a kernel with threads takes less than a millisecond for pi(x), and uses one."""


def pi_values(
    chosen: Kernel, numbers: Sequence[int], workers: Workers, progress: Progress | None = None, total: int = 0
) -> list[int]:
    """Return pi(x) of each ``x``, in order.

    ``workers`` is an executor, which gets one task for each ``x``. Or it is a number of threads, or None for one thread
    for each core; then the kernel works on one ``x`` after the other. ``progress`` is called with the part of ``total``
    that is done.
    """
    shares = None
    if progress is not None:
        from primes._workers.progress import Shares  # noqa: PLC0415  (only progress needs it)

        shares = Shares([chosen.pi_cost(x) + 1 for x in numbers], progress, total)
    if workers is None or isinstance(workers, int):
        return [
            pi_here(chosen, x, _threads(workers, x), None if shares is None else shares.within(i))
            for i, x in enumerate(numbers)
        ]
    from primes._workers.intervals import result_of  # noqa: PLC0415  (only executors need it)
    from primes._workers.progress import Watch  # noqa: PLC0415  (as above)

    watches = [Watch() for _ in numbers]

    def part(watch: Watch, future: Future[int]) -> float:
        return 1.0 if future.done() else watch.done() / PARTS

    def look() -> None:
        if shares is not None:
            shares.tell([*map(part, watches, futures)])

    futures = [workers.submit(run_pi, name_of(chosen), watch, x) for watch, x in zip(watches, numbers, strict=True)]
    try:
        return [result_of(future, look) for future in futures]
    finally:
        for watch, future in zip(watches, futures, strict=True):
            watch.stop()
            future.cancel()


def pi_here(chosen: Kernel, x: int, threads: int, progress: Progress | None) -> int:
    """Return pi(x), called from this thread, which need not be the main one."""
    if x < THREADS_FROM:
        return chosen.prime_pi(x, threads, progress)
    from primes._workers.intervals import told  # noqa: PLC0415  (no part of the start)

    return told(lambda tell: chosen.prime_pi(x, threads, tell), progress)


def run_pi(backend: str, watch: Watch, x: int) -> int:
    """Return pi(x): the task of an executor, perhaps in another process."""
    tell = watch.within(0, PARTS - 1)
    tell(0, 1)
    return kernel(backend).prime_pi(x, 1, tell)


def _threads(workers: int | None, x: int) -> int:
    if workers is not None:
        return workers
    if x < THREADS_FROM:
        return 1
    from primes._workers.intervals import cores  # noqa: PLC0415  (only big work needs it)

    return cores()
