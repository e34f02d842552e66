"""Integers as people write them in a shell: ``1e10``, ``10**12+1000``, ``2^61-1``, ``1_000_000``.

The grammar has exact integers alone:

    sum      = product (("+" | "-") product)*
    product  = power ("*" power)*
    power    = ("+" | "-") power | number (("**" | "^") power)?
    number   = digits ("e" digits)?          with single underscores between digits
"""

from __future__ import annotations

import re
from typing import NoReturn

from primes._arguments import shown

MOST_BITS = 200_000
"""Larger integers are refused before they are computed: at 60 000 digits, any primality test would take too long."""

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:_\d+)*(?:[eE]\+?\d+)?)|(?P<operator>\*\*|[-+*^]))", re.ASCII)


def parse_integer(text: str) -> int:
    """Return the value of an expression.

    >>> parse_integer("10**12 + 1_000"), parse_integer("1e10"), parse_integer("-2^4")
    (1000000001000, 10000000000, -16)

    Raises:
        ValueError: the text is not of the grammar above, or its value is too large.
    """
    parser = _Parser(text)
    value = parser.sum()
    parser.demand_end()
    return value


class _Parser:
    """One method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def sum(self) -> int:
        value = self._product()
        while operator := self._accept("+", "-"):
            term = self._product()
            value = value + term if operator == "+" else value - term
        return value

    def demand_end(self) -> None:
        if self._text[self._place :].strip():
            self._fail()

    def _product(self) -> int:
        value = self._power()
        while self._accept("*"):
            factor = self._power()
            self._demand_bits(value.bit_length() + factor.bit_length())
            value *= factor
        return value

    def _power(self) -> int:
        # A list and loops rather than recursion, because a text may have more signs or powers than Python has stack.
        tower = [self._signed()]
        while self._accept("**", "^"):
            tower.append(self._signed())
        sign, value = tower.pop()
        while tower:
            exponent = sign * value
            if exponent < 0:
                raise ValueError(f"{self._shown()} has a negative exponent")
            sign, base = tower.pop()
            self._demand_bits(base.bit_length() * exponent if base > 1 else 1)
            value = base**exponent
        return sign * value

    def _signed(self) -> tuple[int, int]:
        sign = 1
        while operator := self._accept("+", "-"):
            sign = sign if operator == "+" else -sign
        return sign, self._number()

    def _number(self) -> int:
        match = TOKEN.match(self._text, self._place)
        if match is None or match["number"] is None:
            self._fail()
        self._place = match.end()
        digits, _, exponent = match["number"].lower().partition("e")
        digits = digits.replace("_", "")
        self._demand_bits(4 * len(digits))
        power = int(exponent or 0) if len(exponent) < len(str(MOST_BITS)) + 1 else MOST_BITS
        self._demand_bits(4 * (len(digits) + power))
        value: int = int(digits) * 10**power
        return value

    def _accept(self, *operators: str) -> str | None:
        match = TOKEN.match(self._text, self._place)
        if match is None or match["operator"] not in operators:
            return None
        self._place = match.end()
        return match["operator"]

    def _demand_bits(self, bits: int) -> None:
        if bits > MOST_BITS:
            raise ValueError(f"{self._shown()} is too large")

    def _fail(self) -> NoReturn:
        raise ValueError(f"{self._shown()} is not an integer such as 5000, 1e10, 10**12+1000, 2^32 or 1_000_000")

    def _shown(self) -> str:
        return shown(self._text)
