"""The folders of tests: each is run by an environment of tox, and what documents and tools say of them is true."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TESTS = CHECKOUT / "tests"
ROOMS = sorted({path.parent.name for path in TESTS.glob("*/test_*.py")})

NAMING_PATHS = ["CONTRIBUTING.md", "docs/how-to/packaging.md", "pyproject.toml", "tox.ini"]


def tox_settings() -> ConfigParser:
    """Return the sections of tox.ini."""
    settings = ConfigParser(interpolation=None)
    settings.read(CHECKOUT / "tox.ini", encoding="utf-8")
    return settings


def test_no_test_lies_outside_of_the_folders() -> None:
    assert [path.name for path in TESTS.glob("test_*.py")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_an_environment_runs_the_whole_folder(room: str) -> None:
    values = [value for section in tox_settings().values() for value in section.values()]
    words = {word.rstrip("}") for value in values for word in value.split()}
    assert any(word.endswith("{[tests]root}/" + room) for word in words)


@pytest.mark.parametrize("name", NAMING_PATHS)
def test_the_paths_that_a_file_names_are_there(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8").replace("{[tests]root}", "tests")
    folders = "benchmarks|cython_ext|docs|primes|release|rust_ext|tests"
    paths = re.findall(rf"(?<![\w/-])(?:{{project}}/|SDIST/)?((?:{folders})/[\w/-]+(?:\.\w+)?)", text)
    assert paths
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


def test_the_environments_that_contributors_are_sent_to_are_there() -> None:
    named = re.findall(r"tox -e ([\w-]+)", (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    settings = tox_settings()
    known = {*settings["tox"]["env_list"].split(), *(name.removeprefix("testenv:") for name in settings)}
    assert named
    assert set(named) - known == set()
