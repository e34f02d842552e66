"""Our own worker processes, for a kernel that keeps the GIL."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import primes
from primes._workers import intervals
from primes._workers.processes import Processes
from primes._workers.progress import Watch
from processes import PYTHON, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def product(watch: Watch, one: int, other: int) -> int:
    """Return a product, fail, or never end: that depends on the arguments."""
    if one == other:
        raise ArithmeticError(one)
    tell = watch.within(one, other)
    while one < 0:
        tell(1, 2)
        time.sleep(0.1)
    print("a word in between")  # noqa: T201  (printed text must not get into the answers)
    return one * other


class HeardWatch(Watch):
    """Sets ``heard`` when a piece reports progress."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()

    def within(self, lo: int, hi: int) -> Callable[[int, int], object]:
        tell = super().within(lo, hi)

        def hear(done: int, total: int) -> None:
            tell(done, total)
            if done:
                self.heard.set()

        return hear


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.setattr(product, "__module__", "test_own_processes")
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent), *sys.path])
    monkeypatch.setitem(sys.modules, "test_own_processes", sys.modules[__name__])
    processes = Processes(product, 2)
    yield processes
    processes.end()


def test_processes_answer(two_processes: Processes) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(two_processes, repeat(Watch()), range(30), range(1, 31))
        assert list(answers) == [n * (n + 1) for n in range(30)]


def test_what_a_process_raises_is_raised_and_it_goes_on(two_processes: Processes) -> None:
    for n in range(4):
        with pytest.raises(ArithmeticError, match=f"^{n}$"):
            two_processes(Watch(), n, n)
        assert two_processes(Watch(), n, 5) == 5 * n


def test_a_lost_process_is_told(two_processes: Processes) -> None:
    with ThreadPoolExecutor(4) as pool:
        watch = HeardWatch()
        waiting = [pool.submit(two_processes, watch, -1, 99) for _ in range(4)]
        assert watch.heard.wait(60)
        two_processes.end()
        for call in waiting:
            with pytest.raises(BrokenExecutor, match=r"a process that worked on \[-1, 99\] has ended"):
                call.result(timeout=60)


UNPREPARED = """
import primes
print(primes.count_primes(10**9, 10**9 + {width}, method="sieve", workers={workers}, backend="python"))
"""


@pytest.mark.parametrize("workers", [None, 2])
def test_a_program_needs_no_preparation_for_processes(workers: int | None, tmp_path: Path) -> None:
    """No ``if __name__ == "__main__":`` and no file is needed. Output at startup is not taken for an answer."""
    code = UNPREPARED.format(width=10**8, workers=workers)
    (tmp_path / "script.py").write_text(code, encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text("print('welcome')", encoding="utf-8")
    for arguments in (str(tmp_path / "script.py"),), ("-c", code):
        result = run(*PYTHON, *arguments, PYTHONPATH=str(tmp_path))
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == "welcome\n4814936\n"


def test_where_no_process_can_be_started_the_default_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "LEAST_PROCESS_COST", 1)
    for program in ("", "/usr/bin/editor", "/nowhere/python3"):
        monkeypatch.setattr(sys, "executable", program)
        assert primes.count_primes(10**6, method="sieve", backend="python") == 78_498
        with pytest.raises(OSError, match=r"^a worker process cannot be started: (sys\.executable is|.*No such file)"):
            primes.count_primes(10**6, method="sieve", workers=2, backend="python")
