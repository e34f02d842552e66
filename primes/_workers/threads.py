"""Threads that do the pieces of one call, and end with it.

Those of ``concurrent.futures`` are waited for when the interpreter ends, with all that was given to them: a thread that
counts in the background would hold up the end of its program for as long as it counts. These hear of that end.
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
"""Those whose calls go on."""


class Threads:
    """A function of two integers that is called for pieces of an interval, by ``count`` threads or as many as start.

    ``stop`` lets the function raise an exception soon; ``end`` ends what else works for the call, when that ends.
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
        self._ended: list[Any] = []  # the locks that the threads keep until then

    def _start(self) -> None:
        _under_way.add(self)
        for _ in range(self._count):
            ended = allocate_lock()
            ended.acquire()
            try:
                start_new_thread(self._work, (ended,))
            except RuntimeError:  # The system refuses; or the interpreter, because it ends.
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
                except BaseException as error:  # noqa: BLE001  (it is raised where the call was made)
                    self._answers.put((number, ends, None, error))
                    break
        finally:
            self._answers.put(None)
            ended.release()

    def results(self, report: Reports) -> Iterator[Any]:
        """Yield the results in order; with the last, or an exception, all threads have ended."""
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
        """Let the threads end, and wait for it: they hear of it within 50 ms."""
        self._stopped = True
        self._stop()
        if self._end is not None:
            self._end()
        for ended in self._ended:
            with ended:
                pass
        _under_way.discard(self)

    def end_at_exit(self) -> None:
        """Let them end while the interpreter ends; the call does not come back."""
        if self._process_id == os.getpid():  # A fork has none of them.
            self._at_exit = True
            self.end()


class Background:
    """One call of a kernel in a thread for which the end of the interpreter may not wait.

    Where that comes, the kernel must not ask it for anything more: it may find it half taken down. As a context, this
    gives the kernel what to tell of its way, where it then stands still.
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
        """Wait until it does, or has come to its end."""
        if self._process_id != os.getpid():  # A fork has no such thread.
            return
        self._ending = True
        self._standing.acquire(timeout=MOST_SECONDS)


_in_background: set[Background] = set()

MOST_SECONDS = 1.0
"""For which the interpreter waits for a kernel to tell something; it does so many times as often."""

REST_SECONDS = 0.02
"""For which it then waits for the thread, which has said that it stands still, to do so: a few instructions."""


def _wait_for_the_end() -> None:
    """Keep a thread that the end of the interpreter does not wait for from doing anything more."""
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
