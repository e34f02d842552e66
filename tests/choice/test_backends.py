"""How a backend is chosen, when a choice may fall back, and what is said about a missing one.

Most tests put signed kernels in place of the real ones. An answer then shows which kernel gave it, and the tests do not
depend on which backends are installed.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import primes
from primes import BackendUnavailableError, _backends, use_backend
from processes import PYTHON, run, run_python

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from primes._kernel import BuildInfo

NAMES = ("rust", "cython", "python")
COMPILED = ("rust", "cython")
SIGNATURES = {name: [i] for i, name in enumerate(NAMES)}


class Signed(ModuleType):
    """A kernel that answers with its signature instead of with primes."""

    def __init__(self, backend: str, version: str) -> None:
        super().__init__(f"primes._{backend}")
        self.__file__ = f"/signed/_{backend}"
        self.backend = backend
        self.version = version

    def extend_first_n(self, out: list[int], _n: int, _lo: int, /) -> None:
        out += SIGNATURES[self.backend]

    def build_info(self) -> BuildInfo:
        return {"version": self.version, "profile": "release", "cpu": "paper", "compiler": "pen"}


def who_answers(backend: str | None = None) -> str:
    """Return the name of the backend that a call uses."""
    answer = primes.first_n(1, backend=backend)
    [name] = [name for name, signature in SIGNATURES.items() if signature == answer]
    return name


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin like a new process, and forget afterwards what the test has loaded."""
    monkeypatch.setattr(_backends, "_kernels", {})
    monkeypatch.setattr(_backends, "usual", None)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str | None]], None]:
    """Put signed kernels of these versions in place of the real ones. None stands for a missing one."""

    def install(versions: Mapping[str, str | None]) -> None:
        for name, version in versions.items():
            # The import system takes None for "there is no such module".
            module = None if version is None else Signed(name, version)
            monkeypatch.setitem(sys.modules, f"primes._{name}", module)

    return install


@pytest.fixture
def signed(install: Callable[[Mapping[str, str | None]], None]) -> None:
    """All three backends are there."""
    install(dict.fromkeys(NAMES, primes.__version__))


