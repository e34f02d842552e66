"""The tables of a document, as examples for tests."""

from __future__ import annotations

from pathlib import Path

NUMPY = Path(__file__).parents[2] / "docs" / "reference" / "arrays.md"


def examples(document: Path) -> list[tuple[str, str]]:
    """Return the code in the two cells of each row."""
    lines = document.read_text(encoding="utf-8").splitlines()
    rows = [line.strip("|").split(" | ") for line in lines if line.startswith("| `")]
    return [(given.strip(" `"), answer.strip(" `")) for given, answer in rows]
