"""The peak of the memory that a call takes, measured in a process of its own."""

from __future__ import annotations

import sys
import sysconfig

import pytest

from processes import run_python

MIB = 2**20

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

INT_AND_PLACE = 56 if FREE_THREADED else 40
"""Bytes that a prime takes on a list of CPython: 32 for the int, 48 without the GIL, and 8 for its place."""

ALLOCATOR = 48 * MIB if FREE_THREADED else 0
"""What the allocator of a free-threaded CPython takes: it copies what grows, and keeps what it copied."""

IN_ALL = (72 if FREE_THREADED else 64) * MIB
"""The most that a process takes that counts. A free-threaded interpreter is itself larger."""

MEASURE = """
import sys
from itertools import takewhile
import primes

def peak():
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except OSError:
        import resource
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

backend = sys.argv[2]
primes.first_n(10, backend=backend)
before = peak()
answer = eval(sys.argv[1])
print(peak() - before, answer if isinstance(answer, int) else len(answer))
"""
"""/proc has the peak of this program; that of getrusage may come from the process that started it."""


def peak_and_answer(call: str, backend: str) -> tuple[int, int]:
    """Return by how many bytes a call made the process grow, and its result or the length of it."""
    peak, answer = map(int, run_python(MEASURE, call, backend).split())
    print(f"{backend}: {call}: {peak / MIB:.1f} MiB", file=sys.stderr)  # noqa: T201  (the measurement)
    return peak, answer


NEAR_THE_LIMIT = 2**64 - 10**7

COUNTS = {
    "a billion": (0, 10**9, 2 * 10**7),
    "10**12": (10**12, 3 * 10**8, 5 * 10**6),
    "10**15": (10**15, 10**8, 10**6),
    "10**18, narrow": (10**18, 10**5, 10**5),
    "2**64": (NEAR_THE_LIMIT, 10**7, 2 * 10**5),
}
"""Where the interval begins, and its width for a compiled kernel and for Python."""


@pytest.mark.parametrize("where", COUNTS)
@pytest.mark.parametrize("workers", [1, 2])
def test_counting_stays_small(backend: str, where: str, workers: int) -> None:
    lo, wide, narrow = COUNTS[where]
    width = narrow if backend == "python" else wide
    call = f"primes.count_primes({lo}, {lo + width}, method='sieve', workers={workers}, backend=backend)"
    peak, _count = peak_and_answer(call, backend)
    assert peak < 64 * MIB


@pytest.mark.parametrize("where", COUNTS)
def test_counting_tuplets_stays_small(backend: str, where: str) -> None:
    lo, wide, narrow = COUNTS[where]
    width = narrow if backend == "python" else wide
    peak, _count = peak_and_answer(f"primes.count_tuplets(2, {lo}, {lo + width}, backend=backend)", backend)
    assert peak < 64 * MIB


@pytest.mark.parametrize("start", [0, 10**12, 10**15, 2**64 - 10**9])
def test_iterating_stays_small(backend: str, start: int) -> None:
    """The largest blocks, 2**22 wide, are reached; but not in Python far out, which tests each integer there."""
    width = 6 * 10**6 if backend != "python" or start < 10**15 else 3 * 10**5
    call = f"sum(1 for _ in takewhile(({start + width}).__gt__, primes.iter_primes({start}, backend=backend)))"
    peak, count = peak_and_answer(call, backend)
    assert count > width // 50
    assert peak < 64 * MIB


def test_a_list_takes_little_more_than_itself(backend: str) -> None:
    n = 3 * 10**6
    peak, found = peak_and_answer(f"primes.first_n({n}, backend=backend)", backend)
    assert found == n
    assert peak < 1.1 * INT_AND_PLACE * n + ALLOCATOR


def test_a_list_of_an_interval_takes_little_more_than_itself(backend: str) -> None:
    """The length of this list is not known beforehand."""
    for stop in (49_979_688, 10**8):
        peak, found = peak_and_answer(f"primes.primerange({stop}, backend=backend)", backend)
        assert peak < 1.1 * INT_AND_PLACE * found + ALLOCATOR


@pytest.mark.parametrize("start", [10**12, 10**18])
def test_so_does_a_far_list(backend: str, start: int) -> None:
    n = 300_000 if backend == "python" else 2 * 10**6
    if start == 10**18:
        n //= 30
    peak, found = peak_and_answer(f"primes.first_n({n}, {start}, backend=backend)", backend)
    assert found == n
    # Such a short list is smaller than the kernel's own memory, which therefore counts apart from the tenth.
    assert peak < 1.1 * INT_AND_PLACE * n + 24 * MIB


def test_an_array_takes_little_more_than_itself(backend: str) -> None:
    n = 10**7
    call = f"__import__('primes.numpy').numpy.first_n({n}, workers=1, backend=backend)"
    before, _ = peak_and_answer("__import__('primes.numpy').numpy.first_n(10)", backend)
    peak, found = peak_and_answer(call, backend)
    assert found == n
    # Python's own array grows, and without the GIL the allocator copies what grows.
    copies = 3 if FREE_THREADED and backend == "python" else 1
    assert peak - before < copies * 1.1 * 8 * n + 4 * MIB


def test_pi_takes_what_it_says(backend: str) -> None:
    """The docstring says how the memory grows."""
    x, most = {
        "rust": (10**15, 16 * MIB),
        "cython": (10**14, 8 * MIB),
        "python": (10**12, 16 * MIB),
    }[backend]
    peak, _count = peak_and_answer(f"primes.prime_pi({x}, workers=2, backend=backend)", backend)
    assert peak < most


INTERRUPTED = """
import signal

class Enough(Exception):
    pass

def ring(number, frame):
    raise Enough

def for_a_while(call):
    # Processor time, so that a busy machine comes as far. The memory stops growing within half of it.
    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, 0.6)
    try:
        return call()
    except Enough:
        return 0
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
"""
"""A call before the measurement, which makes the tables."""


@pytest.mark.parametrize("stop", [10**9, 10**12, 10**15, 10**18, 2**64])
def test_counting_stays_small_whatever_the_argument(backend: str, stop: int) -> None:
    """These counts would take minutes or hours, so only their beginning is measured: the peak of the whole process.

    Rust near 2**64 takes the most: 60 MiB.
    """
    call = f"for_a_while(lambda: primes.count_primes({stop}, workers=2, backend=backend))"
    output = run_python(INTERRUPTED + MEASURE.replace("peak() - before", "peak()"), call, backend)
    peak = int(output.split()[0])
    print(f"{backend}: {call}: {peak / MIB:.1f} MiB in all", file=sys.stderr)  # noqa: T201  (the measurement)
    assert peak < IN_ALL
