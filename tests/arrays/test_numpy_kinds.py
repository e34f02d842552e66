"""The answers of ``primes.numpy`` for all kinds of arrays: the table in ``docs/reference/arrays.md``."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import primes.numpy as array_primes
from tables import NUMPY, examples

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")

ROWS = [row for row in examples(NUMPY) if "pd." not in row[0]]

KINDS = [row for row in ROWS if "Error: " not in row[1]]

OTHERS: dict[str, Callable[..., Any]] = {
    "count_primes": array_primes.count_primes,
    "prime_pi": array_primes.prime_pi,
    "next_prime": array_primes.next_prime,
    "prev_prime": array_primes.prev_prime,
    "nth_prime": array_primes.nth_prime,
}


def value(code: str) -> Any:  # noqa: ANN401  (whatever is in the table)
    """Evaluate the code of a cell."""
    return eval(code, {"np": np})  # noqa: S307  (our own)


def assert_same(found: Any, expected: Any) -> None:  # noqa: ANN401  (any kind of array)
    """Demand the same type, shape, mask and values."""
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    assert (np.ma.getmask(found) is np.ma.nomask) == (np.ma.getmask(expected) is np.ma.nomask)
    assert (np.ma.getmaskarray(found) == np.ma.getmaskarray(expected)).all()
    assert found.tolist() == expected.tolist()


def test_the_table_is_there() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize(("given", "answer"), ROWS)
def test_is_prime_answers_as_the_table_says(given: str, answer: str) -> None:
    error, separator, message = answer.partition(": ")
    if separator and error.endswith("Error"):
        pattern = "^" + message.replace("**", r"\*\*").replace("(", r"\(").replace(")", r"\)") + "$"
        with pytest.raises(getattr(builtins, error), match=pattern):
            array_primes.is_prime(value(given))
    else:
        assert_same(array_primes.is_prime(value(given)), value(answer))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(("given", "answer"), KINDS)
def test_the_others_answer_in_the_same_kinds(name: str, given: str, answer: str) -> None:
    if "2**6" in given:
        return  # There, pi(x) takes long.
    numbers, kind = value(given), value(answer)
    found = OTHERS[name](numbers)
    assert (type(found), found.shape) == (type(kind), kind.shape)
    assert (np.ma.getmaskarray(found) == np.ma.getmaskarray(kind)).all()
    seen = ~np.asarray(np.ma.getmaskarray(kind)).ravel()
    asked = np.asarray(np.ma.getdata(numbers)).ravel()[seen].tolist()
    answers = np.asarray(np.ma.getdata(found)).ravel()[seen].tolist()
    assert answers == [OTHERS[name](n).item() for n in asked]


def test_nothing_that_is_given_is_changed() -> None:
    numbers: Any = np.ma.array([7, 8, 3], mask=[False, True, False])
    found: Any = array_primes.is_prime(numbers)
    found.mask[:] = True
    found.data[:] = True
    assert numbers.mask.tolist() == [False, True, False]
    assert numbers.data.tolist() == [7, 8, 3]
    frozen = np.array([9, 7, 8])
    frozen.flags.writeable = False
    for function in OTHERS.values():
        assert function(frozen).flags.writeable
