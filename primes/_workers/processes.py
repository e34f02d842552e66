"""Processes that do the pieces of a kernel which keeps the GIL.

Those of ``multiprocessing`` import the program that started them, so that program must be written for it, with
``if __name__ == "__main__":``, and must be a file. These import ``primes`` and nothing else, so any program may have
them without a word, a notebook or a prompt as well.

Each talks with the process that started it through two pipes. While one thread of it works another one reads, so it
hears at once, on any system, when the pipe ends because that process is gone; and then it ends, whatever it does.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from queue import SimpleQueue
from subprocess import DEVNULL, PIPE, Popen
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from primes._kernel import Progress
    from primes._workers.progress import Watch

READY = b"an answer of primes\n"
"""The line before each answer. What a program at the start of all others (sitecustomize) prints comes before it."""

PART, ANSWER, FAILURE = range(3)
"""What an answer is: how much is done of a piece, what comes of it, or the exception that it raised."""

PART_SECONDS = 0.05
"""Between two answers that tell how much is done."""

BEGIN = """
import sys
sys.path[:] = {path}
try:
    from primes._workers.processes import serve
except BaseException as error:
    sys.exit(print(repr(error)))
serve()
"""


def interpreter() -> str:
    """Return the program to start; one that has an interpreter in it would start anew, and is refused."""
    program = getattr(sys, "executable", None)
    name = program.replace("\\", "/").rpartition("/")[2] if isinstance(program, str) else ""
    if hasattr(sys, "frozen") or not name.lower().startswith(("python", "pypy")):
        raise OSError(f"sys.executable is {program!r}, which is no Python interpreter")
    return str(program)


class Processes:
    """A function of two integers that is called elsewhere: each call has one of ``count`` processes to itself."""

    def __init__(self, function: Callable[..., object], count: int) -> None:
        self._all: list[Popen[bytes]] = []
        self._idle: SimpleQueue[Popen[bytes]] = SimpleQueue()
        try:
            # Whatever else a program has put there, the interpreter passes over.
            path = [str(entry) for entry in sys.path if isinstance(entry, str)]  # type: ignore[redundant-expr]
            command = [interpreter(), "-c", BEGIN.format(path=ascii(path))]
            for _ in range(count):
                self._all.append(_start(command))
            for process in self._all:
                with suppress(BrokenPipeError):  # It may have something to say of its end.
                    _send(process, function)
            for process in self._all:
                _answer(*_receive(process))
                self._idle.put(process)
        except BaseException:
            self.end()
            raise

    def __call__(self, watch: Watch, lo: int, hi: int) -> Any:  # noqa: ANN401  (what the function returns)
        """Return what the function returns of these; ``watch`` is told what that tells of its way."""
        tell = watch.within(lo, hi)
        process = self._idle.get()
        try:
            _send(process, (lo, hi))
            kind, answer = PART, (0, 1)
            while kind == PART:
                tell(*answer)
                kind, answer = _receive(process)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            from concurrent.futures import BrokenExecutor  # noqa: PLC0415  (20 ms)

            # Lost; or its pipes were closed, when this call was not waited for any more.
            raise BrokenExecutor(f"a process that worked on [{lo}, {hi}] has ended") from None
        finally:
            self._idle.put(process)
        return _answer(kind, answer)

    def end(self) -> None:
        """End the processes, whatever they do; a call that waits for one gets an exception."""
        for process in self._all:
            process.kill()
        for process in self._all:
            process.wait()
            for pipe in process.stdin, process.stdout:
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]  # they are pipes


def _start(command: list[str]) -> Popen[bytes]:
    # In a group of its own, Ctrl-C on the terminal does not reach it: this process is told, and ends it. What a process
    # complains of when it cannot work is told here, where somebody knows what it means.
    return Popen(  # noqa: S603  (this interpreter)
        command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        process_group=0,
        creationflags=0x200 if sys.platform == "win32" else 0,  # CREATE_NEW_PROCESS_GROUP
    )


def _send(process: Popen[bytes], message: object) -> None:
    pickle.dump(pickle.dumps(message), process.stdin)  # type: ignore[arg-type]  # it is a pipe
    process.stdin.flush()  # type: ignore[union-attr]


def _receive(process: Popen[bytes]) -> tuple[int, Any]:
    last = b""
    while line := process.stdout.readline():  # type: ignore[union-attr]
        if line.endswith(READY):
            answer: tuple[int, Any] = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301  (its own)
            return answer
        last = line
    raise EOFError(last.decode(errors="replace").strip() or "it has ended")


def _answer(kind: int, answer: Any) -> Any:  # noqa: ANN401  (whatever was asked for)
    if kind == FAILURE:
        raise answer
    return answer


class Answers:
    """Where a process that serves puts what it has to say."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._next = 0.0

    def put(self, kind: int, answer: object) -> None:
        """Send it."""
        self._stream.write(READY + pickle.dumps((kind, answer)))
        self._stream.flush()

    def within(self, _lo: int, _hi: int) -> Progress:
        """Return what a kernel is to tell of its work."""

        def tell(done: int, total: int) -> None:
            now = monotonic()
            if now >= self._next:
                self._next = now + PART_SECONDS
                self.put(PART, (done, total))

        return tell


def serve() -> None:
    """Answer requests in a process that was started for it, until the one that started it is gone."""
    import os  # noqa: PLC0415
    from _thread import start_new_thread  # noqa: PLC0415

    answers = Answers(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # What a piece might print must not come between the answers.
    requests: SimpleQueue[bytes] = SimpleQueue()
    start_new_thread(_listen, (sys.stdin.buffer, requests))
    try:
        try:
            function = pickle.loads(requests.get())  # noqa: S301  (from the process that started this one)
        except Exception as error:
            answers.put(FAILURE, error)
            raise
        answers.put(ANSWER, None)
        while True:
            lo, hi = pickle.loads(requests.get())  # noqa: S301
            try:
                kind, answer = ANSWER, function(answers, lo, hi)
            except Exception as error:  # noqa: BLE001  (it is raised where the piece was asked for)
                kind, answer = FAILURE, error
            answers.put(kind, answer)
    finally:
        os._exit(1)


def _listen(stream: BinaryIO, requests: SimpleQueue[bytes]) -> None:
    import os  # noqa: PLC0415

    try:
        while True:
            requests.put(pickle.load(stream))  # noqa: S301  (from the process that started this one)
    finally:
        # The pipe has ended, in the middle of a request or not.
        os._exit(0)
