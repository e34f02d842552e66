"""The backends: their names and order, how one is chosen and loaded, and why one is missing.

The choice for a call is the argument ``backend=``, else the innermost :class:`use_backend`, else the environment
variable ``PRIMES_BACKEND``, else the first backend that is there. Only that last, automatic choice skips a missing
backend. The variable is read once, when it is first needed.

Unless the variable names another backend, a builtin function of the Rust module stands in front of each of
the shortest functions.
"""

from __future__ import annotations

from contextvars import ContextVar

from primes._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from primes import _cython, _python, _rust
    from primes._kernel import BuildInfo, Kernel
    from primes._rust import Front

    Function = TypeVar("Function", bound=Callable[..., object])
    KERNELS: tuple[Kernel, ...] = (_rust, _cython, _python)  # Here the type checker holds all three to the contract.

MODULES = {"rust": "primes._rust", "cython": "primes._cython", "python": "primes._python"}
"""The module of each backend, the preferred one first."""

COMPILED = ("rust", "cython")
"""The backends that a build may leave out, the preferred one first."""

REMEDIES = {
    "rust": "Install Rust 1.89 or newer (https://rustup.rs)",
    "cython": "Install a C compiler and the headers of Python",
}

_kernels: dict[str, Kernel] = {}
usual: Kernel | None = None
"""The default kernel of this process. It is None until the first call that needs it."""
_blocks: ContextVar[tuple[tuple[use_backend, Kernel], ...]] = ContextVar("primes_backend", default=())
open_blocks = _blocks.get
"""Return the enclosing blocks of ``use_backend``, with their kernels, the innermost last. Without a block,
:func:`kernel` returns ``usual``. The shortest functions check both themselves, which saves a fifth of their time."""


def kernel(backend: str | None) -> Kernel:
    """Return the kernel for a call with this ``backend`` argument."""
    if backend is None:
        blocks = open_blocks()
        return blocks[-1][1] if blocks else usual or _load_usual()
    return _kernels.get(backend) or _load(backend) if type(backend) is str else _load(backend)


def name_of(chosen: Kernel) -> str:
    """Return the name of a kernel. It names the same kernel in another process."""
    return next(name for name, module in MODULES.items() if module == chosen.__name__)


def _load_usual() -> Kernel:
    """Load the default kernel of the process, once. A failure is raised again at each call."""
    global usual  # noqa: PLW0603  (a complete module: a second thread finds it or loads it too)
    usual = _load(default_name())
    if _front and name_of(usual) == "rust":
        _front.set_usual()
    return usual


def default_name() -> str:
    """Return the name of the backend that a call without ``backend=`` uses now. It may be missing."""
    blocks = open_blocks()
    if blocks:
        return name_of(blocks[-1][1])
    if usual is not None:
        return name_of(usual)
    from os import environ  # noqa: PLC0415  (already loaded by any interpreter but an isolated one)

    name = environ.get("PRIMES_BACKEND", "")
    if name:
        _demand_known("PRIMES_BACKEND", name)
        return name
    return next(name for name in MODULES if missing_reason(name) is None)


def _load(backend: str) -> Kernel:
    """Import a backend by name, or raise what an explicit choice must raise."""
    _demand_known("backend", backend)
    reason = missing_reason(backend)
    if reason is not None:
        from primes.exceptions import BackendUnavailableError  # noqa: PLC0415  (no part of the start)

        raise BackendUnavailableError(backend, reason, _remedy(backend))
    return _kernels[backend]


def _demand_known(argument: str, name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"{argument} must be a str, got {name!r:.80} ({type(name).__name__})")
    if name not in MODULES:
        raise ValueError(f"{argument} must be one of {', '.join(map(repr, MODULES))}, got {name!r:.80}")


def missing_reason(name: str) -> str | None:
    """Load a backend. If that fails, return the reason that the build stored, or else the error of the import."""
    if name in _kernels:
        return None
    try:
        # Importing importlib would take as long as importing a kernel (0.4 ms).
        module: Kernel = __import__(MODULES[name], fromlist=["build_info"])
    except ModuleNotFoundError as error:
        if error.name != MODULES[name]:
            return str(error)
        return _stored_reason(name) or "it was not built, and the build did not store why"
    except ImportError as error:
        return str(error)
    version = module.build_info()["version"] if hasattr(module, "build_info") else None
    if version != __version__:
        built = "an unknown version" if version is None else f"version {version}"
        return f"{MODULES[name]} was built from {built}, while this is {__version__}"
    _kernels[name] = module
    return None


def _stored_reason(name: str) -> str | None:
    """Read why the build left a backend out, from the report that it wrote into the package."""
    import json  # noqa: PLC0415  (only a missing backend needs the report)
    from pathlib import Path  # noqa: PLC0415

    try:
        report = json.loads(Path(__file__).with_name("_build_report.json").read_text(encoding="utf-8"))
    except OSError:
        return None
    reason: str | None = report.get(name)
    return reason


