"""The Baillie-PSW test in pure Python, for odd integers of any length.

No composite is known to pass it, and none below 2**64 does. R. Baillie and S. S.
Wagstaff, Lucas pseudoprimes, Math. Comp. 35 (1980), 1391-1417.
"""

from __future__ import annotations

from math import isqrt

from primes._long_products import Modulus

LONG_BITS = 4096
"""From this length on, one power takes more than 50 ms. Ctrl-C must not wait longer than that."""

SQUARES_FROM = 41
"""If no discriminant up to this one is found, n may be a square, which is then tested. Of the other integers, one in
10**6 comes this far."""


def is_baillie_psw_prime(n: int) -> bool:
    """Tell whether an odd n > 1 is a strong probable prime to base 2 and a strong Lucas probable prime."""
    return is_strong_probable_prime_to_2(n) and is_strong_lucas_probable_prime(n)


def is_strong_probable_prime_to_2(n: int) -> bool:
    """Tell whether 2**d is 1, or 2**(d * 2**r) is -1 for an r < s, modulo n = d * 2**s + 1."""
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    power = power_of_2((n - 1) >> twos, n)
    if power in {1, n - 1}:
        return True
    modulus = Modulus(n)
    for _ in range(twos - 1):
        power = modulus.product(power, power)
        if power == n - 1:
            return True
    return False


def power_of_2(exponent: int, n: int) -> int:
    """Return 2**exponent modulo n, in short steps, so that Ctrl-C is heard between them."""
    if n.bit_length() < LONG_BITS:
        return pow(2, exponent, n)
    modulus = Modulus(n)
    power = 1
    for bit in f"{exponent:b}":
        power = modulus.product(power, power)
        if bit == "1":
            power = 2 * power - n if 2 * power >= n else 2 * power
    return power


def is_strong_lucas_probable_prime(n: int) -> bool:
    """Tell whether U(d) is 0, or V(d * 2**r) is 0 for an r < s, modulo n, where n + 1 = d * 2**s.

    U and V are the Lucas sequences of P = 1 and Q = (1 - D) / 4, with D the first of 5, -7, 9, -11, .. whose Jacobi
    symbol (D / n) is -1: Selfridge's choice.

    At even places they need no powers of Q: V(2 * k) is Q**k times the v(k) of the sequence with p = 1 / Q - 2 for P
    and 1 for Q. As V(2 * k) = V(k)**2 - 2 * Q**k = D * U(k)**2 + 2 * Q**k, v(k) is 2 where the square of U(k) is 0, and
    -2 where that of V(k) is. If also 2 * v(k + 1) = p * v(k), then U(k) * V(k) = 0. No prime
    divides both, so the one with the zero square is itself 0.
    """
    q = selfridge_q(n)
    if q is None:
        return False
    # 1 / |q|: n * t is -1 modulo |q|.
    inverse = (n * (-pow(n, -1, abs(q)) % abs(q)) + 1) // abs(q) if abs(q) > 1 else 1
    p = ((inverse if q > 0 else n - inverse) - 2) % n
    twos = ((n + 1) & -(n + 1)).bit_length() - 1
    v, following = lucas_v(p, (n + 1) >> twos, n)
    if (v, following) in {(2, p), (n - 2, n - p)}:
        return True
    modulus = Modulus(n)
    for _ in range(twos - 1):
        if v == 0:
            return True
        v = (modulus.product(v, v) - 2) % n
    return False


def selfridge_q(n: int) -> int | None:
    """Return (1 - D) / 4 for Selfridge's D, or None if the search shows that the odd n > 1 is composite."""
    d = 5
    # D is 1 modulo 4, so that (D / n) = (n / |D|).
    while (symbol := jacobi(n % abs(d), abs(d))) != -1:
        if symbol == 0 and abs(d) % n:
            return None
        if d == SQUARES_FROM and isqrt(n) ** 2 == n:
            return None  # A square has no such D.
        d = -d - 2 if d > 0 else -d + 2
    return (1 - d) // 4


def lucas_v(p: int, k: int, n: int) -> tuple[int, int]:
    """Return v(k) and v(k + 1) modulo n for k > 0, where v(0) = 2, v(1) = p and v(i + 1) = p * v(i) - v(i - 1)."""
    modulus = Modulus(n)
    v, following = p, (modulus.product(p, p) - 2) % n
    # Each bit from the second-highest on doubles the index, and adds 1 to it if the bit is set.
    if n.bit_length() < LONG_BITS:
        for bit in f"{k:b}"[1:]:
            if bit == "1":
                v, following = (v * following - p) % n, (following * following - 2) % n
            else:
                v, following = (v * v - 2) % n, (v * following - p) % n
        return v, following
    for bit in f"{k:b}"[1:]:
        mixed = (modulus.product(v, following) - p) % n
        if bit == "1":
            v, following = mixed, (modulus.product(following, following) - 2) % n
        else:
            v, following = (modulus.product(v, v) - 2) % n, mixed
    return v, following


def jacobi(a: int, n: int) -> int:
    """Return Jacobi's symbol (a / n) for an odd n > 0."""
    sign = 1
    a %= n
    while a:
        twos = (a & -a).bit_length() - 1
        a >>= twos
        if twos % 2 and n % 8 in {3, 5}:
            sign = -sign
        if a % 4 == n % 4 == 3:  # noqa: PLR2004  (quadratic reciprocity)
            sign = -sign
        a, n = n % a, a
    return sign if n == 1 else 0
