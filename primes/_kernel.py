"""The contract that every backend module fulfils.

A backend *is a module* (``primes._rust``, ``primes._cython``, ``primes._python``) with the functions of
:class:`Kernel`. The public layer (``primes/_api.py``) validates once, calls whichever module was chosen and never asks
for its name. The three sieves are independent implementations, so that each can be checked against the others.

This file is read by type checkers and people only; nothing imports it at run time.
"""

from __future__ import annotations

from typing import Protocol, TypedDict


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

    - Integers arrive checked: ``0 <= lo < 2**64`` and ``0 <= n < 2**63``. Intervals are closed, ``[lo, hi]``, because
      2**64 - 1 must be reachable; ``lo > hi`` is empty.
    - The compiled kernels release the GIL while they sieve. Every kernel looks for Ctrl-C at least every 50 ms and then
      lets the exception of the signal handler through, leaving behind nothing that a later call could trip over.
    - They may be called from many threads at once.
    """

    __file__: str | None

    def extend_first_n(self, out: list[int], n: int, lo: int, /) -> None:
        """Append to ``out`` the ``n`` smallest primes >= ``lo``, in ascending order.

        Fewer are appended only where 2**64 ends the search: then all those that there are. The list is the caller's,
        who decides what becomes of a half-made one; it grows block by block, with no second full-size buffer.
        """

    def build_info(self) -> BuildInfo:
        """Tell what this module was built from, and how."""
