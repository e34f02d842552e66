"""Worker threads, which end with the call that needs them.

When the interpreter ends, it waits for the threads of ``concurrent.futures`` and for all their tasks. So a count in the
background would hold up the end of a program until it is done. The threads here stop when the interpreter ends.
"""

from __future__ import annotations

import atexit
import os
import time
from _thread import allocate_lock, start_new_thread
from queue import Empty, SimpleQueue

from primes._workers.progress import LOOK_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from primes._kernel import Progress
    from primes._workers.progress import Reports

_under_way: set[Threads] = set()
"""The threads of calls that have not returned."""


class Threads:
    """Threads that call a function of two integers for pieces of an interval: ``count``, or as many as can be started.

    ``stop`` makes the function raise an exception soon. ``end`` ends the other workers of the call, when that ends.
    """

    def __init__(
        self,
        function: Callable[[int, int], object],
        pieces: Iterable[tuple[int, int]],
        count: int,
        stop: Callable[[], object],
        end: Callable[[], object] | None = None,
    ) -> None:
        self._function = function
        self._pieces = enumerate(pieces)
        self._count = count
        self._taking = allocate_lock()
        self._stop, self._end = stop, end
        self._stopped = self._at_exit = False
        self._process_id = os.getpid()
        self._answers: SimpleQueue[tuple[int, tuple[int, int], Any, BaseException | None] | None] = SimpleQueue()
        self._ended: list[Any] = []  # a lock for each thread, which is released when the thread ends

    def _start(self) -> None:
        _under_way.add(self)
        for _ in range(self._count):
            ended = allocate_lock()
            ended.acquire()
            try:
                start_new_thread(self._work, (ended,))
            except RuntimeError:  # The system allows no more threads, or the interpreter is ending.
                break
            self._ended.append(ended)

    def _work(self, ended: Any) -> None:  # noqa: ANN401  (the type of a lock has no name)
        try:
            while not self._stopped:
                with self._taking:
                    taken = next(self._pieces, None)
                if taken is None:
                    break
                number, ends = taken
                try:
                    self._answers.put((number, ends, self._function(*ends), None))
                except BaseException as error:  # noqa: BLE001  (the thread of the call raises it)
                    self._answers.put((number, ends, None, error))
                    break
        finally:
            self._answers.put(None)
            ended.release()

    def results(self, report: Reports) -> Iterator[Any]:
        """Yield the results in order. After the last one, or an exception, all threads have ended."""
        try:
            self._start()
            if not self._ended:
                for _, ends in self._pieces:
                    yield self._function(*ends)
                    report.done(ends)
                return
            running, turn, early = len(self._ended), 0, {}
            while running:
                try:
                    answer = self._answers.get(timeout=LOOK_SECONDS)
                except Empty:
                    report.look()
                    continue
                if self._at_exit:
                    _wait_for_the_end()
                if answer is None:
                    running -= 1
                    continue
                number, ends, result, error = answer
                if error is not None:
                    raise error
                report.done(ends)
                early[number] = result
                while turn in early:
                    yield early.pop(turn)
                    turn += 1
        finally:
            self.end()

    def end(self) -> None:
        """Stop the threads and wait until they have ended, which takes at most about 50 ms."""
        self._stopped = True
        self._stop()
        if self._end is not None:
            self._end()
        for ended in self._ended:
            with ended:
                pass
        _under_way.discard(self)

    def end_at_exit(self) -> None:
        """Stop the threads because the interpreter ends; the call never returns."""
        if self._process_id == os.getpid():  # A forked process has none of these threads.
            self._at_exit = True
            self.end()


class Background:
    """One call of a kernel in a thread that the interpreter may not wait for when it ends.

    While the interpreter ends, the kernel must not call it: parts of it may be gone. As a context manager, this gives
    the kernel a progress that blocks the thread from then on.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._standing = allocate_lock()
        self._process_id = os.getpid()

    def __enter__(self) -> Progress:
        self._standing.acquire()
        _in_background.add(self)
        return self._tell

    def __exit__(self, *_exception: object) -> None:
        _in_background.discard(self)
        self._standing.release()

    def _tell(self, done: int, total: int) -> None:
        if self._ending:
            self._standing.release()
            _wait_for_the_end()
        if self._progress is not None:
            self._progress(done, total)

    _ending = False

    def stand_still(self) -> None:
        """Wait until the thread blocks, or the call has returned."""
        if self._process_id != os.getpid():  # A forked process has no such thread.
            return
        self._ending = True
        self._standing.acquire(timeout=MOST_SECONDS)


_in_background: set[Background] = set()

MOST_SECONDS = 1.0
"""How long the interpreter waits, when it ends, for a kernel to call its progress; kernels do so much more often."""

REST_SECONDS = 0.02
"""How long it then waits for that thread to block. The thread needs only a few more instructions."""


def _wait_for_the_end() -> None:
    """Block this thread for ever: the interpreter ends, and does not wait for it."""
    lock = allocate_lock()
    with lock:
        lock.acquire()


def _end_all() -> None:
    for threads in [*_under_way]:
        threads.end_at_exit()
    calls = [*_in_background]
    for call in calls:
        call.stand_still()
    if calls:
        time.sleep(REST_SECONDS)


atexit.register(_end_all)
