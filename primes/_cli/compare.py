"""What ``primes compare`` compares, and how it takes the times.

One loop in three languages shows what a language brings; the package's own functions and the sieve of a tutorial show
what an algorithm brings. The times are taken alternately: the clock of a machine drifts with its load and heat, but the
calls of one round drift together, and their ratios hold.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

import primes
from primes._arguments import shown
from primes._backends import MODULES, kernel, missing_reason
from primes._cli import tutorial_sieve
from primes._workers.processes import interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Call = Callable[["Contender", int, int], tuple[float, object]]

USUAL_N = 5000
"""That of the talk which this comparison comes from."""

MOST = 100_000
"""Trial division of that many takes two to three minutes a call in Python, and four times as long for twice as many."""

SECONDS, LEAST_ROUNDS, MOST_ROUNDS = 3.0, 3, 15
"""About how long a comparison may take, but for the least number of rounds; and how many rounds are enough."""

SIZE_SECONDS = 0.5
"""About how long each of several sizes may take, with the same bounds of the rounds."""

CALL_SECONDS = 10.0
"""Of several sizes, those are left out for which one call of a contender would take longer."""

SAMPLE_SECONDS = 0.002
"""A short call is repeated until it takes that long: far more than the clock is off, and the loop costs."""

LONG_SECONDS = 0.05
"""A longer call need not be warmed up: its first time counts."""

WARNED_SECONDS = 10.0
"""A comparison that takes longer says so before."""

PROBED_N = 1000
"""The number of primes by which times are foretold: it takes 10 ms in Python."""

TRIAL_DIVISION, TUTORIAL, OWN, NOTHING = "trial division", "tutorial sieve", "first_n", "empty program"


@dataclass(frozen=True)
class Contender:
    """One way to make the first n primes."""

    method: str
    language: str
    backend: str
    first_n: Callable[[int], list[int]]
    program: str
    """What prints them, as a program of its own; ``{n}`` stands for their number."""

    def __str__(self) -> str:
        return f"{self.method} in {self.language}"


@dataclass
class Timing:
    """The times of one contender for one n."""

    contender: Contender
    n: int
    seconds: list[float] = field(default_factory=list)
    """Those of one call, one from each round."""
    times_as_fast: float | None = None
    """As the first contender: the median of the ratios of each round."""

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The quartiles of the seconds; the middle one is the median."""
        if len(self.seconds) == 1:
            return (self.seconds[0],) * 3
        low, median, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, median, high


@dataclass
class Comparison:
    """All that was measured."""

    sizes: Sequence[int]
    whole_process: bool
    timings: list[Timing] = field(default_factory=list)
    ended: dict[Contender, int] = field(default_factory=dict)
    """For whom the larger sizes would have taken too long, and the last size."""

    @property
    def contenders(self) -> list[Contender]:
        """Those that were compared, the first one first."""
        return list(dict.fromkeys(timing.contender for timing in self.timings))

    def timing(self, contender: Contender, n: int) -> Timing | None:
        """Return what was measured of a contender at one size."""
        return next((each for each in self.timings if (each.contender, each.n) == (contender, n)), None)


class ComparisonError(Exception):
    """A contender failed, or its primes are not those of the others: then no time means anything."""


def contenders(*, whole_process: bool) -> list[Contender]:
    """List those that are there. The first one is trial division in Python."""
    there = [name for name in reversed(MODULES) if name not in missing()]
    printing = "print(*first_n({n}), sep='\\n')"
    trials = [
        Contender(
            TRIAL_DIVISION,
            name.capitalize(),
            name,
            kernel(name).first_n_by_trial_division,
            f"from {MODULES[name]} import first_n_by_trial_division as first_n; {printing}",
        )
        for name in there
    ]
    of_a_tutorial = Contender(
        TUTORIAL,
        "Python",
        "python",
        tutorial_sieve.first_n,
        f"from primes._cli.tutorial_sieve import first_n; {printing}",
    )
    own = [
        Contender(
            OWN,
            name.capitalize(),
            name,
            partial(primes.first_n, backend=name),
            "from primes._cli import main; main(['{n}'])",
        )
        for name in there
    ]
    # What all whole processes include; it prints no primes.
    nothing = Contender(NOTHING, "Python", "python", lambda _n: [], "")
    return [*trials, of_a_tutorial, *own, *([nothing] if whole_process else [])]


def missing() -> dict[str, str]:
    """Tell which backends are not there, and why."""
    return {name: reason for name in MODULES if (reason := missing_reason(name)) is not None}


def foretell(sizes: Sequence[int]) -> tuple[float, float]:
    """Return about how many seconds a comparison will take at least, and trial division in Python at its largest size.

    The number of divisions grows as the square of that of primes.
    """
    trials = [each for each in contenders(whole_process=False) if each.method == TRIAL_DIVISION]
    probed = [min(call_here(each, PROBED_N, 1)[0] for _ in range(3)) for each in trials]
    several = len(sizes) > 1
    total = 0.0
    for n in sizes:
        times = [seconds * (n / PROBED_N) ** 2 for seconds in probed]
        total += LEAST_ROUNDS * sum(each for each in times if each <= CALL_SECONDS or not several)
    return total, probed[0] * (sizes[-1] / PROBED_N) ** 2


