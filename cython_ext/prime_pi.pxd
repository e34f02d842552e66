# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""pi(x), in about x**(2/3) steps and with tables of bounded size.

docs/explanation/pi.md explains the method; these are the formulas. All divisions are floors. p_b is the b-th prime, lpf
the least prime factor, and phi(n, b) counts the integers 1 .. n without a factor among the first b primes. y lies
between the cube root of x and its square root, a = pi(y) and k = 6. Then

    pi(x) = phi(x, a) + a - 1 - sum of pi(x / p) - pi(p) + 1 over y < p <= sqrt(x)
    phi(x, a) = sum of mu(m) phi(x / m, k) over m <= y, lpf(m) > p_k                                 the ordinary leaves
              - sum of mu(m) phi(x / (p_b m), b - 1) over k < b <= a, y / p_b < m <= y, lpf(m) > p_b  the special leaves

For p_b above the root of y, the m of special leaves are primes q. With n = x / (p_b q), such a leaf is

    trivial if n < p_b: it is 1;
    easy if n < p_b ** 2 and n is in the table of pi: it is pi(n) - b + 2;
    hard otherwise. All leaves with p_b up to the root of y are hard too. A sieve counts them.

J. C. Lagarias, V. S. Miller, A. M. Odlyzko, Computing pi(x): the Meissel-Lehmer method, Math. Comp. 44 (1985);
M. Deleglise, J. Rivat, Computing pi(x): the Meissel, Lehmer, Lagarias, Miller, Odlyzko method, Math. Comp. 65 (1996).

