"""A comparison as text: a table, with bars where a terminal is wide enough, JSON, or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from primes._api import SMALL_LEN
from primes._cli.compare import CALL_SECONDS, OWN, machine, missing
from primes._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from primes._cli.compare import Comparison, Contender, Timing

UNITS = (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9))

GAP = 2
"""Spaces between two columns."""

LEAST_BARS, MOST_BARS = 12, 40
"""The columns of the bars. If there is less room, each bar gets a line of its own."""

SLOPE_N = 1000
"""The slope is taken from this size on, where the cost of the call itself is small. For the package's own functions, it
is taken from where they no longer copy a table."""


class Screen(NamedTuple):
    """The screen that shows the text."""

    width: int | None
    """Its columns; None if it is no terminal, so that no line is broken and no bars are drawn."""
    full: str = "#"
    """The character of the bars."""
    parts: str = ""
    """Characters for equal parts of it, which may end a bar, the smallest first."""


PLAIN = Screen(None)


def as_table(comparison: Comparison, screen: Screen = PLAIN) -> str:
    """Return the comparison as people read it."""
    if len(comparison.sizes) > 1:
        heading = "Median times to make the first N primes" + (", whole processes" if comparison.whole_process else "")
        body = sizes_table(comparison, screen)
    else:
        [n] = comparison.sizes
        rounds = len(comparison.timings[0].seconds)
        heading = (
            f"The first {n} primes{', whole processes' if comparison.whole_process else ''}: medians of {rounds} "
            f"rounds, with quartiles. All answers agree."
        )
        body = table(comparison.timings, screen)
    paragraphs = [heading, "\n".join(body), *notes(comparison), "; ".join(dict.fromkeys(machine().values()))]
    if screen.width:
        paragraphs = [
            text if i == 1 else textwrap.fill(text, screen.width - 1, break_long_words=False, break_on_hyphens=False)
            for i, text in enumerate(paragraphs)
        ]
    return "\n\n".join(paragraphs[:2]) + "\n\n" + "\n".join(paragraphs[2:]) + "\n"


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield the notes that explain the table."""
    for contender, n in comparison.ended.items():
        yield f"{contender} ends at {n}: the next call would take more than {CALL_SECONDS:.0f} seconds."
    if comparison.sizes[0] <= SMALL_LEN and not comparison.whole_process:
        yield f"{OWN} copies up to {SMALL_LEN} primes from a table that its first call has made."
    for name, reason in missing().items():
        yield f"{name} is missing: {reason}"


def table(timings: Sequence[Timing], screen: Screen) -> list[str]:
    """Return the lines of the table for one size."""
    rows = [("method", "language", "median", "quartiles", "speed")]
    for timing in timings:
        low, median, high = timing.quartiles
        _name, unit_seconds = unit_of(median)
        spread = f"{figure(low / unit_seconds)} .. {figure(high / unit_seconds)}"
        cells = timing.contender.method, timing.contender.language, duration(median), spread, speed(timing)
        rows.append(cells)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = [(str.ljust, str.ljust, str.rjust, str.rjust, str.rjust)[i] for i in range(len(widths))]
    lines = [
        (" " * GAP).join(align(cell, width) for align, cell, width in zip(aligned, row, widths, strict=True))
        for row in rows
    ]
    if screen.width is None:
        return [line.rstrip() for line in lines]
    fastest = max(timing.times_as_fast or 1.0 for timing in timings)
    room = screen.width - 1 - len(lines[0]) - GAP
    if room >= LEAST_BARS:
        decades, columns = math.log10(max(fastest, 10.0)), min(room, MOST_BARS)
        beside = [scale(decades, columns), *(bar(timing, decades, columns, screen) for timing in timings)]
        return [f"{line}{' ' * GAP}{end}".rstrip() for line, end in zip(lines, beside, strict=True)]
    # On a narrow screen a row takes three lines.
    decades, columns = math.log10(max(fastest, 10.0)), max(min(screen.width - 1 - GAP, MOST_BARS), 1)
    indent = " " * GAP
    stacked = [f"{indent}{scale(decades, columns)}".rstrip()]
    for timing, (method, language, time, quartiles, times) in zip(timings, rows[1:], strict=True):
        stacked += [
            f"{method}, {language}",
            f"{indent}{time} ({quartiles}), {times}",
            f"{indent}{bar(timing, decades, columns, screen)}".rstrip(),
        ]
    return stacked


def scale(decades: float, columns: int) -> str:
    """Return the scale above the bars: powers of ten at their places, as far as there is room."""
    text = ""
    for power in range(int(decades) + 1):
        label = f"{10**power}x" if power < 4 else f"1e{power}x"  # noqa: PLR2004  (the shorter way to write it)
        place = round(power * columns / decades)
        if (not text or place > len(text)) and place + len(label) <= columns:
            text = text.ljust(place) + label
    return text


def bar(timing: Timing, decades: float, columns: int, screen: Screen) -> str:
    """Return a bar whose length is the logarithm of the speed; that of the first contender is just visible."""
    length = columns * math.log10(max(timing.times_as_fast or 1.0, 1.0)) / decades
    whole = int(length)
    part = int((length - whole) * (len(screen.parts) + 1))
    text = screen.full * whole + (screen.parts[part - 1] if part else "")
    return text or (screen.parts[:1] or "|")


