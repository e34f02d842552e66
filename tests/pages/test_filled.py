"""What docs/listings.py and docs/pictures.py have written into pages: it is what they would write now."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

import pytest

from pages import DOCS, PAGES

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="module")
def listings() -> ModuleType:
    return importlib.import_module("listings")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "<!-- end -->" in (DOCS / page).read_text(encoding="utf-8")]
)
def test_a_page_has_its_listings_and_its_figures(listings: ModuleType, page: str) -> None:
    """Where this fails: python docs/listings.py."""
    text = (DOCS / page).read_text(encoding="utf-8")
    assert DOCS / page in {listings.LESSON, listings.LIBRARIES}
    assert listings.filled(text, measure=False) == text


def test_figures_that_were_not_taken_are_an_error(listings: ModuleType) -> None:
    with pytest.raises(ValueError, match="has no row pi-1e99"):
        listings.figures("pi-1e99")


def texts(path: Path) -> set[str]:
    """Return the words of a picture: its axes, its legend and its ticks."""
    return set(re.findall(r"<text[^>]*>([^<]+)</text>", path.read_text(encoding="utf-8")))


def test_the_pictures_are_what_their_programs_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this fails: python docs/pictures.py."""
    monkeypatch.chdir(tmp_path)
    pictures = importlib.import_module("pictures")
    for page, name in pictures.PROGRAMS.items():
        pictures.draw(page, name, tmp_path)
        shown = (DOCS / page).with_name(f"{name.removesuffix('.py')}.svg")
        assert texts(tmp_path / shown.name) == texts(shown)
        assert len(texts(shown)) > 4


def test_each_picture_on_a_page_has_a_command_that_draws_it() -> None:
    commands = {
        "compare.svg": "primes compare --plot docs/explanation/compare.svg",
        "compare-sizes.svg": "primes compare --sizes 100..100000 --plot docs/explanation/compare-sizes.svg",
        "performance.svg": "tox -e bench -- --write docs/explanation/performance.md",
        "pi.svg": "python docs/pictures.py",
    }
    for page in PAGES:
        text = (DOCS / page).read_text(encoding="utf-8")
        for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
            assert commands[name] in text
