# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: freethreading_compatible=True
"""The Cython kernel: one bitmap for each residue class coprime to 30.

Why this layout: within one class a sieving prime p strides by exactly p bits, so crossing off needs neither a wheel nor
a table, and a class of a segment fits the L1 cache. Three ideas keep the rest short:

- The primes below 2**16 are a table, made at import. Small requests are slices of it, and the sieve only works above
  it. No segment holds one of its own sieving primes, then, so nobody must start at p * p or restore p.
- The table holds every sieving prime of a sieve below 2**32. The larger ones are never stored: another sieve, one level
  deep, streams them past each segment. Memory stays bounded up to 2**64.
- Far out, where even that stream costs too much for a short segment, it is cut off and a primality test decides the
  survivors.

What is asked for decides what becomes of a segment: it is decoded into blocks of numbers, or its clear bits are
counted; for tuplets all but their last primes are flagged before. pi(x) needs no segments.

Sources: E. Bach and J. Shallit, Algorithmic Number Theory (1996), section 9.8, for sieves over residue classes;
P. Montgomery, Modular multiplication without trial division, Math. Comp. 44 (1985); H. Warren, Hacker's Delight (2nd
ed. 2012), sections 5-1 and 7-3, for counting bits and for the transposition; R. Baillie and S. Wagstaff, Lucas
pseudoprimes, Math. Comp. 35 (1980), for the primality test, J. Feitsma and W. Galway for the list of pseudoprimes and
D. Jacobsen, Pseudoprime statistics, tables, and data, for the proof by it below 2**64; Lucy_Hedgehog, projecteuler.net,
problem 10, for pi(x).

Conventions: a set flag means composite, intervals are closed. Row i of a segment is the thirty numbers from
base + 30 * i on, and bit i of a class stands for one of them; a column is one byte of each class: 8 rows, 240 numbers.
"""

