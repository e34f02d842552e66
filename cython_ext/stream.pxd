# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Crossing off by the sieving primes above the table. They are not stored: another sieve streams them past a segment.

Most of these primes are larger than the number of bits of a class, so each hits a class once or not at all. Two things
would then cost most:

- A branch that no processor can predict. So all primes of a block step to their next multiple together, those that are
  still inside of the segment move to the front, and this repeats until none is left.
- Hits outside of the L2 cache. So hits are gathered in buckets, one for each span of the segment.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from arithmetic cimport isqrt
from sieve cimport BLOCK_LEN, TILE_BYTES, UNROLLED_STOP, Sieve, begin_segment, class_flags, decode, free_sieve
from sieve cimport is_finished, mask_ends, new_sieve, open_sieve, reach, segment_bytes, segment_last, sieve_by_table
from signals cimport look_and_tell
from table cimport TABLE_STOP
from wheel cimport CLASS_COUNT, CLASS_OF, COLUMN_SPAN, RESIDUES, first_multiple, next_multiple


cdef struct Walk:
    # A prime p that steps from multiple to multiple, m * p with m coprime to 30.
    uint64_t offset  # of m * p from the base of the segment
    uint32_t p
    uint32_t factor  # the class of m


cdef enum:
    # The most that a class may take if sieving primes are streamed; all eight then take 8 MiB. Longer segments need
    # fewer streams, but leave the cache: 10**9 numbers at 10**16 took 1.0 s, and 1.9 s with 4 MiB a class.
    LARGEST_CLASS_BYTES = 1048576

    # A bucket gathers the hits of a span of 128 KiB, which the L2 cache holds; not tuned.
    SPAN_BITS_LOG2 = 20
    MOST_SPANS = ((UNROLLED_STOP + CLASS_COUNT * (LARGEST_CLASS_BYTES + UNROLLED_STOP)) * 8 >> SPAN_BITS_LOG2) + 1
    # A bucket has room for this many hits, 64 KiB.
    BUCKET_LEN = 16384
    # After this many hits, buckets with less room than that are emptied. So no single hit needs a test.
    BUCKET_ROOM = 8192


cdef struct Stream:
    Sieve source
    uint64_t[BLOCK_LEN] primes
    Walk[BLOCK_LEN] walks
    uint32_t* hits  # one bucket after another, each for a span of the segment; a hit is the index of a bit in flags
    uint32_t* ends[MOST_SPANS]  # the end of the hits in each bucket
    int span_count
    int span_capacity
    int added  # hits since the buckets were last looked at


cdef inline Stream* new_stream() except NULL nogil:
    cdef Stream* stream = <Stream*>malloc(sizeof(Stream))
    if stream == NULL:
        with gil:
            raise MemoryError
    new_sieve(&stream.source)
    stream.hits = NULL
    stream.span_capacity = 0
    return stream


cdef inline void free_stream(Stream* stream) noexcept nogil:
    if stream != NULL:
        free_sieve(&stream.source)
        free(stream.hits)
        free(stream)


cdef inline int empty_buckets(Sieve* sieve, Stream* stream) except -1 nogil:
    """Make an empty bucket for each span of the current segment."""
    cdef int i
    stream.span_count = (8 * segment_bytes(sieve) >> SPAN_BITS_LOG2) + 1
    if stream.span_count > stream.span_capacity:
        free(stream.hits)
        stream.span_capacity = 0
        stream.hits = <uint32_t*>malloc(4 * BUCKET_LEN * <size_t>stream.span_count)
        if stream.hits == NULL:
            with gil:
                raise MemoryError
        stream.span_capacity = stream.span_count
    for i in range(stream.span_count):
        stream.ends[i] = stream.hits + BUCKET_LEN * i
    stream.added = 0
    return 0


cdef inline void make_hits(Sieve* sieve, Stream* stream, int least) noexcept nogil:
    """Cross off the hits of each bucket that holds more than the least, and empty it."""
    cdef uint8_t* flags = sieve.flags
    cdef uint32_t* at
    cdef int i
    for i in range(stream.span_count):
        at = stream.hits + BUCKET_LEN * i
        if stream.ends[i] - at <= least:
            continue
        while at < stream.ends[i]:
            flags[at[0] >> 3] |= 1 << (at[0] & 7)
            at += 1
        stream.ends[i] = stream.hits + BUCKET_LEN * i
    stream.added = 0


