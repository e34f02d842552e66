"""The command ``python -m benchmarks.instructions`` counts the instructions of each hot loop of the Rust core.

On a shared machine, times vary by more than a change to a hot loop may cost. The number of instructions does not: two
runs differ by less than a thousandth. It therefore guards the loops from commit to commit. It does not replace a time,
for it ignores caches and the cost of wide instructions. Valgrind has no AVX-512: only lower levels are counted.

It needs Valgrind and cargo. The loops are those of ``rust_ext/core/benches/hot_loops.rs``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

BASELINE = Path(__file__).with_name("instructions.json")

LEVELS = ("portable", "avx2")
"""Values of PRIMES_CPU."""

TOLERANCE = 0.02
"""The most by which a loop may change. A new compiler changes most loops by more, and then needs a new baseline."""


def built() -> str:
    """Compile the loops and return the program that has them."""
    told = subprocess.run(
        ["cargo", "bench", "--locked", "--bench=hot_loops", "--no-run", "--message-format=json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=BASELINE.parent,
    ).stdout
    messages = map(json.loads, told.splitlines())
    return next(str(each["executable"]) for each in messages if each.get("executable"))


def loops_of(program: str) -> list[str]:
    """Return the names of the loops."""
    told = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"─ (\w+)", told)


def counted(program: str, loop: str, level: str) -> int:
    """Run one loop and return the number of instructions."""
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    told = subprocess.run(
        [*valgrind, program, "--exact", f"hot_loops::{loop}"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PRIMES_CPU": level},
    ).stderr
    found = re.search(r"Collected : (\d+)", told)
    if not found:
        raise SystemExit(f"Valgrind told no number of instructions for {loop}:\n{told}")
    return int(found[1])


def compiler() -> str:
    """Return the version of the compiler."""
    return subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    """Count, and compare with the baseline."""
    parser = argparse.ArgumentParser(prog="benchmarks.instructions", description="Count instructions of hot loops.")
    parser.add_argument("--update", action="store_true", help="make what is counted now the baseline")
    options = parser.parse_args()

    program = built()
    loops = loops_of(program)
    now: dict[str, dict[str, int]] = {}
    for level in LEVELS:
        start = counted(program, "none", level)
        now[level] = {loop: counted(program, loop, level) - start for loop in loops}
    if options.update:
        BASELINE.write_text(json.dumps({"compiler": compiler(), "levels": now}, indent=1) + "\n", encoding="utf-8")

    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    if baseline["compiler"] != compiler():
        print(f"The baseline is of {baseline['compiler']}, this is {compiler()}: expect the loops to move.")
    width = max(map(len, loops))
    worse = []
    for level, counts in now.items():
        for loop, count in counts.items():
            before = baseline["levels"][level].get(loop)
            change = count / before - 1 if before else 0.0
            moved = "" if abs(change) <= TOLERANCE else "MORE" if change > 0 else "less: --update keeps it so"
            print(f"{level:9} {loop:{width}} {count / 1e6:9.1f} M {change:+8.2%}  {moved if before else 'new'}")
            worse += [f"{loop} ({level})"] * (change > TOLERANCE)
        gone = baseline["levels"][level].keys() - counts.keys()
        worse += [f"{loop} ({level}), which is gone" for loop in sorted(gone)]
    if worse:
        print(f"More than {TOLERANCE:.0%} more instructions, or none: {', '.join(worse)}")
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main())
