"""``Primes``: what the list of its primes does, it does, without the list."""

from __future__ import annotations

import pickle
import threading
import tracemalloc
from bisect import bisect, bisect_left
from collections.abc import Sequence
from itertools import chain, islice
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

import oracle
import primes
from primes import Primes
from processes import run_python
from strategies import starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from primes._kernel import Kernel

LIMIT = 2**64

made: Any = Primes
"""For calls that no type checker would let pass."""

begins = starts | st.integers(LIMIT - 400, LIMIT + 10) | st.integers(LIMIT, 10**23)
intervals = st.tuples(begins, st.integers(-5, 400)).map(lambda drawn: (drawn[0], sum(drawn)))
indices = st.integers(-30, 30) | st.integers(-(10**30), 10**30)
ends = st.none() | indices
steps = st.none() | st.integers(-5, 5).filter(bool) | st.sampled_from([10**30, -(10**30)])
slices = st.builds(slice, ends, ends, steps)


@pytest.fixture
def chosen(backend: str) -> Iterator[None]:
    """Use the backend under test."""
    with primes.use_backend(backend):
        yield


def answer(ask: Callable[[], Any]) -> object:
    """Return what comes of it: a value, or the type of an error that a list or a range raises there."""
    try:
        return ask()
    except (IndexError, ValueError) as error:
        return type(error)


def demand_alike(sequence: Primes, expected: list[int], other: list[int], i: int, value: int) -> None:
    """Hold a sequence against a list; nothing is asked that changes what is asked next, but for the length at the end.

    An index is looked for in another way once the length is known, so all this is asked twice.
    """
    for _ in range(2):
        assert [*iter(sequence)] == expected
        assert [*islice(reversed(sequence), len(expected) + 1)] == expected[::-1]
        assert bool(sequence) == bool(expected)
        assert answer(lambda: sequence[i]) == answer(lambda: expected[i])
        for each in (value, *expected[:3], *expected[-3:]):
            assert (each in sequence) == (each in expected)
            assert sequence.count(each) == expected.count(each)
            assert answer(lambda: sequence.index(each)) == answer(lambda: expected.index(each))  # noqa: B023
            assert answer(lambda: sequence.index(each, i)) == answer(lambda: expected.index(each, i))  # noqa: B023
            for end in (len(other), -len(other), 3):
                found = answer(lambda: sequence.index(each, i, end))  # noqa: B023
                assert found == answer(lambda: expected.index(each, i, end))  # noqa: B023
        assert len(sequence) == len(expected)
    assert [sequence[at] for at in range(-len(expected), len(expected))] == expected * 2
    assert eval(repr(sequence), {"Primes": Primes}) == sequence  # noqa: S307
    assert pickle.loads(pickle.dumps(sequence)) == sequence  # noqa: S301
    if sequence.step > 0:
        assert bisect(sequence, value) == bisect(expected, value)
        assert bisect_left(sequence, value) == bisect_left(expected, value)


@pytest.mark.usefixtures("chosen")
def test_it_is_like_a_list() -> None:
    @given(intervals, slices, slices, indices, st.integers(-400, 400))
    def check(interval: tuple[int, int], first: slice, second: slice, i: int, offset: int) -> None:
        expected = oracle.primerange(*interval)
        value = interval[0] + offset
        whole = Primes(*interval)
        # In front, before the length is known: then nothing can be hidden behind it.
        sliced = whole[first]
        sliced_twice = sliced[second]
        demand_alike(whole, expected, expected[first], i, value)
        demand_alike(sliced, expected[first], expected, i, value)
        demand_alike(sliced_twice, expected[first][second], expected, i, value)
        for one, its in ((whole, expected), (sliced, expected[first]), (sliced_twice, expected[first][second])):
            for two, others in ((whole, expected), (sliced, expected[first]), (sliced_twice, expected[first][second])):
                assert (one == two) == (its == others)
                if its == others:
                    assert hash(one) == hash(two)
        assert whole[first] == sliced
        assert whole[first][second] == sliced_twice

    check()


UNENDING = Primes()

