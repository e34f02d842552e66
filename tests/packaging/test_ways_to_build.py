"""Each command that builds the package, and the files that it leaves behind."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tomllib
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from building import Project, Wheel

pytest_plugins = ["building"]

IN_PLACE = {"_rust.abi3.so", "_cython.abi3.so"}
WHERE = "from primes import _rust, _cython; print(_rust.__file__, _cython.__file__, _rust.build_info()['profile'])"


def test_the_sdist_holds_the_sources_and_nothing_else(archives: tuple[Path, Wheel], sources: list[Path]) -> None:
    sdist, _wheel = archives
    with tarfile.open(sdist) as archive:
        names = {Path(*Path(member.name).parts[1:]).as_posix() for member in archive if member.isfile()}
    generated = {name for name in names if name == "PKG-INFO" or name.startswith("primes.egg-info/")}
    # The other files of a clone have names that begin with a dot.
    assert names - generated == {path.as_posix() for path in sources if not path.parts[0].startswith(".")}
    for needed in ("Cargo.lock", "rust_ext/python/src/lib.rs", "cython_ext/_cython.pyx", "tox.ini", "LICENSE"):
        assert needed in names


def test_the_wheel_from_the_sdist_is_the_one_from_the_tree(whole_wheel: Wheel, archives: tuple[Path, Wheel]) -> None:
    _sdist, wheel = archives
    assert wheel.path.name == whole_wheel.path.name
    assert wheel.names == whole_wheel.names
    assert wheel.report == whole_wheel.report == {"rust": None, "cython": None}
    assert wheel.path.read_bytes() == whole_wheel.path.read_bytes()
    assert "primes/py.typed" in wheel.names
    assert "primes/_rust.pyi" in wheel.names


def test_the_metadata_says_what_setup_cfg_says(archives: tuple[Path, Wheel]) -> None:
    _sdist, wheel = archives
    metadata = wheel.read("/METADATA").splitlines()
    for line in ("Name: primes", "License-Expression: MIT", "Requires-Python: >=3.11", "License-File: LICENSE"):
        assert line in metadata
    required = [line for line in metadata if line.startswith("Requires-Dist")]
    assert all("; extra == " in line for line in required), "the package itself needs nothing"
    scripts = wheel.read("/entry_points.txt").splitlines()[1:]
    assert [line.split(" = ") for line in scripts if line] == [
        ["primes", "primes._cli:main"],
        ["primes-fast", "primes._cli:main_fast"],
        ["primes-fast-cython", "primes._cli:main_fast_cython"],
        ["primes-fast-rust", "primes._cli:main_fast_rust"],
    ]


def test_an_in_place_build(project: Project, machines: dict[str, dict[str, str]]) -> None:
    for environment, binaries, rust in (
        ({}, IN_PLACE, None),
        (machines["rust"], {"_cython.abi3.so"}, "not built: can't find Rust compiler"),
        ({"PRIMES_BUILD": "rust"}, {"_rust.abi3.so"}, None),
    ):
        result = project.run("setup.py", "build_ext", "--inplace", **environment)
        assert result.returncode == 0, result.stderr
        assert project.binaries_in_place == binaries
        assert project.report_in_place["rust"] == rust
    assert project.report_in_place["cython"] == "not requested: PRIMES_BUILD=rust"


def test_an_editable_install(project: Project, machines: dict[str, dict[str, str]], tmp_path: Path) -> None:
    """As users do it: in isolation, with the pip that came with the interpreter."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    for environment, binaries in (
        ({"PRIMES_ABI3": "0", "PRIMES_BUILD": "cython"}, None),
        (machines["both"], set()),
        ({}, IN_PLACE),
    ):
        command = [str(python), "-m", "pip", "install", "--no-deps", "--editable", str(project.tree)]
        subprocess.run(command, env=project.environment | environment, check=True, capture_output=True)
        if binaries is not None:
            assert project.binaries_in_place == binaries
            assert [backend for backend, told in project.report_in_place.items() if told] == (
                [] if binaries else ["rust", "cython"]
            )
    where = subprocess.run([python, "-c", WHERE], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    rust, cython, profile = where.split()
    assert Path(rust) == project.tree / "primes" / "_rust.abi3.so"
    assert Path(cython) == project.tree / "primes" / "_cython.abi3.so"
    assert profile == "release"


def test_the_generated_c_stays_out_of_the_sources(project: Project) -> None:
    assert {path.suffix for path in (project.tree / "cython_ext").iterdir()} <= {".pyx", ".pxd"}


@pytest.mark.parametrize("installed", ["", "setuptools 65.5.0"])
def test_missing_build_requirements_are_told_in_one_line(project: Project, tmp_path: Path, installed: str) -> None:
    """A new virtual environment of Python 3.11 has setuptools 65, and one of 3.12 has none."""
    venv.create(tmp_path / "venv")
    if installed:
        name, version = installed.split()
        info = tmp_path / "packages" / f"{name}-{version}.dist-info" / "METADATA"
        info.parent.mkdir(parents=True)
        info.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    result = subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "setup.py", "bdist_wheel"],
        cwd=project.tree,
        env=project.environment | {"PYTHONPATH": str(tmp_path / "packages")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    pyproject = tomllib.loads((project.tree / "pyproject.toml").read_text(encoding="utf-8"))
    assert re.match(r"this build needs \w+; run: \S+ -m pip install --upgrade ", line)
    for requirement in pyproject["build-system"]["requires"]:
        assert f'"{requirement}"' in line


def test_cargo_lock_is_up_to_date(project: Project) -> None:
    command = ["cargo", "metadata", "--locked", "--format-version=1"]
    subprocess.run(command, cwd=project.tree, env=project.environment, check=True, capture_output=True)


def test_no_python_object_is_static_in_what_cython_writes(project: Project) -> None:
    """All interpreters of a process would share such a variable: see cython_ext/interpreters.pxd."""
    [written] = (project.tree.parent / "left-behind").glob("temp.*/cython_ext/_cython.c")
    names = re.findall(r"^static PyObject \*(\w+)(?: = \w+)?;", written.read_text(encoding="utf-8"), re.MULTILINE)
    # This one holds the module itself, for modules without a state.
    assert names == ["__pyx_m"]
