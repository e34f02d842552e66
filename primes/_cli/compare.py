"""What ``primes compare`` compares, and how it measures.

One loop in three languages shows the effect of a language. The package's own functions and the sieve of a tutorial show
the effect of an algorithm. The contenders are timed in turn, round by round: the speed of a machine changes with its
load and heat, but changes alike for all calls of a round, so their ratios hold.
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
"""The number of primes in the talk which this comparison comes from."""

MOST = 100_000
"""For this many primes, trial division in Python takes two to three minutes; for twice as many, four times as long."""

SECONDS, LEAST_ROUNDS, MOST_ROUNDS = 3.0, 3, 15
"""About how long a comparison may take, with at least and at most this many rounds."""

SIZE_SECONDS = 0.5
"""About how long each of several sizes may take, with the same limits of the rounds."""

CALL_SECONDS = 10.0
"""If there are several sizes, a contender leaves out those at which one call would take longer."""

SAMPLE_SECONDS = 0.002
"""A short call is repeated until the calls take this long, much longer than the error of the clock and the loop."""

LONG_SECONDS = 0.05
"""A longer call needs no warm-up: its first time counts."""

WARNED_SECONDS = 10.0
"""A comparison that takes longer says so first."""

PROBED_N = 1000
"""The times of this many primes predict those of more; in Python, they take 10 ms."""

TRIAL_DIVISION, TUTORIAL, OWN, NOTHING = "trial division", "tutorial sieve", "first_n", "empty program"


@dataclass(frozen=True)
class Contender:
    """One way to make the first n primes."""

    method: str
    language: str
    backend: str
    first_n: Callable[[int], list[int]]
    program: str
    """The program that prints them; ``{n}`` stands for their number."""

    def __str__(self) -> str:
        return f"{self.method} in {self.language}"


@dataclass
class Timing:
    """The times of one contender for one n."""

    contender: Contender
    n: int
    seconds: list[float] = field(default_factory=list)
    """The time of one call, for each round."""
    times_as_fast: float | None = None
    """How many times as fast as the first contender: the median of the ratios of all rounds."""

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
    """The contenders for which larger sizes would have taken too long, and the last size of each."""

    @property
    def contenders(self) -> list[Contender]:
        """The contenders, in the order of the table."""
        return list(dict.fromkeys(timing.contender for timing in self.timings))

    def timing(self, contender: Contender, n: int) -> Timing | None:
        """Return the times of a contender at one size, if there are any."""
        return next((each for each in self.timings if (each.contender, each.n) == (contender, n)), None)


class ComparisonError(Exception):
    """A contender failed, or has other primes than the others, so the times mean nothing."""


def contenders(*, whole_process: bool) -> list[Contender]:
    """List the contenders, without those of missing backends. The first one is trial division in Python."""
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
    # Every whole process includes the time of this one, which prints no primes.
    nothing = Contender(NOTHING, "Python", "python", lambda _n: [], "")
    return [*trials, of_a_tutorial, *own, *([nothing] if whole_process else [])]


def missing() -> dict[str, str]:
    """Return the missing backends, and why each is missing."""
    return {name: reason for name in MODULES if (reason := missing_reason(name)) is not None}


def foretell(sizes: Sequence[int]) -> tuple[float, float]:
    """Estimate the seconds that a comparison takes at least, and those of trial division in Python at the largest size.

    The number of divisions grows as the square of the number of primes.
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
    """Refuse a number of primes below 1, and one that nobody would wait for."""
    if n < 1:
        raise ValueError(f"n must be at least 1, got {shown(n)}")
    if n > MOST:
        _total, seconds = foretell([min(n, 10**12)])
        raise ValueError(
            f"n must be at most {MOST}, got {shown(n)}: trial division in Python would take "
            f"{'more than ' if n > 10**12 else 'about '}{in_words(seconds)}"
        )


def in_words(seconds: float) -> str:
    """Return a time with two digits, in the largest unit of which there are at least two."""
    units = ((365.25 * 86400, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))
    scale, unit = next((each for each in units if seconds >= 2 * each[0]), units[-1])
    return f"{float(f'{seconds / scale:.2g}'):,.0f} {unit}"


def compare(sizes: Sequence[int], *, whole_process: bool, tell: Callable[[str], object]) -> Comparison:
    """Check the answers of all contenders and time them, for each size; ``tell`` is called with what is being done."""
    call = call_whole if whole_process else call_here
    racing = contenders(whole_process=whole_process)
    first = racing[0]
    several = len(sizes) > 1
    comparison = Comparison(sizes, whole_process)
    for n in sizes:
        if several:
            for contender in racing[:]:
                # No contender's time grows faster than the square of n.
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
    """Return the times of a contender at the largest size so far."""
    return next((each for each in reversed(comparison.timings) if each.contender == contender), None)


def measure(
    racing: Sequence[Contender], n: int, call: Call, budget: float, least: int, tell: Callable[[str], object]
) -> list[Timing]:
    """Time one size: first each contender alone, to check its answer and see how long it takes, then all in rounds."""
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
    # With this path, it finds the package of this process, and none in the directory where it starts.
    path = [str(entry) for entry in sys.path if isinstance(entry, str)]  # type: ignore[redundant-expr]
    code = f"import sys; sys.path[:] = {path!a}; {contender.program.format(n=n)}" if contender.program else ""
    command = [interpreter(), "-c", code]
    environment = {**environ, "PRIMES_BACKEND": contender.backend}
    began = time.perf_counter()
    for _ in range(loops):
        # In a group of its own, it does not get Ctrl-C from the terminal: this process gets that, and ends it.
        result = subprocess.run(  # noqa: S603  (this interpreter)
            command, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, process_group=0
        )
        if result.returncode:
            told = result.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise ComparisonError(f"{contender}, as a process, ended with status {result.returncode}: {told}")
    return time.perf_counter() - began, result.stdout


def machine() -> dict[str, str]:
    """Name the processor, the interpreter and the compilers of the times."""
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
