"""The rows of the benchmark: work for ``primes`` and for a peer, with a goal for the ratio of their times.

Counts and pi(x) run on one thread unless the row says otherwise, and ``primes`` uses its Rust backend with the best
instructions of the processor unless the row names others. Where the peer is a command, which is a new process each
time, ``primes`` is timed in a new process as well, and the starts of both are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.sides import Command, Python, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

Runs = Literal["quick", "full", "asked"]
"""When a row runs: always; not with ``--quick``; or only if it is named, since it takes minutes."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    work: str
    ours: Side
    peer: Side | None
    """None if the goal is for our own time or memory."""
    goal: float
    """The largest ratio that meets it or, without a peer, the most seconds or bytes."""
    answer: int | None = None
    """The known answer, if there is no peer to compare with."""
    quantity: Literal["seconds", "bytes"] = "seconds"
    backend: str = "rust"
    cpu: str = ""
    threads: int = 1
    runs: Runs = "quick"

    @property
    def env(self) -> dict[str, str]:
        """The environment of our side."""
        return {"PRIMES_BACKEND": self.backend} | ({"PRIMES_CPU": self.cpu} if self.cpu else {})

    @property
    def peer_env(self) -> dict[str, str]:
        """The environment of the peer; primecountpy has no argument for the number of threads."""
        return {"OMP_NUM_THREADS": str(self.threads)}


@dataclass(frozen=True)
class Section:
    """Rows that belong together."""

    title: str
    rows: tuple[Row, ...]


LONG = 7
"""From 10^7 ints on, a list is too long for ``--quick``."""


IMPORTS = "import primes, concurrent.futures.thread"
"""Setup for a fresh process: imports are part of its start."""


def ours(expression: str, *, fresh: bool = False) -> Python:
    """Return a call of ours."""
    return Python(expression, IMPORTS, fresh=fresh)


# Counting by sieving, against the command primesieve.


def primesieve(*arguments: object, threads: int = 1) -> Command:
    """Return a run of the command primesieve."""
    options = ("--quiet", f"--threads={threads}")
    return Command(("primesieve", *map(str, arguments), *options), start=("primesieve", "10", *options))


def counting(  # noqa: PLR0913  (most of them named, like the fields of a row)
    name: str,
    work: str,
    start: int,
    width: int,
    goal: float,
    *,
    backend: str = "rust",
    cpu: str = "",
    threads: int = 1,
    runs: Runs = "quick",
) -> Row:
    """Count the primes of [start, start + width); both ends are even."""
    call = f"primes.count_primes({start}, {start + width}, method='sieve', workers={threads})"
    peer = primesieve(start, start + width, threads=threads)
    mine = ours(call, fresh=True)
    return Row(name, work, mine, peer, goal, backend=backend, cpu=cpu, threads=threads, runs=runs)


def listing(name: str, work: str, start: int, width: int, goal: float, runs: Runs) -> Row:
    """List the primes of [start, start + width); both ends are even. primesieve prints them."""
    call = f"primes.primerange({start}, {start + width})"
    peer = primesieve(start, start + width, "--print")
    return Row(name, work, ours(call, fresh=True), peer, goal, runs=runs)


NEAR_THE_LIMIT = 2**64 - 10**8

COUNTED_FROM: tuple[tuple[int, Runs], ...] = ((12, "quick"), (15, "full"), (18, "full"))
"""The powers of ten from which 10^9 integers are sieved."""

