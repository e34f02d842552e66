"""Install from a directory of release files on many interpreters and systems, and run tests there.

``python release/trial.py DIRECTORY [--tests few|many|whole] [TRIAL ...]`` prints the result of each trial, and then the
size of each file and what it was tried on. If this machine cannot make a trial, it prints what is missing. If that
trial was named on the command line, it has failed.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import roots
from check import tag_of
from roots import CHECKOUT, CannotBeHadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A few tests show what depends on the interpreter and the wheel; many also test each kernel, and compare the backends.
FEW = ("choice/test_installation.py", "answers/test_first_n.py")
TESTS = {
    "few": FEW,
    "many": (
        *FEW,
        "answers/test_differential.py",
        "api/test_bad_inputs.py",
        "choice/test_backends.py",
        "kernels/test_kernels.py",
    ),
    # The other folders need more than the package.
    "whole": ("answers", "api", "arrays", "choice", "cli", "kernels", "workers"),
}
NEEDED = CHECKOUT / "tests" / "requirements.txt"
REPORTS = CHECKOUT / ".tox" / "reports"
ABI3 = "cp311-abi3"
PURE = "py3-none"
GLIBC, MUSL = "manylinux_2_17_x86_64", "musllinux_1_2_x86_64"
BOTH = "import primes; print(primes.first_n(3), *(f'{b.name} {b.path}' for b in primes.backends() if b.available))"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The release files to try, and the tests to run."""

    directory: Path
    tests: tuple[str, ...]

    def wheel(self, tag: str, interpreter: str = "") -> Path:
        """Return the wheel whose name has a tag, for an interpreter if there are several."""
        names = re.compile(rf"-{interpreter}.*[-.]{tag}[-.]")
        found = [path for path in sorted(self.directory.glob("*.whl")) if names.search(path.name)]
        if not found:
            raise CannotBeHadError(f"a wheel for {tag}")
        return found[0]

    @property
    def sdist(self) -> Path:
        """Return the sdist."""
        found = list(self.directory.glob("*.tar.gz"))
        if not found:
            raise CannotBeHadError("an sdist")
        return found[0]


@dataclasses.dataclass(frozen=True)
class Tried:
    """One file of a release, where it was tried, and what came of it."""

    file: Path
    where: str
    outcome: str


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """Run a command and return its output; on failure, exit and show it."""
    return checked(
        subprocess.run(command, cwd=cwd, env=os.environ | environment, check=False, capture_output=True, text=True)
    )


def checked(result: subprocess.CompletedProcess[str]) -> str:
    """Return the output of a command; on failure, exit and show it."""
    if result.returncode:
        sys.exit(f"{result.args}\n{result.stdout}{result.stderr}")
    return result.stdout


def program(name: str) -> str:
    """Return the path of a program."""
    found = shutil.which(name)
    if not found:
        raise CannotBeHadError(name)
    return found


def pytest_arguments(compiled: str, tests: tuple[str, ...], sources: Path = CHECKOUT) -> list[str]:
    """Return the arguments of pytest for tests of an installed package; they lie in a checkout or an unpacked sdist."""
    arguments = [f"--config-file={sources}/pyproject.toml", f"--rootdir={sources}", f"--compiled={compiled}"]
    arguments += ["--quiet", "-p", "no:cacheprovider"]
    return arguments + [f"{sources}/tests/{each}" for each in tests]


def script(python: str, name: str, expected: str, wanted: Wanted) -> str:
    """Write the shell commands that let pip and uv choose a file, and run the tests on it."""
    arguments = pytest_arguments("none" if expected == PURE else "rust,cython", wanted.tests)
    choice = f"--quiet --no-index --find-links={shlex.quote(str(wanted.directory))} primes"
    extras = "numpy matplotlib" if wanted.tests == TESTS["whole"] and expected != PURE else ""
    return f"""
        here=$(mktemp -d); trap 'rm -rf "$here"' EXIT; cd "$here"
        {python} -m venv pip; {python} -m venv --without-pip uv
        pip/bin/python -m pip install {choice}
        pip/bin/python -m pip install --quiet uv --requirement={NEEDED} {extras}
        pip/bin/uv pip install --python=uv/bin/python {choice}
        for each in pip uv; do sed -n "s/^Tag:/$each/p" $each/lib/*/site-packages/primes-*/WHEEL; done
        export PYTHONDONTWRITEBYTECODE=1
        pip/bin/python -m pytest --junit-xml={REPORTS}/{name}.xml {shlex.join(arguments)}
    """


