"""pi(x) by whoever is asked for it: the kernel's own threads, or an executor."""

from __future__ import annotations

from primes._backends import kernel, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from primes._kernel import Kernel
    from primes._parallel import Progress, Workers

THREADS_FROM = 10_000_000_000
"""Below, pi(x) takes less than a millisecond where threads are of use at all, and nobody needs to know of cores."""


def pi_values(
    chosen: Kernel, numbers: Sequence[int], workers: Workers, progress: Progress | None = None, total: int = 0
) -> list[int]:
    """Return pi(x) of each ``x``, in order.

    ``workers`` is an executor, whose task each of them is; or a number of threads, or None for as many as there are
    cores, which the kernel may use for one ``x`` after the other. ``progress`` is told which part of ``total`` is done.
    """
    shares = None
    if progress is not None:
        from primes._parallel import Shares  # noqa: PLC0415  (only progress needs it)

        shares = Shares([chosen.pi_cost(x) + 1 for x in numbers], progress, total)
    if workers is None or isinstance(workers, int):
        return [
            chosen.prime_pi(x, _threads(workers, x), None if shares is None else shares.within(i))
            for i, x in enumerate(numbers)
        ]
    futures = [workers.submit(run_pi, name_of(chosen), x) for x in numbers]
    try:
        values = []
        for i, future in enumerate(futures):
            values.append(future.result())
            if shares is not None:
                shares.within(i)(1, 1)
        return values
    finally:
        for future in futures:
            future.cancel()


def run_pi(backend: str, x: int) -> int:
    """Return pi(x), wherever an executor has put this."""
    return kernel(backend).prime_pi(x)


def _threads(workers: int | None, x: int) -> int:
    if workers is not None:
        return workers
    if x < THREADS_FROM:
        return 1
    from primes._parallel import cores  # noqa: PLC0415  (only big work needs it)

    return cores()
