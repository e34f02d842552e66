"""How much memory is available, so that a request that cannot fit is refused before any work.

Linux promises more memory than it has. When the memory is used up, it kills a process: the user's notebook, or another.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CGROUPS = "/sys/fs/cgroup"

UNITS = ((18, "EB"), (15, "PB"), (12, "TB"), (9, "GB"), (6, "MB"))


def available_bytes() -> int:
    """Return how much memory this process can still use, RAM and swap, as far as the system tells."""
    return max(0, min([*machine_bytes(), *cgroup_bytes(), *address_space_bytes()], default=1 << 63))


def machine_bytes() -> Iterator[int]:
    """Yield the free memory of the machine, or all its memory if the system does not tell what is free."""
    try:
        fields = fields_of("/proc/meminfo")
        yield 1024 * (fields["MemAvailable:"] + fields["SwapFree:"])
    except KeyError:
        # Windows has no sysconf. It promises no more than it has, so asking the allocator is enough.
        if hasattr(os, "sysconf"):
            yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def cgroup_bytes() -> Iterator[int]:
    """Yield what is left to each control group that limits this process, in version 2 or 1 of these groups.

    Inactive file pages of a group count as free, because Linux drops them when memory is needed. A container may see
    the name of its group outside. The limits are then those of the mounted root.
    """
    for line in read("/proc/self/cgroup").splitlines():
        _number, controllers, group = line.split(":", 2)
        if controllers == "":
            root, limit, usage, cached = CGROUPS, "memory.max", "memory.current", "inactive_file"
        elif controllers == "memory":
            root, limit, usage = f"{CGROUPS}/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
            cached = "total_inactive_file"
        else:
            continue
        parts = group.strip("/").split("/")
        for depth in range(len(parts) + 1):
            folder = "/".join([root, *parts[:depth]])
            most, used = read(f"{folder}/{limit}").strip(), read(f"{folder}/{usage}").strip()
            if most.isdecimal() and used.isdecimal():  # Without a limit it says "max", and the root may say nothing.
                yield int(most) - int(used) + fields_of(f"{folder}/memory.stat").get(cached, 0)


def address_space_bytes() -> Iterator[int]:
    """Yield the address space that ``RLIMIT_AS`` still allows."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit  # noqa: PLC0415  (Windows has none)
    except ImportError:
        return
    most, _hard = getrlimit(RLIMIT_AS)
    pages = read("/proc/self/statm").split()
    if most != RLIM_INFINITY and pages:
        yield most - int(pages[0]) * os.sysconf("SC_PAGE_SIZE")


def fields_of(path: str) -> dict[str, int]:
    """Return the first number of each line of a file after the line's first word."""
    return {words[0]: int(words[1]) for words in map(str.split, read(path).splitlines()) if len(words) > 1}


def read(path: str) -> str:
    """Return the text of a small file, or nothing where it cannot be read."""
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123  (pathlib takes 5 ms to load)
            return file.read()
    except OSError:
        return ""


def allocator_promises(size: int) -> bool:
    """Tell whether the system grants ``size`` bytes. None is touched, so this takes microseconds and no memory.

    The system is asked directly, because the allocator of a free-threaded CPython touches zeroed bytes.
    """
    try:
        # Where the address space is full, this cannot be loaded either.
        import mmap  # noqa: PLC0415  (for long arrays alone)

        mmap.mmap(-1, size, access=mmap.ACCESS_COPY).close()
    except (ImportError, MemoryError, OSError, OverflowError):
        return False
    return True


def in_words(size: int) -> str:
    """Show a number of bytes in the largest unit that gives at least ten: ``40 GB``."""
    if size >= 10**21:
        return "1000 EB or more"
    unit, name = next((10**power, name) for power, name in UNITS if size >= 10 ** (power + 1) or power == UNITS[-1][0])
    return f"{size // unit} {name}"
