"""``primes.numpy``: types, shapes, memory, and the same answers as from the functions over ints.

All files of this folder need NumPy, of any version from 1.26 on.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import primes
import primes.numpy as array_primes
from oracle import LARGEST_PRIME
from processes import PYTHON, run, run_python
from strategies import starts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DTYPES = ("int64", "uint64", "int32", "uint32")

dtypes = pytest.mark.parametrize("dtype", DTYPES)

MAKERS: dict[str, Callable[..., NDArray[Any]]] = {
    "first_n": lambda **options: array_primes.first_n(25, **options),
    "primerange": lambda **options: array_primes.primerange(100, **options),
    "primerange from": lambda **options: array_primes.primerange(0, 98, **options),
    "nth_prime": lambda **options: array_primes.nth_prime(range(1, 26), **options),
}
"""Calls that return the 25 primes below 100."""

makers = pytest.mark.parametrize("maker", MAKERS)

BELOW_HUNDRED = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]
"""OEIS A000040."""


def same(found: NDArray[Any], expected: list[int], dtype: str = "int64") -> bool:
    """Tell whether an array is one-dimensional, has this type, and holds these integers."""
    return found.dtype == np.dtype(dtype) and found.shape == (len(expected),) and found.tolist() == expected


# The contents of the arrays.


@makers
@dtypes
def test_every_type_holds_the_same(backend: str, maker: str, dtype: str) -> None:
    for given_dtype in (dtype, np.dtype(dtype), getattr(np, dtype)):
        assert same(MAKERS[maker](dtype=given_dtype, backend=backend), BELOW_HUNDRED, dtype)


@makers
def test_the_type_is_int64_unless_another_is_asked_for(backend: str, maker: str) -> None:
    assert same(MAKERS[maker](backend=backend), BELOW_HUNDRED)


@given(n=st.integers(0, 50), start=starts)
def test_first_n_is_the_list(backend: str, n: int, start: int) -> None:
    start = min(start, 2**64 - 10**5)
    expected = primes.first_n(n, start, backend=backend)
    assert same(array_primes.first_n(n, start, dtype="uint64", backend=backend), expected, "uint64")


@given(start=starts, width=st.integers(0, 2000))
def test_primerange_is_the_list(backend: str, start: int, width: int) -> None:
    stop = min(start + width, 2**64)
    expected = primes.primerange(start, stop, backend=backend)
    assert same(array_primes.primerange(start, stop, dtype="uint64", backend=backend), expected, "uint64")


@pytest.mark.parametrize("start", [0, 2**16 - 100, 2**32 - 10**5, 10**12])
def test_long_arrays_are_the_lists(backend: str, start: int) -> None:
    n = 50_000 if backend == "python" else 1_100_000
    expected = primes.first_n(n, start, backend=backend)
    assert same(array_primes.first_n(n, start, backend=backend), expected)
    assert same(array_primes.first_n(n, start, workers=2, backend=backend), expected)
    assert same(array_primes.primerange(start, expected[-1] + 1, backend=backend), expected)


def test_no_primes_are_an_empty_array(backend: str) -> None:
    for dtype in DTYPES:
        assert same(array_primes.first_n(0, dtype=dtype, backend=backend), [], dtype)
        assert same(array_primes.first_n(0, 2**64 - 1, dtype=dtype, backend=backend), [], dtype)
        for ends in ((10, 10), (10, 5), (24, 29), (0,), (-5,), (2**64, 2**64), (2**64 - 58, 2**64), (0, 1), (1,)):
            assert same(array_primes.primerange(*ends, dtype=dtype, backend=backend), [], dtype)


# Primes that do not fit.

LAST_OF_TYPE = {"int32": 2**31 - 1, "uint32": 2**32 - 5, "int64": 2**63 - 25, "uint64": 2**64 - 59}
"""The largest prime that a type holds: OEIS A013603."""


@dtypes
def test_the_largest_prime_of_a_type_can_be_had(backend: str, dtype: str) -> None:
    last = LAST_OF_TYPE[dtype]
    assert same(array_primes.first_n(1, last, dtype=dtype, backend=backend), [last], dtype)
    assert same(array_primes.primerange(last, last + 1, dtype=dtype, backend=backend), [last], dtype)


@pytest.mark.parametrize("dtype", ["int32", "uint32", "int64"])
def test_a_prime_that_does_not_fit_is_told(backend: str, dtype: str) -> None:
    last = LAST_OF_TYPE[dtype]
    following = primes.next_prime(last)
    calls: list[Callable[[], object]] = [
        lambda: array_primes.first_n(2, last, dtype=dtype, backend=backend),
        lambda: array_primes.primerange(last, following + 1, dtype=dtype, backend=backend),
        # Refused at once: that many would not fit into memory.
        lambda: array_primes.primerange(last + 1, 2**64, dtype=dtype, backend=backend),
        lambda: array_primes.first_n(10**15, following, dtype=dtype, backend=backend),
    ]
    for call in calls:
        with pytest.raises(OverflowError, match=f"^{following} does not fit dtype {dtype}$"):
            call()
    assert same(array_primes.primerange(last, following, dtype=dtype, backend=backend), [last], dtype)


def test_an_nth_prime_that_does_not_fit_is_told(backend: str) -> None:
    with pytest.raises(OverflowError, match="does not fit dtype int32"):
        array_primes.nth_prime([1, 105_097_566], dtype="int32", backend=backend)


def test_the_limit_of_the_integers(backend: str) -> None:
    start = 2**64 - 363
    found = array_primes.first_n(10, start, dtype="uint64", backend=backend)
    assert found[-1] == LARGEST_PRIME
    assert same(array_primes.primerange(start, 2**64, dtype="uint64", backend=backend), found.tolist(), "uint64")
    with pytest.raises(
        OverflowError, match=f"^n must be at most 10, the primes from start={start} to 2\\*\\*64, got 11"
    ):
        array_primes.first_n(11, start, dtype="uint64", backend=backend)
    with pytest.raises(OverflowError, match="does not fit dtype int64"):
        array_primes.first_n(1, LARGEST_PRIME, backend=backend)


def test_no_negative_number_finds_what_is_kept_for_small_ones() -> None:
    assert array_primes.first_n(5).tolist() == [2, 3, 5, 7, 11]
    for n in (*range(-300, 0), *range(-14_000, -12_000)):
        with pytest.raises(ValueError, match=f"^n must be at least 0, got {n}$"):
            array_primes.first_n(n)
    with pytest.raises(TypeError, match=r"^n must be an integer"):
        array_primes.first_n(slice(None))  # type: ignore[arg-type]


def test_more_than_memory_holds_is_refused_at_once(backend: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: array_primes.first_n(10**15, backend=backend),
        lambda: array_primes.primerange(2**64, dtype="uint64", backend=backend),
    ]
    for call in calls:
        with pytest.raises(
            MemoryError, match=r"^an array of (about )?\d+ primes does not fit into memory \((n=|start=0, stop=)"
        ):
            call()


# Who owns the memory.


def owner(array: NDArray[Any]) -> object:
    """Return what owns the memory of an array."""
    base: object = array
    while isinstance(base, (np.ndarray, memoryview)):
        base = base.obj if isinstance(base, memoryview) else base.base
    return base


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_nothing_is_copied(backend: str, dtype: str) -> None:
    for start in (0, 10**6, 10**18):
        for array in (
            array_primes.first_n(7000, start, dtype=dtype, backend=backend),
            array_primes.primerange(start, start + 1000, dtype=dtype, backend=backend),
        ):
            buffer = memoryview(owner(array))  # type: ignore[arg-type]
            assert buffer.format == "Q"
            assert buffer.contiguous
            assert np.frombuffer(buffer, np.uint64).ctypes.data == array.ctypes.data
            assert len(buffer) == len(array)


@makers
@dtypes
def test_arrays_are_the_callers(backend: str, maker: str, dtype: str) -> None:
    array = MAKERS[maker](dtype=dtype, backend=backend)
    assert array.flags.writeable
    assert array.flags.c_contiguous
    assert array.flags.aligned
    array[:] = 1
    array.sort()
    assert same(MAKERS[maker](dtype=dtype, backend=backend), BELOW_HUNDRED, dtype)


@pytest.mark.parametrize("n", [10, 127, 128, 6542, 6543])
def test_small_arrays_are_the_callers_too(n: int) -> None:
    before = primes.first_n(n)
    for _ in range(3):
        array = array_primes.first_n(n)
        assert same(array, before)
        array[:] = 0


def test_small_arrays_are_kept_whoever_was_asked_first() -> None:
    """Short arrays are kept for calls that name no backend, even if the first call named the default one."""
    code = """if True:
        import primes.numpy
        primes.numpy.first_n(5, backend=primes.numpy.kernel(None).__name__.removeprefix("primes._"))
        print(primes.numpy._tiny[primes.numpy.TINY_LEN - 1] is not None, primes.numpy.first_n(5).tolist())
    """
    assert run_python(code) == "True [2, 3, 5, 7, 11]\n"


def test_an_array_outlives_what_made_it(backend: str) -> None:
    arrays = [array_primes.first_n(1000, i, backend=backend) for i in range(200)]
    assert all(array.tolist() == primes.first_n(1000, i) for i, array in enumerate(arrays) if i % 50 == 0)


# Bad arguments.

OVER_ARRAYS: dict[str, Callable[..., object]] = {
    "is_prime:n": array_primes.is_prime,
    "nth_prime:n": array_primes.nth_prime,
    "count_primes:stop": array_primes.count_primes,
}

OVER_INTEGERS: dict[str, Callable[..., object]] = {
    "first_n:n": array_primes.first_n,
    "first_n:start": lambda bad, **options: array_primes.first_n(5, bad, **options),
    "primerange:stop": array_primes.primerange,
    "primerange:start": lambda bad, **options: array_primes.primerange(bad, 10, **options),
    "primerange:0:stop": lambda bad, **options: array_primes.primerange(0, bad, **options),
}

NO_INTEGERS: list[Any] = [
    *(3.0, float("nan"), "5", b"5", 5j, Decimal(5), Fraction(5), object(), True, {}),
    *([1.0], [1, 2.5], ["5"], [b"5"], [None], [True, False], [1, "2"], [Decimal(5)], [Fraction(5)], [5j], [object()]),
    *(np.float64(3), np.float32(3), np.bool_(True), np.complex128(3), np.datetime64(3, "s"), np.str_("5")),  # noqa: FBT003
    *(
        np.zeros(3),
        np.zeros(3, bool),
        np.zeros(3, complex),
        np.array(["5"]),
        np.zeros(3, "m8[s]"),
        np.zeros(2, "i4,i4"),
    ),
    *(np.array([1.5, None], object), np.zeros((2, 0), "f4"), np.zeros(0, bool)),
]

NO_INTEGER_SCALARS: list[Any] = [
    *(np.float64(3), np.float16(3), np.complex64(3), np.datetime64(3, "s"), np.str_("5")),
    *(np.array([5]), np.array([5, 6]), np.array(5.0), np.array("5"), np.zeros(0, int)),
]
"""Objects of NumPy that are not integers, though some look like one. Its bool is one before NumPy 2, with a warning."""


@pytest.mark.parametrize("place", OVER_ARRAYS)
def test_arrays_of_other_things_are_refused(backend: str, place: str) -> None:
    name = place.rpartition(":")[2]
    for bad in NO_INTEGERS:
        with pytest.raises(TypeError, match=f"^{name} must ") as caught:
            OVER_ARRAYS[place](bad, backend=backend)
        assert caught.type is TypeError


@pytest.mark.parametrize("place", OVER_INTEGERS)
def test_scalars_that_are_no_integers_are_refused(backend: str, place: str) -> None:
    name = place.rpartition(":")[2]
    for bad in (3.0, "5", b"5", Decimal(5), [5], *NO_INTEGER_SCALARS):
        with pytest.raises(TypeError, match=f"^{name} must be an integer, got "):
            OVER_INTEGERS[place](bad, backend=backend)


@pytest.mark.parametrize("name", sorted(set(primes.__all__) & {"first_n", "primerange", "is_prime", "next_prime"}))
def test_the_functions_over_ints_refuse_them_too(backend: str, name: str) -> None:
    for bad in NO_INTEGER_SCALARS:
        with pytest.raises(TypeError, match="must be an integer, got "):
            getattr(primes, name)(bad, backend=backend)


def test_integers_of_numpy_are_integers(backend: str) -> None:
    for kind in (np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.uint64):
        assert primes.first_n(kind(3), kind(100), backend=backend) == [101, 103, 107]
        assert same(array_primes.first_n(kind(3), kind(100), backend=backend), [101, 103, 107])
        assert type(primes.next_prime(kind(100), backend=backend)) is int
        assert type(primes.count_primes(kind(100), backend=backend)) is int
    assert primes.next_prime(np.uint64(2**64 - 1), backend=backend) == 2**64 + 13
    assert primes.first_n(np.array(3), backend=backend) == [2, 3, 5]


BAD_DTYPES: list[tuple[Any, type[Exception]]] = [
    *(
        (each, ValueError)
        for each in ("int16", "float64", "bool", "object", ">i8", ">u4", float, bool, "U5", "m8", None)
    ),
    *((each, TypeError) for each in ("fortran", "int65", 64, 1.5, object(), ["int64"], b"\xff")),
]


@pytest.mark.parametrize("maker", MAKERS)
def test_other_types_are_refused(backend: str, maker: str) -> None:
    for bad, error in BAD_DTYPES:
        with pytest.raises(error, match=r"^dtype must be one of int64, uint64, int32, uint32, got ") as caught:
            MAKERS[maker](dtype=bad, backend=backend)
        assert caught.type is error


@pytest.mark.parametrize("n", [0, 5, 2 * 10**6])
def test_bad_workers_are_refused_on_every_path(backend: str, n: int) -> None:
    bad: list[tuple[Any, type[Exception]]] = [(0, ValueError), (-1, ValueError), (1.5, TypeError), ("2", TypeError)]
    bad += [(np.float64(2), TypeError)]
    for workers, error in bad:
        for call in (array_primes.first_n, array_primes.primerange):
            with pytest.raises(error, match=r"^workers must be "):
                call(n, workers=workers, backend=backend)


def test_bad_numbers_are_refused(backend: str) -> None:
    bad: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: array_primes.first_n(-1, backend=backend), ValueError, "n must be at least 0, got -1"),
        (lambda: array_primes.first_n(1, 2**64, backend=backend), OverflowError, "start must be below "),
        (lambda: array_primes.primerange(2**64 + 1, backend=backend), OverflowError, "stop must be at most "),
        (lambda: array_primes.primerange(2**65, 2**66, backend=backend), OverflowError, "stop must be at most "),
        (lambda: array_primes.nth_prime([1, 0], backend=backend), ValueError, "n must be at least 1, got 0"),
        (lambda: array_primes.nth_prime([1, -7], backend=backend), ValueError, "n must be at least 1, got -7"),
        (lambda: array_primes.nth_prime([1, 2**63], backend=backend), OverflowError, "n must be at most "),
        (lambda: array_primes.count_primes([2**64 + 1], backend=backend), OverflowError, "stop must "),
        (lambda: array_primes.is_prime([2**64], backend=backend), OverflowError, "n must hold integers below "),
        (lambda: array_primes.is_prime(np.array([10**5000], object), backend=backend), OverflowError, "n must hold "),
    ]
    for call, error, message in bad:
        with pytest.raises(error, match=f"^{message}"):
            call()


@pytest.mark.parametrize("place", [*OVER_ARRAYS, *OVER_INTEGERS])
def test_a_wrong_backend_is_refused(place: str) -> None:
    call = (OVER_ARRAYS | OVER_INTEGERS)[place]
    with pytest.raises(ValueError, match=r"^backend must be one of "):
        call(5, backend="fortran")
    with pytest.raises(TypeError, match=r"^backend must be a str, got "):
        call(5, backend=5)


def test_the_default_backend_is_heard(backend: str) -> None:
    with primes.use_backend(backend):
        assert same(array_primes.first_n(3, 100), [101, 103, 107])
        assert array_primes.is_prime([4, 5]).tolist() == [False, True]


# Without NumPy.

BLOCKED = """
import sys
sys.modules["numpy"] = None
import primes
print(primes.first_n(3), primes.count_primes(100), primes.is_prime(97))
import primes.numpy
"""

EVERYTHING_ELSE = """
import sys
import primes
backend = sys.argv[1]
primes.first_n(5, backend=backend), primes.primerange(100, backend=backend), next(primes.iter_primes(backend=backend))
primes.count_primes(10**6, method="sieve", workers=2, backend=backend), primes.prime_pi(10**6, backend=backend)
primes.nth_prime(2000, backend=backend), primes.tuplets(2, 100, backend=backend), primes.next_prime(2**70)
primes.count_tuplets(2, 100, backend=backend), primes.backends()
from primes._cli import main
main(["count", "100"])
print("numpy" in sys.modules)
"""


def test_without_it_the_import_says_what_to_install() -> None:
    result = run(*PYTHON, "-c", BLOCKED)
    assert result.stdout == "[2, 3, 5] 25 True\n"
    assert result.stderr.splitlines()[-1] == "ImportError: primes.numpy needs NumPy: pip install numpy"


def test_nothing_else_imports_it(backend: str) -> None:
    assert run_python(EVERYTHING_ELSE, backend) == "25\nFalse\n"


def test_nothing_is_compiled_against_it() -> None:
    for info in primes.backends():
        if info.available and info.name != "python":
            assert info.path is not None
            with open(info.path, "rb") as module:  # noqa: PTH123  (a str)
                assert b"numpy.core.multiarray" not in module.read()