from cpython.buffer cimport PyBUF_CONTIG_RO, PyBUF_FORMAT, PyBuffer_FillInfo, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport log, sqrt
from libc.stdint cimport SIZE_MAX, UINT32_MAX, UINT64_MAX, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #include <stdint.h>

    #if defined(__SIZEOF_INT128__)
    static inline uint64_t primes_mul_high(uint64_t a, uint64_t b) {
        return (uint64_t)(((unsigned __int128)a * b) >> 64);
    }
    #elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    #include <intrin.h>
    static inline uint64_t primes_mul_high(uint64_t a, uint64_t b) { return __umulh(a, b); }
    #else
    static inline uint64_t primes_mul_high(uint64_t a, uint64_t b) {
        uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
        uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
        return a1 * b1 + (middle >> 32) + ((a0 * b1 + (uint32_t)middle) >> 32);
    }
    #endif

    /* Both are for words that are not 0. */
    #if defined(__GNUC__)
    #define primes_lowest_bit(word) ((unsigned)__builtin_ctzll(word))
    #define primes_highest_bit(word) ((unsigned)(63 - __builtin_clzll(word)))
    #elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    static inline unsigned primes_lowest_bit(uint64_t word) {
        unsigned long bit;
        _BitScanForward64(&bit, word);
        return bit;
    }
    static inline unsigned primes_highest_bit(uint64_t word) {
        unsigned long bit;
        _BitScanReverse64(&bit, word);
        return bit;
    }
    #else
    static inline unsigned primes_lowest_bit(uint64_t word) {
        unsigned bit = 0;
        for (; !(word & 1); word >>= 1) bit++;
        return bit;
    }
    static inline unsigned primes_highest_bit(uint64_t word) {
        unsigned bit = 0;
        for (; word >>= 1;) bit++;
        return bit;
    }
    #endif

    /* Under the Limited API, Cython's set-up imports `inspect` for seven flags of code objects, and `collections.abc`
     * for two of types: 15 of the 16 ms that it takes to import this module. Here are the flags, which CPython never
     * changed. Without the Limited API, and with a Cython that nobody looked at, this does nothing. */
    #if CYTHON_COMPILING_IN_LIMITED_API && CYTHON_HEX_VERSION >= 0x030100F0 && CYTHON_HEX_VERSION < 0x03040000
    static int primes_init_co_variables(void) {
        (void)__Pyx_init_co_variables;
        CO_OPTIMIZED = 0x1;
        CO_NEWLOCALS = 0x2;
        CO_VARARGS = 0x4;
        CO_VARKEYWORDS = 0x8;
        CO_GENERATOR = 0x20;
        CO_COROUTINE = 0x80;
        CO_ASYNC_GENERATOR = 0x200;
    #if CYTHON_HEX_VERSION >= 0x03030000
        __Pyx_Runtime_TPFLAGS_SEQUENCE = 1UL << 5;
        __Pyx_Runtime_TPFLAGS_MAPPING = 1UL << 6;
    #endif
        return 0;
    }
    #define __Pyx_init_co_variables primes_init_co_variables
    #endif

    #if !defined(PRIMES_VERSION)
    #define PRIMES_VERSION "unknown"
    #endif

    #define PRIMES_TEXT_(x) #x
    #define PRIMES_TEXT(x) PRIMES_TEXT_(x)
    #if defined(__clang__)
    #define PRIMES_COMPILER "Clang " __clang_version__
    #elif defined(__GNUC__)
    #define PRIMES_COMPILER "GCC " __VERSION__
    #elif defined(_MSC_VER)
    #define PRIMES_COMPILER "MSVC " PRIMES_TEXT(_MSC_VER)
    #else
    #define PRIMES_COMPILER "unknown C compiler"
    #endif

    /* MSVC has no __OPTIMIZE__, but defines _DEBUG for its debug runtime. */
    #if defined(__OPTIMIZE__) || (defined(_MSC_VER) && !defined(_DEBUG))
    #define PRIMES_PROFILE "release"
    #else
    #define PRIMES_PROFILE "debug"
    #endif
    """
    uint64_t mul_high "primes_mul_high"(uint64_t a, uint64_t b) noexcept nogil
    unsigned lowest_bit "primes_lowest_bit"(uint64_t word) noexcept nogil
    unsigned highest_bit "primes_highest_bit"(uint64_t word) noexcept nogil
    const char* PRIMES_VERSION
    const char* PRIMES_COMPILER
    const char* PRIMES_PROFILE
    const unsigned long CYTHON_HEX_VERSION


cdef enum:
    CLASS_COUNT = 8
    COLUMN_SPAN = 240  # numbers
    TABLE_STOP = 65536  # 2**16: an entry takes 16 bits, and the square, 2**32, is as far as the table sieves alone
    TABLE_LEN = 6542  # pi(2**16), OEIS A007053

    # The part of a class that is crossed off at once, to stay in the L1 cache. Counting to 10**9 with 32 KiB of L1d
    # takes 102 ms with 16 KiB (each prime pays its start more often), 98 with 24, 96 with 28, 96 to 105 with 32.
    TILE_BYTES = 24576

    # Sieving primes below this stride in unrolled rounds of eight hits. Counting to 10**9: 1024 takes 106 ms, 2048 98,
    # 4096 92, 8192 88, 16384 the same; more only makes the pads longer, and each prime writes a round at least.
    UNROLLED_STOP = 8192
    PAD_BYTES = UNROLLED_STOP  # between the classes: a round starts up to 7/8 p bytes early and ends up to p bytes late

    # The most that one class may take when sieving primes are streamed; all eight then take 8 MiB. More divides the
    # price of the stream by more, but leaves the cache: 10**9 numbers at 10**16 take 1.0 s, with 4 MiB 1.9 s.
    LARGEST_CLASS_BYTES = 1048576

    # Numbers decoded at a time: 8 KiB, on the stack and in the L1 cache; not tuned.
    BLOCK_LEN = 1024

    # The primes from 7 to 71 come as ready-made patterns: a triple, then pairs, 16 KB in all. More of them were not
    # tried: the next pairs have 6 to 10 KB each and would crowd the tile out of the L1 cache.
    PATTERN_COUNT = 8
    LONGEST_PERIOD_BYTES = 4757  # 67 * 71
    FIRST_UNPATTERNED = 20  # TABLE[20] is 73
    PATTERN_RUN_BYTES = 512  # merged at a time; 256 and 1024 make no difference

    # Units of about a nanosecond between two looks for Ctrl-C, of which every 50 ms are promised.
    TICKS_PER_POLL = 5000000


cdef struct Pattern:
    # Bit u is set where one of the pattern's primes divides u. In every class their multiples repeat just so (30 has
    # an inverse), only the phase differs: one table serves all classes and segments.
    uint32_t period_bytes  # the product of the primes
    uint32_t inverse  # of COLUMN_SPAN modulo the period
    uint8_t[LONGEST_PERIOD_BYTES + PATTERN_RUN_BYTES] flags


# All of these are filled while the module is imported, and never change afterwards.
cdef uint8_t[CLASS_COUNT] RESIDUES = [1, 7, 11, 13, 17, 19, 23, 29]
cdef uint8_t[30] CLASS_OF  # the class of a residue modulo 30; CLASS_COUNT where it shares a factor with 30
cdef uint8_t[30] GAP  # from a residue modulo 30 to the next one coprime to 30
cdef uint16_t[64] COLUMN_OFFSET  # what bit i of a transposed column adds to the first number of the column
cdef uint16_t[TABLE_LEN] TABLE  # the primes below TABLE_STOP
cdef tuple TABLE_INTS  # the same as Python's integers: a small request only counts references
cdef Pattern[PATTERN_COUNT] PATTERNS
# TUPLETS[k][c] has bit d set where a k-tuplet that ends in class c has a prime d before its last one; d = 0 included.
cdef uint32_t[7][CLASS_COUNT] TUPLETS
cdef char[100][2] DIGITS  # "00" to "99"
cdef double UNLIMITED = 1e30  # more primes than any segment holds


cdef struct Sieve:
    uint64_t lo  # the interval, closed
    uint64_t hi
    uint64_t base  # of the current segment, a multiple of 30
    uint64_t bound  # the segment is sieved by the primes up to here
    uint64_t ticks  # work since the last look for Ctrl-C
    size_t capacity_bytes  # of a class
    size_t class_bytes  # of the current segment; 0 before the first
    int active_len  # the primes of the table before this one have starts, or are in a pattern
    uint8_t* flags
    uint16_t[CLASS_COUNT][TABLE_LEN] starts  # the first row at or after base + 30 * (rows done) with a multiple


cdef uint64_t isqrt(uint64_t x) noexcept nogil:
    """The largest root with root * root <= x; the float is a first guess that is off by one at most."""
    cdef uint64_t root = <uint64_t>sqrt(<double>x)
    if root > UINT32_MAX:
        root = UINT32_MAX
    if root * root > x:
        root -= 1
    elif root < UINT32_MAX and (root + 1) * (root + 1) <= x:
        root += 1
    return root


cdef inline uint8_t* class_flags(Sieve* sieve, int c) noexcept nogil:
    return sieve.flags + PAD_BYTES + c * (sieve.class_bytes + PAD_BYTES)


cdef inline uint32_t first_multiple(uint64_t base, uint64_t p, uint64_t* offset) noexcept nogil:
    """Find the first multiple m * p >= base with m coprime to 30: store its distance from base, return m modulo 30."""
    cdef uint64_t m = base / p
    cdef uint64_t rest = base - m * p
    cdef uint32_t wheel = m % 30
    offset[0] = 0
    if rest:
        offset[0] = p - rest
        wheel = wheel + 1 if wheel < 29 else 0
    if CLASS_OF[wheel] == CLASS_COUNT:
        wheel = next_multiple(wheel, p, offset)
    return wheel


cdef inline uint32_t next_multiple(uint32_t wheel, uint64_t p, uint64_t* offset) noexcept nogil:
    cdef uint32_t gap = GAP[wheel]
    offset[0] += p * gap
    return wheel + gap if wheel + gap < 30 else wheel + gap - 30


cdef void activate_table(Sieve* sieve) noexcept nogil:
    """Give the primes of the table up to the bound their starts.

    Eight successive factors coprime to 30 put their multiples into the eight classes, less than 30 * p past the base: a
    start is below p and fits 16 bits.
    """
    cdef uint64_t offset
    cdef uint32_t p, wheel
    cdef int _
    while sieve.active_len < TABLE_LEN and TABLE[sieve.active_len] <= sieve.bound:
        p = TABLE[sieve.active_len]
        wheel = first_multiple(sieve.base, p, &offset)
        for _ in range(CLASS_COUNT):
            sieve.starts[CLASS_OF[offset % 30]][sieve.active_len] = offset / 30
            wheel = next_multiple(wheel, p, &offset)
        sieve.active_len += 1


cdef inline void merge_patterns(
    uint8_t* tile, size_t tile_bytes, Pattern* patterns, uint64_t base, uint64_t distance, const bint fresh
) noexcept nogil:
    """Store the flags of four patterns in a tile, or add them unless fresh.

    Bit 0 of the tile stands for base + distance, two terms because the sum may lie past 2**64. Bit u of a pattern that
    begins at byte t belongs to 240 * t + 30 * u, whence the phase.
    """
    cdef uint32_t[4] phases
    cdef uint8_t* a
    cdef uint8_t* b
    cdef uint8_t* c
    cdef uint8_t* d
    cdef size_t done = 0, run_bytes, i
    cdef uint8_t* run
    cdef uint64_t period
    cdef int k
    for k in range(4):
        period = patterns[k].period_bytes
        phases[k] = (base % period + distance) % period * patterns[k].inverse % period
    while done < tile_bytes:
        run_bytes = min(tile_bytes - done, <size_t>PATTERN_RUN_BYTES)
        run = tile + done
        a = patterns[0].flags + phases[0]
        b = patterns[1].flags + phases[1]
        c = patterns[2].flags + phases[2]
        d = patterns[3].flags + phases[3]
        if fresh:
            for i in range(run_bytes):
                run[i] = a[i] | b[i] | c[i] | d[i]
        else:
            for i in range(run_bytes):
                run[i] |= a[i] | b[i] | c[i] | d[i]
        for k in range(4):
            phases[k] = (phases[k] + PATTERN_RUN_BYTES) % patterns[k].period_bytes
        done += run_bytes


cdef inline void strike_rounds(uint8_t* at, uint8_t* end, size_t a, const int b) noexcept nogil:
    """Set every p-th bit from bit 0 of at to past end, p = 8 * a + b: the masks of a round of eight are constants."""
    while at < end:
        at[0] |= 1
        at[a + (b >> 3)] |= 1 << (b & 7)
        at[2 * a + (2 * b >> 3)] |= 1 << (2 * b & 7)
        at[3 * a + (3 * b >> 3)] |= 1 << (3 * b & 7)
        at[4 * a + (4 * b >> 3)] |= 1 << (4 * b & 7)
        at[5 * a + (5 * b >> 3)] |= 1 << (5 * b & 7)
        at[6 * a + (6 * b >> 3)] |= 1 << (6 * b & 7)
        at[7 * a + (7 * b >> 3)] |= 1 << (7 * b & 7)
        at += 8 * a + b


cdef void cross_off_tile(uint8_t* tile, size_t tile_bytes, uint16_t* starts, int active_len) noexcept nogil:
    """Cross off the multiples of the primes of the table before active_len; carry their starts to the next tile."""
    cdef uint32_t tile_bits = 8 * tile_bytes
    cdef uint8_t* end = tile + tile_bytes
    cdef uint8_t* at
    cdef uint32_t p, row, past
    cdef int k = FIRST_UNPATTERNED
    while k < active_len and TABLE[k] < UNROLLED_STOP:
        p = TABLE[k]
        row = starts[k]
        # Back to a multiple in bit 0 of a byte: p * p == 1 (mod 8), so that row * p steps of p do it, modulo 8. It may
        # lie before the tile, in a pad or in a tile that is done, where it hits what is composite anyway.
        at = tile + (<int64_t>row - <int64_t>((row * p & 7) * p)) / 8
        if p & 7 == 1:
            strike_rounds(at, end, p >> 3, 1)
        elif p & 7 == 3:
            strike_rounds(at, end, p >> 3, 3)
        elif p & 7 == 5:
            strike_rounds(at, end, p >> 3, 5)
        else:
            strike_rounds(at, end, p >> 3, 7)
        if row >= tile_bits:
            starts[k] = row - tile_bits
        else:
            past = (tile_bits - row) % p
            starts[k] = p - past if past else 0
        k += 1
    while k < active_len:
        p = TABLE[k]
        row = starts[k]
        while row < tile_bits:
            tile[row >> 3] |= 1 << (row & 7)
            row += p
        starts[k] = row - tile_bits
        k += 1


cdef int poll(uint64_t* ticks) except -1 nogil:
    """Look for Ctrl-C when TICKS_PER_POLL of work were done since the last look."""
    if ticks[0] >= TICKS_PER_POLL:
        ticks[0] = 0
        with gil:
            PyErr_CheckSignals()
    return 0


cdef void mask_ends(Sieve* sieve) noexcept nogil:
    """Flag what lies outside of [lo, hi], be it past 2**64."""
    cdef uint64_t room = sieve.hi - sieve.base
    cdef uint64_t rows
    cdef uint8_t* flags
    cdef int c
    for c in range(CLASS_COUNT):
        flags = class_flags(sieve, c)
        if sieve.base < sieve.lo and RESIDUES[c] < sieve.lo - sieve.base:
            flags[0] |= 1
        rows = (room - RESIDUES[c]) / 30 + 1 if room >= RESIDUES[c] else 0
        if rows < 8 * sieve.class_bytes:
            flags[rows >> 3] |= 0xFF << (rows & 7)
            rows = (rows >> 3) + 1
            memset(flags + rows, 0xFF, sieve.class_bytes - rows)


cdef int sieve_by_table(Sieve* sieve) except -1 nogil:
    """Sieve the current segment by the primes of the table up to the bound."""
    cdef uint8_t* flags
    cdef size_t done, tile_bytes
    cdef uint64_t distance
    cdef int c
    activate_table(sieve)
    for c in range(CLASS_COUNT):
        flags = class_flags(sieve, c)
        done = 0
        while done < sieve.class_bytes:
            tile_bytes = min(sieve.class_bytes - done, <size_t>TILE_BYTES)
            distance = RESIDUES[c] + COLUMN_SPAN * done
            merge_patterns(flags + done, tile_bytes, &PATTERNS[0], sieve.base, distance, True)
            merge_patterns(flags + done, tile_bytes, &PATTERNS[4], sieve.base, distance, False)
            cross_off_tile(flags + done, tile_bytes, sieve.starts[c], sieve.active_len)
            done += tile_bytes
            sieve.ticks += 2 * tile_bytes + sieve.active_len
            poll(&sieve.ticks)
    return 0


cdef uint64_t cross_off_streamed(Sieve* sieve, uint64_t* primes, int count) noexcept nogil:
    """Cross off the multiples of primes above the table in the whole segment; return about how many ticks it took."""
    cdef uint64_t rows = 8 * sieve.class_bytes
    cdef uint64_t span = 30 * rows
    cdef size_t stride_bytes = sieve.class_bytes + PAD_BYTES
    cdef uint8_t* first_class = class_flags(sieve, 0)
    cdef uint8_t* flags
    cdef uint64_t p, offset, row
    cdef uint32_t wheel
    cdef int k, _
    for k in range(count):
        p = primes[k]
        wheel = first_multiple(sieve.base, p, &offset)
        for _ in range(CLASS_COUNT):
            # The offsets ascend: far out, where most of the primes have no multiple here, this is the usual way out.
            if offset >= span:
                break
            flags = first_class + CLASS_OF[offset % 30] * stride_bytes
            row = offset / 30
            while row < rows:
                flags[row >> 3] |= 1 << (row & 7)
                row += p
            wheel = next_multiple(wheel, p, &offset)
    return count * (10 + CLASS_COUNT * rows / primes[0])


cdef void open_sieve(Sieve* sieve, uint64_t lo, uint64_t hi) noexcept nogil:
    """Begin with [lo, hi], TABLE_STOP <= lo <= hi; flags and capacity_bytes stay, to be used again."""
    sieve.lo = lo
    sieve.hi = hi
    sieve.base = lo - lo % 30
    sieve.class_bytes = 0
    sieve.active_len = FIRST_UNPATTERNED
    sieve.ticks = 0


cdef inline uint64_t segment_last(Sieve* sieve) noexcept nogil:
    """The last number of the current segment, inside of [lo, hi]; before the first segment, the one before its base."""
    cdef uint64_t room = sieve.hi - sieve.base
    cdef uint64_t span = COLUMN_SPAN * sieve.class_bytes
    return sieve.base + min(room + 1, span) - 1


cdef int begin_segment(Sieve* sieve, size_t class_bytes) except -1 nogil:
    """Go on to the next segment: of class_bytes, or less where hi comes first."""
    cdef uint64_t columns
    sieve.base += COLUMN_SPAN * sieve.class_bytes
    columns = (sieve.hi - sieve.base) / COLUMN_SPAN + 1
    sieve.class_bytes = class_bytes if class_bytes < columns else columns
    if sieve.class_bytes > sieve.capacity_bytes:
        free(sieve.flags)
        sieve.capacity_bytes = 0
        sieve.flags = <uint8_t*>malloc(PAD_BYTES + CLASS_COUNT * (sieve.class_bytes + PAD_BYTES))
        if sieve.flags == NULL:
            with gil:
                raise MemoryError
        sieve.capacity_bytes = sieve.class_bytes
    return 0


cdef inline bint is_finished(Sieve* sieve) noexcept nogil:
    return sieve.class_bytes > 0 and segment_last(sieve) == sieve.hi


cdef int sieve_segment(Sieve* sieve, Sieve* source, uint64_t* block) except -1 nogil:
    """Sieve the current segment by all primes up to the bound; source and block are the room to stream them."""
    cdef size_t column
    cdef int count
    sieve_by_table(sieve)
    if sieve.bound > TABLE_STOP:
        open_sieve(source, TABLE_STOP, sieve.bound)
        while not is_finished(source):
            begin_segment(source, TILE_BYTES)
            source.bound = isqrt(segment_last(source))
            sieve_by_table(source)
            mask_ends(source)
            column = 0
            while column < source.class_bytes:
                count = decode(source, &column, block)
                if count:
                    sieve.ticks += cross_off_streamed(sieve, block, count)
                    poll(&sieve.ticks)
    mask_ends(sieve)
    return 0


cdef int decode(Sieve* sieve, size_t* column, uint64_t* block) noexcept nogil:
    """Store the numbers left in the columns from column[0] on while they surely fit the block; return how many."""
    cdef uint8_t* flags = class_flags(sieve, 0)
    cdef size_t stride_bytes = sieve.class_bytes + PAD_BYTES
    cdef uint64_t word, swap, first
    cdef int c, count = 0
    while column[0] < sieve.class_bytes and count <= BLOCK_LEN - 64:
        word = 0
        for c in range(CLASS_COUNT):
            word |= <uint64_t>flags[c * stride_bytes + column[0]] << (8 * c)
        # Byte c is class c: transpose the 8 x 8 bits, and byte i is row i, the numbers in their order.
        swap = (word ^ (word >> 7)) & 0x00AA00AA00AA00AAULL
        word ^= swap ^ (swap << 7)
        swap = (word ^ (word >> 14)) & 0x0000CCCC0000CCCCULL
        word ^= swap ^ (swap << 14)
        swap = (word ^ (word >> 28)) & 0x00000000F0F0F0F0ULL
        word ^= swap ^ (swap << 28)
        word = ~word
        first = sieve.base + COLUMN_SPAN * column[0]
        while word:
            block[count] = first + COLUMN_OFFSET[lowest_bit(word)]
            count += 1
            word &= word - 1
        column[0] += 1
    return count


cdef inline uint64_t difference(uint64_t a, uint64_t b, uint64_t n) noexcept nogil:
    """a - b modulo n, for a and b below n."""
    return a - b if a >= b else a - b + n


cdef inline uint64_t double_of(uint64_t a, uint64_t n) noexcept nogil:
    """2 * a modulo n, for a below n."""
    return difference(a, n - a, n)


cdef inline uint64_t montgomery_product(uint64_t a, uint64_t b, uint64_t n, uint64_t inverse) noexcept nogil:
    """a * b / 2**64 modulo n, for a * b < n * 2**64 and inverse * n == 1 modulo 2**64."""
    cdef uint64_t high = mul_high(a, b)
    cdef uint64_t low = mul_high(a * b * inverse, n)
    return difference(high, low, n)


cdef bint is_strong_probable_prime(uint64_t n, uint64_t inverse) noexcept nogil:
    """Whether odd n > 1 passes the strong test to base 2; inverse is that of n modulo 2**64."""
    cdef uint64_t one = (0 - n) % n
    cdef uint64_t power = one, doubled
    cdef int twos = lowest_bit(n - 1)
    cdef uint64_t odd = (n - 1) >> twos
    cdef int bit = highest_bit(odd)
    while bit >= 0:
        power = montgomery_product(power, power, n, inverse)
        # A choice without a branch, which nobody could predict.
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


cdef int jacobi(uint32_t a, uint32_t m) noexcept nogil:
    """The Jacobi symbol (a / m) for odd m."""
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


cdef bint is_lucas_probable_prime(uint64_t n, uint64_t inverse) noexcept nogil:
    """Whether odd n > 2**16 passes the Lucas test with Selfridge's parameters: U(n + 1) = 0.

    D is the first of 5, -7, 9, -11, .. with (D / n) = -1, P = 1 and Q = (1 - D) / 4. All these D are 1 modulo 4, whence
    (D / n) = (n / |D|). Even indices need no powers of Q: U(2k) is Q**(k - 1) times the u(k) that has 1 / Q - 2 for P
    and 1 for Q. And u((n + 1) / 2), with (n + 1) / 2 = odd * 2**twos, is u(odd) times all v(odd * 2**i), i < twos: one
    of these has to be 0.
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
        # A square would search in vain.
        if symbol == 0 or (d == 25 and isqrt(n) * isqrt(n) == n):
            return False
        d += 2
        symbol = jacobi(n % d, d)
    # 1 / |Q|: the t that makes one + t * n a multiple of |Q|, and the quotient in parts, which do not overflow. It
    # exists: the odd prime factors of |Q| divide a D that was tried before.
    q = (d + 1) // 4
    while (one % q + t * (n % q)) % q:
        t += 1
    p = one // q + t * (n // q) + (one % q + t * (n % q)) // q
    if d % 4 == 1:
        p = n - p
    p = difference(p, two, n)
    v = p
    v_next = difference(montgomery_product(p, p, n, inverse), two, n)
    # Where the bit is 1, the two come out the wrong way round; where the next one is 1 too, they stay so. No branch,
    # for nobody could predict it.
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


