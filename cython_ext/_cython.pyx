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

Sources: E. Bach and J. Shallit, Algorithmic Number Theory (1996), section 9.8, for sieves over residue classes;
P. Montgomery, Modular multiplication without trial division, Math. Comp. 44 (1985); H. Warren, Hacker's Delight (2nd
ed. 2012), section 7-3, for the transposition; https://miller-rabin.appspot.com for the seven witnesses of J. Sinclair.

Conventions: a set flag means composite, intervals are closed. Row i of a segment is the thirty numbers from
base + 30 * i on, and bit i of a class stands for one of them; a column is one byte of each class: 8 rows, 240 numbers.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport log, sqrt
from libc.stdint cimport UINT32_MAX, UINT64_MAX, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

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

    #if defined(__GNUC__)
    #define primes_lowest_bit(word) ((unsigned)__builtin_ctzll(word))
    #elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    static inline unsigned primes_lowest_bit(uint64_t word) {
        unsigned long bit;
        _BitScanForward64(&bit, word);
        return bit;
    }
    #else
    static inline unsigned primes_lowest_bit(uint64_t word) {
        unsigned bit = 0;
        for (; !(word & 1); word >>= 1) bit++;
        return bit;
    }
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
    const char* PRIMES_VERSION
    const char* PRIMES_COMPILER
    const char* PRIMES_PROFILE
    const unsigned long CYTHON_HEX_VERSION


cdef enum:
    CLASS_COUNT = 8
    COLUMN_SPAN = 240  # numbers
    WITNESS_COUNT = 7

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

    # Units of about a nanosecond between two looks for Ctrl-C. On a machine ten times slower it is still 50 ms.
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
cdef uint64_t[WITNESS_COUNT] WITNESSES = [2, 325, 9375, 28178, 450775, 9780504, 1795265022]


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


cdef int poll(Sieve* sieve) except -1 nogil:
    """Look for Ctrl-C when TICKS_PER_POLL of work were done since the last look."""
    if sieve.ticks >= TICKS_PER_POLL:
        sieve.ticks = 0
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
            poll(sieve)
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


cdef Sieve* new_sieve() except NULL:
    cdef Sieve* sieve = <Sieve*>malloc(sizeof(Sieve))
    if sieve == NULL:
        raise MemoryError
    sieve.flags = NULL
    sieve.capacity_bytes = 0
    return sieve


cdef void free_sieve(Sieve* sieve) noexcept:
    if sieve != NULL:
        free(sieve.flags)
        free(sieve)


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
                    poll(sieve)
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


cdef inline uint64_t montgomery_product(uint64_t a, uint64_t b, uint64_t n, uint64_t inverse) noexcept nogil:
    """a * b / 2**64 modulo n, for a * b < n * 2**64 and inverse * n == 1 modulo 2**64."""
    cdef uint64_t high = mul_high(a, b)
    cdef uint64_t low = mul_high(a * b * inverse, n)
    return high - low if high >= low else high - low + n


cdef bint is_strong_probable_prime(uint64_t n, uint64_t inverse, int first, int stop) noexcept nogil:
    """Whether odd n > 1 passes the strong test to the WITNESSES [first, stop); inverse is that of n modulo 2**64.

    The powers run side by side: a product has to wait for the one before it in its own power only.
    """
    cdef uint64_t one = (0 - n) % n
    cdef uint64_t square
    cdef uint64_t odd = (n - 1) >> lowest_bit(n - 1)
    cdef uint64_t bit = 1
    cdef uint64_t[WITNESS_COUNT] witnesses, powers
    cdef int i, _
    # 2**64 is 1 in Montgomery form; from 2 on, six squarings make 2**64 of it, which converts by one product.
    square = one + one if one < n - one else one + one - n
    for _ in range(6):
        square = montgomery_product(square, square, n, inverse)
    for i in range(first, stop):
        powers[i] = witnesses[i] = montgomery_product(WITNESSES[i], square, n, inverse)
    while bit <= odd >> 1:
        bit <<= 1
    while bit > 1:
        bit >>= 1
        for i in range(first, stop):
            powers[i] = montgomery_product(powers[i], powers[i], n, inverse)
        if odd & bit:
            for i in range(first, stop):
                powers[i] = montgomery_product(powers[i], witnesses[i], n, inverse)
    for i in range(first, stop):
        # 0: n divides the witness, which then says nothing.
        if powers[i] == 0 or powers[i] == one:
            continue
        for _ in range(<int>lowest_bit(n - 1) - 1):
            if powers[i] == n - one:
                break
            powers[i] = montgomery_product(powers[i], powers[i], n, inverse)
        if powers[i] != n - one:
            return False
    return True


