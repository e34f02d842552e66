# SPDX-License-Identifier: MIT
"""Build Rust and Cython extensions side by side with setuptools, and go on without what cannot be built.

One file, to be copied beside the ``setup.py`` of a project whose code also runs without its extensions. What it does:

- It builds what can be built. A missing toolchain stops no installation, unless it was asked to.
- It keeps the reason. pip shows nobody the output of a build, so the outcome travels inside the package: the file
  ``_build_report.json``, beside the first module, maps each backend to null (built) or to why it is missing.
- It ships no binary of an earlier build, and calls a wheel ``py3-none-any`` when nothing was compiled.
- With ``abi3="3.11"`` one binary serves every CPython from 3.11 on, where the interpreter that builds allows it.
- It compares the wheel with the report: a wheel that says "built" and holds no such module is an error.
- It adds a bill of materials (``.dist-info/sboms``, PEP 770) and the licences of the crates that a Rust module holds.
- With ``SOURCE_DATE_EPOCH`` the same sources and compilers make the same bytes, wherever they lie.

How to use it
-------------

``setup.py`` names the modules; the package itself may be described in ``setup.cfg`` or in ``pyproject.toml``, or in
further arguments of ``setup``, which are those of setuptools::

    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).parent))  # pip runs this file without looking for modules beside it.

    from hybrid_build import CythonModule, RustModule, setup

    setup(
        "my-project",
        {
            "rust": RustModule("my_package._rust", "rust/Cargo.toml"),
            "cython": CythonModule("my_package._cython", ["cython/_cython.pyx"]),
        },
        abi3="3.11",
    )

``pyproject.toml`` names what the build needs. Leave out setuptools-rust or Cython where a project has only the other
one::

    [build-system]
    requires = ["setuptools>=77.0", "packaging>=24.0", "setuptools-rust>=1.11", "cython>=3.1"]
    build-backend = "setuptools.build_meta"

``MANIFEST.in`` takes into the sdist what setuptools would leave out::

    include hybrid_build.py rust/Cargo.toml rust/Cargo.lock
    recursive-include rust/src *
    recursive-include cython *.pyx *.pxd
    global-exclude _build_report.json *.so *.pyd

The last line, and the same in ``.gitignore``, keeps out what builds in place and editable installs leave.

A backend is a name for what is there or not, here ``rust`` and ``cython``. It is one module or a list of modules, of
which all are built or none. The modules lie in packages, at any depth. ``RustModule`` takes further arguments of
``setuptools_rust.RustExtension``, and ``CythonModule`` those of ``setuptools.Extension``; its sources may also be in C.

Who builds steers it by two variables, whose names begin with that of the project, in capitals and with underscores:

``MY_PROJECT_BUILD``
    Unset: try every backend, and go on without those that cannot be built. A list such as ``rust,cython``: build
    exactly these, and fail where one cannot be built. ``none``: build none of them; then neither Cython nor
    setuptools-rust needs to be there. ``CIBUILDWHEEL=1``, as cibuildwheel sets it, requires all, if this is unset.
``MY_PROJECT_ABI3``
    Unset or ``1``: one binary for many versions of Python, as ``abi3`` says. ``0``: binaries for the running
    interpreter alone (for coverage and profiling). Free-threaded and debug interpreters always get their own.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import logging
import os
import re
import subprocess
import sys
import sysconfig
import threading
import tomllib
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def demand(needed: Callable[[str], bool]) -> None:
    """Leave with one line that says what to install, where ``python setup.py`` lacks what pip would have fetched.

    Args:
        needed: tells by its name whether a requirement of pyproject.toml is needed here.
    """
    pyproject = tomllib.loads(Path(__file__).with_name("pyproject.toml").read_text(encoding="utf-8"))
    listed: list[str] = pyproject["build-system"]["requires"]
    missing = first_missing(listed, needed)
    if missing is not None:
        wanted = " ".join(f'"{each}"' for each in listed)
        sys.exit(f"this build needs {missing}; run: {Path(sys.executable).name} -m pip install --upgrade {wanted}")


def first_missing(listed: list[str], needed: Callable[[str], bool]) -> str | None:
    """Return the first of the needed requirements that is not installed in a version that will do."""
    try:
        import setuptools  # noqa: F401, PLC0415  (it carries `packaging`, which may then be imported)
        from packaging.requirements import Requirement  # noqa: PLC0415
        from packaging.utils import canonicalize_name  # noqa: PLC0415
    except ImportError as error:
        return error.name
    for requirement in map(Requirement, listed):
        if needed(canonicalize_name(requirement.name)) and not is_met(requirement):
            return str(requirement)
    return None


def is_met(requirement: Requirement) -> bool:
    """Tell whether a requirement is installed, or not meant for this interpreter."""
    if requirement.marker and not requirement.marker.evaluate():
        return True
    try:
        return requirement.specifier.contains(importlib.metadata.version(requirement.name), prereleases=True)
    except importlib.metadata.PackageNotFoundError:
        return False


# Those that only one language needs are asked for where it is to be built.
LANGUAGES = {"cython", "setuptools-rust"}

demand(lambda requirement: requirement not in LANGUAGES)

import setuptools
from setuptools import Distribution, Extension
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError, SetupError

if TYPE_CHECKING:
    from setuptools.command.build_py import build_py
    from setuptools_rust import RustExtension, build_rust

REPORT = "_build_report.json"


class RustModule:
    """An extension module in Rust: its full name, its crate's Cargo.toml, and more arguments of ``RustExtension``."""

    requirement = "setuptools-rust"

    def __init__(self, name: str, manifest: str, **options: Any) -> None:  # noqa: ANN401  (as RustExtension has them)
        self.name = name
        self.manifest = manifest
        self.options = options

    def extension(self) -> RustExtension:
        """Return what setuptools-rust builds."""
        from setuptools_rust import RustExtension  # noqa: PLC0415  (it may be missing where no Rust is to be built)

        # Editable and in-place builds would be debug builds, which may be 50 times slower.
        options = {"debug": False, **self.options}
        # Messages of panics hold the paths of crates. Without the user's own directory in them, the same sources make
        # the same bytes everywhere. RUSTFLAGS would do as well, but would hide what the user's configuration says.
        home = os.environ.get("CARGO_HOME") or Path.home() / ".cargo"
        flags = json.dumps([f"--remap-path-prefix={home}=cargo"], ensure_ascii=False)
        options["args"] = [*options.get("args", []), f"--config=build.rustflags={flags}"]
        return RustExtension(self.name, self.manifest, **options)