cdef bint is_odd_prime(uint64_t n) noexcept nogil:
    """Decide odd n > 2**16 by the test of Baillie and PSW: no composite below 2**64 passes both halves."""
    cdef uint64_t inverse = n  # right in the 3 lowest bits; each of Newton's steps doubles them
    cdef int _
    for _ in range(5):
        inverse *= 2 - n * inverse
    return is_strong_probable_prime(n, inverse) and is_lucas_probable_prime(n, inverse)


cdef bint decide(uint64_t n) noexcept nogil:
    """Decide any n."""
    cdef int i
    if n < TABLE_STOP:
        i = table_index(n)
        return i < TABLE_LEN and TABLE[i] == n
    if n % 2 == 0 or n % 3 == 0 or n % 5 == 0 or n % 7 == 0:
        return False
    return is_odd_prime(n)


cdef size_t plan_class_bytes(double base, double n) noexcept nogil:
    """How long a segment at base shall be to hold n primes, within what one segment may take.

    The root is for luck: where the estimate falls short, the caller asks again. Streaming costs about as much as root /
    log(root) hits for any length, so that the length grows with the root.
    """
    cdef double columns = (n + sqrt(n)) * log(base) / COLUMN_SPAN + 1
    cdef double limit = min(max(sqrt(base) / CLASS_COUNT, <double>TILE_BYTES), <double>LARGEST_CLASS_BYTES)
    return <size_t>min(columns, limit)


