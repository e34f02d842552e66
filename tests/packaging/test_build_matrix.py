"""What is built, what is told, and what fails, by what the machine has and by what was asked for."""

from __future__ import annotations

import json
import shutil
import sysconfig
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from building import Project, Wheel

pytest_plugins = ["building"]

RUST = "primes/_rust.abi3.so"
CYTHON = "primes/_cython.abi3.so"


def test_both_backends_make_one_abi3_wheel(whole_wheel: Wheel) -> None:
    assert whole_wheel.tag == "cp311-abi3-platform"
    assert whole_wheel.binaries == {RUST, CYTHON}
    assert whole_wheel.report == {"rust": None, "cython": None}
    assert "Root-Is-Purelib: false" in whole_wheel.read("/WHEEL")


def test_the_binaries_keep_to_the_stable_abi(project: Project, whole_wheel: Wheel) -> None:
    audit = project.run("-m", "abi3audit", "--strict", "--report", whole_wheel.path)
    assert audit.returncode == 0, audit.stderr
    [wheel] = json.loads(audit.stdout)["specs"].values()
    scanned = {extension["name"]: extension["result"] for extension in wheel["wheel"]}
    assert set(scanned) == {"_rust.abi3.so", "_cython.abi3.so"}
    for result in scanned.values():
        assert result["is_abi3"]
        assert result["is_abi3_baseline_compatible"]


def test_both_are_release_builds_of_this_version(whole_wheel: Wheel, tmp_path: Path) -> None:
    both = "[_rust.build_info(), _cython.build_info()]"
    code = f"import json; from primes import _rust, _cython; print(json.dumps({both}))"
    for info in json.loads(whole_wheel.python(code, tmp_path)):
        assert info["profile"] == "release"
        assert f"-{info['version']}-" in whole_wheel.path.name


@pytest.mark.parametrize(
    ("lacking", "binaries", "reasons"),
    [
        ("rust", {CYTHON}, {"rust": "can't find Rust compiler"}),
        ("rust toolchain", {CYTHON}, {"rust": "error: rustup could not choose a version"}),
        ("new rust", {CYTHON}, {"rust": "Rust 1.63.0 does not match extension requirement >=1."}),
        ("C compiler", {RUST}, {"cython": "No such file or directory"}),
        ("Python headers", {RUST}, {"cython": "_cython.c:1: fatal error: Python.h: not here"}),
        ("both", set(), {"rust": "can't find Rust compiler", "cython": "No such file or directory"}),
    ],
)
def test_nothing_missing_stops_an_installation(
    project: Project,
    machines: dict[str, dict[str, str]],
    lacking: str,
    binaries: set[str],
    reasons: dict[str, str],
) -> None:
    wheel = project.wheel(**machines[lacking])
    assert wheel.binaries == binaries
    assert wheel.tag == ("cp311-abi3-platform" if binaries else "py3-none-any")
    assert f"Root-Is-Purelib: {str(not binaries).lower()}" in wheel.read("/WHEEL")
    for backend, told in wheel.report.items():
        if backend in reasons:
            assert told is not None
            assert told.startswith("not built: ")
            assert reasons[backend] in told
            assert "\n" not in told
        else:
            assert told is None


def test_a_linker_is_told_when_only_that_is_missing(project: Project, tmp_path: Path) -> None:
    """Rust links with the C compiler; in a new target directory nothing is linked yet."""
    wheel = project.wheel(CARGO_TARGET_DIR=str(tmp_path), RUSTFLAGS="-Clinker=no-such-linker")
    assert wheel.binaries == {CYTHON}
    assert "linker `no-such-linker` not found" in str(wheel.report["rust"])


@pytest.mark.parametrize(
    ("asked_for", "binaries"),
    [
        ("", {RUST, CYTHON}),
        ("rust,cython", {RUST, CYTHON}),
        ("cython, rust", {RUST, CYTHON}),
        ("rust", {RUST}),
        ("cython", {CYTHON}),
        ("none", set()),
    ],
)
def test_what_is_asked_for_is_built(project: Project, asked_for: str, binaries: set[str]) -> None:
    wheel = project.wheel(PRIMES_BUILD=asked_for)
    assert wheel.binaries == binaries
    assert wheel.tag == ("cp311-abi3-platform" if binaries else "py3-none-any")
    for backend, binary in (("rust", RUST), ("cython", CYTHON)):
        assert wheel.report[backend] == (None if binary in binaries else f"not requested: PRIMES_BUILD={asked_for}")


