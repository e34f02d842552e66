"""The functions of ``primes.numpy``, given many integers at once, answer as the functions over ints do for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import oracle
import primes
import primes.numpy as array_primes
from oracle import LARGEST_PRIME
from primes._workers import ascending

if TYPE_CHECKING:
    from collections.abc import Callable

    from primes._kernel import Kernel

ARRAYS: dict[str, Callable[..., Any]] = {
    "count_primes": array_primes.count_primes,
    "prime_pi": array_primes.prime_pi,
    "nth_prime": array_primes.nth_prime,
    "next_prime": array_primes.next_prime,
    "prev_prime": array_primes.prev_prime,
}

LEAST = {"count_primes": 0, "prime_pi": 0, "nth_prime": 1, "next_prime": 0, "prev_prime": 3}

FAR = {"count_primes": 10**7, "prime_pi": 10**7, "nth_prime": 10**5, "next_prime": 2**63, "prev_prime": 2**63}
"""The largest integers of the tests. Beyond, single calls take long."""

each_function = pytest.mark.parametrize("name", ARRAYS)


def one_by_one(name: str, numbers: list[int], backend: str) -> list[int]:
    """Return the answers of the function over ints."""
    function = getattr(primes, name)
    return [function(n, backend=backend) for n in numbers]


@st.composite
def crowds(draw: st.DrawFn, farthest: int) -> list[int]:
    """Draw groups of integers: close together in some groups, far apart in others, and sometimes equal."""
    numbers: list[int] = []
    for _ in range(draw(st.integers(0, 3))):
        middle = draw(st.integers(0, farthest) | st.integers(0, 1000))
        width = draw(st.sampled_from([0, 3, 50, 3000, 10**5]))
        numbers += [middle + offset for offset in draw(st.lists(st.integers(0, width), max_size=12))]
    return draw(st.permutations(numbers))


@each_function
@given(data=st.data())
def test_each_gets_its_own_answer(backend: str, name: str, data: st.DataObject) -> None:
    numbers = [max(n, LEAST[name]) for n in data.draw(crowds(FAR[name]))]
    found = ARRAYS[name](np.array(numbers, np.uint64), backend=backend)
    assert found.dtype == (np.uint64 if name in {"next_prime", "prev_prime"} else np.int64)
    assert found.tolist() == one_by_one(name, numbers, backend)


@each_function
@pytest.mark.parametrize("start", [0, 65_400, 999_000])
def test_a_dense_array(backend: str, name: str, start: int) -> None:
    numbers = np.arange(start + 3, start + 203)
    rng = np.random.default_rng(11)
    expected = one_by_one(name, numbers.tolist(), backend)
    assert ARRAYS[name](numbers, backend=backend).tolist() == expected
    order = rng.permutation(np.repeat(np.arange(len(numbers)), 2))
    assert ARRAYS[name](numbers[order], backend=backend).tolist() == [expected[i] for i in order.tolist()]
    assert ARRAYS[name](numbers.reshape(20, 10).T, backend=backend).T.ravel().tolist() == expected


def test_published_values_at_all_places_of_a_long_array(backend: str) -> None:
    """Known values at 10^k: OEIS A006880 and A006988."""
    last = 10**5 if backend == "python" else 10**6
    counts = array_primes.prime_pi(np.arange(last + 1), backend=backend)
    assert counts[[10, 100, 1000, 10**4, 10**5]].tolist() == [4, 25, 168, 1229, 9592]
    assert (np.flatnonzero(np.diff(counts)) + 1 == array_primes.primerange(last + 1, backend=backend)).all()
    listed = array_primes.nth_prime(np.arange(1, 10**4 + 1), backend=backend)
    assert listed[[0, 9, 99, 999, 9999]].tolist() == [2, 29, 541, 7919, 104_729]
    assert listed.tolist() == primes.first_n(10**4, backend=backend)


@each_function
def test_no_integers_and_one(backend: str, name: str) -> None:
    assert ARRAYS[name]([], backend=backend).tolist() == []
    assert ARRAYS[name](np.zeros((2, 0), np.int8), backend=backend).shape == (2, 0)
    assert ARRAYS[name](5, backend=backend).shape == ()
    assert ARRAYS[name](5, backend=backend).item() == one_by_one(name, [5], backend)[0]


# Extremes.


def test_neighbours_up_to_the_limit(backend: str) -> None:
    near = list(range(LARGEST_PRIME - 400, LARGEST_PRIME))
    expected = [p for n in near for p in oracle.first_n(1, n + 1)]
    assert array_primes.next_prime(np.array(near, np.uint64), backend=backend).tolist() == expected
    assert array_primes.next_prime(near, backend=backend).dtype == np.uint64
    largest = array_primes.prev_prime([2**64 - 1, LARGEST_PRIME + 1, 3], backend=backend)
    assert largest.tolist() == [LARGEST_PRIME, LARGEST_PRIME, 2]
    for n in (LARGEST_PRIME, LARGEST_PRIME + 1, 2**64 - 1):
        with pytest.raises(OverflowError, match=f"^n must be below {LARGEST_PRIME}, the largest prime .* got {n}$"):
            array_primes.next_prime(np.array([5, n], np.uint64), backend=backend)
    with pytest.raises(OverflowError, match=r"^9223372036854775837 does not fit dtype int64$"):
        array_primes.next_prime(np.array([2**63 - 1]), backend=backend)
    assert array_primes.next_prime([2**63 - 1], dtype="uint64", backend=backend).tolist() == [2**63 + 29]


@pytest.mark.parametrize("n", [2, 1, 0, -1, -(2**63), -(10**30)])
def test_below_the_smallest_prime_there_is_none(backend: str, n: int) -> None:
    with pytest.raises(ValueError, match=r"^n must be greater than 2") as told:
        primes.prev_prime(n, backend=backend)
    for others in ([], [7, 2**63]):
        with pytest.raises(ValueError, match=r"^n must be greater than 2") as caught:
            array_primes.prev_prime(np.array([*others, n], object), backend=backend)
        assert str(caught.value) == str(told.value)
    assert array_primes.next_prime([n], backend=backend).tolist() == [3 if n == 2 else 2]


def test_counts_where_integers_end(kernel: Kernel) -> None:
    """The count below the first integer is taken as 0: there, pi(x) takes minutes."""
    numbers = np.array([2**64 - 500, 2**64 - 363, LARGEST_PRIME, 2**64 - 1], np.uint64)
    counts = np.zeros(4, np.int64)
    ascending.count_on(kernel, numbers, counts)
    assert counts.tolist() == [
        sum(2**64 - 500 < p <= n for p in oracle.primerange(2**64 - 500, 2**64)) for n in numbers.tolist()
    ]


def test_the_last_integer_again_and_again(kernel: Kernel) -> None:
    """Kernels cannot be asked about the integer after it."""
    for times in (2, 3, 100):
        counts = np.zeros(times, np.int64)
        counts[0] = 425_656_284_035_217_743
        ascending.count_on(kernel, np.full(times, 2**64 - 1, np.uint64), counts)
        assert (counts == counts[0]).all()


@pytest.mark.parametrize("n", [2**53 + 1, 2**54 + 2, 2**63 + 1026, 2**64 - 1])
@pytest.mark.parametrize("dimensions", [0, 1, 2])
def test_integers_stay_what_they_are(n: int, dimensions: int) -> None:
    """NumPy 1 turns the sum of a uint64 without dimensions and an int into a float."""
    assert array_primes.unsigned(np.array(n, np.uint64, ndmin=dimensions), 1).tolist() == [n]


def test_types_of_neighbours(backend: str) -> None:
    for given_type, expected in (("int8", "int64"), ("uint32", "int64"), (">u8", "uint64"), ("int64", "int64")):
        for function in (array_primes.next_prime, array_primes.prev_prime):
            found = function(np.array([7, 9], given_type), backend=backend)
            assert found.dtype == np.dtype(expected)
            assert function(np.array([7, 9], given_type), dtype="uint32", backend=backend).dtype == np.uint32
    gaps = array_primes.next_prime(np.arange(5), backend=backend) - np.arange(5)
    assert gaps.tolist() == [2, 1, 1, 2, 1]


# The number of calls, and the memory.


class Watched:
    """A kernel that counts its calls."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the kernel has)
        found = getattr(self.kernel, name)
        if not callable(found) or name == "pi_cost":
            return found

        def call(*arguments: object) -> object:
            self.calls.append(name)
            return found(*arguments)

        return call


