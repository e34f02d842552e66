"""Prime tuplets: segments with each class as one big integer, whose bits show where all primes of a tuplet are left."""

from __future__ import annotations

from itertools import chain, compress

from primes._python.sieve import LAST, RESIDUES, TABLE_STOP, is_odd_prime, segments, table_part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from primes._kernel import Progress

SHAPES: dict[int, tuple[tuple[int, ...], ...]] = {
    2: ((0, 2),),
    3: ((0, 2, 6), (0, 4, 6)),
    4: ((0, 2, 6, 8),),
    5: ((0, 2, 6, 8, 12), (0, 4, 6, 10, 12)),
    6: ((0, 4, 6, 10, 12, 16),),
}
"""The shapes of k-tuplets: as close together as k primes above 5 can be, OEIS A008407."""
TO_1 = bytes([0]) + bytes([1]) * 255
BLOCK_ROWS = 2**16
"""The rows that are turned into big integers at a time, eight of 64 KiB; not tuned."""


def tuplets_of_table(k: int, lo: int, hi: int) -> list[tuple[int, ...]]:
    """Return the ``k``-tuplets below the end of the table: each consists of ``k`` neighbours in the table.

    No tuplet crosses the end of the table: its last prime 65521 and the next prime 65537 are 16 apart, as far as the
    ends of a sextuplet, and have no prime between them.
    """
    primes = table_part(lo, hi)
    shapes = SHAPES[k]
    span = shapes[0][-1]
    return [
        window
        for window in zip(*(primes[i:] for i in range(k)), strict=False)
        if window[-1] - window[0] == span and tuple(p - window[0] for p in window) in shapes
    ]


def tuplet_blocks(
    k: int, lo: int, hi: int, progress: Progress | None = None
) -> Iterator[tuple[bool, list[tuple[range, tuple[int, ...], int]]]]:
    """Yield, block by block, where ``k``-tuplets may end: numbers 30 apart, the members' distances from them, and hits.

    Bit 8 * i of the hits is set if no member of the tuplet that ends with number i was crossed off. Each block also
    says whether only primes are left in it.
    """
    endings = [
        (residue, distances)
        for residue in RESIDUES
        for shape in SHAPES[k]
        for distances in [tuple(shape[-1] - offset for offset in shape)]
        if all((residue - distance) % 30 in RESIDUES for distance in distances)
    ]
    edge = 0
    for segment, proven in segments(max(lo, TABLE_STOP), hi, LAST, progress):
        for row in range(0, segment.rows, BLOCK_ROWS):
            base = segment.base + 30 * row
            rows = min(BLOCK_ROWS, segment.rows - row)
            left = {
                residue: int.from_bytes(flags[row : row + rows].translate(TO_1), "little")
                for residue, flags in zip(RESIDUES, segment.classes, strict=True)
            }
            # Only the twins (29, 31) lie in two rows: 29 also counts as -1 in the next row.
            left[-1] = left[29] << 8 | edge
            edge = left[29] >> 8 * (rows - 1)
            block = []
            for residue, distances in endings:
                hits = left[residue]
                for distance in distances:
                    hits &= left[residue - distance]
                block.append((range(base + residue, base + residue + 30 * rows, 30), distances, hits))
            yield proven, block
            segment.tell(1.0 if proven else 0.5 + 0.5 * row / segment.rows)


def listed(numbers: range, distances: tuple[int, ...], hits: int) -> Iterator[tuple[int, ...]]:
    """Yield the tuplets of one ending."""
    flags = hits.to_bytes(len(numbers), "little")
    members = (compress(range(numbers.start - distance, numbers.stop - distance, 30), flags) for distance in distances)
    return zip(*members, strict=True)


def are_all_prime(numbers: tuple[int, ...]) -> bool:
    """Tell whether all these odd numbers are prime."""
    return all(map(is_odd_prime, numbers))


def extend_tuplets(out: list[tuple[int, ...]], k: int, lo: int, hi: int) -> None:
    """Append to ``out`` the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi], ascending."""
    out += tuplets_of_table(k, lo, hi)
    for proven, block in tuplet_blocks(k, lo, hi):
        found = sorted(chain.from_iterable(listed(*ending) for ending in block))
        out += found if proven else filter(are_all_prime, found)


def count_tuplets(k: int, lo: int, hi: int, progress: Progress | None = None) -> int:
    """Count the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi]."""
    total = len(tuplets_of_table(k, lo, hi))
    for proven, block in tuplet_blocks(k, lo, hi, progress):
        for ending in block:
            total += ending[-1].bit_count() if proven else sum(map(are_all_prime, listed(*ending)))
    return total
