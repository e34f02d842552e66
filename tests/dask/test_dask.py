"""The workers of a real Dask cluster: two processes on this machine, which talk over the loopback network."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import primes
from pages import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

# These tests do not judge the warnings of such a large library.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client, LocalCluster  # noqa: PLC0415  (warnings of the import are not for collection)

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        client.wait_for_workers(2, timeout=60)
        yield client


@pytest.fixture
def executor(client: Any) -> Executor:  # noqa: ANN401  (distributed has no types)
    executor: Executor = client.get_executor()
    return executor


def wide(backend: str) -> int:
    """Return a stop that gives enough pieces for all workers."""
    return 4 * 10**7 if backend == "python" else 10**9


def worker_pids(client: Any) -> dict[str, int]:  # noqa: ANN401
    pids: dict[str, int] = client.run(os.getpid)
    return pids


def test_the_workers_are_two_other_processes(client: Any) -> None:  # noqa: ANN401
    pids = set(worker_pids(client).values())
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_counts_are_the_same(backend: str, executor: Executor) -> None:
    stop = wide(backend)
    told: list[tuple[int, int]] = []
    count = primes.count_primes(
        stop, method="sieve", workers=executor, backend=backend, progress=lambda *done: told.append(done)
    )
    assert count == primes.prime_pi(stop, backend=backend)
    assert told == sorted(told)
    assert told[-1] == (stop, stop)


@pytest.mark.parametrize("k", [2, 3, 6])
def test_tuplets_are_the_same(backend: str, executor: Executor, k: int) -> None:
    stop = wide(backend)
    alone = primes.count_tuplets(k, stop, workers=1, backend=backend)
    assert primes.count_tuplets(k, stop, workers=executor, backend=backend) == alone


def test_arrays_are_the_same(backend: str, executor: Executor) -> None:
    import primes.numpy as array_primes  # noqa: PLC0415  (as above)

    stop = wide(backend) // 10
    alone = array_primes.primerange(stop, workers=1, backend=backend)
    several = array_primes.primerange(stop, workers=executor, backend=backend)
    assert several.dtype == alone.dtype
    assert (several == alone).all()
    n = 1_100_000
    assert array_primes.first_n(n, workers=executor, backend=backend)[-1] == primes.nth_prime(n)


def test_every_worker_has_a_part(client: Any, executor: Executor) -> None:  # noqa: ANN401
    def executed(dask_worker: Any) -> int:  # noqa: ANN401  (Dask finds it by this name)
        count: int = dask_worker.state.executed_count
        return count

    before = client.run(executed)
    primes.count_primes(3 * 10**8, method="sieve", workers=executor, backend="python")
    after = client.run(executed)
    assert all(after[worker] > before[worker] for worker in before)


def test_an_error_of_a_worker_is_raised_here(executor: Executor) -> None:
    """The workers believe that they lack a backend that this process has."""
    from primes._workers.intervals import run_piece  # noqa: PLC0415
    from primes._workers.progress import Watch  # noqa: PLC0415

    with pytest.raises(ValueError, match="backend must be one of"):
        executor.submit(run_piece, print, "fortran", (), Watch(), 0, 1).result(timeout=30)


def test_the_piece_of_a_killed_worker_is_done_again_or_told(client: Any) -> None:  # noqa: ANN401
    """Dask gives the lost pieces to another worker, or raises after too many losses. A count is never too small."""
    stop = 10**9
    for retries in (0, 5):
        executor = client.get_executor(retries=retries)
        outcome: list[Any] = []
        begun = threading.Event()

        def count(executor: Executor = executor, outcome: list[Any] = outcome, begun: threading.Event = begun) -> None:
            def tell(_done: int, _total: int) -> None:
                begun.set()

            try:
                outcome.append(
                    primes.count_primes(stop, method="sieve", workers=executor, progress=tell, backend="python")
                )
            except Exception as error:  # noqa: BLE001  (any error of Dask)
                outcome.append(error)

        client.wait_for_workers(2, timeout=60)
        thread = threading.Thread(target=count)
        thread.start()
        assert begun.wait(60)
        os.kill(next(iter(worker_pids(client).values())), signal.SIGKILL)
        thread.join(timeout=120)
        assert outcome == [50_847_534] or isinstance(outcome[0], Exception), outcome  # OEIS A006880
        print(f"retries={retries}: {outcome[0]!r}")  # noqa: T201  (which of the two)
    client.wait_for_workers(2, timeout=60)
    assert primes.count_primes(10**7, method="sieve", workers=client.get_executor()) == 664_579


def test_the_program_of_the_page(tmp_path: Path) -> None:
    """``docs/how-to/cluster.md``, to the letter."""
    [program] = [block.text for block in blocks("how-to/cluster.md") if block.kind == "python"]
    [session] = [block.text for block in blocks("how-to/cluster.md") if block.kind == "console"]
    path = tmp_path / "cluster.py"
    path.write_text(program, encoding="utf-8")
    result = subprocess.run([sys.executable, path], check=True, capture_output=True, text=True)
    assert session == f"$ python cluster.py\n{result.stdout}"
