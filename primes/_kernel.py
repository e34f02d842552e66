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
    """What a kernel says of its own build; every value is ready to be shown."""

    version: str
    """The version of ``primes`` that the module was built from."""
    profile: str
    """``"release"`` or ``"debug"``; code that no compiler made counts as ``"release"``."""
    cpu: str
    """The CPU features in use, or ``"portable"``."""
    compiler: str
    """What made it run: the compiler or the interpreter, with its version."""


class Kernel(Protocol):
    """The functions of a backend module, which stands in the place of ``self``.

    What holds for all of them:

    - Integers arrive checked: ``lo``, ``hi`` and ``x`` from 0 to 2**64 - 1, and so is an ``n`` that is tested or whose
      neighbour is wanted, but for the four functions of large integers, which take 2**64 and more; as a number of
      primes, ``n`` is from 0 to 2**63 - 1. Intervals are
      closed, ``[lo, hi]``, because 2**64 - 1 must be reachable; ``lo > hi`` is empty.
    - The compiled kernels release the GIL while they sieve. Every kernel looks for Ctrl-C at least every 50 ms and then
      lets the exception of the signal handler through, leaving behind nothing that a later call could trip over.
    - They may be called from many threads at once.
    - ``progress``, where there is one, is called with (done, in all), on a scale of the kernel's own, whenever the
      kernel looks for Ctrl-C. What is done grows. An exception of it ends the call, as that of a signal handler does:
      so a thread that is not the main one, which alone hears signals, can be told to stop.
    """

    __name__: str
    __file__: str | None

    releases_gil: bool
    """Whether threads make it faster."""

    own_threads: bool
    """Whether :meth:`array`, :meth:`count`, :meth:`decimal` and :meth:`prime_pi` have threads of their own."""

    def build_info(self) -> BuildInfo:
        """Tell what this module was built from, and how."""

    def extend_first_n(self, out: list[int], n: int, lo: int, /) -> None:
        """Append to ``out`` the ``n`` smallest primes >= ``lo``, in ascending order.

        Fewer are appended only where 2**64 ends the search: then all those that there are. The list is the caller's,
        who decides what becomes of a half-made one; it grows block by block, with no second full-size buffer.
        """

    def extend_range(self, out: list[int], lo: int, hi: int, /) -> None:
        """Append to ``out`` the primes of [lo, hi], in ascending order, as :meth:`extend_first_n` does."""

    def extend_tuplets(self, out: list[tuple[int, ...]], k: int, lo: int, hi: int, /) -> None:
        """Append to ``out`` the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi], ascending."""

    def iterate(self, lo: int, hi: int | None, /) -> Iterator[int]:
        """Return an iterator over the primes of [lo, hi], ascending, in bounded memory.

        The first comes within microseconds, or milliseconds far out, and none takes much longer than all before it.
        Without ``hi`` the iterator does not end: where it would have to pass 2**64, it raises OverflowError.
        Threads may share it: one that asks while another is answered waits, or gets ValueError as from a generator.
        After an exception, such as that of Ctrl-C, it goes on where it was.
        """

    def iterate_down(self, lo: int, hi: int, /) -> Iterator[int]:
        """Return an iterator over the primes of [lo, hi], the largest first; else it is as that of :meth:`iterate`."""

    def array(self, n: int, lo: int, hi: int, threads: int, progress: Progress | None = None, /) -> Buffer:
        """Return the ``n`` smallest primes of [lo, hi], or all if there are fewer.

        A kernel with ``own_threads`` uses at most so many threads; ``threads`` is from 1 to 2**31 - 1. The buffer is
        contiguous, writable and has the format ``Q``; it owns its memory. What ``progress`` is told may be that nothing
        is done yet.
        """

    def decimal(self, n: int, lo: int, hi: int, separator: bytes, threads: int, /) -> Iterator[tuple[Buffer, int]]:
        """Return an iterator over the ``n`` smallest primes of [lo, hi], or all if there are fewer, as decimal text.

        It comes in blocks of bytes, small at first, each with the number of its primes. Each prime is followed by the
        separator, which is not empty and holds no digit. Memory is bounded. A kernel with ``own_threads`` uses at most
        so many threads, where there is work for them; they make the blocks to come while the caller looks at one.
        After an exception it goes on where it was.
        """

    def count(self, lo: int, hi: int, threads: int = 1, progress: Progress | None = None, /) -> int:
        """Count the primes of [lo, hi] by sieving, in bounded memory.

        A kernel with ``own_threads`` uses at most so many threads. The others are given pieces of an interval, one by
        one or on several workers.
        """

    def count_tuplets(self, k: int, lo: int, hi: int, progress: Progress | None = None, /) -> int:
        """Count the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi]."""

    def prime_pi(self, x: int, threads: int = 1, progress: Progress | None = None, /) -> int:
        """Count the primes <= ``x`` by a method that takes less than linear time.

        A kernel may use as many threads of its own.
        """

    def pi_cost(self, x: int, /) -> float:
        """Tell about how much work :meth:`prime_pi` is, in integers that :meth:`count` could sieve instead.

        It steers how work is done; no answer depends on it.
        """

    def first_n_by_trial_division(self, n: int, /) -> list[int]:
        """Return the ``n`` smallest primes: divide each number 2, 3, 4, ... by all the primes found so far.

        This is the one function that is not made to be fast. All kernels take the same steps, so that comparing them
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

        Beside the list, memory is bounded. What was found before an exception stays in it. The main thread hears
        Ctrl-C within the test of one integer too, however long that takes.
        """

    def are_prime(self, numbers: Buffer, /) -> bytearray:
        """Tell of each integer of a contiguous buffer of unsigned 64-bit integers whether it is prime: 1 or 0."""
