"""Apply the guide to a project of others, from PyPI.

Our part lies in ``adopted/``: the kernels, and the changes that ``adopt.toml`` lists. All other files that the guide
tells a project to add come from the page itself, with the project's name in place of ``keyhash``.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from building import CHECKOUT
from reader import STEERING

if TYPE_CHECKING:
    from collections.abc import Mapping

ADOPTED = Path(__file__).with_name("adopted")
FLAVOURS = ("python", "cython", "rust")


@dataclasses.dataclass(frozen=True)
class Adoption:
    """A project, the directory that holds everything about it, and the environment of its builds."""

    about: dict[str, Any]
    root: Path
    environment: dict[str, str]

    @property
    def name(self) -> str:
        """Return the project's name."""
        return str(self.about["name"])

    @property
    def original(self) -> Path:
        """Return the directory of the project as it was published."""
        return self.root / "original"

    @property
    def tree(self) -> Path:
        """Return the directory of the project with the guide applied."""
        return self.root / "adopted"

    def run(
        self, *arguments: str | Path, directory: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run this interpreter, and return what it prints."""
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=directory or self.root,
            env=self.environment | dict(environment or {}),
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def installed(self, flavour: str) -> Path:
        """Install a flavour unless that was done before, and return its directory."""
        where = self.root / "installed" / flavour
        if not where.exists():
            tree = self.original if flavour == "original" else self.tree
            build = {f"{self.name.upper()}_BUILD": "none" if flavour == "python" else flavour}
            options = ["--no-deps", "--no-build-isolation", "--target"]
            self.run("-m", "pip", "install", *options, where, tree, environment=build)
        return where

    def test(self, flavour: str) -> tuple[str, dict[str, Any]]:
        """Run the project's own tests; return their result, and the proof of which kernel they used."""
        directory = self.root / f"tests-{flavour}"
        for each in self.about["tests"]:
            shutil.copytree(self.original / each, directory / each)
        command: list[str | Path] = [
            "-m",
            "pytest",
            "-q",
            f"--rootdir={directory}",
            "--config-file=/dev/null",
            directory,
        ]
        path = [str(self.installed(flavour))]
        proof = directory / "proof.json"
        if flavour != "original":
            command += ["-p", "proof"]
            path.append(str(ADOPTED))
        environment = {
            "PYTHONPATH": os.pathsep.join(path),
            "PROOF": str(proof),
            "PROOF_OF": self.about["front"],
            "PROOF_FUNCTIONS": ",".join(self.kernel_functions()),
        }
        if flavour != "original":
            environment[f"{self.name.upper()}_BACKEND"] = flavour
        printed = self.run(*command, directory=directory, environment=environment)
        ended = re.search(r"\d+ passed.*(?= in )", printed)
        assert ended, printed
        return ended[0], json.loads(proof.read_text(encoding="utf-8")) if proof.exists() else {}

    def kernel_functions(self) -> list[str]:
        """Return the names of the functions of a kernel: those that the changes name."""
        news = " ".join(change["new"] for change in self.about["statements"])
        return sorted(set(re.findall(r"\bkernel\.(\w+)", news)))

    def measure(self, flavour: str) -> dict[str, Any]:
        """Run the workload."""
        path = os.pathsep.join(map(str, (self.installed(flavour), ADOPTED / self.name)))
        options = ["--shares"] if flavour == "original" else []
        printed = self.run(ADOPTED / "measure.py", *options, environment={"PYTHONPATH": path})
        measured: dict[str, Any] = json.loads(printed)
        return measured


def adopt(name: str, page: Mapping[str, str], root: Path, target: Path) -> Adoption:
    """Fetch a project, and apply the guide to a copy of it."""
    about = tomllib.loads((ADOPTED / name / "adopt.toml").read_text(encoding="utf-8"))
    environment = {name: value for name, value in os.environ.items() if not STEERING.fullmatch(name)}
    environment |= {"CARGO_TARGET_DIR": str(target), "SETUPTOOLS_RUST_PEP517_USE_BASE_PYTHON": "1"}
    adoption = Adoption(about, root, environment | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    fetch(adoption)
    shutil.copytree(adoption.original, adoption.tree)
    write_files(
        adoption, {path: text.replace("keyhash", name).replace("KEYHASH", name.upper()) for path, text in page.items()}
    )
    for change in about.get("text", []):
        replace_text(adoption.tree / change["file"], change["old"], change["new"].lstrip("\n"))
    for change in about["statements"]:
        replace_statements(adoption.tree / change["file"], change)
    lock = ["cargo", "generate-lockfile", "--quiet", "--manifest-path", "rust_ext/Cargo.toml"]
    subprocess.run(lock, cwd=adoption.tree, env=environment, check=True)
    return adoption


def fetch(adoption: Adoption) -> None:
    """Download the sdist, compare its hash with the known one, and unpack it."""
    about = adoption.about
    wanted = adoption.root / "wanted.txt"
    wanted.write_text(f"{about['name']}=={about['version']} --hash=sha256:{about['sha256']}\n", encoding="utf-8")
    options = ["--no-deps", "--no-binary=:all:", "--no-build-isolation", "--require-hashes"]
    adoption.run("-m", "pip", "download", *options, "-d", adoption.root / "sdist", "-r", wanted)
    [archive] = (adoption.root / "sdist").iterdir()
    with tarfile.open(archive) as file:
        file.extractall(adoption.root, filter="data")
    [unpacked] = adoption.root.glob(f"{about['name']}-*")
    unpacked.rename(adoption.original)


def write_files(adoption: Adoption, page: Mapping[str, str]) -> None:
    """Add the files that the page tells a project to add, with our kernels in place of those on the page."""
    tree, ours, package = adoption.tree, ADOPTED / adoption.name, adoption.tree / adoption.about["package"]
    shutil.copy2(CHECKOUT / "hybrid_build.py", tree)
    for path in ("cython_ext", "rust_ext/src"):
        (tree / path).mkdir(parents=True)
    shutil.copy2(ours / "_cython.pyx", tree / "cython_ext")
    shutil.copy2(ours / "lib.rs", tree / "rust_ext" / "src")
    shutil.copy2(ours / "_python.py", package)
    (package / "_backends.py").write_text(page["src/keyhash/_backends.py"], encoding="utf-8")
    (tree / "rust_ext" / "Cargo.toml").write_text(page["rust_ext/Cargo.toml"], encoding="utf-8")
    if not (tree / "pyproject.toml").exists():
        build_system = page["pyproject.toml"].partition("\n\n")[0]
        (tree / "pyproject.toml").write_text(build_system + "\n", encoding="utf-8")
    setup = page["setup.py"]
    if adoption.about["setup"]:
        head, call = setup.split("setup(\n", 1)
        theirs = (tree / "setup.py").read_text(encoding="utf-8")
        theirs = theirs.replace("from setuptools import setup\n", head, 1)
        setup = theirs.replace(
            f"setup({adoption.about['setup']}", f"setup({call.rstrip().removesuffix(')')}{adoption.about['setup']}", 1
        )
        assert setup.count(call.rstrip().removesuffix(")")) == 1
    (tree / "setup.py").write_text(setup, encoding="utf-8")


def replace_text(file: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file}: {old!r} stands there {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def replace_statements(file: Path, change: Mapping[str, Any]) -> None:
    """Replace statements of a function. They are counted from its docstring, which is number 0."""
    text = file.read_text(encoding="utf-8")
    [function] = [
        node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == change["function"]
    ]
    replaced = function.body[change["first"] : change.get("last", len(function.body) - 1) + 1]
    lines = text.splitlines(keepends=True)
    new = textwrap.indent(change["new"].strip() + "\n", " " * 4)
    lines[replaced[0].lineno - 1 : replaced[-1].end_lineno] = [new]
    file.write_text("".join(lines), encoding="utf-8")