COUNTS = Section(
    "Counting by sieving",
    (
        counting("count-1e9", "count [0, 10^9]", 0, 10**9, 0.70),
        counting("count-1e10", "count [0, 10^10]", 0, 10**10, 0.55, runs="full"),
        counting("count-1e10-2-threads", "the same, two threads", 0, 10**10, 0.55, threads=2, runs="full"),
        *(
            counting(f"count-1e9-from-1e{k}", f"count 10^9 from 10^{k}", 10**k, 10**9, 0.65, runs=runs)
            for k, runs in COUNTED_FROM
        ),
        counting("count-1e9-avx2", "count [0, 10^9], AVX2 only", 0, 10**9, 0.75, cpu="avx2"),
        counting("count-1e9-portable", "count [0, 10^9], portable code", 0, 10**9, 1.2, cpu="portable"),
        counting("count-1e9-cython", "count [0, 10^9], cython", 0, 10**9, 1.5, backend="cython"),
        counting("count-1e6-from-1e18", "count 10^6 from 10^18", 10**18, 10**6, 0.04),
        counting("count-1e6-near-2^64", "count 10^6 from 2^64 - 10^8", NEAR_THE_LIMIT, 10**6, 0.04, runs="full"),
        listing("list-1e6-from-1e18", "list 10^6 from 10^18", 10**18, 10**6, 0.04, "quick"),
        listing("list-1e6-near-2^64", "list 10^6 from 2^64 - 10^8", NEAR_THE_LIMIT, 10**6, 0.04, "full"),
        *(
            Row(
                f"count-1e{k}-from-python",
                f"`count_primes(10**{k})`",
                ours(f"primes.count_primes(10**{k})"),
                Python(f"primesieve.count_primes(10**{k})", "import primesieve", "primesieve"),
                1.0,
            )
            for k in (6, 7)
        ),
        Row(
            "memory-count-1e9-from-1e18",
            "peak of the process, count 10^9 from 10^18",
            ours("primes.count_primes(10**18, 10**18 + 10**9, method='sieve', workers=1)", fresh=True),
            None,
            64e6,
            answer=24127085,
            quantity="bytes",
            runs="full",
        ),
    ),
)

# The first n as arrays and as lists.

SIEVE_IN_NUMPY = """
import numpy
def sieved(n):
    # n primes are below n (ln n + ln ln n), from 6 on (Rosser).
    stop = max(15, int(n * (numpy.log(n) + numpy.log(numpy.log(n)))) + 1)
    odd = numpy.ones(stop // 2, bool)
    odd[0] = False
    for i in range(3, int(stop**0.5) + 1, 2):
        if odd[i // 2]:
            odd[i * i // 2 :: i] = False
    return numpy.concatenate(([2], 2 * numpy.flatnonzero(odd) + 1))[:n]
"""
"""The usual sieve over odd numbers, as it is written with NumPy."""

ODD_SIEVE = """
def first_n(n):
    stop = 15_485_864  # The millionth prime, and one.
    odd = bytearray([1]) * (stop // 2)
    odd[0] = 0
    for i in range(3, int(stop**0.5) + 1, 2):
        if odd[i // 2]:
            odd[i * i // 2 :: i] = bytes(len(range(i * i // 2, len(odd), i)))
    primes = [2]
    primes += [2 * i + 1 for i, flag in enumerate(odd) if flag]
    return primes[:n]
"""
"""The same in plain Python."""


def array(n: int, shown: str, goal: float, runs: Runs = "quick") -> Row:
    """Make an array of the first n primes, on all cores where that pays."""
    return Row(
        f"array-{shown}",
        f"`primes.numpy.first_n({shown})`",
        Python(f"primes.numpy.first_n({n})", "import primes.numpy", "numpy"),
        Python(f"primesieve.numpy.n_primes({n})", "import primesieve.numpy", "primesieve.numpy"),
        goal,
        threads=2,
        runs=runs,
    )


def tolist(k: int, backend: str, goal: float) -> Row:
    """Make a list of the first 10^k primes. The peer is the least possible: to turn a ready array into a list."""
    return Row(
        f"list-1e{k}-{backend}",
        f"list of the first 10^{k}, {backend}",
        ours(f"primes.first_n(10**{k})"),
        Python("ready.tolist()", f"{SIEVE_IN_NUMPY}\nready = sieved(10**{k})", "numpy"),
        goal,
        backend=backend,
        runs="quick" if k < LONG else "full",
    )


