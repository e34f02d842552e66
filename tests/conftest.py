"""Which backends the tests run over, and how a run reports its progress."""

from __future__ import annotations

import importlib
import os
import signal
from itertools import combinations
from typing import TYPE_CHECKING, cast

# A backend that is chosen in the environment must not be chosen in the tests, or in the processes that they start.
os.environ.pop("PRIMES_BACKEND", None)

import hypothesis
import pytest

import primes

if TYPE_CHECKING:
    from primes._kernel import Kernel

hypothesis.settings.register_profile("tests", deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--compiled",
        metavar="NAMES",
        help="the compiled backends that must be there, and no others: rust,cython or rust or cython or none; "
        "without this option the tests run over whichever are there",
    )


def expected_compiled(config: pytest.Config) -> list[str]:
    """Return the compiled backends that this run was told to expect, or those that are there if it was told nothing."""
    names = config.getoption("--compiled")
    if names is None:
        return [backend.name for backend in primes.backends() if backend.available and backend.name != "python"]
    return [] if names == "none" else names.split(",")


def backends_under_test(config: pytest.Config) -> list[str]:
    """Return the backends over which tests are parametrised.

    An expected backend is tested even if it is missing: its tests then fail, where a skip would hide that. A wheel with
    one compiled backend serves to test that backend alone. The python backend is tested where there is no compiled
    backend, or where there are both.
    """
    expected = expected_compiled(config)
    return [*expected] if len(expected) == 1 else [*expected, "python"]


def pytest_configure() -> None:
    # A program that a shell starts in the background ignores Ctrl-C, and its children inherit that. Tests send Ctrl-C.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    backends = backends_under_test(metafunc.config)
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", backends)
    if "pair" in metafunc.fixturenames:
        # The oracle makes a pair even where there is only one backend.
        pairs = combinations([*backends, "oracle"], 2)
        metafunc.parametrize("pair", [pytest.param(pair, id="-".join(pair)) for pair in pairs])


def pytest_report_header(config: pytest.Config) -> list[str]:
    missing = [f"{b.name} ({b.reason})" for b in primes.backends() if not b.available]
    return [
        f"primes {primes.__version__} from {primes.__file__}",
        f"backends under test: {', '.join(backends_under_test(config))}; missing: {', '.join(missing) or 'none'}",
    ]


class Functions:
    """Prints each test function as it begins, and the progress of the run: one file may take a minute."""

    def __init__(self, reporter: pytest.TerminalReporter, total: int) -> None:
        self.reporter = reporter
        self.total = total
        self.begun = 0
        self.function = ""
        # Each of our lines names the file already.
        reporter.showfspath = False

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        function = nodeid.partition("[")[0]
        if function != self.function:
            end = "\n" if self.function else ""
            self.function = function
            self.reporter.write(f"{end}{self.begun / self.total:4.0%} {function.rpartition('/')[2]} ", flush=True)
        self.begun += 1


def pytest_collection_finish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # With -v pytest prints a line for each test, and with -q nobody wants lines.
    if reporter is not None and session.config.get_verbosity() == 0 and not session.config.option.collectonly:
        session.config.pluginmanager.register(Functions(reporter, len(session.items)))


@pytest.fixture
def compiled(request: pytest.FixtureRequest) -> list[str]:
    """The compiled backends that must be there, and no others."""
    return expected_compiled(request.config)


@pytest.fixture
def kernel(backend: str) -> Kernel:
    """The kernel itself, without the functions above it."""
    return cast("Kernel", importlib.import_module(f"primes._{backend}"))