@pytest.fixture
def no_compiled(
    install: Callable[[Mapping[str, str | None]], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, str]:
    """Only python is there, as after a build that stored these reasons."""
    install({"rust": None, "cython": None, "python": primes.__version__})
    reasons = {"rust": "not built: no cargo", "cython": "not requested: PRIMES_BUILD=none"}
    (tmp_path / "_build_report.json").write_text(json.dumps(reasons), encoding="utf-8")
    monkeypatch.setattr(_backends, "__file__", str(tmp_path / "_backends.py"))
    return reasons


# The order of precedence.


@pytest.mark.usefixtures("signed")
def test_rust_is_the_automatic_choice_then_cython_then_python(monkeypatch: pytest.MonkeyPatch) -> None:
    for i, name in enumerate(NAMES):
        for missing in NAMES[:i]:
            monkeypatch.setitem(sys.modules, f"primes._{missing}", None)
        monkeypatch.setattr(_backends, "_kernels", {})
        monkeypatch.setattr(_backends, "usual", None)
        assert who_answers() == name


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("name", NAMES)
class TestPrecedence:
    def test_the_environment_comes_before_the_automatic_choice(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PRIMES_BACKEND", name)
        assert who_answers() == name
        assert [each.name for each in primes.backends() if each.default] == [name]

    @pytest.mark.parametrize("variable", NAMES)
    def test_use_backend_comes_before_the_environment(
        self, name: str, variable: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PRIMES_BACKEND", variable)
        with use_backend(name):
            assert who_answers() == name
            assert [each.name for each in primes.backends() if each.default] == [name]
        assert who_answers() == variable

    @pytest.mark.parametrize("block", NAMES)
    def test_the_argument_comes_before_use_backend(
        self, name: str, block: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PRIMES_BACKEND", "python")
        with use_backend(block):
            assert who_answers(name) == name
            assert who_answers() == block

    def test_no_argument_is_the_same_as_none(self, name: str) -> None:
        with use_backend(name):
            assert who_answers(None) == name


@pytest.mark.usefixtures("signed")
def test_an_empty_variable_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIMES_BACKEND", "")
    assert who_answers() == "rust"


# A choice for a block of code.


@pytest.mark.usefixtures("signed")
class TestUseBackend:
    def test_blocks_are_nested(self) -> None:
        with use_backend("cython"):
            with use_backend("python"):
                with use_backend("cython"):
                    assert who_answers() == "cython"
                assert who_answers() == "python"
            assert who_answers() == "cython"
        assert who_answers() == "rust"

    def test_an_exception_ends_its_block(self) -> None:
        with pytest.raises(KeyError), use_backend("python"):
            raise KeyError
        assert who_answers() == "rust"

    def test_one_object_serves_several_blocks_one_in_another(self) -> None:
        choice = use_backend("python")
        with choice:
            with use_backend("cython"):
                with choice:
                    assert who_answers() == "python"
                assert who_answers() == "cython"
            assert who_answers() == "python"
        assert who_answers() == "rust"

    def test_blocks_in_generators_may_end_in_another_order(self) -> None:
        def block(name: str) -> Generator[None]:
            with use_backend(name):
                yield

        first, second, third = block("python"), block("cython"), block("python")
        answers = []
        for each in (first, second, third):
            next(each)
        for each in (first, third, second):
            each.close()
            answers.append(who_answers())
        assert answers == ["python", "cython", "rust"]

    def test_a_choice_begins_with_its_block_and_not_before(self) -> None:
        use_backend("python")
        assert who_answers() == "rust"

    def test_each_thread_has_its_own(self) -> None:
        shared = use_backend("python")
        step = threading.Barrier(3)

        def choose(name: str) -> list[str]:
            step.wait()
            with use_backend(name) if name != "python" else shared:
                step.wait()
                inside = who_answers()
                step.wait()
            step.wait()
            return [inside, who_answers()]

        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(choose, NAMES))
        assert answers == [[name, "rust"] for name in NAMES]

    def test_threads_may_share_one_object(self) -> None:
        shared = use_backend("cython")
        step = threading.Barrier(4)

        def choose(i: int) -> list[str]:
            answers = []
            for turn in range(4):
                step.wait()
                if turn >= i:
                    with shared:
                        step.wait()
                        answers.append(who_answers())
                else:
                    step.wait()
                    answers.append(who_answers())
            return answers

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(choose, range(4)))
        assert answers == [["rust"] * i + ["cython"] * (4 - i) for i in range(4)]

    def test_a_new_thread_begins_without_the_choice_of_its_maker(self) -> None:
        # Free-threaded Python 3.14 hands the context down.
        expected = "python" if getattr(sys.flags, "thread_inherit_context", 0) else "rust"
        with use_backend("python"), ThreadPoolExecutor(1) as pool:
            assert pool.submit(who_answers).result() == expected

    def test_each_task_has_its_own(self) -> None:
        async def choose(name: str, step: asyncio.Barrier) -> list[str]:
            await step.wait()
            with use_backend(name):
                await step.wait()
                inside = who_answers()
                await step.wait()
            await step.wait()
            return [inside, who_answers()]

        async def main() -> list[list[str]]:
            step = asyncio.Barrier(3)
            with use_backend("cython"):
                return await asyncio.gather(*(choose(name, step) for name in NAMES))

        assert asyncio.run(main()) == [[name, "cython"] for name in NAMES]


# Names that no backend has.

BAD_NAMES: list[tuple[Any, type[Exception], str]] = [
    ("fortran", ValueError, "must be one of 'rust', 'cython', 'python', got 'fortran'"),
    ("", ValueError, "must be one of 'rust', 'cython', 'python', got ''"),
    ("Rust", ValueError, "must be one of 'rust', 'cython', 'python', got 'Rust'"),
    ("rust ", ValueError, "must be one of 'rust', 'cython', 'python', got 'rust '"),
    (1, TypeError, "must be a str, got 1 (int)"),
    (b"rust", TypeError, "must be a str, got b'rust' (bytes)"),
    (["rust"], TypeError, "must be a str, got ['rust'] (list)"),
]


@pytest.mark.parametrize(("name", "error", "message"), BAD_NAMES)
def test_an_unknown_name_is_refused_with_the_known_ones(
    name: Any,  # noqa: ANN401  (any wrong type)
    error: type[Exception],
    message: str,
) -> None:
    for ask in (lambda: primes.first_n(1, backend=name), lambda: use_backend(name)):
        with pytest.raises(error) as caught:
            ask()
        assert str(caught.value) == f"backend {message}"


def test_use_backend_needs_a_name() -> None:
    with pytest.raises(TypeError):
        use_backend(None)  # type: ignore[arg-type]


def test_a_bad_variable_is_told_by_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIMES_BACKEND", "fortran")
    for ask in (lambda: primes.first_n(1), primes.backends, lambda: primes.first_n(1)):
        with pytest.raises(ValueError, match="PRIMES_BACKEND must be one of 'rust', 'cython', 'python', got 'fortran'"):
            ask()
    assert primes.first_n(1, backend="python") == [2]


def test_a_bad_variable_does_not_break_the_import() -> None:
    assert run_python("import primes; print(primes.__version__)", PRIMES_BACKEND="fortran").split() == [
        primes.__version__
    ]
    result = run(*PYTHON, "-c", "import primes; primes.first_n(1)", PRIMES_BACKEND="fortran")
    assert result.stderr.splitlines()[-1] == (
        "ValueError: PRIMES_BACKEND must be one of 'rust', 'cython', 'python', got 'fortran'"
    )


# Vector instructions.


def test_bad_instructions_are_told_by_each_call(compiled: list[str]) -> None:
    """Without the rust backend the variable has no effect."""
    code = """if True:
        import primes
        for ask in (lambda: primes.first_n(1), primes.backends, lambda: primes.is_prime(7)):
            try:
                print(ask() and "fine")
            except ValueError as error:
                print(error)
        print(primes.first_n(1, backend="python"))
    """
    *told, python = run_python(code, PRIMES_CPU="mmx").splitlines()
    refusal = r"PRIMES_CPU must be one of portable(, \w+)* on this processor, got mmx"
    for line in told:
        assert re.fullmatch(refusal if "rust" in compiled else "fine", line)
    assert len(told) == 3
    assert python == "[2]"


def test_the_instructions_in_use_are_told(compiled: list[str]) -> None:
    code = "import primes; print(*(b.build['cpu'] for b in primes.backends() if b.name == 'rust' and b.build))"
    assert run_python(code, PRIMES_CPU="portable").split() == ["portable"] * ("rust" in compiled)
    assert run_python(code, PRIMES_CPU="") == run_python(code)


# Backends that are missing.


@pytest.mark.parametrize("name", COMPILED)
class TestMissing:
    def test_an_explicit_choice_never_falls_back(
        self, name: str, no_compiled: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def by_variable() -> None:
            monkeypatch.setenv("PRIMES_BACKEND", name)
            primes.first_n(1)

        for ask in (lambda: primes.first_n(1, backend=name), lambda: use_backend(name), by_variable, by_variable):
            with pytest.raises(BackendUnavailableError) as caught:
                ask()
            error = caught.value
            assert (error.backend, error.reason) == (name, no_compiled[name])
            assert f"PRIMES_BUILD={name} " in error.remedy
            assert "pip install" in error.remedy
            assert str(error) == f"the {name} backend is not available: {error.reason}. {error.remedy}"

    @pytest.mark.usefixtures("no_compiled")
    def test_the_error_is_an_import_error_that_travels(self, name: str) -> None:
        with pytest.raises(ImportError) as caught:
            use_backend(name)
        error = caught.value
        assert type(error) is BackendUnavailableError
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  (its own)
        assert type(copy) is type(error)
        assert (str(copy), vars(copy)) == (str(error), vars(error))

    def test_the_automatic_choice_falls_back_and_keeps_the_reason(self, name: str, no_compiled: dict[str, str]) -> None:
        assert who_answers() == "python"
        told = {backend.name: backend for backend in primes.backends()}
        assert told[name].reason == no_compiled[name]
        assert told["python"].default

    @pytest.mark.usefixtures("no_compiled")
    def test_a_missing_report_is_told(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "_build_report.json").unlink()
        with pytest.raises(BackendUnavailableError, match="it was not built, and the build did not store why"):
            use_backend(name)

    @pytest.mark.usefixtures("no_compiled")
    def test_what_the_loader_says_is_told(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """As with a file for another platform: the file exists, and the report says that it was built."""

        class Loader:
            def find_spec(self, module: str, *_path: object) -> None:
                if module == f"primes._{name}":
                    raise ImportError("wrong ELF class")

        monkeypatch.delitem(sys.modules, f"primes._{name}")
        monkeypatch.delattr(primes, f"_{name}", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Loader(), *sys.meta_path])
        with pytest.raises(BackendUnavailableError) as caught:
            use_backend(name)
        assert caught.value.reason == "wrong ELF class"
        assert who_answers() == "python"

    def test_a_module_of_another_version_is_refused(
        self, name: str, install: Callable[[Mapping[str, str | None]], None]
    ) -> None:
        install({**dict.fromkeys(NAMES, primes.__version__), name: "0.0.1"})
        with pytest.raises(BackendUnavailableError) as caught:
            use_backend(name)
        assert caught.value.reason == f"primes._{name} was built from version 0.0.1, while this is {primes.__version__}"
        assert who_answers() != name

    def test_a_backend_that_appears_is_found(
        self, name: str, no_compiled: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The automatic choice of a process is remembered; a failure is not."""
        assert name in no_compiled
        assert who_answers() == "python"
        monkeypatch.setitem(sys.modules, f"primes._{name}", Signed(name, primes.__version__))
        assert who_answers(name) == name
        assert who_answers() == "python"


# What ``backends()`` says of each.


def test_backends_tells_of_what_is_there(backend: str) -> None:
    told = {each.name: each for each in primes.backends()}
    assert tuple(told) == NAMES
    info = told[backend]
    assert info.available
    assert info.reason is None
    module = sys.modules[f"primes._{backend}"]
    assert info.path == module.__file__
    assert info.build == module.build_info()


def test_backends_tells_of_what_is_not(no_compiled: dict[str, str]) -> None:
    for info in primes.backends()[:2]:
        assert (info.available, info.default, info.path, info.build) == (False, False, None, None)
        assert info.reason == no_compiled[info.name]


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("name", NAMES)
def test_the_default_of_backends_is_who_answers(name: str) -> None:
    with use_backend(name):
        assert [each.name for each in primes.backends() if each.default] == [who_answers()] == [name]


def test_exactly_one_backend_is_the_default() -> None:
    assert [each.default for each in primes.backends()].count(True) == 1


def test_every_backend_is_release_code() -> None:
    profiles = {each.name: each.build["profile"] for each in primes.backends() if each.build is not None}
    assert set(profiles.values()) == {"release"}


def test_what_is_told_can_be_shown() -> None:
    for info in primes.backends():
        assert repr(info).startswith("BackendInfo(")
        assert f"name={info.name!r}" in repr(info)
        assert f"reason={info.reason!r}" in repr(info)


def test_a_standard_library_that_is_gone_is_told() -> None:
    """A program may empty sys.path. Then even the python backend is missing, though every build has it."""
    code = """
import sys
from primes import BackendUnavailableError, first_n
sys.path.clear()
sys.modules["bisect"] = None
try:
    first_n(3, backend="python")
except BackendUnavailableError as error:
    print(error.backend, error.reason, error.remedy, sep="|")
"""
    backend, reason, remedy = run_python(code).strip().split("|")
    assert backend == "python"
    assert "bisect" in reason
    assert remedy == "It needs nothing but Python's standard library: look at sys.path"