def verdict(output: str, expected: str) -> str:
    """Read the output of the script: which wheels were chosen, and how the tests ended."""
    chosen = set(re.findall(r"^(pip|uv) (\S+-\S+)-\S+$", output, re.MULTILINE))
    if chosen != {("pip", expected), ("uv", expected)}:
        sys.exit(f"expected pip and uv to choose {expected}, they chose {chosen}")
    return f"pip and uv choose {expected}; {output.strip().splitlines()[-1]}"


def installed(wanted: Wanted) -> Iterator[Tried]:
    """Try the older versions of CPython that are on PATH."""
    found = [version for version in ("3.11", "3.12", "3.13") if shutil.which(f"python{version}")]
    if not found:
        raise CannotBeHadError("python3.11, python3.12 or python3.13 on PATH")
    here = wanted.wheel(f"manylinux_2_17_{platform.machine()}", ABI3)
    for version in found:
        commands = script(f"python{version}", f"installed-{version}", ABI3, wanted)
        yield Tried(here, f"CPython {version}", verdict(run("sh", "-ec", commands), ABI3))


NAMES = {"py314": "CPython 3.14", "py315": "CPython 3.15", "pypy": "PyPy"}


def newer(wanted: Wanted) -> Iterator[Tried]:
    """Try the newer versions of CPython, and PyPy, of Debian sid."""
    root = roots.debian("sid", "python3.14-venv", "python3.15-venv", "pypy3-venv")
    for name, python, expected in (
        ("py314", "python3.14", ABI3),
        ("py315", "python3.15", ABI3),
        ("pypy", "pypy3", PURE),
    ):
        output = root.check(script(python, name, expected, wanted), CHECKOUT, wanted.directory)
        file = wanted.wheel("any" if expected == PURE else f"manylinux_2_17_{platform.machine()}", expected)
        yield Tried(file, f"{NAMES[name]} of Debian sid", verdict(output, expected))


def bare(wanted: Wanted) -> Iterator[Tried]:
    """Install as a new user does, on a Debian 12 with Python and nothing else, and take the time."""
    root = roots.debian("bookworm", "python3-venv")
    wheel = wanted.wheel(GLIBC)
    output = root.check(
        f"""
        ! command -v cc; ! command -v rustc
        rm -rf /tmp/first; python3 -m venv /tmp/first; cd /tmp/first
        began=$(date +%s%N); bin/pip install --quiet --no-index {wheel}
        installed=$(date +%s%N); bin/primes 1 >/dev/null
        ended=$(date +%s%N); bin/primes backends --require rust,cython >/dev/null
        echo "pip install takes $(((installed - began) / 1000000)) ms," \\
             "the first prime $(((ended - installed) / 1000000)) ms more"
        """,
        wanted.directory,
    )
    yield Tried(wheel, "Debian 12 with Python alone", output.strip())


def unpacked(wheel: Path, scratch: str) -> Path:
    """Unpack a wheel for an interpreter that has no pip."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(scratch)
    return Path(scratch)


def old_processor(wanted: Wanted) -> Iterator[Tried]:
    """Run on an emulated x86-64 of 2008, without AVX2."""
    emulator, wheel = program("qemu-x86_64-static"), wanted.wheel(GLIBC)
    with tempfile.TemporaryDirectory() as scratch:
        there = unpacked(wheel, scratch)
        code = "import primes; from primes import _rust; print(primes.count_primes(10**7), _rust.build_info()['cpu'])"
        output = run(emulator, "-cpu", "Nehalem", sys.executable, "-c", code, cwd=there)
        if output.split()[0] != "664579":
            sys.exit(f"on a Nehalem: {output}")
    yield Tried(wheel, "x86-64 without AVX2, by QEMU", f"Rust's instructions are {output.split()[1]}")


def old_system(wanted: Wanted) -> Iterator[Tried]:
    """Load both modules with the glibc of Debian 11, the oldest that Debian's archive still has."""
    wheel = wanted.wheel(GLIBC)
    libraries = roots.debian("bullseye").path / "lib" / "x86_64-linux-gnu"
    loader = (libraries / "ld-2.31.so", "--library-path", libraries)
    yield Tried(wheel, "glibc 2.31 of Debian 11", loaded(wheel, "x86_64-linux-gnu.2.17", *loader))


