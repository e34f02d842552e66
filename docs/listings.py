"""Fill the marked blocks of pages: listings with the sources, outputs with what commands print, figures with times.

    python docs/listings.py              the listings and the figures, which tests compare
    python docs/listings.py --measure    the outputs too, and their pictures: two minutes on a machine that is quiet

Run it where the package is installed with both extensions, and with matplotlib.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPLANATION = ROOT / "docs" / "explanation"
LESSON = EXPLANATION / "lesson.md"
LIBRARIES = EXPLANATION / "libraries.md"
PERFORMANCE = EXPLANATION / "performance.md"

LANGUAGES = {".py": "python", ".pxd": "cython", ".pyx": "cython", ".rs": "rust"}

BLOCK = re.compile(
    r"<!-- (?P<kind>listing|output|figures): (?P<what>[^\n]+?) -->\n(?P<text>.*?)<!-- end -->\n", re.DOTALL
)

HEADERS = {
    ".py": r'\A""".*?"""\n+from __future__ import annotations\n+',
    ".pxd": r'""".*?"""\n',
    ".rs": r"(//![^\n]*\n+)+",
}
"""What a file says of itself: the lesson says it once for all three."""

FUNCTIONS = {
    ".pyx": r"^def {name}\(.*?(?=\n\n\n)",
    ".rs": r"(^(///|#\[)[^\n]*\n)+(pub )?fn {name}\(.*?^}}",
}


def listing(what: str) -> str:
    """Return the code of a file, without its header and tests; or of the function whose name follows the path."""
    path, _, function = what.partition(" ")
    suffix = Path(path).suffix
    code = (ROOT / path).read_text(encoding="utf-8")
    if function:
        found = re.search(FUNCTIONS[suffix].format(name=function), code, re.DOTALL | re.MULTILINE)
        if found is None:
            raise ValueError(f"{path} has no function {function}")
        code = found[0]
    else:
        code = re.sub(HEADERS[suffix], "", code.partition("\n#[cfg(test)]")[0], count=1, flags=re.DOTALL)
    return f"```{LANGUAGES[suffix]}\n{code.strip()}\n```\n"


def output(command: str) -> str:
    """Run a command of this package in the root, and return what it looks like on a screen."""
    program, *arguments = shlex.split(command)
    path = Path(sys.executable).with_name(program)
    result = subprocess.run([path, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return f"```console\n$ {command}\n{result.stdout}```\n"


def figures(names: str) -> str:
    """Return a table of these rows of the benchmark, as docs/explanation/performance.md has them."""
    lines = [line.strip("| ") for line in PERFORMANCE.read_text(encoding="utf-8").splitlines()]
    rows = {cells[0].strip("`"): cells for cells in ([cell.strip() for cell in line.split("|")] for line in lines)}
    table = ["| work | primes | peer | its time | ratio |", "| --- | --- | --- | --- | --- |"]
    for name in names.split():
        if name not in rows:
            raise ValueError(f"the benchmark has no row {name}")
        _, work, ours, peer, theirs, ratio, *_ = rows[name]
        table.append(f"| {work} | {ours} | {peer} | {theirs} | {ratio} |")
    return "\n".join(["", *table, "", ""])


def filled(text: str, *, measure: bool) -> str:
    """Return the text of the page with its blocks made anew."""

    def block(found: re.Match[str]) -> str:
        text = found["text"]
        if found["kind"] == "listing":
            text = listing(found["what"])
        elif found["kind"] == "figures":
            text = figures(found["what"])
        elif measure:
            text = output(found["what"])
        return f"<!-- {found['kind']}: {found['what']} -->\n{text}<!-- end -->\n"

    return BLOCK.sub(block, text)


if __name__ == "__main__":
    for page in (LESSON, LIBRARIES):
        text = filled(page.read_text(encoding="utf-8"), measure="--measure" in sys.argv[1:])
        page.write_text(text, encoding="utf-8")
