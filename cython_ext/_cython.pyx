# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: freethreading_compatible=True, auto_pickle=False
"""The Cython kernel: one bitmap for each residue class coprime to 30.

Why this layout: within one class, the multiples of a sieving prime p lie exactly p bits apart. So crossing off needs
neither a wheel nor a table, and the part of a class that is crossed off at once fits the L1 cache. Three ideas keep the
rest short:

- The primes below 2**16 are a table, made at import. Small requests are slices of it. The sieve works only above it, so
  no segment holds one of its own sieving primes: crossing off need not begin at p * p, and it removes no prime.
- The table holds all sieving primes for numbers below 2**32. Larger sieving primes are never stored: a second sieve
  streams them past each segment, and needs no more than the table itself. So memory stays bounded up to 2**64.
- Far from zero, the whole stream costs too much for a short segment. There it ends early, and a primality test decides
  the numbers that are left.

A sieved segment is decoded into blocks of numbers, or its clear bits are counted. For tuplets, all numbers but the last
of each tuplet are flagged first. pi(x) has its own sieve, which counts while it crosses off.

This file is what Python sees: the functions of the contract in primes/_kernel.py. The other files hold inline
functions, which Cython compiles into this one module. Each file uses only those listed before it:

    arithmetic, signals, light_import,
    interpreters                        what C and Cython lack
    wheel, table, patterns              tables, which the end of this file fills once
    sieve                               segments, crossing off by the table, decoding
    stream                              crossing off by the primes above the table
    primality, tuplets                  tests of single numbers
    search                              the primes, or the tuplets, of an interval
    words, large                        integers of many words: 2**64 and above
    decimal_text                        decimal digits
    counted_sieve, pi_table, prime_pi   pi(x), without a list of the primes
    trial_division                      the same loop as in Rust and in Python, to compare the three languages
    build                               version, compiler and profile

Conventions: a set flag means composite; intervals are closed.

Two words differ from the Rust core. A segment here covers all eight classes: Rust calls that a window. A tile here is
the part of one class that fits the L1 cache: Rust calls that a segment.

Sources: E. Bach and J. Shallit, Algorithmic Number Theory (1996), section 9.8, for sieves over residue classes;
H. Warren, Hacker's Delight (2nd ed. 2012), sections 5-1 and 7-3, for counting bits and for the transposition. Other
files name their own sources.
"""

