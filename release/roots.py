"""Debian systems in directories, to try a release with other versions, other interpreters, and nothing else installed.

They need Linux, ``debootstrap``, and root or sudo. They are kept in ``$PRIMES_ROOTS``, or else in ``.tox/roots``.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
ROOTS = Path(os.environ.get("PRIMES_ROOTS", CHECKOUT / ".tox" / "roots")).resolve()
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# Debian's names for the processors whose programs run on one.
RUN_HERE = {"x86_64": ("amd64", "i386"), "aarch64": ("arm64",)}
SUDO = [] if os.name != "posix" or os.geteuid() == 0 else ["sudo"]
# The archive of a mirror may be past the date until which it is valid.
APT = "apt-get -qq -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false"


class CannotBeHadError(Exception):
    """This machine lacks something that a root needs."""


@dataclasses.dataclass(frozen=True)
class Root:
    """One system. It has its own ``/tmp``. Shared directories have the same path inside and outside."""

    path: Path

    def run(self, command: str, *shared: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command in the system, without our variables, and unmount everything afterwards."""
        variables = {
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/tmp",  # noqa: S108 - that of the root.
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            "PIP_CERT": CERTIFICATES,
            "SSL_CERT_FILE": CERTIFICATES,
            "PIP_ROOT_USER_ACTION": "ignore",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **environment,
        }
        for directory in shared:
            subprocess.run([*SUDO, "mkdir", "-p", f"{self.path}{directory}"], check=True)
        mounts = [f"mount --bind {shlex.quote(str(each))} {self.path}{each}" for each in ("/proc", "/dev", *shared)]
        words = [f"{name}={value}" for name, value in variables.items()]
        inside = shlex.join(["chroot", str(self.path), "env", "-i", *words, "sh", "-ec", command])
        script = " && ".join([*mounts, f"exec {inside}"])
        command_line = [*SUDO, "unshare", "--mount", "sh", "-c", script]
        return subprocess.run(command_line, check=False, capture_output=True, text=True)

    def check(self, command: str, *shared: Path, **environment: str) -> str:
        """Run a command and return its output; on failure, exit and show it."""
        result = self.run(command, *shared, **environment)
        if result.returncode:
            sys.exit(f"{self.path.name}: {command}\n{result.stdout}{result.stderr}")
        return result.stdout

    def install(self, *packages: str) -> None:
        """Install the packages that are missing."""
        have = self.run(f"dpkg-query -W -f='${{Status}}\\n' {shlex.join(packages)}")
        if have.returncode or have.stdout.count("install ok installed") != len(packages):
            self.check(f"{APT} update && {APT} install -y {shlex.join(packages)}")


def debian(suite: str, *packages: str, arch: str | None = None) -> Root:
    """Return a root of a Debian suite with these packages, and make it if necessary.

    A root of another processor is only unpacked: its programs do not run without an emulator. With other packages than
    before, it is made anew.
    """
    if not shutil.which("debootstrap"):
        raise CannotBeHadError("debootstrap")
    if SUDO and not shutil.which("sudo"):
        raise CannotBeHadError("root or sudo, for debootstrap")
    path = ROOTS / (f"{suite}-{arch}" if arch else suite)
    foreign = arch is not None and arch not in RUN_HERE.get(platform.machine(), ())
    done = path / ".complete"
    holds = " ".join(packages) if foreign else ""
    if not done.exists() or done.read_text(encoding="utf-8") != holds:
        subprocess.run([*SUDO, "rm", "-rf", "--one-file-system", path], check=True)
        ROOTS.mkdir(parents=True, exist_ok=True)
        command = [*SUDO, "debootstrap", "--variant=minbase", *([f"--arch={arch}"] if arch else [])]
        command += ["--foreign", f"--include={','.join(packages)}"] if foreign else []
        result = subprocess.run([*command, suite, path], check=False, capture_output=True, text=True)
        if result.returncode:
            raise CannotBeHadError(f"Debian {suite}: debootstrap said {result.stdout.strip().splitlines()[-1]}")
        if foreign:
            for package in path.glob("var/cache/apt/archives/*.deb"):
                subprocess.run([*SUDO, "dpkg-deb", "--extract", package, path], check=True)
        copy(path, "/etc/resolv.conf", "/etc/hosts", CERTIFICATES)
        subprocess.run([*SUDO, "tee", done], input=holds, text=True, stdout=subprocess.DEVNULL, check=True)
    root = Root(path)
    if not foreign:
        root.install("ca-certificates", *packages)
        copy(path, CERTIFICATES)  # The package has just overwritten them.
    return root


def copy(path: Path, *names: str) -> None:
    """Copy files of this machine into a root: those that say how the network is reached."""
    for name in names:
        (path / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*SUDO, "cp", "--dereference", "--remove-destination", name, f"{path}{name}"], check=True)
