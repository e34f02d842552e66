# cython: language_level=3
"""Version, compiler and profile of this build, as setup.py, Cython and the C compiler define them."""

cdef extern from *:
    """
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
    const char* PRIMES_VERSION
    const char* PRIMES_COMPILER
    const char* PRIMES_PROFILE
    const unsigned long CYTHON_HEX_VERSION
