"""Several interpreters in one process: each gets the backends that can serve it, in whichever order they start.

Cython's module, if built for the stable ABI, serves all of them. PyO3 serves the main interpreter alone, so the others
are told why the Rust module is missing.
"""

from __future__ import annotations

import json
import sys

import pytest

import primes
from processes import run_python

INTERPRETERS = """
import sys, threading
try:
    import _interpreters as interpreters
except ModuleNotFoundError:
    import _xxsubinterpreters as interpreters

def create(gil):
    if sys.version_info < (3, 12):
        return interpreters.create()
    if sys.version_info < (3, 13):
        return interpreters.create(isolated=gil == "own")
    return interpreters.create("isolated" if gil == "own" else "legacy")

def run(gil, code):
    inner = create(gil)
    try:
        failure = interpreters.run_string(inner, code)
    finally:
        interpreters.destroy(inner)
    assert failure is None, failure
"""

CALLS = """
import json, primes
assert (primes.is_prime(97), primes.prime_pi(97), primes.is_prime(2**89 - 1)) == (True, 25, True)
told = primes.backends()
for name in [each.name for each in told if each.available]:
    assert primes.first_n(3, 10**9, backend=name) == [1000000007, 1000000009, 1000000021]
    assert primes.count_primes(3 * 10**6, method="sieve", backend=name) == 216816
    iterator = primes.iter_primes(65500, backend=name)
    assert [next(iterator) for _ in range(4)] == [65519, 65521, 65537, 65539]
    assert list(primes.tuplets(6, 0, 10**4, backend=name)) == [(7, 11, 13, 17, 19, 23), (97, 101, 103, 107, 109, 113)]
print(json.dumps([[each.name, each.available, each.default, each.reason] for each in told]), flush=True)
"""


def serving_all(compiled: list[str]) -> list[str]:
    """Return the compiled backends that must serve all interpreters: Cython's, if built for the stable ABI."""
    return [each.name for each in primes.backends() if each.name == "cython" in compiled and ".abi3." in str(each.path)]


GILS = ["shared"] if sys.version_info < (3, 12) else ["shared", "own"]


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("first", ["main", "another"])
def test_each_gets_what_serves_it_whichever_came_first(compiled: list[str], gil: str, first: str) -> None:
    order = ["main"] * (first == "main") + [gil, gil, "main"]
    steps = "".join("exec(CALLS)\n" if each == "main" else f"run({each!r}, CALLS)\n" for each in order)
    lines = run_python(f"CALLS = {CALLS!r}\n{INTERPRETERS}\n{steps}").splitlines()
    assert len(lines) == len(order)
    for each, line in zip(order, lines, strict=True):
        told = {name: (available, default, reason) for name, available, default, reason in json.loads(line)}
        serving = compiled if each == "main" else serving_all(compiled)
        here = [name for name in told if name in [*serving, "python"]]
        assert [name for name, (available, _, _) in told.items() if available] == here
        assert [name for name, (_, default, _) in told.items() if default] == here[:1]
        assert all((reason is None) == available for available, _, reason in told.values())
        if each != "main" and "rust" in compiled:
            # Where the GIL is not shared, Python refuses before the module itself is asked.
            assert any(words in told["rust"][2] for words in ("main interpreter alone", "loading in subinterpreters"))


AT_ONCE = """
import sys, primes

def fail(*_):
    raise KeyError("told")

backend = primes.backends()[-2 if primes.backends()[-2].available else -1].name
for _ in range(3):
    assert primes.count_primes(10**6, method="sieve", workers=1, backend=backend) == 78498
    try:
        primes.prime_pi(10**11, progress=fail, workers=1, backend=backend)
    except KeyError as error:
        assert error.args == ("told",)
    else:
        raise AssertionError("the error of progress was lost")
sys.stdout.write("done\\n")
sys.stdout.flush()
"""


@pytest.mark.parametrize("gil", GILS)
def test_several_at_once_do_not_meet(gil: str) -> None:
    """Nor do their imports get in the way of each other. The first one fills the tables of all."""
    threads = f"""
threads = [threading.Thread(target=run, args=({gil!r}, AT_ONCE)) for _ in range(4)]
for thread in threads:
    thread.start()
exec(AT_ONCE)
for thread in threads:
    thread.join()
"""
    assert run_python(f"AT_ONCE = {AT_ONCE!r}\n{INTERPRETERS}\n{threads}").split() == ["done"] * 5
