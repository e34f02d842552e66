"""What a build makes, says and refuses, by what the machine has and what was asked for.

Most of that is the work of hybrid_build.py. A tiny project shows it, and is compiled faster than this one.
"""

from __future__ import annotations

import json
import subprocess
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from building import Project, Wheel

pytest_plugins = ["building", "other_projects"]

RUST = "tiny/_rust.abi3.so"
CYTHON = "tiny/_cython.abi3.so"


def test_both_backends_make_one_abi3_wheel(whole_wheel: Wheel) -> None:
    assert whole_wheel.tag == "cp311-abi3-platform"
    assert whole_wheel.binaries == {"primes/_rust.abi3.so", "primes/_cython.abi3.so"}
    assert whole_wheel.report == {"rust": None, "cython": None}
    assert "Root-Is-Purelib: false" in whole_wheel.read("/WHEEL")


@pytest.mark.parametrize(("asked_for", "backends"), [("rust", {"rust"}), ("cython", {"cython"}), ("none", set())])
def test_what_is_asked_for_makes_a_wheel(flavours: dict[str, Wheel], asked_for: str, backends: set[str]) -> None:
    wheel = flavours[asked_for]
    assert wheel.binaries == {f"primes/_{backend}.abi3.so" for backend in backends}
    assert wheel.tag == ("cp311-abi3-platform" if backends else "py3-none-any")
    for backend in ("rust", "cython"):
        assert wheel.report[backend] == (None if backend in backends else f"not requested: PRIMES_BUILD={asked_for}")


def test_without_toolchains_it_is_pure(project: Project, machines: dict[str, dict[str, str]]) -> None:
    wheel = project.wheel(**machines["both"])
    assert wheel.tag == "py3-none-any"
    assert wheel.binaries == set()
    assert str(wheel.report["rust"]).startswith("not built: can't find Rust compiler")


