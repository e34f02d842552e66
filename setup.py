"""The part of the build that setup.cfg cannot declare: two extensions, neither of which may stop an installation.

Two environment variables steer it:

``PRIMES_BUILD``
    Unset: try both backends and go on without what cannot be built. A list such as ``rust,cython`` or ``cython``:
    build exactly these, and fail where one cannot be built. ``none``: build neither.
``PRIMES_ABI3``
    Unset or ``1``: one binary for every CPython from 3.11 on, where the interpreter allows it.
    ``0``: binaries for the running interpreter alone (for coverage and profiling).

pip shows nobody the output of a build, so its outcome travels inside the package: ``primes/_build_report.json`` maps
each backend to null (built) or to the reason why it is missing.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path


def require_build_requirements(requirements: list[str]) -> None:
    """Leave with one line that says what to install, where ``python setup.py`` lacks what pip would have fetched."""
    for requirement in requirements:
        name, minimum = requirement.split(">=")
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "0"
        if [int(part) for part in re.findall(r"\d+", found)] < [int(part) for part in minimum.split(".")]:
            wanted = " ".join(f'"{each}"' for each in requirements)
            sys.exit(f"building primes needs {requirement}; run: python -m pip install --upgrade {wanted}")


# What these two declare already is read, not repeated.
PYPROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
CARGO = tomllib.loads(Path("Cargo.toml").read_text(encoding="utf-8"))

require_build_requirements(PYPROJECT["build-system"]["requires"])

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError, SetupError
from setuptools_rust import RustExtension, build_rust

BACKENDS = ("rust", "cython")
REPORT: dict[str, str | None] = dict.fromkeys(BACKENDS, "not part of this build")


def read_primes_build() -> tuple[str, frozenset[str], frozenset[str]]:
    """Return the setting in words, the backends to try, and those of them that must succeed."""
    value = os.environ.get("PRIMES_BUILD", "").strip()
    setting = f"PRIMES_BUILD={value}"
    if not value and os.environ.get("CIBUILDWHEEL") == "1":
        value, setting = ",".join(BACKENDS), "CIBUILDWHEEL=1"  # A wheel that is made for others is whole.
    if not value:
        return setting, frozenset(BACKENDS), frozenset()
    names = frozenset(name.strip() for name in value.split(",")) if value != "none" else frozenset()
    if not names <= set(BACKENDS):
        sys.exit(f"{setting}: expected none, or a list of these, separated by commas: {', '.join(BACKENDS)}")
    return setting, names, names


def read_primes_abi3() -> bool:
    """Tell whether to build for the stable ABI, which free-threaded and debug interpreters cannot load."""
    value = os.environ.get("PRIMES_ABI3", "").strip()
    if value not in {"", "0", "1"}:
        sys.exit(f"PRIMES_ABI3={value}: expected 0 or 1")
    stable = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
    return value != "0" and stable and not hasattr(sys, "gettotalrefcount")


SETTING, WANTED, REQUIRED = read_primes_build()
ABI3 = read_primes_abi3()


def compiled_files(package_dir: Path) -> list[Path]:
    """List the built extensions in a directory, those of other interpreters and of earlier builds too."""
    return [path for name in BACKENDS for suffix in ("so", "pyd") for path in package_dir.glob(f"_{name}.*{suffix}")]


@contextlib.contextmanager
def kept_stderr() -> Iterator[list[str]]:
    """Collect the lines that compilers write to stderr, and pass them on at the end.

    It works on the file descriptor, because compilers are other processes.
    """
    lines: list[str] = []
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            file.seek(0)
            text = file.read().decode(errors="replace")
            sys.stderr.write(text)
            lines += re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()  # CARGO_TERM_COLOR=always colours files too.


def attempt(backend: str, build: Callable[[], None]) -> None:
    """Build one backend; note why it failed, and fail only where it is required.

    The extensions' own ``optional`` would forgive as well, but keeps the reason from us. What is not forgiven: an error
    of Cython itself, for a broken .pyx is a mistake in the sources and not something that this machine lacks.
    """
    if backend not in WANTED:
        REPORT[backend] = f"not requested: {SETTING}"
        return
    lines: list[str] = []
    try:
        with kept_stderr() as lines:
            build()
    except (BaseError, CCompilerError, OSError) as error:
        # The first error that a compiler told says more than "exit status 1".
        told = (line for line in lines if re.search(r"(^|: )(fatal )?error\b", line))
        reason = next(told, str(error)).strip().partition("\n")[0]
        REPORT[backend] = f"not built: {reason}"
        if backend in REQUIRED:
            raise SetupError(f"{SETTING} requires the {backend} backend, which could not be built: {reason}") from error
    else:
        REPORT[backend] = None


class BuildExt(build_ext):
    """Build the Cython extension; setuptools-rust adds to the end of ``run`` the command below."""

    def initialize_options(self) -> None:
        """Keep the generated C in build/, away from the sources and the sdist.

        In setup.cfg this would be lost where it matters: setuptools-rust subclasses the commands under other names, by
        which an editable install, when it initializes them again, does not find their options.
        """
        super().initialize_options()
        self.cython_c_in_temp = True

    def run(self) -> None:
        """Remove the results of earlier builds, for setuptools would ship whatever still lies in build/lib."""
        package_dirs = [Path(self.build_lib, "primes")]
        if self.inplace:
            package_dirs.append(Path("primes"))
        for path in (path for package_dir in package_dirs for path in compiled_files(package_dir)):
            path.unlink()
        super().run()

    def build_extension(self, ext: Extension) -> None:
        """Add what is only known now: the version, and which compiler it is."""
        ext.define_macros.append(("PRIMES_VERSION", f'"{self.distribution.get_version()}"'))
        if self.compiler.compiler_type != "msvc":  # There, setuptools passes /O2 by itself.
            ext.extra_compile_args += ["-O3", "-g0"]
        attempt("cython", lambda: super(BuildExt, self).build_extension(ext))


class BuildRust(build_rust):
    """Build the Rust extension, and, since it is the last to be built, write the report beside it."""

    def run(self) -> None:
        """Build and report."""
        attempt("rust", super().run)
        beside = self.get_finalized_command("build_ext").get_ext_fullpath("primes._rust")
        report = Path(beside).with_name("_build_report.json")
        self.mkpath(str(report.parent))
        report.write_text(json.dumps(REPORT, indent=2) + "\n", encoding="utf-8")
        for backend, reason in REPORT.items():
            self.announce(f"primes: {backend} backend: {reason or 'built'}", level=3)


class BdistWheel(bdist_wheel):
    """Give the wheel an honest tag."""

    def initialize_options(self) -> None:
        """Ask for the stable ABI; here, for the same reason as above."""
        super().initialize_options()
        if ABI3:
            self.py_limited_api = "cp311"

    def get_tag(self) -> tuple[str, str, str]:
        """Call the wheel pure when nothing was compiled; setuptools counts the extensions that were declared.

        By now the files lie in ``bdist_dir``. An editable wheel gathers none and keeps the tag that was declared.
        """
        package_dir = Path(str(self.bdist_dir), "primes")
        self.root_is_pure = package_dir.is_dir() and not compiled_files(package_dir)
        return super().get_tag()


setup(
    ext_modules=[
        Extension(
            "primes._cython",
            # The .pyx itself: `cythonize()` would drop `optional`.
            ["cython_ext/_cython.pyx"],
            depends=[str(path) for path in Path("cython_ext").glob("*.pxd")],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
            py_limited_api=ABI3,
            optional="cython" not in REQUIRED,
        )
    ],
    rust_extensions=[
        RustExtension(
            "primes._rust",
            "rust_ext/python/Cargo.toml",
            cargo_manifest_args=["--locked"],  # Exactly what Cargo.lock says.
            rust_version=">=" + CARGO["workspace"]["package"]["rust-version"],
            debug=False,  # Editable and in-place builds would be debug builds, 50 times slower.
        )
    ],
    cmdclass={"build_ext": BuildExt, "build_rust": BuildRust, "bdist_wheel": BdistWheel},
)
