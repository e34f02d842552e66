"""The examples of the docstrings and of the README, run as written."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import primes
import primes.numpy

if TYPE_CHECKING:
    from types import ModuleType

README = Path(__file__).parents[2] / "README.md"
MODULES = ["primes"] + [
    f"primes.{module.name}"
    for module in pkgutil.iter_modules(primes.__path__)
    if module.name not in {"__main__", "_rust", "_cython"}
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("module", [primes, primes.numpy], ids=lambda module: module.__name__)
def test_everything_that_is_called_has_an_example(module: ModuleType) -> None:
    finder = doctest.DocTestFinder()
    assert finder.find(module, module.__name__)[0].examples
    for name in set(module.__all__) - {"__version__", "BackendInfo", "BackendUnavailableError"}:
        assert any(test.examples for test in finder.find(getattr(module, name), name)), name


def test_the_examples_of_the_readme() -> None:
    result = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 0