LISTS = Section(
    "The first n primes",
    (
        *(array(n, shown, 1.0) for n, shown in ((10, "10"), (1000, "1e3"), (5000, "5000"), (10**5, "1e5"))),
        array(10**6, "1e6", 0.6),
        array(10**7, "1e7", 0.6, "full"),
        array(5 * 10**7, "5e7", 0.6, "full"),
        *(tolist(k, "rust", 1.10) for k in range(3, 8)),
        *(tolist(k, "cython", 1.20) for k in range(3, 8)),
        Row(
            "list-10",
            "`first_n(10)`",
            ours("primes.first_n(10)"),
            Python("primesieve.n_primes(10)", "import primesieve", "primesieve"),
            1.0,
        ),
        Row(
            "list-1e6-python",
            "list of the first 10^6, python, against the plain sieve of bytes",
            ours("primes.first_n(10**6)"),
            Python("first_n(10**6)", ODD_SIEVE),
            0.5,
            backend="python",
        ),
        Row(
            "memory-list-1e7",
            "peak of the process, list of the first 10^7: 400 MB of ints",
            ours("primes.first_n(10**7)[-1]", fresh=True),
            None,
            1.10 * 40 * 10**7,
            answer=179424673,
            quantity="bytes",
            runs="full",
        ),
    ),
)

# One prime after another, and text.


def iterating(k: int) -> Row:
    """Take 10^k primes in a loop; the answer is the last."""
    loop = "def last(n):\n    for p in islice(primes.iter_primes(), n):\n        pass\n    return p\n"
    theirs = "def last(n):\n    it = Iterator()\n    for _ in range(n):\n        p = it.next_prime()\n    return p\n"
    return Row(
        f"iterate-1e{k}",
        f"iterate over 10^{k} primes in a `for` loop",
        Python(f"last(10**{k})", f"from itertools import islice\nimport primes\n{loop}"),
        Python(f"last(10**{k})", f"from primesieve import Iterator\n{theirs}", "primesieve"),
        0.5,
        runs="quick" if k < LONG else "full",
    )


DOWN = "def last(n):\n    for p in islice(reversed(primes.Primes(10**12)), n):\n        pass\n    return p\n"
DOWN_BY_PRIMESIEVE = """\
from primesieve import Iterator
def last(n):
    it = Iterator()
    it.skipto(10**12)
    for _ in range(n):
        p = it.prev_prime()
    return p
"""
BOTH_WAYS = """\
import primes
below = primes.Primes(10**12 - 2_755_098, 10**12)
def total(primes):
    s = 0
    for p in primes:
        s += p
    return s
"""
"""The 10^5 primes before 10^12; the answer is their sum."""

DOWNWARDS = (
    Row(
        "down-1e5-from-1e12",
        "iterate over 10^5 primes down from 10^12",
        Python("last(10**5)", f"from itertools import islice\nimport primes\n{DOWN}"),
        Python("last(10**5)", DOWN_BY_PRIMESIEVE, "primesieve"),
        1.0,
    ),
    Row(
        "down-1e5-against-up",
        "the same primes, `reversed(Primes(..))` against `iter`",
        Python("total(reversed(below))", BOTH_WAYS),
        Python("total(iter(below))", BOTH_WAYS),
        1.3,
    ),
)


ONE_BY_ONE = Section(
    "Iterating and writing",
    (
        iterating(5),
        iterating(7),
        *DOWNWARDS,
        Row(
            "text-1e9",
            "text of the primes below 10^9, whole process",
            Command(("primes", "range", "10**9")),
            Command(("primesieve", "1e9", "--print", "--quiet", "--threads=1")),
            0.4,
            runs="full",
        ),
    ),
)

# Primality, and the next prime. Every side begins with plain ints, as its caller has them.

SOURCE = "import random\nsource = random.Random(2**61 - 1)\n"
ODD = "ints = [source.getrandbits(64) | 1 for _ in range(1000)]\n"
MANY = "ints = [source.getrandbits(64) for _ in range(10**6)]\n"
LARGE = "ints = [source.getrandbits(62) | 1 << 62 for _ in range(200)]\n"
PRIMES = """
odd = (source.getrandbits(62) | 1 << 62 | 1 for _ in iter(int, 1))
ints = []
while len(ints) < 200:
    n = next(odd)
    if all(pow(base, n - 1, n) == 1 for base in (2, 3, 5, 7, 11, 13)):
        ints.append(n)
"""
"""Primes of 63 bits, by Fermat's test. The answers show that it was right about all of them."""