def _remedy(name: str) -> str:
    if name not in COMPILED:
        return "It needs nothing but Python's standard library: look at sys.path"
    return (
        f"{REMEDIES[name]}, then install primes again, with PRIMES_BUILD={name} in the environment "
        "and past pip's cache: pip install --force-reinstall --no-cache-dir"
    )


def _load_front() -> Front | None:
    """Load the builtin functions of Rust, unless the environment names another backend.

    A failure is ignored here. It is reported when Rust is asked for.
    """
    from os import environ  # noqa: PLC0415  (already loaded by any interpreter but an isolated one)

    if environ.get("PRIMES_BACKEND") not in {None, "", "rust"}:
        return None
    try:
        from primes import _rust  # noqa: PLC0415  (it may be missing)

        # Only the first import of a process has it.
        return getattr(_rust, "front", None) if _rust.build_info()["version"] == __version__ else None
    except Exception:  # noqa: BLE001  (of any kind: a wrong PRIMES_CPU raises one too)
        return None


_front = _load_front()


def answered_at_once(key: str) -> Callable[[Function], Function]:
    """Put a builtin function of Rust, if there is one, in front of a public function, to answer short calls fast.

    It answers a call whose only argument is a plain int, outside of all blocks, if Rust is the default kernel. It
    passes every other call on to the function. ``key`` is its name in Rust. An older module may not know the key: then
    the public function stays as it is.
    """

    def in_front(function: Function) -> Function:
        global _front  # noqa: PLW0603  (while the package is imported)
        try:
            return _front.of(key, function) if _front else function
        except Exception:  # noqa: BLE001  (an old module may raise anything, and must not stop the import)
            _front = None
            return function

    return in_front


def offer_originals(originals: tuple[object, ...]) -> None:
    """Give Rust arrays of the first 0, 1, 2, ... primes from the default kernel. It answers short calls with copies."""
    if _front:
        _front.set_originals(originals)


class use_backend:  # noqa: N801  (a context manager, used like a function)
    """Use a backend for all calls inside a ``with`` block that do not name one themselves.

    >>> from primes import first_n, use_backend
    >>> with use_backend("python"):
    ...     first_n(3)
    [2, 3, 5]

    The choice belongs to the thread or the asynchronous task that made it. Blocks may be nested.

    Raises:
        TypeError: ``name`` is not a string.
        ValueError: there is no backend of this name.
        BackendUnavailableError: the backend is known but not there.
    """

    def __init__(self, name: str) -> None:
        self._kernel = _load(name)

    # Only the context variable holds the stack, so several threads may use one object at the same time.
    def __enter__(self) -> None:
        _blocks.set((*open_blocks(), (self, self._kernel)))
        if _front:
            _front.watch_blocks(open_blocks)

    def __exit__(self, *exc_info: object) -> None:
        # The block need not be the innermost: blocks in generators may end in any order.
        blocks = open_blocks()
        entry = (self, self._kernel)
        if entry in blocks:
            outside = len(blocks) - 1 - blocks[::-1].index(entry)
            _blocks.set(blocks[:outside] + blocks[outside + 1 :])


class BackendInfo:
    """What :func:`backends` tells about one backend.

    Attributes:
        name: ``"rust"``, ``"cython"`` or ``"python"``.
        available: whether it can be used.
        default: whether a call without ``backend=`` uses it now.
        reason: why it is not available, else None.
        path: the file of its module, or None when it is not available.
        build: its ``version``, ``profile`` (``"release"`` or ``"debug"``), ``cpu`` features in use and ``compiler``, or
            None when it is not available.
    """

    __slots__ = ("available", "build", "default", "name", "path", "reason")

    def __init__(self, name: str, *, default: bool) -> None:
        self.name = name
        self.default = default
        self.reason = missing_reason(name)
        self.available = self.reason is None
        self.path: str | None = None
        self.build: BuildInfo | None = None
        if self.available:
            module = _kernels[name]
            self.path = module.__file__
            self.build = module.build_info()

    def __repr__(self) -> str:
        fields = ("name", "available", "default", "reason", "path", "build")
        return f"BackendInfo({', '.join(f'{field}={getattr(self, field)!r}' for field in fields)})"


def backends() -> tuple[BackendInfo, ...]:
    """Tell for each backend whether it is available and the default, how it was built, or why it is missing.

    >>> from primes import backends
    >>> python = backends()[-1]
    >>> python.name, python.available, python.build["profile"]
    ('python', True, 'release')

    Returns:
        One :class:`BackendInfo` each, the preferred backend first.

    Raises:
        ValueError: ``PRIMES_BACKEND`` names no backend.
    """
    default = default_name()
    return tuple(BackendInfo(name, default=name == default) for name in MODULES)
