# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Is it prime, for integers of 2**64 and more: sieve an interval, then the test of Baillie and PSW.

That test is the strong one to base 2, then the strong one of Lucas with Selfridge's parameters: R. Baillie and S.
Wagstaff, Lucas pseudoprimes, Math. Comp. 35 (1980). No composite is known to pass it.
"""

from libc.limits cimport INT_MAX
from libc.math cimport log
from libc.stdint cimport UINT32_MAX, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from primality cimport jacobi
from search cimport UNLIMITED, Search, free_search, new_search, next_block, next_segment
from signals cimport poll
from table cimport TABLE, TABLE_LEN, TABLE_STOP
from words cimport Modulus, add, compare, divide, double_modulo, is_zero, mul_add, multiply, open_modulus
from words cimport remainder, subtract_modulo

cdef enum:
    MOST_BITS = 262144  # above, Karatsuba's products take less time than those of words.pxd
    WINDOW_WIDTH = 2097152  # integers that are sieved at once: a flag for each odd one, 1 MiB
    ROOMS = 8  # lengths of n that a test works in, with a few words more for each
    SQUARES_FROM = 41  # whether n is a square is asked when no discriminant up to here will do
    SINGLE_LEN = 303  # primes, those below 2000, that an integer is divided by before it is tested alone


cdef struct Test:
    # The room in which one integer after the other is tested.
    Modulus modulus
    uint64_t* n
    uint64_t* v
    uint64_t* following
    uint64_t* p
    uint64_t* two


cdef inline uint64_t room_len(int len) noexcept nogil:
    """How many words of room a test needs."""
    return ROOMS * (<uint64_t>len + 4)


cdef inline void open_test(Test* test, uint64_t* room, int len) noexcept nogil:
    """Begin with tests of integers of this length."""
    cdef uint64_t step = <uint64_t>len + 4
    test.n, test.v, test.following = room, room + step, room + 2 * step
    test.p, test.two = room + 3 * step, room + 4 * step
    test.modulus.n, test.modulus.len = test.n, len
    test.modulus.one, test.modulus.room = room + 5 * step, room + 6 * step
    test.modulus.ticks = 0


cdef inline int bit_of(const uint64_t* a, int bit) noexcept nogil:
    return a[bit // 64] >> bit % 64 & 1


cdef inline int is_strong_probable_prime(Test* test) except -1 nogil:
    """Whether n passes the strong test to base 2: 2**d is 1, or 2**(d * 2**r) is -1 for an r < s, n = d * 2**s + 1."""
    cdef Modulus* modulus = &test.modulus
    cdef int len = modulus.len, twos = 1, bit
    cdef uint64_t* power = test.v
    while not bit_of(test.n, twos):  # n is odd: but for the lowest, its bits are those of n - 1
        twos += 1
    bit = 64 * len - 1
    while not bit_of(test.n, bit):
        bit -= 1
    memcpy(power, modulus.one, 8 * len)
    double_modulo(power, test.n, len)
    for bit in range(bit - 1, twos - 1, -1):
        multiply(power, power, power, modulus)
        if bit_of(test.n, bit):
            double_modulo(power, test.n, len)
    if compare(power, modulus.one, len) == 0:
        return True
    while True:
        add(test.following, power, modulus.one, len)  # -1 is where this is n, be it with a carry or not
        if compare(test.following, test.n, len) == 0:
            return True
        twos -= 1
        if twos == 0:
            return False
        multiply(power, power, power, modulus)


cdef inline int selfridge_d(Test* test, int limit) noexcept nogil:
    """Return Selfridge's D, 0 where the search for it shows that n is composite, or 1 where it comes to the limit."""
    cdef int d = 5, symbol
    while True:
        # D is 1 modulo 4, so that (D / n) = (n / |D|).
        symbol = jacobi(remainder(test.n, test.modulus.len, abs(d)), abs(d))
        if symbol < 0:
            return d
        if symbol == 0:
            return 0
        if d == limit:
            return 1
        d = -d - 2 if d > 0 else -d + 2