def sizes_table(comparison: Comparison, screen: Screen) -> list[str]:
    """Return the lines of the table of several sizes: one column for each contender, grouped by method."""
    blocks = [column_block(comparison, list(group)) for _, group in groupby(comparison.contenders, lambda c: c.method)]
    labels = ["", "N", *map(str, comparison.sizes)] + ["slope"] * has_slopes(comparison)
    width = max(map(len, labels))
    labels = [label.rjust(width) for label in labels]
    lines: list[str] = []
    while blocks:
        taken = 1
        joined = join([labels, *blocks[:taken]])
        while taken < len(blocks) and (
            screen.width is None or len(join([labels, *blocks[: taken + 1]])[0]) < screen.width
        ):
            taken += 1
            joined = join([labels, *blocks[:taken]])
        lines += ([""] if lines else []) + [line.rstrip() for line in joined]
        del blocks[:taken]
    return lines


def join(blocks: Sequence[Sequence[str]]) -> list[str]:
    """Set blocks of lines side by side; each has as many lines, all of one width."""
    return [(" " * GAP).join(parts) for parts in zip(*blocks, strict=True)]


def column_block(comparison: Comparison, contenders: Sequence[Contender]) -> list[str]:
    """Return the columns of one method: its name, the languages, the times, and the slopes."""
    columns = []
    for contender in contenders:
        found = [comparison.timing(contender, n) for n in comparison.sizes]
        cells = [contender.language, *(duration(each.quartiles[1]) if each else "-" for each in found)]
        if has_slopes(comparison):
            grows = slope([each for each in found if each])
            cells.append(f"N^{grows:.2g}" if grows is not None else "-")
        columns.append(cells)
    widths = [max(map(len, column)) for column in columns]
    lines = [(" " * GAP).join(map(str.rjust, row, widths)) for row in zip(*columns, strict=True)]
    width = max(len(lines[0]), len(contenders[0].method))
    return [contenders[0].method.ljust(width), *(line.rjust(width) for line in lines)]


def has_slopes(comparison: Comparison) -> bool:
    """Tell whether slopes make sense: there are two points or more, and no time includes the interpreter's start."""
    return sum(n >= SLOPE_N for n in comparison.sizes) > 1 and not comparison.whole_process


def slope(timings: Sequence[Timing]) -> float | None:
    """Return by which power of N the times grow: the slope of the line that fits best on logarithmic scales."""
    points = [
        (math.log(each.n), math.log(each.quartiles[1]))
        for each in timings
        if each.n > (SMALL_LEN if each.contender.method == OWN else SLOPE_N - 1)
    ]
    if len(points) < 2:  # noqa: PLR2004  (a line has two points)
        return None
    xs, ys = zip(*points, strict=True)
    return statistics.linear_regression(xs, ys).slope


def unit_of(seconds: float) -> tuple[str, float]:
    """Return the largest unit of which this is at least 1, else the smallest unit, and its seconds."""
    return next((unit for unit in UNITS if seconds >= unit[1]), UNITS[-1])


def figure(value: float) -> str:
    """Return a number with three significant digits, and with all digits before the point."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:.3g}"  # noqa: PLR2004  (three digits)


def duration(seconds: float) -> str:
    """Return a time in a fitting unit."""
    name, unit_seconds = unit_of(seconds)
    return f"{figure(seconds / unit_seconds)} {name}"


def speed(timing: Timing) -> str:
    """Return how many times as fast as the first contender this one is."""
    return f"{figure(timing.times_as_fast)}x" if timing.times_as_fast is not None else "-"


def as_json(comparison: Comparison) -> str:
    """Return the whole comparison as JSON."""
    rows = [
        {
            "method": timing.contender.method,
            "language": timing.contender.language,
            "n": timing.n,
            "median": timing.quartiles[1],
            "quartiles": [timing.quartiles[0], timing.quartiles[2]],
            "times_as_fast": timing.times_as_fast,
            "seconds": timing.seconds,
        }
        for timing in comparison.timings
    ]
    whole = {
        "primes": __version__,
        "machine": machine(),
        "whole_process": comparison.whole_process,
        "rows": rows,
        "ended": [
            {"method": contender.method, "language": contender.language, "n": n}
            for contender, n in comparison.ended.items()
        ],
        "missing": missing(),
    }
    return json.dumps(whole, indent=2) + "\n"


def as_csv(comparison: Comparison) -> str:
    """Return the comparison as CSV: a line for each time, and one for each missing backend."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["method", "language", "n", "median", "low", "high", "times_as_fast", "rounds", "missing"])
    for timing in comparison.timings:
        low, median, high = timing.quartiles
        method, language = timing.contender.method, timing.contender.language
        figures = median, low, high, timing.times_as_fast, len(timing.seconds)
        writer.writerow([method, language, timing.n, *figures, ""])
    for name, reason in missing().items():
        writer.writerow(["", name.capitalize(), "", "", "", "", "", "", reason])
    return file.getvalue()
