"""What the commands write: primes as text, in blocks that come ready from the kernel, and the end of a broken pipe."""

from __future__ import annotations

import sys

from primes._arguments import LIMIT, how_many, lower_end
from primes._backends import kernel

BLOCK_LEN_FIRST, BLOCK_LEN_MOST = 1 << 13, 1 << 19
"""Primes written at once: few at first, so that something is seen soon; at most what takes 10 MB."""

FORMATS = {"lines": ("", "\n", "\n"), "json": ("[", ", ", "]\n"), "csv": ("", ",", "\n"), "space": ("", " ", "\n")}
"""What stands before, between and after the items. No lines are no text; the other formats always end their line."""


def write_primes(
    n: int, start: int = 0, stop: int | None = None, *, form: str = "lines", backend: str | None = None
) -> None:
    """Write the ``n`` smallest primes of ``[start, stop)``, in constant memory; without ``stop`` all must be there."""
    missing = how_many("n", n, 0)
    lo, hi = lower_end(start), LIMIT - 1 if stop is None else stop - 1
    before, between, after = FORMATS[form]
    separator = between.encode()
    chosen = kernel(backend)
    write(before)
    block_len, empty = BLOCK_LEN_FIRST, True
    while missing and lo <= hi:
        text, count = chosen.decimal(min(missing, block_len), lo, hi, separator)
        if count == 0:
            break
        last = text.rfind(separator, 0, -len(separator))
        lo = int(text[last + len(separator) if last >= 0 else 0 : -len(separator)]) + 1
        write_bytes(text[: -len(separator)] if empty else separator + text[: -len(separator)])
        empty = False
        missing -= count
        block_len = min(2 * block_len, BLOCK_LEN_MOST)
    if not empty or form != "lines":
        write(after)
    if missing and stop is None:
        raise OverflowError(f"n must be at most {n - missing}, the primes from start={start} to 2**64, got {n}")


def write(text: str) -> None:
    """Write text to standard output, now."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    sys.stdout.write(text)
    sys.stdout.flush()


def write_bytes(text: bytes) -> None:
    """Write ASCII to standard output, now, past its encoder if it has one."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        write(text.decode())
    else:
        write("")
        buffer.write(text)
        buffer.flush()


def abandon_output() -> None:
    """Keep the interpreter from flushing, at its end, into an output that has failed."""
    import os  # noqa: PLC0415  (only a failure needs it)

    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
