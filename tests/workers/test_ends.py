"""The end of a call, or of the program around it, also ends its workers: threads, processes, executors.

In each test, pieces that would take hours are under way, and report that. Then something ends the call, and everything
must come to an end. A program that has not ended after ``PATIENCE`` seconds is still waiting for a piece.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import primes
from primes._workers import intervals
from processes import PYTHON, call, environment, run, run_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 60

PIECES_OF_HOURS = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
import primes
from primes._workers import intervals, progress

intervals.MOST_PIECE_COST = 1e99
what, kind, backend = sys.argv[1:4]
workers = {"default": None, "two": 2, "one": 1}[kind] if kind != "threads" else ThreadPoolExecutor(2)
under_way = threading.Event()

tell = lambda done, total: None

class Reports(intervals.Reports):
    def look(self):
        under_way.set()
        super().look()

    def tell(self, done):
        under_way.set()
        super().tell(done)

intervals.Reports = progress.Reports = Reports
if what == "array":  # NumPy takes longer to import than the rest to run.
    import primes.numpy
    primes.numpy.demand_memory = lambda *arguments, **named: None

CALLS = {
    "count": lambda **o: primes.count_primes(2**64 - 10**16, 2**64, method="sieve", progress=tell, **o),
    "near count": lambda **o: primes.count_primes(10**16, method="sieve", progress=tell, **o),
    "tuplets": lambda **o: primes.count_tuplets(2, 2**64 - 10**16, 2**64, progress=tell, **o),
    "pi": lambda **o: primes.prime_pi(2**64 - 1, progress=tell, **o),
    "nth": lambda **o: primes.nth_prime(4 * 10**17, progress=tell, **o),
    "array": lambda **o: primes.numpy.primerange(10**18, 10**18 + 10**13, **o),
}

def work():
    CALLS[what](workers=workers, backend=backend)
"""
"""The beginning of each program in this file."""

INTERRUPTED = (
    PIECES_OF_HOURS
    + """
def tell_when_under_way():
    under_way.wait()
    print("under way", flush=True)

threading.Thread(target=tell_when_under_way, daemon=True).start()
try:
    work()
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(primes.count_primes(10**6, method="sieve", backend=backend), flush=True)
"""
)


def output_after_ctrl_c(*arguments: str) -> str:
    """Press Ctrl-C when pieces are under way; return the rest of the output."""
    command = [*PYTHON, "-c", INTERRUPTED, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), stdout=pipe, stderr=pipe, text=True) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "under way\n"
            program.send_signal(signal.SIGINT)
            output, errors = program.communicate(timeout=PATIENCE)
        finally:
            program.kill()
    assert (program.returncode, errors) == (0, "")
    return output


@pytest.mark.parametrize("kind", ["default", "two", "one", "threads"])
@pytest.mark.parametrize("what", ["count", "near count", "tuplets", "pi", "nth"])
def test_ctrl_c_ends_the_call_and_the_program(backend: str, what: str, kind: str) -> None:
    assert output_after_ctrl_c(what, kind, backend) == "interrupted\n78498\n"


def test_ctrl_c_ends_the_pieces_of_an_array(backend: str) -> None:
    assert output_after_ctrl_c("array", "threads", backend) == "interrupted\n78498\n"


IN_THE_BACKGROUND = (
    PIECES_OF_HOURS
    + """
threading.Thread(target=work, daemon=True).start()
under_way.wait()
"""
)


@pytest.mark.parametrize("kind", ["default", "two", "one"])
@pytest.mark.parametrize("what", ["count", "near count", "tuplets", "pi"])
def test_a_daemon_thread_does_not_hold_up_the_end(backend: str, what: str, kind: str) -> None:
    command = [*PYTHON, "-c", IN_THE_BACKGROUND, what, kind, backend]
    result = subprocess.run(command, env=environment(), check=False, capture_output=True, text=True, timeout=PATIENCE)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_work_can_be_done_while_the_interpreter_ends(backend: str) -> None:
    """Where no more threads can be started, the calling thread does the work."""
    code = """
import atexit, sys, primes
work = lambda: print(primes.count_tuplets(2, 10**8, workers=2, backend=sys.argv[1]))
atexit.register(work)
"""
    assert run_python(code, backend) == "440312\n"  # OEIS A007508


# Processes whose parent is gone.

