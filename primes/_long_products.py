"""Products modulo an integer of any length, in short steps, so that Ctrl-C is heard between them.

Python cannot interrupt one product or one division. At a million digits they take one second and ten. Here, the method
of A. Karatsuba and Yu. Ofman (1962) cuts long operands into pieces, and their products take milliseconds. Two products
with a reciprocal, which is computed once, replace a division: P. Barrett, Implementing the
Rivest Shamir and Adleman public key encryption algorithm on a standard digital signal processor, CRYPTO '86. Python
divides in quadratic time, so this is also faster from a few thousand bits on.
"""

from __future__ import annotations

PIECE_BITS = 1 << 18
"""The longest operands of one product by Python itself: it takes 10 ms."""

BARRETT_BITS = 6000
"""From here on two products take less time than a division. At 4096 bits they take as long, at 8192 three quarters."""


def product(a: int, b: int) -> int:
    """Return a * b."""
    if a < 0 or b < 0:
        return -product(abs(a), abs(b)) if (a < 0) != (b < 0) else product(-a, -b)
    if a.bit_length() < b.bit_length():
        a, b = b, a
    if a.bit_length() <= PIECE_BITS:
        return a * b
    half = (a.bit_length() + 1) // 2
    mask = (1 << half) - 1
    a_high, a_low = a >> half, a & mask
    if b.bit_length() <= half:
        return (product(a_high, b) << half) + product(a_low, b)
    b_high, b_low = b >> half, b & mask
    high, low = product(a_high, b_high), product(a_low, b_low)
    middle = product(a_high + a_low, b_high + b_low) - high - low
    return (high << 2 * half) + (middle << half) + low


def remainder(n: int, divisor: int) -> int:
    """Return n modulo a divisor of at most some thousand bits."""
    if n.bit_length() <= PIECE_BITS:
        return n % divisor
    rest, mask = 0, (1 << PIECE_BITS) - 1
    for piece in range(n.bit_length() // PIECE_BITS, -1, -1):
        rest = (rest << PIECE_BITS | n >> piece * PIECE_BITS & mask) % divisor
    return rest


def reciprocal(n: int) -> int:
    """Return 2**(2 * k) / n, off by a few units, for an n > 0 of k bits: a Newton step from the upper half of n."""
    bits = n.bit_length()
    if bits <= PIECE_BITS // 4:
        return (1 << 2 * bits) // n
    half = bits // 2 + 8
    cut = bits - half
    upper = reciprocal(n >> cut)
    # With x = upper << cut, Newton's step is x + x * (1 - n * x / 2**(2 * bits)).
    error = (1 << 2 * bits) - (product(n, upper) << cut)
    return (upper << cut) + (product(upper, error >> cut) >> 2 * half)


class Modulus:
    """Products modulo n > 0."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._bits = n.bit_length()
        self._reciprocal = reciprocal(n) if self._bits >= BARRETT_BITS else 0

    def reduced(self, a: int) -> int:
        """Return a modulo n, for an a from 0 to some multiples of n**2."""
        if not self._reciprocal:
            return a % self.n
        quotient = product(a >> self._bits - 1, self._reciprocal) >> self._bits + 1
        rest = a - product(quotient, self.n)
        # The quotient is off by a few units.
        while rest < 0:
            rest += self.n
        while rest >= self.n:
            rest -= self.n
        return rest

    def product(self, a: int, b: int) -> int:
        """Return a * b modulo n, for factors from 0 to n."""
        return self.reduced(product(a, b))
