"""hybrid_build.py in other projects than this one: other layouts, other modules, other names."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from other_projects import OtherProject

pytest_plugins = ["building", "other_projects"]

FLAT = {"flat/_one.abi3.so", "flat/inner/_two.abi3.so"}
DEEP = "flat/inner/deep/_rust.abi3.so"


def test_modules_at_any_depth(flat: OtherProject, tmp_path: Path) -> None:
    wheel = flat.wheel()
    assert wheel.binaries == {*FLAT, DEEP}
    assert wheel.tag == "cp311-abi3-platform"
    assert json.loads(wheel.read("flat/_build_report.json")) == {"c": None, "rust": None}
    code = "from flat import _one; from flat.inner import _two; from flat.inner.deep import _rust; print(_rust.__doc__)"
    assert wheel.python(code, tmp_path) == "from Rust\n"


def test_the_variables_are_named_after_the_project(flat: OtherProject) -> None:
    wheel = flat.wheel(FLAT_PROJECT_BUILD="c", FLAT_PROJECT_ABI3="0")
    assert {name.partition(".")[0] for name in wheel.binaries} == {"flat/_one", "flat/inner/_two"}
    assert "abi3" not in wheel.path.name
    report = json.loads(wheel.read("flat/_build_report.json"))
    assert report == {"c": None, "rust": "not requested: FLAT_PROJECT_BUILD=c"}


def test_half_a_backend_is_none(flat: OtherProject, second_fails: dict[str, str]) -> None:
    """Also when the halves are compiled at the same time."""
    for arguments in (("bdist_wheel",), ("build_ext", "--parallel=2", "bdist_wheel")):
        wheel = flat.wheel("setup.py", *arguments, **second_fails)
        assert wheel.binaries == {DEEP}
        assert json.loads(wheel.read("flat/_build_report.json")) == {"c": "not built: two.c:1: error: no", "rust": None}


def test_a_build_in_place(src: OtherProject) -> None:
    for setting, count in (("", 1), ("none", 0)):
        result = src.run("setup.py", "build_ext", "--inplace", THING_BUILD=setting)
        assert result.returncode == 0, result.stderr
        assert len(list((src.tree / "src" / "thing").glob("_cython*.so"))) == count
        report = json.loads((src.tree / "src" / "thing" / "_build_report.json").read_text(encoding="utf-8"))
        assert report == {"cython": f"not requested: THING_BUILD={setting}" if setting else None}


def test_the_sdist_can_be_built(src: OtherProject, tmp_path: Path) -> None:
    wheel = src.wheel("-m", "build", "--no-isolation")
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert wheel.tag == f"{version}-{version}-platform"
    assert wheel.python("from thing import _cython; print(_cython.__doc__)", tmp_path) == "from Cython\n"


def test_none_needs_neither_cython_nor_setuptools_rust(src: OtherProject, bare_python: Path) -> None:
    wheel = dataclasses.replace(src, interpreter=bare_python).wheel(THING_BUILD="none")
    assert wheel.tag == "py3-none-any"
    assert json.loads(wheel.read("thing/_build_report.json")) == {"cython": "not requested: THING_BUILD=none"}


def test_what_is_missing_is_told_in_one_line(src: OtherProject, bare_python: Path) -> None:
    result = dataclasses.replace(src, interpreter=bare_python).run("setup.py", "bdist_wheel")
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    everything = '"setuptools>=77.0" "packaging>=24.0" "cython>=3.1"'
    assert line == f"this build needs cython>=3.1; run: python -m pip install --upgrade {everything}"