cdef uint64_t plan_bound(Sieve* sieve) noexcept nogil:
    """Up to which prime to sieve the segment: the root of its last number, or less where testing the rest is cheaper.

    The prices, in nanoseconds: 10 for a sieving prime, and to test 60 bits 300 if they are composite, 700 if prime.
    """
    cdef uint64_t last = segment_last(sieve)
    cdef uint64_t root = isqrt(last)
    cdef double span = <double>(last - sieve.base)
    # Where one more sieving prime costs as much as the tests that it saves.
    cdef double cut = max(span / 2, 64.0)
    cdef double sieving, cut_sieving, testing
    if cut >= root:
        return root
    sieving = 10 * root / log(<double>root)
    cut_sieving = 10 * cut / log(cut)
    # Mertens: 0.56 / log(cut) of the numbers have no prime factor up to cut.
    testing = span * (300 * 0.56 / log(cut) + 700 / log(<double>last))
    return root if sieving <= cut_sieving + testing else <uint64_t>cut


cdef int table_index(uint64_t lo) noexcept nogil:
    """How many primes of the table are below lo."""
    cdef int first = 0, last = TABLE_LEN, middle
    while first < last:
        middle = (first + last) >> 1
        if TABLE[middle] < lo:
            first = middle + 1
        else:
            last = middle
    return first


