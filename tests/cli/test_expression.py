"""The integers of the command line: what they mean, what is refused, and that no input takes long."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, strategies as st

from primes._cli.expression import MOST_BITS, parse_integer

VALUES = {
    "0": 0,
    "5000": 5000,
    "007": 7,
    "1_000_000": 10**6,
    "1e10": 10**10,
    "1E10": 10**10,
    "1e+3": 1000,
    "12e0": 12,
    "1_0e3": 10**4,
    "10**10": 10**10,
    "2^32": 2**32,
    "2**64-1": 2**64 - 1,
    "2^61-1": 2**61 - 1,
    "10**12+1000": 10**12 + 1000,
    "10 ** 12 + 1_000": 10**12 + 1000,
    " 7 ": 7,
    "\t7\n": 7,
    "3*10^6": 3 * 10**6,
    "2*3*4+5*6": 54,
    "1e3-1e2*2": 800,
    "10-3-2": 5,
    "10-3+2": 9,
    "2**3**2": 512,
    "2^3^2": 512,
    "2*3**2": 18,
    "-5": -5,
    "+5": 5,
    "--5": 5,
    "-+-5": 5,
    "5--3": 8,
    "5*-3": -15,
    "-2^4": -16,
    "2**+3": 8,
    "0**0": 1,
    "0**5": 0,
    "1**99999": 1,
}
"""Each means the same as in Python, with ``^`` for ``**``."""

REFUSED = [
    *("", " ", "ten", "1.5", "1e-3", ".5", "5.", "1e", "e5", "1e1.5", "1e10e2", "0x10", "0b1", "1j", "1L", "1k", "5%"),
    *(
        "_1",
        "1_",
        "1__0",
        "1_e3",
        "1e_3",
        "1 000",
        "1,000",
        "1'000",
        "+",
        "-",
        "5+",
        "*5",
        "5**",
        "^5",
        "5***2",
        "5*/2",
    ),
    *("5/2", "5//2", "5%2", "1<<5", "~1", "(1+2)", "()", "2(3)", "5!", "1;2", "1=1", "n", "None", "True", "nan", "inf"),
    *(
        "__import__('os')",
        "exit()",
        "[1]",
        "lambda:0",
        "1if 1else 2",
        "10**-1",
        "2^-1",
        "0**-1",
        "²",
        "2²",
        "٣",
    ),
    *(
        "\N{MINUS SIGN}5",
        "\N{FULLWIDTH DIGIT FIVE}",
        "1\0",
        "\0",
        "\N{NO-BREAK SPACE}5",
        "5\N{SUPERSCRIPT TWO}",
        "1e\N{ARABIC-INDIC DIGIT THREE}",
    ),
]

TOO_LARGE = {
    "a tower": "9**9**9**9",
    "a higher tower": "9^9^9^9^9^9^9^9^9^9",
    "a power": "10**1000000000",
    "an exponent": "1e1000000000",
    "an exponent of many digits": "1e" + "9" * 1000,
    "an exponent that is an expression": "2**1e18",
    "a base": "1e50000**1e4",
    "a product": "*".join(["1e50000"] * 50),
    "a product of powers": "*".join(["2**60000"] * 1000),
    "digits": "9" * 10**6,
    "digits of zero": "0" * 10**6 + "1e1000000",
}

LONG = {
    "signs": "-" * 100_000 + "1",
    "powers": "1" + "**1" * 50_000,
    "powers of powers": "2" + "^2" * 50_000,
    "terms": "1" + "+1" * 50_000,
    "factors": "1" + "*1" * 50_000,
    "underscores": "_" * 100_000,
    "spaces": " " * 100_000 + "x",
    "spaces between": "1" + (" " * 1000 + "x") * 100,
    "groups": "1" + "_1" * 50_000 + "_",
    "operators": "*" * 100_000,
    "letters": "e" * 100_000,
    "parentheses": "(" * 100_000,
}


@pytest.mark.parametrize("text", VALUES)
def test_what_it_means(text: str) -> None:
    value = parse_integer(text)
    assert value == VALUES[text]
    assert type(value) is int


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an integer such as|has a negative exponent"):
        parse_integer(text)


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_is_too_large_is_refused_at_once(case: str) -> None:
    """It is refused before it is computed, which would take hours or all memory."""
    with pytest.raises(ValueError, match="is too large") as caught:
        parse_integer(TOO_LARGE[case])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("case", LONG)
def test_a_long_text_takes_no_long_time(case: str) -> None:
    """Each text is read or refused. A parser that backtracks would not come to an end."""
    try:
        value = parse_integer(LONG[case])
    except ValueError as error:
        assert len(str(error)) < 250  # noqa: PT017  (either is good)
    else:
        assert value in {1, 50_001}


def test_as_many_digits_as_python_writes_are_read() -> None:
    assert parse_integer("9" * 4300) == int("9" * 4300)
    assert parse_integer("1e5000") == 10**5000
    assert parse_integer(f"2**{MOST_BITS // 4}") == 2 ** (MOST_BITS // 4)
    assert parse_integer(f"2**{MOST_BITS // 4}-2**{MOST_BITS // 4}+7") == 7


numbers = st.integers(0, 10**20).map(str) | st.builds("{}e{}".format, st.integers(0, 999), st.integers(0, 20))
signed = st.builds("{}{}".format, st.sampled_from(["", "-", "+", "- "]), numbers)
powers = (
    st.builds("{}{}{}".format, st.integers(0, 30), st.sampled_from(["**", "^", " ** "]), st.integers(0, 9)) | signed
)


@given(first=powers, rest=st.lists(st.tuples(st.sampled_from(["+", "-", "*", " + ", " * "]), powers), max_size=5))
def test_it_means_what_python_means(first: str, rest: list[tuple[str, str]]) -> None:
    text = first + "".join(operator + term for operator, term in rest)
    assert parse_integer(text) == value_in_python("".join(text.split()).replace("^", "**"))


def value_in_python(text: str) -> int:
    """Evaluate what Hypothesis has drawn, with ``1e3`` as an integer."""
    text = re.sub(r"(\d+)e(\d+)", lambda match: str(int(match[1]) * 10 ** int(match[2])), text)
    text = re.sub(r"\b0+(?=\d)", "", text)
    return int(eval(text, {"__builtins__": {}}))  # noqa: S307  (digits and operators, drawn above)


@given(text=st.text(alphabet="0123456789eE_+-*^ .x", max_size=12))
def test_any_text_means_an_integer_or_is_refused(text: str) -> None:
    try:
        value = parse_integer(text)
    except ValueError:
        return
    assert type(value) is int


def test_random_bytes_are_refused() -> None:
    source = random.Random(1)  # noqa: S311  (the same in each run)
    for _ in range(300):
        text = "".join(map(chr, source.choices(range(33, 1000), k=20)))
        with pytest.raises(ValueError, match="is not an integer"):
            parse_integer(text)
