from collections.abc import Callable, Iterator
from typing import TypeVar, final, type_check_only

from typing_extensions import Buffer

from primes._kernel import BuildInfo

__all__ = [
    "are_prime",
    "array",
    "build_info",
    "count",
    "count_tuplets",
    "decimal",
    "extend_first_n",
    "extend_range",
    "extend_tuplets",
    "front",
    "is_prime",
    "iterate",
    "next_prime",
    "own_threads",
    "pi_cost",
    "prev_prime",
    "prime_pi",
    "releases_gil",
]

_Function = TypeVar("_Function", bound=Callable[..., object])

releases_gil: bool
own_threads: bool

def build_info() -> BuildInfo: ...
def extend_first_n(out: list[int], n: int, lo: int, /) -> None: ...
def extend_range(out: list[int], lo: int, hi: int, /) -> None: ...
def extend_tuplets(out: list[tuple[int, ...]], k: int, lo: int, hi: int, /) -> None: ...
def iterate(lo: int, hi: int | None, /) -> Iterator[int]: ...
def array(n: int, lo: int, hi: int, threads: int, /) -> Buffer: ...
def decimal(n: int, lo: int, hi: int, separator: bytes, threads: int, /) -> Iterator[tuple[Buffer, int]]: ...
def count(lo: int, hi: int, /) -> int: ...
def count_tuplets(k: int, lo: int, hi: int, /) -> int: ...
def prime_pi(x: int, threads: int = 1, progress: Callable[[int, int], object] | None = None, /) -> int: ...
def pi_cost(x: int, /) -> float: ...
def is_prime(n: int, /) -> bool: ...
def next_prime(n: int, /) -> int: ...
def prev_prime(n: int, /) -> int: ...
def are_prime(numbers: Buffer, /) -> bytearray: ...

@final
@type_check_only
class Front:
    @staticmethod
    def of(function: _Function) -> _Function: ...
    @staticmethod
    def is_usual() -> None: ...
    @staticmethod
    def ask(open_blocks: Callable[[], tuple[object, ...]]) -> None: ...

front: Front
