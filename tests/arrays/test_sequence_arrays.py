"""``numpy.asarray`` of a ``Primes``, under NumPy 1 and 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import oracle
import primes
from primes import Primes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@pytest.mark.parametrize(
    ("of", "expected", "dtype"),
    [
        (Primes(1000), oracle.primerange(0, 1000), "int64"),
        (Primes(1000)[::-3], oracle.primerange(0, 1000)[::-3], "int64"),
        (Primes(0, 2), [], "int64"),
        (Primes(2**63 - 100, 2**63), oracle.primerange(2**63 - 100, 2**63), "int64"),
        (Primes(2**63 - 100, 2**63 + 100), oracle.primerange(2**63 - 100, 2**63 + 100), "uint64"),
        (Primes(2**64 - 100, 2**64), oracle.primerange(2**64 - 100, 2**64), "uint64"),
    ],
)
def test_an_array_of_the_type_that_holds_them(backend: str, of: Primes, expected: list[int], dtype: str) -> None:
    with primes.use_backend(backend):
        for array in (np.asarray(of), np.array(of)):
            assert array.tolist() == expected
            assert array.dtype == dtype


@pytest.mark.parametrize("dtype", ["int8", "uint16", ">i4", "int64", "uint64", "float32", "complex128", "object"])
def test_any_type_that_holds_them_can_be_asked_for(dtype: str) -> None:
    array = np.asarray(Primes(20), dtype=dtype)
    assert array.tolist() == [2, 3, 5, 7, 11, 13, 17, 19]
    assert array.dtype == dtype


def test_each_array_is_its_own() -> None:
    below_20 = Primes(20)
    np.asarray(below_20)[:] = 0
    assert np.asarray(below_20).tolist() == [2, 3, 5, 7, 11, 13, 17, 19]
    assert np.array(below_20, copy=True).tolist() == [2, 3, 5, 7, 11, 13, 17, 19]


def test_functions_of_numpy_take_it() -> None:
    assert np.sum(Primes(2_000_000)) == 142_913_828_922  # Project Euler 10
    assert np.diff(Primes(20)).tolist() == [1, 2, 2, 4, 2, 4, 2]


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: np.asarray(Primes(200), dtype=np.int8), OverflowError, "199 does not fit dtype int8"),
        (lambda: np.asarray(Primes(2**64 - 100, 2**64), dtype=np.int64), OverflowError, "does not fit dtype int64"),
        (lambda: np.asarray(Primes()), OverflowError, "has no end"),
        (lambda: np.asarray(Primes(10**17)), MemoryError, "does not fit into memory"),
        (lambda: Primes(5).__array__(copy=False), ValueError, "copy=False forbids"),
    ],
    ids=["narrow", "signed", "unending", "huge", "no copy"],
)
def test_what_no_array_can_be(ask: Callable[[], NDArray[np.generic]], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask()
