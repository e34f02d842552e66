"""The files of a release: the check that refuses an incomplete one, and the file that an installer chooses."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.tags import Tag, cpython_tags
from packaging.utils import parse_wheel_filename

from building import copy_sources

CHECKOUT = Path(__file__).parents[2]
CHECK = CHECKOUT / "release" / "check.py"
PLATFORMS = (
    "manylinux_2_17_x86_64.manylinux2014_x86_64",
    "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "musllinux_1_2_x86_64",
    "musllinux_1_2_aarch64",
    "macosx_10_12_x86_64",
    "macosx_11_0_arm64",
    "win_amd64",
    "win_arm64",
)
INTERPRETERS = ("cp311-abi3", "cp314-cp314t", "cp315-cp315t")
TAGS = ("py3-none-any", *(f"{interpreter}-{platform}" for interpreter in INTERPRETERS for platform in PLATFORMS))

# The test reads from this file which wheel was installed.
TAG_FILE = "primes/tag.txt"
INFO = "primes-0.1.0.dist-info"


def check(directory: Path, *arguments: str) -> list[str]:
    """Return the faults that the check of a release finds."""
    command = [sys.executable, str(CHECK), str(directory), *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (result.returncode == 0) == (not result.stderr), result.stderr
    return result.stderr.splitlines()


def write_wheel(directory: Path, tag: str, lost: str = "") -> Path:
    """Write a wheel with the files that the check looks for, except those that match ``lost``."""
    pure = tag == "py3-none-any"
    interpreter = tag.partition("-")[0]
    files = {
        f"{INFO}/METADATA": "Metadata-Version: 2.4\nName: primes\nVersion: 0.1.0\n",
        f"{INFO}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: {str(pure).lower()}\nTag: {tag}\n",
        f"{INFO}/RECORD": "",
        f"{INFO}/licenses/LICENSE": "MIT",
        "primes/_build_report.json": json.dumps(dict.fromkeys(("rust", "cython"), "not requested" if pure else None)),
        TAG_FILE: tag,
    }
    if not pure:
        suffix = "abi3.so" if "abi3" in tag else f"{interpreter}.so"
        files |= {f"primes/{backend}.{suffix}": "" for backend in ("_rust", "_cython")}
        files[f"{INFO}/sboms/primes-python.cdx.json"] = "{}"
    path = directory / f"primes-0.1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            if not re.fullmatch(lost, name):
                archive.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def whole_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with all its files."""
    directory = tmp_path_factory.mktemp("release")
    with tarfile.open(directory / "primes-0.1.0.tar.gz", "w:gz") as archive:
        text = b"Metadata-Version: 2.4\nName: primes\nVersion: 0.1.0\n"
        member = tarfile.TarInfo("primes-0.1.0/PKG-INFO")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    for tag in TAGS:
        write_wheel(directory, tag)
    return directory


@pytest.fixture
def release(whole_release: Path, tmp_path: Path) -> Path:
    """A copy of a release, which a test may break."""
    return shutil.copytree(whole_release, tmp_path / "dist")


def test_a_whole_release_passes(whole_release: Path) -> None:
    assert check(whole_release) == []


@pytest.mark.parametrize("tag", [TAGS[0], TAGS[1], TAGS[-1]])
def test_a_missing_wheel_is_refused(release: Path, tag: str) -> None:
    (release / f"primes-0.1.0-{tag}.whl").unlink()
    [fault] = check(release)
    assert fault.endswith(", found 0")
    assert check(release, "--part") == []


def test_a_missing_sdist_is_refused(release: Path) -> None:
    [sdist] = release.glob("*.tar.gz")
    sdist.unlink()
    assert check(release) == ["expected one sdist"]


def test_a_wheel_that_nobody_expects_is_refused(release: Path) -> None:
    write_wheel(release, "cp311-abi3-linux_x86_64")
    assert check(release) == ["unexpected: cp311-abi3-linux_x86_64"]


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (r"primes/_rust\..*so", "holds no _rust"),
        (r"primes/_cython\..*so", "holds no _cython"),
        (r".*/licenses/LICENSE", "holds no licenses/LICENSE"),
        (r".*/sboms/.*", r"holds no sboms/[^/]*\.json"),
    ],
)
def test_a_wheel_without_a_part_is_refused(release: Path, lost: str, told: str) -> None:
    path = write_wheel(release, TAGS[1], lost)
    assert check(release) == check(release, "--part") == [f"{path.name}: {told}"]


