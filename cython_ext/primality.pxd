# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Whether n is prime, for any n below 2**64: by the table, or by the test of Baillie and PSW.

That test is a strong test to base 2, then a Lucas test with Selfridge's parameters: R. Baillie and S. Wagstaff, Lucas
pseudoprimes, Math. Comp. 35 (1980). The Lucas test here is a little stricter than the standard one and a little laxer
than the strong one. Below 2**64, no composite passes with either: all pseudoprimes to base 2 are known there
(J. Feitsma and W. Galway), and none of them is a Lucas-Selfridge pseudoprime, strong or standard: D. Jacobsen,
Pseudoprime Statistics, Tables, and Data, http://www.sti15.com/nt/pseudoprimes.html.

Products modulo n are those of P. Montgomery: Modular multiplication without trial division, Math. Comp. 44 (1985).
Factors stay in his form: times 2**64, modulo n.
"""

from libc.stdint cimport uint32_t, uint64_t

from arithmetic cimport highest_bit, isqrt, lowest_bit, mul_high
from table cimport TABLE, TABLE_LEN, TABLE_STOP, table_index


cdef inline uint64_t difference(uint64_t a, uint64_t b, uint64_t n) noexcept nogil:
    """Return a - b modulo n, for a < n and b <= n."""
    return a - b if a >= b else a - b + n


cdef inline uint64_t double_of(uint64_t a, uint64_t n) noexcept nogil:
    """Return 2 * a modulo n, for a < n."""
    return difference(a, n - a, n)


cdef inline uint64_t montgomery_product(uint64_t a, uint64_t b, uint64_t n, uint64_t inverse) noexcept nogil:
    """Return a * b / 2**64 modulo n, for a * b < n * 2**64 and inverse * n == 1 modulo 2**64."""
    cdef uint64_t high = mul_high(a, b)
    cdef uint64_t low = mul_high(a * b * inverse, n)
    return difference(high, low, n)


cdef inline bint is_strong_probable_prime(uint64_t n, uint64_t inverse) noexcept nogil:
    """Return whether an odd n > 1 passes the strong test to base 2; inverse is that of n modulo 2**64."""
    cdef uint64_t one = (0 - n) % n
    cdef uint64_t power = one, doubled
    cdef int twos = lowest_bit(n - 1)
    cdef uint64_t odd = (n - 1) >> twos
    cdef int bit = highest_bit(odd)
    while bit >= 0:
        power = montgomery_product(power, power, n, inverse)
        # This has no branch, because no processor could predict it.
        doubled = double_of(power, n)
        power ^= (power ^ doubled) & (0 - (odd >> bit & 1))
        bit -= 1
    if power == one or power == n - one:
        return True
    while twos > 1:
        power = montgomery_product(power, power, n, inverse)
        if power == n - one:
            return True
        twos -= 1
    return False


cdef inline int jacobi(uint32_t a, uint32_t m) noexcept nogil:
    """Return the Jacobi symbol (a / m), for odd m."""
    cdef int sign = 1
    cdef uint32_t rest
    while a:
        while a % 2 == 0:
            a //= 2
            if m % 8 == 3 or m % 8 == 5:
                sign = -sign
        if a % 4 == 3 and m % 4 == 3:
            sign = -sign
        rest = m % a
        m = a
        a = rest
    return sign if m == 1 else 0


cdef inline bint is_lucas_probable_prime(uint64_t n, uint64_t inverse) noexcept nogil:
    """Return whether an odd n > 2**16 passes a Lucas test with Selfridge's parameters; if it does, U(n + 1) = 0.

    D is the first of 5, -7, 9, -11, .. with (D / n) = -1; P = 1 and Q = (1 - D) / 4. All these D are 1 modulo 4, so
    (D / n) = (n / |D|). Even indices need no powers of Q: U(2k) is Q**(k - 1) times u(k), where u has 1 / Q - 2 for P
    and 1 for Q. With (n + 1) / 2 = odd * 2**twos, u((n + 1) / 2) is u(odd) times all v(odd * 2**i), i < twos. For a
    prime n, one of these factors is 0, and this test demands that. The standard test only demands that the product is.
    """
    cdef uint64_t one = (0 - n) % n
    cdef uint64_t two = double_of(one, n)
    cdef uint64_t half = n // 2 + 1  # not n + 1, which may be 2**64
    cdef int twos = lowest_bit(half)
    cdef uint64_t odd = half >> twos
    cdef uint64_t p, v, v_next, exchange, exchanged = 0
    cdef uint32_t d = 5, q, t = 0
    cdef int symbol = jacobi(n % d, d)
    cdef int bit
    while symbol >= 0:
        # For a square, no D has the symbol -1.
        if symbol == 0 or (d == 25 and isqrt(n) * isqrt(n) == n):
            return False
        d += 2
        symbol = jacobi(n % d, d)
    # 1 / |Q|: find the t for which one + t * n is a multiple of |Q|, then divide in parts that do not overflow. A t
    # exists: every odd prime factor of |Q| divides a D that was tried before, so it does not divide n.
    q = (d + 1) // 4
    while (one % q + t * (n % q)) % q:
        t += 1
    p = one // q + t * (n // q) + (one % q + t * (n % q)) // q
    if d % 4 == 1:
        p = n - p
    p = difference(p, two, n)
    v = p
    v_next = difference(montgomery_product(p, p, n, inverse), two, n)
    # After a bit that is 1, v and v_next are exchanged; if the next bit is 1 too, they stay so. This has no branch,
    # because no processor could predict it.
    bit = highest_bit(odd) - 1
    while bit >= 0:
        exchange = (v ^ v_next) & (0 - ((odd >> bit & 1) ^ exchanged))
        exchanged = odd >> bit & 1
        v ^= exchange
        v_next = difference(montgomery_product(v, v_next ^ exchange, n, inverse), p, n)
        v = difference(montgomery_product(v, v, n, inverse), two, n)
        bit -= 1
    if exchanged:
        v, v_next = v_next, v
    # 2 v(k + 1) - p v(k) is u(k) times a factor of D.
    if double_of(v_next, n) == montgomery_product(p, v, n, inverse):
        return True
    while twos > 0:
        if v == 0:
            return True
        v = difference(montgomery_product(v, v, n, inverse), two, n)
        twos -= 1
    return False


cdef inline bint is_odd_prime(uint64_t n) noexcept nogil:
    """Decide odd n > 2**16 by both halves of the test."""
    cdef uint64_t inverse = n  # Its 3 lowest bits are right; each of Newton's steps doubles their number.
    cdef int _
    for _ in range(5):
        inverse *= 2 - n * inverse
    return is_strong_probable_prime(n, inverse) and is_lucas_probable_prime(n, inverse)


cdef inline bint decide(uint64_t n) noexcept nogil:
    """Decide any n."""
    cdef int i
    if n < TABLE_STOP:
        i = table_index(n)
        return i < TABLE_LEN and TABLE[i] == n
    if n % 2 == 0 or n % 3 == 0 or n % 5 == 0 or n % 7 == 0:
        return False
    return is_odd_prime(n)
