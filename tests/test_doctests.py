"""The examples in the documentation, run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import primes

README = Path(__file__).parents[1] / "README.md"
MODULES = ["primes"] + [
    f"primes.{module.name}"
    for module in pkgutil.iter_modules(primes.__path__)
    if module.name not in {"__main__", "_rust", "_cython"}
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", ["primes", "primes._api", "primes._backends"])
def test_the_public_modules_have_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).attempted > 0


def test_every_public_function_has_an_example() -> None:
    finder = doctest.DocTestFinder()
    for function in (primes.first_n, primes.backends, primes.use_backend):
        assert any(test.examples for test in finder.find(function))


def test_the_examples_of_the_readme() -> None:
    result = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 0
