"""What is installed: which binaries, where they lie, what they are called, and which backend is the default.

With ``--compiled=NAMES`` these tests fail for a wheel with any other backends.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import json
import os
import sys
import sysconfig
from pathlib import Path

import primes

PACKAGE_DIR = Path(primes.__file__).parent
CHECKOUT = Path(__file__).parents[2]


def has_stable_abi() -> bool:
    """Tell whether the extensions should be built for the stable ABI, which any CPython from 3.11 on can load."""
    return (
        os.environ.get("PRIMES_ABI3", "1") != "0"
        and not sysconfig.get_config_var("Py_GIL_DISABLED")
        and not hasattr(sys, "gettotalrefcount")
    )


def extension_suffix() -> str:
    """Return the suffix that an extension should have. On Windows, modules for the stable ABI have a bare .pyd."""
    if not has_stable_abi():
        return str(sysconfig.get_config_var("EXT_SUFFIX"))
    return ".abi3.so" if ".abi3.so" in importlib.machinery.EXTENSION_SUFFIXES else ".pyd"


def test_the_package_under_test_is_the_installed_one() -> None:
    assert PACKAGE_DIR.parent == Path(sysconfig.get_path("platlib")) or PACKAGE_DIR.parent == Path(
        sysconfig.get_path("purelib")
    )
    assert not PACKAGE_DIR.is_relative_to(CHECKOUT / "primes")


def test_exactly_the_expected_binaries_are_there(compiled: list[str]) -> None:
    binaries = {path.name for path in PACKAGE_DIR.rglob("*") if path.suffix in {".so", ".pyd", ".dylib", ".dll"}}
    assert binaries == {f"_{name}{extension_suffix()}" for name in compiled}


def test_exactly_the_expected_backends_are_available(compiled: list[str]) -> None:
    assert [each.name for each in primes.backends() if each.available] == [*compiled, "python"]


def test_the_default_is_the_first_of_them(compiled: list[str]) -> None:
    assert [each.name for each in primes.backends() if each.default] == [[*compiled, "python"][0]]


def test_every_module_lies_in_the_package(compiled: list[str]) -> None:
    paths = {each.name: each.path for each in primes.backends() if each.available}
    expected = {name: str(PACKAGE_DIR / f"_{name}{extension_suffix()}") for name in compiled}
    assert paths == {**expected, "python": str(PACKAGE_DIR / "_python" / "__init__.py")}


def test_a_missing_backend_tells_the_stored_reason(compiled: list[str]) -> None:
    stored = json.loads((PACKAGE_DIR / "_build_report.json").read_text(encoding="utf-8"))
    assert {name for name, reason in stored.items() if reason is None} == set(compiled)
    told = {each.name: each.reason for each in primes.backends() if not each.available}
    assert told == {name: reason for name, reason in stored.items() if reason is not None}


def test_the_wheel_had_an_honest_tag(compiled: list[str]) -> None:
    wheel = importlib.metadata.distribution("primes").read_text("WHEEL")
    assert wheel is not None
    # auditwheel may give a wheel two names of its platform.
    tags = {tuple(line.removeprefix("Tag: ").split("-")) for line in wheel.splitlines() if line.startswith("Tag: ")}
    [(python, abi)] = {tag[:2] for tag in tags}
    if not compiled:
        expected = ("py3", "none")
    elif has_stable_abi():
        expected = ("cp311", "abi3")
    else:
        version = f"cp{sys.version_info.major}{sys.version_info.minor}"
        expected = (version, version + sys.abiflags)
    assert (python, abi) == expected
    assert ({tag[2] for tag in tags} == {"any"}) == (not compiled)
    assert f"Root-Is-Purelib: {str(not compiled).lower()}" in wheel


def test_the_gil_stays_off_where_it_is_off() -> None:
    """An extension must declare that it needs no GIL. Else it switches the GIL on for the whole process."""
    on = getattr(sys, "_is_gil_enabled", lambda: True)()
    assert on == (not sysconfig.get_config_var("Py_GIL_DISABLED"))


def test_the_metadata_has_the_version_of_the_package() -> None:
    assert importlib.metadata.version("primes") == primes.__version__


def test_the_package_is_typed() -> None:
    assert (PACKAGE_DIR / "py.typed").exists()
    assert {path.name for path in PACKAGE_DIR.glob("*.pyi")} == {"_rust.pyi", "_cython.pyi"}
