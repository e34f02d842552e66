"""The version is the same in all files that name it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def version_in_python() -> str:
    """Return ``primes.__version__`` as setup.cfg reads it: from the source, without an import."""
    module = ast.parse((CHECKOUT / "primes" / "_version.py").read_text(encoding="utf-8"))
    [version] = [
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and [getattr(each, "id", None) for each in node.targets] == ["__version__"]
    ]
    return str(version)


def test_cargo_has_the_version_of_the_package() -> None:
    cargo = tomllib.loads((CHECKOUT / "Cargo.toml").read_text(encoding="utf-8"))
    assert cargo["workspace"]["package"]["version"] == version_in_python()
    lock = tomllib.loads((CHECKOUT / "Cargo.lock").read_text(encoding="utf-8"))
    locked = {each["name"]: each["version"] for each in lock["package"] if each["name"].startswith("primes-")}
    assert locked == {"primes-core": version_in_python(), "primes-python": version_in_python()}


def test_every_crate_inherits_the_version() -> None:
    manifests = list((CHECKOUT / "rust_ext").glob("*/Cargo.toml"))
    for manifest in manifests:
        assert tomllib.loads(manifest.read_text(encoding="utf-8"))["package"]["version"] == {"workspace": True}
    assert len(manifests) == 2


def test_the_changelog_begins_with_it() -> None:
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)\b", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == version_in_python()
