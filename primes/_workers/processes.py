"""Worker processes, for a kernel that keeps the GIL.

The processes of ``multiprocessing`` import the program that started them. So that program must be a file, and written
for this, with ``if __name__ == "__main__":``. The processes here import only ``primes``, so they work in any program,
in a notebook and at a prompt.

Each process has two pipes to the process that started it. One of its threads works, another one reads. If the parent is
gone, the pipe ends, the reader notices this at once on any system, and the process ends, whatever it is doing.
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
"""The line before each answer. Text before it may come from a module that every interpreter imports (sitecustomize)."""

PART, ANSWER, FAILURE = range(3)
"""The kinds of answers: the part of a piece that is done, its result, or the exception that it raised."""

PART_SECONDS = 0.05
"""The time between two answers of the kind PART."""

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
    """Return the interpreter to start. A program that embeds one is refused, because it would start itself again."""
    program = getattr(sys, "executable", None)
    name = program.replace("\\", "/").rpartition("/")[2] if isinstance(program, str) else ""
    if hasattr(sys, "frozen") or not name.lower().startswith(("python", "pypy")):
        raise OSError(f"sys.executable is {program!r}, which is no Python interpreter")
    return str(program)


class Processes:
    """A function of two integers that runs in ``count`` other processes; each call has one of them to itself."""

    def __init__(self, function: Callable[..., object], count: int) -> None:
        self._all: list[Popen[bytes]] = []
        self._idle: SimpleQueue[Popen[bytes]] = SimpleQueue()
        try:
            # A program may have put other objects there, which the interpreter ignores.
            path = [str(entry) for entry in sys.path if isinstance(entry, str)]  # type: ignore[redundant-expr]
            command = [interpreter(), "-c", BEGIN.format(path=ascii(path))]
            for _ in range(count):
                self._all.append(_start(command))
            for process in self._all:
                with suppress(BrokenPipeError):  # If it has ended, its output below says why.
                    _send(process, function)
            for process in self._all:
                _answer(*_receive(process))
                self._idle.put(process)
        except BaseException:
            self.end()
            raise

    def __call__(self, watch: Watch, lo: int, hi: int) -> Any:  # noqa: ANN401  (what the function returns)
        """Call the function with ``lo`` and ``hi`` and return its result; ``watch`` gets its progress."""
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

            # The process was lost, or its pipes were closed because nobody waits for this call any more.
            raise BrokenExecutor(f"a process that worked on [{lo}, {hi}] has ended") from None
        finally:
            self._idle.put(process)
        return _answer(kind, answer)

    def end(self) -> None:
        """Kill the processes; a call that waits for one of them raises an exception."""
        for process in self._all:
            process.kill()
        for process in self._all:
            process.wait()
            for pipe in process.stdin, process.stdout:
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]  # they are pipes


def _start(command: list[str]) -> Popen[bytes]:
    # In a group of its own, the process does not get Ctrl-C from the terminal: this process gets it and ends both.
    # Its standard error is dropped: what keeps it from working comes through the pipe, and is raised here.
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
    """The answers that a worker process sends to its parent."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._next = 0.0

    def put(self, kind: int, answer: object) -> None:
        """Send one answer."""
        self._stream.write(READY + pickle.dumps((kind, answer)))
        self._stream.flush()

    def within(self, _lo: int, _hi: int) -> Progress:
        """Return a progress for the kernel, which sends it to the parent."""

        def tell(done: int, total: int) -> None:
            now = monotonic()
            if now >= self._next:
                self._next = now + PART_SECONDS
                self.put(PART, (done, total))

        return tell


def serve() -> None:
    """Answer the requests of the parent process, until it is gone."""
    import os  # noqa: PLC0415
    from _thread import start_new_thread  # noqa: PLC0415

    answers = Answers(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # Text that a piece prints must not come between the answers.
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
        # The pipe has ended, perhaps in the middle of a request.
        os._exit(0)