cdef inline void cross_off_classes(Sieve* sieve, uint64_t* primes, int count) noexcept nogil:
    """Cross off the multiples of primes that have at least one in each class."""
    cdef uint32_t rows = 8 * sieve.class_bytes
    cdef size_t stride_bytes = sieve.class_bytes + sieve.pad_bytes
    cdef uint8_t* first_class = class_flags(sieve, 0)
    cdef uint8_t* flags
    cdef uint64_t offset
    cdef uint32_t p, row, factor, sure, _hit
    cdef int i, _
    for i in range(count):
        p = primes[i]
        sure = rows // p
        factor = first_multiple(sieve.base, p, &offset)
        for _ in range(CLASS_COUNT):
            flags = first_class + CLASS_OF[offset % 30] * stride_bytes
            row = offset // 30  # below p
            for _hit in range(sure):
                flags[row >> 3] |= 1 << (row & 7)
                row += p
            # There may be one more hit; if not, this one falls into the pad.
            row = min(row, rows)
            flags[row >> 3] |= 1 << (row & 7)
            factor = next_multiple(factor, p, &offset)


cdef inline void cross_off_walks(Sieve* sieve, Stream* stream, int count) noexcept nogil:
    """Cross off the multiples of the first count primes of the stream, by way of the buckets."""
    cdef uint64_t base = sieve.base
    cdef uint64_t span = COLUMN_SPAN * sieve.class_bytes
    cdef uint32_t[30] first_bits
    cdef uint64_t offset, row
    cdef uint32_t p, factor, bit
    cdef Walk* walks = stream.walks
    cdef uint32_t** ends = stream.ends
    cdef int i, kept = 0
    for i in range(CLASS_COUNT):
        first_bits[RESIDUES[i]] = 8 * (class_flags(sieve, i) - sieve.flags)
    for i in range(count):
        p = stream.primes[i]
        walks[kept].p = p
        walks[kept].factor = first_multiple(base, p, &offset)
        walks[kept].offset = offset
        kept += offset < span
    while kept:
        count = kept
        kept = 0
        stream.added += count
        if stream.added > BUCKET_ROOM:
            make_hits(sieve, stream, BUCKET_LEN - BUCKET_ROOM)
            stream.added = count
        for i in range(count):
            offset = walks[i].offset
            p = walks[i].p
            factor = walks[i].factor
            row = offset // 30
            bit = first_bits[offset - 30 * row] + <uint32_t>row
            ends[bit >> SPAN_BITS_LOG2][0] = bit
            ends[bit >> SPAN_BITS_LOG2] += 1
            walks[kept].p = p
            walks[kept].factor = next_multiple(factor, p, &offset)
            walks[kept].offset = offset
            kept += offset < span


cdef inline int sieve_segment(Sieve* sieve, Stream** kept, double part) except -1 nogil:
    """Sieve the current segment by all primes up to the bound. The stream is made when it is first needed.

    ``part`` tells how much of the work on the segment this is.
    """
    cdef Stream* stream
    cdef Sieve* source
    cdef size_t column
    cdef int count
    sieve_by_table(sieve)
    if sieve.bound > TABLE_STOP:
        if kept[0] == NULL:
            kept[0] = new_stream()
        stream = kept[0]
        source = &stream.source
        open_sieve(source, TABLE_STOP, sieve.bound)
        empty_buckets(sieve, stream)
        while not is_finished(source):
            begin_segment(source, TILE_BYTES)
            source.bound = isqrt(segment_last(source))
            sieve_by_table(source)
            mask_ends(source)
            column = 0
            while column < source.class_bytes:
                count = decode(source, &column, stream.primes)
                if not count:
                    continue
                if stream.primes[count - 1] <= 8 * sieve.class_bytes:
                    cross_off_classes(sieve, stream.primes, count)
                else:
                    cross_off_walks(sieve, stream, count)
                # For each prime, to find a first multiple, and to make each hit: the segment is not in the L1 cache.
                sieve.watch.ticks += 10 * count * (1 + CLASS_COUNT * 8 * sieve.class_bytes // stream.primes[0])
                reach(sieve, part * stream.primes[count - 1] / sieve.bound)
                look_and_tell(&sieve.watch)
        make_hits(sieve, stream, 0)
    mask_ends(sieve)
    return 0