class CythonModule:
    """An extension module in Cython: its full name, its sources, and more arguments of ``Extension``.

    The macros ``abi3_macros`` are defined with the stable ABI alone.
    """

    requirement = "cython"

    def __init__(
        self,
        name: str,
        sources: Sequence[str],
        *,
        abi3_macros: Sequence[tuple[str, str | None]] = (),
        **options: Any,  # noqa: ANN401  (as Extension)
    ) -> None:
        self.name = name
        self.sources = list(sources)
        self.abi3_macros = list(abi3_macros)
        self.options = options

    def extension(self, abi3: str | None, *, optional: bool) -> Extension:
        """Return what setuptools builds: from the .pyx itself, as `cythonize()` would drop `optional`."""
        options = dict(self.options)
        if abi3:
            major, minor = map(int, abi3.split("."))
            limited = ("Py_LIMITED_API", f"0x{major:02X}{minor:02X}0000")
            options["define_macros"] = [*options.get("define_macros", []), limited, *self.abi3_macros]
        return Extension(self.name, self.sources, py_limited_api=bool(abi3), optional=optional, **options)


Module = RustModule | CythonModule


class Plan:
    """What to build, what of it must succeed, and what came of it."""

    def __init__(self, project: str, backends: Mapping[str, Module | Sequence[Module]], abi3: str | None) -> None:
        self.project = project
        self.modules: dict[str, list[Module]] = {
            backend: [modules] if isinstance(modules, Module) else list(modules)
            for backend, modules in backends.items()
        }
        for module in [each for modules in self.modules.values() for each in modules]:
            if "." not in module.name:
                raise ValueError(f"{module.name} must lie in a package, where there is room for the report")
        self.prefix = re.sub(r"\W+", "_", project).upper()
        self.setting, self.wanted, self.required = self._read_build()
        self.abi3 = abi3 if self._read_abi3(abi3) else None
        self.report: dict[str, str | None] = {}
        self.start()

    def _read_build(self) -> tuple[str, frozenset[str], frozenset[str]]:
        """Return the setting in words, the backends to try, and those of them that must succeed."""
        variable = f"{self.prefix}_BUILD"
        value = os.environ.get(variable, "").strip()
        setting = f"{variable}={value}"
        if not value and os.environ.get("CIBUILDWHEEL") == "1":
            value, setting = ",".join(self.modules), "CIBUILDWHEEL=1"  # A wheel that is made for others is whole.
        if not value:
            return setting, frozenset(self.modules), frozenset()
        names = frozenset(name.strip() for name in value.split(",")) if value != "none" else frozenset()
        if not names <= set(self.modules):
            known = ", ".join(self.modules)
            sys.exit(f"{setting}: expected none, or a list of these, separated by commas: {known}")
        return setting, names, names

    def _read_abi3(self, abi3: str | None) -> bool:
        """Tell whether to build for the stable ABI, which free-threaded and debug interpreters cannot load."""
        variable = f"{self.prefix}_ABI3"
        value = os.environ.get(variable, "").strip()
        if value not in {"", "0", "1"}:
            sys.exit(f"{variable}={value}: expected 0 or 1")
        stable = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
        old_enough = bool(abi3) and tuple(map(int, str(abi3).split("."))) <= sys.version_info
        return old_enough and value != "0" and stable and not hasattr(sys, "gettotalrefcount")

    def start(self) -> None:
        """Forget an earlier build in this process."""
        unwanted = f"not requested: {self.setting}"
        self.report = {name: "not part of this build" if name in self.wanted else unwanted for name in self.modules}

    def wanted_modules(self) -> list[Module]:
        """Return the modules to try."""
        return [module for backend in self.modules if backend in self.wanted for module in self.modules[backend]]

    def names(self, backend: str) -> list[str]:
        """Return the full names of a backend's modules."""
        return [module.name for module in self.modules[backend]]

    def backend_of(self, name: str) -> str:
        """Return the backend to which a module belongs."""
        return next(backend for backend in self.modules if name in self.names(backend))

    @property
    def report_path(self) -> Path:
        """Where the report lies in the wheel."""
        first = next(iter(self.modules))
        return Path(*self.names(first)[0].split(".")).with_name(REPORT)


