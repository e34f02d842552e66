# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The sieve: segments of numbers above the table, crossing off by the table's primes, and decoding."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from arithmetic cimport count_ones, isqrt, lowest_bit
from patterns cimport FIRST_UNPATTERNED, PATTERNS, merge_patterns
from signals cimport Watch, look_and_tell
from table cimport TABLE, TABLE_LEN, TABLE_STOP, table_stop
from wheel cimport CLASS_COUNT, CLASS_OF, COLUMN_OFFSET, COLUMN_SPAN, RESIDUES, first_multiple, next_multiple

cdef enum:
    # A tile is the part of a class that is crossed off at once; it fits the L1 cache. Counting to 10**9, with 32 KiB of
    # L1d, takes 102 ms with tiles of 16 KiB (each prime starts more often), 98 with 24, 96 with 28, 96 to 105 with 32.
    TILE_BYTES = 24576

    # Sieving primes below this cross off in unrolled rounds of eight hits. Counting to 10**9: 1024 takes 106 ms, 2048
    # 98, 4096 92, 8192 88, 16384 the same. A larger one makes the pads longer, as each prime writes at least one round.
    UNROLLED_STOP = 8192

    # Numbers decoded at a time: 8 KiB, which stays in the L1 cache; not tuned.
    BLOCK_LEN = 1024
    COLUMN_BITS = 64


cdef struct Sieve:
    uint64_t lo  # [lo, hi] is the closed interval
    uint64_t hi
    uint64_t base  # of the current segment; a multiple of 30
    uint64_t bound  # the segment is sieved by the primes up to this one
    Watch watch
    size_t class_bytes  # of the current segment; 0 before the first one
    size_t pad_bytes  # around each class: a round starts up to 7/8 p bytes early and ends up to p bytes late
    uint8_t* flags
    size_t flags_bytes
    int active_len  # the primes of the table below this index have starts, or are in a pattern
    # For each class, one after another: for each prime, the first row with a multiple of it from here on.
    uint16_t* starts
    int starts_len  # the number of primes, in each class, that there is room for


cdef inline uint8_t* class_flags(Sieve* sieve, int c) noexcept nogil:
    return sieve.flags + sieve.pad_bytes + c * (sieve.class_bytes + sieve.pad_bytes)


cdef inline void new_sieve(Sieve* sieve) noexcept nogil:
    """Begin without any memory. It is allocated once its size is known, because short searches need little."""
    sieve.watch.progress = NULL
    sieve.flags = NULL
    sieve.flags_bytes = 0
    sieve.starts = NULL
    sieve.starts_len = 0


cdef inline void free_sieve(Sieve* sieve) noexcept nogil:
    free(sieve.flags)
    free(sieve.starts)


cdef inline void open_sieve(Sieve* sieve, uint64_t lo, uint64_t hi) noexcept nogil:
    """Begin with [lo, hi], TABLE_STOP <= lo <= hi. Memory that is there is used again."""
    sieve.lo = lo
    sieve.hi = hi
    sieve.base = lo - lo % 30
    sieve.class_bytes = 0
    sieve.active_len = FIRST_UNPATTERNED
    sieve.watch.ticks = 0


cdef inline uint64_t segment_last(Sieve* sieve) noexcept nogil:
    """Return the last number of the current segment that is at most hi; before the first segment, base - 1."""
    cdef uint64_t room = sieve.hi - sieve.base
    cdef uint64_t span = COLUMN_SPAN * sieve.class_bytes
    return sieve.base + min(room + 1, span) - 1


cdef inline void reach(Sieve* sieve, double part) noexcept nogil:
    """Note for the progress that this part of the current segment is done."""
    cdef uint64_t first = max(sieve.base, sieve.lo)
    sieve.watch.done = first - sieve.lo + <uint64_t>(part * <double>(segment_last(sieve) - first))


