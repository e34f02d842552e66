"""The tables of docs/explanation/libraries.md: their call and ours, which must give the same.

    python tests/support/calls.py primesieve

compares the rows of a library in an interpreter that has it; for primes the sources will do.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LIBRARIES = ROOT / "docs" / "explanation" / "libraries.md"
LIMITS = ROOT / "docs" / "explanation" / "limits.md"
ROW = re.compile(r"^\| `(?P<theirs>[^`]+)` \| `(?P<ours>[^`]+)` \|$", re.MULTILINE)

MODULES = {"SymPy": "sympy", "gmpy2": "gmpy2", "python-flint": "flint", "primesieve": "primesieve"}
MODULES |= {"primecountpy": "primecountpy", "`math.integer`, in Python 3.15": "math"}


def tables() -> dict[str, list[tuple[str, str]]]:
    """Return the rows of calls of each section that is about a library, by the module's name."""
    sections = LIBRARIES.read_text(encoding="utf-8").split("\n## ")[1:]
    rows = {section.partition("\n")[0]: ROW.findall(section) for section in sections}
    return {MODULES[title]: found for title, found in rows.items()}


def limits() -> list[tuple[str, str]]:
    """Return what the page about limits sends its readers to, and what that gives."""
    return ROW.findall(LIMITS.read_text(encoding="utf-8"))


def evaluated(code: str, *modules: str) -> Any:  # noqa: ANN401  (it is what the page says)
    """Return what an expression of a page gives, with modules by their names."""
    names: dict[str, Any] = {name: importlib.import_module(name) for name in ("primes", *modules)}
    return eval(code, names | vars(math) | {"islice": islice})  # noqa: S307  (it is a page of ours)


if __name__ == "__main__":
    sys.path.append(str(ROOT))
    [module] = sys.argv[1:]
    rows = tables()[module]
    for theirs, ours in rows:
        if evaluated(theirs, module) != evaluated(ours):
            sys.exit(f"{theirs} is not {ours}")
    print(f"{module}: {len(rows)} calls agree")  # noqa: T201
