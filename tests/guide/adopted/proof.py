"""A plugin for the tests of others: it notes which kernel they ran, and how often they called each of its functions."""

from __future__ import annotations

import collections
import importlib
import json
import os
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

front = importlib.import_module(os.environ["PROOF_OF"])
calls: collections.Counter[str] = collections.Counter()
kernel = front.kernel


def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Count the calls of a function."""

    def count(*arguments: object) -> object:
        calls[name] += 1
        return function(*arguments)

    return count


front.kernel = types.SimpleNamespace(  # type: ignore[attr-defined]
    **{name: counted(name, getattr(kernel, name)) for name in os.environ["PROOF_FUNCTIONS"].split(",")}
)


def pytest_unconfigure() -> None:
    """Write down what happened."""
    proof = {"kernel": kernel.__name__, "file": kernel.__file__, "calls": calls}
    Path(os.environ["PROOF"]).write_text(json.dumps(proof), encoding="utf-8")
