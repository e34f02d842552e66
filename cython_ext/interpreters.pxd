# cython: language_level=3
"""This module serves several interpreters of one process, even those that have their own GIL.

With ``CYTHON_USE_MODULE_STATE``, which setup.py defines for the stable ABI, each interpreter has its own objects.
Without it, only the main interpreter may import this module. Three things remain to be done here:

- *Tables.* They are static in C, and all interpreters share them. The first import fills them; every other import
  waits until they are complete.
- *The GIL.* Cython takes it back by ``PyGILState_Ensure``. Before Python 3.12, that function knows only the first
  interpreter of a thread. But here a thread takes back only what it has released, so it remembers its own state.
- *The slot.* From Python 3.12 on, an interpreter with its own GIL loads a module only if a slot of the module says that
  this is safe. Python 3.11 does not know that slot. One file of the stable ABI serves both versions, so the slot is
  added when the module is loaded.

Interpreters would also share Python objects that are static in C. So no file has a global `cdef` object. And code that
runs at import uses no builtin function, because Cython would keep it in such a variable; `tests/packaging` checks that.
"""

cdef extern from *:
    """
    #if defined(_MSC_VER)
    #include <intrin.h>
    #define PRIMES_THREAD_LOCAL __declspec(thread)
    #define primes_swap_if(at, from, to) _InterlockedCompareExchange(at, to, from)
    #else
    #define PRIMES_THREAD_LOCAL __thread
    static long primes_swap_if(long* at, long from, long to) {
        __atomic_compare_exchange_n(at, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        return from;
    }
    #endif

    enum { PRIMES_NOT_BEGUN, PRIMES_BEGUN, PRIMES_DONE };

    /* Return 1 to the first caller, which must call primes_end_once; the others wait for that, and get 0. */
    static int primes_begin_once(long* state) {
        long found;
        do {
            found = primes_swap_if(state, PRIMES_NOT_BEGUN, PRIMES_BEGUN);
        } while (found == PRIMES_BEGUN);
        return found == PRIMES_NOT_BEGUN;
    }

    static void primes_end_once(long* state) {
        primes_swap_if(state, PRIMES_BEGUN, PRIMES_DONE);
    }

    static long primes_tables;

    /* The state of this thread if it has released the GIL, else NULL. */
    static PRIMES_THREAD_LOCAL PyThreadState* primes_released;

    static PyThreadState* primes_release_gil(void) {
        return primes_released = PyEval_SaveThread();
    }

    static void primes_take_gil(PyThreadState* state) {
        primes_released = NULL;
        PyEval_RestoreThread(state);
    }

    static PyGILState_STATE primes_ensure_gil(void) {
        if (primes_released == NULL) {
            return PyGILState_LOCKED;
        }
        primes_take_gil(primes_released);
        return PyGILState_UNLOCKED;
    }

    static void primes_leave_gil(PyGILState_STATE before) {
        if (before == PyGILState_UNLOCKED) {
            primes_release_gil();
        }
    }

    #define PyEval_SaveThread primes_release_gil
    #define PyEval_RestoreThread primes_take_gil
    #define PyGILState_Ensure primes_ensure_gil
    #define PyGILState_Release primes_leave_gil

    #if CYTHON_USE_MODULE_STATE
    /* Py_mod_multiple_interpreters and Py_MOD_PER_INTERPRETER_GIL_SUPPORTED, as the headers of 3.12 define them. */
    #define PRIMES_INTERPRETERS_SLOT 3
    #define PRIMES_OWN_GIL ((void*)2)

    #if PY_VERSION_HEX >= 0x030C0000 && !defined(Py_mod_multiple_interpreters)
    /* Cython writes this slot, but newer headers hide its name for the ABI of 3.11. As 0, it ends the list of slots. */
    #define Py_mod_multiple_interpreters 0
    #define Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED NULL
    #endif

    static PyObject* primes_module_def(PyModuleDef* def) {
        static PyModuleDef_Slot slots[8];
        static long copied;
        int i = 0;
        if (Py_Version >= 0x030C0000 && primes_begin_once(&copied)) {
            for (const PyModuleDef_Slot* slot = def->m_slots; slot->slot != 0 && i < 6; slot++) {
                if (slot->slot != PRIMES_INTERPRETERS_SLOT) {
                    slots[i++] = *slot;
                }
            }
            slots[i].slot = PRIMES_INTERPRETERS_SLOT;
            slots[i].value = PRIMES_OWN_GIL;
            def->m_slots = slots;
            primes_end_once(&copied);
        }
        return PyModuleDef_Init(def);
    }

    #else
    static PyObject* (*primes_create_by_cython)(PyObject* spec, PyModuleDef* def);

    static PyObject* primes_create(PyObject* spec, PyModuleDef* def) {
    #if !defined(PYPY_VERSION)  /* PyPy has one interpreter alone. */
        if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
            PyErr_SetString(
                PyExc_ImportError,
                "the Cython module, built without the stable ABI, serves the main interpreter alone");
            return NULL;
        }
    #endif
        return primes_create_by_cython(spec, def);
    }

    static PyObject* primes_module_def(PyModuleDef* def) {
        static long replaced;
        if (primes_begin_once(&replaced)) {
            for (PyModuleDef_Slot* slot = def->m_slots; slot->slot != 0; slot++) {
                if (slot->slot == Py_mod_create) {
                    primes_create_by_cython = (PyObject* (*)(PyObject*, PyModuleDef*))slot->value;
                    slot->value = (void*)primes_create;
                }
            }
            primes_end_once(&replaced);
        }
        return PyModuleDef_Init(def);
    }
    #endif

    #define PyModuleDef_Init primes_module_def
    """
    bint begin_once "primes_begin_once"(long* state) nogil
    void end_once "primes_end_once"(long* state) nogil
    long TABLES "primes_tables"
