"""A copy of the sources, the machines that it is built on, and the results.

All builds share one tree and one cargo target directory: a second copy would compile the crates again. The tree is
dirty on purpose. It holds an in-place build of both backends, and before each build, `build/` is filled with the files
of a complete build. A test that finds no binary in a wheel therefore also shows that no old binary was shipped.

This is a plugin and not a second conftest.py: tests/conftest.py needs an installed package, and here there is none.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

# The names by which the builds call a C compiler.
C_COMPILER = re.compile(r"(.*-)?(gcc|g\+\+|cc|c\+\+|clang|clang\+\+|c89|c99|tcc)(-[\d.]+)?")
RUST = re.compile(r"cargo|rustc|rustup")


def source_files() -> list[Path]:
    """List the files of the project: in a clone those that git does not ignore, in an unpacked sdist all."""
    if not (CHECKOUT / ".git").exists():
        return [path.relative_to(CHECKOUT) for path in CHECKOUT.rglob("*") if path.is_file()]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (CHECKOUT / name).is_file()]


def copy_sources(to: Path) -> Path:
    """Copy the project's files, without anything that was built from them."""
    for path in source_files():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / path, to / path)
    return to


def path_without(programs: re.Pattern[str], directory: Path) -> str:
    """Make a directory of links to everything on PATH except ``programs``, and return it as the new PATH."""
    directory.mkdir()
    for each in os.environ["PATH"].split(os.pathsep):
        for program in Path(each).glob("*"):
            link = directory / program.name
            if not programs.fullmatch(program.name) and not link.is_symlink():
                link.symlink_to(program)
    return str(directory)


def program(path: Path, text: str) -> Path:
    """Write a shell script that takes the place of a compiler."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@dataclasses.dataclass(frozen=True)
class Wheel:
    """A wheel, and what it says about itself."""

    path: Path

    @property
    def tag(self) -> str:
        """The three tags in the name of the wheel; a platform other than ``any`` is called ``platform``."""
        python, abi, platform = self.path.stem.split("-")[-3:]
        return f"{python}-{abi}-{platform if platform == 'any' else 'platform'}"

    @property
    def names(self) -> set[str]:
        """The files in the wheel."""
        with zipfile.ZipFile(self.path) as archive:
            return set(archive.namelist())

    @property
    def binaries(self) -> set[str]:
        """The compiled files in the wheel."""
        return {name for name in self.names if name.endswith((".so", ".pyd"))}

    @property
    def report(self) -> dict[str, str | None]:
        """Why each backend is missing. A backend that was built has null."""
        report: dict[str, str | None] = json.loads(self.read("/_build_report.json"))
        return report

    def read(self, name: str) -> str:
        """Return the text of a file in the wheel; ``name`` may be the end of its full name."""
        [full_name] = [each for each in self.names if each.endswith(name)]
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(full_name).decode()

    def python(self, code: str, unpacked: Path) -> str:
        """Run code with the package of this wheel, away from the checkout's `primes/`, and return its output."""
        with zipfile.ZipFile(self.path) as archive:
            archive.extractall(unpacked)
        command = [sys.executable, "-c", code]
        return subprocess.run(command, cwd=unpacked, check=True, capture_output=True, text=True).stdout


