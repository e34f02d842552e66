# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Integers of many words, the lowest first, and products modulo an odd one of them: those of P. Montgomery.

What is multiplied stays in his form: times 2**(64 * len), modulo n. The products are of quadratic time, with words
twice as long as the digits of Python's integers; up to 2**18 bits they take less time than what Python has.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy, memset

from signals cimport poll

cdef extern from *:
    """
    /* The low word of a * b + c + *carry; the high one is the new carry. */
    #if defined(__SIZEOF_INT128__)
    static inline uint64_t primes_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t* carry) {
        unsigned __int128 sum = (unsigned __int128)a * b + c + *carry;
        *carry = (uint64_t)(sum >> 64);
        return (uint64_t)sum;
    }
    #else
    static inline uint64_t primes_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t* carry) {
        uint64_t low = a * b, high = primes_mul_high(a, b);
        low += c;
        high += low < c;
        low += *carry;
        high += low < *carry;
        *carry = high;
        return low;
    }
    #endif
    """
    uint64_t mul_add "primes_mul_add"(uint64_t a, uint64_t b, uint64_t c, uint64_t* carry) noexcept nogil

from arithmetic cimport mul_high  # no-cython-lint: what is above calls it


cdef struct Modulus:
    const uint64_t* n  # odd, its highest word not 0
    int len
    uint64_t inverse  # of -n modulo 2**64
    uint64_t* one  # 1 in Montgomery's form; the room for it is the caller's
    uint64_t* room  # len + 2 words
    uint64_t ticks  # of work since the last look for Ctrl-C


cdef inline int compare(const uint64_t* a, const uint64_t* b, int len) noexcept nogil:
    """-1, 0 or 1 as a is less than b, b or more."""
    cdef int i
    for i in range(len - 1, -1, -1):
        if a[i] != b[i]:
            return 1 if a[i] > b[i] else -1
    return 0


cdef inline uint64_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b, int len) noexcept nogil:
    """Put a - b into out; return what is borrowed."""
    cdef uint64_t borrow = 0, difference, more
    cdef int i
    for i in range(len):
        difference = a[i] - b[i]
        more = a[i] < b[i]
        more |= difference < borrow
        out[i] = difference - borrow
        borrow = more
    return borrow


cdef inline uint64_t add(uint64_t* out, const uint64_t* a, const uint64_t* b, int len) noexcept nogil:
    """Put a + b into out; return what is carried."""
    cdef uint64_t carry = 0, sum, summand
    cdef int i
    for i in range(len):
        summand = b[i]  # out may be a and b
        sum = a[i] + carry
        carry = sum < carry
        sum += summand
        carry += sum < summand
        out[i] = sum
    return carry


cdef inline void double_modulo(uint64_t* a, const uint64_t* n, int len) noexcept nogil:
    """Double a, which is below n, modulo n."""
    cdef uint64_t carry = add(a, a, a, len)
    if carry or compare(a, n, len) >= 0:
        subtract(a, a, n, len)


cdef inline void subtract_modulo(uint64_t* a, const uint64_t* b, const uint64_t* n, int len) noexcept nogil:
    """Subtract b from a modulo n, both below n."""
    if subtract(a, a, b, len):
        add(a, a, n, len)


cdef inline bint is_zero(const uint64_t* a, int len) noexcept nogil:
    cdef int i
    for i in range(len):
        if a[i]:
            return False
    return True


cdef inline uint32_t remainder(const uint64_t* a, int len, uint32_t divisor) noexcept nogil:
    """a modulo a divisor of 32 bits."""
    cdef uint64_t rest = 0
    cdef int i
    for i in range(len - 1, -1, -1):
        rest = (rest << 32 | a[i] >> 32) % divisor
        rest = (rest << 32 | (a[i] & 0xFFFFFFFFULL)) % divisor
    return <uint32_t>rest


cdef inline void divide(uint64_t* a, int len, uint32_t divisor) noexcept nogil:
    """Divide a by a divisor of 32 bits."""
    cdef uint64_t high, low
    cdef uint64_t rest = 0
    cdef int i
    for i in range(len - 1, -1, -1):
        high = rest << 32 | a[i] >> 32
        low = (high % divisor) << 32 | (a[i] & 0xFFFFFFFFULL)
        rest = low % divisor
        a[i] = (high // divisor) << 32 | low // divisor


cdef inline int bit_length(const uint64_t* a, int len) noexcept nogil:
    """The number of bits of a; its highest word is not 0."""
    cdef int bits = 64 * (len - 1)
    cdef uint64_t top = a[len - 1]
    while top:
        bits += 1
        top >>= 1
    return bits


cdef inline void open_modulus(Modulus* modulus) noexcept nogil:
    """Fill in what follows from n."""
    cdef const uint64_t* n = modulus.n
    cdef int len = modulus.len, _
    cdef int bits = bit_length(n, len)
    cdef uint64_t inverse = n[0]  # right in the 3 lowest bits; each of Newton's steps doubles them
    for _ in range(5):
        inverse *= 2 - n[0] * inverse
    modulus.inverse = 0 - inverse
    # 2**(64 * len) modulo n: from 2**(bits - 1), which is below n.
    memset(modulus.one, 0, 8 * len)
    modulus.one[(bits - 1) // 64] = <uint64_t>1 << (bits - 1) % 64
    for _ in range(64 * len - bits + 1):
        double_modulo(modulus.one, n, len)


cdef inline int multiply(uint64_t* out, const uint64_t* a, const uint64_t* b, Modulus* modulus) except -1 nogil:
    """Put a * b / 2**(64 * len) modulo n into out, which may be a or b; look for Ctrl-C now and then."""
    cdef const uint64_t* n = modulus.n
    cdef uint64_t* sum = modulus.room
    cdef int len = modulus.len, i, j
    cdef uint64_t carry, factor, top, by
    memset(sum, 0, 8 * (len + 1))
    top = 0
    for i in range(len):
        by = b[i]
        carry = 0
        for j in range(len):
            sum[j] = mul_add(a[j], by, sum[j], &carry)
        sum[len] += carry
        top = sum[len] < carry
        factor = sum[0] * modulus.inverse
        carry = 0
        mul_add(factor, n[0], sum[0], &carry)
        for j in range(1, len):
            sum[j - 1] = mul_add(factor, n[j], sum[j], &carry)
        sum[len - 1] = sum[len] + carry
        sum[len] = top + (sum[len - 1] < carry)
    if sum[len] or compare(sum, n, len) >= 0:
        subtract(out, sum, n, len)
    else:
        memcpy(out, sum, 8 * len)
    modulus.ticks += <uint64_t>len * len + 10
    return poll(&modulus.ticks)
