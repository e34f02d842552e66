"""Processes that do the pieces of a kernel which keeps the GIL.

Those of ``multiprocessing`` import the program that started them, so that program must be written for it, with
``if __name__ == "__main__":``, and must be a file. These import ``primes`` and nothing else, so any program may have
them without a word, a notebook or a prompt as well.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from queue import SimpleQueue
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

READY = b"an answer of primes\n"
"""The line before each answer. What a program at the start of all others (sitecustomize) prints comes before it."""

BEGIN = "import sys; sys.path[:] = {path}; from primes._processes import serve; serve()"


def interpreter() -> str:
    """Return the program to start; one that has an interpreter in it would start anew, and is refused."""
    program = sys.executable or ""
    if not program.replace("\\", "/").rpartition("/")[2].startswith(("python", "pypy")):
        raise OSError(f"processes need a Python interpreter, and sys.executable is {program!r}")
    return program


class Processes:
    """A function of two integers that is called elsewhere: each call has one of ``count`` processes to itself."""

    def __init__(self, function: Callable[[int, int], object], count: int) -> None:
        self._all: list[Popen[bytes]] = []
        self._idle: SimpleQueue[Popen[bytes]] = SimpleQueue()
        command = [interpreter(), "-c", BEGIN.format(path=sys.path)]
        try:
            for _ in range(count):
                # In a group of its own, Ctrl-C on the terminal does not reach it: this process is told, and ends it.
                process = Popen(command, stdin=PIPE, stdout=PIPE, process_group=0)  # noqa: S603  (this interpreter)
                self._all.append(process)
                self._idle.put(process)
                _send(process, function)
        except BaseException:
            self.end()
            raise

    def __call__(self, lo: int, hi: int) -> Any:  # noqa: ANN401  (what the function returns)
        from concurrent.futures import BrokenExecutor  # noqa: PLC0415  (here it is loaded)

        process = self._idle.get()
        try:
            _send(process, (lo, hi))
            succeeded, answer = _receive(process)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            # Lost; or its pipes were closed, when this call was not waited for any more.
            raise BrokenExecutor(f"a process that worked on [{lo}, {hi}] has ended") from None
        finally:
            self._idle.put(process)
        if succeeded:
            return answer
        raise answer

    def end(self) -> None:
        """End the processes, whatever they do; a call that waits for one gets an exception."""
        for process in self._all:
            process.kill()
        for process in self._all:
            process.wait()
            for pipe in process.stdin, process.stdout:
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]  # they are pipes


def _send(process: Popen[bytes], message: object) -> None:
    pickle.dump(message, process.stdin)  # type: ignore[arg-type]  # it is a pipe
    process.stdin.flush()  # type: ignore[union-attr]


def _receive(process: Popen[bytes]) -> tuple[bool, Any]:
    while line := process.stdout.readline():  # type: ignore[union-attr]
        if line.endswith(READY):
            answer: tuple[bool, Any] = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301  (its own)
            return answer
    raise EOFError


def serve() -> None:
    """Answer requests in a process that was started for it, until the one that started it is gone."""
    import os  # noqa: PLC0415

    requests: BinaryIO = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers, suppress(EOFError, OSError):
        os.dup2(2, 1)  # What a piece might print must not come between the answers.
        function = pickle.load(requests)  # noqa: S301  (from the process that started this one)
        while True:
            ends = pickle.load(requests)  # noqa: S301
            try:
                answer = True, function(*ends)
            except Exception as error:  # noqa: BLE001  (it is raised where the piece was asked for)
                answer = False, error
            answers.write(READY + pickle.dumps(answer))
            answers.flush()
