"""Backend against backend, and each against the oracle, on windows of every magnitude."""

from __future__ import annotations

import random
from functools import cache

import pytest

import oracle
import primes

WINDOWS_PER_MAGNITUDE = 3


@cache
def found_by(name: str, n: int, start: int) -> list[int]:
    """Ask a backend or the oracle; each answer serves all pairs that it is in."""
    return oracle.first_n(n, start) if name == "oracle" else primes.first_n(n, start, backend=name)


@pytest.mark.parametrize("bits", range(1, 65))
def test_all_find_the_same(pair: tuple[str, str], bits: int) -> None:
    windows = random.Random(bits)  # noqa: S311  (the same windows in each run)
    for _ in range(WINDOWS_PER_MAGNITUDE):
        start = min(windows.randrange(2 ** (bits - 1), 2**bits), 2**64 - 50_000)
        n = windows.choice([1, 10, 300])
        one, other = pair
        assert found_by(one, n, start) == found_by(other, n, start)


@pytest.mark.parametrize(
    ("start", "n", "piece"),
    [
        (0, 400_000, 40_000),
        (2**32 - 10**6, 150_000, 10_000),
        (10**12, 100_000, 10_000),
        (10**14, 60_000, 30_000),
        (10**16, 20_000, 10_000),
    ],
)
def test_a_wide_window_is_what_python_finds_in_pieces(backend: str, start: int, n: int, piece: int) -> None:
    """Wide enough for many segments. Pieces have other segments, so this also tests python against itself."""
    assert primes.first_n(n, start, backend=backend) == pieces_of_python(n, start, piece)


@cache
def pieces_of_python(n: int, start: int, piece: int) -> list[int]:
    """Return ``n`` primes from many short calls."""
    pieces: list[int] = []
    while len(pieces) < n:
        pieces += primes.first_n(piece, pieces[-1] + 1 if pieces else start, backend="python")
    return pieces
