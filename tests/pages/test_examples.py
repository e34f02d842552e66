"""Every example on every page, as it stands there: what is typed at a prompt of Python or of a shell, and each program.

A block ``pycon`` is a session; all of a page share their names. A block ``python`` whose first line is ``# name.py``
is a file of that name, and a block ``console`` holds commands, each followed by what it prints; ``...`` stands for
what differs from machine to machine.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages import DOCS, PAGES, blocks

if TYPE_CHECKING:
    from pages import Block

SHOWN_ELSEWHERE = {
    "explanation/lesson.md": {"python", "cython", "rust", "console"},  # tests/lesson
    "how-to/hybrid.md": {"python", "cython", "rust", "toml", "ini", "diff", "console", "text"},  # tests/guide
    "how-to/cluster.md": {"python", "console"},  # tests/dask
    "how-to/packaging.md": {"sh"},  # tests/packaging, and `tox -e wheels -- offline`
}
"""The pages with tests of their own, and which blocks these run."""

INSTALLS = {
    ".venv/bin/pip install matplotlib",
    ". .venv/bin/activate && cd ..",
    "PRIMES_BUILD=none .venv/bin/pip install .",  # tests/packaging/test_build_matrix.py
}
"""A block ``sh`` installs: it is one of the README, whose commands ``.ci/run`` gives, or one of these."""

NO_EXAMPLE = {"text", "{toctree}", "{eval-rst}", "{raw} html", ""}
"""What is no example: a drawing, the output that a sentence speaks of, a directive."""

EXAMPLE = [page for page in PAGES if page not in SHOWN_ELSEWHERE]


def same(printed: str, shown: str) -> bool:
    """Compare what was printed with what the page shows."""
    return doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)


def sessions(page: str) -> list[Block]:
    """Return what is typed at a prompt of Python."""
    return [block for block in blocks(page) if block.text.lstrip().startswith(">>> ")]


@pytest.mark.parametrize("page", [page for page in EXAMPLE if sessions(page)])
def test_the_sessions_of_a_page(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for block in sessions(page):
        test = doctest.DocTestParser().get_doctest(block.text, names, page, str(DOCS / page), block.line - 1)
        runner.run(test, clear_globs=False)
        names = test.globs
    assert runner.summarize(verbose=False).failed == 0


def programs(page: str) -> dict[str, str]:
    """Return the files of a page, by name."""
    named = [(re.match(r"# (\S+\.py)\n", block.text), block) for block in blocks(page) if block.kind == "python"]
    return {found[1]: block.text for found, block in named if found}


def commands(page: str) -> list[tuple[str, str]]:
    """Return each command for a shell, and what the page shows of it."""
    found = []
    for block in blocks(page):
        if block.kind == "console":
            for each in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, shown = each.partition("\n")
                while command.endswith("\\"):
                    more, _, shown = shown.partition("\n")
                    command = command[:-1] + more.removeprefix(">")
                found.append((command, shown))
    return found


@pytest.mark.parametrize("page", [page for page in EXAMPLE if commands(page)])
def test_the_commands_of_a_page(page: str, tmp_path: Path) -> None:
    for name, text in programs(page).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    # `primes` and `python` are those of the tests.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command, shown in commands(page):
        result = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "MPLBACKEND": "agg"},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert same(result.stdout, shown), f"$ {command}\n{result.stdout}"


@pytest.mark.parametrize("page", EXAMPLE)
def test_every_block_is_an_example_that_runs_or_none(page: str) -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    run = " ".join(command for command, _ in commands(page))
    for block in blocks(page):
        if block.kind == "python" and block not in sessions(page):
            name = re.match(r"# (\S+\.py)\n", block.text)
            assert name, f"{page}:{block.line} is a program without a name"
            assert name[1] in run, f"{page}:{block.line} is a program that no command runs"
        elif block.kind == "sh":
            assert all(line in INSTALLS or line in readme for line in block.text.splitlines()), f"{page}:{block.line}"
        else:
            assert block in sessions(page) or block.kind in NO_EXAMPLE | {"console"}, f"{page}:{block.line}"


@pytest.mark.parametrize("page", SHOWN_ELSEWHERE)
def test_a_page_with_tests_of_its_own_has_no_other_blocks(page: str) -> None:
    assert {block.kind.split()[0] for block in blocks(page) if block.kind} <= SHOWN_ELSEWHERE[page]
