"""The child process in which one side of a comparison runs: it sets up, answers, and takes times.

It is a program of its own and runs on any interpreter. The harness starts it by its path and sends lines of JSON. The
first line is ``[setup, statement]``. Each later line is a request, and each request gets one line as its reply.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import timeit
from array import array
from importlib import metadata
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 2**64
"""Integers below have 64 bits."""

CHUNK_LEN = 1 << 16
"""The number of integers that are hashed at once."""


def digest(answer: Iterable[int] | int) -> list[object]:
    """Reduce an answer to its length, its first integers and a hash of all of them.

    The answer may be a list or an array of integers or truth values, or an integer, also one of another library.
    """
    integers = map(int, answer if hasattr(answer, "__iter__") else [answer])
    length, hashed = 0, hashlib.sha256()
    first: list[int] = []
    while chunk := [*islice(integers, CHUNK_LEN)]:
        first = first or chunk[:3]
        length += len(chunk)
        # The hash of integers of 64 bits does not depend on what holds them.
        hashed.update(array("Q", chunk) if max(chunk) < LIMIT else " ".join(map(hex, chunk)).encode())
    return [length, first, hashed.hexdigest()]


def peak_bytes() -> int:
    """Return the peak of the memory of this process."""
    try:
        # The peak of getrusage may come from the process that started this one.
        with open("/proc/self/status") as status:  # noqa: PTH123  (nothing to import)
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except OSError:
        import resource  # noqa: PLC0415  (not on Windows)

        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def versions(names: dict[str, str]) -> dict[str, str]:
    """Return which of these modules can be imported here, with the versions of their distributions."""
    found = {}
    for module, distribution in names.items():
        try:
            importlib.import_module(module)
        except ImportError:
            continue
        found[module] = metadata.version(distribution)
    return found


def tell(reply: dict[str, object]) -> None:
    """Write a reply."""
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer requests until there are no more."""
    setup, statement = json.loads(sys.stdin.readline())
    namespace: dict[str, object] = {"versions": versions}
    try:
        exec(setup, namespace)  # noqa: S102  (this is what it is for)
        timer = timeit.Timer(statement, globals=namespace)
        for line in sys.stdin:
            request = json.loads(line)
            reply: object
            if request == "value":
                reply = eval(statement, namespace)  # noqa: S307  (as above)
            elif request == "answer":
                reply = digest(eval(statement, namespace))  # noqa: S307
            elif request == "peak":
                timer.timeit(1)
                reply = peak_bytes()
            else:
                reply = timer.timeit(request)
            tell({"reply": reply})
    except KeyboardInterrupt:
        pass
    except Exception as error:  # noqa: BLE001  (the harness tells)
        tell({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
