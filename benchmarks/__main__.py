"""The command: ``python -m benchmarks --help``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import chart, report
from benchmarks.measure import FULL, QUICK, Result, measure
from benchmarks.peers import backends, look_around
from benchmarks.rows import SECTIONS, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICK_SECONDS = 100.0
"""With --quick no row begins after this time. None takes longer than the rest of the two minutes."""


def selected(names: Sequence[str], *, quick: bool) -> list[Row]:
    """Return the rows whose names begin with one of the names; without names, all that run by default."""
    rows = [row for section in SECTIONS for row in section.rows]
    for name in names:
        if not any(row.name.startswith(name) for row in rows):
            raise SystemExit(f"no row begins with {name!r}; there are: {', '.join(row.name for row in rows)}")
    if names:
        return [row for row in rows if row.name.startswith(tuple(names))]
    return [row for row in rows if row.runs == "quick" or (row.runs == "full" and not quick)]


def refuse_debug_builds() -> None:
    """End the run if a backend was compiled without optimization: its times would be meaningless."""
    debug = [name for name, build in backends("").items() if build.get("profile") == "debug"]
    if debug:
        raise SystemExit(f"{', '.join(debug)}: a debug build, whose times would be meaningless")


def draw(document: Path) -> None:
    """Draw the chart of a document, from the figures in its table, and write it beside the document."""
    figures = report.figures(document.read_text(encoding="utf-8"))
    document.with_suffix(".svg").write_text(chart.telling(figures), encoding="utf-8")


def main() -> int:
    """Measure, and print the results."""
    begin = time.monotonic()
    parser = argparse.ArgumentParser(prog="benchmarks", description="Compare primes with its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only the rows whose names begin so")
    parser.add_argument("--quick", action="store_true", help="the shorter rows, fewer times each: under two minutes")
    parser.add_argument("--check", action="store_true", help="only compare the answers")
    parser.add_argument(
        "--peer-python",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="another interpreter, with peers that this one does not have; ignored if it is not there",
    )
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="write benchmarks.json and benchmarks.svg there")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the table there, and a chart beside it")
    parser.add_argument("--draw", type=Path, metavar="DOCUMENT", help="only draw the chart of a document anew")
    options = parser.parse_args()

    if options.draw:
        draw(options.draw)
        return 0
    rows = selected(options.names, quick=options.quick)
    refuse_debug_builds()
    machine = look_around([path for path in options.peer_python if path.exists()])
    results = []
    for number, row in enumerate(rows, 1):
        print(f"[{number}/{len(rows)}] {row.name}", file=sys.stderr, flush=True)
        if options.quick and time.monotonic() - begin > QUICK_SECONDS:
            results.append(Result(row, missing="no time left"))
            continue
        result = measure(row, machine, QUICK if options.quick else FULL, only_check=options.check)
        results.append(result)
        if result.failure:
            print(f"{row.name}: {result.failure}", file=sys.stderr, flush=True)

    where = report.surroundings(machine)
    print("Peers: " + ", ".join(f"{name} {version}" for name, version in where["peers"].items()) + "\n")
    print(report.table(results))
    print(report.summary(results))
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        options.results.joinpath("benchmarks.json").write_text(report.as_json(results, where), encoding="utf-8")
        drawn = chart.every(report.figures(report.table(results)))
        options.results.joinpath("benchmarks.svg").write_text(drawn, encoding="utf-8")
    if options.write:
        document = options.write.read_text(encoding="utf-8")
        chosen = ["--quick"] * options.quick + options.names
        command = " ".join(["tox -e bench --", *chosen, f"--write {options.write}"])
        options.write.write_text(report.written(document, results, where, command), encoding="utf-8")
        draw(options.write)
    return int(any(result.failure for result in results))


if __name__ == "__main__":
    sys.exit(main())
