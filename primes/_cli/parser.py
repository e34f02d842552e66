"""The grammar of the command line. Only this file imports argparse, which a bare count does not need."""

from __future__ import annotations

import re
import sys
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, Any, NoReturn

from primes._backends import MODULES
from primes._cli import commands
from primes._cli.expression import parse_integer
from primes._cli.output import FORMATS, write
from primes._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLES = """\
examples:
  primes 5000                              the first 5000 primes, one a line
  primes first 5 --start 10**9             the first five from 10**9 on
  primes range 10**30 10**30+1000          those of an interval
  primes count 1e10                        how many below 1e10
  primes nth 10**6                         the millionth
  primes is 97 91 2**61-1                  which of these are prime
  primes next 10**18                       the next one
  primes prev 2**64                        the one before
  primes pi 2^32                           how many up to 2^32
  primes random --bits 256                 one of 256 bits, drawn at random
  primes tuplets 2 1000                    twins (3: triplets, .. 6: sextuplets)
  primes compare 1000                      the same loop in Python, Cython and Rust, timed
  primes backends --require rust,cython    which backends there are, or why not

Numbers may be written 5000, 1_000_000, 1e10, 10**12+1000, 2^64-1. `primes COMMAND --help` tells the options.
Exit status: 0; 1 if the answer of `is` is no, or something required is missing; 2 for bad input.
"""


COMPLETE_FILE = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}
"""How shells complete the name of a file: the value of ``shtab.FILE``, for runs without shtab."""