cdef struct Search:
    # The primes of an interval above the table, or the last primes of its k-tuplets.
    Sieve sieve
    Sieve source  # of sieving primes past the table
    int k
    bint proven  # the segment is sieved by all primes up to its root
    uint8_t carry  # bit 7: the last number of class 29 in the segment before is composite
    size_t column  # the next to be decoded
    uint64_t[BLOCK_LEN] block


cdef Search* new_search(int k, uint64_t lo, uint64_t hi) except NULL:
    """Begin with [lo, hi], hi >= TABLE_STOP; what lies below TABLE_STOP is not the sieve's."""
    cdef Search* search = <Search*>malloc(sizeof(Search))
    if search == NULL:
        raise MemoryError
    search.sieve.flags = search.source.flags = NULL
    search.sieve.capacity_bytes = search.source.capacity_bytes = 0
    search.k = k
    search.carry = 0x80
    open_sieve(&search.sieve, max(lo, <uint64_t>TABLE_STOP), hi)
    return search


cdef void free_search(Search* search) noexcept:
    free(search.sieve.flags)
    free(search.source.flags)
    free(search)


cdef bint next_segment(Search* search, double n) except -1 nogil:
    """Sieve the next segment, long enough for n primes if one can be; False after the last one."""
    cdef Sieve* sieve = &search.sieve
    if is_finished(sieve):
        return False
    begin_segment(sieve, plan_class_bytes(<double>segment_last(sieve), n))
    sieve.bound = plan_bound(sieve)
    search.proven = sieve.bound == isqrt(segment_last(sieve))
    sieve_segment(sieve, &search.source, search.block)
    if search.k > 1:
        keep_tuplets(search)
    search.column = 0
    return True


cdef void keep_tuplets(Search* search) noexcept nogil:
    """Flag all but the last number of each k-tuplet; from the last class down, for it needs those below as they are."""
    cdef Sieve* sieve = &search.sieve
    cdef size_t class_bytes = sieve.class_bytes
    cdef uint8_t* flags
    cdef uint8_t* member
    cdef uint32_t distances
    cdef uint8_t carry
    cdef size_t i
    cdef int c, distance, residue
    # The one member that lies in another row than the last one: of the twins (29, 31), in the row before.
    member = class_flags(sieve, CLASS_COUNT - 1)
    carry = member[class_bytes - 1]
    (member - 1)[0] = search.carry
    search.carry = carry
    for c in range(CLASS_COUNT - 1, -1, -1):
        flags = class_flags(sieve, c)
        distances = TUPLETS[search.k][c]
        for distance in range(2, 17, 2):
            if not distances >> distance & 1:
                continue
            residue = RESIDUES[c] - distance
            if residue > 0:
                member = class_flags(sieve, CLASS_OF[residue])
                for i in range(class_bytes):
                    flags[i] |= member[i]
            else:
                member = class_flags(sieve, CLASS_OF[residue + 30])
                for i in range(class_bytes):
                    flags[i] |= member[i] << 1 | member[i - 1] >> 7
    for c in range(CLASS_COUNT):
        if not TUPLETS[search.k][c]:
            memset(class_flags(sieve, c), 0xFF, class_bytes)


cdef int next_block(Search* search) except -1 nogil:
    """Store the next primes of the segment in the block; return how many, 0 after the last ones."""
    cdef Sieve* sieve = &search.sieve
    cdef int count, kept = 0
    while kept == 0 and search.column < sieve.class_bytes:
        count = decode(sieve, &search.column, search.block)
        kept = count if search.proven else keep_primes(search, count)
        poll(&sieve.ticks)
    return kept


cdef int keep_primes(Search* search, int count) noexcept nogil:
    """Move those of the first count numbers in the block that are what is sought to the front; return how many."""
    cdef uint64_t* block = search.block
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
        search.sieve.ticks += 500
        block[kept] = n
        kept += distances == 0
    return kept


cdef uint64_t count_clear_bits(uint8_t* flags, size_t len_bytes) noexcept nogil:
    """Count the bits that are 0. Sums of bytes are kept apart for as long as they cannot overflow."""
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
        sums = (sums & 0x00FF00FF00FF00FFULL) + (sums >> 8 & 0x00FF00FF00FF00FFULL)
        total -= sums * 0x0001000100010001ULL >> 48
    while done < len_bytes:
        word = flags[done]
        while word:
            total -= 1
            word &= word - 1
        done += 1
    return total


cdef int64_t count_segments(Search* search) except -1 nogil:
    """Count what is sought."""
    cdef int64_t total = 0
    cdef int c, count
    while next_segment(search, UNLIMITED):
        if search.proven:
            for c in range(CLASS_COUNT):
                total += count_clear_bits(class_flags(&search.sieve, c), search.sieve.class_bytes)
            continue
        count = next_block(search)
        while count:
            total += count
            count = next_block(search)
    return total


