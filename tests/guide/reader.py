"""Follow a page to the letter: write each file, apply each diff, run each command.

The kind of a block says what is done with it:

- A ``diff`` changes files. It must apply exactly, with these line numbers and this context.
- A ``console`` block is a session in one shell, which stays open for the whole page. Each command after ``$`` must
  succeed, unless the next line is ``echo $?``. Where the page shows output, the command must print exactly that;
  ``...`` stands for any text. The word ``varies`` after ``console`` means that the output, such as times, is different
  each time. ``without=rust``, ``without=cc`` or ``without=rust,cc`` means that the machine lacks these.
- Any other block is a new file. The line above it ends in the name: "New file `setup.py`:".

Everything else is an error: the page has no block that is only there to be looked at.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import uuid
from typing import TYPE_CHECKING, Self

from building import C_COMPILER, RUST, path_without

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
NEW_FILE = re.compile(r"New file `(?P<path>[^`]+)`.*:$")
PROGRAMS = {"rust": RUST.pattern, "cc": C_COMPILER.pattern}
STEERING = re.compile(
    r"(PIP|TOX|CARGO|RUST|PYTEST|KEYHASH|CIBW|FORCE)_.*|.*COLORS?|CARGO|CIBUILDWHEEL|PYTHONPATH|VIRTUAL_ENV"
)


class PageError(AssertionError):
    """Something happens that the page does not say."""


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of the page: its kind, its line, its text, and the name of a new file."""

    language: str
    options: frozenset[str]
    line: int
    text: str
    path: str = ""

    def __str__(self) -> str:
        """Return a name for the block in reports."""
        return f"line {self.line}, {self.path or self.language}"


def blocks(page: str) -> list[Block]:
    """List the blocks of a page in order."""
    return list(_blocks(page))


def _blocks(page: str) -> Iterator[Block]:
    for match in FENCE.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        language, *options = match["info"].split() or [""]
        above = page[: match.start()].rstrip().rpartition("\n")[2]
        new_file = NEW_FILE.search(above)
        known = {"varies", *(f"without={lacking}" for lacking in ("rust", "cc", "rust,cc"))}
        if not set(options) <= (known if language == "console" else set()):
            raise PageError(f"line {line}: a {language} block cannot be {' '.join(options)}")
        if language in {"console", "diff"}:
            yield Block(language, frozenset(options), line, match["text"])
        elif new_file:
            yield Block(language, frozenset(), line, match["text"], new_file["path"])
        else:
            raise PageError(f"line {line}: neither a diff, nor a console, nor a new file")


@dataclasses.dataclass(frozen=True)
class Command:
    """A command of a session, and the output that the page shows, if it shows any."""

    text: str
    shown: str


def commands(session: str) -> list[Command]:
    """Split a session into commands and their outputs."""
    first, *parts = re.split(r"^\$ ", session, flags=re.MULTILINE)
    if first or not parts:
        raise PageError(f"a session begins with `$ `, not with {first!r}")
    matches = [re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", part, re.DOTALL) for part in parts]
    return [Command(match[1].strip(), match[2]) for match in matches if match]


def is_shown(shown: str, printed: str) -> bool:
    """Tell whether the output of a command is what the page shows."""
    wanted, got = ("\n".join(line.rstrip() for line in text.strip().splitlines()) for text in (shown, printed))
    pattern = ".*".join(map(re.escape, wanted.split("...")))
    return re.fullmatch(pattern, got, re.DOTALL) is not None


class Reader:
    """A reader at a machine, in the directory of a project."""

    def __init__(self, project: Path, target: Path) -> None:
        self.project = project
        project.mkdir(parents=True)
        environment = {name: value for name, value in os.environ.items() if not STEERING.fullmatch(name)}
        for name in ("CARGO_HOME", "RUSTUP_HOME"):
            if name in os.environ:
                environment[name] = os.environ[name]
        self._environment = environment | {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            # PyO3 is then compiled once, and not for each virtual environment.
            "CARGO_TARGET_DIR": str(target),
            "SETUPTOOLS_RUST_PEP517_USE_BASE_PYTHON": "1",
        }
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=project,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.done: list[Block] = []
        """The blocks that were followed."""
        self.transcript: list[tuple[str, str]] = []
        """The outputs that were compared: as the page shows them, and as they were printed."""
        self._status = 0
        self._machines: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._shell.communicate()

    def follow(self, block: Block) -> None:
        """Follow a block."""
        if block.language == "diff":
            self.apply(block.text)
        elif block.language == "console":
            lacking = next((option.partition("=")[2] for option in block.options if option != "varies"), "")
            self.session(block.text, lacking=lacking, varies="varies" in block.options)
        else:
            self.write(block.path, block.text)
        self.done.append(block)

    def write(self, path: str, text: str) -> None:
        """Write a new file."""
        file = self.project / path
        if file.exists():
            raise PageError(f"{path} is not new")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def apply(self, diff: str) -> None:
        """Change files."""
        # Outside of a repository, git looks at the files alone.
        environment = self._environment | {"GIT_CEILING_DIRECTORIES": str(self.project.parent)}
        command = ["git", "apply", "--verbose", "-"]
        applied = subprocess.run(
            command, cwd=self.project, env=environment, input=diff, check=False, capture_output=True, text=True
        )
        if applied.returncode or re.search("offset|fuzz|Skipped", applied.stderr):
            raise PageError(f"the diff does not apply: {applied.stderr}")

    def session(self, text: str, *, lacking: str = "", varies: bool = False) -> None:
        """Run commands and compare their outputs."""
        if lacking:
            self.run(f'WHOLE_PATH=$PATH; PATH="${{VIRTUAL_ENV:+$VIRTUAL_ENV/bin:}}{self._path_without(lacking)}"')
        session = commands(text)
        for command, following in zip(session, [*session[1:], None], strict=True):
            printed = self.run(command.text)
            may_fail = following is not None and following.text == "echo $?"
            if self._status and not may_fail:
                raise PageError(f"`{command.text}` ended with status {self._status}:\n{printed}")
            if command.shown and not varies:
                if not is_shown(command.shown, printed):
                    raise PageError(f"`{command.text}` printed\n{printed}\nand not\n{command.shown}")
                self.transcript.append((command.shown, printed))
        if lacking:
            self.run("PATH=$WHOLE_PATH")

    def run(self, command: str) -> str:
        """Run one command in the shell and return its output."""
        end = uuid.uuid4().hex
        if self._shell.stdin is None or self._shell.stdout is None:
            raise ValueError("the shell has no pipes")
        # `$?` is the status of the previous command.
        self._shell.stdin.write(f"{{ (exit {self._status})\n{command}\n}} </dev/null\nprintf '\\n{end} %d\\n' $?\n")
        self._shell.stdin.flush()
        printed = ""
        for line in self._shell.stdout:
            if line.startswith(end):
                self._status = int(line.split()[1])
                return printed.removesuffix("\n")
            printed += line
        raise PageError(f"`{command}` ended the shell:\n{printed}")

    def _path_without(self, lacking: str) -> str:
        if lacking not in self._machines:
            programs = re.compile("|".join(PROGRAMS[each] for each in lacking.split(",")))
            directory = self.project.parent / f"without-{lacking.replace(',', '-')}"
            self._machines[lacking] = path_without(programs, directory)
        return self._machines[lacking]
