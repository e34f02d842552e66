"""Builtin functions stand in front of some public ones. They answer only where those would also have asked Rust."""

from __future__ import annotations

import ast
import asyncio
import gc
import inspect
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from contextvars import copy_context
from itertools import product
from pathlib import Path
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import primes
import primes.numpy as array_primes
from primes import _backends, use_backend
from processes import PYTHON, run, run_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNATURES = {
    "is_prime": "(n, *, backend=None)",
    "next_prime": "(n, *, backend=None)",
    "prev_prime": "(n, *, backend=None)",
    "prime_pi": "(x, *, workers=None, progress=None, backend=None)",
}
FUNCTIONS: dict[str, Callable[..., Any]] = {name: getattr(primes, name) for name in SIGNATURES}
PARAMETERS = {name: "x" if name == "prime_pi" else "n" for name in SIGNATURES}

TRUTH = {"is_prime": True, "next_prime": 11, "prev_prime": 5, "prime_pi": 4}
"""Their answers for 7."""

ARRAY_SIGNATURE = "(n, start=0, *, dtype='int64', workers=None, backend=None)"
"""The signature of ``primes.numpy.first_n``, which answers with copies."""


class Sub(int):
    """An integer of a class of its own."""


class Index:
    """An object that is used as an integer."""

    def __index__(self) -> int:
        return 97


class Signed(ModuleType):
    """A kernel whose answers show that it gave them."""

    def __init__(self) -> None:
        super().__init__("primes._python")
        for name in SIGNATURES:
            setattr(self, name, lambda *_arguments: "signed")

    def extend_first_n(self, out: list[int], n: int, _lo: int, /) -> None:
        out += [-7] * n


SIGNED = dict.fromkeys(SIGNATURES, "signed")