def demand_size(n: int) -> None:
    """Refuse a number of primes that nobody would wait for, and none."""
    if n < 1:
        raise ValueError(f"n must be at least 1, got {shown(n)}")
    if n > MOST:
        _total, seconds = foretell([min(n, 10**12)])
        raise ValueError(
            f"n must be at most {MOST}, got {shown(n)}: trial division in Python would take "
            f"{'more than ' if n > 10**12 else 'about '}{in_words(seconds)}"
        )


def in_words(seconds: float) -> str:
    """Say how long that is, as one says it."""
    units = ((365.25 * 86400, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))
    scale, unit = next((each for each in units if seconds >= 2 * each[0]), units[-1])
    return f"{float(f'{seconds / scale:.2g}'):,.0f} {unit}"


def compare(sizes: Sequence[int], *, whole_process: bool, tell: Callable[[str], object]) -> Comparison:
    """Check the answers of all contenders and take their times, for each size; ``tell`` what is being done."""
    call = call_whole if whole_process else call_here
    racing = contenders(whole_process=whole_process)
    first = racing[0]
    several = len(sizes) > 1
    comparison = Comparison(sizes, whole_process)
    for n in sizes:
        if several:
            for contender in racing[:]:
                # Nobody's time grows faster than the square of n.
                if (before := last_timing(comparison, contender)) and (
                    before.quartiles[1] * (n / before.n) ** 2 > CALL_SECONDS
                ):
                    comparison.ended[contender] = before.n
                    racing.remove(contender)
        timings = measure(racing, n, call, SIZE_SECONDS if several else SECONDS, LEAST_ROUNDS, tell)
        if timings[0].contender == first:
            for timing in timings:
                ratios = [theirs / ours for theirs, ours in zip(timings[0].seconds, timing.seconds, strict=True)]
                timing.times_as_fast = statistics.median(ratios)
        comparison.timings += timings
    return comparison


def last_timing(comparison: Comparison, contender: Contender) -> Timing | None:
    """Return what was measured of a contender at the largest size so far."""
    return next((each for each in reversed(comparison.timings) if each.contender == contender), None)


def measure(
    racing: Sequence[Contender], n: int, call: Call, budget: float, least: int, tell: Callable[[str], object]
) -> list[Timing]:
    """Take the times of one size: first of each alone, to see its answer and how long it takes, then in rounds."""
    timings = [Timing(contender, n) for contender in racing]
    expected = None
    loops = []
    round_seconds = 0.0
    for timing in timings:
        tell(f"N = {n}: {timing.contender}")
        seconds, answer = call(timing.contender, n, 1)
        if timing.contender.method != NOTHING:
            expected = expected or answer
            if answer != expected:
                raise ComparisonError(f"{timing.contender} has other primes than {timings[0].contender}")
        if seconds >= LONG_SECONDS:
            timing.seconds.append(seconds)
        count = 1
        while seconds < SAMPLE_SECONDS:
            count = int(count * min(max(1.2 * SAMPLE_SECONDS / max(seconds, 1e-9), 2), 1000))
            seconds, _answer = call(timing.contender, n, count)
        loops.append(count)
        round_seconds += seconds
    rounds = int(min(max(budget / round_seconds, least), MOST_ROUNDS))
    for number in range(rounds):
        for timing, count in zip(timings, loops, strict=True):
            if len(timing.seconds) <= number:
                tell(f"N = {n}: {timing.contender}, round {number + 1} of {rounds}")
                timing.seconds.append(call(timing.contender, n, count)[0] / count)
    return timings


def call_here(contender: Contender, n: int, loops: int) -> tuple[float, object]:
    """Call a contender in this process that many times; return the seconds, and its answer."""
    first_n = contender.first_n
    answer: list[int] = []
    began = time.perf_counter()
    for _ in range(loops):
        answer = first_n(n)
    return time.perf_counter() - began, answer


def call_whole(contender: Contender, n: int, loops: int) -> tuple[float, object]:
    """Run a contender as a program of its own, as in a shell; return the seconds, and what it printed."""
    # The path makes it find the package that this process has, and no other one where it is started.
    path = [str(entry) for entry in sys.path if isinstance(entry, str)]  # type: ignore[redundant-expr]
    code = f"import sys; sys.path[:] = {path!a}; {contender.program.format(n=n)}" if contender.program else ""
    command = [interpreter(), "-c", code]
    environment = {**environ, "PRIMES_BACKEND": contender.backend}
    began = time.perf_counter()
    for _ in range(loops):
        # In a group of its own, Ctrl-C on the terminal does not reach it: this process is told, and ends it.
        result = subprocess.run(  # noqa: S603  (this interpreter)
            command, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, process_group=0
        )
        if result.returncode:
            told = result.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise ComparisonError(f"{contender}, as a process, ended with status {result.returncode}: {told}")
    return time.perf_counter() - began, result.stdout


def machine() -> dict[str, str]:
    """Name what the times are those of: the processor, the interpreter and the compilers."""
    named = {"processor": processor(), "python": f"{platform.python_implementation()} {platform.python_version()}"}
    for name in reversed(MODULES):
        if name not in missing():
            named[name] = kernel(name).build_info()["compiler"]
    return named


def processor() -> str:
    """Name the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    told = {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}
    if "model name" not in told:
        return platform.processor() or platform.machine()
    family = f" (family {told['cpu family']}, model {told['model']})" if {"cpu family", "model"} <= set(told) else ""
    return told["model name"] + family
