"""The cost of ``import primes``: the modules that it loads."""

from __future__ import annotations

import json
from pathlib import Path

import primes
from processes import PYTHON, run

# `site` loads modules, which would then seem to cost nothing, so it is left out. `os` is loaded in almost any process.
LOADED = """
import os, sys
before = set(sys.modules)
sys.path.append(sys.argv[1])
import primes
imported = set(sys.modules) - before
primes.first_n(10)
called = set(sys.modules) - before
import json
print(json.dumps([sorted(imported), sorted(called)]))
"""

OF_THE_PACKAGE = {
    *("primes", "primes._api", "primes._arguments", "primes._backends", "primes._primality", "primes._version"),
}
# Python 3.14 and newer load the last three.
OF_THE_LIBRARY = {"__future__", "_contextvars", "contextvars", "_collections_abc", "abc", "_abc"}
SLOW = {"argparse", "dataclasses", "enum", "inspect", "json", "numpy", "pathlib", "re", "threading", "typing"}

OF_CYTHON = {"enum", "inspect", "re"}
"""A Cython module for the stable ABI imports ``inspect`` as it starts, to learn some flags of code objects."""


def loaded(**environment: str) -> tuple[set[str], set[str]]:
    """Return the modules that the import loads, and those that are loaded after a first call."""
    site_packages = str(Path(primes.__file__).parents[1])
    result = run(*PYTHON, "-S", "-c", LOADED, site_packages, **environment)
    assert result.stderr == ""
    imported, called = json.loads(result.stdout)
    return set(imported), set(called)


def test_the_import_loads_six_small_modules_and_rust(compiled: list[str]) -> None:
    """The import loads the Rust module, which stands in front of the shortest functions."""
    imported, _called = loaded()
    assert imported >= OF_THE_PACKAGE
    assert imported <= OF_THE_PACKAGE | OF_THE_LIBRARY | {"primes._rust"}
    assert ("primes._rust" in imported) == ("rust" in compiled)


def test_the_import_loads_no_backend_where_another_one_is_asked_for() -> None:
    imported, _called = loaded(PRIMES_BACKEND="python")
    assert imported <= OF_THE_PACKAGE | OF_THE_LIBRARY


def test_the_first_call_loads_its_backend_and_no_other(backend: str) -> None:
    _imported, called = loaded(PRIMES_BACKEND=backend)
    kernels = {f"primes._{name}" for name in ("rust", "cython", "python")}
    assert called & kernels == {f"primes._{backend}"}


def test_the_first_call_loads_nothing_slow(backend: str) -> None:
    _imported, called = loaded(PRIMES_BACKEND=backend)
    assert called & SLOW == (OF_CYTHON if backend == "cython" and "inspect" in called else set())


def test_what_loads_late_is_there_when_it_is_asked_for() -> None:
    code = """if True:
        import primes
        print(primes.exceptions.BackendUnavailableError is primes.BackendUnavailableError)
        print(sorted(name for name in primes.__all__ if not hasattr(primes, name)), hasattr(primes, "Prime"))
    """
    assert run(*PYTHON, "-c", code).stdout == "True\n[] False\n"
