"""Is it prime, for integers that are too large for the kernels.

The test of Baillie and PSW: no composite is known that passes it, and none below 2**64 does. R. Baillie and S. S.
Wagstaff, Lucas pseudoprimes, Math. Comp. 35 (1980), 1391-1417.
"""

from __future__ import annotations

from math import gcd, isqrt, prod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SMALL_FACTORS_BELOW = 2000
"""Large integers are first divided by the primes below: one gcd, which finds a factor of 93 in 100 of them."""

LONG_BITS = 4096
"""From so many bits on one power takes more than the 50 ms for which Ctrl-C may have to wait."""


def is_large_prime(n: int) -> bool:
    """Tell whether an n above 2**64 is prime, as far as is known."""
    return gcd(n, small_factors()) == 1 and is_baillie_psw_prime(n)


def first_prime(candidates: Iterable[int]) -> int:
    """Return the first prime among candidates above 2**64, or 0."""
    return next(filter(is_large_prime, candidates), 0)


def small_factors() -> int:
    """Return the product of the primes below SMALL_FACTORS_BELOW, made at the first call."""
    global _small_factors  # noqa: PLW0603  (a finished integer; a second thread sees it or makes the same)
    if _small_factors is None:
        _small_factors = prod(p for p in range(2, SMALL_FACTORS_BELOW) if all(p % d for d in range(2, isqrt(p) + 1)))
    return _small_factors


_small_factors: int | None = None


def is_baillie_psw_prime(n: int) -> bool:
    """Tell whether an odd n > 1 is a strong probable prime to base 2 and a strong Lucas probable prime."""
    return is_strong_probable_prime_to_2(n) and is_strong_lucas_probable_prime(n)


def is_strong_probable_prime_to_2(n: int) -> bool:
    """Tell whether 2**d is 1, or 2**(d * 2**r) is -1 for an r < s, modulo n = d * 2**s + 1."""
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    power = power_of_2((n - 1) >> twos, n)
    if power in {1, n - 1}:
        return True
    for _ in range(twos - 1):
        power = power * power % n
        if power == n - 1:
            return True
    return False


def power_of_2(exponent: int, n: int) -> int:
    """Return 2**exponent modulo n, in steps between which Ctrl-C gets in."""
    if n.bit_length() < LONG_BITS:
        return pow(2, exponent, n)
    power = 1
    for bit in f"{exponent:b}":
        power = power * power % n
        if bit == "1":
            power = power * 2 % n
    return power


def is_strong_lucas_probable_prime(n: int) -> bool:
    """Tell whether U(d) is 0, or V(d * 2**r) is 0 for an r < s, modulo n, where n + 1 = d * 2**s.

    U and V are the Lucas sequences of P = 1 and Q = (1 - D) / 4, with D the first of 5, -7, 9, -11, .. whose Jacobi
    symbol (D / n) is -1: Selfridge's choice.
    """
    if isqrt(n) ** 2 == n:
        return False  # No D would be found.
    d = 5
    while (symbol := jacobi(d, n)) != -1:
        if symbol == 0 and abs(d) % n:
            return False
        d = -d - 2 if d > 0 else -d + 2
    q = (1 - d) // 4
    twos = ((n + 1) & -(n + 1)).bit_length() - 1
    u, v, q_power = 1, 1, q
    # From the second-highest bit on: U and V at 2 k, and one further where the bit is set.
    for bit in f"{(n + 1) >> twos:b}"[1:]:
        u, v, q_power = u * v % n, (v * v - 2 * q_power) % n, q_power * q_power % n
        if bit == "1":
            u, v = half(u + v, n), half(d * u + v, n)
            q_power = q_power * q % n
    if u == 0 or v == 0:
        return True
    for _ in range(twos - 1):
        v, q_power = (v * v - 2 * q_power) % n, q_power * q_power % n
        if v == 0:
            return True
    return False


def half(a: int, n: int) -> int:
    """Return a / 2 modulo an odd n."""
    return (a if a % 2 == 0 else a + n) // 2 % n


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