def bits32(wanted: Wanted) -> Iterator[Tried]:
    """Install on a 32-bit Debian, for which there is no compiled wheel."""
    root = roots.debian("bookworm", "python3-venv", arch="i386")
    output = root.check(
        f"""
        rm -rf /tmp/first; python3 -m venv /tmp/first; cd /tmp/first
        bin/pip install --quiet --no-index --find-links={shlex.quote(str(wanted.directory))} primes
        bin/pip install --quiet --requirement={NEEDED}
        PYTHONDONTWRITEBYTECODE=1 bin/python -m pytest {shlex.join(pytest_arguments("none", wanted.tests))}
        """,
        CHECKOUT,
        wanted.directory,
    )
    yield Tried(wanted.wheel("any"), "32-bit Debian 12", output.strip().splitlines()[-1])


def aarch64(wanted: Wanted) -> Iterator[Tried]:
    """Run on an emulated 64-bit Arm, with the Python 3.11 of Debian 12."""
    emulator, wheel = program("qemu-aarch64-static"), wanted.wheel("manylinux_2_17_aarch64")
    root = roots.debian("bookworm", "python3", "musl", arch="arm64")
    with tempfile.TemporaryDirectory() as scratch:
        there = unpacked(wheel, scratch)
        built = "--only-binary=:all:", "--platform=manylinux_2_28_aarch64", "--python-version=3.11"
        run(sys.executable, "-m", "pip", "install", "--quiet", f"--target={there}", *built, f"--requirement={NEEDED}")
        command: list[str | Path] = [emulator, "-L", root.path, root.path / "usr/bin/python3.11"]
        backends = run(*command, "-c", BOTH, cwd=there)
        tests = pytest_arguments("rust,cython", ("answers/test_first_n.py",))
        output = run(*command, "-m", "pytest", *tests, cwd=there, PYTHONDONTWRITEBYTECODE="1")
    if "_rust.abi3.so" not in backends or "_cython.abi3.so" not in backends:
        sys.exit(f"on 64-bit Arm: {backends}")
    yield Tried(wheel, "CPython 3.11 on 64-bit Arm, by QEMU", output.strip().splitlines()[-1])


def loaded(wheel: Path, target: str, *loader: str | Path) -> str:
    """Load both modules of a wheel with the loader of a system without Python, for which a stub stands.

    This shows that the system has all that the modules need of a C library. They are loaded, but not run.
    """
    # It comes with auditwheel, and no other trial needs it.
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415
    from elftools.elf.sections import SymbolTableSection  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as scratch:
        there = unpacked(wheel, scratch)
        modules = sorted(there.glob("primes/*.so"))
        names: set[str] = set()
        for module in modules:
            with module.open("rb") as file:
                for section in ELFFile(file).iter_sections():
                    if isinstance(section, SymbolTableSection):
                        names |= {each.name for each in section.iter_symbols() if each.name.startswith(("Py", "_Py"))}
        python = "".join(f"char {name}[8];\n" for name in sorted(names))
        (there / "python.c").write_text(python, encoding="utf-8")
        (there / "load.c").write_text(
            "#include <dlfcn.h>\n#include <stdio.h>\n"
            "int main(int count, char **paths) {\n"
            '    if (!dlopen("./python.so", RTLD_NOW | RTLD_GLOBAL)) return puts(dlerror()), 1;\n'
            "    for (int i = 1; i < count; i++)\n"
            "        if (!dlopen(paths[i], RTLD_NOW)) return puts(dlerror()), 1;\n"
            "    return 0;\n}\n",
            encoding="utf-8",
        )
        compiler = (sys.executable, "-m", "ziglang", "cc", "-target", target)
        run(*compiler, "-O1", "-fno-sanitize=all", "-shared", "-o", "python.so", "python.c", cwd=there)
        dynamic = ("-dynamic",) if "musl" in target else ("-ldl",)
        run(*compiler, "-O1", "-fno-sanitize=all", *dynamic, "-o", "load", "load.c", cwd=there)
        run(*loader, "./load", *modules, cwd=there)
    return f"loads {' and '.join(each.name for each in modules)}"


def musl(wanted: Wanted) -> Iterator[Tried]:
    """Load both modules with musl's loader: there is no Python for musl here."""
    loader, wheel = Path("/lib/ld-musl-x86_64.so.1"), wanted.wheel(MUSL)
    if not loader.exists():
        raise CannotBeHadError(f"{loader}, of Debian's package musl")
    yield Tried(wheel, "musl's loader", loaded(wheel, "x86_64-linux-musl", loader))