cdef bint is_prime(uint64_t n) noexcept nogil:
    """Decide odd n > 1: no composite below 2**64 passes all the WITNESSES (Sinclair)."""
    cdef uint64_t inverse = n  # right in the 3 lowest bits; each of Newton's steps doubles them
    cdef int _
    for _ in range(5):
        inverse *= 2 - n * inverse
    # Nearly every composite fails the first witness. The other six, side by side, cost four times as much as it.
    return is_strong_probable_prime(n, inverse, 0, 1) and is_strong_probable_prime(n, inverse, 1, WITNESS_COUNT)


cdef int keep_primes(uint64_t* block, int count) noexcept nogil:
    """Move the primes among the first count numbers to the front; return how many there are."""
    cdef int i, kept = 0
    for i in range(count):
        block[kept] = block[i]
        kept += is_prime(block[i])
    return kept


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

    The prices, in nanoseconds: 9 for a sieving prime, 200 to test a composite and 1100 to test a prime of 60 bits. An
    error of a factor of two costs less than that, and only near the border.
    """
    cdef uint64_t last = segment_last(sieve)
    cdef uint64_t root = isqrt(last)
    cdef double span = <double>(last - sieve.base)
    # Where one more sieving prime costs as much as the tests that it saves.
    cdef double cut = max(span / 2, 64.0)
    cdef double sieving, cut_sieving, testing
    if cut >= root:
        return root
    sieving = 9 * root / log(<double>root)
    cut_sieving = 9 * cut / log(cut)
    # Mertens: 0.56 / log(cut) of the numbers have no prime factor up to cut.
    testing = span * (200 * 0.56 / log(cut) + 1100 / log(<double>last))
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


def extend_first_n(list out not None, uint64_t n, uint64_t lo, /):
    """Append to ``out`` the ``n`` smallest primes >= ``lo``; fewer only where 2**64 ends the search."""
    cdef uint64_t[BLOCK_LEN] block
    cdef Sieve* sieve = NULL
    cdef Sieve* source = NULL
    cdef size_t column
    cdef int first, i, count
    cdef bint proven
    if lo < TABLE_STOP:
        first = table_index(lo)
        count = <int>min(n, <uint64_t>(TABLE_LEN - first))
        out.extend(TABLE_INTS[first:first + count])
        n -= count
        lo = TABLE_STOP
    if n == 0:
        return
    try:
        sieve = new_sieve()
        source = new_sieve()
        open_sieve(sieve, lo, UINT64_MAX)
        while n and not is_finished(sieve):
            with nogil:
                begin_segment(sieve, plan_class_bytes(<double>segment_last(sieve), <double>n))
                sieve.bound = plan_bound(sieve)
                proven = sieve.bound == isqrt(segment_last(sieve))
                sieve_segment(sieve, source, block)
            column = 0
            while n and column < sieve.class_bytes:
                if proven:
                    # 2 us, for which it would not pay to release the GIL: to get it back can take 5 ms.
                    count = decode(sieve, &column, block)
                else:
                    with nogil:
                        count = keep_primes(block, decode(sieve, &column, block))
                count = <int>min(n, <uint64_t>count)
                for i in range(count):
                    out.append(block[i])
                n -= count
                PyErr_CheckSignals()
    finally:
        free_sieve(source)
        free_sieve(sieve)


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


fill_wheel()
fill_table()
fill_patterns()
TABLE_INTS = tuple([p for p in TABLE[:TABLE_LEN]])
