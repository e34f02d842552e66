"""What a long call tells on its way, and how those who work for it hear that nobody waits any more."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from primes._kernel import Progress

PROGRESS_SECONDS = 0.25
"""The time between two calls of ``progress``."""

LOOK_SECONDS = 0.05
"""How long a thread waits at a time, before it reports progress. On Windows, Ctrl-C does not end such a wait."""


class StoppedError(Exception):
    """Ends a piece that nobody waits for any more."""


class Watch:
    """The progress of the pieces of one call, and the way to stop them.

    A copy that goes to another process does neither.
    """

    def __init__(self) -> None:
        self.stopped = False
        self.parts: dict[int, int] = {}
        """The integers done of each piece under way, by the begin of the piece."""

    def __reduce__(self) -> tuple[type[Watch], tuple[()]]:
        return Watch, ()

    def done(self) -> int:
        """Return how many integers are done of all pieces under way."""
        return sum([*self.parts.values()])

    def stop(self) -> None:
        """Make the pieces end when they next report their progress."""
        self.stopped = True

    def within(self, lo: int, hi: int) -> Progress:
        """Return a progress for a kernel that works on [lo, hi]."""

        def tell(done: int, total: int) -> None:
            if self.stopped:
                raise StoppedError
            self.parts[lo] = (hi - lo + 1) * done // total

        return tell


class Reports:
    """Calls ``progress`` with what is done: a few times a second, and always at the end. The values only grow."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.watch = Watch()
        self._progress = progress
        self._total = total
        self._done = 0
        self._told = 0
        self._next = time.monotonic() + PROGRESS_SECONDS

    def done(self, ends: tuple[int, int]) -> None:
        """Note that a piece is done."""
        self.watch.parts.pop(ends[0], None)
        self._done += ends[1] - ends[0] + 1
        self.look()

    def look(self) -> None:
        """Report how much is done, unless the last report was just now."""
        if self._progress is not None:
            self.tell(self._done + self.watch.done())

    def tell(self, done: int) -> None:
        """Report how much is done, unless the last report was just now, or was of as much."""
        if self._progress is None:
            return
        now = time.monotonic()
        if (now >= self._next and self._told < done < self._total) or done == self._done == self._total:
            self._next = now + PROGRESS_SECONDS
            self._told = done
            self._progress(done, self._total)

    def within(self, ends: tuple[int, int]) -> Progress:
        """Return a progress for a kernel that works on a piece in this thread."""
        return lambda done, total: self.tell(self._done + (ends[1] - ends[0] + 1) * done // total)


class Shares:
    """Calls ``progress`` with how much is done of several calls of the kernel, each weighted by its cost.

    The caller reports the end.
    """

    def __init__(self, costs: Sequence[float], progress: Progress, total: int) -> None:
        self._costs = costs
        self._reports = Reports(progress, total)
        self._total = total

    def within(self, i: int) -> Progress:
        """Return a progress for the i-th call, which begins after those before it have ended."""
        return lambda done, total: self.tell([1.0] * i + [done / total])

    def tell(self, parts: Sequence[float]) -> None:
        """Report the part of each call that is done; calls that are left out have not begun."""
        part = sum(cost * done for cost, done in zip(self._costs, parts, strict=False)) / sum(self._costs)
        self._reports.tell(int(self._total * part))