def asking(
    name: str, work: str, ints: str, mine: str, peers: str, module: str, goal: float, runs: Runs = "quick"
) -> Row:
    """Ask something about each of some integers."""
    setup = SOURCE + ints
    return Row(
        name,
        work,
        Python(f"[{mine} for n in ints]", f"{setup}import primes"),
        Python(f"[{peers} for n in ints]", f"{setup}import {module}", module),
        goal,
        runs=runs,
    )


ODD_WORK = "`is_prime` of 1000 random odd 64-bit ints"
PRIMES_WORK = "`is_prime` of 200 primes of 63 bits"
NEXT_WORK = "`next_prime` of 200 ints of 63 bits"

GMPY2, FLINT = "gmpy2.is_prime(n)", "flint.fmpz(n).is_prime()"

PRIMALITY = Section(
    "Is it prime, and which is next",
    (
        asking("is-prime-odd-gmpy2", ODD_WORK, ODD, "primes.is_prime(n)", GMPY2, "gmpy2", 0.6),
        asking("is-prime-odd-flint", ODD_WORK, ODD, "primes.is_prime(n)", FLINT, "flint", 0.6),
        asking("is-prime-63-gmpy2", PRIMES_WORK, PRIMES, "primes.is_prime(n)", GMPY2, "gmpy2", 0.6),
        asking("is-prime-63-flint", PRIMES_WORK, PRIMES, "primes.is_prime(n)", FLINT, "flint", 0.6),
        Row(
            "is-prime-array",
            "`primes.numpy.is_prime` of 10^6 random 64-bit integers, against a loop",
            Python(
                "primes.numpy.is_prime(many)",
                f"{SOURCE}{MANY}import numpy, primes.numpy\nmany = numpy.array(ints, numpy.uint64)",
                "numpy",
            ),
            Python(f"[{GMPY2} for n in ints]", f"{SOURCE}{MANY}import gmpy2", "gmpy2"),
            0.1,
            runs="full",
        ),
        asking("next-prime", NEXT_WORK, LARGE, "primes.next_prime(n)", "gmpy2.next_prime(n)", "gmpy2", 0.3),
    ),
)

# pi(x) and the n-th prime. Short calls are compared with primecountpy, long ones with the command primecount.


def primecount(*arguments: object, threads: int = 1) -> Command:
    """Return a run of the command primecount."""
    option = f"--threads={threads}"
    return Command(("primecount", *map(str, arguments), option), start=("primecount", "10", option))


COMMAND_FROM = 12
"""pi(10^12) takes primecount 10 ms. Below that, the start of the command would take longer than its work."""


WORKERS_FROM = 10
"""Below pi(10^10), no side uses more than one thread, so no number of threads is given."""


def pi(k: int, goal: float, runs: Runs = "quick", *, cpu: str = "", threads: int = 1) -> Row:
    """Count the primes up to 10^k."""
    workers = f", workers={threads}" if k >= WORKERS_FROM else ""
    call = f"primes.prime_pi(10**{k}{workers})"
    suffix = (f"-{cpu}" if cpu else "") + (f"-{threads}-threads" if threads > 1 else "")
    shown = ", portable code" if cpu else ", two threads" if threads > 1 else ""
    binding = Python(f"primecountpy.prime_pi(10**{k})", "import primecountpy", "primecountpy")
    command = k >= COMMAND_FROM
    return Row(
        f"pi-1e{k}{suffix}",
        f"`prime_pi(10**{k})`{shown}",
        ours(call, fresh=command),
        primecount(10**k, threads=threads) if command else binding,
        goal,
        cpu=cpu,
        threads=threads,
        runs=runs,
    )


def nth(k: int) -> Row:
    """Find the 10^k-th prime."""
    command = k >= COMMAND_FROM - 1
    binding = Python(f"primecountpy.nth_prime(10**{k})", "import primecountpy", "primecountpy")
    return Row(
        f"nth-1e{k}",
        f"`nth_prime(10**{k})`",
        ours(f"primes.nth_prime(10**{k})", fresh=command),
        primecount(10**k, "--nth-prime") if command else binding,
        0.6,
        runs="quick" if k < COMMAND_FROM - 1 else "full",
    )


