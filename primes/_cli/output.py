"""How the commands write to standard output: primes, as blocks of text from the kernel; and what a closed pipe does."""

from __future__ import annotations

import sys
from itertools import islice

from primes._arguments import EVERY, LIMIT, how_many, lower_end, worker_count
from primes._backends import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

    from primes._kernel import Kernel

FORMATS = {"lines": ("", "\n", "\n"), "json": ("[", ", ", "]\n"), "csv": ("", ",", "\n"), "space": ("", " ", "\n")}
"""The text before, between and after the items. Without items, ``lines`` writes nothing; the others write one line."""

LARGE_TEXT_LEN = 1_000_000
"""The text of fewer primes, or integers, takes a millisecond or two, and one thread makes it."""


LARGEST_BLOCK_LEN = 1 << 13
"""Numbers that are made text at a time, if that is done here: half a millisecond. The first is written at once."""


class OutputError(Exception):
    """Standard output cannot be written to. The cause is an ``OSError``, unless it was closed from the start."""


def write_primes(
    n: int | None,
    start: int = 0,
    stop: int | None = None,
    *,
    form: str = "lines",
    workers: int | None = None,
    backend: str | None = None,
) -> None:
    """Write the ``n`` smallest primes of ``[start, stop)``, or all of them, in constant memory.

    If the kernel has its own threads and the work is large enough, ``workers`` threads make the next text while this
    thread writes. With one worker, this thread does both. By default, there is one worker for each core.
    """
    lo = lower_end(start)
    missing = None if n is None else how_many("n", n, 0)
    before, between, after = FORMATS[form]
    separator = between.encode()
    chosen = kernel(backend)
    if workers is not None:
        threads = worker_count(workers)
    elif chosen.own_threads and is_large(missing) and (stop is None or stop - lo >= LARGE_TEXT_LEN):
        from primes._workers.intervals import cores  # noqa: PLC0415  (only big work needs it)

        threads = cores()
    else:
        threads = 1
    write(before)
    empty = True
    for text in texts(chosen, missing, lo, stop, separator, threads):
        # The last prime has no separator after it, and may be in this block.
        write_bytes(b"" if empty else separator, memoryview(text)[: -len(separator)])
        empty = False
    if not empty or form != "lines":
        write(after)


def is_large(n: int | None) -> bool:
    """Tell whether so many primes, or all, are worth several threads."""
    return n is None or n >= LARGE_TEXT_LEN


def texts(chosen: Kernel, n: int | None, lo: int, stop: int | None, separator: bytes, threads: int) -> Iterator[Buffer]:
    """Yield the ``n`` smallest primes >= ``lo``, or all, that are below ``stop`` if there is one, as blocks of text."""
    missing = n
    if lo < LIMIT:
        hi = LIMIT - 1 if stop is None else min(stop, LIMIT) - 1
        for text, count in chosen.decimal(EVERY if n is None else min(n, EVERY), lo, hi, separator, threads):
            yield text
            missing = None if missing is None else missing - count
    if missing != 0 and (stop is None or stop > LIMIT):
        from primes._workers import large  # noqa: PLC0415  (few texts reach so far)

        yield from large.texts(chosen, missing, max(lo, LIMIT), stop, separator)


def write_numbers(numbers: Iterator[int], form: str) -> None:
    """Write what an iterator gives, in constant memory."""
    before, between, after = FORMATS[form]
    write(before)
    block_len, separator = 1, ""
    while block := tuple(islice(numbers, block_len)):
        # One string for all of them: this takes half as long as to join them.
        write(separator + between.join(["%d"] * len(block)) % block)
        block_len, separator = min(2 * block_len, LARGEST_BLOCK_LEN), between
    if separator or form != "lines":
        write(after)


def write(text: str) -> None:
    """Write text to standard output, and flush it."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from error


def write_bytes(*pieces: bytes | memoryview) -> None:
    """Write ASCII to standard output, and flush it; without its encoder, if it has one."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        write("".join(str(piece, "ascii") for piece in pieces))
    else:
        write("")
        try:
            for piece in pieces:
                buffer.write(piece)
            buffer.flush()
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from error


def abandon_output() -> None:
    """Keep the interpreter, when it ends, from flushing into an output that has failed or that nobody reads."""
    import os  # noqa: PLC0415  (only a failure needs it)
    from contextlib import suppress  # noqa: PLC0415

    # An object that is no file of the system has no descriptor, and needs nothing.
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
