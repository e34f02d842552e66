# cython: language_level=3
"""C code that saves 15 of the 16 ms that the import of this module would take; without it, the module works as well.

Under the Limited API, Cython's set-up code of a module imports `inspect` to read seven flags of code objects. From
Cython 3.3 on, it also imports `collections.abc`, for two flags of types. These flags are constants of CPython, the same
in every release since 3.11: see its documentation of `inspect` and its Include/object.h. Here they are written down.

The function that this replaces is private to Cython. So this applies only to the releases it was tried with, 3.1.0 to
3.3.1; with any other release, this file does nothing.
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
