"""Every folder of tests is run by an environment of tox, and every path that a document or a tool names is there."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TESTS = CHECKOUT / "tests"
ROOMS = sorted({path.parent.relative_to(TESTS).as_posix() for path in TESTS.glob("*/test_*.py")})

# Each names tests: an environment, what a distribution runs, what a release is tried with.
NAMING = ["tox.ini", "pyproject.toml", "CONTRIBUTING.md", "docs/how-to/packaging.md"]


def test_no_test_lies_outside_of_the_folders() -> None:
    assert [path.name for path in TESTS.glob("test_*.py")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_an_environment_runs_the_whole_folder(room: str) -> None:
    tox = ConfigParser(interpolation=None)
    tox.read(CHECKOUT / "tox.ini", encoding="utf-8")
    words = {word.strip("{}") for section in tox.values() for text in section.values() for word in text.split()}
    assert any(word.endswith(f"root}}/{room}") for word in words)


@pytest.mark.parametrize("name", NAMING)
def test_the_paths_that_a_file_names_are_there(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8").replace("{[tests]root}", "tests")
    paths = re.findall(r"\btests/[\w/]+(?:\.\w+)?", text)
    assert paths
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []
