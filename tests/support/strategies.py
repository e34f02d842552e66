"""Integers to test with: those near which a sieve goes wrong, and random ones of every magnitude."""

from __future__ import annotations

from hypothesis import strategies as st

from oracle import LARGEST_PRIME

EDGES = sorted(
    {
        0,
        # Tables of small primes, floats, signed and unsigned integers end at powers of two.
        *(2**k for k in range(8, 64)),
        LARGEST_PRIME,
        # Rows of 30, words of 240, segments and chunks of the three sieves end here, counted from zero or from the end
        # of the table of small primes.
        *(base + unit * i for base in (0, 2**16) for unit in (30 * 2**13, 30 * 2**15, 240 * 24576) for i in (1, 2, 3)),
        *(30 * 2**k for k in range(18, 26)),
        # The square of a prime is the first integer that a sieve without that prime gets wrong. These are the last
        # primes of several magnitudes.
        *(p * p for p in (7, 31, 251, 509, 1021, 65521, 65537, 16777213, 2147483647, 4294967291)),
    }
)

edges = st.sampled_from(EDGES)


def near(integers: st.SearchStrategy[int], distance: int = 300) -> st.SearchStrategy[int]:
    """Draw integers close to those of another strategy, from 0 to the largest prime below 2**64."""
    return st.builds(
        lambda integer, offset: min(max(integer + offset, 0), LARGEST_PRIME),
        integers,
        st.integers(-distance, distance),
    )


magnitudes = st.integers(0, 64).flatmap(lambda bits: st.integers(0, min(2**bits, LARGEST_PRIME)))

starts = near(edges) | magnitudes
"""Starts from which there is still a prime below 2**64."""
