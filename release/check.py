"""Refuse a directory of release files that is not complete: ``python release/check.py DIRECTORY [v1.2.3]``.

This runs last before a release is published. A complete directory has the sdist, the pure wheel, and one wheel for each
interpreter and platform below. Each compiled wheel holds both backends, their licences and the list of their crates.
All files have the same version, and so have the tag and the changelog.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import tarfile
import zipfile
from email.parser import BytesHeaderParser
from pathlib import Path

BACKENDS = ("_rust", "_cython")
INTERPRETERS = ("cp311-abi3", "cp314-cp314t", "cp315-cp315t")
PLATFORMS = (
    r"manylinux_2_17_x86_64",
    r"manylinux_2_17_aarch64",
    r"musllinux_1_2_x86_64",
    r"musllinux_1_2_aarch64",
    r"macosx_\d+_\d+_x86_64",
    r"macosx_\d+_\d+_arm64",
    r"win_amd64",
    r"win_arm64",
)


def tag_of(wheel: Path) -> str:
    """Return the interpreter, ABI and platform of a wheel. Of two names of a platform, drop the one with a year."""
    python, abi, platforms = wheel.stem.split("-")[-3:]
    named = [each for each in platforms.split(".") if not re.match(r"manylinux\d", each)]
    return f"{python}-{abi}-{'.'.join(named)}"


def faults_of_wheel(wheel: Path) -> list[str]:
    """Return the faults of one wheel."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    pure = tag_of(wheel) == "py3-none-any"
    faults = []
    for backend in BACKENDS:
        held = [name for name in files if re.fullmatch(rf"primes/{backend}\..*(so|pyd)", name)]
        if len(held) != (not pure):
            faults.append(f"holds {', '.join(held) or 'no ' + backend}")
    report = json.loads(files.get("primes/_build_report.json", b"{}"))
    if {f"_{name}" for name, reason in report.items() if reason is None} != (set() if pure else {*BACKENDS}):
        faults.append(f"says of its backends: {report}")
    wanted = ["LICENSE"] if pure else ["LICENSE", r"[^/]*\.json"]
    for folder, name in zip(("licenses", "sboms"), wanted, strict=False):
        if not any(re.fullmatch(rf"[^/]+\.dist-info/{folder}/{name}", each) for each in files):
            faults.append(f"holds no {folder}/{name}")
    return [f"{wheel.name}: {fault}" for fault in faults]


def faults_of_set(names: list[str], tags: list[str]) -> list[str]:
    """Return which files are missing, duplicate or unexpected."""
    faults = [] if sum(name.endswith(".tar.gz") for name in names) == 1 else ["expected one sdist"]
    expected = ["py3-none-any", *map("-".join, itertools.product(INTERPRETERS, PLATFORMS))]
    for pattern in expected:
        found = sum(re.fullmatch(pattern, tag) is not None for tag in tags)
        if found != 1:
            faults.append(f"expected one wheel for {pattern}, found {found}")
    faults += [f"unexpected: {tag}" for tag in tags if not any(re.fullmatch(each, tag) for each in expected)]
    return faults


def versions(directory: Path) -> dict[str, str]:
    """Read the version from the metadata of every file."""
    found = {}
    for path in directory.iterdir():
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
                metadata = archive.read(name)
        else:
            with tarfile.open(path) as archive:
                member = archive.extractfile(f"{path.name.removesuffix('.tar.gz')}/PKG-INFO")
                metadata = member.read() if member else b""
        found[path.name] = BytesHeaderParser().parsebytes(metadata)["Version"]
    return found


def faults_of_version(found: dict[str, str], tag: str, changelog: str) -> list[str]:
    """Compare all versions with the tag, and look for the release in the changelog."""
    version = tag.removeprefix("v")
    faults = [f"{name}: is version {each}, and not {version}" for name, each in found.items() if each != version]
    if not re.search(rf"^## \[?{re.escape(version)}\]? - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        faults.append(f"CHANGELOG.md has no line '## [{version}] - <date>'")
    return faults


def main() -> None:
    """Check a directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("tag", nargs="?", help="the tag that is to be released; without it versions are not compared")
    parser.add_argument("--part", action="store_true", help="not all files need to be there")
    arguments = parser.parse_intermixed_args()
    wheels = sorted(arguments.directory.glob("*.whl"))
    names = [path.name for path in arguments.directory.iterdir()]
    faults = [] if arguments.part else faults_of_set(names, [tag_of(each) for each in wheels])
    for wheel in wheels:
        faults += faults_of_wheel(wheel)
    if arguments.tag:
        changelog = Path(__file__).parents[1].joinpath("CHANGELOG.md").read_text(encoding="utf-8")
        faults += faults_of_version(versions(arguments.directory), arguments.tag, changelog)
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(names)} files, whole")


if __name__ == "__main__":
    main()
