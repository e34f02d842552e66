"""The commands, as programs of their own: what they print, what they complain of, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

import primes
from processes import PYTHON, environment, program, run

if TYPE_CHECKING:
    from collections.abc import Sequence

PRIMES = (program("primes"),)
MODULE = (*PYTHON, "-m", "primes")
FAST = {"rust": program("primes-fast-rust"), "cython": program("primes-fast-cython")}

either = pytest.mark.parametrize("command", [PRIMES, MODULE], ids=["primes", "python -m primes"])


def lines_of(numbers: Sequence[int]) -> str:
    """Return what the command should print for these numbers."""
    return "".join(f"{number}\n" for number in numbers)


@either
@pytest.mark.parametrize("n", [0, 1, 10, 5000, 70_000])
def test_it_prints_the_first_primes_one_a_line(command: Sequence[str], n: int) -> None:
    result = run(*command, str(n))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == lines_of(primes.first_n(n))


@pytest.mark.parametrize("arguments", [("--backend", "{}", "10"), ("10", "--backend", "{}"), ("--backend={}", "10")])
def test_a_backend_can_be_named(backend: str, arguments: Sequence[str]) -> None:
    result = run(*PRIMES, *(each.format(backend) for each in arguments))
    assert (result.returncode, result.stdout, result.stderr) == (0, lines_of(primes.first_n(10)), "")


def test_the_environment_is_heard(backend: str) -> None:
    assert run(*PRIMES, "10", PRIMES_BACKEND=backend).stdout == lines_of(primes.first_n(10))
    assert run(*PRIMES, "10", PRIMES_BACKEND="fortran").returncode == 2
    table = run(*PRIMES, "backends", PRIMES_BACKEND=backend).stdout.splitlines()
    assert [line.split()[0] for line in table[1:4] if line.split()[1] == "yes"] == [backend]


@either
def test_it_tells_its_version(command: Sequence[str]) -> None:
    result = run(*command, "--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"primes {primes.__version__}\n", "")


@either
def test_its_help_has_examples_that_work(command: Sequence[str]) -> None:
    result = run(*command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    examples = [line.split("  ")[1].split() for line in result.stdout.splitlines() if line.startswith("  primes ")]
    assert len(examples) >= 4
    for example in examples:
        assert run(*command, *example[1:]).returncode in ({0, 1} if "--require" in example else {0})


@pytest.mark.parametrize("arguments", [("backends", "--help"), ("-h",)])
def test_help_is_no_error(arguments: Sequence[str]) -> None:
    result = run(*PRIMES, *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage: primes ")


# The table of backends.


@either
def test_the_table_tells_of_every_backend(command: Sequence[str]) -> None:
    result = run(*command, "backends")
    assert (result.returncode, result.stderr) == (0, "")
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["backend", "default", "version", "profile", "cpu", "compiler", "module"]
    for row, info in zip(rows, primes.backends(), strict=False):
        assert row.split()[0] == info.name
        assert (row.split()[1] == "yes") == info.default
        if info.build is None:
            assert row.split()[1:] == ["missing"]
            assert f"{info.name} is missing: {info.reason}" in rows
        else:
            assert all(each in row for each in (*map(str, info.build.values()), str(info.path)))


def test_what_is_required_and_there_is_no_error(compiled: list[str]) -> None:
    for names in (["python"], [*compiled, "python"]):
        result = run(*PRIMES, "backends", "--require", ",".join(names))
        assert (result.returncode, result.stderr) == (0, "")


def test_what_is_required_and_missing_is_told_with_its_reason() -> None:
    for info in primes.backends():
        result = run(*PRIMES, "backends", "--require", f"python,{info.name}")
        assert result.returncode == (0 if info.available else 1)
        expected = f"primes: the {info.name} backend is required and missing: {info.reason}\n"
        assert result.stderr == ("" if info.available else expected)
        assert result.stdout.startswith("backend ")


BLOCKED = """
import sys
sys.modules["primes._rust"] = sys.modules["primes._cython"] = None
sys.argv[0] = "primes"
from primes._cli import {main}
sys.exit({main}())
"""
"""A command where nothing is compiled, whatever is installed."""


def run_blocked(main: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(*PYTHON, "-c", BLOCKED.format(main=main), *arguments)


def test_a_missing_backend_that_is_required_ends_with_status_one() -> None:
    result = run_blocked("main", "backends", "--require", "rust,cython")
    assert result.returncode == 1
    rust, cython = result.stderr.splitlines()
    assert rust.startswith("primes: the rust backend is required and missing: ")
    assert cython.startswith("primes: the cython backend is required and missing: ")


def test_nothing_compiled_is_needed_to_print_primes() -> None:
    assert run_blocked("main", "10").stdout == lines_of(primes.first_n(10))


# The commands that insist on a compiled backend.


def test_primes_fast_is_there_where_something_is_compiled(compiled: list[str]) -> None:
    result = run(program("primes-fast"), "5000")
    if compiled:
        assert (result.returncode, result.stdout, result.stderr) == (0, lines_of(primes.first_n(5000)), "")
    else:
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("primes-fast: error: the rust backend is not available: ")
    for name, command in FAST.items():
        result = run(command, "5000")
        if name in compiled:
            assert (result.returncode, result.stdout, result.stderr) == (0, lines_of(primes.first_n(5000)), "")
        else:
            assert (result.returncode, result.stdout) == (2, "")
            assert result.stderr.startswith(f"primes-fast-{name}: error: the {name} backend is not available: ")


@pytest.mark.parametrize("main", ["main_fast", "main_fast_rust", "main_fast_cython"])
def test_primes_fast_never_falls_back_to_python(main: str) -> None:
    result = run_blocked(main, "10")
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert " backend is not available: " in line


# Bad input.


@either
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "N"),
        (("",), "'' is not an integer"),
        ((" ",), "' ' is not an integer"),
        (("ten",), "'ten' is not an integer"),
        (("3.0",), "'3.0' is not an integer"),
        (("1e6",), "'1e6' is not an integer"),
        (("²",), "'²' is not an integer"),
        (("-1",), "n must not be negative, got -1"),
        (("10", "20"), "20"),
        (("--backend", "fortran", "10"), "'rust', 'cython', 'python'"),
        (("--backend", "10"), "N"),
        (("--fast", "10"), "--fast"),
        (("99999999999999999999",), "n must be at most 425656284035217743"),
        (("425656284035217743",), "does not fit into memory"),
        (("9" * 4000,), "n must be at most 425656284035217743"),
        (("9" * 5000,), "9999"),
        (("backends", "--require", "fortran"), "'fortran' is none of rust, cython, python"),
        (("backends", "--require", ""), "'' is none of rust, cython, python"),
        (("backends", "--require"), "--require"),
        (("backends", "10"), "10"),
    ],
)
def test_bad_input_gets_one_line_and_status_two(command: Sequence[str], arguments: Sequence[str], told: str) -> None:
    result = run(*command, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("primes: error: ")
    assert told in line
    assert len(line) < 250


# Output that fails.


@pytest.mark.parametrize("n", [10, 5000, 1_000_000])
def test_a_closed_pipe_ends_it_quietly(n: int) -> None:
    with subprocess.Popen([*PRIMES, str(n)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert [process.stdout.readline() for _ in range(3)] == ["2\n", "3\n", "5\n"]
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("arguments", ["10", "1000000", "backends", "--help", "--version"])
def test_a_pipe_that_was_closed_before_ends_it_quietly(arguments: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([*PRIMES, arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", ["10", "1000000", "backends"])
@pytest.mark.parametrize(("redirection", "told"), [("> /dev/full", "No space left"), (">&-", "is closed")])
def test_an_output_that_fails_is_told(redirection: str, told: str, arguments: str) -> None:
    result = run("/bin/sh", "-c", f"exec '{PRIMES[0]}' {arguments} {redirection}")
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    assert line.startswith("primes: error: ")
    assert told in line


def test_a_complaint_does_not_go_to_the_output_when_the_errors_are_closed() -> None:
    for arguments in ("-1", "ten", "--backend fortran 1"):
        result = run("/bin/sh", "-c", f"exec '{PRIMES[0]}' {arguments} 2>&-")
        assert (result.returncode, result.stdout) == (2, "")


# Interruption.


@either
def test_ctrl_c_ends_it_quietly(command: Sequence[str]) -> None:
    with subprocess.Popen(
        [*command, "1000000000"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (130, "", "")


def test_ctrl_c_while_it_writes_ends_it_quietly() -> None:
    with subprocess.Popen(
        [*PRIMES, "3000000"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "2\n"  # The pipe is full and the program waits.
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=30)[1]
    assert (process.returncode, errors) == (130, "")
