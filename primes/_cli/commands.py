"""The commands of ``primes``: each calls a public function and prints the answer.

A command takes the options of its parser by name. It returns False for the exit status of "no".
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import primes
from primes._arguments import closed
from primes._cli.output import FORMATS, write, write_numbers, write_primes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from primes._cli.compare_text import Screen
    from primes._kernel import Progress


def first(n: int, start: int = 0, form: str = "lines", workers: int | None = None, backend: str | None = None) -> None:
    """Print the first n primes from start on."""
    write_primes(n, start, form=form, workers=workers, backend=backend)


def range_(
    start: int,
    stop: int | None,
    reverse: bool,  # noqa: FBT001
    form: str,
    workers: int | None,
    backend: str | None,
) -> None:
    """Print the primes of an interval."""
    if reverse:
        if workers is not None:
            raise ValueError("--workers is for ascending primes: with --reverse one worker makes the text")
        with primes.use_backend(backend) if backend else nullcontext():
            downwards = reversed(primes.Primes(start) if stop is None else primes.Primes(start, stop))
        write_numbers(downwards, form)
        return
    lo, hi = closed(start) if stop is None else closed(start, stop)
    write_primes(None, lo, hi + 1, form=form, workers=workers, backend=backend)


def count(
    start: int,
    stop: int | None,
    sieve: bool,  # noqa: FBT001
    workers: int | None,
    progress: bool,  # noqa: FBT001
    backend: str | None,
) -> None:
    """Print how many primes an interval holds."""
    low, high = (0, start) if stop is None else (start, stop)
    with progress_bar(shown=progress) as report:
        answer = primes.count_primes(
            low, high, method="sieve" if sieve else None, workers=workers, progress=report, backend=backend
        )
    write(f"{answer}\n")


def nth(
    n: int,
    start: int,
    workers: int | None,
    progress: bool,  # noqa: FBT001
    backend: str | None,
) -> None:
    """Print the n-th prime."""
    with progress_bar(shown=progress) as report:
        answer = primes.nth_prime(n, start, workers=workers, progress=report, backend=backend)
    write(f"{answer}\n")


def is_(n: Sequence[int], backend: str | None) -> bool:
    """Tell of each integer whether it is prime; False when the only one is not."""
    answers = [primes.is_prime(each, backend=backend) for each in n]
    write("".join(f"{each} is {'' if answer else 'not '}prime\n" for each, answer in zip(n, answers, strict=True)))
    return len(answers) > 1 or answers[0]


def next_(n: Sequence[int], backend: str | None) -> None:
    """Print the prime after each integer."""
    for each in n:
        write(f"{primes.next_prime(each, backend=backend)}\n")


def prev(n: Sequence[int], backend: str | None) -> None:
    """Print the prime before each integer."""
    for each in n:
        write(f"{primes.prev_prime(each, backend=backend)}\n")


def pi(
    x: int,
    workers: int | None,
    progress: bool,  # noqa: FBT001
    backend: str | None,
) -> None:
    """Print how many primes are at most x."""
    with progress_bar(shown=progress) as report:
        answer = primes.prime_pi(x, workers=workers, progress=report, backend=backend)
    write(f"{answer}\n")


def random(
    start: int | None, stop: int | None, bits: int | None, number: int, seed: int | None, backend: str | None
) -> None:
    """Print primes that are drawn at random."""
    if number < 0:
        raise ValueError(f"-n must be at least 0, got {number}")
    if bits is not None and start is not None:
        raise ValueError("give an interval or --bits, not both")
    if bits is None and start is None:
        raise ValueError("give an interval or --bits")
    rng = None
    if seed is not None:
        from random import Random  # noqa: PLC0415  (only a seed needs it here)

        rng = Random(seed)  # noqa: S311
    bounds = {"bits": bits} if bits is not None else {"stop": start} if stop is None else {"start": start, "stop": stop}
    for _ in range(number):
        write(f"{primes.random_prime(**bounds, rng=rng, backend=backend)}\n")


def tuplets(
    k: int,
    start: int,
    stop: int | None,
    count: bool,  # noqa: FBT001
    form: str,
    workers: int | None,
    progress: bool,  # noqa: FBT001
    backend: str | None,
) -> None:
    """Print the tuplets of an interval, or how many they are."""
    low, high = (0, start) if stop is None else (start, stop)
    if count:
        if form != "lines":
            raise ValueError(f"--format {form} is for a list: --count prints one number")
        with progress_bar(shown=progress) as report:
            answer = primes.count_tuplets(k, low, high, workers=workers, progress=report, backend=backend)
        write(f"{answer}\n")
        return
    if workers is not None or progress:
        raise ValueError("--workers and --progress are for --count: a list is made by one worker")
    # Each tuplet has its own line, as in CSV files; or one line holds all, with a separator that tells tuplets apart.
    within, brackets = {"lines": (" ", "%s"), "csv": (",", "%s"), "space": (",", "%s"), "json": (", ", "[%s]")}[form]
    before, between, after = FORMATS["lines" if form == "csv" else form]
    found = primes.tuplets(k, low, high, backend=backend)
    text = between.join(brackets % within.join(map(str, each)) for each in found)
    if found or form not in {"lines", "csv"}:
        write(before + text + after)


def compare(
    n: int | None,
    sizes: Sequence[int] | None,
    whole_process: bool,  # noqa: FBT001
    form: str,
    plot: str | None,
) -> bool:
    """Print the times of one loop in three languages and of other ways to the same primes; False if one is wrong."""
    # Only this command needs these.
    from primes._cli import compare, compare_text  # noqa: PLC0415

    if n is not None and sizes is not None:
        raise ValueError("N is one size, --sizes are several: give one of the two")
    sizes = sizes or [compare.USUAL_N if n is None else n]
    for size in sizes[0], sizes[-1]:
        compare.demand_size(size)
    draw = None
    if plot is not None:
        from primes._cli.plot import plotter  # noqa: PLC0415

        draw = plotter(plot)
    total, longest = compare.foretell(sizes)
    if total > compare.WARNED_SECONDS and sys.stderr is not None:
        why = f": one call takes {compare.in_words(longest)} by trial division in Python" if len(sizes) == 1 else ""
        sys.stderr.write(f"primes: this takes about {compare.in_words(total)}{why}\n")
    try:
        with state_line() as tell:
            comparison = compare.compare(sizes, whole_process=whole_process, tell=tell)
    except compare.ComparisonError as error:
        if sys.stderr is not None:
            sys.stderr.write(f"primes: error: {error}\n")
        return False
    try:
        if draw is not None:
            draw(comparison)
    finally:
        # The times are printed even if the picture fails.
        if form == "text":
            write(compare_text.as_table(comparison, screen()))
        else:
            write({"json": compare_text.as_json, "csv": compare_text.as_csv}[form](comparison))
    return True


def backends(require: Sequence[str]) -> bool:
    """Print the table of backends, then a line for each that is missing; False when a required one is."""
    rows = [("backend", "default", "version", "profile", "cpu", "compiler", "module")]
    missing = []
    for backend in primes.backends():
        default = "yes" if backend.default else ""
        if backend.build is None:
            rows.append((backend.name, default, "missing", "", "", "", ""))
            missing.append(backend)
        else:
            of = backend.build
            told = (of["version"], of["profile"], of["cpu"], of["compiler"])
            rows.append((backend.name, default, *told, backend.path or ""))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    lines += [f"{backend.name} is missing: {backend.reason}" for backend in missing]
    write("\n".join(lines) + "\n")
    refused = [backend for backend in missing if backend.name in require]
    for backend in refused:
        sys.stderr.write(f"primes: the {backend.name} backend is required and missing: {backend.reason}\n")
    return not refused


def screen() -> Screen:
    """Return the width of standard output, if it is a terminal, and the characters that it can show."""
    from primes._cli.compare_text import PLAIN, Screen  # noqa: PLC0415

    if not sys.stdout or not sys.stdout.isatty():
        return PLAIN
    from shutil import get_terminal_size  # noqa: PLC0415

    blocks = "\u2588", "\u258f\u258e\u258d\u258c\u258b\u258a\u2589"
    try:
        "".join(blocks).encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        blocks = "#", ""
    return Screen(get_terminal_size().columns, *blocks)


@contextmanager
def state_line() -> Iterator[Callable[[str], None]]:
    """Give a function that shows a state on the last line, if standard error is a terminal."""
    if not sys.stderr or not sys.stderr.isatty():
        yield lambda _text: None
        return
    from shutil import get_terminal_size  # noqa: PLC0415

    room = get_terminal_size().columns - 1

    def show(text: str) -> None:
        sys.stderr.write(f"\r{text[:room].ljust(room)}\r")
        sys.stderr.flush()

    try:
        yield show
    finally:
        show("")


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Progress | None]:
    """Give a progress that draws a bar on standard error, if that is a terminal and the work takes long."""
    if not shown:
        yield None
        return
    try:
        from tqdm import tqdm  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        raise ValueError("--progress needs tqdm: pip install tqdm") from None
    with tqdm(file=sys.stderr, disable=None, delay=1, unit="", unit_scale=True, leave=False) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report
