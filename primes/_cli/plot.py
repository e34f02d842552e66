"""A comparison as a picture. Only this file imports matplotlib, an extra.

One size is drawn as bars, several sizes as lines on logarithmic scales. There, a constant factor is a distance between
two lines, and the power by which a time grows is a slope. The colour is the language, the mark is the method. A picture
has its own background, so it fits light and dark pages. An SVG file also changes its colours on a dark screen.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from primes._cli.compare import NOTHING, OWN, TRIAL_DIVISION, TUTORIAL, machine
from primes._cli.compare_text import duration, has_slopes, slope, speed

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from primes._cli.compare import Comparison

SUFFIXES = (".png", ".svg")

GROUND, INK, FAINT, LINE = "#ffffff", "#1f2328", "#59636e", "#d8dee4"
COLOURS = {"Python": "#2563a8", "Cython": "#9a6700", "Rust": "#c2410c"}
DARK = {
    GROUND: "#0d1117",
    INK: "#e6edf3",
    FAINT: "#9198a1",
    LINE: "#30363d",
    "#2563a8": "#6cb0f5",
    "#9a6700": "#dfb13b",
    "#c2410c": "#f0883e",
}
"""The colours on a dark screen."""

MARKS = {TRIAL_DIVISION: ("o", "-"), TUTORIAL: ("D", ":"), OWN: ("s", "--"), NOTHING: ("x", ":")}
"""The mark and the line of each method."""

FEW_DECADES = 2.5
"""An axis of fewer decades would have at most two labels at its powers of ten, so it gets more."""

SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "svg.fonttype": "none",  # Text stays text: it can be read aloud, found and copied.
    "svg.hashsalt": "primes",  # The same figures make the same file.
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
}


def plotter(file: str) -> Callable[[Comparison], None]:
    """Return a function that draws a comparison into this file; refuse at once a file that cannot be written."""
    path = Path(file)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"--plot {file}: the name must end with {' or '.join(SUFFIXES)}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        reason = "it is a directory" if path.is_dir() else "no permission"
        raise ValueError(f"--plot {file}: {reason if path.parent.is_dir() else 'there is no such directory'}")
    try:
        settings()
    except ModuleNotFoundError:
        raise ValueError("--plot needs matplotlib: pip install matplotlib") from None

    def plot(comparison: Comparison) -> None:
        with settings():
            picture = drawn(comparison, path.suffix.lower())
        try:
            path.write_bytes(picture)
        except OSError as error:
            raise ValueError(f"--plot {file}: {error.strerror}") from None

    return plot


def settings() -> AbstractContextManager[None]:
    """Make matplotlib use the settings here instead of the user's own."""
    import matplotlib as mpl  # noqa: PLC0415  (an extra)

    context: AbstractContextManager[None] = mpl.rc_context(SETTINGS)
    return context


