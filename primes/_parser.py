"""The grammar of the command line: the one room that imports argparse, so that a bare count need not."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, NoReturn

from primes import __version__
from primes._backends import MODULES
from primes._cli import BAD_INPUT, print_backends, print_first

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = """\
examples:
  primes 5000                              the first 5000 primes, one a line
  primes --backend python 10               the same from the backend of that name
  primes backends                          which backends there are, or why not
  primes backends --require rust,cython    exit with status 1 if one is missing

Exit status: 0, 1 when something required is missing, 2 for bad input.
"""


class _Parser(ArgumentParser):
    """An ArgumentParser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog.split()[0]}: error: {message} (see {self.prog} --help)\n")


def parse(program: str, arguments: Sequence[str], backend: str | None) -> int:
    """Do what the arguments of ``program`` say, with ``backend`` where the program has made the choice."""
    if backend is not None:
        options = _count_parser(program, f"Print the first N primes with the {backend} backend.").parse_args(arguments)
        return print_first(options.n, backend)
    if arguments and arguments[0] == "backends":
        required = _backends_parser(f"{program} backends").parse_args(arguments[1:]).require
        return print_backends(required)
    parser = _count_parser(program, "Print the first N primes, one a line.")
    parser.epilog = EXAMPLES
    parser.usage = "%(prog)s [--backend NAME] N\n       %(prog)s backends [--require NAME,...]"
    parser.add_argument(
        "--backend", metavar="NAME", help=f"{', '.join(MODULES)}; by default the first of them that is there"
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    options = parser.parse_args(arguments)
    return print_first(options.n, options.backend)


def _count_parser(program: str, description: str) -> ArgumentParser:
    parser = _Parser(
        prog=program, description=description, formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("n", metavar="N", type=_integer, help="how many primes")
    return parser


def _backends_parser(program: str) -> ArgumentParser:
    parser = _Parser(prog=program, description="Show the backends: how each was built, or why it is missing.")
    parser.add_argument(
        "--require",
        metavar="NAME,...",
        type=_names,
        default=[],
        help="exit with status 1, and the reason, if one of these is missing",
    )
    return parser


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r:.80} is not an integer") from None


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in MODULES:
            raise ArgumentTypeError(f"{name!r:.80} is none of {', '.join(MODULES)}")
    return names