def test_a_pure_wheel_with_a_binary_is_refused(release: Path) -> None:
    [compiled] = release.glob(f"*-{TAGS[1]}.whl")
    shutil.copy(compiled, release / "primes-0.1.0-py3-none-any.whl")
    faults = check(release)
    assert "primes-0.1.0-py3-none-any.whl: holds primes/_rust.abi3.so" in faults


def test_the_tag_must_be_the_version_and_have_a_date_in_the_changelog(release: Path) -> None:
    faults = check(release, "v0.1.1")
    assert faults[-1] == "CHANGELOG.md has no line '## [0.1.1] - <date>'"
    assert len(faults) == len(TAGS) + 2
    assert all(fault.endswith(": is version 0.1.0, and not 0.1.1") for fault in faults[:-1])


def chosen_by_pip(release: Path, to: Path, platform: str, interpreter: str) -> str:
    """Return the tag of the wheel that pip chooses for an interpreter on a platform."""
    version, abi, implementation = interpreter.split()
    # A free-threaded interpreter loads no abi3. pip knows it by the first ABI.
    abis = [abi, "none"] if abi.endswith("t") else [abi, "abi3", "none"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-index",
        f"--find-links={release}",
        f"--dest={to}",
    ]
    command += ["--only-binary=:all:", f"--platform={platform}", f"--python-version={version}"]
    command += [f"--implementation={implementation}", *(f"--abi={each}" for each in abis), "primes"]
    subprocess.run(command, check=True)
    [path] = to.iterdir()
    return "-".join(path.stem.split("-")[-3:])


ANY = "py3-none-any"
ABI3 = "cp311-abi3"


@pytest.mark.parametrize(
    ("chosen", "platform", "interpreter"),
    [
        *((f"{ABI3}-{PLATFORMS[0]}", "manylinux_2_17_x86_64", f"3.{minor} cp3{minor} cp") for minor in range(11, 17)),
        (f"{ABI3}-{PLATFORMS[1]}", "manylinux_2_17_aarch64", "3.12 cp312 cp"),
        (f"{ABI3}-{PLATFORMS[2]}", "musllinux_1_2_x86_64", "3.13 cp313 cp"),
        (f"{ABI3}-{PLATFORMS[4]}", "macosx_14_0_x86_64", "3.11 cp311 cp"),
        (f"{ABI3}-{PLATFORMS[5]}", "macosx_14_0_arm64", "3.14 cp314 cp"),
        (f"{ABI3}-{PLATFORMS[6]}", "win_amd64", "3.15 cp315 cp"),
        (f"cp314-cp314t-{PLATFORMS[0]}", "manylinux_2_17_x86_64", "3.14 cp314t cp"),
        (f"cp315-cp315t-{PLATFORMS[7]}", "win_arm64", "3.15 cp315t cp"),
        # These have no wheel of their own: other interpreters, older systems, 32 bits.
        (ANY, "manylinux_2_17_x86_64", "3.13 cp313t cp"),
        (ANY, "manylinux_2_17_x86_64", "3.11 pypy311_pp80 pp"),
        (ANY, "manylinux_2_12_x86_64", "3.11 cp311 cp"),
        (ANY, "manylinux_2_17_i686", "3.11 cp311 cp"),
        (ANY, "win32", "3.12 cp312 cp"),
        (ANY, "pyodide_2025_0_wasm32", "3.13 cp313 cp"),
    ],
)
def test_pip_takes_a_compiled_wheel_before_the_pure_one(
    whole_release: Path, tmp_path: Path, chosen: str, platform: str, interpreter: str
) -> None:
    assert chosen_by_pip(whole_release, tmp_path, platform, interpreter) == chosen


