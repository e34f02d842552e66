# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The primes, or the tuplets, of an interval above the table, segment by segment.

This decides how long a segment is, and up to which prime it is sieved. If that leaves composites, it tests the rest.
"""

from libc.math cimport log, sqrt
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from arithmetic cimport isqrt, lowest_bit, sum_of_bytes
from primality cimport is_odd_prime
from sieve cimport BLOCK_LEN, TILE_BYTES, Sieve, begin_segment, class_flags, decode
from sieve cimport free_sieve, is_finished, new_sieve, open_sieve, reach, segment_last
from signals cimport look_and_tell
from stream cimport LARGEST_CLASS_BYTES, Stream, free_stream, sieve_segment
from table cimport TABLE_STOP
from tuplets cimport TUPLETS, keep_tuplets
from wheel cimport CLASS_COUNT, CLASS_OF, COLUMN_SPAN

cdef extern from *:
    const double UNLIMITED "1e30"  # more primes than any segment holds

cdef struct Search:
    # The primes of an interval above the table, or the last primes of its k-tuplets.
    Sieve sieve
    Stream* stream  # of the sieving primes above the table; NULL until one is needed
    int k
    bint proven  # whether the segment is sieved by all primes up to its root, so that only primes are left
    uint8_t carry  # for keep_tuplets(), from segment to segment
    size_t column  # the next column to decode
    uint64_t[BLOCK_LEN] block


cdef inline Search* new_search(int k, uint64_t lo, uint64_t hi) except NULL nogil:
    """Begin a search of [lo, hi], hi >= TABLE_STOP; it leaves out the numbers below TABLE_STOP."""
    cdef Search* search = <Search*>malloc(sizeof(Search))
    if search == NULL:
        with gil:
            raise MemoryError
    new_sieve(&search.sieve)
    search.stream = NULL
    search.k = k
    search.carry = 0x80
    open_sieve(&search.sieve, max(lo, <uint64_t>TABLE_STOP), hi)
    return search


cdef inline void free_search(Search* search) noexcept nogil:
    free_sieve(&search.sieve)
    free_stream(search.stream)
    free(search)


cdef inline size_t plan_class_bytes(double base, double n) noexcept nogil:
    """Return how long a segment at base must be to hold n primes, within the limits of a segment.

    The square root of n allows for chance; if the estimate falls short, the caller asks again. A stream costs as much
    as about root / log(root) hits, whatever the length of the segment. So the limit grows with the root.
    """
    cdef double columns = (n + sqrt(n)) * log(base) / COLUMN_SPAN + 1
    cdef double limit = min(max(sqrt(base) / CLASS_COUNT, <double>TILE_BYTES), <double>LARGEST_CLASS_BYTES)
    return <size_t>min(columns, limit)


cdef inline uint64_t plan_bound(Sieve* sieve) noexcept nogil:
    """Return up to which prime to sieve the segment: the root of its last number, or less if testing is cheaper.

    The costs, in nanoseconds: 10 for a sieving prime, 300 to test a composite of 60 bits, 700 to test such a prime.
    """
    cdef uint64_t last = segment_last(sieve)
    cdef uint64_t root = isqrt(last)
    cdef double span = <double>(last - sieve.base)
    # At this bound, one more sieving prime costs as much as the tests that it saves.
    cdef double cut = max(span / 2, 64.0)
    cdef double sieving, cut_sieving, testing
    if cut >= root:
        return root
    sieving = 10 * root / log(<double>root)
    cut_sieving = 10 * cut / log(cut)
    # Mertens: 0.56 / log(cut) of the numbers have no prime factor up to cut.
    testing = span * (300 * 0.56 / log(cut) + 700 / log(<double>last))
    return root if sieving <= cut_sieving + testing else <uint64_t>cut


cdef inline bint next_segment(Search* search, double n) except -1 nogil:
    """Sieve the next segment, long enough for n primes if possible; return False after the last one."""
    cdef Sieve* sieve = &search.sieve
    if is_finished(sieve):
        return False
    begin_segment(sieve, plan_class_bytes(<double>segment_last(sieve), n))
    sieve.bound = plan_bound(sieve)
    search.proven = sieve.bound == isqrt(segment_last(sieve))
    # If numbers are tested, sieving and testing take about equally long.
    reach(sieve, 0.0)
    sieve_segment(sieve, &search.stream, 1.0 if search.proven else 0.5)
    if search.k > 1:
        keep_tuplets(sieve, search.k, &search.carry)
    search.column = 0
    return True


cdef inline int next_block(Search* search, uint64_t* block) except -1 nogil:
    """Store the next primes of the segment in a block; return how many, and 0 after the last ones."""
    cdef Sieve* sieve = &search.sieve
    cdef int count, kept = 0
    while kept == 0 and search.column < sieve.class_bytes:
        count = decode(sieve, &search.column, block)
        # For decoding, and for the work of the caller.
        sieve.watch.ticks += 4 * count
        kept = count if search.proven else keep_primes(search, block, count)
        reach(sieve, 1.0 if search.proven else 0.5 + 0.5 * search.column / sieve.class_bytes)
        look_and_tell(&sieve.watch)
    return kept


cdef inline int keep_primes(Search* search, uint64_t* block, int count) noexcept nogil:
    """Keep, of the first count numbers of a block, the primes or the last primes of tuplets; return how many."""
    cdef uint64_t n
    cdef uint32_t distances
    cdef int i, distance, kept = 0
    for i in range(count):
        n = block[i]
        distances = TUPLETS[search.k][CLASS_OF[n % 30]]
        distance = 0
        while distances and is_odd_prime(n - distance):
            distances &= distances - 1
            if distances:
                distance = lowest_bit(distances)
        search.sieve.watch.ticks += 500
        block[kept] = n
        kept += distances == 0
    return kept


cdef inline uint64_t count_clear_bits(uint8_t* flags, size_t len_bytes) noexcept nogil:
    """Count the bits that are 0. The sums of eight bytes are added up separately while none can overflow its byte."""
    cdef uint64_t total = 8 * len_bytes
    cdef uint64_t word, sums
    cdef size_t done = 0, stop
    while done + 8 <= len_bytes:
        sums = 0
        stop = min(len_bytes, done + 31 * 8)
        while done + 8 <= stop:
            memcpy(&word, flags + done, 8)
            word -= word >> 1 & 0x5555555555555555ULL
            word = (word & 0x3333333333333333ULL) + (word >> 2 & 0x3333333333333333ULL)
            sums += (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FULL
            done += 8
        total -= sum_of_bytes(sums)
    while done < len_bytes:
        word = flags[done]
        while word:
            total -= 1
            word &= word - 1
        done += 1
    return total


cdef inline int64_t count_segments(Search* search) except -1 nogil:
    """Count the primes, or the tuplets, of all segments."""
    cdef int64_t total = 0
    cdef int c, count
    while next_segment(search, UNLIMITED):
        if search.proven:
            for c in range(CLASS_COUNT):
                total += count_clear_bits(class_flags(&search.sieve, c), search.sieve.class_bytes)
            continue
        count = next_block(search, search.block)
        while count:
            total += count
            count = next_block(search, search.block)
    return total