Sums are modulo 2**64. The final results are much smaller than that.
"""

from libc.math cimport cbrt, log, sqrt
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from arithmetic cimport isqrt
from counted_sieve cimport GROUP_BYTES, PATTERNED_PRIMES, CountedSieve, begin_counting, begin_walk
from counted_sieve cimport count_to, count_words, cross_off, cross_off_counted, phi_of_pattern
from pi_table cimport WORD_SPAN, add_counts, add_prime, look_up
from search cimport UNLIMITED, Search, free_search, new_search, next_block, next_segment
from signals cimport Watch, begin_watch, look_and_tell
from table cimport TABLE, TABLE_STOP, table_stop
from wheel cimport CLASS_COUNT, CLASS_OF, COPRIMES_TO, RESIDUES, first_multiple, next_multiple

cdef enum:
    # This fits the L1 cache, with an eighth more for the counters. Half of it, or four times as much, takes the same
    # time. Far from zero, segments are longer, because each one starts with more primes.
    SEGMENT_BYTES = 32768

    # These bound the memory. The table of pi takes 8 bytes for 120 numbers, at most 8 MB. Up to y, each prime takes 4
    # bytes and each number half a byte, at most 12 MB. From 10**18 on, a larger y would be faster.
    LARGEST_TABLED = 125829120
    LARGEST_Y = 16000000

    # Stands for a least prime factor that 16 bits do not hold, or for none, as of m = 1. It is larger than any prime
    # that it is compared with.
    NO_FACTOR = 65534

    # Primes above y come from a sieve, this many numbers at a time; less than a quarter of them are prime.
    WINDOW_SPAN = 2097152


cdef struct Descent:
    # The primes of (lo, hi], the largest first.
    uint64_t lo
    uint64_t hi  # the primes above it were in a window
    size_t len  # the primes that are left of the window
    uint32_t* primes


cdef struct Formula:
    uint64_t x
    uint64_t y
    uint64_t tabled  # the limit of the table of pi, from y to the root of x
    Watch watch
    uint32_t* primes  # primes[b] is p_b, for p_b <= y
    uint32_t pi_y
    uint32_t middle  # the largest b with p_b up to the root of y, but at least k
    # For each m <= y coprime to 30, in order: its least prime factor, which is odd, minus 1 if mu(m) = 1; and 0 if
    # mu(m) = 0.
    uint16_t* factors
    uint64_t* pi_words
    # For each b with hard leaves: phi(base of the segment, b - 1), and the place of the last m, or q, still to be done.
    uint32_t hard_stop
    uint64_t* phis
    uint32_t* cursors
    CountedSieve sieve
    Descent above
    uint64_t last  # the largest n that the sieve must count to
    uint64_t before  # pi(base)
    uint64_t leaves
    uint64_t pairs
    uint64_t pairs_count


cdef inline void* take(size_t len, size_t item_bytes) except NULL nogil:
    cdef void* memory = calloc(len, item_bytes)
    if memory == NULL:
        with gil:
            raise MemoryError
    return memory


cdef inline uint64_t quotient(uint64_t x, uint64_t d) noexcept nogil:
    """Return x / d, for x < 2**62 and x / d < 2**50. Division of floats is faster, and off by one at most."""
    cdef int64_t q = <int64_t>(<double><int64_t>x / <double><int64_t>d)
    cdef int64_t rest = <int64_t>x - q * <int64_t>d
    return q + (rest >= <int64_t>d) - (rest < 0)


cdef inline uint64_t number_at(size_t i) noexcept nogil:
    """Return the i-th number coprime to 30, counted from 0."""
    return 30 * (i // CLASS_COUNT) + RESIDUES[i % CLASS_COUNT]


cdef inline size_t coprimes_to(uint64_t n) noexcept nogil:
    """Return how many of 1 .. n are coprime to 30; this is the place of the first such number after n."""
    return CLASS_COUNT * (n // 30) + COPRIMES_TO[n % 30]


cdef inline int fill_primes(Formula* formula) except -1 nogil:
    """Fill the table of pi, and the list of the primes up to y."""
    cdef Search* search
    cdef uint32_t b = 0, stop = table_stop(formula.tabled)
    cdef int i, count
    while b < stop:
        if TABLE[b] <= formula.y:
            formula.pi_y = b + 1
            formula.primes[b + 1] = TABLE[b]
        if b >= 3:
            add_prime(formula.pi_words, TABLE[b])
        b += 1
    if formula.tabled >= TABLE_STOP:
        search = new_search(1, TABLE_STOP, formula.tabled)
        try:
            while next_segment(search, UNLIMITED):
                count = next_block(search, search.block)
                while count:
                    for i in range(count):
                        add_prime(formula.pi_words, search.block[i])
                    if search.block[0] <= formula.y:
                        for i in range(count):
                            if search.block[i] > formula.y:
                                break
                            formula.pi_y += 1
                            formula.primes[formula.pi_y] = search.block[i]
                    count = next_block(search, search.block)
        finally:
            free_search(search)
    add_counts(formula.pi_words, formula.tabled // WORD_SPAN + 1)
    return 0


cdef inline int fill_factors(Formula* formula) except -1 nogil:
    cdef uint16_t* factors = formula.factors
    cdef uint64_t offset, p
    cdef uint32_t b, factor
    cdef size_t i
    for i in range(coprimes_to(formula.y)):
        factors[i] = NO_FACTOR
    for b in range(4, formula.pi_y + 1):
        p = formula.primes[b]
        factor = first_multiple(0, p, &offset)
        while offset <= formula.y:
            i = CLASS_COUNT * (offset // 30) + CLASS_OF[offset % 30]
            if factors[i] == NO_FACTOR and p < NO_FACTOR:
                factors[i] = p
            elif factors[i]:
                factors[i] ^= 1
            factor = next_multiple(factor, p, &offset)
            formula.watch.ticks += 2
        look_and_tell(&formula.watch)
        if p * p > formula.y:
            continue
        factor = first_multiple(0, p * p, &offset)
        while offset <= formula.y:
            factors[CLASS_COUNT * (offset // 30) + CLASS_OF[offset % 30]] = 0
            factor = next_multiple(factor, p * p, &offset)
    return 0


cdef inline uint64_t ordinary_leaves(Formula* formula) except? 0 nogil:
    cdef uint64_t total = 0, phi
    cdef uint32_t last = formula.primes[PATTERNED_PRIMES]
    cdef size_t i
    for i in range(coprimes_to(formula.y)):
        if formula.factors[i] > last:
            phi = phi_of_pattern(formula.x // number_at(i))
            total += -phi if formula.factors[i] & 1 else phi
            formula.watch.ticks += 10
            look_and_tell(&formula.watch)
    return total


cdef inline uint64_t sum_of_pi(Formula* formula, uint64_t dividend, uint32_t first, uint32_t last) noexcept nogil:
    """Return the sum of pi(dividend / p_i) over first < i <= last."""
    cdef uint64_t total = 0
    cdef uint32_t i
    for i in range(first + 1, last + 1):
        total += look_up(formula.pi_words, quotient(dividend, formula.primes[i]))
    formula.watch.ticks += 5 * (last - first) if last > first else 0
    return total


cdef inline uint64_t clustered_sum(Formula* formula, uint64_t dividend, uint64_t lo, uint64_t hi) noexcept nogil:
    """Return the sum of pi(dividend / q) over the primes lo < q <= hi.

    This is the number of pairs of primes q, r with q * r <= dividend and q in that range. Above some t near the root of
    the dividend, several q share a value, so the pairs are counted by r: the sum over t < q <= hi is the sum of
    pi(min(hi, dividend / r)) - pi(t) over r <= dividend / (t + 1). Both sums have terms in common, which are looked up
    once.
    """
    cdef uint64_t* words = formula.pi_words
    cdef uint64_t t = min(max(isqrt(dividend), lo), hi)
    cdef uint32_t pi_lo = look_up(words, lo), pi_t = look_up(words, t)
    cdef uint32_t r_lo = look_up(words, dividend // hi)
    cdef uint32_t r_hi = max(r_lo, look_up(words, dividend // (t + 1)))
    cdef uint32_t smaller = min(pi_lo, r_lo), larger = max(pi_lo, r_lo)
    cdef uint64_t total = <uint64_t>r_lo * look_up(words, hi) - <uint64_t>r_hi * pi_t
    if larger <= r_hi <= pi_t:
        total += 2 * sum_of_pi(formula, dividend, larger, r_hi)
        return total + sum_of_pi(formula, dividend, smaller, larger) + sum_of_pi(formula, dividend, r_hi, pi_t)
    return total + sum_of_pi(formula, dividend, pi_lo, pi_t) + sum_of_pi(formula, dividend, r_lo, r_hi)


cdef inline void reach(Formula* formula, double part) noexcept nogil:
    """Note for the progress that this part is done."""
    formula.watch.done = min(<uint64_t>(part * <double>formula.x), formula.x)


cdef inline int look_up_leaves(Formula* formula) except -1 nogil:
    """Add up the trivial and the easy leaves, and note which leaves are hard."""
    cdef uint64_t* words = formula.pi_words
    cdef double root = cbrt(<double>formula.x)
    cdef uint64_t p, dividend, border, lo, hi
    cdef uint32_t b, pi_lo, pi_hi
    for b in range(formula.middle + 1, formula.pi_y + 1):
        p = formula.primes[b]
        dividend = formula.x // p
        if p * p > dividend:
            # From here on, all leaves are trivial.
            formula.leaves += <uint64_t>(formula.pi_y - b + 1) * (formula.pi_y - b) // 2
            break
        border = min(formula.tabled + 1, p * p)  # The leaves with n below it are easy or trivial.
        lo = max(p, min(formula.y, dividend // border))
        hi = min(formula.y, dividend // p)
        pi_lo = look_up(words, lo)
        pi_hi = look_up(words, hi)
        formula.leaves += formula.pi_y - pi_hi
        if pi_lo < pi_hi:
            formula.leaves += clustered_sum(formula, dividend, lo, hi) - <uint64_t>(b - 2) * (pi_hi - pi_lo)
        if pi_lo > b:
            formula.cursors[b] = pi_lo
            formula.hard_stop = b + 1
        if b % 64 == 0:
            reach(formula, sqrt(min(p / root, 1.0)) / 2)
        formula.watch.ticks += 50
        look_and_tell(&formula.watch)
    return 0


cdef inline uint64_t hard_leaves(Formula* formula, uint32_t b, uint64_t high) noexcept nogil:
    """Add up the hard leaves of p_b whose n lies in the segment, with the primes before p_b crossed off."""
    cdef CountedSieve* sieve = &formula.sieve
    cdef uint64_t total = 0, n, phi = formula.phis[b]
    cdef uint32_t p = formula.primes[b]
    cdef uint64_t dividend = formula.x // p
    cdef uint32_t at = formula.cursors[b], stop
    begin_walk(sieve)
    if b > formula.middle:
        while at > b:
            n = quotient(dividend, formula.primes[at])
            if n > high:
                break
            total += phi + count_to(sieve, n)
            at -= 1
    else:
        stop = coprimes_to(formula.y // p)
        while at > stop:
            if formula.factors[at - 1] > p:
                n = quotient(dividend, number_at(at - 1))
                if n > high:
                    break
                n = phi + count_to(sieve, n)
                total += n if formula.factors[at - 1] & 1 else -n
            at -= 1
    formula.watch.ticks += 8 * (formula.cursors[b] - at) + 100
    formula.cursors[b] = at
    return total


cdef inline bint has_hard_leaves(Formula* formula, uint32_t b) noexcept nogil:
    return formula.cursors[b] > (b if b > formula.middle else coprimes_to(formula.y // formula.primes[b]))


cdef inline int refill(Descent* above) except -1 nogil:
    """Fill the window with the next smaller primes."""
    cdef Search* search
    cdef uint64_t lo = max(above.lo, above.hi - min(above.hi, <uint64_t>WINDOW_SPAN))
    cdef int i, count
    if above.hi < TABLE_STOP:
        for i in range(table_stop(lo), table_stop(above.hi)):
            above.primes[above.len] = TABLE[i]
            above.len += 1
    else:
        lo = max(lo, <uint64_t>TABLE_STOP - 1)
        search = new_search(1, lo + 1, above.hi)
        try:
            while next_segment(search, UNLIMITED):
                count = next_block(search, search.block)
                while count:
                    for i in range(count):
                        above.primes[above.len + i] = search.block[i]
                    above.len += count
                    count = next_block(search, search.block)
        finally:
            free_search(search)
    above.hi = lo
    return 0


cdef inline int sieve_next(Formula* formula) except -1 nogil:
    """Sieve the next segment: count the hard leaves, then the pairs of primes above y with a product <= x."""
    cdef CountedSieve* sieve = &formula.sieve
    cdef Descent* above = &formula.above
    cdef uint64_t base = sieve.base
    cdef uint64_t high = min(base + 30 * sieve.segment_bytes, formula.last)
    cdef uint64_t n
    cdef uint32_t b, p
    begin_counting(sieve, base)
    for b in range(PATTERNED_PRIMES + 1, formula.hard_stop):
        formula.leaves += hard_leaves(formula, b, high)
        formula.phis[b] += sieve.left
        p = formula.primes[b]
        cross_off_counted(sieve, p)
        formula.watch.ticks += 12 * sieve.segment_bytes // p
        look_and_tell(&formula.watch)
    b = formula.hard_stop
    while b <= formula.pi_y and <uint64_t>formula.primes[b] * formula.primes[b] <= high:
        p = formula.primes[b]
        cross_off(sieve, p)
        formula.watch.ticks += 10 * sieve.segment_bytes // p + 20
        look_and_tell(&formula.watch)
        b += 1
    if base == 0:
        # Count the primes that were crossed off, which all lie in the first segment; leave out 1, which was not.
        formula.before = b - 2
    count_words(sieve)
    begin_walk(sieve)
    while True:
        if above.len == 0:
            if above.hi <= above.lo:
                break
            refill(above)
            continue
        n = formula.x // above.primes[above.len - 1]
        if n > high:
            break
        formula.pairs += formula.before + count_to(sieve, n)
        formula.pairs_count += 1
        above.len -= 1
        formula.watch.ticks += 10
        look_and_tell(&formula.watch)
    formula.before += sieve.left
    while formula.hard_stop > PATTERNED_PRIMES + 1 and not has_hard_leaves(formula, formula.hard_stop - 1):
        formula.hard_stop -= 1
    sieve.base = base + 30 * sieve.segment_bytes
    return 0


cdef inline int open_formula(Formula* formula) except -1 nogil:
    """Allocate the memory, and add up the ordinary leaves."""
    cdef uint64_t root = isqrt(formula.x)
    cdef uint64_t most
    cdef uint32_t hard_most, b
    formula.primes = <uint32_t*>take(most_primes(formula.y) + 2, 4)
    formula.pi_words = <uint64_t*>take(formula.tabled // WORD_SPAN + 1, 8)
    formula.factors = <uint16_t*>take(coprimes_to(formula.y), 2)
    fill_primes(formula)
    fill_factors(formula)
    formula.middle = max(<uint32_t>PATTERNED_PRIMES, <uint32_t>table_stop(isqrt(formula.y)))
    # A hard leaf has p_b ** 2 < x / n, and n is above the table or at least p_b ** 2; or its b is at most the middle.
    most = min(formula.y, isqrt(formula.x // formula.tabled) + 1)
    hard_most = max(<uint32_t>look_up(formula.pi_words, most), formula.middle)
    formula.phis = <uint64_t*>take(hard_most + 1, 8)
    formula.cursors = <uint32_t*>take(hard_most + 1, 4)
    for b in range(PATTERNED_PRIMES + 1, formula.middle + 1):
        formula.cursors[b] = coprimes_to(formula.y)
    formula.hard_stop = formula.middle + 1
    formula.leaves = ordinary_leaves(formula)
    formula.last = formula.x // (formula.y + 1)
    formula.sieve.segment_bytes = min(formula.last // 30 + 1, max(<uint64_t>SEGMENT_BYTES, isqrt(formula.last) // 8))
    formula.sieve.segment_bytes = (formula.sieve.segment_bytes // GROUP_BYTES + 1) * GROUP_BYTES
    formula.sieve.flags = <uint8_t*>take(formula.sieve.segment_bytes, 1)
    formula.sieve.counters = <uint8_t*>take(formula.sieve.segment_bytes // 8, 1)
    formula.above.lo = formula.y
    formula.above.hi = root
    formula.above.primes = <uint32_t*>take(min(root, <uint64_t>WINDOW_SPAN) // 4 + 4, 4)
    return 0


cdef inline size_t most_primes(uint64_t n) noexcept nogil:
    """Return more than pi(n), for n > 1: J. B. Rosser and L. Schoenfeld, Approximate formulas (1962), corollary 1."""
    return <size_t>(1.25506 * n / log(<double>n)) + 1


cdef inline void close_formula(Formula* formula) noexcept nogil:
    free(formula.primes)
    free(formula.pi_words)
    free(formula.factors)
    free(formula.phis)
    free(formula.cursors)
    free(formula.sieve.flags)
    free(formula.sieve.counters)
    free(formula.above.primes)


cdef inline uint64_t y_for(uint64_t x) noexcept nogil:
    """Return the best y for x: a larger y means more leaves to count, and fewer numbers to sieve.

    On an AMD Zen 4, x = 10**10, 10**11, .. 10**14 are fastest with a y of 1.3, 2, 3.3, 5, 7 times the cube root of x.
    Half or twice as much takes a tenth longer.
    """
    cdef double factor = max(1.2, log(<double>x) * log(<double>x) / 75 - 7)
    return <uint64_t>min(factor * cbrt(<double>x) + 1, <double>LARGEST_Y)


cdef inline uint64_t tabled_for(uint64_t x) noexcept nogil:
    return min(isqrt(x), <uint64_t>LARGEST_TABLED)


cdef inline int64_t count_up_to(uint64_t x, uint64_t y, uint64_t tabled, progress) except -1:
    """Count the primes <= x, for x >= 2**16 and cube root of x <= y <= tabled <= square root."""
    cdef Formula formula
    cdef uint64_t s, a
    memset(&formula, 0, sizeof(formula))
    begin_watch(&formula.watch, progress, x)
    formula.x = x
    formula.y = y
    formula.tabled = tabled
    try:
        with nogil:
            open_formula(&formula)
            # Each loop takes about half of the time.
            look_up_leaves(&formula)
            while formula.sieve.base < formula.last:
                reach(&formula, 0.5 + <double>formula.sieve.base / formula.last / 2)
                sieve_next(&formula)
        a = formula.pi_y
        s = a + formula.pairs_count
        return formula.leaves + a - 1 - (formula.pairs - (s * (s - 1) // 2 - a * (a - 1) // 2))
    finally:
        close_formula(&formula)
