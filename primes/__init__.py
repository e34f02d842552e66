"""Prime numbers, from Rust, Cython or pure Python.

The first primes, or the first from some number on:

>>> import primes
>>> primes.first_n(10)
[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
>>> primes.first_n(3, start=10**18)
[1000000000000000003, 1000000000000000009, 1000000000000000031]

The same functions run on three backends, ``rust``, ``cython`` and ``python``; the first of them that is there is the
default. Another one can be asked for in a call, for a block of code, or, by the environment variable
``PRIMES_BACKEND``, for a whole process:

>>> primes.first_n(5, backend="python")
[2, 3, 5, 7, 11]
>>> with primes.use_backend("python"):
...     primes.first_n(5, start=100)
[101, 103, 107, 109, 113]

:func:`primes.backends` tells which there are, and why one is missing:

>>> [backend.name for backend in primes.backends()]
['rust', 'cython', 'python']
"""

from primes._api import (
    count_primes,
    count_tuplets,
    first_n,
    iter_primes,
    nth_prime,
    prime_pi,
    primerange,
    tuplets,
)
from primes._backends import BackendInfo, backends, use_backend
from primes._primality import is_prime, next_prime, prev_prime
from primes._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from primes._random_prime import random_prime
    from primes._sequence import Primes
    from primes.exceptions import BackendUnavailableError

__all__ = [
    "BackendInfo",
    "BackendUnavailableError",
    "Primes",
    "__version__",
    "backends",
    "count_primes",
    "count_tuplets",
    "first_n",
    "is_prime",
    "iter_primes",
    "next_prime",
    "nth_prime",
    "prev_prime",
    "prime_pi",
    "primerange",
    "random_prime",
    "tuplets",
    "use_backend",
]


def __getattr__(name: str) -> object:
    """Load what many programs do without when it is first asked for: that takes as long as all else here."""
    found: object
    if name == "Primes":
        from primes._sequence import Primes  # noqa: PLC0415

        found = Primes
    elif name == "random_prime":
        from primes._random_prime import random_prime  # noqa: PLC0415

        found = random_prime
    elif name == "BackendUnavailableError":
        from primes.exceptions import BackendUnavailableError  # noqa: PLC0415

        found = BackendUnavailableError
    elif name == "exceptions":
        import primes.exceptions as found  # noqa: PLC0415
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found