cdef inline int is_strong_lucas_probable_prime(Test* test, int d) except -1 nogil:
    """Whether n passes the strong test of Lucas: U(k) is 0, or V(k * 2**r) for an r < s, where n + 1 = k * 2**s.

    P is 1 and Q is (1 - D) / 4. At even places no powers of Q are needed: V(2 * k) is Q**k times the v(k) of the
    sequence with p = 1 / Q - 2 for P and 1 for Q. As V(2 * k) = V(k)**2 - 2 * Q**k = D * U(k)**2 + 2 * Q**k, v(k) is 2
    where the square of U(k) is 0, and -2 where that of V(k) is. Where also 2 * v(k + 1) = p * v(k), which says that
    U(k) * V(k) = 0, the one of the two is 0 itself, for no prime divides both.
    """
    cdef Modulus* modulus = &test.modulus
    cdef int len = modulus.len, twos = 0, bit
    cdef const uint64_t* n = test.n
    cdef uint64_t* v = test.v
    cdef uint64_t* following = test.following
    cdef uint64_t* p = test.p
    cdef uint64_t* two = test.two
    cdef uint64_t carry
    cdef uint32_t q = abs((1 - d) // 4 if d < 0 else (d - 1) // 4), t = 0
    cdef uint32_t one_rest = remainder(modulus.one, len, q), n_rest = remainder(n, len, q)
    cdef int i
    # 1 / |Q|: the t that makes one + t * n a multiple of |Q|. It exists: the odd prime factors of |Q| divide a D that
    # was tried before.
    while (one_rest + <uint64_t>t * n_rest) % q:
        t += 1
    memcpy(p, modulus.one, 8 * len)
    p[len] = 0
    carry = 0
    for i in range(len):
        p[i] = mul_add(n[i], t, p[i], &carry)
    p[len] = carry
    divide(p, len + 1, q)
    memcpy(two, modulus.one, 8 * len)
    double_modulo(two, n, len)
    if d > 0:  # Q is negative
        memset(v, 0, 8 * len)
        subtract_modulo(v, p, n, len)
        memcpy(p, v, 8 * len)
    subtract_modulo(p, two, n, len)
    # Of n + 1, the bits above the ones at the end of n are those of n, and there is a 1 below them.
    while twos < 64 * len and bit_of(n, twos):
        twos += 1
    memcpy(v, p, 8 * len)
    multiply(following, p, p, modulus)
    subtract_modulo(following, two, n, len)
    bit = 64 * len - 1
    while bit > twos and not bit_of(n, bit):
        bit -= 1
    # With all bits set, n + 1 is a power of two, and v(1) is there already.
    for bit in range(bit - 1, twos - 1, -1):
        if bit_of(n, bit) or bit == twos:
            multiply(v, v, following, modulus)
            subtract_modulo(v, p, n, len)
            multiply(following, following, following, modulus)
            subtract_modulo(following, two, n, len)
        else:
            multiply(following, following, v, modulus)
            subtract_modulo(following, p, n, len)
            multiply(v, v, v, modulus)
            subtract_modulo(v, two, n, len)
    if compare(v, two, len) == 0:
        return compare(following, p, len) == 0
    add(modulus.room, v, two, len)
    if compare(modulus.room, n, len) == 0:
        add(modulus.room, following, p, len)
        return compare(modulus.room, n, len) == 0
    while twos > 1:
        if is_zero(v, len):
            return True
        multiply(v, v, v, modulus)
        subtract_modulo(v, two, n, len)
        twos -= 1
    return False


cdef inline bint is_square_of(Test* test) except -1:
    from math import isqrt as root_of
    cdef int i
    n = 0
    for i in range(test.modulus.len - 1, -1, -1):
        n = n << 64 | test.n[i]
    return root_of(n) ** 2 == n


cdef inline bint is_square(Test* test) except -1 nogil:
    with gil:
        return is_square_of(test)


cdef inline int decide_large(Test* test) except -1 nogil:
    """Decide the odd n of the test."""
    cdef int d
    open_modulus(&test.modulus)
    if not is_strong_probable_prime(test):
        return False
    d = selfridge_d(test, SQUARES_FROM)
    if d == 1:
        if is_square(test):
            return False
        d = selfridge_d(test, INT_MAX)
    return d != 0 and is_strong_lucas_probable_prime(test, d)


cdef inline int decide_at(Test* test, const uint64_t* first, int len, uint64_t offset) except -1 nogil:
    """Decide first + offset, an odd integer that has len words at most and 2 at least."""
    cdef int i
    for i in range(len):
        test.n[i] = first[i] + offset
        offset = test.n[i] < offset
    while test.n[len - 1] == 0:
        len -= 1
    test.modulus.len = len
    return decide_large(test)


cdef inline bint has_small_factor(const uint64_t* n, int len) noexcept nogil:
    """Whether an odd n is divided by a prime below 2000."""
    cdef int i = 1, stop
    cdef uint32_t rest
    while i < SINGLE_LEN:
        stop = group_stop(i)
        rest = remainder(n, len, group_product(i, stop))
        for i in range(i, stop):
            if rest % TABLE[i] == 0:
                return True
        i = stop
    return False


cdef inline int group_stop(int i) noexcept nogil:
    """Where the group of primes ends that begins at this place of the table: their product has 32 bits."""
    cdef uint64_t product = TABLE[i]
    i += 1
    while i < TABLE_LEN and product * TABLE[i] <= UINT32_MAX:
        product *= TABLE[i]
        i += 1
    return i


cdef inline uint32_t group_product(int i, int stop) noexcept nogil:
    cdef uint64_t product = 1
    for i in range(i, stop):
        product *= TABLE[i]
    return <uint32_t>product


cdef inline uint64_t depth_for(double bits, double tested) noexcept nogil:
    """Up to which prime p to sieve so many integers that would be tested: where one more saves what it costs.

    The prices, in nanoseconds, where n has w words: w**2 + 20 for a bit of n in a test, 8 * w + 10 for a sieving prime.
    Without a prime factor up to p are 0.56 / log(p) of the integers (Mertens), and p divides one of p of them.
    """
    cdef double words = bits / 64 + 1
    cdef double balance = tested * 0.56 * bits * (words * words + 20) / (8 * words + 10)
    return <uint64_t>min(max(balance / log(balance + 3), 200.0), 4294967295.0)


cdef inline void cross_off(uint8_t* flags, uint64_t flag_count, uint64_t p, uint64_t rest) noexcept nogil:
    """Cross off the multiples of an odd p; flag i is that of first + 2 * i, and first is rest modulo p."""
    cdef uint64_t i = (p - rest) * ((p + 1) >> 1) % p
    while i < flag_count:
        flags[i] = 0
        i += p


cdef inline int sieve_window(
    uint8_t* flags, uint64_t flag_count, const uint64_t* first, int len, uint64_t depth
) except -1 nogil:
    """Leave the flags of those odd integers from an odd first on that no odd prime up to depth divides."""
    cdef int i = 1, stop, count
    cdef uint64_t ticks = 0
    cdef uint32_t rest
    cdef Search* search
    memset(flags, 1, flag_count)
    while i < TABLE_LEN and TABLE[i] <= depth:
        stop = group_stop(i)
        rest = remainder(first, len, group_product(i, stop))
        for i in range(i, stop):
            cross_off(flags, flag_count, TABLE[i], rest % TABLE[i])
            ticks += flag_count // TABLE[i]
        i = stop
        ticks += 8 * len + 20
        poll(&ticks)
    if depth <= TABLE_STOP:
        return 0
    search = new_search(1, TABLE_STOP, depth)
    try:
        while next_segment(search, UNLIMITED):
            count = next_block(search, search.block)
            while count:
                for i in range(count):
                    cross_off(flags, flag_count, search.block[i], remainder(first, len, <uint32_t>search.block[i]))
                    ticks += 8 * len + 20
                    poll(&ticks)
                count = next_block(search, search.block)
    finally:
        free_search(search)
    return 0


cdef inline int64_t next_index(
    Test* test, const uint8_t* flags, int64_t i, int64_t end, int step, const uint64_t* first, int len
) except -2 nogil:
    """Return the next place from i on, before end, whose flag is that of a prime; -1 where there is none."""
    while i != end:
        if flags[i] and decide_at(test, first, len, 2 * <uint64_t>i):
            return i
        i += step
    return -1