def up_to(exponent: int) -> Runs:
    """Return when the row of pi(10^k) runs."""
    return "quick" if exponent <= COMMAND_FROM else "full"


WIDE = "10**14, 10**14 + 10**13"

# Integers of 2**64 and more, against gmpy2.

LARGE_TESTS: tuple[tuple[int, int, float, float, float, Runs], ...] = (
    (65, 300, 0.4, 0.4, 0.6, "quick"),
    (128, 300, 0.4, 0.4, 0.6, "quick"),
    (256, 100, 0.6, 0.5, 0.6, "quick"),
    (512, 30, 0.8, 0.6, 0.6, "full"),
    (1024, 8, 1.0, 0.8, 0.6, "full"),
    (2048, 3, 1.0, 0.9, 0.6, "full"),
    (4096, 1, 1.1, 1.0, 0.9, "asked"),
)
"""Bits, how many integers, and the goals: for composites without small factors, for primes, and for neighbours."""

OF_BITS = """
from math import gcd, prod
small = prod(n for n in range(2, 2000) if all(n % d for d in range(2, 45) if d < n))
random_ints = [source.getrandbits({bits}) | 1 << {bits} - 1 | 1 for _ in range({count})]
def kept(wanted):
    found = []
    while len(found) < {count}:
        n = source.getrandbits({bits}) | 1 << {bits} - 1 | 1
        if gcd(n, small) == 1 and (pow(2, n - 1, n) == 1) == wanted:
            found.append(n)
    return found
ints = {which}
"""


def of_bits(bits: int, count: int, which: str) -> str:
    """Return the setup that makes integers of so many bits."""
    return OF_BITS.format(bits=bits, count=count, which=which)


def large_rows() -> Iterator[Row]:
    """Yield the rows of each length."""
    for bits, count, composite, prime, neighbour, runs in LARGE_TESTS:
        for name, which, goal in (
            ("composite", "kept(False)", composite),
            ("prime", "kept(True)", prime),
            ("random", "random_ints", 1.0),
        ):
            work = f"`is_prime` of {count} {name} odd ints of {bits} bits"
            ints = of_bits(bits, count, which)
            yield asking(f"is-{name}-{bits}", work, ints, "primes.is_prime(n)", GMPY2, "gmpy2", goal, runs)
        for side in ("next", "prev"):
            mine, theirs = (f"{module}.{side}_prime(n)" for module in ("primes", "gmpy2"))
            work, ints = f"`{side}_prime` of {count} ints of {bits} bits", of_bits(bits, count, "random_ints")
            yield asking(f"{side}-{bits}", work, ints, mine, theirs, "gmpy2", neighbour, runs)


LOOP = """
import gmpy2
def listed(start, stop):
    found, p = [], gmpy2.next_prime(start - 1)
    while p < stop:
        found.append(int(p))
        p = gmpy2.next_prime(p)
    return found
"""


def window(name: str, work: str, mine: str, theirs: str, goal: float, threads: int = 1) -> Row:
    """Look at the primes of [10^30, 10^30 + 10^6)."""
    peer = Python(theirs.format("listed(10**30, 10**30 + 10**6)"), LOOP, "gmpy2")
    return Row(name, work, ours(mine.format("10**30, 10**30 + 10**6")), peer, goal, threads=threads, runs="full")


PALINDROME = 'n = int("1808010808" * 1560 + "1")'

LARGEST_GAP = "1931 * (prod(p for p in range(2, 1934) if all(p % d for d in range(2, 45) if d < p)) // 7230) - 30244"
"""Where the gap of 66520 begins."""

