"""The two sides of a comparison: Python code or a command, and the processes in which they run.

No side runs in the process of the harness, so that no side can disturb another. The peers are never imported beside
``primes``, they may need another interpreter, and each time may need a new process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from benchmarks.worker import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKER = Path(__file__).with_name("worker.py")

STARTS = 9
"""The number of times that a command is started, to measure how long its start takes."""


@dataclass(frozen=True)
class Python:
    """Python code: ``setup`` runs once, ``statement`` is timed, and its value is the answer."""

    statement: str
    setup: str = ""
    module: str = ""
    """The peer that the code imports. It runs in an interpreter that has this peer."""
    fresh: bool = False
    """Whether each time is taken in a new process. Its start and its setup do not count."""


@dataclass(frozen=True)
class Command:
    """A command of the shell, whose whole process is timed."""

    argv: tuple[str, ...]
    start: tuple[str, ...] = ()
    """The same command with next to no work. Its time is subtracted."""


Side = Python | Command


class Answer(NamedTuple):
    """A digest of an answer."""

    length: int
    first: list[int]
    sha256: str

    def __str__(self) -> str:
        more = f" and {self.length - len(self.first)} more, " if self.length > len(self.first) else ", "
        return f"{', '.join(map(str, self.first))}{more}hash {self.sha256[:8]}"


class SideError(Exception):
    """A side did not do its work."""


class Process(Protocol):
    """A side that is ready to run."""

    calibrated: bool
    """Whether many calls in a row give one time."""

    def answer(self) -> Answer:
        """Return its answer."""

    def seconds(self, loops: int) -> float:
        """Return the time that ``loops`` calls take."""

    def peak_bytes(self) -> int:
        """Return the most memory that a process takes for one call."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


class PythonProcess:
    """Python code in a worker: one process for all requests, or a new one for each."""

    def __init__(self, code: Python, interpreter: Path, env: Mapping[str, str], limit_seconds: float) -> None:
        self._code = code
        # The path has neither the folder of the worker nor that of the harness, whose `primes` is not built.
        self._argv = [str(interpreter), "-P", str(WORKER)]
        self._env = {**os.environ, **env}
        self._limit_seconds = limit_seconds
        self._child: subprocess.Popen[str] | None = None
        self.calibrated = not code.fresh

    def _started(self) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._env, encoding="utf-8"
        )
        self._child = child
        self._write(child, [self._code.setup, self._code.statement])
        return child

    def _write(self, child: subprocess.Popen[str], request: object) -> None:
        assert child.stdin  # noqa: S101  (for the type checker)
        try:
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
        except BrokenPipeError:
            pass  # If the worker dies, its last words are read from the other end.

    def ask(self, request: object) -> object:
        """Send a request and return the reply."""
        child = self._child or self._started()
        timer = threading.Timer(self._limit_seconds, child.kill)
        timer.start()
        try:
            self._write(child, request)
            assert child.stdout  # noqa: S101
            line = child.stdout.readline()
        finally:
            expired = not timer.is_alive()
            timer.cancel()
        if self._code.fresh or not line:
            self.close()
        if not line:
            told = f"no answer within {self._limit_seconds:.0f} s" if expired else "its process died"
            raise SideError(f"{self._code.statement}: {told}")
        reply = json.loads(line)
        if "error" in reply:
            raise SideError(f"{self._code.statement}: {reply['error']}")
        found: object = reply["reply"]
        return found

    def answer(self) -> Answer:
        """See :class:`Process`, as for the other methods."""
        return Answer(*self.ask("answer"))  # type: ignore[misc]  # as `worker.digest` makes it

    def seconds(self, loops: int) -> float:  # noqa: D102
        return float(self.ask(loops))  # type: ignore[arg-type]

    def peak_bytes(self) -> int:  # noqa: D102
        return int(self.ask("peak"))  # type: ignore[call-overload, no-any-return]

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class CommandProcess:
    """A command, started for each request."""

    calibrated = False

    def __init__(self, command: Command, path: Path, env: Mapping[str, str], limit_seconds: float) -> None:
        self._argv = [str(path), *command.argv[1:]]
        self._start = [str(path), *command.start[1:]] if command.start else []
        self._env = {**os.environ, **env}
        self._limit_seconds = limit_seconds
        self._start_seconds: float | None = None

    def _run(self, argv: list[str]) -> float:
        begin = time.perf_counter()
        try:
            subprocess.run(argv, stdout=subprocess.DEVNULL, env=self._env, check=True, timeout=self._limit_seconds)
        except subprocess.SubprocessError as error:
            raise SideError(str(error)) from error
        return time.perf_counter() - begin

    def answer(self) -> Answer:  # noqa: D102
        with subprocess.Popen(self._argv, stdout=subprocess.PIPE, env=self._env) as child:
            assert child.stdout  # noqa: S101
            try:
                found = Answer(*digest(map(int, child.stdout)))  # type: ignore[arg-type]
            except ValueError as error:
                raise SideError(f"{' '.join(self._argv)}: {error}") from error
        if child.returncode:
            raise SideError(f"{' '.join(self._argv)}: exit status {child.returncode}")
        return found

    def seconds(self, loops: int) -> float:  # noqa: D102
        if self._start_seconds is None:
            self._start_seconds = statistics.median(self._run(self._start) for _ in range(STARTS)) if self._start else 0
        return sum(max(self._run(self._argv) - self._start_seconds, 1e-6) for _ in range(loops))

    def peak_bytes(self) -> int:  # noqa: D102
        raise SideError("the memory of commands is not measured")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """There is nothing to end."""


def value(interpreter: Path, statement: str, setup: str = "", **env: str) -> object:
    """Return the value of an expression in another process; it must be representable as JSON."""
    with PythonProcess(Python(statement, setup), interpreter, env, limit_seconds=60) as process:
        return process.ask("value")


OURS = Path(sys.executable)
"""The interpreter that has ``primes``."""
