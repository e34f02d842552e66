"""Two charts: every ratio of a run on a logarithmic scale, and ten ratios of a document as bars.

The pictures are SVG, with text as text. Each element has its colours as attributes, because many viewers and converters
ignore style sheets. The one style sheet only exchanges the colours on a dark screen, and not on paper. The pictures
paint their own background: a page need not be dark because the reader's system is.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.report import Figure

COLOURS = {
    "ground": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "faint": ("#59636e", "#9198a1"),
    "line": ("#d8dee4", "#30363d"),
    "met": ("#0a7d5a", "#3fb68b"),
    "unmet": ("#c2410c", "#f0883e"),
}
"""The colours on a light and on a dark background. In both, text has a contrast of at least 4.5 to 1."""

FONT = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"

MARGIN = 20
"""The margin around a picture. All lengths are in pixels."""


def fill(colour: str) -> str:
    """Return the attributes that fill an element."""
    return f'fill="{COLOURS[colour][0]}" class="fill-{colour}"'


def stroke(colour: str, width: float) -> str:
    """Return the attributes of a line."""
    return f'stroke="{COLOURS[colour][0]}" stroke-width="{width:g}" class="stroke-{colour}"'


def text(words: str, x: float, y: float, colour: str = "ink", *, anchor: str = "start", font: str = "") -> str:
    """Write text that begins at x, ends there, or has its middle there."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {fill(colour)}{font}>{escape(words)}</text>'


def upright(x: float, top: float, bottom: float, colour: str, width: float = 1) -> str:
    """Draw a vertical line."""
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" {stroke(colour, width)}/>'


def about(figure: Figure, parts: Iterable[str]) -> list[str]:
    """Group the elements of a figure, with a text that appears where the pointer rests on it."""
    words = f"{figure.work}: {figure.ratio:g} of the time of {figure.peer}, goal {figure.goal:g}"
    return [f"<g><title>{escape(words)}</title>", *parts, "</g>"]


def document(width: int, height: int, title: str, legend: str, parts: Iterable[str]) -> str:
    """Return the file: a title, a legend, and below them the parts."""
    dark = "".join(
        f"\n  .fill-{name} {{ fill: {in_the_dark}; }} .stroke-{name} {{ stroke: {in_the_dark}; }}"
        for name, (_, in_the_dark) in COLOURS.items()
    )
    head = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="{FONT}" font-size="12" role="img" aria-labelledby="title about">'
        ),
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="about">{escape(legend)}</desc>',
        f"<style>\n@media screen and (prefers-color-scheme: dark) {{{dark}\n}}\n</style>",
        f'<rect width="{width}" height="{height}" {fill("ground")}/>',
        text(title, MARGIN, 34, font=' font-size="17" font-weight="600"'),
        text(legend, MARGIN, 56, "faint"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])


# Every figure.

WIDTH, NAMES, RATIOS = 860, 250, 56
"""The widths of the picture and of its columns of names and ratios."""