cdef bint ends_tuplet(int k, int i) noexcept nogil:
    """Whether TABLE[i] is the last prime of a k-tuplet; its members are neighbours, or 3 would divide one of them."""
    cdef uint32_t distances
    cdef int c, distance, back
    for c in range(CLASS_COUNT):
        distances = TUPLETS[k][c]
        back = 0
        while distances:
            distance = lowest_bit(distances)
            if back > i or TABLE[i - back] + distance != TABLE[i]:
                break
            distances &= distances - 1
            back += 1
        if back and not distances:
            return True
    return False


cdef int64_t count_all(int k, uint64_t lo, uint64_t hi) except -1:
    cdef int64_t total = 0
    cdef Search* search
    cdef int first, stop, i
    if lo > hi:
        return 0
    if lo < TABLE_STOP:
        # No tuplet lies on both sides: 65521 and 65537 are neighbours, as far apart as the ends of a sextuplet.
        first = table_index(lo) + k - 1
        stop = table_index(min(hi, <uint64_t>TABLE_STOP - 1) + 1)
        if k == 1:
            total = stop - first
        else:
            for i in range(first, stop):
                total += ends_tuplet(k, i)
    if hi < TABLE_STOP:
        return total
    search = new_search(k, lo, hi)
    try:
        with nogil:
            total += count_segments(search)
    finally:
        free_search(search)
    return total


cdef int extend(list out, uint64_t n, uint64_t lo, uint64_t hi) except -1:
    cdef Search* search
    cdef int first, stop, i, count
    if lo > hi:
        return 0
    if lo < TABLE_STOP:
        first = table_index(lo)
        stop = table_index(min(hi, <uint64_t>TABLE_STOP - 1) + 1)
        count = <int>min(n, <uint64_t>(stop - first))
        out.extend(TABLE_INTS[first:first + count])
        n -= count
    if n == 0 or hi < TABLE_STOP:
        return 0
    search = new_search(1, lo, hi)
    try:
        while n:
            with nogil:
                if not next_segment(search, <double>n):
                    break
            while n:
                if search.proven:
                    # 2 us, for which it would not pay to release the GIL: to get it back can take 5 ms.
                    count = next_block(search)
                else:
                    with nogil:
                        count = next_block(search)
                if count == 0:
                    break
                count = <int>min(n, <uint64_t>count)
                for i in range(count):
                    out.append(search.block[i])
                n -= count
                PyErr_CheckSignals()
    finally:
        free_search(search)
    return 0


def extend_first_n(list out not None, uint64_t n, uint64_t lo, /):
    """Append to ``out`` the ``n`` smallest primes >= ``lo``; fewer only where 2**64 ends the search."""
    extend(out, n, lo, UINT64_MAX)


def extend_range(list out not None, uint64_t lo, uint64_t hi, /):
    """Append to ``out`` the primes of [lo, hi], in ascending order."""
    extend(out, UINT64_MAX, lo, hi)


cdef tuple tuplet(int k, uint64_t last, uint32_t distances):
    """The primes at these distances before the last one."""
    cdef int distance
    if k == 2:
        return last - 2, last
    return tuple([last - distance for distance in range(16, -1, -2) if distances >> distance & 1])


def extend_tuplets(list out not None, int k, uint64_t lo, uint64_t hi, /):
    """Append to ``out`` the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi], ascending."""
    cdef Search* search
    cdef uint64_t last
    cdef int first, stop, i, count
    if lo > hi:
        return
    if lo < TABLE_STOP:
        first = table_index(lo) + k - 1
        stop = table_index(min(hi, <uint64_t>TABLE_STOP - 1) + 1)
        for i in range(first, stop):
            if ends_tuplet(k, i):
                out.append(TABLE_INTS[i + 1 - k:i + 1])
    if hi < TABLE_STOP:
        return
    search = new_search(k, lo, hi)
    try:
        while True:
            with nogil:
                if not next_segment(search, UNLIMITED):
                    break
            while True:
                if search.proven:
                    count = next_block(search)
                else:
                    with nogil:
                        count = next_block(search)
                if count == 0:
                    break
                for i in range(count):
                    last = search.block[i]
                    out.append(tuplet(k, last, TUPLETS[k][CLASS_OF[last % 30]]))
                PyErr_CheckSignals()
    finally:
        free_search(search)


def count(uint64_t lo, uint64_t hi, /):
    """Count the primes of [lo, hi] by sieving, in bounded memory."""
    return count_all(1, lo, hi)


def count_tuplets(int k, uint64_t lo, uint64_t hi, /):
    """Count the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi]."""
    return count_all(k, lo, hi)


