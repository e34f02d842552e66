"""``primes.numpy`` over whole arrays: primality, counts and n-th primes of all elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import oracle
import primes
import primes.numpy as array_primes
from oracle import LARGEST_PRIME
from strategies import EDGES, starts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Primality of whole arrays.

SMALL = np.arange(-50, 350)
SMALL_PRIME = np.array([oracle.is_prime(n) for n in range(-50, 350)])


def test_one_integer_is_an_array_of_no_dimensions(backend: str) -> None:
    answers = [
        array_primes.is_prime(7, backend=backend),
        array_primes.nth_prime(4, backend=backend),
        array_primes.count_primes(18, backend=backend),
    ]
    assert [type(answer) for answer in answers] == [np.ndarray] * 3
    assert [(answer.shape, answer.item()) for answer in answers] == [((), True), ((), 7), ((), 7)]


def test_a_ragged_array_is_told() -> None:
    for function, name in ((array_primes.is_prime, "n"), (array_primes.count_primes, "stop")):
        with pytest.raises(ValueError, match=f"^{name} must be an array of integers: "):
            function([[1, 2], [3]])


@pytest.mark.parametrize(
    "dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", ">i4", ">u8"]
)
def test_any_integer_type_is_told(backend: str, dtype: str) -> None:
    lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
    fits = (lowest <= SMALL) & (highest >= SMALL)
    found = array_primes.is_prime(SMALL[fits].astype(dtype), backend=backend)
    assert found.dtype == np.bool_
    assert (found == SMALL_PRIME[fits]).all()


ARRANGEMENTS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "two dimensions": lambda a: a.reshape(20, 20),
    "four": lambda a: a.reshape(2, 5, 4, 10),
    "columns of one": lambda a: a.reshape(400, 1, 1),
    "transposed": lambda a: a.reshape(20, 20).T,
    "of Fortran": lambda a: np.asfortranarray(a.reshape(20, 20)),
    "backwards": lambda a: a[::-1],
    "every seventh": lambda a: a[::7],
    "a part": lambda a: a.reshape(20, 20)[3:7, ::-2],
    "repeated": lambda a: np.broadcast_to(a, (3, 400)),
    "one": lambda a: a[:1],
    "none": lambda a: a[:0],
    "none of three": lambda a: a[:0].reshape(0, 3),
    "a scalar": lambda a: a[53],
    "no dimension": lambda a: np.array(a[52]),
}


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_any_shape_is_kept(backend: str, arrangement: str) -> None:
    arrange = ARRANGEMENTS[arrangement]
    numbers, expected = arrange(SMALL), arrange(SMALL_PRIME)
    before = np.array(numbers)
    found = array_primes.is_prime(numbers, backend=backend)
    assert isinstance(found, np.ndarray)
    assert found.shape == np.shape(expected)
    assert (found == expected).all()
    assert (np.asarray(numbers) == before).all()


def test_the_answer_is_the_callers(backend: str) -> None:
    found = array_primes.is_prime(SMALL, backend=backend)
    assert found.flags.writeable
    found[:] = True
    assert (array_primes.is_prime(SMALL, backend=backend) == SMALL_PRIME).all()


def test_what_is_no_array_is_made_one(backend: str) -> None:
    likes: list[Any] = [[2, 3, 4], (2, 3, 4), range(2, 5), [np.int8(2), 3, np.uint64(4)]]
    for numbers in likes:
        assert array_primes.is_prime(numbers, backend=backend).tolist() == [True, True, False]
    assert array_primes.is_prime([[2], [4]], backend=backend).tolist() == [[True], [False]]
    assert array_primes.is_prime(7, backend=backend).tolist() is True
    assert array_primes.is_prime([], backend=backend).shape == (0,)
    assert array_primes.is_prime([[], []], backend=backend).shape == (2, 0)


def test_large_integers_of_both_signs(backend: str) -> None:
    """NumPy makes arrays of floats or of objects from lists of these."""
    numbers = [2**63 - 25, LARGEST_PRIME, 2**64 - 1, -1, -(2**63), 7, -(10**30)]
    expected = [True, True, False, False, False, True, False]
    for some in (numbers, numbers[:2], numbers[:4], numbers[1:], np.array(numbers, object)):
        found = array_primes.is_prime(some, backend=backend)
        assert found.tolist() == [expected[numbers.index(n)] for n in some]
    with pytest.raises(OverflowError, match=f"^n must hold integers below 2\\*\\*64, got {2**64}"):
        array_primes.is_prime([1, 2**64], backend=backend)


def test_around_every_edge(backend: str) -> None:
    numbers = np.array([n for edge in EDGES for n in range(max(edge - 30, 0), min(edge + 30, 2**64))], np.uint64)
    expected = [oracle.is_prime(n) for n in numbers.tolist()]
    assert array_primes.is_prime(numbers, backend=backend).tolist() == expected


@given(numbers=st.lists(st.integers(0, 2**64 - 1) | starts, max_size=20))
def test_it_says_what_the_oracle_says(backend: str, numbers: list[int]) -> None:
    found = array_primes.is_prime(np.array(numbers, np.uint64), backend=backend)
    assert found.tolist() == list(map(oracle.is_prime, numbers))


def test_a_long_array(backend: str) -> None:
    n = 10**5 if backend == "python" else 10**6
    found = np.flatnonzero(array_primes.is_prime(np.arange(n), backend=backend))
    assert (found == array_primes.primerange(n)).all()


# Counts and n-th primes of whole arrays.


def test_counts_keep_the_shape(backend: str) -> None:
    stops = np.array([[0, 1, 2, 3], [100, -5, 10**6, 100]])
    found = array_primes.count_primes(stops, backend=backend)
    assert found.dtype == np.int64
    assert found.tolist() == [[0, 0, 0, 1], [25, 0, 78498, 25]]
    assert array_primes.count_primes(stops.T[::-1], backend=backend).tolist() == found.T[::-1].tolist()
    assert array_primes.count_primes(100, backend=backend).shape == ()
    assert array_primes.count_primes([], backend=backend).shape == (0,)


def test_nth_primes_keep_the_shape(backend: str) -> None:
    numbers = np.array([[1, 100, 5000], [5000, 2, 1]], np.int16)
    found = array_primes.nth_prime(numbers, backend=backend)
    assert found.tolist() == [[2, 541, 48611], [48611, 3, 2]]
    assert array_primes.nth_prime(numbers[:, ::-1], backend=backend).tolist() == found[:, ::-1].tolist()
    assert array_primes.nth_prime(25, backend=backend).tolist() == 97
    assert array_primes.nth_prime(25, backend=backend).shape == ()
    assert array_primes.nth_prime([], backend=backend).shape == (0,)


@given(stops=st.lists(st.integers(-5, 10**6), max_size=8))
def test_counts_are_those_of_each(backend: str, stops: list[int]) -> None:
    found = array_primes.count_primes(np.array(stops, np.int64), backend=backend)
    assert found.tolist() == [primes.count_primes(stop, backend=backend) for stop in stops]


@given(numbers=st.lists(st.integers(1, 20_000), max_size=8))
def test_nth_primes_are_those_of_each(backend: str, numbers: list[int]) -> None:
    found = array_primes.nth_prime(np.array(numbers, np.int64), backend=backend)
    assert found.tolist() == [primes.nth_prime(n, backend=backend) for n in numbers]