def drawn(comparison: Comparison, suffix: str) -> bytes:
    """Draw a comparison, and return the bytes of its file."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (not pyplot, which would look for a screen)

    figure = Figure(figsize=(8, 5.4 if len(comparison.sizes) > 1 else 4.2), layout="constrained")
    axes = figure.subplots()
    if len(comparison.sizes) > 1:
        draw_lines(axes, comparison)
    else:
        draw_bars(axes, comparison)
    axes.spines[["top", "right"]].set_visible(False)
    told = machine()
    figure.supxlabel("; ".join(dict.fromkeys(told.values())), fontsize=7, color=FAINT, x=0.01, ha="left")
    return written(figure, suffix)


def draw_bars(axes: Axes, comparison: Comparison) -> None:
    """Draw the times of one size, the first row on top."""
    [n] = comparison.sizes
    timings = comparison.timings
    places = range(len(timings))
    quartiles = [timing.quartiles for timing in timings]
    least, most = min(low for low, _, _ in quartiles), max(high for _, _, high in quartiles)
    axes.set_xscale("log")
    # Leave room for the text after the last mark.
    axes.set_xlim(least / 2, most * 2 * (most / least) ** 0.2)
    for place, timing in zip(places, timings, strict=True):
        colour, (mark, _line) = COLOURS[timing.contender.language], MARKS[timing.contender.method]
        low, median, high = timing.quartiles
        # A line leads to the mark, with a broader part between the quartiles. A bar needs a zero, which this scale has
        # not.
        axes.plot([axes.get_xlim()[0], median], [place, place], color=LINE, linewidth=1.5, zorder=1)
        axes.plot([low, high], [place, place], color=colour, linewidth=4, alpha=0.5)
        axes.plot([median], [place], color=colour, marker=mark, markersize=8)
        text = duration(median) + (f", {speed(timing)}" if place else "")
        axes.annotate(text, (high, place), xytext=(9, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(places, [f"{timing.contender.method}, {timing.contender.language}" for timing in timings])
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=9)
    axes.set_ylim(len(timings) - 0.4, -0.6)
    label(axes.xaxis, duration)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_title(
        title(comparison, f"Time to make the first {n} primes") + ", on a logarithmic scale", loc="left", fontsize=11
    )


def draw_lines(axes: Axes, comparison: Comparison) -> None:
    """Draw the times of several sizes, a line for each contender, and how fast it grows."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    for contender in comparison.contenders:
        timings = [timing for timing in comparison.timings if timing.contender == contender]
        mark, line = MARKS[contender.method]
        grows = slope(timings) if has_slopes(comparison) else None
        axes.plot(
            [timing.n for timing in timings],
            [timing.quartiles[1] for timing in timings],
            color=COLOURS[contender.language],
            linestyle=line,
            linewidth=1.6,
            marker=mark,
            # Two lines may lie upon each other: marks of two sizes keep both visible.
            markersize=7 if contender.language == "Cython" else 4.5,
            label=f"{contender.method}, {contender.language}" + (f": N^{grows:.2g}" if grows is not None else ""),
        )
    axes.set_xlabel("N", color=FAINT)
    label(axes.xaxis, lambda n: f"{n:,.0f}")
    tell_of_the_language(axes, comparison)
    label(axes.yaxis, duration)
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc="best", fontsize=8, frameon=True, facecolor=GROUND, edgecolor=LINE, handlelength=3.5)
    axes.set_title(title(comparison, "Time to make the first N primes"), loc="left", fontsize=11)


def tell_of_the_language(axes: Axes, comparison: Comparison) -> None:
    """Show how far apart the first and the last line of trial division are at the last size that both have."""
    trials = [contender for contender in comparison.contenders if contender.method == TRIAL_DIVISION]
    both = [
        (ours, theirs)
        for n in comparison.sizes
        if (ours := comparison.timing(trials[0], n)) and (theirs := comparison.timing(trials[-1], n))
    ]
    if len(trials) == 1 or comparison.whole_process:
        return
    slow, fast = both[-1]
    top, bottom = ((timing.n, timing.quartiles[1]) for timing in (slow, fast))
    axes.annotate("", top, bottom, arrowprops={"arrowstyle": "<->", "color": FAINT, "shrinkA": 5, "shrinkB": 5})
    text = f"the language: {speed(fast)}"
    axes.annotate(text, top, xytext=(0, 9), textcoords="offset points", ha="center", fontsize=9)


def title(comparison: Comparison, text: str) -> str:
    """Return the title, which says what was timed."""
    return f"{text}, whole processes" if comparison.whole_process else text


def label(axis: Axis, text: Callable[[float], str]) -> None:
    """Label a logarithmic axis at powers of ten; a short one also at twice and five times these."""
    from matplotlib.ticker import LogLocator, NullLocator  # noqa: PLC0415

    low, high = axis.get_view_interval()
    few = high < low * 10**FEW_DECADES
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=20))
    axis.set_minor_locator(NullLocator())
    # A float just below a power of ten must not be written in the next smaller unit.
    axis.set_major_formatter(lambda value, _place: text(value * (1 + 1e-9)))


def written(figure: Figure, suffix: str) -> bytes:
    """Return the file of a figure."""
    file = io.BytesIO()
    if suffix == ".png":
        figure.savefig(file, format="png", dpi=200)
        return file.getvalue()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "primes compare"})
    rules = "".join(
        f'[style*="{of}: {light}"] {{ {of}: {dark} !important }}\n'
        for light, dark in DARK.items()
        for of in ("fill", "stroke")
    )
    sheet = f"<style>@media screen and (prefers-color-scheme: dark) {{\n{rules}}}</style>\n"
    return re.sub(r"(?=<defs>)", sheet, file.getvalue().decode(), count=1).encode()
