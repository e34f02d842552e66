"""The results as one picture: the ratio of each row on a logarithmic scale, its quartiles and its goal.

SVG, with text as text, and colours for a light and a dark screen. It paints its own ground, for a page that shows it
need not be light or dark as the reader's system is.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from math import log10
from typing import TYPE_CHECKING

from benchmarks.report import SECTION_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.measure import Result

WIDTH, MARGIN, LABELS, FIGURES = 860, 20, 250, 56
"""The picture, the space around it, and its columns of names and of figures, in pixels."""

LINE, HEADING, TOP = 18, 34, 92
"""The height of a row, of a section's heading, and of what stands above them."""

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""Where lines may stand."""

STYLE = """
svg { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d8dee4;
      --met: #0a7d5a; --unmet: #c2410c; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #30363d; --met: #3fb68b; --unmet: #f0883e; }
}
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--ink); }
.title { font-size: 17px; font-weight: 600; }
.section { font-size: 13px; font-weight: 600; }
.faint { fill: var(--faint); }
.end { text-anchor: end; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; }
.ground { fill: var(--ground); }
.line { stroke: var(--line); }
.peer { stroke: var(--ink); stroke-width: 1.5; }
.goal { stroke: var(--faint); stroke-width: 2; }
.met { fill: var(--met); stroke: var(--met); }
.unmet { fill: var(--unmet); stroke: var(--unmet); }
text.met, text.unmet { stroke: none; }
circle { stroke-width: 2; }
circle.unmet { fill: var(--ground); }
.spread { stroke-width: 3; stroke-linecap: round; opacity: 0.55; }
"""


def svg(results: Sequence[Result]) -> str:
    """Draw the ratios of the results that have one."""
    shown = [result for result in results if result.theirs]
    lowest = min([0.5, *(min(result.quartiles[0], result.row.goal) for result in shown)])
    highest = max([2.0, *(result.quartiles[2] for result in shown)])
    steps = [
        step
        for i, step in enumerate(STEPS)
        if STEPS[min(i + 1, len(STEPS) - 1)] > lowest and STEPS[max(i - 1, 0)] < highest
    ]
    left, right = MARGIN + LABELS, WIDTH - MARGIN - FIGURES

    def x(ratio: float) -> float:
        """Return where a ratio stands; what is beyond the scale stands at its end."""
        share = log10(ratio / steps[0]) / log10(steps[-1] / steps[0])
        return left + (right - left) * min(max(share, 0.0), 1.0)

    parts: list[str] = []
    y = TOP
    for title, group in groupby(shown, lambda result: SECTION_OF.get(result.row.name, "")):
        parts.append(f'<text class="section" x="{MARGIN}" y="{y + HEADING - 12}">{escape(title)}</text>')
        y += HEADING
        for result in group:
            parts += mark(result, x, y + LINE / 2)
            y += LINE
    grid = [
        f'<line class="{"peer" if step == 1 else "line"}" x1="{place:.1f}" x2="{place:.1f}" y1="{TOP}" y2="{y + 4}"/>'
        f'<text class="faint middle" x="{place:.1f}" y="{TOP - 8}">{step:g}</text>'
        for step, place in ((step, x(step)) for step in steps)
    ]
    height = y + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title about">\n'
        '<title id="title">Times of primes over those of its peers</title>\n'
        '<desc id="about">For each row the median ratio of the times, its quartiles, and the goal.</desc>\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>\n'
        f'<text class="title" x="{MARGIN}" y="34">Time of primes, as a part of the peer\'s</text>\n'
        f'<text class="faint" x="{MARGIN}" y="56">Further left is faster; at 1 both are equal. '
        "Dot: median, with quartiles; hollow where it misses the goal, the bar. Logarithmic.</text>\n"
    )
    return head + "\n".join([*grid, *parts]) + "\n</svg>\n"


def mark(result: Result, x: Callable[[float], float], y: float) -> list[str]:
    """Draw one row: its name, goal, quartiles, median and figure."""
    low, middle, high = result.quartiles
    goal = result.row.goal
    kind = "met" if result.met else "unmet"
    about = f"{result.row.work}: {middle:.3g} of the time of {result.peer or 'the peer'}, goal {goal:g}"
    return [
        f"<g><title>{escape(about)}</title>",
        f'<text x="{MARGIN}" y="{y + 4:.1f}">{escape(result.row.name)}</text>',
        f'<line class="goal" x1="{x(goal):.1f}" x2="{x(goal):.1f}" y1="{y - 6:.1f}" y2="{y + 6:.1f}"/>',
        f'<line class="spread {kind}" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<circle class="{kind}" cx="{x(middle):.1f}" cy="{y:.1f}" r="3.5"/>',
        f'<text class="end {kind}" x="{WIDTH - MARGIN}" y="{y + 4:.1f}">{middle:.3g}</text></g>',
    ]
