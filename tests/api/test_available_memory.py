"""What is available, as Linux tells it in files, and what is refused because of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import primes
import primes.numpy as array_primes
from primes import _memory
from primes._arguments import demand_memory, listed_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

GIB = 1 << 30

MEMINFO = f"MemTotal: {16 * GIB >> 10} kB\nMemAvailable: {8 * GIB >> 10} kB\nSwapFree: {GIB >> 10} kB\n"

MACHINES = {
    "no control groups": ({"/proc/meminfo": MEMINFO}, 9 * GIB),
    "no limit": (
        {
            "/proc/meminfo": MEMINFO,
            "/proc/self/cgroup": "0::/user.slice\n",
            "/sys/fs/cgroup/user.slice/memory.max": "max\n",
            "/sys/fs/cgroup/user.slice/memory.current": f"{GIB}\n",
        },
        9 * GIB,
    ),
    "version 2, where inactive pages of files count as free": (
        {
            "/proc/meminfo": MEMINFO,
            "/proc/self/cgroup": "0::/a/b\n",
            "/sys/fs/cgroup/a/b/memory.max": f"{4 * GIB}\n",
            "/sys/fs/cgroup/a/b/memory.current": f"{2 * GIB}\n",
            "/sys/fs/cgroup/a/b/memory.stat": f"anon {GIB}\ninactive_file {GIB}\n",
        },
        3 * GIB,
    ),
    "the group above is full": (
        {
            "/proc/meminfo": MEMINFO,
            "/proc/self/cgroup": "0::/a/b\n",
            "/sys/fs/cgroup/a/memory.max": f"{2 * GIB}\n",
            "/sys/fs/cgroup/a/memory.current": f"{2 * GIB + 1}\n",
            "/sys/fs/cgroup/a/b/memory.max": f"{4 * GIB}\n",
            "/sys/fs/cgroup/a/b/memory.current": f"{GIB}\n",
        },
        0,
    ),
    "version 1, in a container that is told the outer name": (
        {
            "/proc/meminfo": MEMINFO,
            "/proc/self/cgroup": "5:cpu:/\n4:memory:/docker/0123\n0::/\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB // 2}\n",
            "/sys/fs/cgroup/memory/memory.stat": f"inactive_file 0\ntotal_inactive_file {GIB // 4}\n",
        },
        GIB // 2 + GIB // 4,
    ),
}
"""The files of a machine, and what is available there."""


@pytest.mark.parametrize("machine", MACHINES)
def test_the_tightest_bound_holds(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files, available = MACHINES[machine]
    monkeypatch.setattr(_memory, "read", lambda path: files.get(path, ""))
    assert _memory.available_bytes() == available


def test_this_machine_tells_something() -> None:
    assert 0 < _memory.available_bytes() < 1 << 50


@pytest.mark.parametrize(("gib", "needed", "left"), [(4, "8589 MB", "4294 MB"), (40, "85 GB", "42 GB")])
def test_what_fits_is_let_through_and_what_cannot_is_refused(
    gib: int, needed: str, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_memory, "available_bytes", lambda: gib * GIB)
    most = gib * GIB // 40
    demand_memory("a list of {} primes", most, 40, n=most)
    with pytest.raises(MemoryError) as caught:
        demand_memory("a list of {} primes", 2 * most, 40, n=2 * most)
    assert str(caught.value) == (
        f"a list of {2 * most} primes does not fit into memory (n={2 * most}): it takes about {needed}, and {left} "
        "are available; iterate, or use primes.numpy below 2**64, or set PRIMES_MEMORY=unchecked"
    )
    monkeypatch.setenv("PRIMES_MEMORY", "unchecked")
    demand_memory("a list of {} primes", 2 * most, 40, n=2 * most)


CALLS: dict[str, Callable[[str], object]] = {
    "first_n": lambda backend: primes.first_n(10**8, backend=backend),
    "primerange": lambda backend: primes.primerange(10**9, 3 * 10**9, backend=backend),
    "tuplets": lambda backend: primes.tuplets(2, 10**11, backend=backend),
    "large": lambda backend: primes.first_n(10**8, start=10**30, backend=backend),
    "array": lambda backend: array_primes.first_n(10**9, backend=backend),
}


@pytest.mark.parametrize("call", CALLS)
def test_public_functions_refuse_before_any_work(call: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the system has the memory, so what refuses is the check, and not the allocator."""
    monkeypatch.setattr(_memory, "available_bytes", lambda: GIB)
    with pytest.raises(MemoryError, match=r" \(.*\): it takes about \d+ [MG]B, and 1073 MB are"):
        CALLS[call](backend)


@pytest.mark.parametrize("largest", [2, 10**9, 10**12, 2**64 - 59, 10**30, 10**300])
def test_what_an_int_takes_on_a_list_is_what_python_says(largest: int) -> None:
    """Its object is larger in a free-threaded interpreter. CPython rounds up to 16 bytes. PyPy is silent."""
    told = sys.getsizeof(largest, listed_bytes(largest) - 8)
    assert listed_bytes(largest) == -(-told // 16) * 16 + 8


def test_sizes_are_shown_in_units_that_are_read() -> None:
    shown = [_memory.in_words(size) for size in (10**6, 12 * 10**6, 9 * 10**9, 40 * 10**9, 10**16, 10**20, 10**30)]
    assert shown == ["1 MB", "12 MB", "9000 MB", "40 GB", "10 PB", "100 EB", "1000 EB or more"]
