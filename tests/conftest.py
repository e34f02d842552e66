"""Which backends the tests run over, and how a run tells."""

from __future__ import annotations

import pytest

import primes

COMPILED = ("rust", "cython")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--compiled",
        metavar="NAMES",
        help="the compiled backends that must be there, and no others: rust,cython or rust or cython or none; "
        "without this option the tests run over whichever are there",
    )


def expected_compiled(config: pytest.Config) -> tuple[str, ...] | None:
    """Return the compiled backends that this run was told to expect, None if it was told nothing."""
    names = config.getoption("--compiled")
    if names is None:
        return None
    return () if names == "none" else tuple(names.split(","))


def backends_under_test(config: pytest.Config) -> list[str]:
    """Return the backends over which tests are parametrised.

    An expected backend is under test also when it is missing: its tests then fail, where a skip would hide it.
    """
    expected = expected_compiled(config)
    if expected is None:
        return [backend.name for backend in primes.backends() if backend.available]
    return [*expected, "python"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", backends_under_test(metafunc.config))


def pytest_report_header(config: pytest.Config) -> list[str]:
    missing = [f"{b.name} ({b.reason})" for b in primes.backends() if not b.available]
    return [
        f"primes {primes.__version__} from {primes.__file__}",
        f"backends under test: {', '.join(backends_under_test(config))}; missing: {', '.join(missing) or 'none'}",
    ]
