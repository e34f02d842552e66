"""Draw the pictures of pages whose programs draw them: `python docs/pictures.py`, with matplotlib installed.

The program is the block of the page whose first line is its name, as a reader would run it.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import matplotlib as mpl

DOCS = Path(__file__).resolve().parent
PROGRAMS = {"tutorial/index.md": "pi.py"}

# Texts stay texts, and a picture drawn again from the same program is the same file.
SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "primes"}


def draw(page: str, name: str, folder: Path) -> None:
    """Run the program of a page in a folder."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^```python\n(# {re.escape(name)}\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"{page} has no program {name}")
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    os.chdir(folder)
    mpl.use("svg")
    with mpl.rc_context(SETTINGS):
        exec(compile(found[1], name, "exec"), {"__name__": "__main__"})  # noqa: S102  (it is a page of ours)
    for picture in folder.glob("*.svg"):
        lines = picture.read_text(encoding="utf-8").splitlines()
        picture.write_text("".join(f"{line.rstrip()}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    for page, name in PROGRAMS.items():
        draw(page, name, Path(sys.argv[1]) if sys.argv[1:] else (DOCS / page).parent)