def chosen_by_tags(release: Path, supported: list[Tag]) -> str:
    """Return the tag of the wheel that comes first in the order of an interpreter, as packaging's machinery has it."""
    places = {tag: place for place, tag in enumerate(supported)}
    ranked = {}
    for path in release.glob("*.whl"):
        ranks = [places[tag] for tag in parse_wheel_filename(path.name)[3] if tag in places]
        if ranks:
            ranked[path] = min(ranks)
    return "-".join(min(ranked, key=ranked.__getitem__).stem.split("-")[-3:])


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("minor", "own"), [(13, None), (14, "cp314-cp314t"), (15, "cp315-cp315t"), (16, None)])
def test_a_free_threaded_interpreter_takes_its_own_wheel_or_the_pure_one(
    release: Path, platform: str, minor: int, own: str | None
) -> None:
    # Here the interpreter's own rules say what it loads; nobody tells pip which ABIs to look for.
    platforms = platform.split(".")
    supported = [*cpython_tags((3, minor), [f"cp3{minor}t"], platforms), Tag("py3", "none", "any")]
    assert not any(tag.abi == "abi3" for tag in supported)
    assert chosen_by_tags(release, supported) == (f"{own}-{platform}" if own else ANY)
    if own:
        (release / f"primes-0.1.0-{own}-{platform}.whl").unlink()
        assert chosen_by_tags(release, supported) == ANY


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("minor", range(11, 17))
def test_an_interpreter_with_the_gil_takes_the_stable_abi_and_no_free_threaded_wheel(
    whole_release: Path, platform: str, minor: int
) -> None:
    supported = [*cpython_tags((3, minor), [f"cp3{minor}"], platform.split(".")), Tag("py3", "none", "any")]
    assert not any(tag.abi.endswith("t") for tag in supported)
    assert chosen_by_tags(whole_release, supported) == f"{ABI3}-{platform}"


@pytest.mark.parametrize(
    ("chosen", "platform", "version"),
    [
        *((f"{ABI3}-{PLATFORMS[0]}", "x86_64-manylinux_2_17", f"3.{minor}") for minor in range(11, 16)),
        (f"{ABI3}-{PLATFORMS[1]}", "aarch64-manylinux_2_28", "3.12"),
        (f"{ABI3}-{PLATFORMS[3]}", "aarch64-unknown-linux-musl", "3.13"),
        (f"{ABI3}-{PLATFORMS[5]}", "aarch64-apple-darwin", "3.11"),
        (f"{ABI3}-{PLATFORMS[6]}", "x86_64-pc-windows-msvc", "3.15"),
    ],
)
def test_uv_takes_a_compiled_wheel_before_the_pure_one(
    whole_release: Path, tmp_path: Path, chosen: str, platform: str, version: str
) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-index", f"--find-links={whole_release}"]
    command += [f"--python={sys.executable}", f"--python-version={version}", f"--python-platform={platform}"]
    subprocess.run([*command, f"--target={tmp_path}", f"--cache-dir={tmp_path}/cache", "primes"], check=True)
    assert (tmp_path / TAG_FILE).read_text(encoding="utf-8") == chosen


def test_two_builds_of_the_same_sources_are_the_same_bytes(tmp_path: Path) -> None:
    """Even where the second lies elsewhere, is of another day, and was written under another umask."""
    made = []
    for name, umask, touched in (("first", 0o022, None), ("second", 0o077, (10**9, 10**9))):
        tree = copy_sources(tmp_path / name / "primes")
        for path in tree.rglob("*") if touched else ():
            os.utime(path, touched)
            path.chmod(path.stat().st_mode & 0o700)
        command = [sys.executable, str(tree / "release" / "build.py"), str(tmp_path / name / "dist"), "sdist", "any"]
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1577836800"}
        subprocess.run(command, check=True, env=environment, umask=umask)
        made.append({path.name: path.read_bytes() for path in (tmp_path / name / "dist").iterdir()})
    assert len(made[0]) == 2
    assert made[0] == made[1]


def test_cibuildwheel_builds_for_each_interpreter_of_a_release() -> None:
    """The wheel for the stable ABI comes first: cibuildwheel then only tests it on the later versions."""
    pyproject = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    builds = pyproject["tool"]["cibuildwheel"]["build"]
    own = [each.partition("-")[0] for each in INTERPRETERS]
    assert builds[0] == f"{own[0]}-*"
    assert {each for each in builds if each.endswith("t-*")} == {f"{each}t-*" for each in own[1:]}
