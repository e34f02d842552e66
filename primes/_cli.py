"""The command ``primes``, and the commands ``primes-fast``, which insist on a compiled backend.

Only what a run needs is imported: argparse alone would take as long as the rest of the interpreter's start, so a bare
count is recognised without it.
"""

from __future__ import annotations

import sys

from primes._api import first_n
from primes._backends import COMPILED, backends, missing_reason
from primes.exceptions import BackendUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, REFUSED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""The exit statuses; an interrupted program ends, by custom, with 128 + SIGINT."""

COUNT_DIGITS = 18
"""The digits of the number of primes below 2**64."""

BLOCK_LEN = 1 << 16
"""How many primes are written at once: half a megabyte of text."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``primes`` with these arguments, or those of the process; return the exit status."""
    return _run("primes", sys.argv[1:] if argv is None else argv, None)


def main_fast() -> int:
    """Run ``primes-fast N``: the best compiled backend there is."""
    best = next((name for name in COMPILED if missing_reason(name) is None), COMPILED[0])
    return _run("primes-fast", sys.argv[1:], best)


def main_fast_rust() -> int:
    """Run ``primes-fast-rust N``: the rust backend and no other."""
    return _run("primes-fast-rust", sys.argv[1:], "rust")


def main_fast_cython() -> int:
    """Run ``primes-fast-cython N``: the cython backend and no other."""
    return _run("primes-fast-cython", sys.argv[1:], "cython")


def _run(program: str, arguments: Sequence[str], backend: str | None) -> int:
    try:
        if len(arguments) == 1 and len(arguments[0]) <= COUNT_DIGITS and arguments[0].isdecimal():
            return print_first(int(arguments[0]), backend)
        from primes._parser import parse  # noqa: PLC0415  (argparse costs as much as the interpreter's start)

        return parse(program, arguments, backend)
    except BrokenPipeError:
        # Whoever read has seen enough, as in `primes 1000000 | head`.
        _abandon_output()
        return DONE
    except KeyboardInterrupt:
        _abandon_output()
        return INTERRUPTED
    except (ValueError, OverflowError, MemoryError, BackendUnavailableError) as error:
        message, status = str(error), BAD_INPUT
    except OSError as error:
        _abandon_output()
        message, status = f"cannot write: {error.strerror or error}", REFUSED
    _complain(f"{program}: error: {message}")
    return status


def print_first(count: int, backend: str | None) -> int:
    """Print the first ``count`` primes, one a line."""
    primes = first_n(count, backend=backend)
    for i in range(0, len(primes), BLOCK_LEN):
        _write("\n".join(map(str, primes[i : i + BLOCK_LEN])) + "\n")
    return DONE


def print_backends(required: Sequence[str]) -> int:
    """Print the table of backends, then a line for each required one that is missing."""
    rows = [("backend", "default", "version", "profile", "cpu", "compiler", "module")]
    missing = []
    for backend in backends():
        default = "yes" if backend.default else ""
        if backend.build is None:
            rows.append((backend.name, default, "missing", "", "", "", ""))
            missing.append(backend)
        else:
            build = backend.build
            rows.append(
                (
                    backend.name,
                    default,
                    build["version"],
                    build["profile"],
                    build["cpu"],
                    build["compiler"],
                    backend.path or "",
                )
            )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    lines += [f"{backend.name} is missing: {backend.reason}" for backend in missing]
    _write("\n".join(lines) + "\n")
    refused = [backend for backend in missing if backend.name in required]
    for backend in refused:
        _complain(f"primes: the {backend.name} backend is required and missing: {backend.reason}")
    return REFUSED if refused else DONE


def _write(text: str) -> None:
    if sys.stdout is None:
        raise OSError("standard output is closed")
    sys.stdout.write(text)
    sys.stdout.flush()


def _complain(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line + "\n")


def _abandon_output() -> None:
    """Keep the interpreter from flushing, at its end, into an output that has failed."""
    import os  # noqa: PLC0415  (only a failure needs it)

    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
