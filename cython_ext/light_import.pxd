# cython: language_level=3
"""The C that spares the import of this module 15 of its 16 ms; the module is right without it, only slower to import.

Under the Limited API, the set-up code that Cython writes into each module imports `inspect` to read seven flags of code
objects, and from 3.3 on `collections.abc` for two of types. These are constants of CPython, which its documentation of
`inspect` and its Include/object.h tell, and the same in every release since 3.11. So the set-up gets them from here.

What is replaced is private to Cython. Therefore this is for releases with which it was tried, 3.1.0 to 3.3.1; any other
one compiles as if it were not there.
"""

cdef extern from *:
    """
    #if CYTHON_COMPILING_IN_LIMITED_API && CYTHON_HEX_VERSION >= 0x030100F0 && CYTHON_HEX_VERSION <= 0x030301F0
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
    """