cdef class _Array:
    """Unsigned 64-bit integers that grow in place, behind the buffer protocol."""

    cdef uint64_t* items
    cdef size_t len
    cdef size_t capacity  # in items, as len

    def __dealloc__(self):
        free(self.items)

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.items, 8 * self.len, False, flags)
        view.itemsize = 8
        if view.format != NULL:
            view.format = b"Q"
        # One dimension: the view's own fields hold the shape and the stride.
        if view.shape != NULL:
            view.internal = malloc(sizeof(Py_ssize_t))
            if view.internal == NULL:
                raise MemoryError
            view.shape = <Py_ssize_t*>view.internal
            view.shape[0] = self.len

    def __releasebuffer__(self, Py_buffer* view):
        free(view.internal)

    cdef int resize(self, size_t capacity) except -1 nogil:
        cdef uint64_t* items = NULL
        if capacity <= SIZE_MAX // 16:
            items = <uint64_t*>realloc(self.items, 8 * max(capacity, <size_t>1))
        if items == NULL:
            with gil:
                raise MemoryError
        self.items = items
        self.capacity = capacity
        return 0

    cdef int append(self, uint64_t* items, size_t count) except -1 nogil:
        if count > self.capacity - self.len:
            self.resize(self.len + self.len // 8 + count)
        memcpy(self.items + self.len, items, 8 * count)
        self.len += count
        return 0


cdef double likely_count(double lo, double hi) noexcept nogil:
    """About how many primes lie in [lo, hi], rather too many.

    They are nowhere denser than at lo, but for luck; and there are less than hi / (log(hi) - 1.1) in all: P. Dusart,
    arXiv:1002.0442, theorem 6.9.
    """
    cdef double likely, most
    lo = max(lo, 2657.0)
    hi = max(hi, 60184.0)
    likely = max(hi - lo, 0.0) / log(lo)
    most = hi / (log(hi) - 1.1)
    likely = min(likely + 4 * sqrt(max(likely, 1.0)) + TABLE_LEN, most)
    return likely


def array(uint64_t n, uint64_t lo, uint64_t hi, /):
    """Return the ``n`` smallest primes of [lo, hi], or all if there are fewer, as a buffer of format ``Q``."""
    cdef _Array primes = _Array.__new__(_Array)
    cdef Search* search
    cdef uint64_t prime
    cdef int i, first, stop, count
    if lo > hi:
        n = 0
    primes.resize(<size_t>min(<double>n, likely_count(<double>lo, <double>hi)))
    if n and lo < TABLE_STOP:
        first = table_index(lo)
        stop = table_index(min(hi, <uint64_t>TABLE_STOP - 1) + 1)
        count = <int>min(n, <uint64_t>(stop - first))
        for i in range(first, first + count):
            prime = TABLE[i]
            primes.append(&prime, 1)
        n -= count
    if n and hi >= TABLE_STOP:
        search = new_search(1, lo, hi)
        try:
            with nogil:
                while n and next_segment(search, <double>n):
                    count = next_block(search)
                    while n and count:
                        count = <int>min(n, <uint64_t>count)
                        primes.append(search.block, count)
                        n -= count
                        search.sieve.ticks += 4 * count
                        count = next_block(search)
        finally:
            free_search(search)
    primes.resize(primes.len)
    return primes


cdef struct Text:
    char* bytes
    size_t len
    size_t capacity
    const char* separator
    size_t separator_len
    char[16] padded_separator  # the same, if it is that short
    uint64_t leading  # the number but its last four digits
    char[16] leading_digits
    size_t leading_len


cdef int write_decimal(Text* text, uint64_t* numbers, int count) except -1 nogil:
    """Append count numbers, each with the separator after it.

    Neighbours share all but their last digits: those are kept. Copies of 16 bytes, longer than what they are for, are
    two instructions; what they write too much is overwritten by the next.
    """
    cdef size_t longest = text.len + count * (20 + text.separator_len) + 16
    cdef char* at
    cdef uint64_t leading
    cdef uint32_t rest
    cdef int i, skipped
    if longest > text.capacity:
        longest += longest // 2
        at = <char*>realloc(text.bytes, longest)
        if at == NULL:
            with gil:
                raise MemoryError
        text.bytes = at
        text.capacity = longest
    at = text.bytes + text.len
    for i in range(count):
        leading = numbers[i] // 10000
        rest = numbers[i] - 10000 * leading
        if leading != text.leading:
            keep_leading_digits(text, leading)
        memcpy(at, text.leading_digits, 16)
        at += text.leading_len
        if leading:
            memcpy(at, &DIGITS[rest // 100], 2)
            memcpy(at + 2, &DIGITS[rest % 100], 2)
            at += 4
        else:
            skipped = (rest < 10) + (rest < 100) + (rest < 1000)
            if skipped < 1:
                at[0] = 48 + rest // 1000
            if skipped < 2:
                at[1 - skipped] = 48 + rest // 100 % 10
            if skipped < 3:
                at[2 - skipped] = 48 + rest // 10 % 10
            at[3 - skipped] = 48 + rest % 10
            at += 4 - skipped
        if text.separator_len <= 16:
            memcpy(at, text.padded_separator, 16)
        else:
            memcpy(at, text.separator, text.separator_len)
        at += text.separator_len
    text.len = at - text.bytes
    return 0


cdef void keep_leading_digits(Text* text, uint64_t leading) noexcept nogil:
    cdef char[20] digits
    cdef int i, len = 0
    text.leading = leading
    while leading:
        digits[len] = 48 + leading % 10
        len += 1
        leading //= 10
    for i in range(len):
        text.leading_digits[i] = digits[len - 1 - i]
    text.leading_len = len


cdef int copy_text(char* to, Text* text) except -1 nogil:
    """Copy it piece by piece: 10**8 bytes of fresh memory take more than 50 ms."""
    cdef size_t done = 0, piece
    cdef uint64_t ticks = 0
    while done < text.len:
        piece = min(text.len - done, <size_t>1048576)
        memcpy(to + done, text.bytes + done, piece)
        done += piece
        ticks += piece
        poll(&ticks)
    return 0


def decimal(uint64_t n, uint64_t lo, uint64_t hi, bytes separator not None, /):
    """Return the ``n`` smallest primes of [lo, hi], or all if there are fewer, as decimal text, and their number."""
    cdef Search* search = NULL
    cdef uint64_t[BLOCK_LEN] numbers
    cdef uint64_t left = n
    cdef int first, stop, i, count
    cdef Text text
    cdef bytes result
    cdef char* to
    memset(&text, 0, sizeof(text))
    text.separator = separator
    text.separator_len = len(separator)
    if text.separator_len <= 16:
        memcpy(text.padded_separator, text.separator, text.separator_len)
    if lo > hi:
        return b"", 0
    try:
        if lo < TABLE_STOP:
            first = table_index(lo)
            stop = table_index(min(hi, <uint64_t>TABLE_STOP - 1) + 1)
            stop = first + <int>min(left, <uint64_t>(stop - first))
            left -= stop - first
            while first < stop:
                count = min(stop - first, <int>BLOCK_LEN)
                for i in range(count):
                    numbers[i] = TABLE[first + i]
                write_decimal(&text, numbers, count)
                first += count
        if left and hi >= TABLE_STOP:
            search = new_search(1, lo, hi)
            with nogil:
                while left and next_segment(search, <double>left):
                    count = next_block(search)
                    while left and count:
                        count = <int>min(left, <uint64_t>count)
                        write_decimal(&text, search.block, count)
                        left -= count
                        search.sieve.ticks += 4 * count
                        count = next_block(search)
        result = PyBytes_FromStringAndSize(NULL, text.len)
        to = result
        with nogil:
            copy_text(to, &text)
        return result, n - left
    finally:
        free(text.bytes)
        if search != NULL:
            free_search(search)


cdef struct Counts:
    # S(v): how many of 2 .. v are left after the multiples of the primes so far; these stay themselves.
    uint64_t x
    uint64_t root  # of x
    uint32_t* small  # small[(v - 1) / 2] is S(v), v <= root
    uint64_t* large  # large[i / 2] is S(x / i), odd i <= root
    uint32_t* rough  # the i <= root with no prime factor so far, ascending
    uint8_t* struck  # struck[i / 2]: i has one
    size_t rough_len
    uint64_t ticks


cdef inline uint64_t quotient(uint64_t x, uint64_t d) noexcept nogil:
    """x / d for root of x < d < 2**62, by the floats' division, which is the faster: it is off by one at most."""
    cdef uint64_t q = <uint64_t>(<double>x / <double>d)
    cdef int64_t rest = <int64_t>(x - q * d)
    if rest < 0:
        q -= 1
    elif rest >= <int64_t>d:
        q += 1
    return q


cdef int strike(Counts* counts, uint64_t p, uint64_t below) except -1 nogil:
    """Go on from the primes before p, of which there are so many, to p."""
    cdef uint64_t root = counts.root
    cdef uint64_t last = min(root, counts.x // p // p)
    cdef uint64_t i = p, q, fewer
    cdef size_t k = 0, kept = 0, v, end
    while i <= last:
        counts.struck[i >> 1] = 1
        i += 2 * p
    while k < counts.rough_len and counts.rough[k] <= last:
        i = counts.rough[k]
        k += 1
        if counts.struck[i >> 1]:
            continue
        counts.rough[kept] = i
        kept += 1
        if i * p <= root:
            fewer = counts.large[i * p >> 1]
        else:
            fewer = counts.small[(quotient(counts.x, i * p) - 1) >> 1]
        counts.large[i >> 1] -= fewer - below
        if k % 65536 == 0:
            counts.ticks += 65536 * 5
            poll(&counts.ticks)
    counts.ticks += k % 65536 * 5
    poll(&counts.ticks)
    counts.rough_len = kept
    end = (root + 1) >> 1
    q = (root // p - 1) | 1
    while q >= p:
        fewer = counts.small[q >> 1] - below
        for v in range(q * p >> 1, end):
            counts.small[v] -= <uint32_t>fewer
        end = q * p >> 1
        q -= 2
        counts.ticks += p
        poll(&counts.ticks)
    return 0


cdef int64_t meissel(Counts* counts) except -1 nogil:
    cdef uint64_t p, below
    cdef int64_t total
    cdef size_t i
    for i in range((counts.root + 1) >> 1):
        counts.small[i] = i + 1
        counts.rough[i] = 2 * i + 1
        counts.struck[i] = 0
        p = counts.x // (2 * i + 1)
        counts.large[i] = p - p // 2
        if i % 65536 == 0:
            counts.ticks += 65536 * 10
            poll(&counts.ticks)
    counts.rough_len = (counts.root + 1) >> 1
    p = 3
    while p * p <= counts.x // p:
        below = counts.small[(p >> 1) - 1]
        if counts.small[p >> 1] != below:
            strike(counts, p, below)
        p += 2
    total = counts.large[0]
    for i in range(p >> 1, (counts.root + 1) >> 1):
        if counts.small[i] != counts.small[i - 1]:
            total -= counts.large[i] - counts.small[i - 1]
        if i % 65536 == 0:
            counts.ticks += 65536 * 5
            poll(&counts.ticks)
    return total


def prime_pi(uint64_t x, /):
    """Count the primes <= ``x`` by a method that takes less than linear time."""
    cdef Counts counts
    cdef size_t odd
    if x < TABLE_STOP:
        return table_index(x + 1)
    counts.x = x
    counts.root = isqrt(x)
    counts.ticks = 0
    odd = (counts.root + 1) >> 1
    counts.small = <uint32_t*>malloc(4 * odd)
    counts.large = <uint64_t*>malloc(8 * odd)
    counts.rough = <uint32_t*>malloc(4 * odd)
    counts.struck = <uint8_t*>malloc(odd)
    try:
        if counts.small == NULL or counts.large == NULL or counts.rough == NULL or counts.struck == NULL:
            raise MemoryError
        with nogil:
            x = meissel(&counts)
        return x
    finally:
        free(counts.small)
        free(counts.large)
        free(counts.rough)
        free(counts.struck)


def is_prime(uint64_t n, /):
    """Tell whether ``n`` is prime; this is proven for all n < 2**64."""
    return decide(n)


def are_prime(numbers, /):
    """Tell of each integer of a contiguous buffer of unsigned 64-bit integers whether it is prime: 1 or 0."""
    cdef Py_buffer view
    cdef uint64_t ticks = 0
    cdef size_t i, len
    cdef uint64_t* items
    cdef uint8_t* answers
    PyObject_GetBuffer(numbers, &view, PyBUF_CONTIG_RO | PyBUF_FORMAT)
    try:
        if view.itemsize != 8 or view.format == NULL or view.format not in (b"Q", b"L"):
            raise TypeError("the buffer does not hold unsigned 64-bit integers")
        len = view.len // 8
        result = bytearray(len)
        items = <uint64_t*>view.buf
        answers = <uint8_t*><char*>result
        with nogil:
            for i in range(len):
                answers[i] = decide(items[i])
                ticks += 500
                poll(&ticks)
        return result
    finally:
        PyBuffer_Release(&view)


def build_info():
    """Tell what this module was built from, and how."""
    version = f"{CYTHON_HEX_VERSION >> 24}.{CYTHON_HEX_VERSION >> 16 & 0xFF}.{CYTHON_HEX_VERSION >> 8 & 0xFF}"
    return {
        "version": PRIMES_VERSION.decode(),
        "profile": PRIMES_PROFILE.decode(),
        "cpu": "portable",
        "compiler": f"Cython {version}, {PRIMES_COMPILER.decode()}",
    }


cdef void fill_wheel() noexcept:
    cdef int c, i, gap, row
    for i in range(30):
        CLASS_OF[i] = CLASS_COUNT
    for c in range(CLASS_COUNT):
        CLASS_OF[RESIDUES[c]] = c
        for row in range(8):
            COLUMN_OFFSET[8 * row + c] = 30 * row + RESIDUES[c]
    for i in range(30):
        gap = 1
        while CLASS_OF[(i + gap) % 30] == CLASS_COUNT:
            gap += 1
        GAP[i] = gap


cdef void fill_table() noexcept:
    cdef uint8_t[TABLE_STOP >> 1] composite  # of 2 * i + 1
    cdef int i, k, p, count = 1
    memset(composite, 0, sizeof(composite))
    TABLE[0] = 2
    for i in range(1, TABLE_STOP // 2):
        if composite[i]:
            continue
        p = 2 * i + 1
        TABLE[count] = p
        count += 1
        k = 2 * i * (i + 1)  # of p * p; range() with a step that is no constant would be Python's
        while p < 256 and k < TABLE_STOP // 2:
            composite[k] = 1
            k += p


cdef fill_tuplets():
    cdef int k, c, distance
    shapes = [
        (1, [0]),
        (2, [0, 2]),
        (3, [0, 2, 6]),
        (3, [0, 4, 6]),
        (4, [0, 2, 6, 8]),
        (5, [0, 4, 6, 10, 12]),
        (5, [0, 2, 6, 8, 12]),
        (6, [0, 4, 6, 10, 12, 16]),
    ]
    for k, shape in shapes:
        for c in range(CLASS_COUNT):
            distances = [max(shape) - offset for offset in shape]
            if all([CLASS_OF[(RESIDUES[c] + 30 - distance) % 30] < CLASS_COUNT for distance in distances]):
                TUPLETS[k][c] = sum([1 << distance for distance in distances])


cdef void fill_digits() noexcept:
    cdef int i
    for i in range(100):
        DIGITS[i][0] = 48 + i // 10
        DIGITS[i][1] = 48 + i % 10


cdef fill_patterns():
    cdef int i, k, first = 3, stop = 6  # TABLE[3] is 7: a triple, then pairs
    cdef uint32_t period, u
    cdef Pattern* pattern
    for k in range(PATTERN_COUNT):
        pattern = &PATTERNS[k]
        period = 1
        for i in range(first, stop):
            period *= TABLE[i]
        for i in range(first, stop):
            u = 0
            while u < 8 * (period + PATTERN_RUN_BYTES):
                pattern.flags[u >> 3] |= 1 << (u & 7)
                u += TABLE[i]
        pattern.period_bytes = period
        pattern.inverse = pow(COLUMN_SPAN, -1, period)
        first = stop
        stop += 2


releases_gil = True

fill_wheel()
fill_table()
fill_patterns()
fill_tuplets()
fill_digits()
TABLE_INTS = tuple([p for p in TABLE[:TABLE_LEN]])