OUT_OF_REACH = {
    "len": lambda: len(UNENDING),
    "list": lambda: list(UNENDING),
    "[-1]": lambda: UNENDING[-1],
    "[-5:]": lambda: UNENDING[-5:],
    "[:-5]": lambda: UNENDING[:-5],
    "[::-1]": lambda: UNENDING[::-1],
    "reversed": lambda: reversed(UNENDING),
    "index": lambda: UNENDING.index(5, -3),
    "far": lambda: len(Primes(2**65, 2**66)),
    "across": lambda: len(Primes(2**66)),
    "far step": lambda: Primes(2**65, 2**66)[::2][-1],
    "far index": lambda: Primes(2**64, 2**70).index(primes.next_prime(2**69)),
}


@pytest.mark.parametrize("ask", OUT_OF_REACH.values(), ids=OUT_OF_REACH)
def test_what_needs_a_count_that_is_out_of_reach_says_so(ask: Callable[[], object]) -> None:
    with pytest.raises(OverflowError, match=r"Primes\(.*\).* (no end|cannot be counted)"):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: UNENDING[10**18],
        lambda: UNENDING[10**5000],
        lambda: UNENDING[5 : 10**30],
        lambda: hash(UNENDING[:: 10**30]),
        lambda: Primes(2**64, None)[2**41],
        lambda: Primes(2**64, 2**80)[2**41],
        lambda: Primes(2**80)[-(10**18)],
    ],
    ids=map(str, range(7)),
)
def test_an_index_that_is_out_of_reach_says_so(ask: Callable[[], object]) -> None:
    with pytest.raises(OverflowError, match=r"^(\d+|an integer of \d+ bits) primes cannot be counted"):
        ask()


def test_without_an_end_the_rest_works() -> None:
    assert UNENDING[0] == 2
    assert UNENDING[10**6 - 1] == 15_485_863
    assert [*islice(UNENDING, 5)] == [2, 3, 5, 7, 11]
    assert [*islice(UNENDING[10:], 3)] == [31, 37, 41]
    assert UNENDING[5:8] == Primes(13, 23)
    assert [*UNENDING[100:90:-5]] == [547, 503]
    assert [*islice(UNENDING[::100_000], 3)] == [2, 1_299_721, 2_750_161]
    assert UNENDING.index(15_485_863) == 10**6 - 1
    assert UNENDING.count(2**61 - 1) == 1
    assert 2**127 - 1 in UNENDING
    assert 2**127 not in UNENDING
    assert bool(UNENDING)
    assert Primes(start=3) != UNENDING != Primes(2**64)
    assert Primes(start=2) == Primes(None) == Primes(stop=None) == Primes(-7, None) == UNENDING
    assert hash(Primes(start=2)) == hash(UNENDING)
    assert UNENDING[::2] == UNENDING[::2][:]
    assert Primes(1, None)[::2] == UNENDING[::2] != UNENDING[: 10**6 : 2]
    assert (repr(UNENDING), repr(Primes(7, None)[::2])) == ("Primes()", "Primes(7, None)[::2]")


@pytest.mark.usefixtures("chosen")
def test_above_64_bits_and_across() -> None:
    """What the property above does not see: where counting is out of reach, and how far nobody may look."""
    far = Primes(LIMIT, LIMIT + 10**30)
    ahead = oracle.primerange(LIMIT, LIMIT + 500)
    behind = oracle.primerange(LIMIT - 500, LIMIT)
    assert [far[i] for i in range(5)] == [*islice(far, 5)] == ahead[:5]
    assert [*far[2:5]] == ahead[2:5]
    assert far.index(ahead[7]) == 7
    assert far[-1] == next(reversed(far)) == primes.prev_prime(LIMIT + 10**30)
    assert far[-2] == primes.prev_prime(far[-1])
    assert far == Primes(LIMIT - 58, LIMIT + 10**30)
    assert hash(far) == hash(Primes(LIMIT - 58, LIMIT + 10**30))
    assert far[-1] in far
    across = Primes(LIMIT + 500)
    assert [*islice(reversed(across), len(ahead) + len(behind))] == [*reversed(behind + ahead)]
    assert across[-len(ahead) - 3] == behind[-3]
    assert [*across[: -len(ahead) - 4 : -1]] == [*reversed(behind[-3:] + ahead)]
    assert not Primes(LIMIT + 14, LIMIT + 37)
    huge = 2**500
    assert Primes(huge, huge + 2000)[0] == primes.next_prime(huge)
    assert Primes(huge, huge + 2000)[-1] == primes.prev_prime(huge + 2000)
    assert Primes(huge, huge + 2000)[10**6 :] == Primes(0)
    assert [*Primes(huge, huge + 2000)] == primes.primerange(huge, huge + 2000)
    assert [*reversed(Primes(huge, huge + 2000))] == primes.primerange(huge, huge + 2000)[::-1]


