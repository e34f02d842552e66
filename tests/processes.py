"""Programs that a test runs in a process of its own, away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PYTHON = (sys.executable, "-P")
"""The interpreter of the tests; -P keeps the current directory, which may hold the sources, off ``sys.path``."""


def program(name: str) -> str:
    """Return the path of a command that was installed with the package."""
    return str(Path(sys.executable).with_name(name))


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of this process, with changes."""
    return os.environ | changes


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a changed environment and return what it wrote."""
    return subprocess.run(command, env=environment(**changes), check=False, capture_output=True, text=True)


def run_python(code: str, *arguments: str, **changes: str) -> str:
    """Run code that must succeed without a word on stderr, and return what it printed."""
    result = run(*PYTHON, "-c", code, *arguments, **changes)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout
