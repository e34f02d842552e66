"""A plugin for the tests of the guide: what they share, and the speeds that they show at the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SPEEDS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where cargo builds, so that the crates are compiled once."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def speeds(request: pytest.FixtureRequest) -> list[str]:
    """Lines to show at the end."""
    return request.config.stash.setdefault(SPEEDS, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show them."""
    for line in config.stash.get(SPEEDS, []):
        terminalreporter.write_line(line)