class HybridDistribution(Distribution):
    """The project, with its plan."""

    plan: Plan

    def has_ext_modules(self) -> bool:
        """Run the commands for extensions in any case: they also remove old ones, and write the report."""
        return True


def plan_of(distribution: Distribution) -> Plan:
    """Return the plan that the commands of a project carry out."""
    return cast("HybridDistribution", distribution).plan


@contextlib.contextmanager
def kept_output() -> Iterator[list[str]]:
    """Collect the lines that compilers write, on stderr or, as MSVC does, on stdout."""
    lines: list[str] = []
    with passed_on(1, lines), passed_on(2, lines):
        yield lines


@contextlib.contextmanager
def passed_on(descriptor: int, lines: list[str]) -> Iterator[None]:
    """Collect what is written to a file descriptor, by other processes too, and pass on each line at once."""
    try:
        original = os.dup(descriptor)
    except OSError:  # It is closed, so nobody listens.
        yield
        return
    source, sink = os.pipe()
    # A process that outlives the build may keep the pipe open, so its end is told.
    end = os.urandom(16).hex().encode()

    def pass_on() -> None:
        with os.fdopen(source, "rb") as pipe:
            for line in pipe:
                text, ended, _ = line.partition(end)
                with contextlib.suppress(OSError):  # Whoever listened may be gone.
                    os.write(original, text)
                lines.extend(re.sub(r"\x1b\[[\d;]*m", "", text.decode(errors="replace")).splitlines())
                if ended:
                    break

    thread = threading.Thread(target=pass_on)
    flush()
    os.dup2(sink, descriptor)
    thread.start()
    try:
        yield
    finally:
        flush()
        os.dup2(original, descriptor)
        os.write(sink, end + b"\n")
        os.close(sink)
        thread.join()
        os.close(original)