@dataclasses.dataclass(frozen=True)
class Project:
    """A copy of the sources, and the commands that run in it."""

    tree: Path
    environment: dict[str, str]
    interpreter: str | Path = sys.executable
    """The interpreter of these tests."""

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the interpreter in the tree."""
        with self.start(*arguments, **environment) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def start(self, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        """Start the interpreter in the tree."""
        environment = self.environment | environment
        command = [self.interpreter, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.tree, env=environment, stdout=pipe, stderr=pipe, text=True)

    def with_all_left_behind(self, **environment: str) -> Project:
        """Build in place, build a wheel, and keep the files in ``build/`` for later builds."""
        for arguments in (("build_ext", "--inplace"), ("bdist_wheel",)):
            result = self.run("setup.py", *arguments, **environment)
            assert result.returncode == 0, result.stderr
        (self.tree / "build").rename(self.tree.parent / "left-behind")
        return self

    def copied(self, to: Path) -> Project:
        """Copy the project for a test that breaks its sources or moves it."""
        tree = to / self.tree.name
        shutil.copytree(self.tree, tree, ignore=shutil.ignore_patterns("build", "dist", "*.so"))
        shutil.copytree(self.tree.parent / "left-behind", to / "left-behind")
        return Project(tree, self.environment)

    def wheel(self, *arguments: str | Path, **environment: str) -> Wheel:
        """Build a wheel in a tree that holds the files of an earlier build."""
        result = self.failed_or_built(*arguments, **environment)
        assert result.returncode == 0, result.stdout + result.stderr
        [path] = (self.tree / "dist").glob("*.whl")
        # Out of the way of the next build.
        kept = self.tree.parent / f"wheel-{len(list(self.tree.parent.glob('wheel-*')))}" / path.name
        kept.parent.mkdir()
        return Wheel(path.rename(kept))

    def failed_or_built(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``setup.py bdist_wheel``, or other arguments, in a tree that holds the files of an earlier build."""
        for directory in ("dist", "build"):
            shutil.rmtree(self.tree / directory, ignore_errors=True)
        shutil.copytree(self.tree.parent / "left-behind", self.tree / "build")
        return self.run(*(arguments or ("setup.py", "bdist_wheel")), **environment)

    @property
    def binaries_in_place(self) -> set[str]:
        """The compiled files beside the Python files."""
        return {path.name for path in (self.tree / "primes").iterdir() if path.suffix in {".so", ".pyd"}}

    @property
    def report_in_place(self) -> dict[str, str | None]:
        """The report beside the Python files."""
        text = (self.tree / "primes" / "_build_report.json").read_text(encoding="utf-8")
        report: dict[str, str | None] = json.loads(text)
        return report


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which only the test controls the build."""
    tools = "CC|CFLAGS|LDSHARED|CARGO|RUSTC|RUSTFLAGS|CARGO_BUILD_.*"
    steering = re.compile(rf"PRIMES_.*|CIBUILDWHEEL|SOURCE_DATE_EPOCH|PYTHONPATH|{tools}")
    environment = {name: value for name, value in os.environ.items() if not steering.fullmatch(name)}
    environment.setdefault("CARGO_TARGET_DIR", str(tmp_path_factory.mktemp("target")))
    environment["SOURCE_DATE_EPOCH"] = "1790000000"
    # PyO3 then sees the same interpreter in every virtual environment, and is compiled once.
    environment["SETUPTOOLS_RUST_PEP517_USE_BASE_PYTHON"] = "1"
    return environment


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Project:
    """The dirty tree."""
    project = Project(copy_sources(tmp_path_factory.mktemp("project") / "primes"), environment)
    return project.with_all_left_behind(PRIMES_BUILD="rust,cython")


@pytest.fixture(scope="session")
def flavours(project: Project) -> dict[str, Wheel]:
    """A wheel for each choice of backends."""
    return {choice: project.wheel(PRIMES_BUILD=choice) for choice in ("rust,cython", "rust", "cython", "none")}


@pytest.fixture(scope="session")
def whole_wheel(flavours: dict[str, Wheel]) -> Wheel:
    """The wheel with both backends."""
    return flavours["rust,cython"]


@pytest.fixture(scope="session")
def sources() -> list[Path]:
    """The files of the project."""
    return source_files()


@pytest.fixture(scope="session")
def archives(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Wheel]:
    """The sdist of the dirty tree, and the wheel from the sdist, as ``python -m build`` makes them."""
    to = tmp_path_factory.mktemp("archives")
    result = project.run("-m", "build", "--no-isolation", "--outdir", to)
    assert result.returncode == 0, result.stderr
    [sdist] = to.glob("*.tar.gz")
    [wheel] = to.glob("*.whl")
    return sdist, Wheel(wheel)


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The variables to set, by what the machine lacks."""
    root = tmp_path_factory.mktemp("machines")
    no_rust = path_without(RUST, root / "no-rust")
    neither = path_without(re.compile(f"{RUST.pattern}|{C_COMPILER.pattern}"), root / "neither")
    old_rust = program(root / "old" / "rustc", "echo 'rustc 1.63.0 (4b91a6ea7 2022-08-08)'").parent
    # As with rustup without a toolchain.
    unset = program(root / "unset" / "rustc", "echo 'error: rustup could not choose a version' >&2; exit 1").parent
    headers = program(root / "headers" / "cc", "echo '_cython.c:1: fatal error: Python.h: not here' >&2; exit 1")
    return {
        "nothing": {},
        "rust": {"PATH": no_rust},
        "new rust": {"PATH": f"{old_rust}{os.pathsep}{os.environ['PATH']}"},
        "rust toolchain": {"PATH": f"{unset}{os.pathsep}{os.environ['PATH']}"},
        "C compiler": {"CC": str(root / "nowhere" / "cc")},
        "Python headers": {"CC": str(headers)},
        "both": {"PATH": neither},
    }