cdef inline int begin_segment(Sieve* sieve, size_t class_bytes) except -1 nogil:
    """Go on to the next segment, of class_bytes; it is shorter if hi comes first."""
    cdef uint64_t columns
    cdef size_t needed_bytes
    sieve.base += COLUMN_SPAN * sieve.class_bytes
    columns = (sieve.hi - sieve.base) // COLUMN_SPAN + 1
    sieve.class_bytes = class_bytes if class_bytes < columns else columns
    # Only primes up to the root cross off, and only those below UNROLLED_STOP in rounds.
    sieve.pad_bytes = min(isqrt(segment_last(sieve)) + 1, <uint64_t>UNROLLED_STOP)
    needed_bytes = segment_bytes(sieve)
    if needed_bytes > sieve.flags_bytes:
        free(sieve.flags)
        sieve.flags_bytes = 0
        sieve.flags = <uint8_t*>malloc(needed_bytes)
        if sieve.flags == NULL:
            with gil:
                raise MemoryError
        sieve.flags_bytes = needed_bytes
    return 0


cdef inline size_t segment_bytes(Sieve* sieve) noexcept nogil:
    return sieve.pad_bytes + CLASS_COUNT * (sieve.class_bytes + sieve.pad_bytes)


cdef inline bint is_finished(Sieve* sieve) noexcept nogil:
    return sieve.class_bytes > 0 and segment_last(sieve) == sieve.hi


cdef inline int make_room(Sieve* sieve, int primes) except -1 nogil:
    """Make room for the starts of that many primes, and for at least twice as many as before if it has to grow."""
    cdef uint16_t* starts
    cdef size_t kept_bytes = sieve.starts_len * sizeof(uint16_t)
    cdef int c, starts_len = min(max(primes, 2 * sieve.starts_len), <int>TABLE_LEN)
    if primes > sieve.starts_len:
        starts = <uint16_t*>malloc(CLASS_COUNT * starts_len * sizeof(uint16_t))
        if starts == NULL:
            with gil:
                raise MemoryError
        if sieve.starts != NULL:
            for c in range(CLASS_COUNT):
                memcpy(starts + c * starts_len, sieve.starts + c * sieve.starts_len, kept_bytes)
            free(sieve.starts)
        sieve.starts = starts
        sieve.starts_len = starts_len
    return 0


cdef inline int activate_table(Sieve* sieve) except -1 nogil:
    """Find the starts of the table's primes up to the bound.

    Eight successive factors coprime to 30 have their multiples in the eight classes, less than 30 * p above the base.
    So a start is below p, and fits 16 bits.
    """
    cdef uint64_t offset
    cdef uint32_t p, factor
    cdef int _, stop = table_stop(sieve.bound)
    make_room(sieve, stop)
    while sieve.active_len < stop:
        p = TABLE[sieve.active_len]
        factor = first_multiple(sieve.base, p, &offset)
        for _ in range(CLASS_COUNT):
            sieve.starts[CLASS_OF[offset % 30] * sieve.starts_len + sieve.active_len] = offset // 30
            factor = next_multiple(factor, p, &offset)
        sieve.active_len += 1
    return 0


cdef inline void cross_off_rounds(uint8_t* at, uint8_t* end, size_t a, const int b) noexcept nogil:
    """Set every p-th bit, from bit 0 of at to beyond end, p = 8 * a + b. A round is eight hits with constant masks."""
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


cdef inline void cross_off_tile(uint8_t* tile, size_t tile_bytes, uint16_t* starts, int active_len) noexcept nogil:
    """Cross off the multiples of the table's primes below index active_len; move their starts to the next tile."""
    cdef uint32_t tile_bits = 8 * tile_bytes
    cdef uint8_t* end = tile + tile_bytes
    cdef uint8_t* at
    cdef uint32_t p, row, past
    cdef int k = FIRST_UNPATTERNED
    while k < active_len and TABLE[k] < UNROLLED_STOP:
        p = TABLE[k]
        row = starts[k]
        # Go back to a multiple in bit 0 of a byte: as p * p == 1 (mod 8), that takes row * p steps of p, modulo 8. This
        # may lie before the tile, in a pad or in a finished tile; a hit there does no harm, as the number is composite.
        at = tile + (<int64_t>row - <int64_t>((row * p & 7) * p)) // 8
        if p & 7 == 1:
            cross_off_rounds(at, end, p >> 3, 1)
        elif p & 7 == 3:
            cross_off_rounds(at, end, p >> 3, 3)
        elif p & 7 == 5:
            cross_off_rounds(at, end, p >> 3, 5)
        else:
            cross_off_rounds(at, end, p >> 3, 7)
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


