"""``iter_primes`` gives the primes of a list one by one: without delay, in little memory, and without end."""

from __future__ import annotations

import gc
import pickle
import threading
import tracemalloc
from itertools import chain, islice, takewhile

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from oracle import LARGEST_PRIME
from primes._python import iterators
from processes import run_python
from strategies import starts


@given(start=starts, width=st.integers(0, 1000))
def test_it_finds_what_the_oracle_finds(backend: str, start: int, width: int) -> None:
    stop = min(start + width, 2**64)
    assert list(primes.iter_primes(start, stop, backend=backend)) == oracle.primerange(start, stop)


@given(start=starts, n=st.integers(0, 50))
def test_without_a_stop_it_goes_on(backend: str, start: int, n: int) -> None:
    start = min(start, 2**64 - 10**5)
    found = primes.iter_primes(start, backend=backend)
    assert list(islice(found, n)) == oracle.first_n(n, start)


@pytest.mark.parametrize("start", [0, 2**16 - 100, 2**32 - 10**5, 10**12])
def test_no_prime_is_lost_between_blocks(backend: str, start: int) -> None:
    n = 30_000 if backend == "python" else 600_000
    assert list(islice(primes.iter_primes(start, backend=backend), n)) == primes.first_n(n, start, backend=backend)


@pytest.mark.parametrize("stop", [0, 1, 2, 3, 127, 128, 129, 383, 384, 385, 70_000, 10**6])
def test_it_ends_where_it_is_told(backend: str, stop: int) -> None:
    assert list(primes.iter_primes(0, stop, backend=backend)) == primes.primerange(stop, backend=backend)


@pytest.mark.parametrize(("start", "stop"), [(10, 10), (10, 9), (2**64, 2**64), (2**64, 0), (2**64 - 58, 2**64)])
def test_an_interval_without_primes_ends_at_once(backend: str, start: int, stop: int) -> None:
    assert list(primes.iter_primes(start, stop, backend=backend)) == []


def test_it_begins_with_two_after_a_negative_start(backend: str) -> None:
    assert list(islice(primes.iter_primes(-(10**5000), backend=backend), 3)) == [2, 3, 5]
    assert list(primes.iter_primes(-10, 6, backend=backend)) == [2, 3, 5]


# At 2**64.


def test_with_a_stop_it_ends_at_the_limit(backend: str) -> None:
    """The ten largest: PrimePages, https://t5k.org/lists/2small/."""
    found = list(primes.iter_primes(2**64 - 363, 2**64, backend=backend))
    assert len(found) == 10
    assert found[-1] == LARGEST_PRIME


@pytest.mark.parametrize("start", [2**64 - 363, LARGEST_PRIME, LARGEST_PRIME + 1, 2**64 - 1])
def test_without_a_stop_it_goes_on_past_the_limit(backend: str, start: int) -> None:
    assert list(islice(primes.iter_primes(start, backend=backend), 15)) == oracle.first_n(15, start)


# It is lazy.


def test_it_is_an_iterator_of_its_own(backend: str) -> None:
    one = primes.iter_primes(backend=backend)
    other = primes.iter_primes(backend=backend)
    assert iter(one) is one
    assert [next(one) for _ in range(5)] == [2, 3, 5, 7, 11]
    assert [next(other) for _ in range(3)] == [2, 3, 5]
    assert next(one) == 13


def test_arguments_are_checked_by_the_call_and_not_later() -> None:
    with pytest.raises(TypeError, match="start"):
        primes.iter_primes("5")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="backend"):
        primes.iter_primes(backend="fortran")


def test_the_backend_is_that_of_the_call(backend: str) -> None:
    with primes.use_backend(backend):
        iterator = primes.iter_primes(10**6)
    with primes.use_backend("python"):
        assert next(iterator) == 1000003


def test_the_first_one_comes_without_sieving_for_it(backend: str) -> None:
    """At 10**18 the sieving primes alone would take more memory than this, as Python objects."""
    next(primes.iter_primes(backend=backend))
    tracemalloc.start()
    found = list(islice(primes.iter_primes(10**18, backend=backend), 3))
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [10**18 + 3, 10**18 + 9, 10**18 + 31]
    assert peak < 2**20


def test_what_is_left_of_it_is_dropped(backend: str) -> None:
    gc.collect()
    for start in (0, 10**9, 10**18):
        iterator = primes.iter_primes(start, backend=backend)
        next(iterator)
        del iterator
    iterator = primes.iter_primes(backend=backend)
    assert sum(takewhile(lambda p: p < 2 * 10**6, iterator)) == 142_913_828_922  # Project Euler, problem 10.


# Python 3.12 and 3.13 say so of `chain`, which holds the iterator.
@pytest.mark.filterwarnings("ignore:Pickle, copy, and deepcopy support will be removed from itertools")
def test_it_stays_in_its_process(backend: str) -> None:
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(primes.iter_primes(backend=backend))


def test_threads_may_share_one_though_not_at_the_same_time(backend: str) -> None:
    iterator = primes.iter_primes(backend=backend)
    lock = threading.Lock()
    found: list[int] = []

    def take() -> None:
        for _ in range(1000):
            with lock:
                found.append(next(iterator))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == primes.first_n(4000)


def test_threads_that_ask_at_the_same_time_get_each_prime_once_or_an_error(backend: str) -> None:
    expected = primes.primerange(2 * 10**6)
    iterator = primes.iter_primes(0, 2 * 10**6, backend=backend)
    found: list[list[int]] = [[] for _ in range(4)]

    def take(mine: list[int]) -> None:
        while True:
            try:
                mine.append(next(iterator))
            except StopIteration:
                return
            except ValueError:
                continue  # Another thread is waiting for the next prime.

    threads = [threading.Thread(target=take, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(chain.from_iterable(found)) == expected
    assert all(mine == sorted(mine) for mine in found)


def test_where_there_is_no_gil_pure_python_takes_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iterators, "_has_gil", False)
    iterator = iterators.iterate(0, 10**5)
    taken: list[int] = []

    def take() -> None:
        for prime in iterator:
            taken.append(prime)  # noqa: PERF402  (one by one, for the threads to take turns)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == primes.primerange(10**5 + 1)


LOADED = """
import sys
import primes
primes.first_n(1, backend=sys.argv[1])
before = set(sys.modules)
print(next(primes.iter_primes(10**18, backend=sys.argv[1])))
print(*sorted(set(sys.modules) - before))
"""


def test_it_loads_nothing_slow(backend: str) -> None:
    prime, *loaded = run_python(LOADED, backend).split()
    assert int(prime) == 10**18 + 3
    assert set(loaded) <= {"_operator", "itertools", "primes._python.iterators"}