PARENT = """
import os, signal, sys, time
import primes
from primes._workers import intervals, processes, progress

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Who starts the tests by nohup has it ignored.

intervals.MOST_PIECE_COST = 1e99
progress.PROGRESS_SECONDS = 0
ours = int(sys.argv[1])
start = processes.Popen

def start_here(*arguments, **options):
    return start(*arguments, **options | {"stderr": None, "pass_fds": [ours]})

processes.Popen = start_here
tell = lambda done, total: print("under way", flush=True)
primes.count_primes(10**16, method="sieve", workers=2, backend="python", progress=tell)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_processes_end_when_their_parent_is_gone(number: signal.Signals) -> None:
    here, there = os.pipe()
    pipe = subprocess.PIPE
    command = [*PYTHON, "-c", PARENT, str(there)]
    with subprocess.Popen(command, env=environment(), stdout=pipe, stderr=pipe, pass_fds=[there]) as program:
        os.close(there)
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == b"under way\n"
        program.send_signal(number)
        # The processes hold the other end of this pipe, so it ends with the last of them.
        assert select.select([here], [], [], PATIENCE)[0]
        assert os.read(here, 1) == b""
        os.close(here)
        assert program.stderr.read() == b""


# A lost process, and changes to sys.

LOSES_A_WORKER = """
import sys
from primes._workers import processes
from primes._cli import main

class Processes(processes.Processes):
    def __init__(self, function, count):
        super().__init__(function, count)
        self._all[0].kill()

processes.Processes = Processes
sys.exit(main())
"""


def test_the_command_tells_of_a_lost_process() -> None:
    result = run(*PYTHON, "-c", LOSES_A_WORKER, *["count", "1e9", "--sieve", "--workers", "2", "--backend", "python"])
    assert (result.returncode, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("primes: error: a process that worked on [")
    assert line.endswith("] has ended")


CHANGES = {
    "a path in sys.path": "import pathlib; sys.path.insert(0, pathlib.Path('/nowhere'))",
    "odd things in sys.path": "sys.path[:0] = [None, b'bytes', 5, 'quo\\'te\"d\\n', '\\udc80']",
    "a sys.path of its own": "sys.path = tuple(sys.path)",
    "an empty sys.path": "count(10**6); sys.path.clear()",
    "no sys.path": "count(10**6); sys.path = None",
    "no executable": "sys.executable = None",
    "an empty executable": "sys.executable = ''",
    "another executable": "sys.executable = '/usr/bin/editor'",
    "a missing executable": "sys.executable = '/nowhere/python3'",
    "a path as executable": "import pathlib; sys.executable = pathlib.Path(sys.executable)",
    "no attribute executable": "del sys.executable",
    "an executable that fails": "sys.executable = failing",
    "arguments of its own": "sys.argv = None",
    "frozen": "sys.frozen = True",
    "a closed stdin": "sys.stdin.close(); sys.stdin = None",
    "a closed file 0": "os.close(0)",
    "a closed file 2": "sys.stderr = None; os.close(2)",
    "closed files 0 and 2": "os.close(0); os.close(2); sys.stderr = None",
    "an odd directory": "os.environ['PYTHONHOME'] = '/nowhere'",
}

CHANGED = """
import os, sys
import primes
from primes._workers import intervals
intervals.LEAST_PROCESS_COST = 1e6
change, failing = sys.argv[1:]
count = lambda stop, **options: primes.count_primes(stop, method="sieve", backend="python", **options)
exec(change)
print(count(10**7))
try:
    print(count(10**7, workers=2))
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_was_done_to_sys_the_default_works(change: str, tmp_path: Path) -> None:
    failing = tmp_path / "python3"
    failing.write_text("#!/bin/sh\necho no such luck\nexit 1\n", encoding="ascii")
    failing.chmod(0o700)
    default, two = run_python(CHANGED, CHANGES[change], str(failing)).splitlines()
    assert default == "664579"
    assert two == "664579" or two.startswith("a worker process cannot be started: ")
    works = {"a path in sys.path", "odd things in sys.path", "a sys.path of its own", "arguments of its own"}
    assert two == "664579" or not (change in works or "closed" in change)
    if change == "an executable that fails":
        assert two.endswith(": no such luck")


def test_where_no_thread_can_be_started_this_one_works(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from primes._workers import threads  # noqa: PLC0415  (nothing that starts with the package)

    def refuse(*_arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "start_new_thread", refuse)
    monkeypatch.setattr(intervals, "LEAST_PROCESS_COST", 1e6)
    for workers in (None, 2):
        assert primes.count_tuplets(2, 10**7, workers=workers, backend=backend) == 58_980  # OEIS A007508


# Not every error of the command is an error of its output.


def refuse_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")


def lose_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primes, "count_primes", broken)


def broken(*_arguments: object, **_options: object) -> int:
    raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize(
    ("fault", "told"),
    [(refuse_to_start, "a worker process cannot be started: "), (lose_the_first, "[Errno 32] Broken pipe")],
)
def test_only_what_cannot_be_written_is_told_so(
    fault: Callable[[pytest.MonkeyPatch], None], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fault(patch)
        result = call(*["count", "1e9", "--sieve", "--workers", "2", "--backend", "python"])
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"primes: error: {told}")
    # The output continues.
    assert call("count", "100").stdout == "25\n"
    os.write(1, b"")