cdef inline void mask_ends(Sieve* sieve) noexcept nogil:
    """Flag the numbers of the segment outside of [lo, hi]; some of them may lie above 2**64."""
    cdef uint64_t room = sieve.hi - sieve.base
    cdef uint64_t rows
    cdef uint8_t* flags
    cdef int c
    for c in range(CLASS_COUNT):
        flags = class_flags(sieve, c)
        if sieve.base < sieve.lo and RESIDUES[c] < sieve.lo - sieve.base:
            flags[0] |= 1
        rows = (room - RESIDUES[c]) // 30 + 1 if room >= RESIDUES[c] else 0
        if rows < 8 * sieve.class_bytes:
            flags[rows >> 3] |= 0xFF << (rows & 7)
            rows = (rows >> 3) + 1
            memset(flags + rows, 0xFF, sieve.class_bytes - rows)


cdef inline int sieve_by_table(Sieve* sieve) except -1 nogil:
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
            cross_off_tile(flags + done, tile_bytes, sieve.starts + c * sieve.starts_len, sieve.active_len)
            done += tile_bytes
            sieve.watch.ticks += 2 * tile_bytes + sieve.active_len
            look_and_tell(&sieve.watch)
    return 0


cdef inline int decode(Sieve* sieve, size_t* column, uint64_t* block) noexcept nogil:
    """Store the numbers left, column by column from column[0] on, while another column fits; return how many."""
    cdef uint8_t* flags = class_flags(sieve, 0)
    cdef size_t stride_bytes = sieve.class_bytes + sieve.pad_bytes
    cdef uint64_t word, swap, first
    cdef uint64_t* at = block
    cdef uint64_t* stop
    cdef int c
    while column[0] < sieve.class_bytes and at <= block + (BLOCK_LEN - COLUMN_BITS):
        word = 0
        for c in range(CLASS_COUNT):
            word |= <uint64_t>flags[c * stride_bytes + column[0]] << (8 * c)
        # Byte c is class c. Transpose the 8 x 8 bits: byte i is then row i, and bits are in the order of their numbers.
        swap = (word ^ (word >> 7)) & 0x00AA00AA00AA00AAULL
        word ^= swap ^ (swap << 7)
        swap = (word ^ (word >> 14)) & 0x0000CCCC0000CCCCULL
        word ^= swap ^ (swap << 14)
        swap = (word ^ (word >> 28)) & 0x00000000F0F0F0F0ULL
        word ^= swap ^ (swap << 28)
        word = ~word
        first = sieve.base + COLUMN_SPAN * column[0]
        column[0] += 1
        stop = at + count_ones(word)
        # Store eight at a time; the next column overwrites what is too much. A test for each number would be predicted
        # wrongly once a column.
        while at < stop:
            at[0] = first + COLUMN_OFFSET[next_bit(&word)]
            at[1] = first + COLUMN_OFFSET[next_bit(&word)]
            at[2] = first + COLUMN_OFFSET[next_bit(&word)]
            at[3] = first + COLUMN_OFFSET[next_bit(&word)]
            at[4] = first + COLUMN_OFFSET[next_bit(&word)]
            at[5] = first + COLUMN_OFFSET[next_bit(&word)]
            at[6] = first + COLUMN_OFFSET[next_bit(&word)]
            at[7] = first + COLUMN_OFFSET[next_bit(&word)]
            at += 8
        at = stop
    return <int>(at - block)


cdef inline unsigned next_bit(uint64_t* word) noexcept nogil:
    """Take the lowest set bit off a word and return its place; return 63 once the word is 0."""
    cdef unsigned bit = lowest_bit(word[0] | <uint64_t>1 << 63)
    word[0] &= word[0] - 1
    return bit