def musl_aarch64(wanted: Wanted) -> Iterator[Tried]:
    """The same on an emulated 64-bit Arm."""
    emulator, wheel = program("qemu-aarch64-static"), wanted.wheel("musllinux_1_2_aarch64")
    root = roots.debian("bookworm", "python3", "musl", arch="arm64")
    loader = (emulator, "-L", root.path, root.path / "lib" / "ld-musl-aarch64.so.1")
    yield Tried(wheel, "musl's loader on 64-bit Arm, by QEMU", loaded(wheel, "aarch64-linux-musl", *loader))


def pyodide(wanted: Wanted) -> Iterator[Tried]:
    """Run in WebAssembly, under Node.js."""
    npm, node = program("npm"), program("node")
    there = roots.ROOTS / "pyodide"
    there.mkdir(parents=True, exist_ok=True)
    if not (there / "node_modules" / "pyodide").exists():
        run(npm, "install", "--silent", "--no-save", "pyodide", cwd=there)
    wheel = wanted.wheel("any")
    output = run(node, CHECKOUT / "release" / "pyodide.mjs", wheel, cwd=there)
    yield Tried(wheel, "Pyodide under Node.js", output.strip())


def offline(wanted: Wanted) -> Iterator[Tried]:
    """Build the sdist that holds its crates where there is no network, and run tests there."""
    program("unshare")
    build = "setuptools>=77", "setuptools-rust>=1.11", "cython>=3.1"
    with tempfile.TemporaryDirectory() as scratch:
        there = Path(scratch)
        tree = unpacked_sdist(wanted, there)
        python = there / "venv" / "bin" / "python"
        run(sys.executable, "-m", "venv", there / "venv")
        run(python, "-m", "pip", "install", "--quiet", *build, f"--requirement={NEEDED}")
        run(python, "setup.py", "--quiet", "sdist", "--vendor-crates", f"--dist-dir={there}", cwd=tree)
        [vendored] = there.glob("*.tar.gz")
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-build-isolation", str(vendored)]
        tests = [str(python), "-m", "pytest", *pytest_arguments("rust,cython", wanted.tests, tree)]
        commands = f"cd {there}; {shlex.join(install)}; PYTHONDONTWRITEBYTECODE=1 {shlex.join(tests)}"
        # Nor can cargo use its earlier downloads.
        output = run(
            *roots.SUDO,
            *("unshare", "--net", "sh", "-ec", commands),
            CARGO_HOME=str(there / "cargo"),
            CARGO_TARGET_DIR=str(there / "target"),
            PRIMES_BUILD="rust,cython",
        )
        size = vendored.stat().st_size
    outcome = f"{size} bytes with its crates, built and tested so: {output.strip().splitlines()[-1]}"
    yield Tried(wanted.sdist, "no network", outcome)


def unpacked_sdist(wanted: Wanted, to: Path) -> Path:
    """Unpack the sdist and return its tree."""
    shutil.unpack_archive(wanted.sdist, to, filter="data")
    return to / wanted.sdist.name.removesuffix(".tar.gz")