@pytest.mark.parametrize(
    ("asked_for", "lacking", "missing"),
    [
        ({"PRIMES_BUILD": "rust"}, "rust", "rust"),
        ({"PRIMES_BUILD": "rust,cython"}, "new rust", "rust"),
        ({"PRIMES_BUILD": "cython"}, "C compiler", "cython"),
        ({"PRIMES_BUILD": "rust,cython"}, "Python headers", "cython"),
        ({"CIBUILDWHEEL": "1"}, "C compiler", "cython"),
        ({"CIBUILDWHEEL": "1"}, "rust", "rust"),
    ],
)
def test_what_is_required_fails_when_it_is_missing(
    project: Project, machines: dict[str, dict[str, str]], asked_for: dict[str, str], lacking: str, missing: str
) -> None:
    result = project.failed_or_built(**asked_for, **machines[lacking])
    assert result.returncode == 1
    assert not (project.tree / "dist").exists()
    [setting] = [f"{name}={value}" for name, value in asked_for.items()]
    error = result.stderr.splitlines()[-1]
    assert error.startswith(f"error: {setting} requires the {missing} backend, which could not be built: ")


def test_primes_build_comes_before_cibuildwheel(project: Project) -> None:
    assert project.wheel(CIBUILDWHEEL="1", PRIMES_BUILD="none").binaries == set()


@pytest.mark.parametrize("value", ["fortran", "rust,fortran", "rust,", "none,rust", "all", "1"])
def test_an_unknown_name_is_refused_with_the_known_ones(project: Project, value: str) -> None:
    result = project.run("setup.py", "bdist_wheel", PRIMES_BUILD=value)
    assert result.returncode == 1
    expected = f"PRIMES_BUILD={value}: expected none, or a list of these, separated by commas: rust, cython"
    assert result.stderr.splitlines() == [expected]


def test_version_specific_modules_on_request(project: Project) -> None:
    wheel = project.wheel(PRIMES_ABI3="0")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert wheel.binaries == {f"primes/_rust{suffix}", f"primes/_cython{suffix}"}
    python = f"cp{sysconfig.get_config_var('py_version_nodot')}"
    assert wheel.tag == f"{python}-{python}-platform"


@pytest.mark.parametrize("kind", ["sys.gettotalrefcount = None", "sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1"])
def test_version_specific_modules_where_the_stable_abi_cannot_be_loaded(project: Project, kind: str) -> None:
    """A debug or free-threaded interpreter, played by this one."""
    code = f"import runpy, sys, sysconfig; {kind}; sys.argv[1:] = ['bdist_wheel']; runpy.run_path('setup.py')"
    wheel = project.wheel("-c", code, PRIMES_BUILD="cython")
    assert wheel.binaries == {f"primes/_cython{sysconfig.get_config_var('EXT_SUFFIX')}"}


def test_another_value_of_primes_abi3_is_refused(project: Project) -> None:
    result = project.run("setup.py", "bdist_wheel", PRIMES_ABI3="yes")
    assert result.returncode == 1
    assert result.stderr.splitlines() == ["PRIMES_ABI3=yes: expected 0 or 1"]


@pytest.fixture
def spare(project: Project, tmp_path: Path) -> Project:
    """A second copy, whose sources a test may break."""
    tree = tmp_path / "primes"
    shutil.copytree(project.tree, tree, ignore=shutil.ignore_patterns("build", "dist", "*.so"))
    shutil.copytree(project.tree.parent / "left-behind", tmp_path / "left-behind")
    return type(project)(tree, project.environment)


def test_an_error_in_the_pyx_is_never_forgiven(spare: Project) -> None:
    with (spare.tree / "cython_ext" / "_cython.pyx").open("a", encoding="utf-8") as source:
        source.write("\ndef broken(:\n")
    result = spare.failed_or_built(PRIMES_BUILD="cython")
    assert result.returncode == 1
    assert "cython_ext/_cython.pyx" in result.stderr
    forgiving = spare.failed_or_built(PATH="/nowhere")
    assert forgiving.returncode == 1
    assert not (spare.tree / "dist").exists()


def test_an_error_in_the_rust_sources_is_told(spare: Project) -> None:
    (spare.tree / "rust_ext" / "core" / "src" / "lib.rs").write_text("fn broken( {\n", encoding="utf-8")
    wheel = spare.wheel()
    assert wheel.binaries == {CYTHON}
    assert str(wheel.report["rust"]).startswith("not built: error: ")
    required = spare.failed_or_built(PRIMES_BUILD="rust")
    assert required.returncode == 1
    assert "fn broken( {" in required.stderr