class _Parser(ArgumentParser):
    """An ArgumentParser with errors of one line, whose help treats a closed pipe as other output does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  (those of argparse)
        super().__init__(*arguments, **options)
        # -10**3 is a number, not an option. (Python 3.14 has this pattern itself.)
        self._negative_number_matcher = re.compile(r"-\d")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        if status == 0:
            write("")
        # In Python 3.11.2, of Debian 12, argparse fails without a standard error.
        super().exit(status, message if sys.stderr is not None else None)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog.split()[0]}: error: {message} (see {self.prog} --help)\n")


class _NeedsShtab(Action):
    """Stands for the option that shtab would add."""

    def __call__(self, parser: ArgumentParser, *_arguments: object) -> NoReturn:
        parser.error("--print-completion needs shtab: pip install shtab")


def run(program: str, arguments: Sequence[str], backend: str | None) -> bool | None:
    """Run the command in the arguments of ``program``, with ``backend`` if the program's name has chosen one.

    Return False for an answer of no.
    """
    if backend is not None:
        parser = _Parser(prog=program, description=f"Print the first N primes with the {backend} backend.")
        add_numbers(parser, n="how many primes")
        commands.first(n=parser.parse_args(arguments).n, backend=backend)
        return None
    parser, names = whole_parser(program)
    if not arguments:
        parser.error("a command or N is required")
    # A number first means the command `first`.
    if arguments[0].partition("=")[0] not in {*names, "-h", "--help", "--version", "--print-completion"}:
        if arguments[0].isidentifier():
            parser.error(f"{arguments[0]!r:.80} is neither a number nor a command: {', '.join(names)}")
        arguments = ["first", *arguments]
    sys.set_int_max_str_digits(0)  # Integers that `parse_integer` accepts are read and written in milliseconds.
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        # The options that there are stand in the help of the command, not in that of the whole program.
        _Parser(prog=f"{program} {arguments[0]}").error(f"unrecognized arguments: {' '.join(unknown)}")
    options = vars(parsed)
    if options.pop("print_completion", None):
        parser.error("--print-completion needs the name of a shell")
    command: Callable[..., bool | None] = options.pop("run")
    return command(**options)


def whole_parser(program: str) -> tuple[_Parser, Sequence[str]]:
    """Return the parser of ``primes``, and the names of its commands."""
    parser = _Parser(
        prog=program,
        description="Prime numbers.",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    add_completion(parser)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Callable[..., object], summary: str) -> ArgumentParser:
        command = subparsers.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        command.set_defaults(run=run)
        return command

    command = add("first", commands.first, "Print the first N primes; the name of this command may be left out.")
    add_numbers(command, n="how many primes")
    add_start(command)
    add_options(command, "form", "workers", "backend")

    command = add("range", commands.range_, "Print the primes of [START, STOP).")
    add_interval(command)
    command.add_argument("--reverse", action="store_true", help="print the largest first")
    add_options(command, "form", "workers", "backend")

    command = add("count", commands.count, "Print how many primes lie in [START, STOP).")
    add_interval(command)
    command.add_argument("--sieve", action="store_true", help="sieve even if a faster method exists")
    add_options(command, "workers", "progress", "backend")

    command = add("nth", commands.nth, "Print the N-th prime, counted from 1.")
    add_numbers(command, n="which prime")
    add_start(command)
    add_options(command, "workers", "progress", "backend")

    for name, run, summary in (
        ("is", commands.is_, "Tell for each N whether it is prime. For a single N, the exit status tells too."),
        ("next", commands.next_, "Print the smallest prime greater than each N."),
        ("prev", commands.prev, "Print the largest prime less than each N."),
    ):
        command = add(name, run, summary)
        add_numbers(command, many=True, n="an integer of any size")
        add_options(command, "backend")

    command = add("pi", commands.pi, "Print how many primes are at most X.")
    add_numbers(command, x="an integer below 2^64; larger ones are out of reach")
    add_options(command, "workers", "progress", "backend")

    add_random_options(add("random", commands.random, "Print a prime of [START, STOP), drawn at random."))

    command = add("tuplets", commands.tuplets, "Print the prime K-tuplets whose primes all lie in [START, STOP).")
    add_numbers(command, k="how many primes make a tuplet: 2 to 6")
    add_interval(command)
    command.add_argument("--count", action="store_true", help="print only how many there are")
    add_options(command, "form", "workers", "progress", "backend")

    command = add(
        "compare",
        commands.compare,
        "Time trial division, the same loop in Python, Cython and Rust. For comparison, also time the sieve of a "
        "Python tutorial and first_n. Every answer is checked.",
    )
    command.add_argument("n", metavar="N", nargs="?", type=integer, help="how many primes, up to 100000 (default 5000)")
    command.add_argument(
        "--sizes", metavar="FROM..TO", type=sizes, help="time several N, such as 100..100000, in steps of 1-2-5"
    )
    command.add_argument(
        "--whole-process", action="store_true", help="time whole programs, including the start of the interpreter"
    )
    command.add_argument(
        "--format", dest="form", choices=("text", "json", "csv"), default="text", help="(default text)"
    )
    file = command.add_argument("--plot", metavar="FILE", help="also draw a chart, as .png or .svg (needs matplotlib)")
    file.complete = COMPLETE_FILE  # type: ignore[attr-defined]  # for shtab

    command = add("backends", commands.backends, "Show the backends: how each was built, or why it is missing.")
    command.add_argument(
        "--require",
        metavar="NAME,...",
        type=names,
        default=[],
        help="if one of these is missing, print the reason and exit with status 1",
    )
    return parser, list(subparsers.choices)


def add_numbers(parser: ArgumentParser, *, many: bool = False, **helps: str) -> None:
    """Add positional integers."""
    for name, text in helps.items():
        parser.add_argument(
            name,
            metavar=name.upper(),
            type=integer,
            help=text,
            **({"nargs": "+"} if many else {}),  # type: ignore[arg-type]
        )


def add_interval(parser: ArgumentParser) -> None:
    """Add START and STOP, or STOP alone."""
    parser.add_argument("start", metavar="START", type=integer, help="where to begin; 0 if only STOP is given")
    parser.add_argument("stop", metavar="STOP", type=integer, nargs="?", help="where to end, not included")


def add_random_options(parser: ArgumentParser) -> None:
    """Add what tells which primes are drawn, how many and how."""
    parser.add_argument(
        "start", metavar="START", type=integer, nargs="?", help="where to begin; 0 if only STOP is given"
    )
    parser.add_argument("stop", metavar="STOP", type=integer, nargs="?", help="where to end, not included")
    parser.add_argument("--bits", metavar="N", type=integer, help="draw a prime of exactly this many bits instead")
    parser.add_argument("-n", dest="number", metavar="N", type=integer, default=1, help="how many (default 1)")
    parser.add_argument(
        "--seed", metavar="N", type=integer, help="draw the same primes for the same seed; not for secrets"
    )
    add_options(parser, "backend")


def add_start(parser: ArgumentParser) -> None:
    """Add --start."""
    parser.add_argument("--start", metavar="START", type=integer, default=0, help="where to begin (default 0)")


def add_options(parser: ArgumentParser, *options: str) -> None:
    """Add the options that several commands share."""
    if "form" in options:
        parser.add_argument("--format", dest="form", choices=FORMATS, default="lines", help="(default lines)")
    if "workers" in options:
        parser.add_argument("--workers", metavar="N", type=integer, help="how many threads or processes share the work")
    if "progress" in options:
        parser.add_argument(
            "--progress", action="store_true", help="show a progress bar if the work takes long (needs tqdm)"
        )
    if "backend" in options:
        parser.add_argument(
            "--backend",
            metavar="NAME",
            choices=MODULES,
            help=f"{', '.join(MODULES)}; by default the first that is available",
        )


def add_completion(parser: ArgumentParser) -> None:
    """Add --print-completion, which needs shtab."""
    try:
        import shtab  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        parser.add_argument(
            "--print-completion",
            metavar="SHELL",
            nargs="?",
            action=_NeedsShtab,
            default=SUPPRESS,
            help="print completions for a shell (needs shtab)",
        )
    else:
        shtab.add_argument_to(parser, "--print-completion", help="print completions for this shell")


def integer(text: str) -> int:
    """Read an integer argument."""
    try:
        return parse_integer(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def sizes(text: str) -> list[int]:
    """Read FROM..TO, and return both and the round numbers between them."""
    begin, dots, end = text.partition("..")
    if not dots:
        raise ArgumentTypeError(f"{text!r:.80} is not a range such as 100..100000")
    least, most = integer(begin), integer(end)
    if least >= most:
        raise ArgumentTypeError(f"{text!r:.80} does not grow")
    between = (digit * 10**power for power in range(len(str(most))) for digit in (1, 2, 5))
    return [least, *(n for n in between if least < n < most), most]


def names(text: str) -> list[str]:
    """Read names of backends, separated by commas."""
    found = text.split(",")
    for name in found:
        if name not in MODULES:
            raise ArgumentTypeError(f"{name!r:.80} is none of {', '.join(MODULES)}")
    return found