def debian(wanted: Wanted) -> Iterator[Tried]:
    """Build the sdist with the compilers and the crates of Debian alone, as docs/how-to/packaging.md says."""
    packages = "cargo cython3 gcc libc6-dev python3-dev python3-setuptools-rust python3-venv python3-pip"
    packages += " python3-pytest python3-hypothesis python3-numpy python3-tqdm python3-shtab"
    root = roots.debian("sid", *packages.split())
    crates = "pyo3 pyo3-build-config pyo3-ffi pyo3-macros pyo3-macros-backend heck libc once-cell portable-atomic"
    crates += " proc-macro2 quote syn-2 target-lexicon unicode-ident"
    # They are unpacked, not installed: with all that their features may need, they are hundreds of packages.
    root.check(
        f"""
        test -d /usr/share/cargo/registry/syn-2.* && exit
        {roots.APT} update; cd $(mktemp -d)
        {roots.APT} download {" ".join(f"librust-{each}-dev" for each in crates.split())}
        for each in *.deb; do dpkg-deb --extract "$each" /; done
        """
    )
    page = (CHECKOUT / "docs" / "how-to" / "packaging.md").read_text(encoding="utf-8")
    [changes] = re.findall(r"^\*\*Another PyO3.*?^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    with tempfile.TemporaryDirectory(dir=wanted.directory.parent) as scratch:
        tree = unpacked_sdist(wanted, Path(scratch))
        tests = pytest_arguments("rust,cython", wanted.tests, tree)
        (tree / "build-and-test").write_text(
            f"cd {shlex.quote(str(tree))}\n{changes}"
            "python3 -m venv --system-site-packages ../venv\n"
            "../venv/bin/pip install --quiet --no-index --no-build-isolation .\n"
            f"cd ..; venv/bin/python -m pytest {shlex.join(tests)}\n",
            encoding="utf-8",
        )
        settings = {"PRIMES_BUILD": "rust,cython", "PYTHONDONTWRITEBYTECODE": "1"}
        command = f"unshare --net sh -ex {shlex.quote(str(tree / 'build-and-test'))}"
        output = root.check(command, Path(scratch), **settings)
    yield Tried(wanted.sdist, "crates and compilers of Debian sid", output.strip().splitlines()[-1])


def abi3t(wanted: Wanted) -> Iterator[Tried]:
    """Find out whether Cython can compile for the stable ABI of free-threaded interpreters (PEP 803)."""
    root = roots.debian("sid", "python3.15-venv", "python3.15-dev", "gcc", "libc6-dev")
    result = root.run(
        f"""
        here=$(mktemp -d); trap 'rm -rf "$here"' EXIT; python3.15 -m venv "$here/venv"
        "$here/venv/bin/pip" install --quiet cython; "$here/venv/bin/cython" --version >&2
        "$here/venv/bin/cython" -o "$here/_cython.c" {CHECKOUT}/cython_ext/_cython.pyx; echo compiled by Cython
        gcc -fsyntax-only -w -I/usr/include/python3.15 -DPy_TARGET_ABI3T=0x030F0000 -DPRIMES_VERSION='""' \\
            "$here/_cython.c"
        """,
        CHECKOUT,
    )
    if "compiled by Cython" not in result.stdout:
        sys.exit(result.stderr)
    if not result.returncode:
        sys.exit("abi3t: Cython can, so cp315-abi3.abi3t should take the place of cp315-cp315t")
    version, errors = result.stderr.splitlines()[0], result.stderr.count(" error: ")
    yield Tried(wanted.sdist, "the stable ABI of PEP 803", f"{version} cannot yet: {errors} errors of the C compiler")


TRIALS: dict[str, Callable[[Wanted], Iterator[Tried]]] = {
    "installed": installed,
    "newer": newer,
    "bare": bare,
    "old-processor": old_processor,
    "old-system": old_system,
    "bits32": bits32,
    "aarch64": aarch64,
    "musl": musl,
    "musl-aarch64": musl_aarch64,
    "pyodide": pyodide,
    "offline": offline,
    "debian": debian,
    "abi3t": abi3t,
}


def main() -> int:
    """Make the named trials, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"of {', '.join(TRIALS)}; all, if none is named")
    parser.add_argument("--tests", choices=TESTS, default="few")
    arguments = parser.parse_intermixed_args()
    REPORTS.mkdir(parents=True, exist_ok=True)
    wanted = Wanted(arguments.directory.resolve(), TESTS[arguments.tests])
    results: list[Tried] = []
    failed = []
    for name in arguments.trials or TRIALS:
        try:
            for each in TRIALS[name](wanted):
                print(f"{name}: {each.where}: {each.outcome}", flush=True)
                results.append(each)
        except CannotBeHadError as error:
            print(f"{name}: NOT TRIED, for want of {error}", flush=True)
            failed += [name] if arguments.trials else []
        except SystemExit as error:
            print(f"{name}: FAILED: {error}", flush=True)
            failed.append(name)
    print("\n" + table(sorted(wanted.directory.iterdir()), results))
    return int(bool(failed))


def table(files: list[Path], results: list[Tried]) -> str:
    """List of each file its size in bytes, its tag, and what it was tried on."""
    lines = []
    for path in files:
        tag = tag_of(path) if path.suffix == ".whl" else "sdist"
        places = "; ".join(each.where for each in results if each.file == path)
        lines.append(
            f"{path.stat().st_size:>8}  {tag:<35}  {path.name}\n          tried on: {places or 'nothing here'}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