from cpython.buffer cimport (
    PyBUF_CONTIG_RO, PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport log, sqrt
from libc.stdint cimport SIZE_MAX, UINT64_MAX, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

cimport cython
cimport light_import  # no-cython-lint: there is nothing to name in it
from arithmetic cimport isqrt
from build cimport CYTHON_HEX_VERSION, PRIMES_COMPILER, PRIMES_PROFILE, PRIMES_VERSION
from counted_sieve cimport fill_thirteen
from decimal_text cimport fill_digits, text_of
from interpreters cimport TABLES, begin_once, end_once
from large cimport MOST_BITS, WINDOW_WIDTH, Test, decide_at, depth_for, has_small_factor, next_index, open_test
from large cimport room_len, sieve_window
from patterns cimport fill_patterns
from pi_table cimport fill_flags_to
from primality cimport decide
from prime_pi cimport count_up_to, tabled_for, y_for
from search cimport UNLIMITED, Search, count_segments, free_search, new_search, next_block, next_segment
from sieve cimport BLOCK_LEN
from signals cimport begin_watch, poll
from table cimport TABLE, TABLE_LEN, TABLE_STOP, fill_table, table_index, table_stop
from trial_division cimport first_primes
from tuplets cimport TUPLETS, ends_tuplet, fill_tuplets
from wheel cimport CLASS_OF, fill_wheel

cdef extern from *:
    """
    #include <limits.h>

    /* PyLong_FromLong is faster for integers of one digit: 10**7 primes take 324 ms instead of 344. */
    static PyObject* primes_int(uint64_t n) {
        return n <= LONG_MAX ? PyLong_FromLong((long)n) : PyLong_FromUnsignedLongLong(n);
    }
    """
    object python_int "primes_int"(uint64_t n)
    char* UNSIGNED_64 "(char*)\"Q\""  # the format, as the struct module writes it


cdef tuple table_as_ints():
    cdef int i
    return tuple([TABLE[i] for i in range(TABLE_LEN)])


cdef int64_t count_all(int k, uint64_t lo, uint64_t hi, progress) except -1:
    """Count the k-tuplets of [lo, hi]; the 1-tuplets are the primes."""
    cdef int64_t total = 0
    cdef Search* search
    cdef int first, stop, i
    if lo > hi:
        return 0
    if lo < TABLE_STOP:
        # No tuplet crosses the end of the table: its last prime 65521 and the next prime 65537 are 16 apart, as far as
        # the ends of a sextuplet, and have no prime between them.
        first = table_index(lo) + k - 1
        stop = table_stop(hi)
        if k == 1:
            total = stop - first
        else:
            for i in range(first, stop):
                total += ends_tuplet(k, i)
    if hi < TABLE_STOP:
        return total
    search = new_search(k, lo, hi)
    begin_watch(&search.sieve.watch, progress, hi - lo)
    try:
        with nogil:
            total += count_segments(search)
    finally:
        free_search(search)
    return total


cdef int extend(list out, uint64_t n, uint64_t lo, uint64_t hi) except -1:
    """Append to out the n smallest primes of [lo, hi], or all if there are fewer."""
    cdef Search* search
    cdef int first, stop, i, count
    if lo > hi:
        return 0
    if lo < TABLE_STOP:
        first = table_index(lo)
        stop = table_stop(hi)
        count = <int>min(n, <uint64_t>(stop - first))
        out.extend((<tuple>_table_ints)[first:first + count])
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
                    # This takes 2 us. To release the GIL would not pay: getting it back can take 5 ms.
                    count = next_block(search, search.block)
                else:
                    with nogil:
                        count = next_block(search, search.block)
                if count == 0:
                    break
                count = <int>min(n, <uint64_t>count)
                for i in range(count):
                    out.append(python_int(search.block[i]))
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


cdef class _Iterator:
    """The primes of [lo, last], from lists of short intervals, each twice as wide as the one before.

    The first interval is narrow, so the first prime comes within microseconds. The widest one holds up to 3 * 10**5
    primes; far from zero, where each interval needs many sieving primes, it holds fewer.
    """

    cdef object lo, last, width  # lo grows on the way up; last shrinks on the way down
    cdef bint down, endless, sieving
    cdef list primes
    cdef Py_ssize_t taken, count

    def __iter__(self):
        return self

    # Without the GIL, two threads could both take the last prime of a list.
    @cython.critical_section
    def __next__(self):
        while self.taken == self.count:
            self.look_ahead()
        prime = self.primes[self.taken]
        self.taken += 1
        return prime

    cdef look_ahead(self):
        cdef list primes = []
        # A consumer in C, such as sum, does not look for signals. Cython's own way to raise would swallow Ctrl-C.
        PyErr_CheckSignals()
        if self.sieving:
            raise ValueError("the iterator is already looking for the next prime")  # in another thread
        if self.taken != self.count:
            return  # The handler of a signal has asked for the next prime, and so filled the list.
        if self.lo > self.last:
            if self.endless:
                self.endless = False
                raise OverflowError("iter_primes without stop has come to 2**64, the end of what the kernels know")
            raise StopIteration
        if self.down:
            first, end = max(self.last - self.width + 1, self.lo), self.last
        else:
            first, end = self.lo, min(self.lo + self.width - 1, self.last)
        self.sieving = True
        self.primes, self.taken, self.count = None, 0, 0  # Free the old list before the next one grows.
        try:
            extend(primes, UINT64_MAX, first, end)
        finally:
            self.sieving = False
        if self.down:
            primes.reverse()
            self.last = first - 1
        else:
            self.lo = end + 1
        self.width = min(2 * self.width, 1 << 24 if end >> 48 else 1 << 22)
        self.primes, self.taken, self.count = primes, 0, len(primes)


cdef _Iterator new_iterator(uint64_t lo, uint64_t hi):
    cdef _Iterator primes = _Iterator.__new__(_Iterator)
    primes.lo = lo
    primes.last = hi
    primes.width = 1 << 7
    return primes


def iterate(uint64_t lo, hi, /):
    """Return an iterator over the primes of [lo, hi], or over those from ``lo`` on until 2**64 is an error."""
    cdef _Iterator primes = new_iterator(lo, UINT64_MAX if hi is None else hi)
    primes.endless = hi is None
    return primes


def iterate_down(uint64_t lo, uint64_t hi, /):
    """Return an iterator over the primes of [lo, hi], the largest first."""
    cdef _Iterator primes = new_iterator(lo, hi)
    primes.down = True
    return primes


cdef tuple tuplet(int k, uint64_t last, uint32_t distances):
    """Return the tuplet with its primes at these distances before the last one."""
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
        stop = table_stop(hi)
        for i in range(first, stop):
            if ends_tuplet(k, i):
                out.append((<tuple>_table_ints)[i + 1 - k:i + 1])
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
                    count = next_block(search, search.block)
                else:
                    with nogil:
                        count = next_block(search, search.block)
                if count == 0:
                    break
                for i in range(count):
                    last = search.block[i]
                    out.append(tuplet(k, last, TUPLETS[k][CLASS_OF[last % 30]]))
                PyErr_CheckSignals()
    finally:
        free_search(search)


def count(uint64_t lo, uint64_t hi, _threads=1, progress=None, /):
    """Count the primes of [lo, hi] by sieving, in bounded memory."""
    return count_all(1, lo, hi, progress)


def count_tuplets(int k, uint64_t lo, uint64_t hi, progress=None, /):
    """Count the prime ``k``-tuplets, 2 <= k <= 6, whose primes all lie in [lo, hi]."""
    return count_all(k, lo, hi, progress)


cdef class _Array:
    """An array of unsigned 64-bit integers that grows in place, and is then handed over by the buffer protocol."""

    cdef uint64_t* items
    cdef Py_ssize_t len  # in items; views point to this field, so it no longer changes once there are any
    cdef Py_ssize_t capacity

    def __dealloc__(self):
        free(self.items)

    def __getbuffer__(self, Py_buffer* view, int flags):
        view.obj = self
        view.buf = self.items
        view.len = 8 * self.len
        view.itemsize = 8
        view.readonly = False
        view.format = UNSIGNED_64 if flags & PyBUF_FORMAT else NULL
        view.ndim = 1
        view.shape = &self.len if flags & PyBUF_ND else NULL
        view.strides = &view.itemsize if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
        view.suboffsets = NULL
        view.internal = NULL

    cdef int resize(self, double capacity) except -1 nogil:
        cdef uint64_t* items = NULL
        if capacity <= <double>(SIZE_MAX // 32):
            items = <uint64_t*>realloc(self.items, 8 * max(<size_t>capacity, <size_t>1))
        if items == NULL:
            with gil:
                raise MemoryError
        self.items = items
        self.capacity = <Py_ssize_t>capacity
        return 0

    cdef uint64_t* room(self, Py_ssize_t count) except NULL nogil:
        """Return where the next items go, with room for at least that many."""
        if count > self.capacity - self.len:
            self.resize(self.len + self.len // 8 + count)
        return self.items + self.len


cdef double likely_count(double lo, double hi) noexcept nogil:
    """Estimate how many primes lie in [lo, hi], rather too many than too few.

    Above the table, primes are densest at lo, apart from chance. And pi(hi) < hi / (log(hi) - 1.1) for hi >= 60184:
    P. Dusart, Estimates of some functions over primes without R.H., arXiv:1002.0442, section 6.
    """
    cdef double likely
    lo = max(lo, <double>TABLE_STOP)
    hi = max(hi, <double>TABLE_STOP)
    likely = max(hi - lo, 0.0) / log(lo)
    return min(TABLE_LEN + likely + 4 * sqrt(likely), hi / (log(hi) - 1.1))


def array(uint64_t n, uint64_t lo, uint64_t hi, int _threads, progress=None, /):
    """Return the ``n`` smallest primes of [lo, hi], or all if there are fewer, as a buffer of format ``Q``."""
    cdef _Array primes = _Array.__new__(_Array)
    cdef Search* search
    cdef int i, first, stop, count
    if lo > hi:
        n = 0
    # One block more than needed, so that the last block too can be decoded in place.
    primes.resize(min(<double>n, likely_count(<double>lo, <double>hi)) + BLOCK_LEN)
    if n and lo < TABLE_STOP:
        first = table_index(lo)
        stop = table_stop(hi)
        count = <int>min(n, <uint64_t>(stop - first))
        primes.room(count)
        for i in range(count):
            primes.items[i] = TABLE[first + i]
        primes.len = count
        n -= count
    if n and hi >= TABLE_STOP:
        search = new_search(1, lo, hi)
        begin_watch(&search.sieve.watch, progress, hi - lo)
        try:
            with nogil:
                while n and next_segment(search, <double>n):
                    count = next_block(search, primes.room(BLOCK_LEN))
                    while n and count:
                        count = <int>min(n, <uint64_t>count)
                        primes.len += count
                        n -= count
                        count = next_block(search, primes.room(BLOCK_LEN))
        finally:
            free_search(search)
    primes.resize(primes.len)
    return primes


cdef class _Texts:
    """The n smallest primes of [lo, hi] as blocks of text; each block holds twice as many primes as the one before.

    The longest block takes 10 MB.
    """

    cdef object n, lo, hi, block_len
    cdef bytes separator

    def __iter__(self):
        return self

    def __next__(self):
        PyErr_CheckSignals()  # A consumer in C does not look for signals.
        if self.n == 0 or self.lo > self.hi:
            raise StopIteration
        text, count = text_of(min(self.n, self.block_len), self.lo, self.hi, self.separator)
        if count == 0:
            raise StopIteration
        end = len(text) - len(self.separator)
        self.lo = int(text[text.rfind(self.separator, 0, end) + len(self.separator) if count > 1 else 0:end]) + 1
        self.n -= count
        self.block_len = min(2 * self.block_len, 1 << 19)
        return text, count


def decimal(uint64_t n, uint64_t lo, uint64_t hi, bytes separator not None, int _threads, /):
    """Return an iterator over the ``n`` smallest primes of [lo, hi], or all: blocks of text, each with its count."""
    cdef _Texts texts = _Texts.__new__(_Texts)
    texts.n, texts.lo, texts.hi, texts.separator, texts.block_len = n, lo, hi, separator, 1 << 13
    return texts


def prime_pi(uint64_t x, threads=1, progress=None, /):
    """Count the primes <= ``x`` in about x**(2/3) steps, on one thread; ``progress`` is called with what is done."""
    if x < TABLE_STOP:
        return table_stop(x)
    return count_up_to(x, y_for(x), tabled_for(x), progress)


def _prime_pi_by(uint64_t x, uint64_t y, uint64_t tabled, /):
    """Count the primes <= ``x`` with other borders than the usual ones, for tests: the answer must be the same."""
    if x < TABLE_STOP or not y <= tabled <= isqrt(x) or x // (y + 1) // (y + 1) > y:
        raise ValueError("these borders would count too many primes, or too few")
    return count_up_to(x, y, tabled, None)


def pi_cost(uint64_t x, /):
    """Estimate the work of pi(x), in integers near x that could be sieved in the same time.

    Measured: 3 * 10**6 at 10**9, 9 * 10**7 at 10**12, 2 * 10**9 at 10**15. Sieving also gets slower far from zero.
    """
    return 240 * float(x) ** 0.46


def first_n_by_trial_division(size_t n, /):
    """Return the ``n`` smallest primes by trial division."""
    return first_primes(n)


def is_prime(uint64_t n, /):
    """Tell whether ``n`` is prime; this is proven for all n < 2**64."""
    return decide(n)


def next_prime(uint64_t n, /):
    """Return the smallest prime > ``n``, or 0 where there is none below 2**64."""
    found = []
    if n < UINT64_MAX:
        extend_first_n(found, 1, n + 1)
    return found[0] if found else 0


def prev_prime(uint64_t n, /):
    """Return the largest prime < ``n``, or 0 where there is none."""
    cdef uint64_t hi = n, width = 128, lo
    while hi > 0:
        lo = hi - min(width, hi)
        found = []
        extend_range(found, lo, hi - 1)
        if found:
            return found[len(found) - 1]
        hi, width = lo, 2 * width
    return 0


cdef class _Window:
    """Odd integers of 2**64 and more, one after the other: some are crossed off, and the rest can be tested."""

    cdef uint64_t* words  # of the first, and then the room for the tests
    cdef uint8_t* flags
    cdef int len
    cdef int64_t flag_count
    cdef Test test
    cdef object first

    def __dealloc__(self):
        free(self.words)
        free(self.flags)

    cdef int open_at(self, first, last) except -1:
        """Begin at an odd integer; none is tested above the last."""
        cdef const uint8_t* data
        cdef int i, k
        self.first = first
        self.len = (last.bit_length() + 63) // 64
        self.words = <uint64_t*>malloc(8 * (self.len + room_len(self.len)))
        if self.words == NULL:
            raise MemoryError
        little_endian = first.to_bytes(8 * self.len, "little")
        data = little_endian
        for i in range(self.len):
            self.words[i] = 0
            for k in range(7, -1, -1):
                self.words[i] = self.words[i] << 8 | data[8 * i + k]
        open_test(&self.test, self.words + self.len, self.len)
        return 0

    cdef int open(self, lo, end, double tested) except -1:
        """Sieve [lo, end), of which about so many integers would be tested."""
        cdef uint64_t depth
        self.open_at(lo | 1, end)
        depth = depth_for(64.0 * self.len, tested)
        self.flag_count = (end - self.first + 1) // 2
        self.flags = <uint8_t*>malloc(self.flag_count + 1)
        if self.flags == NULL:
            raise MemoryError
        with nogil:
            sieve_window(self.flags, self.flag_count, self.words, self.len, depth)
        return 0

    cdef int64_t following(self, int64_t i, int64_t end, int step) except -2:
        """Return the next place from i on, before end, that is that of a prime, or -1."""
        with nogil:
            i = next_index(&self.test, self.flags, i, end, step, self.words, self.len)
        return i


cdef search_width(n):
    """How many integers to sieve at once for one prime near n: in 98 of 100 such intervals there is one."""
    return min(<int>(4 * 0.6931 * n.bit_length()) + 4, WINDOW_WIDTH)


cdef very_large():
    """What knows integers of which Python's own products take less time than ours."""
    from primes._python import large
    return large


def is_large_prime(n, /):
    """Tell whether ``n`` >= 2**64 is prime, as far as is known: no composite is known to pass for one."""
    cdef _Window window
    cdef bint answer
    if n.bit_length() > MOST_BITS:
        return very_large().is_large_prime(n)
    if not n & 1:
        return False
    window = _Window.__new__(_Window)
    window.open_at(n, n)
    with nogil:
        answer = not has_small_factor(window.words, window.len) and decide_at(&window.test, window.words, window.len, 0)
    return answer


def next_large_prime(n, /):
    """Return the smallest prime > ``n``, for ``n`` >= 2**64 - 1."""
    cdef _Window window
    cdef int64_t i
    if n.bit_length() >= MOST_BITS:
        return very_large().next_large_prime(n)
    lo = n + 1
    while True:
        width = search_width(lo)
        window = _Window.__new__(_Window)
        window.open(lo, lo + width, width // 4)
        i = window.following(0, window.flag_count, 1)
        if i >= 0:
            return window.first + 2 * i
        lo += width


def prev_large_prime(n, /):
    """Return the largest prime p with 2**64 < p < ``n``, or 0 where there is none."""
    cdef _Window window
    cdef int64_t i
    if n.bit_length() > MOST_BITS:
        return very_large().prev_large_prime(n)
    while n > 1 << 64:
        width = search_width(n)
        lo = max(n - width, 1 << 64)
        window = _Window.__new__(_Window)
        window.open(lo, n, width // 4)
        i = window.following(window.flag_count - 1, -1, -1)
        if i >= 0:
            return window.first + 2 * i
        n = lo
    return 0


def extend_large_range(list out not None, lo, hi, /):
    """Append to ``out`` the primes of [lo, hi], 2**64 <= lo, in ascending order."""
    cdef _Window window
    cdef int64_t i
    if hi.bit_length() > MOST_BITS:
        very_large().extend_large_range(out, lo, hi)
        return
    while lo <= hi:
        end = min(lo + WINDOW_WIDTH, hi + 1)
        window = _Window.__new__(_Window)
        window.open(lo, end, end - lo)
        i = window.following(0, window.flag_count, 1)
        while i >= 0:
            out.append(window.first + 2 * i)
            i = window.following(i + 1, window.flag_count, 1)
        lo = end


def are_prime(numbers, /):
    """Tell of each integer of a contiguous buffer of unsigned 64-bit integers whether it is prime: 1 or 0."""
    cdef Py_buffer view
    cdef uint64_t ticks = 0
    cdef size_t i, len
    cdef uint64_t n
    cdef char* items
    cdef uint8_t* answers
    PyObject_GetBuffer(numbers, &view, PyBUF_CONTIG_RO | PyBUF_FORMAT)
    try:
        if view.itemsize != 8 or view.format == NULL or view.format not in (b"Q", b"L"):
            raise TypeError("the buffer does not hold unsigned 64-bit integers")
        len = view.len // 8
        result = bytearray(len)
        items = <char*>view.buf
        answers = <uint8_t*><char*>result
        with nogil:
            for i in range(len):
                memcpy(&n, items + 8 * i, 8)  # the buffer may be unaligned
                answers[i] = decide(n)
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


releases_gil = True
own_threads = False

# All interpreters of the process share the tables. The first import fills them.
if begin_once(&TABLES):
    fill_wheel()
    fill_table()
    fill_patterns()
    fill_tuplets()
    fill_digits()
    fill_flags_to()
    fill_thirteen()
    end_once(&TABLES)
# The table as Python integers, one tuple for each interpreter: a small request copies references alone.
_table_ints = table_as_ints()
