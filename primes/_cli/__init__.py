"""The command ``primes``, and the commands ``primes-fast``, which insist on a compiled backend.

A run begins and ends here. ``parser`` has the grammar, and ``commands`` the commands. A run imports only what it needs:
argparse takes as long as the whole start of the interpreter, so a bare count is recognised without it.
"""

from __future__ import annotations

import sys

from primes._backends import COMPILED, missing_reason
from primes._cli.output import OutputError, abandon_output, write_primes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, REFUSED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""The exit statuses. By convention, an interrupted program ends with 128 + SIGINT."""

COUNT_DIGITS = 18
"""The digits of the number of primes below 2**64."""


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
        if (
            len(arguments) == 1
            and len(arguments[0]) <= COUNT_DIGITS
            and arguments[0].isascii()
            and arguments[0].isdigit()
        ):
            write_primes(int(arguments[0]), backend=backend)
            return DONE
        from primes._cli.parser import run  # noqa: PLC0415  (argparse costs as much as the interpreter's start)

        return REFUSED if run(program, arguments, backend) is False else DONE
    except OutputError as error:
        abandon_output()
        if isinstance(error.__cause__, BrokenPipeError):
            # The reader has closed the pipe, as in `primes 1000000 | head`.
            return DONE
        message, status = f"cannot write: {error}", REFUSED
    except KeyboardInterrupt:
        abandon_output()
        return INTERRUPTED
    except (ValueError, OverflowError, MemoryError) as error:
        message, status = str(error) or "out of memory", BAD_INPUT
    except OSError as error:
        message, status = str(error), REFUSED
    except (ImportError, RuntimeError) as error:
        status = _status_of(error)
        if status == DONE:
            raise
        message = str(error)
    if sys.stderr is not None:
        sys.stderr.write(f"{program}: error: {message}\n")
    return status


def _status_of(error: ImportError | RuntimeError) -> int:
    """Return the exit status for a missing backend or a lost worker, or ``DONE`` for a bug in this package."""
    from concurrent.futures import BrokenExecutor  # noqa: PLC0415  (only a failure needs these)

    from primes.exceptions import BackendUnavailableError  # noqa: PLC0415

    if isinstance(error, BackendUnavailableError):
        return BAD_INPUT
    return REFUSED if isinstance(error, BrokenExecutor) else DONE
