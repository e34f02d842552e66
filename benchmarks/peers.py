"""What there is to measure on this machine: the peers with their versions, and the backends of ``primes``."""

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
"""The modules of peers, the distributions that bring them, and their names for people."""


@dataclass(frozen=True)
class Found:
    """A peer that is there: its version, and the command or the interpreter that has it."""

    version: str
    path: Path


class MissingError(Exception):
    """A row needs what is not there."""


@dataclass(frozen=True)
class Machine:
    """All that rows can be made of."""

    commands: Mapping[str, Found] = field(default_factory=dict)
    modules: Mapping[str, Found] = field(default_factory=dict)

    def open(self, side: Side, env: Mapping[str, str], limit_seconds: float) -> Process:
        """Make ready to run a side, or raise what is missing."""
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
        """Name what a side runs, with its version if it is there."""
        if isinstance(side, Command):
            shown, found = side.argv[0], self.commands.get(side.argv[0])
        elif side.module:
            shown, found = MODULES[side.module][1], self.modules.get(side.module)
        else:
            return "plain Python"
        return f"{shown} {found.version}" if found else shown

    def told(self) -> dict[str, str]:
        """Tell the versions of all peers, and which are missing."""
        shown = {name: self.commands.get(name) for name in COMMANDS}
        shown |= {name: self.modules.get(module) for module, (_, name) in MODULES.items()}
        return {name: found.version if found else "missing" for name, found in shown.items()}


def look_around(other_interpreters: Sequence[Path]) -> Machine:
    """Find the peers: on PATH, in this interpreter, and in the others, the first that has one."""
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
            # What is fast or slow is the library that it was linked with.
            library = value(interpreter, "primesieve.primesieve_version().decode()", "import primesieve")
            found |= {name: f"{version} (library {library})" for name, version in found.items() if "primesieve" in name}
        modules = {name: Found(version, interpreter) for name, version in found.items()} | modules
    return Machine(commands, modules)


@cache
def backends(cpu: str) -> dict[str, dict[str, str]]:
    """Tell of each backend of ``primes`` its build, or the reason why it is missing, at this level of instructions."""
    told = "{b.name: b.build or {'reason': b.reason} for b in primes.backends()}"
    found: Any = value(OURS, told, "import primes", **({"PRIMES_CPU": cpu} if cpu else {}), PRIMES_BACKEND="python")
    return dict(found)


def demand_backend(name: str, cpu: str) -> None:
    """Raise what is missing unless this backend can be used."""
    reason = backends(cpu)[name].get("reason")
    if reason is not None:
        raise MissingError(f"the backend {name}{f' with PRIMES_CPU={cpu}' if cpu else ''}: {reason}")
