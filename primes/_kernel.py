"""The contract that every backend module fulfils.

A backend *is a module* (``primes._rust``, ``primes._cython``, ``primes._python``) with the functions of
:class:`Kernel`. The public layer (``primes/_api.py``) validates once, calls whichever module was chosen and never asks
for its name. The three sieves are independent implementations, so that each can be checked against the others.

This file is read by type checkers and people only; nothing imports it at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Buffer  # collections.abc has it from 3.12 on

    Progress = Callable[[int, int], object]


class BuildInfo(TypedDict):
    """What a kernel tells about its own build. Every value is ready to be shown."""

    version: str
    """The version of ``primes`` that the module was built from."""
    profile: str
    """``"release"`` or ``"debug"``; code that no compiler made counts as ``"release"``."""
    cpu: str
    """The CPU features in use, or ``"portable"``."""
    compiler: str
    """The compiler that built it, or the interpreter that runs it, with its version."""


class Kernel(Protocol):
    """The functions of a backend module. The module takes the place of ``self``.

    All functions keep these rules:

    - The caller has checked the integers. ``lo``, ``hi`` and ``x`` are from 0 to 2**64 - 1, and so is an ``n`` that is
      tested or whose neighbour is wanted. The four functions of large integers take 2**64 and above instead. As a
      number of primes, ``n`` is from 0 to 2**63 - 1.
    - Intervals are closed, ``[lo, hi]``, because 2**64 - 1 must be reachable. If ``lo > hi``, the interval is empty.
    - The compiled kernels release the GIL while they sieve. Every kernel looks for Ctrl-C at least every 50 ms. It
      passes on the exception of the signal handler, and later calls work as before.
    - They may be called from many threads at once.
    - ``progress``, if given, is called with (done, total) whenever the kernel looks for Ctrl-C. The unit is the
      kernel's own, and ``done`` never shrinks. An exception from ``progress`` ends the call, as one from a signal
      handler does. Only the main thread hears signals, so this is how the other threads are stopped.
    """

    __name__: str
    __file__: str | None

    releases_gil: bool
    """Whether threads make this kernel faster."""

    own_threads: bool
    """Whether :meth:`array`, :meth:`count`, :meth:`decimal` and :meth:`prime_pi` have threads of their own."""

    def build_info(self) -> BuildInfo:
        """Tell what this module was built from, and how."""

    def extend_first_n(self, out: list[int], n: int, lo: int, /) -> None:
        """Append to ``out`` the ``n`` smallest primes >= ``lo``, in ascending order.

        If 2**64 ends the search first, all primes from ``lo`` to 2**64 are appended. After an exception, the caller
        decides what to do with the unfinished list. The list grows block by block, without a second buffer of its size.
        """

    def extend_range(self, out: list[int], lo: int, hi: int, /) -> None:
        """Append to ``out`` the primes of [lo, hi], in ascending order, as :meth:`extend_first_n` does."""

    def extend_tuplets(self, out: list[tuple[int, ...]], k: int, lo: int, hi: int, /) -> None:
        """Append to ``out`` the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi], ascending."""

    def iterate(self, lo: int, hi: int | None, /) -> Iterator[int]:
        """Return an iterator over the primes of [lo, hi], ascending, in bounded memory.

        The first prime comes within microseconds, or milliseconds near 2**64. No prime takes much longer than all
        before it. Without ``hi`` the iterator does not end: it raises OverflowError at 2**64. Threads may share it.
        While one thread is served, another waits, or gets ValueError as from a generator. After an exception, also
        that of Ctrl-C, the iterator goes on where it was.
        """

    def iterate_down(self, lo: int, hi: int, /) -> Iterator[int]:
        """Return an iterator over the primes of [lo, hi], the largest first. Otherwise it works as :meth:`iterate`."""

    def array(self, n: int, lo: int, hi: int, threads: int, progress: Progress | None = None, /) -> Buffer:
        """Return the ``n`` smallest primes of [lo, hi], or all if there are fewer.

        A kernel with ``own_threads`` uses at most ``threads`` threads, from 1 to 2**31 - 1. The buffer is contiguous
        and writable, has the format ``Q`` and owns its memory. ``progress`` may be told throughout that nothing
        is done yet.
        """

    def decimal(self, n: int, lo: int, hi: int, separator: bytes, threads: int, /) -> Iterator[tuple[Buffer, int]]:
        """Return an iterator over the ``n`` smallest primes of [lo, hi], or all if there are fewer, as decimal text.

        It yields blocks of bytes, small at first, each with the number of its primes. The separator follows each prime.
        It is not empty and holds no digit. Memory is bounded. A kernel with ``own_threads`` uses at most ``threads``
        threads. They make the next blocks while the caller handles one. After an exception, the iterator goes on where
        it was.
        """

    def count(self, lo: int, hi: int, threads: int = 1, progress: Progress | None = None, /) -> int:
        """Count the primes of [lo, hi] by sieving, in bounded memory.

        A kernel with ``own_threads`` uses at most ``threads`` threads. The other kernels are given the pieces of an
        interval, one by one or on several workers.
        """

    def count_tuplets(self, k: int, lo: int, hi: int, progress: Progress | None = None, /) -> int:
        """Count the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi]."""

    def prime_pi(self, x: int, threads: int = 1, progress: Progress | None = None, /) -> int:
        """Count the primes <= ``x`` by a method that takes less than linear time.

        A kernel with ``own_threads`` uses at most ``threads`` threads.
        """

    def pi_cost(self, x: int, /) -> float:
        """Estimate the work of :meth:`prime_pi`, in integers that :meth:`count` could sieve in the same time.

        The estimate decides which method is used. No answer depends on it.
        """

    def first_n_by_trial_division(self, n: int, /) -> list[int]:
        """Return the ``n`` smallest primes: divide each number 2, 3, 4, ... by all the primes found so far.

        Only this function is not meant to be fast. All kernels take the same steps, so that comparing them
        compares the languages. ``n`` is at most 203_280_221, the number of primes below 2**32: finding them would take
        the compiled kernels a year.
        """

    def is_prime(self, n: int, /) -> bool:
        """Tell whether ``n`` is prime; this is proven for all n < 2**64."""

    def next_prime(self, n: int, /) -> int:
        """Return the smallest prime > ``n``, or 0 where there is none below 2**64."""

    def prev_prime(self, n: int, /) -> int:
        """Return the largest prime < ``n``, or 0 where there is none."""

    def is_large_prime(self, n: int, /) -> bool:
        """Tell whether ``n`` >= 2**64 is prime, by the test of Baillie and PSW: no composite is known to pass it."""

    def next_large_prime(self, n: int, /) -> int:
        """Return the smallest prime > ``n``, for ``n`` >= 2**64 - 1."""

    def prev_large_prime(self, n: int, /) -> int:
        """Return the largest prime p with 2**64 < p < ``n``, for ``n`` > 2**64, or 0 where there is none."""

    def extend_large_range(self, out: list[int], lo: int, hi: int, /) -> None:
        """Append to ``out`` the primes of [lo, hi], 2**64 <= lo and hi - lo < 2**40, in ascending order.

        Memory is bounded, apart from the list. Primes found before an exception stay on it. The main thread hears
        Ctrl-C within the test of one integer too, however long that takes.
        """

    def are_prime(self, numbers: Buffer, /) -> bytearray:
        """Return 1 or 0 for each integer of a contiguous buffer of unsigned 64-bit integers: whether it is prime."""
