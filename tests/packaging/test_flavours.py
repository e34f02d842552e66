"""A wheel passes only as its own flavour, so each environment of the matrix proves which wheel it tests."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from building import Wheel

pytest_plugins = ["building"]

FLAVOURS = ("rust,cython", "rust", "cython", "none")
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module", params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    """The backends that the wheel was built with."""
    return str(request.param)


@pytest.fixture(scope="module")
def interpreter(flavour: str, flavours: dict[str, Wheel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel of this flavour and the requirements of the tests."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    paths = {"base": str(environment), "platbase": str(environment)}
    site_packages = Path(sysconfig.get_path("platlib", scheme="venv", vars=paths))
    with zipfile.ZipFile(flavours[flavour].path) as archive:
        archive.extractall(site_packages)
    (site_packages / "tests.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment / "bin" / "python"


@pytest.mark.parametrize("expected", FLAVOURS)
def test_a_wheel_passes_as_its_own_flavour_alone(interpreter: Path, flavour: str, expected: str) -> None:
    options = [f"--config-file={TESTS.parent / 'pyproject.toml'}", f"--compiled={expected}"]
    command = [str(interpreter), "-m", "pytest", *options, str(TESTS / "choice" / "test_installation.py")]
    result = subprocess.run(command, cwd=interpreter.parent, check=False, capture_output=True, text=True)
    assert result.returncode == int(expected != flavour), result.stdout
    if expected != flavour:
        assert "test_exactly_the_expected_binaries_are_there" in result.stdout
        assert "test_exactly_the_expected_backends_are_available" in result.stdout
