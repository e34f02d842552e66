"""Run programs in a process of their own, away from the checkout, or the command ``primes`` in this process."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

from primes._cli import main

PYTHON = (sys.executable, "-P")
"""The interpreter of the tests; -P keeps the current directory off ``sys.path``: it may hold the sources."""


def program(name: str) -> str:
    """Return the path of a command that was installed with the package."""
    return str(Path(sys.executable).with_name(name))


PRIMES = (program("primes"),)
MODULE = (*PYTHON, "-m", "primes")
"""Two ways to start the same command."""


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of this process, with changes."""
    return os.environ | changes


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a changed environment and return what it wrote."""
    return subprocess.run(command, env=environment(**changes), check=False, capture_output=True, text=True)


def run_python(code: str, *arguments: str, **changes: str) -> str:
    """Run code that must succeed and write nothing to stderr, and return what it printed."""
    result = run(*PYTHON, "-c", code, *arguments, **changes)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command ``primes`` in this process, which takes a hundredth of the time, and return what it wrote."""
    output, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    digits = sys.get_int_max_str_digits()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = main(arguments)
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.set_int_max_str_digits(digits)
    output.seek(0)
    return subprocess.CompletedProcess(arguments, status, output.read(), errors.getvalue())
