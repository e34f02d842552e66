"""Put Pyodide and the pure wheel into a site, for its page "Try it": `python release/try_it.py SITE DIST`.

npm fetches the package `pyodide`, into $PRIMES_ROOTS or .tox/roots, where the trial of the release has it too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import roots

FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json", "python_stdlib.zip")


def add(site: Path, wheel: Path) -> None:
    """Copy what the page loads."""
    there = roots.ROOTS / "pyodide"
    package = there / "node_modules" / "pyodide"
    if not package.exists():
        there.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-save", "pyodide"], cwd=there, check=True)
    folder = site / "_pyodide"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in FILES:
        shutil.copy(package / name, folder)
    shutil.copy(wheel, folder)
    (folder / "wheel.txt").write_text(f"{wheel.name}\n", encoding="utf-8")


if __name__ == "__main__":
    site, dist = map(Path, sys.argv[1:])
    [wheel] = dist.glob("*-py3-none-any.whl")
    add(site, wheel)