@pytest.mark.parametrize("value", [7.0, "7", None, 7 + 0j, [7], b"7", float("nan"), object()], ids=repr)
def test_what_is_no_integer_is_not_in_it(value: object) -> None:
    assert value not in Primes(10)
    assert Primes(10).count(value) == 0
    with pytest.raises(ValueError, match="is not in"):
        Primes(10).index(value)


class Seven:
    def __index__(self) -> int:
        return 7


def test_what_stands_for_an_integer_will_do() -> None:
    assert Seven() in made(10)
    assert Primes(10).index(Seven()) == 3
    assert Primes(20)[Seven()] == 19
    assert Primes(Seven()) == Primes(7)
    assert [*Primes(100)[Seven() : 9]] == [19, 23]


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: made(1.5), TypeError, "stop must be an integer, got 1.5"),
        (lambda: made("3", 5), TypeError, "start must be an integer"),
        (lambda: made(None, 5), TypeError, "start must be an integer, got None"),
        (lambda: made(1, 2, 3), TypeError, "argument"),
        (lambda: made(1, start=2), TypeError, "start must be given once"),
        (lambda: made(10)["a"], TypeError, "an index of a Primes must be an integer, got 'a'"),
        (lambda: made(10)[1.0], TypeError, "must be an integer"),
        (lambda: made(10)[:"a"], TypeError, "a bound of a slice must be an integer, got 'a'"),
        (lambda: made(10)[::0], ValueError, "step of a slice cannot be 0"),
        (lambda: made(10)[4], IndexError, r"Primes\(0, 10\) has no item 4"),
        (lambda: made(10)[-5], IndexError, r"Primes\(0, 10\) has no item -5"),
        (lambda: made(10)[10**5000], IndexError, "has no item an integer of"),
        (lambda: made(10**5000, 10**5000)[0], IndexError, r"Primes\(an integer of 16610 bits, .*\) has no item 0"),
        (lambda: made(10**5000, None)[-1], OverflowError, r"Primes\(an integer of 16610 bits, None\) has no end"),
        (lambda: made(10**5000).index(4.5), ValueError, r"4.5 is not in Primes\(0, an integer of 16610 bits\)"),
        (lambda: made(10).index(4), ValueError, r"4 is not in Primes\(0, 10\)"),
        (lambda: setattr(made(10), "start", 5), AttributeError, "cannot be changed: start"),
        (lambda: setattr(made(10), "_start", 5), AttributeError, "cannot be changed: _start"),
        (lambda: setattr(made(10), "other", 5), AttributeError, "cannot be changed: other"),
        (lambda: delattr(made(10), "_stop"), AttributeError, "cannot be changed: _stop"),
        (lambda: made(10) < made(20), TypeError, "not supported"),
    ],
)
def test_bad_input(ask: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask()


def test_it_equals_no_other_sequence() -> None:
    assert Primes(10) != [2, 3, 5, 7]
    assert Primes(10) != (2, 3, 5, 7)
    assert Primes(10) != range(2, 4)
    assert Primes(8, 11) == Primes(0) == Primes(30, 2) == Primes(-3)


@pytest.mark.usefixtures("chosen")
def test_an_equality_needs_no_count() -> None:
    assert Primes(10**18) == Primes(2, 10**18 - 5)
    assert Primes(10**18) != Primes(2, 10**18 + 4)
    assert hash(Primes(10**18)) == hash(Primes(1, 10**18 - 10))
    assert Primes(10**18)[::-1] == Primes(2, 10**18 - 5)[::-1] != Primes(10**18)


def test_it_is_a_sequence() -> None:
    assert isinstance(Primes(), Sequence)
    match Primes(12):
        case [first, *middle, last]:
            assert (first, middle, last) == (2, [3, 5, 7], 11)
        case _:
            pytest.fail("it matches as a sequence")
    random = Random(5)  # noqa: S311
    chosen = [random.choice(Primes(100)) for _ in range(500)]
    assert set(chosen) == set(oracle.primerange(0, 100))
    assert set(random.sample(Primes(10**9, 10**9 + 10**5), 50)) <= set(oracle.primerange(10**9, 10**9 + 10**5))
    assert sum(Primes(2_000_000)) == 142_913_828_922  # Project Euler 10
    assert sorted(Primes(20), reverse=True) == [*Primes(20)[::-1]]
    assert max(Primes(20)) == 19


def test_another_process_gets_it() -> None:
    sent = pickle.dumps([Primes(), Primes(5), Primes(3, 50)[::-2], Primes(2**70, None)])
    got = run_python("import pickle, sys; print(pickle.loads(bytes.fromhex(sys.argv[1])))", sent.hex())
    assert got == f"[Primes(), Primes(0, 5), Primes(3, 50)[::-2], Primes({2**70}, None)]\n"


@pytest.mark.usefixtures("chosen")
def test_both_ends_come_at_once() -> None:
    """Far out, where to count them all would take minutes."""
    far = Primes(10**18 - 10**9, 2**64)
    assert next(iter(far)) == primes.next_prime(10**18 - 10**9)
    assert next(reversed(far)) == far[-1] == 2**64 - 59
    assert [*islice(far[::-1], 3)] == [*reversed(oracle.primerange(2**64 - 200, 2**64))][:3]
    assert far[-2:] == Primes(2**64 - 83, 2**64)
    assert [*far[2:0:-1]] == [*reversed(oracle.primerange(10**18 - 10**9, 10**18 - 10**9 + 300)[1:3])]


@pytest.mark.usefixtures("chosen")
def test_the_middle_of_a_long_one_is_found_by_counting() -> None:
    primes_below = Primes(10**9)
    assert primes_below[-(10**7)] == primes.nth_prime(50_847_534 - 10**7 + 1)
    assert len(primes_below) == 50_847_534
    assert primes_below[50_000_000] == primes.nth_prime(50_000_001)
    assert primes_below[50_847_533 - 10] == primes_below[-11]


def test_it_asks_the_backend_of_the_moment() -> None:
    below = Primes(10**6)
    with primes.use_backend("python"):
        assert type(reversed(below)).__module__.startswith("primes._python")


def test_threads_may_share_the_way_down(backend: str) -> None:
    """Threads that ask at the same time get each prime once, or an error."""
    with primes.use_backend(backend):
        iterator = reversed(Primes(2 * 10**6))
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
    assert sorted(chain.from_iterable(found)) == primes.primerange(2 * 10**6)
    assert all(mine == sorted(mine, reverse=True) for mine in found)


def test_the_ends_of_a_narrow_one_are_not_looked_for_outside(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far out, to look for one prime more may take an hour."""
    monkeypatch.setattr(kernel, "next_large_prime", None)
    monkeypatch.setattr(kernel, "prev_large_prime", None)
    with primes.use_backend(kernel.__name__.rpartition("_")[2]):
        none, one = Primes(LIMIT + 14, LIMIT + 37), Primes(LIMIT + 10, LIMIT + 30)
        assert not none
        assert none == Primes(0)
        assert one[0] == one[-1] == LIMIT + 13


def test_the_first_one_down_comes_without_sieving_for_it(backend: str) -> None:
    """At 10**18 the sieving primes alone would take more memory than this, as Python objects."""
    with primes.use_backend(backend):
        next(reversed(Primes(100)))
        tracemalloc.start()
        found = [*islice(reversed(Primes(10**18)), 2)]
        _size, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert found == [10**18 - 11, 10**18 - 33]
    assert peak < 2**20
