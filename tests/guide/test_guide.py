"""docs/how-to/hybrid.md, followed to the letter: each of its blocks is a test, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from building import CHECKOUT
from reader import PageError, Reader, blocks, is_shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reader import Block

pytest_plugins = ["shown"]

PAGE = (CHECKOUT / "docs" / "how-to" / "hybrid.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory, target: Path) -> Iterator[Reader]:
    """A reader who follows the page, with a clone of this repository beside the project."""
    root = tmp_path_factory.mktemp("guide")
    (root / "primes").symlink_to(CHECKOUT)
    with Reader(root / "keyhash", target) as guided:
        yield guided


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_the_page_does_what_it_says(guided: Reader, block: Block) -> None:
    assert guided.done == BLOCKS[: BLOCKS.index(block)], "a block before this one failed"
    if block.language == "diff":
        for typo in typos_in_diff(block.text):
            with pytest.raises(PageError, match="does not apply"):
                guided.apply(typo)
    guided.follow(block)


def typos_in_diff(diff: str) -> Iterator[str]:
    """Misspell each line that must be there before the change."""
    lines = diff.splitlines(keepends=True)
    for i, line in enumerate(lines):
        if line[0] in " -" and line[1:].strip() and not line.startswith("---"):
            yield "".join([*lines[:i], line[0] + "x" + line[1:], *lines[i + 1 :]])


def test_every_line_of_output_is_compared(guided: Reader) -> None:
    """Misspell each line of output that the page shows: the command does not print that."""
    assert guided.done == BLOCKS
    compared = 0
    for shown, printed in guided.transcript:
        assert is_shown(shown, printed)
        lines = shown.splitlines()
        for i, line in enumerate(lines):
            letters = line.replace("...", "").strip()
            if letters:
                typo = line.replace(letters.split()[0][0], "§", 1)
                assert not is_shown("\n".join([*lines[:i], typo, *lines[i + 1 :]]), printed)
                compared += 1
    assert compared


SLIPS = {
    "a command that fails": ("```console\n$ false\n```", "ended with status 1"),
    "a command that does not exist": ("```console\n$ pyhton\n```", "ended with status 127"),
    "another output": ("```console\n$ echo one\nen\n```", "printed"),
    "output without end": ("```console\n$ echo one; echo two\none\n```", "printed"),
    "another status": ("```console\n$ false\n$ echo $?\n0\n```", "printed"),
    "a session without a command": ("```console\npython\n```", "begins with"),
    "another place": ("```diff\n--- a/old\n+++ b/old\n@@ -2,1 +2,1 @@\n-one\n+two\n```", "does not apply"),
    "other lines": ("```diff\n--- a/old\n+++ b/old\n@@ -1,1 +1,1 @@\n-noe\n+two\n```", "does not apply"),
    "no such file": ("```diff\n--- a/odl\n+++ b/odl\n@@ -1,1 +1,1 @@\n-one\n+two\n```", "does not apply"),
    "a new file that is there": ("New file `old`:\n\n```text\ntwo\n```", "old is not new"),
    "nothing to do": ("Look at this:\n\n```python\nimport this\n```", "neither a diff, nor a console"),
    "an unknown word": ("```console without=gcc\n$ true\n```", "cannot be without=gcc"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_on_a_page_fails(slip: str, tmp_path: Path) -> None:
    page, message = SLIPS[slip]
    with Reader(tmp_path / "project", tmp_path) as reader:
        reader.write("old", "one\n")
        with pytest.raises(PageError, match=message):
            follow(reader, page)


def test_a_session_is_that_of_one_shell(tmp_path: Path) -> None:
    with Reader(tmp_path / "project", tmp_path) as reader:
        follow(
            reader,
            "```console\n$ cd ..\n$ NAME=one\n```\n\n"
            "```console\n$ echo $NAME \\\n  two; basename $PWD\none two\n...\n```",
        )


@pytest.mark.parametrize(("lacking", "programs"), [("rust", {"cargo", "rustc"}), ("cc", {"cc", "gcc"})])
def test_a_machine_lacks_what_the_page_says(lacking: str, programs: set[str], tmp_path: Path) -> None:
    with Reader(tmp_path / "project", tmp_path) as reader:
        for name in programs:
            follow(reader, f"```console without={lacking}\n$ ls >/dev/null; command -v {name}\n$ echo $?\n1\n```")
            follow(reader, f"```console\n$ command -v {name}\n```")


def follow(reader: Reader, page: str) -> None:
    for block in blocks(page):
        reader.follow(block)