def test_close_integers_are_sieved_once_and_far_ones_asked_for_alone(kernel: Kernel) -> None:
    many = np.arange(10**5, 10**5 + 5000, dtype=np.uint64)
    few = np.array([10**3, 10**8, 10**10], np.uint64)
    calls: dict[str, tuple[Callable[..., Any], str]] = {
        "pi": (ascending.counts_up_to, "prime_pi"),
        "next": (ascending.next_primes, "next_prime"),
        "prev": (ascending.prev_primes, "prev_prime"),
    }
    for function, alone in calls.values():
        watched = Watched(kernel)
        function(watched, many)
        assert sorted(watched.calls) == sorted(["array", alone])
        watched = Watched(kernel)
        function(watched, few)
        assert watched.calls == [alone] * 3
    watched = Watched(kernel)
    ascending.nth_primes(watched, many)
    assert len(watched.calls) < 6


def test_memory_is_bounded_however_far_apart_they_are(kernel: Kernel) -> None:
    """The integers go from 0 to 5 * 10^7 in many steps. No array may hold all primes of that interval."""
    longest = 0

    class Measured(Watched):
        def array(self, *arguments: Any) -> Any:  # noqa: ANN401  (as the kernel has it)
            nonlocal longest
            buffer = self.kernel.array(*arguments)
            longest = max(longest, memoryview(buffer).nbytes)
            return buffer

    last = 5 * 10**7
    numbers = np.arange(0, last, 5000, dtype=np.uint64)
    counts = np.zeros(len(numbers), np.int64)
    ascending.count_on(Measured(kernel), numbers, counts)
    assert counts[-1] == primes.prime_pi(int(numbers[-1]))
    assert 0 < longest < 16 * 2**20
