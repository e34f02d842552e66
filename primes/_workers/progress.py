"""What a long call tells on its way, and how those who work for it hear that nobody waits any more."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from primes._kernel import Progress

PROGRESS_SECONDS = 0.25
"""Between two calls of ``progress``."""

LOOK_SECONDS = 0.05
"""Between two looks of a thread that waits: for progress, and for Ctrl-C, which on Windows does not end a wait."""


class StoppedError(Exception):
    """Ends a piece that nobody waits for."""


class Watch:
    """What the pieces of one call tell of their way, and where they hear that nobody waits for them any more.

    In another process, where a copy of it arrives, nobody hears, and nobody says anything.
    """

    def __init__(self) -> None:
        self.stopped = False
        self.parts: dict[int, int] = {}
        """The integers that are done of pieces under way, by where these begin."""

    def __reduce__(self) -> tuple[type[Watch], tuple[()]]:
        return Watch, ()

    def done(self) -> int:
        """Return how many integers are done of pieces under way."""
        return sum([*self.parts.values()])

    def stop(self) -> None:
        """Let the pieces end at their next word."""
        self.stopped = True

    def within(self, lo: int, hi: int) -> Progress:
        """Return what a kernel is to tell of its work on [lo, hi]."""

        def tell(done: int, total: int) -> None:
            if self.stopped:
                raise StoppedError
            self.parts[lo] = (hi - lo + 1) * done // total

        return tell


class Reports:
    """Tells ``progress`` what is done: a few times a second, and always at the end. What it tells grows."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.watch = Watch()
        self._progress = progress
        self._total = total
        self._done = 0
        self._told = 0
        self._next = time.monotonic() + PROGRESS_SECONDS

    def done(self, ends: tuple[int, int]) -> None:
        """Add a piece to what is done."""
        self.watch.parts.pop(ends[0], None)
        self._done += ends[1] - ends[0] + 1
        self.look()

    def look(self) -> None:
        """Tell how much is done, unless somebody was told just now."""
        if self._progress is not None:
            self.tell(self._done + self.watch.done())

    def tell(self, done: int) -> None:
        """Tell how much is done, unless somebody was told just now, or of as much."""
        if self._progress is None:
            return
        now = time.monotonic()
        if (now >= self._next and self._told < done < self._total) or done == self._done == self._total:
            self._next = now + PROGRESS_SECONDS
            self._told = done
            self._progress(done, self._total)

    def within(self, ends: tuple[int, int]) -> Progress:
        """Return what a kernel is to tell of its work on a piece in this thread."""
        return lambda done, total: self.tell(self._done + (ends[1] - ends[0] + 1) * done // total)


class Shares:
    """Tells ``progress`` how much is done of calls of the kernel, each of which is a part of the whole by its cost.

    The end is told by whoever knows that all is done.
    """

    def __init__(self, costs: Sequence[float], progress: Progress, total: int) -> None:
        self._costs = costs
        self._reports = Reports(progress, total)
        self._total = total

    def within(self, i: int) -> Progress:
        """Return what is to be told of the progress of the i-th, which comes after those before it."""
        return lambda done, total: self.tell([1.0] * i + [done / total])

    def tell(self, parts: Sequence[float]) -> None:
        """Tell of each which part of it is done; those that are left out have not begun."""
        part = sum(cost * done for cost, done in zip(self._costs, parts, strict=False)) / sum(self._costs)
        self._reports.tell(int(self._total * part))
