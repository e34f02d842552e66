"""One comparison: both sides must give the same answer; then their times are taken in turn.

The speed of a machine drifts with its load and its heat, often by more than the difference that is to be measured. Two
times that are taken one after the other drift together, so each such pair gives a ratio. The median of the ratios is
the result, and the quartiles show how certain it is. (pyperf has no pairs: it ends one benchmark before the next.)
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.peers import Machine, MissingError, demand_backend
from benchmarks.sides import Answer, Process, SideError

if TYPE_CHECKING:
    from benchmarks.rows import Row


@dataclass(frozen=True)
class Effort:
    """The time that a row may take."""

    row_seconds: float
    """After this many seconds no further pair of times is taken,"""
    least_pairs: int
    """but at least this many pairs are taken,"""
    most_pairs: int
    """and at most this many."""
    call_seconds: float
    """A short call is repeated for about this many seconds: far more than the clock errs and the loop costs."""


FULL = Effort(row_seconds=6.0, least_pairs=5, most_pairs=41, call_seconds=0.05)
QUICK = Effort(row_seconds=0.4, least_pairs=3, most_pairs=11, call_seconds=0.01)

LIMIT_SECONDS = 120.0
"""A side that takes longer for one call has failed, unless its row allows long calls."""


@dataclass
class Result:
    """The result of a row.

    ``ours`` and ``theirs`` are seconds a call, or bytes, in the order in which they were taken; ``theirs`` is empty
    where the goal is not a ratio.
    """

    row: Row
    peer: str = ""
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    missing: str = ""
    """Why nothing was measured: what is missing, or that there was no time."""
    failure: str = ""
    """What was wrong. A wrong answer gets no time."""

    @property
    def values(self) -> list[float]:
        """The values that the goal bounds: ratios or, without a peer, our own seconds or bytes."""
        if not self.theirs:
            return self.ours
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The quartiles of the values. The second one, the median, is the result."""
        low, middle, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, middle, high

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return bool(self.values) and self.quartiles[1] <= self.row.goal


def measure(row: Row, machine: Machine, effort: Effort, *, only_check: bool = False) -> Result:
    """Compare the answers of a row and, unless ``only_check`` is set, take its times."""
    result = Result(row, machine.name(row.peer) if row.peer else "")
    try:
        demand_backend(row.backend, row.cpu)
        with ExitStack() as stack:
            limit = 30 * LIMIT_SECONDS if row.runs == "asked" else LIMIT_SECONDS
            ours = stack.enter_context(machine.open(row.ours, row.env, limit))
            theirs = stack.enter_context(machine.open(row.peer, row.peer_env, limit)) if row.peer else None
            check(row, ours.answer(), theirs.answer() if theirs else None)
            if not only_check:
                take(result, ours, theirs, effort)
    except MissingError as error:
        result.missing = f"missing: {error}"
    except SideError as error:
        result.failure = str(error)
    return result


def check(row: Row, ours: Answer, theirs: Answer | None) -> None:
    """Raise unless the answers agree, with each other and with the known one."""
    if theirs is not None and ours != theirs:
        raise SideError(f"WRONG: ours is {ours}; theirs is {theirs}")
    if row.answer is not None and (ours.length, ours.first) != (1, [row.answer]):
        raise SideError(f"WRONG: ours is {ours}; it is known to be {row.answer}")


def take(result: Result, ours: Process, theirs: Process | None, effort: Effort) -> None:
    """Take the values of both sides of a row, in turn."""
    sides = [(ours, result.ours)] + ([(theirs, result.theirs)] if theirs else [])
    in_bytes = result.row.quantity == "bytes"
    loops = [1 if in_bytes else calibrated(side, effort.call_seconds) for side, _ in sides]
    end = time.monotonic() + effort.row_seconds
    for pair in range(effort.most_pairs):
        if pair >= effort.least_pairs and time.monotonic() >= end:
            break
        for (side, values), count in zip(sides, loops, strict=True):
            values.append(side.peak_bytes() if in_bytes else side.seconds(count) / count)


def calibrated(side: Process, call_seconds: float) -> int:
    """Return the number of repeated calls that take long enough to be timed."""
    if not side.calibrated:
        return 1
    loops = 1
    while (taken := side.seconds(loops)) < call_seconds:
        loops = int(loops * min(max(1.2 * call_seconds / taken, 2), 1000))
    return loops
