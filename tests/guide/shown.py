"""A plugin for the tests of the guide: their shared fixtures, and the speeds that are printed at the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SPEEDS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The target directory of cargo, shared so that the crates are compiled once."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def speeds(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the run."""
    return request.config.stash.setdefault(SPEEDS, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print them."""
    for line in config.stash.get(SPEEDS, []):
        terminalreporter.write_line(line)