def answers() -> dict[str, Any]:
    """Ask each function about 7, in the way that the builtin answers."""
    return {name: function(7) for name, function in FUNCTIONS.items()}


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a signed kernel in place of the python one. The usual backend is chosen before that."""
    assert answers() == TRUTH
    monkeypatch.setitem(_backends._kernels, "python", Signed())  # noqa: SLF001  (there is no other way in)


# How they present themselves.


@pytest.mark.parametrize(
    ("function", "signature"),
    [*((FUNCTIONS[name], SIGNATURES[name]) for name in SIGNATURES), (array_primes.first_n, ARRAY_SIGNATURE)],
)
class TestLooks:
    def test_builtin_functions_come_with_rust(
        self, function: Callable[..., Any], signature: str, compiled: list[str]
    ) -> None:
        assert isinstance(function, BuiltinFunctionType) == ("rust" in compiled)
        assert getattr(function, "__text_signature__", None) == (signature if "rust" in compiled else None)

    def test_they_tell_of_themselves_what_the_functions_do(self, function: Callable[..., Any], signature: str) -> None:
        parameters = inspect.signature(function).parameters.values()
        bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
        assert str(inspect.Signature(bare)) == signature
        assert getattr(sys.modules[function.__module__], function.__name__) is function
        doc = inspect.getdoc(function) or ""
        assert doc.startswith(("Tell whether", "Return "))
        assert "backend: " in doc

    def test_they_travel_by_name(self, function: Callable[..., Any], signature: str) -> None:
        assert signature
        assert pickle.loads(pickle.dumps(function)) is function  # noqa: S301  (its own)


def test_they_may_do_without_documentation() -> None:
    code = "import primes; print(primes.is_prime.__doc__ or None, primes.is_prime(7), primes.prime_pi(100))"
    assert run(*PYTHON, "-OO", "-c", code).stdout == "None True 25\n"


# What they answer.

NUMBERS: list[Any] = [
    *(-(10**30), -(2**64), -(2**63), -7, -1, 0, 1, 2, 3, 4, 97, 10**6 - 1, 10**6, 10**6 + 1, 2**31 - 1),
    *(2**64, 2**64 + 1, 10**30, True, False, Sub(7), Sub(2**64), Index(), np.int64(-5), np.int8(7), 7.0, "7", None),
]
LARGE_NUMBERS: list[Any] = [
    *(2**62, 2**63 - 25, 2**63 - 1, 2**63, 2**63 + 29, 2**64 - 60, 2**64 - 59, 2**64 - 58, 2**64 - 2, 2**64 - 1),
    *(Sub(2**64 - 59), np.uint64(2**64 - 1)),
]
"""Arguments for which pi(x) takes too long."""


def outcome(call: Callable[[], object]) -> tuple[type, str]:
    """Return the answer or the error, and its type."""
    try:
        answer = call()
    except (TypeError, ValueError, OverflowError) as error:
        answer = error
    return type(answer), str(answer)


@pytest.mark.parametrize("name", SIGNATURES)
def test_answers_and_errors_are_those_of_the_functions(name: str) -> None:
    function = FUNCTIONS[name]
    for number in NUMBERS if name == "prime_pi" else NUMBERS + LARGE_NUMBERS:
        expected = outcome(lambda number=number: function(number, backend="python"))  # type: ignore[misc]
        assert outcome(lambda number=number: function(number)) == expected  # type: ignore[misc]
        assert outcome(lambda number=number: function(**{PARAMETERS[name]: number})) == expected  # type: ignore[misc]


@pytest.mark.parametrize("name", SIGNATURES)
def test_wrong_calls_are_refused_by_the_functions(name: str) -> None:
    function, parameter = FUNCTIONS[name], PARAMETERS[name]
    for arguments, options, message in (
        ((), {}, f"{name}() missing 1 required positional argument: '{parameter}'"),
        ((), {"backend": None}, f"{name}() missing 1 required positional argument: '{parameter}'"),
        ((7, 8), {}, f"{name}() takes 1 positional argument but 2 were given"),
        ((7,), {parameter: 7}, f"{name}() got multiple values for argument '{parameter}'"),
        ((7,), {"threads": 1}, f"{name}() got an unexpected keyword argument 'threads'"),
    ):
        with pytest.raises(TypeError) as caught:
            function(*arguments, **options)
        assert str(caught.value) == message


def test_options_are_passed_on() -> None:
    told: list[tuple[int, int]] = []
    assert primes.prime_pi(100, workers=2, progress=lambda *of: told.append(of), backend=None) == 25
    assert told == [(100, 100)]


def test_arrays_are_the_callers() -> None:
    known = primes.first_n(1100, backend="python")
    for n in range(1100):
        for _ in range(2):
            found = array_primes.first_n(n)
            assert found.dtype == np.int64
            assert found.tolist() == known[:n]
            found[:] = 0
    for bad in (-1, -(2**64), 2**64, 7.0, "7"):
        expected = outcome(lambda bad=bad: array_primes.first_n(bad, backend="python"))  # type: ignore[misc]
        assert outcome(lambda bad=bad: array_primes.first_n(bad)) == expected  # type: ignore[misc]
        assert expected[0] in {ValueError, OverflowError, TypeError}


# Which backend answers.


@pytest.mark.usefixtures("signed")
class TestBlocks:
    def test_blocks_are_nested(self) -> None:
        with use_backend("python"):
            assert answers() == SIGNED
            with use_backend("python"):
                assert answers() == SIGNED
            assert answers() == SIGNED
        assert answers() == TRUTH

    def test_arrays_are_of_the_kernel_of_the_block(self) -> None:
        assert array_primes.first_n(3).tolist() == [2, 3, 5]
        with use_backend("python"):
            assert array_primes.first_n(3).tolist() == [-7, -7, -7]
        assert array_primes.first_n(3).tolist() == [2, 3, 5]

    def test_the_argument_comes_before_a_block(self, backend: str) -> None:
        with use_backend("python"):
            for name, function in FUNCTIONS.items():
                assert function(7, backend=backend) == (SIGNED if backend == "python" else TRUTH)[name]
        assert {name: function(7, backend="python") for name, function in FUNCTIONS.items()} == SIGNED

    def test_a_generator_keeps_its_block_open(self) -> None:
        def block() -> Iterator[dict[str, Any]]:
            with use_backend("python"):
                yield answers()

        inside = block()
        assert next(inside) == SIGNED
        assert answers() == SIGNED
        assert next(inside, None) is None
        assert answers() == TRUTH

    def test_a_block_of_another_thread_is_not_ours(self) -> None:
        step = threading.Barrier(8)

        def call(i: int) -> bool:
            step.wait()
            for _ in range(300):
                if i % 2:
                    with use_backend("python"):
                        right = answers() == SIGNED
                else:
                    right = answers() == TRUTH
                if not right:
                    return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(call, range(8)))

    def test_a_task_keeps_the_block_in_which_it_began(self) -> None:
        async def call(ended: asyncio.Event) -> dict[str, Any]:
            await ended.wait()
            return answers()

        async def main() -> list[dict[str, Any]]:
            ended = asyncio.Event()
            with use_backend("python"):
                inside = asyncio.create_task(call(ended))
            outside = asyncio.create_task(call(ended))
            found = [answers()]
            ended.set()
            return [*found, await inside, await outside]

        assert asyncio.run(main()) == [TRUTH, SIGNED, TRUTH]

    def test_a_context_takes_its_block_to_another_thread(self) -> None:
        with use_backend("python"):
            context = copy_context()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(context.run, answers).result() == SIGNED


OF_A_PROCESS = """if True:
    import importlib, os, sys, primes
    when, name = sys.argv[1:]
    if when == "late":
        os.environ["PRIMES_BACKEND"] = name
    print([primes.is_prime(7), primes.prime_pi(7)])
    kernel = importlib.import_module("primes._" + name)
    kernel.is_prime = kernel.prime_pi = lambda *_arguments: "asked"
    print([primes.is_prime(7), primes.prime_pi(7)])
