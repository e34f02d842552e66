"""Every example, listing and command of the lesson, as the page has it. All three kernels must be there."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from primes._cli import compare
from processes import call

if TYPE_CHECKING:
    from types import ModuleType

SOURCES = (
    "primes/_python/trial_division.py",
    "cython_ext/trial_division.pxd",
    "rust_ext/core/src/output/trial_division.rs",
)

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "explanation" / "lesson.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def listings() -> ModuleType:
    """The script that fills in the listings of the page."""
    spec = importlib.util.spec_from_file_location("listings", DOCS / "listings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_examples_say_what_python_says() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
    assert result.attempted > 10


def test_the_listings_are_the_sources(listings: ModuleType) -> None:
    """If this fails, run ``python docs/listings.py``."""
    assert listings.filled(TEXT, measure=False) == TEXT
    for path in SOURCES:
        assert listings.listing(path) in TEXT


def test_a_listing_that_is_gone_is_an_error(listings: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"_cython\.pyx has no function first_n_by_guessing"):
        listings.listing("cython_ext/_cython.pyx first_n_by_guessing")


def test_each_step_stands_in_its_listing(listings: ModuleType) -> None:
    table = TEXT.partition("| step | Python | Cython | Rust |\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(table) == 7
    sources = [listings.listing(path) for path in SOURCES]
    for line in table:
        _, _step, *cells, _ = line.split("|")
        for cell, source in zip(cells, sources, strict=True):
            assert cell.strip().strip("`") in source


COMMANDS = re.findall(r"<!-- output: (primes [^\n]+) -->\n```console\n\$ ([^\n]+)\n(.*?)```", TEXT, re.DOTALL)


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 3
    assert set(re.findall(r"\]\((.+?\.svg)\)", TEXT)) == {
        Path(name).name for command, _, _ in COMMANDS for name in re.findall(r"--plot (\S+)", command)
    }


def outline(text: str) -> list[list[str]]:
    """Return the words of each line of the table, and its first number."""
    _heading, table, _notes = text.split("\n\n")
    return [re.findall(r"^ *\d+|[A-Za-z_]{3,}", line) for line in table.splitlines()]


@pytest.mark.parametrize(("command", "shown", "printed"), COMMANDS)
def test_a_command_prints_the_table_that_is_shown(
    command: str, shown: str, printed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The times differ from those on the page; the rows and columns must be the same."""
    assert shown == command
    # One round is enough, of sizes that take less than a second.
    for name, value in {"SECONDS": 0.0, "SIZE_SECONDS": 0.0, "LEAST_ROUNDS": 1, "CALL_SECONDS": 0.05}.items():
        monkeypatch.setattr(compare, name, value)
    _, *arguments = shlex.split(command)
    arguments = [str(tmp_path / "picture.svg") if "docs/" in each else each for each in arguments]
    result = call(*arguments)
    assert result.returncode == 0
    assert outline(result.stdout) == outline(printed)
    if "--plot" in command:
        assert "<svg" in (tmp_path / "picture.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["compare.svg", "compare-sizes.svg"])
def test_the_pictures_are_small_and_show_what_the_page_says(name: str) -> None:
    svg = (PAGE.with_name(name)).read_text(encoding="utf-8")
    assert len(svg) < 60_000
    [printed] = [text for command, _, text in COMMANDS if command.endswith(f"docs/explanation/{name}")]
    lines: list[Any] = printed.splitlines()
    assert lines[-1] in svg
    if name == "compare.svg":
        for line in lines[3:10]:
            assert re.search(r"[\d.]+ [mun]s", line)[0] in svg  # type: ignore[index]
