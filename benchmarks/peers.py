"""What can be measured on this machine: the peers with their versions, and the backends of ``primes``."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.sides import OURS, Command, CommandProcess, Process, PythonProcess, Side, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMANDS = ("primesieve", "primecount")

MODULES = {
    "primesieve": ("primesieve", "primesieve for Python"),
    "primesieve.numpy": ("primesieve", "primesieve.numpy"),
    "primecountpy": ("primecountpy", "primecountpy"),
    "gmpy2": ("gmpy2", "gmpy2"),
    "flint": ("python-flint", "python-flint"),
    "sympy": ("sympy", "SymPy"),
    "numpy": ("numpy", "NumPy"),
}
"""The modules of peers, their distributions, and their names in the report."""


@dataclass(frozen=True)
class Found:
    """An installed peer: its version, and the command or the interpreter that has it."""

    version: str
    path: Path


class MissingError(Exception):
    """A row needs something that is not installed."""


@dataclass(frozen=True)
class Machine:
    """Everything that rows can use."""

    commands: Mapping[str, Found] = field(default_factory=dict)
    modules: Mapping[str, Found] = field(default_factory=dict)

    def open(self, side: Side, env: Mapping[str, str], limit_seconds: float) -> Process:
        """Prepare a side to run, or raise an exception that names what is missing."""
        if isinstance(side, Command):
            name = side.argv[0]
            if name == "primes":
                return CommandProcess(side, OURS.with_name(name), env, limit_seconds)
            if name not in self.commands:
                raise MissingError(f"the command {name}")
            return CommandProcess(side, self.commands[name].path, env, limit_seconds)
        if side.module and side.module not in self.modules:
            raise MissingError(MODULES[side.module][1])
        interpreter = self.modules[side.module].path if side.module else OURS
        return PythonProcess(side, interpreter, env, limit_seconds)

    def name(self, side: Side) -> str:
        """Name the program of a side, with its version if it is installed."""
        if isinstance(side, Command):
            shown, found = side.argv[0], self.commands.get(side.argv[0])
        elif side.module:
            shown, found = MODULES[side.module][1], self.modules.get(side.module)
        else:
            return "primes itself" if "import primes" in side.setup else "plain Python"
        return f"{shown} {found.version}" if found else shown

    def told(self) -> dict[str, str]:
        """Return the versions of all peers, and which are missing."""
        shown = {name: self.commands.get(name) for name in COMMANDS}
        shown |= {name: self.modules.get(module) for module, (_, name) in MODULES.items()}
        return {name: found.version if found else "missing" for name, found in shown.items()}


def look_around(other_interpreters: Sequence[Path]) -> Machine:
    """Find the peers: commands on PATH, and modules in the first interpreter that has them."""
    commands = {}
    for name in COMMANDS:
        path = shutil.which(name)
        if path:
            told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            commands[name] = Found(told.split()[1].rstrip(","), Path(path))
    modules: dict[str, Found] = {}
    for interpreter in (OURS, *other_interpreters):
        distributions = {module: distribution for module, (distribution, _) in MODULES.items()}
        found: Any = value(interpreter, f"versions({distributions!r})")
        if "primesieve" in found:
            # The library that it is linked with decides its speed.
            library = value(interpreter, "primesieve.primesieve_version().decode()", "import primesieve")
            found |= {name: f"{version} (library {library})" for name, version in found.items() if "primesieve" in name}
        modules = {name: Found(version, interpreter) for name, version in found.items()} | modules
    return Machine(commands, modules)


@cache
def backends(cpu: str) -> dict[str, dict[str, str]]:
    """Return the build of each backend of ``primes``, or why it is missing, with these vector instructions."""
    told = "{b.name: b.build or {'reason': b.reason} for b in primes.backends()}"
    found: Any = value(OURS, told, "import primes", **({"PRIMES_CPU": cpu} if cpu else {}), PRIMES_BACKEND="python")
    return dict(found)


def demand_backend(name: str, cpu: str) -> None:
    """Raise an exception that says why, unless this backend can be used."""
    reason = backends(cpu)[name].get("reason")
    if reason is not None:
        raise MissingError(f"the backend {name}{f' with PRIMES_CPU={cpu}' if cpu else ''}: {reason}")
