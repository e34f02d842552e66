"""The results as a table, as JSON, and as the figures of a document."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers import backends
from benchmarks.rows import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Result
    from benchmarks.peers import Machine

HEADINGS = ("row", "work", "ours", "peer", "theirs", "ratio", "quartiles", "goal", "")

BEGIN, END = "<!-- benchmarks: begin -->\n", "<!-- benchmarks: end -->\n"
"""The lines around the table in a document."""

SECTION_OF = {row.name: section.title for section in SECTIONS for row in section.rows}


def table(results: Sequence[Result]) -> str:
    """Return the results as tables of Markdown, one for each section."""
    parts = []
    for title, group in groupby(results, lambda result: SECTION_OF.get(result.row.name, "")):
        lines = [HEADINGS, *(cells(result) for result in group)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        lines.insert(1, tuple("-" * width for width in widths))
        shown = "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)
        parts.append(f"### {title}\n\n{shown}\n")
    return "\n".join(parts)


def cells(result: Result) -> tuple[str, ...]:
    """Return one line of the table."""
    row = result.row
    name, work, peer = f"`{row.name}`", row.work, result.peer
    absolute = row.peer is None
    goal = f"<= {amount(row.goal, row.quantity)}" if absolute else f"<= {row.goal:.2f}"
    if result.failure or result.missing or not result.values:
        return name, work, "", peer, "", "", "", goal, result.failure or result.missing or "agrees"
    low, middle, high = result.quartiles
    mine = amount(statistics.median(result.ours), row.quantity)
    verdict = "met" if result.met else "not met"
    if absolute:
        return name, work, mine, "", "", "", "", goal, verdict
    theirs = amount(statistics.median(result.theirs), row.quantity)
    return name, work, mine, peer, theirs, f"{middle:.3g}", f"{low:.3g} .. {high:.3g}", goal, verdict


@dataclass(frozen=True)
class Figure:
    """One line of the table with a ratio, as precise as it is printed."""

    section: str
    name: str
    work: str
    peer: str
    ratio: float
    low: float
    high: float
    goal: float
    met: bool


def figures(document: str) -> list[Figure]:
    """Read the ratios of a document or of a table back, for its pictures."""
    found = []
    section = ""
    for line in document.splitlines():
        if line.startswith("### "):
            section = line.removeprefix("### ")
        told = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(told) != len(HEADINGS) or " .. " not in told[6]:
            continue
        name, work, _ours, peer, _theirs, ratio, quartiles, goal, verdict = told
        low, high = map(float, quartiles.split(" .. "))
        found.append(
            Figure(
                section,
                name.strip("`"),
                work.replace("`", ""),
                peer,
                float(ratio),
                low,
                high,
                float(goal.removeprefix("<= ")),
                met=verdict == "met",
            )
        )
    return found


def amount(value: float, quantity: str) -> str:
    """Write seconds or bytes with their unit."""
    if quantity == "bytes":
        return f"{value / 1e6:.3g} MB"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def surroundings(machine: Machine) -> dict[str, Any]:
    """Describe the machine, the backends and the peers."""
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "backends": backends(""),
        "peers": machine.told(),
    }


def processor() -> str:
    """Return the name of the processor, if the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    told = {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}
    numbers = f"family {told.get('cpu family')}, model {told.get('model')}"
    return f"{told.get('model name', platform.machine())} ({numbers})"


def as_json(results: Sequence[Result], where: dict[str, Any]) -> str:
    """Return everything that was measured."""
    rows = [
        {
            "name": result.row.name,
            "section": SECTION_OF.get(result.row.name, ""),
            "work": result.row.work,
            "peer": result.peer,
            "quantity": result.row.quantity,
            "goal": result.row.goal,
            "goal_is_ratio": result.row.peer is not None,
            "met": result.met,
            "quartiles": result.quartiles if result.values else None,
            "ours": result.ours,
            "theirs": result.theirs,
            "missing": result.missing,
            "failure": result.failure,
        }
        for result in results
    ]
    return json.dumps({"surroundings": where, "rows": rows}, indent=1) + "\n"


def summary(results: Sequence[Result]) -> str:
    """Count the results."""
    measured = [result for result in results if result.values]
    missing = sum(bool(result.missing) for result in results)
    failed = sum(bool(result.failure) for result in results)
    told = [f"{sum(result.met for result in measured)} of {len(measured)} goals met"] * bool(measured)
    agree = len(results) - len(measured) - missing - failed
    told += [f"{agree} only checked: the answers agree"] * bool(agree)
    told += [f"{missing} not measured"] * bool(missing)
    told += [f"{failed} FAILED"] * bool(failed)
    return "; ".join(told)


def written(document: str, results: Sequence[Result], where: dict[str, Any], command: str) -> str:
    """Return a document with its table replaced."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no lines {BEGIN.strip()} and {END.strip()}")
    built = ", ".join(
        f"{name} ({build.get('compiler', build.get('reason'))})" for name, build in where["backends"].items()
    )
    peers = ", ".join(f"{name} {version}" for name, version in where["peers"].items())
    head = (
        f"`{command}` on {where['date']}: {summary(results)}.\n\n"
        f"- Machine: {where['processor']}, {where['cores']} cores; {where['system']}; Python {where['python']}.\n"
        f"- Backends: {built}; vector instructions: {where['backends']['rust'].get('cpu', 'none')}.\n"
        f"- Peers: {peers}.\n\n"
    )
    return f"{before}{begin}\n{head}{table(results)}\n{end}{after}"