def flush() -> None:
    """Write what Python still holds back for stdout and stderr."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()


@contextlib.contextmanager
def one_build_at_a_time() -> Iterator[None]:
    """Wait for another build of this project: it uses the same files in build/. Windows has no such lock."""
    try:
        import fcntl  # noqa: PLC0415  (not on Windows)
    except ImportError:
        yield
        return
    held, here = "HYBRID_BUILD_IN", str(Path.cwd())
    if os.environ.get(held) == here:  # The process that started this one holds the lock: `setup.py develop` runs pip.
        yield
        return
    directory = os.open(".", os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another build in this directory", file=sys.stderr, flush=True)  # noqa: T201
            fcntl.flock(directory, fcntl.LOCK_EX)
        except OSError:  # A file system without locks.
            pass
        os.environ[held] = here
        yield
    finally:
        os.environ.pop(held, None)
        os.close(directory)


def loadable_everywhere(path: str) -> str:
    """Take the platform out of the suffix of a stable module.

    CPython 3.15 says `.abi3-x86_64-linux-gnu.so`, for which none before it looks; all look for `.abi3.so`.
    """
    return re.sub(r"\.(abi3t?)-[^./\\]+(\.\w+)$", r".\1\2", path)


class BuildExt(build_ext):
    """Build the Cython modules; setuptools-rust adds to the end of ``run`` the command for the others."""

    _one_at_a_time = threading.Lock()

    def initialize_options(self) -> None:
        """Keep the generated C in build/, away from the sources and the sdist.

        In setup.cfg this would be lost where it matters: setuptools-rust subclasses the commands under other names, by
        which an editable install, when it initializes them again, does not find their options.
        """
        super().initialize_options()
        self.cython_c_in_temp = True

    def run(self) -> None:
        """Remove the results of earlier builds, for setuptools would ship whatever still lies in build/lib."""
        plan = plan_of(self.distribution)
        plan.start()
        for backend in plan.modules:
            self.remove(backend)
        super().run()
        self.write_report()

    def get_ext_filename(self, fullname: str) -> str:
        """Name the file of a module."""
        return loadable_everywhere(super().get_ext_filename(fullname))  # type: ignore[no-untyped-call]

    def get_output_mapping(self) -> dict[str, str]:
        """Map what a build in place made to where it would be in a wheel: a strict editable install links just that."""
        mapping = {built: path for built, path in super().get_output_mapping().items() if Path(path).exists()}
        if self.inplace:
            for name in [module.name for modules in plan_of(self.distribution).modules.values() for module in modules]:
                in_wheel, in_place = self.directories(name)
                mapping |= {str(in_wheel / path.name): str(path) for path in compiled_files(in_place, name)}
            in_wheel = Path(self.build_lib, plan_of(self.distribution).report_path)
            mapping[str(in_wheel)] = str(self.report_path())
        return mapping

    def build_extension(self, ext: Extension) -> None:
        """Build one module."""
        backend = plan_of(self.distribution).backend_of(ext.name)
        # With `--parallel`, the output of two compilers at once could not be told apart.
        with self._one_at_a_time:
            self.attempt(backend, lambda: super(BuildExt, self).build_extension(ext))

    def attempt(self, backend: str, build: Callable[[], None]) -> None:
        """Build a part of a backend; note why it failed, and fail only where it is required.

        The extensions' own ``optional`` would forgive as well, but keeps the reason from us. What is not forgiven: an
        error of Cython itself, for a broken .pyx is a mistake in the sources and not something that this machine lacks.
        """
        plan = plan_of(self.distribution)
        if backend not in plan.wanted or str(plan.report[backend]).startswith("not built"):
            return
        lines: list[str] = []
        try:
            with kept_output() as lines:
                build()
        except (BaseError, CCompilerError, OSError) as error:
            # The first error that a compiler told says more than "exit status 1".
            told = (line for line in lines if re.search(r"(^|: )(fatal )?error\b", line))
            reason = next(told, str(error)).strip().partition("\n")[0]
            plan.report[backend] = f"not built: {reason}"
            self.remove(backend)  # Half a backend is none.
            if backend in plan.required:
                message = f"{plan.setting} requires the {backend} backend, which could not be built: {reason}"
                raise SetupError(message) from error
        else:
            plan.report[backend] = None
        self.announce(f"{plan.project}: {backend} backend: {plan.report[backend] or 'built'}", level=logging.INFO)

    def directories(self, name: str) -> list[Path]:
        """List where a build puts a module: in build/lib, and for builds in place beside the Python files as well."""
        package = name.rpartition(".")[0]
        directories = [Path(self.build_lib, *package.split("."))]
        if self.inplace:
            python_files = cast("build_py", self.get_finalized_command("build_py"))
            directories.append(Path(python_files.get_package_dir(package)))
        return directories

    def remove(self, backend: str) -> None:
        """Remove all compiled files of a backend, those for other interpreters too."""
        for name in plan_of(self.distribution).names(backend):
            for directory in self.directories(name):
                for path in compiled_files(directory, name):
                    path.unlink()

    def report_path(self) -> Path:
        """Return where the report belongs: beside the first module."""
        first = next(iter(plan_of(self.distribution).modules.values()))[0]
        return self.directories(first.name)[-1] / REPORT

    def write_report(self) -> None:
        """Write the report."""
        path = self.report_path()
        self.mkpath(str(path.parent))
        path.write_text(json.dumps(plan_of(self.distribution).report, indent=2) + "\n", encoding="utf-8")


def compiled_files(directory: Path, name: str) -> list[Path]:
    """List what a directory holds of a compiled module, for this interpreter and for others."""
    stem = name.rpartition(".")[2]
    return [path for suffix in ("so", "pyd") for path in directory.glob(f"{stem}.*{suffix}")]


def build_rust_command() -> type[build_rust]:
    """Make the command for the Rust modules, where there is setuptools-rust."""
    from setuptools_rust import build_rust  # noqa: PLC0415

    class BuildRust(build_rust):
        """Build the Rust modules. They are the last to be built, so the report is then complete."""

        def finalize_options(self) -> None:
            """Keep quiet about an option that nobody gave, which `PYTHONWARNINGS=error` would turn into an error."""
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "`--build-temp`", DeprecationWarning)
                super().finalize_options()

        def get_dylib_ext_path(self, ext: RustExtension, target_fname: str) -> str:
            """Name the file of a module."""
            return loadable_everywhere(super().get_dylib_ext_path(ext, target_fname))

        def run(self) -> None:
            """Build, backend by backend."""
            plan = plan_of(self.distribution)
            builder = cast("BuildExt", self.get_finalized_command("build_ext"))
            extensions = self.extensions
            for backend in plan.modules:
                self.extensions = [each for each in extensions if each.name in plan.names(backend)]
                if self.extensions:
                    builder.attempt(backend, super().run)
            self.extensions = extensions
            builder.write_report()

    return BuildRust


class BdistWheel(bdist_wheel):
    """Give the wheel an honest tag."""

    def initialize_options(self) -> None:
        """Ask for the stable ABI; here, for the same reason as above."""
        super().initialize_options()
        abi3 = plan_of(self.distribution).abi3
        if abi3:
            self.py_limited_api = "cp" + abi3.replace(".", "")

    def run(self) -> None:
        """Compare the wheel with what it says of itself."""
        super().run()
        wheel = Path(self.distribution.dist_files[-1][2])
        fault = fault_of_wheel(wheel, plan_of(self.distribution))
        if fault:
            wheel.unlink()
            raise SetupError(f"{wheel.name}: {fault}")

    def get_tag(self) -> tuple[str, str, str]:
        """Call the wheel pure when nothing was compiled; setuptools counts the extensions that were declared.

        By now the files lie in ``bdist_dir``. An editable wheel gathers none and keeps the tag that was declared.
        """
        gathered = Path(str(self.bdist_dir))
        self.root_is_pure = gathered.is_dir() and not any(
            path.suffix in {".so", ".pyd"} for path in gathered.rglob("*")
        )
        return super().get_tag()

    def write_wheelfile(self, wheelfile_base: str, *arguments: Any) -> None:  # noqa: ANN401  (as bdist_wheel has them)
        """Add to .dist-info which crates the modules hold, and their licences."""
        super().write_wheelfile(wheelfile_base, *arguments)
        plan = plan_of(self.distribution)
        for extension in getattr(self.distribution, "rust_extensions", None) or []:
            if plan.report[plan.backend_of(extension.name)] is None:
                write_bill_of_crates(Path(wheelfile_base), extension)


def write_bill_of_crates(dist_info: Path, extension: RustExtension) -> None:
    """Write a bill of materials (CycloneDX, as PEP 770 asks for) and the licences of the crates in a module."""
    metadata = crates_of(extension)
    packages = {package["id"]: package for package in metadata["packages"]}
    names = {each: f"{package['name']}@{package['version']}" for each, package in packages.items()}
    dependencies = linked_crates(metadata)
    root = metadata["resolve"]["root"]
    linked = sorted(dependencies.keys() - {root}, key=names.__getitem__)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(packages[root], names[root])},
        "components": [component(packages[each], names[each]) for each in linked],
        "dependencies": [
            {"ref": names[each], "dependsOn": sorted(names[needed] for needed in dependencies[each])}
            for each in (root, *linked)
        ],
    }
    path = dist_info / "sboms" / f"{packages[root]['name']}.cdx.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    for each in linked:
        if packages[each]["source"]:  # Crates of the project itself have its own licence.
            for licence in Path(packages[each]["manifest_path"]).parent.iterdir():
                if licence.is_file() and re.match(r"(LICEN[CS]E|COPYING|NOTICE)", licence.name, re.IGNORECASE):
                    copy = dist_info / "licenses" / "crates" / names[each].replace("@", "-") / licence.name
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(licence.read_bytes())


def crates_of(extension: RustExtension) -> dict[str, Any]:
    """Ask cargo for the crates that a module needs, on the platform that it is built for."""
    from setuptools_rust.rustc_info import get_rust_host  # noqa: PLC0415

    platform = os.environ.get("CARGO_BUILD_TARGET") or get_rust_host(extension.env)
    command = [
        os.environ.get("CARGO", "cargo"),
        "metadata",
        "--format-version=1",
        f"--manifest-path={extension.path}",
        f"--filter-platform={platform.partition('.')[0]}",  # zig's linker has the version of libc behind a point.
        f"--features={','.join(extension.features)}",
        *(each for each in extension.args if each in {"--no-default-features", "--all-features"}),
        *extension.cargo_manifest_args,
    ]
    try:
        output = subprocess.run(command, env=extension.env.env, check=True, stdout=subprocess.PIPE).stdout
    except subprocess.CalledProcessError as error:
        raise SetupError(f"cargo does not tell which crates {extension.name} holds: {error}") from error
    return cast("dict[str, Any]", json.loads(output))


def linked_crates(metadata: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the crates that end up in a module, with those that each needs: not what only a build or a test runs."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    linked: dict[str, list[str]] = {}
    waiting = [metadata["resolve"]["root"]]
    while waiting:
        crate = waiting.pop()
        if crate not in linked:
            linked[crate] = [
                dependency["pkg"]
                for dependency in nodes[crate]["deps"]
                if any(kind["kind"] is None for kind in dependency["dep_kinds"])
                and not any("proc-macro" in target["kind"] for target in packages[dependency["pkg"]]["targets"])
            ]
            waiting += linked[crate]
    return linked


def component(package: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Describe a crate as CycloneDX does."""
    described = {"type": "library", "bom-ref": name, "name": package["name"], "version": package["version"]}
    if package["license"]:
        # Before there were expressions, crates wrote "MIT/Apache-2.0".
        described["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if str(package["source"]).startswith("registry+https://github.com/rust-lang/crates.io-index"):
        described["purl"] = f"pkg:cargo/{name}"
    return described


def fault_of_wheel(wheel: Path, plan: Plan) -> str | None:
    """Compare a wheel's content with its report: say what is wrong, if something is."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        if plan.report_path.as_posix() not in names:
            return f"it holds no {plan.report_path.as_posix()}"
        report: dict[str, str | None] = json.loads(archive.read(plan.report_path.as_posix()))
    # Cross builds leave out the platform; Windows has a bare .pyd for the stable ABI.
    suffixes = [".abi3.so", ".so", ".pyd"]
    if not plan.abi3:
        suffixes += filter(None, [os.environ.get("SETUPTOOLS_EXT_SUFFIX"), sysconfig.get_config_var("EXT_SUFFIX")])
    for backend, reason in report.items():
        for name in plan.names(backend):
            loadable = any(name.replace(".", "/") + suffix in names for suffix in suffixes)
            if loadable != (reason is None):
                held = "holds" if loadable else "holds nothing that Python can load as"
                return f"its report says of the {backend} backend: {reason or 'built'}, but it {held} {name}"
    return None


def setup(
    project: str,
    backends: Mapping[str, Module | Sequence[Module]],
    /,
    *,
    abi3: str | None = None,
    **arguments: Any,  # noqa: ANN401  (as setuptools.setup has them)
) -> None:
    """Describe the project to setuptools, and run its command.

    Args:
        project: what it is called in messages and, in capitals, in the environment variables.
        backends: the modules of each backend, by its name.
        abi3: the oldest version of Python, such as ``"3.11"``, whose stable ABI the modules keep to, or None for
            modules that serve one version each.
        **arguments: more for ``setuptools.setup``.
    """
    plan = Plan(project, backends, abi3)
    demand(lambda requirement: any(requirement == module.requirement for module in plan.wanted_modules()))
    cmdclass: dict[str, Any] = {"build_ext": BuildExt, "bdist_wheel": BdistWheel}
    rust = [module.extension() for module in plan.wanted_modules() if isinstance(module, RustModule)]
    if rust:
        cmdclass["build_rust"] = build_rust_command()
        arguments["rust_extensions"] = rust
    with one_build_at_a_time():
        setuptools.setup(
            distclass=type("HybridDistribution", (HybridDistribution,), {"plan": plan}),
            ext_modules=[
                module.extension(plan.abi3, optional=backend not in plan.required)
                for backend, modules in plan.modules.items()
                for module in modules
                if isinstance(module, CythonModule)
            ],
            cmdclass={**cmdclass, **arguments.pop("cmdclass", {})},
            **arguments,
        )