LARGE_INTEGERS = Section(
    "Integers above 2^64",
    (
        *large_rows(),
        window("list-10^30", "list [10^30, 10^30 + 10^6)", "primes.primerange({})", "{}", 0.2),
        window("count-10^30", "count [10^30, 10^30 + 10^6)", "primes.count_primes({}, workers=1)", "len({})", 0.2),
        window(
            "count-10^30-2",
            "count [10^30, 10^30 + 10^6) on two threads",
            "primes.count_primes({}, workers=2)",
            "len({})",
            0.11,
            threads=2,
        ),
        Row(
            "gap-66520",
            "`next_prime` across a gap of 66520",
            Python("primes.next_prime(n)", f"from math import prod\nimport primes\nn = {LARGEST_GAP}"),
            Python("gmpy2.next_prime(n)", f"from math import prod\nimport gmpy2\nn = {LARGEST_GAP}", "gmpy2"),
            0.5,
            runs="asked",
        ),
        Row(
            "is-15601-digits",
            "`is_prime` of a palindromic prime of 15601 digits",
            Python("primes.is_prime(n)", "import primes, sys\nsys.set_int_max_str_digits(0)\n" + PALINDROME),
            Python("gmpy2.is_prime(n)", "import gmpy2, sys\nsys.set_int_max_str_digits(0)\n" + PALINDROME, "gmpy2"),
            2.0,
            runs="asked",
        ),
    ),
)

PI = Section(
    "pi(x) and the n-th prime",
    (
        pi(3, 1.0),
        pi(6, 1.0),
        pi(8, 0.7),
        *(pi(k, 0.5, up_to(k)) for k in range(9, 17)),
        *(pi(k, 1.1, "quick" if k == COMMAND_FROM else "full", cpu="portable") for k in range(9, 17)),
        *(pi(k, 0.5, up_to(k), threads=2) for k in range(12, 17)),
        *map(nth, range(8, 14)),
        Row(
            "count-1e13-from-1e14",
            f"`count_primes({WIDE})`, against two pi(x)",
            ours(f"primes.count_primes({WIDE})"),
            Python(
                "primecountpy.prime_pi(10**14 + 10**13) - primecountpy.prime_pi(10**14)",
                "import primecountpy",
                "primecountpy",
            ),
            0.5,
            threads=2,
            runs="full",
        ),
        Row(
            "memory-pi-1e15",
            "peak of the process, `prime_pi(10**15)`",
            ours("primes.prime_pi(10**15)", fresh=True),
            None,
            64e6,
            answer=29844570422669,
            quantity="bytes",
            runs="full",
        ),
        Row(
            "memory-pi-2^64",
            "peak of the process, `prime_pi(2**64 - 1)`",
            ours("primes.prime_pi(2**64 - 1)", fresh=True),
            None,
            400e6,
            answer=425656284035217743,
            quantity="bytes",
            runs="asked",
        ),
        Row(
            "pi-1e12-cython",
            "`prime_pi(10**12)`, cython",
            ours("primes.prime_pi(10**12)"),
            None,
            0.3,
            answer=37607912018,
            backend="cython",
        ),
        Row(
            "pi-1e10-python",
            "`prime_pi(10**10)`, python",
            ours("primes.prime_pi(10**10)"),
            None,
            2.0,
            answer=455052511,
            backend="python",
            runs="full",
        ),
    ),
)

# What people use today. The goal is not to be slower; the ratio shows the gain of a change.

TODAY = Section(
    "Beside what is used today",
    (
        asking("is-prime-odd-sympy", ODD_WORK, ODD, "primes.is_prime(n)", "sympy.isprime(n)", "sympy", 1.0),
        *(
            # SymPy keeps the primes that it has found.
            Row(
                name,
                f"`{mine}`",
                ours(f"primes.{mine}", fresh=True),
                Python(theirs, "import sympy", "sympy", fresh=True),
                1.0,
            )
            for name, mine, theirs in (
                ("range-1e6-sympy", "primerange(10**6)", "list(sympy.primerange(10**6))"),
                ("pi-1e7-sympy", "prime_pi(10**7)", "sympy.primepi(10**7)"),
                ("nth-1e5-sympy", "nth_prime(10**5)", "sympy.prime(10**5)"),
            )
        ),
        Row(
            "array-1e6-numpy",
            "`primes.numpy.first_n(10**6)`, against the plain sieve in NumPy",
            Python("primes.numpy.first_n(10**6)", "import primes.numpy", "numpy"),
            Python("sieved(10**6)", SIEVE_IN_NUMPY, "numpy"),
            1.0,
            threads=2,
        ),
    ),
)

SECTIONS = (COUNTS, LISTS, ONE_BY_ONE, PRIMALITY, LARGE_INTEGERS, PI, TODAY)