"""


@pytest.mark.parametrize("when", ["early", "late"])
@pytest.mark.parametrize("name", ["cython", "python"])
def test_the_environment_may_choose_another_backend(name: str, when: str, compiled: list[str]) -> None:
    """The variable is read when it is first needed, so it may be set after the import."""
    if name in {*compiled, "python"}:
        told = run_python(OF_A_PROCESS, when, name, **({"PRIMES_BACKEND": name} if when == "early" else {}))
        assert told.splitlines() == ["[True, 4]", "['asked', 'asked']"]


def test_a_bad_variable_is_told_by_each_call_until_it_is_good() -> None:
    code = """if True:
        import os, primes
        os.environ["PRIMES_BACKEND"] = "fortran"
        for ask in 2 * (lambda: primes.is_prime(7), lambda: primes.prime_pi(7)):
            try:
                print(ask())
            except ValueError as error:
                print(error)
        del os.environ["PRIMES_BACKEND"]
        print(primes.is_prime(7), primes.prime_pi(7))
    """
    refusal = "PRIMES_BACKEND must be one of 'rust', 'cython', 'python', got 'fortran'"
    assert run_python(code).splitlines() == [*[refusal] * 4, "True 4"]


# References and memory.

CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    *(((number,), {}) for number in (7, 10**5 + 3, 2**64, 7.0, "7", -7, Sub(7))),
    *(((7,), options) for options in ({"backend": None}, {"backend": "python"}, {"backend": "none"}, {"seven": 7})),
    *(((), {}), ((7, 8), {})),
]


@pytest.mark.parametrize("name", SIGNATURES)
def test_calls_leave_nothing_behind(name: str) -> None:
    function = FUNCTIONS[name]

    def call(times: int) -> None:
        for (arguments, options), _ in product(CALLS, range(times)):
            with suppress(TypeError, ValueError, OverflowError):
                function(*arguments, **options)

    def held() -> tuple[int, list[int]]:
        gc.collect()
        objects = [each for arguments, options in CALLS for each in (arguments, options, *arguments)]
        return sys.getallocatedblocks(), list(map(sys.getrefcount, objects))

    for block in (nullcontext(), use_backend("python")):
        with block:
            call(10)
            blocks, references = held()
            call(600)
            blocks_after, references_after = held()
            assert references_after == references
            assert blocks_after < blocks + 500


# What asks for them, and what has them.

KEYS = {*SIGNATURES, "numpy.first_n"}


def test_each_key_that_is_asked_for_is_known(compiled: list[str]) -> None:
    """A misspelt key would only make a function slower."""
    package = Path(primes.__file__).parent
    asked = {
        ast.literal_eval(decorator.args[0])
        for path in package.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", None) == "answered_at_once"
    }
    assert asked == KEYS
    if "rust" in compiled:
        functions = {**FUNCTIONS, "numpy.first_n": array_primes.first_n}
        assert all(isinstance(functions[key], BuiltinFunctionType) for key in asked)


STALE = """
import sys, types
stale = types.ModuleType("primes._rust")
stale.__file__ = "stale.so"
{module}
sys.modules["primes._rust"] = stale
import primes, primes.numpy
print(primes.is_prime(7), primes.prime_pi(100), len(primes.numpy.first_n(5)), type(primes.is_prime).__name__)
print(primes.backends()[0].reason)
"""

STALE_MODULES = {
    "empty": ("", "primes._rust was built from an unknown version, while this is {version}"),
    "of another version": (
        "stale.build_info = lambda: {{'version': '0.0.1'}}",
        "primes._rust was built from version 0.0.1, while this is {version}",
    ),
    "with a front that takes no key": (
        "stale.build_info, stale.front = lambda: {{'version': '{version}'}}, types.SimpleNamespace(of=bool)",
        None,
    ),
}


@pytest.mark.parametrize("kind", STALE_MODULES)
def test_a_stale_module_never_stops_the_import(kind: str) -> None:
    """It was built from other sources than those that import it."""
    module, reason = STALE_MODULES[kind]
    module, version = module.format(version=primes.__version__), primes.__version__
    if reason is not None:
        told = run_python(STALE.format(module=module)).splitlines()
        assert told == ["True 25 5 function", reason.format(version=version)]
        return
    code = STALE.format(module=module).replace("\nprint", "\nprimes.use_backend('python').__enter__()\nprint", 1)
    assert run_python(code).startswith("True 25 5 function\n")