LINE, HEADING, TOP = 18, 34, 92
"""The heights of a row, of the heading of a section, and of everything above the rows."""

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""The ratios that may have a line of the grid."""


def every(figures: Sequence[Figure]) -> str:
    """Draw all ratios: median, quartiles and goal."""
    lowest = min([0.5, *(min(figure.low, figure.goal) for figure in figures)])
    highest = max([2.0, *(figure.high for figure in figures)])
    steps = [
        step
        for i, step in enumerate(STEPS)
        if STEPS[min(i + 1, len(STEPS) - 1)] > lowest and STEPS[max(i - 1, 0)] < highest
    ]
    left, right = MARGIN + NAMES, WIDTH - MARGIN - RATIOS

    def place(ratio: float) -> float:
        """Return the x of a ratio; one beyond the scale is at the end of it."""
        share = log10(ratio / steps[0]) / log10(steps[-1] / steps[0])
        return left + (right - left) * min(max(share, 0.0), 1.0)

    rows: list[str] = []
    y = TOP
    for title, group in groupby(figures, lambda figure: figure.section):
        rows.append(text(title, MARGIN, y + HEADING - 12, font=' font-size="13" font-weight="600"'))
        y += HEADING
        for figure in group:
            rows += about(figure, mark(figure, place, y + LINE / 2))
            y += LINE
    grid = []
    for step in steps:
        one = step == 1
        grid.append(upright(place(step), TOP, y + 4, "ink" if one else "line", 1.5 if one else 1))
        grid.append(text(f"{step:g}", place(step), TOP - 8, "faint", anchor="middle"))
    legend = (
        "Further left is faster; at 1 both are equal. Dot: median, with quartiles; hollow where it misses the goal, "
        "the bar. Logarithmic."
    )
    return document(WIDTH, y + MARGIN, "Time of primes, as a part of the peer's", legend, [*grid, *rows])


def mark(figure: Figure, place: Callable[[float], float], y: float) -> list[str]:
    """Draw one row: its name, goal, quartiles, median and ratio."""
    colour = "met" if figure.met else "unmet"
    return [
        text(figure.name, MARGIN, y + 4),
        upright(place(figure.goal), y - 6, y + 6, "faint", 2),
        (
            f'<line x1="{place(figure.low):.1f}" x2="{place(figure.high):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke-linecap="round" stroke-opacity="0.55" {stroke(colour, 3)}/>'
        ),
        f'<circle cx="{place(figure.ratio):.1f}" cy="{y:.1f}" r="4.5" {fill(colour)}/>',
        *[f'<circle cx="{place(figure.ratio):.1f}" cy="{y:.1f}" r="2.5" {fill("ground")}/>'] * (not figure.met),
        text(f"{figure.ratio:g}", WIDTH - MARGIN, y + 4, colour, anchor="end"),
    ]


# Ten figures.

TELLING = {
    "count-1e9": "count the primes below 10⁹ by sieving",
    "count-1e9-from-1e18": "count those of 10⁹ integers from 10¹⁸ on",
    "array-1e7": "NumPy array of the first 10⁷",
    "list-1e7-rust": "list of the first 10⁷",
    "iterate-1e7": "iterate over 10⁷ in a for loop",
    "text-1e9": "write those below 10⁹ as text",
    "is-prime-odd-gmpy2": "is_prime of random 64-bit integers",
    "next-prime": "next_prime of 63-bit integers",
    "pi-1e14": "prime_pi(10¹⁴)",
    "nth-1e12": "nth_prime(10¹²)",
}
"""One row for each task of users, and its text in the picture. Only arrays are made by several threads."""

BARS, BAR, WORKS, PEERS = 26, 14, 270, 250
"""The heights of a row and of its bar, and the widths of the columns of tasks and peers."""


def telling(figures: Sequence[Figure]) -> str:
    """Draw ten ratios as bars, beside a line at 1: the time of the peer."""
    shown = [figure for figure in figures if figure.name in TELLING]
    left, right = MARGIN + WORKS, WIDTH - MARGIN - PEERS
    longest = max([1.1, *(figure.ratio for figure in shown)])
    one = left + (right - left) / longest
    bottom = TOP + BARS * len(shown)
    rows: list[str] = []
    for number, figure in enumerate(shown):
        y = TOP + BARS * number + BARS / 2
        length = (one - left) * figure.ratio
        rows += about(
            figure,
            [
                text(TELLING[figure.name], left - 10, y + 4, anchor="end"),
                (
                    f'<rect x="{left}" y="{y - BAR / 2:g}" width="{length:.1f}" height="{BAR}" '
                    f"{fill('met' if figure.ratio < 1 else 'unmet')}/>"
                ),
                text(f"{figure.ratio:.2f}", right + 10, y + 4, font=' font-weight="600"'),
                text(f"of {figure.peer.partition(' (')[0]}", right + 48, y + 4, "faint"),
            ],
        )
    parts = [
        upright(left, TOP, bottom, "line"),
        *rows,
        upright(one, TOP, bottom, "ink", 1.5),
        text("the peer's time", one, TOP - 8, "faint", anchor="middle"),
    ]
    legend = "Medians of alternating runs on one machine with AVX-512; shorter is faster."
    return document(WIDTH, bottom + MARGIN, "Time of primes beside the fastest there is", legend, parts)
