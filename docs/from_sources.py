"""Directives that write parts of the reference from the sources."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, _SubParsersAction
from typing import TYPE_CHECKING

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective
from sphinx.util.parsing import nested_parse_to_nodes

import primes
from primes._cli.parser import whole_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils import nodes
    from sphinx.application import Sphinx


def parser_of_all() -> ArgumentParser:
    """Return the grammar of the command line."""
    return whole_parser("primes")[0]


def commands(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    """Return the parser of each command."""
    [found] = [action for action in parser._actions if isinstance(action, _SubParsersAction)]  # noqa: SLF001
    return dict(found.choices)


def arguments(parser: ArgumentParser) -> list[Action]:
    """Return what may be given to a command: numbers first, then options. It is not the commands themselves."""
    found = [action for action in parser._actions if not isinstance(action, _SubParsersAction)]  # noqa: SLF001
    return sorted(found, key=lambda action: (bool(action.option_strings), "--help" in action.option_strings))


def described(action: Action) -> Iterator[str]:
    """Write one argument or option, with its values and its help."""
    metavar = action.metavar if isinstance(action.metavar, str) else None
    if action.nargs == 0:
        metavar = None
    elif action.choices and metavar is None:
        metavar = "{" + ",".join(map(str, action.choices)) + "}"
    names = action.option_strings or [metavar or action.dest]
    value = f" {metavar}" if action.option_strings and metavar else ""
    yield f".. option:: {', '.join(f'{name}{value}' for name in names)}"
    yield ""
    text = action.help if action.help not in {None, SUPPRESS} else ""
    yield f"   {text % {'prog': 'primes'}}" if text else ""
    yield ""


def usage(parser: ArgumentParser) -> Iterator[str]:
    """Write how a command is called."""
    yield ".. code-block:: text"
    yield ""
    for line in parser.format_usage().removeprefix("usage: ").splitlines():
        yield f"   {line}"
    yield ""


class Commands(SphinxDirective):
    """The options of ``primes``, then each command as a section."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        parser = parser_of_all()
        lines = [".. program:: primes", "", *usage(parser)]
        for action in arguments(parser):
            lines += described(action)
        for name, command in commands(parser).items():
            title = f"primes {name}"
            lines += [title, "-" * len(title), "", f".. program:: {title}", "", command.description or "", ""]
            lines += usage(command)
            for action in arguments(command):
                lines += described(action)
        return parsed(self, lines)


def parsed(directive: SphinxDirective, lines: list[str]) -> list[nodes.Node]:
    """Return what reStructuredText makes of the lines."""
    return nested_parse_to_nodes(
        directive.state, StringList(lines, source=directive.get_source_info()[0]), allow_section_headings=True
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the directives; Sphinx calls this."""
    for name in primes.__all__:  # What is only loaded when it is asked for would have no entry.
        getattr(primes, name)
    app.add_directive("primes-commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
