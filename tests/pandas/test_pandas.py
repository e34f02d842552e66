"""The answers of ``primes.numpy`` for objects of pandas, which it never imports: docs/reference/arrays.md."""

from __future__ import annotations

import builtins
import importlib
from typing import Any

import numpy as np
import pytest

import primes.numpy as array_primes
from processes import run_python
from tables import NUMPY, examples

pd: Any = importlib.import_module("pandas")  # It has no annotations of its own.

ROWS = [row for row in examples(NUMPY) if "pd." in row[0]]


def value(code: str) -> Any:  # noqa: ANN401  (whatever is in the table)
    """Evaluate the code of a cell."""
    return eval(code, {"np": np, "pd": pd})  # noqa: S307  (our own)


def test_the_table_is_there() -> None:
    assert len(ROWS) > 10


@pytest.mark.parametrize(("given", "answer"), ROWS)
def test_is_prime_answers_as_the_table_says(given: str, answer: str) -> None:
    error, separator, message = answer.partition(": ")
    if separator and error.endswith("Error"):
        with pytest.raises(getattr(builtins, error)) as caught:
            array_primes.is_prime(value(given))
        assert str(caught.value) == message
        return
    found: Any = array_primes.is_prime(value(given))
    expected = value(answer)
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert found.tolist() == expected.tolist()
    else:
        frames = [
            pd.DataFrame({"it": each}) if not isinstance(each, pd.DataFrame) else each for each in (found, expected)
        ]
        pd.testing.assert_frame_equal(*frames)
        assert getattr(found, "name", None) == getattr(expected, "name", None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count_primes", [2, 3]),
        ("prime_pi", [3, 3]),
        ("next_prime", [7, 7]),
        ("prev_prime", [3, 5]),
        ("nth_prime", [11, 13]),
    ],
)
def test_the_others_keep_the_index_as_well(name: str, expected: list[int]) -> None:
    function = getattr(array_primes, name)
    series = pd.Series([5, 6], index=["a", "b"], name="n")
    pd.testing.assert_series_equal(function(series), pd.Series(expected, index=["a", "b"], name="n"))
    frame = pd.DataFrame({"x": [5], "y": [6]}, index=[7])
    pd.testing.assert_frame_equal(function(frame), pd.DataFrame({"x": expected[:1], "y": expected[1:]}, index=[7]))


def test_what_is_wrong_is_told_in_the_same_words() -> None:
    with pytest.raises(ValueError, match=r"^n must be greater than 2, the smallest prime, got 2$"):
        array_primes.prev_prime(pd.Series([5, 2]))
    with pytest.raises(TypeError, match=r"^stop must be an integer, got <NA> \(NAType\)$"):
        array_primes.count_primes(pd.Series([5, pd.NA], dtype="Int64"))


def test_it_is_not_imported() -> None:
    assert (
        run_python("import sys, primes.numpy; primes.numpy.is_prime([5]); print('pandas' in sys.modules)") == "False\n"
    )