def test_the_binaries_keep_to_the_stable_abi(project: Project, whole_wheel: Wheel) -> None:
    audit = project.run("-m", "abi3audit", "--strict", "--report", whole_wheel.path)
    assert audit.returncode == 0, audit.stderr
    [wheel] = json.loads(audit.stdout)["specs"].values()
    scanned = {extension["name"]: extension["result"] for extension in wheel["wheel"]}
    assert set(scanned) == {"_rust.abi3.so", "_cython.abi3.so"}
    for result in scanned.values():
        assert result["is_abi3"]
        assert result["is_abi3_baseline_compatible"]


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_abi_of_311_compiles_with_newer_headers_too(project: Project, version: str) -> None:
    """Newer headers hide newer functions from code for this ABI. Cython may only look at the version of the headers."""
    [generated] = (project.tree.parent / "left-behind").rglob("_cython.c")
    command = [f"python{version}", "-c", "import sysconfig; print(sysconfig.get_path('include'))"]
    headers = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    macros = ["-DPy_LIMITED_API=0x030B0000", "-DCYTHON_USE_MODULE_STATE=1", '-DPRIMES_VERSION=""']
    result = subprocess.run(
        ["cc", "-fsyntax-only", "-w", *macros, f"-I{headers}", str(generated)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


def test_both_are_release_builds_of_this_version(whole_wheel: Wheel, tmp_path: Path) -> None:
    both = "[_rust.build_info(), _cython.build_info()]"
    code = f"import json; from primes import _rust, _cython; print(json.dumps({both}))"
    for info in json.loads(whole_wheel.python(code, tmp_path)):
        assert info["profile"] == "release"
        assert f"-{info['version']}-" in whole_wheel.path.name


def test_the_same_sources_make_the_same_bytes_elsewhere(
    project: Project, flavours: dict[str, Wheel], tmp_path: Path
) -> None:
    """The second build is in another directory, and compiles all crates anew from another place."""
    spare = project.copied(tmp_path)
    cargo_home = tmp_path / "another home"
    cargo_home.mkdir()
    used = Path(spare.environment.get("CARGO_HOME") or Path.home() / ".cargo")
    (cargo_home / "registry").symlink_to(used / "registry")
    elsewhere = {"CARGO_HOME": str(cargo_home), "CARGO_TARGET_DIR": str(tmp_path / "target")}
    assert spare.wheel(PRIMES_BUILD="rust", **elsewhere).path.read_bytes() == flavours["rust"].path.read_bytes()


def test_the_crates_in_a_wheel_are_named_with_their_licences(flavours: dict[str, Wheel]) -> None:
    for asked_for in ("rust,cython", "rust"):
        bill = json.loads(flavours[asked_for].read(".dist-info/sboms/primes-python.cdx.json"))
        assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
        components = {each["name"]: each for each in bill["components"]}
        assert {"primes-core", "pyo3", "pyo3-ffi", "libc"} <= components.keys()
        # These crates run while the package is compiled, or when it is tested.
        assert not {"pyo3-macros", "pyo3-build-config", "syn", "divan"} & components.keys()
        assert components["pyo3"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
        assert components["pyo3"]["purl"] == f"pkg:cargo/pyo3@{components['pyo3']['version']}"
        version = components["pyo3"]["version"]
        assert "PyO3" in flavours[asked_for].read(f".dist-info/licenses/crates/pyo3-{version}/LICENSE-MIT")
    for asked_for in ("cython", "none"):
        assert not [name for name in flavours[asked_for].names if "sboms" in name or "crates" in name]


def test_the_binaries_are_stripped(whole_wheel: Wheel) -> None:
    """The table of symbols, from which a debugger knows the functions, would be a section of this name."""
    with zipfile.ZipFile(whole_wheel.path) as archive:
        for name in whole_wheel.binaries:
            assert b".symtab" not in archive.read(name), name


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
    tiny: Project,
    machines: dict[str, dict[str, str]],
    lacking: str,
    binaries: set[str],
    reasons: dict[str, str],
) -> None:
    wheel = tiny.wheel(**machines[lacking])
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


def test_the_outcome_is_told_while_it_is_built(tiny: Project, machines: dict[str, dict[str, str]]) -> None:
    told = tiny.failed_or_built(**machines["rust"]).stdout.splitlines()
    assert "tiny: rust backend: not built: can't find Rust compiler" in told
    assert "tiny: cython backend: built" in told


def test_a_linker_is_told_when_only_that_is_missing(tiny: Project, tmp_path: Path) -> None:
    """Rust links with the C compiler. In a new target directory nothing is linked yet."""
    wheel = tiny.wheel(CARGO_TARGET_DIR=str(tmp_path), RUSTFLAGS="-Clinker=no-such-linker")
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
def test_what_is_asked_for_is_built(tiny: Project, asked_for: str, binaries: set[str]) -> None:
    wheel = tiny.wheel(TINY_BUILD=asked_for)
    assert wheel.binaries == binaries
    assert wheel.tag == ("cp311-abi3-platform" if binaries else "py3-none-any")
    for backend, binary in (("rust", RUST), ("cython", CYTHON)):
        assert wheel.report[backend] == (None if binary in binaries else f"not requested: TINY_BUILD={asked_for}")


@pytest.mark.parametrize(
    ("asked_for", "lacking", "missing"),
    [
        ({"TINY_BUILD": "rust"}, "rust", "rust"),
        ({"TINY_BUILD": "rust,cython"}, "new rust", "rust"),
        ({"TINY_BUILD": "cython"}, "C compiler", "cython"),
        ({"TINY_BUILD": "rust,cython"}, "Python headers", "cython"),
        ({"CIBUILDWHEEL": "1"}, "C compiler", "cython"),
        ({"CIBUILDWHEEL": "1"}, "rust", "rust"),
    ],
)
def test_what_is_required_fails_when_it_is_missing(
    tiny: Project, machines: dict[str, dict[str, str]], asked_for: dict[str, str], lacking: str, missing: str
) -> None:
    result = tiny.failed_or_built(**asked_for, **machines[lacking])
    assert result.returncode == 1
    assert not (tiny.tree / "dist").exists()
    [setting] = [f"{name}={value}" for name, value in asked_for.items()]
    error = result.stderr.splitlines()[-1]
    assert error.startswith(f"error: {setting} requires the {missing} backend, which could not be built: ")


def test_the_build_variable_comes_before_cibuildwheel(tiny: Project) -> None:
    assert tiny.wheel(CIBUILDWHEEL="1", TINY_BUILD="none").binaries == set()


@pytest.mark.parametrize("value", ["fortran", "rust,fortran", "rust,", "none,rust", "all", "1"])
def test_an_unknown_name_is_refused_with_the_known_ones(tiny: Project, value: str) -> None:
    result = tiny.run("setup.py", "bdist_wheel", TINY_BUILD=value)
    assert result.returncode == 1
    expected = f"TINY_BUILD={value}: expected none, or a list of these, separated by commas: rust, cython"
    assert result.stderr.splitlines() == [expected]


def test_version_specific_modules_on_request(tiny: Project) -> None:
    wheel = tiny.wheel(TINY_ABI3="0")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert wheel.binaries == {f"tiny/_rust{suffix}", f"tiny/_cython{suffix}"}
    python = f"cp{sysconfig.get_config_var('py_version_nodot')}"
    assert wheel.tag == f"{python}-{python}-platform"


@pytest.mark.parametrize("kind", ["sys.gettotalrefcount = None", "sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1"])
def test_version_specific_modules_where_the_stable_abi_cannot_be_loaded(tiny: Project, kind: str) -> None:
    """This interpreter pretends to be a debug or a free-threaded one."""
    code = f"import runpy, sys, sysconfig; {kind}; sys.argv[1:] = ['bdist_wheel']; runpy.run_path('setup.py')"
    wheel = tiny.wheel("-c", code, TINY_BUILD="cython")
    assert wheel.binaries == {f"tiny/_cython{sysconfig.get_config_var('EXT_SUFFIX')}"}


def test_another_value_of_the_abi3_variable_is_refused(tiny: Project) -> None:
    result = tiny.run("setup.py", "bdist_wheel", TINY_ABI3="yes")
    assert result.returncode == 1
    assert result.stderr.splitlines() == ["TINY_ABI3=yes: expected 0 or 1"]


def test_an_error_in_the_pyx_is_never_forgiven(project: Project, tmp_path: Path) -> None:
    spare = project.copied(tmp_path)
    with (spare.tree / "cython_ext" / "_cython.pyx").open("a", encoding="utf-8") as source:
        source.write("\ndef broken(:\n")
    result = spare.failed_or_built(PRIMES_BUILD="cython")
    assert result.returncode == 1
    assert "cython_ext/_cython.pyx" in result.stderr
    forgiving = spare.failed_or_built(PATH="/nowhere")
    assert forgiving.returncode == 1
    assert not (spare.tree / "dist").exists()


def test_an_error_in_the_rust_sources_is_told(tiny: Project, tmp_path: Path) -> None:
    spare = tiny.copied(tmp_path)
    (spare.tree / "crate" / "src" / "lib.rs").write_text("fn broken( {\n", encoding="utf-8")
    wheel = spare.wheel()
    assert wheel.binaries == {CYTHON}
    assert str(wheel.report["rust"]).startswith("not built: error: ")
    required = spare.failed_or_built(TINY_BUILD="rust")
    assert required.returncode == 1
    assert "fn broken( {" in required.stderr
