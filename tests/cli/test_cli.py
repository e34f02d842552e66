"""The commands as programs: what they print, and how they report errors."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import termios
from random import Random
from typing import TYPE_CHECKING

import pytest

import primes
from processes import MODULE, PRIMES, PYTHON, call, program, run

if TYPE_CHECKING:
    from collections.abc import Sequence

FAST = {"rust": program("primes-fast-rust"), "cython": program("primes-fast-cython")}

either = pytest.mark.parametrize("command", [PRIMES, MODULE], ids=["primes", "python -m primes"])


def lines_of(numbers: Sequence[int]) -> str:
    """Return what the command should print for these integers."""
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
def test_its_help_is_no_error(command: Sequence[str]) -> None:
    for arguments in (("--help",), ("-h",), ("backends", "--help")):
        result = run(*command, *arguments)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith("usage: primes ")


def test_the_examples_of_the_help_work() -> None:
    result = call("--help")
    examples = [line.split("  ")[1].split() for line in result.stdout.splitlines() if line.startswith("  primes ")]
    assert len(examples) >= 4
    for example in examples:
        assert call(*example[1:]).returncode in ({0, 1} if "--require" in example else {0})


def test_bad_instructions_are_told_in_one_line(compiled: list[str]) -> None:
    for arguments in ("10", "first 10", "backends"):
        result = run(*PRIMES, *arguments.split(), PRIMES_CPU="mmx")
        if "rust" in compiled:
            assert (result.returncode, result.stdout) == (2, "")
            [line] = result.stderr.splitlines()
            assert line.startswith("primes: error: PRIMES_CPU must be one of portable")
        else:
            assert (result.returncode, result.stderr) == (0, "")


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
"""Run the command as if no backend were compiled."""


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


# Each command.

ANSWERS = {
    "first 5": "2 3 5 7 11",
    "5": "2 3 5 7 11",
    "5 --start 10**9": "1000000007 1000000009 1000000021 1000000033 1000000087",
    "--start 100 3": "101 103 107",
    "first 5e0 --start=2^32-60": "4294967279 4294967291 4294967311 4294967357 4294967371",
    "range 20": "2 3 5 7 11 13 17 19",
    "range 10**12 10**12+100": "1000000000039 1000000000061 1000000000063 1000000000091",
    "range 2**64-90 2**64": "18446744073709551533 18446744073709551557",
    "range 2**64-60 2**64+14": "18446744073709551557 18446744073709551629",
    "range 2**64 2**64+14 --format json": "[18446744073709551629]",
    "range 10**30 10**30+58 --workers 2": f"{10**30 + 57}",
    "first 2 --start 2**64-60 --format csv": "18446744073709551557,18446744073709551629",
    "first 1 --start 10**100": f"{10**100 + 267}",
    "count 2**64-60 2**64+14": "2",
    "count 10**30 10**30+58": "1",
    "nth 2 --start 2**64-60": "18446744073709551629",
    "tuplets 2 10**30 10**30+5000 --count": "2",
    "range 24 29": "",
    "range 10 5": "",
    "range 20 --workers 2": "2 3 5 7 11 13 17 19",
    "range 20 --reverse": "19 17 13 11 7 5 3 2",
    "range 2**64-90 2**64 --reverse": "18446744073709551557 18446744073709551533",
    "range 24 29 --reverse": "",
    "range 10 5 --reverse": "",
    "random 24 30": "29",
    "random 3 -n 4": "2 2 2 2",
    "random 3 -n 0": "",
    "random 2**64 2**64+14": "18446744073709551629",
    "5 --workers 1": "2 3 5 7 11",
    "count 1e9": "50847534",
    "count 100 200": "21",
    "count 1e6 --sieve": "78498",
    "count 1e7 --sieve --workers 2": "664579",
    "nth 10**6": "15485863",
    "nth 2 --start 10**18": "1000000000000000009",
    "next 10**18 7": "1000000000000000003 11",
    "next 2**64": "18446744073709551629",
    "prev 2**64 3": "18446744073709551557 2",
    "pi 1e9": "50847534",
    "pi 2": "1",
    "pi 1e8 --workers 2": "5761455",
    "nth 1e6 --workers 2": "15485863",
    "tuplets 2 30 --count": "4",
    "tuplets 6 1e6 --count --workers 1": "5",
}
"""Only the form of the output is tested here. The tests of the functions have the values."""


@pytest.mark.parametrize("arguments", ANSWERS)
def test_what_a_command_answers(backend: str, arguments: str) -> None:
    result = call(*arguments.split(), "--backend", backend)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "".join(f"{each}\n" for each in ANSWERS[arguments].split())


@either
def test_is_tells_of_each_and_by_its_status_of_one(command: Sequence[str]) -> None:
    result = run(*command, "is", "97", "91", "2**61-1", "-7", "2^89-1")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "97 is prime",
        "91 is not prime",
        "2305843009213693951 is prime",
        "-7 is not prime",
        f"{2**89 - 1} is prime",
    ]
    for number, status in (("97", 0), ("91", 1), ("2**64+13", 0), ("1", 1), ("0", 1), ("-2", 1)):
        result = run(*command, "is", number)
        assert (result.returncode, result.stderr) == (status, "")
        assert result.stdout.endswith(" is prime\n" if status == 0 else " is not prime\n")


def test_integers_of_many_digits_are_read_and_written() -> None:
    """Python itself writes at most 4300 digits."""
    result = call("is", "10**5000")
    assert (result.returncode, result.stdout, result.stderr) == (1, f"1{'0' * 5000} is not prime\n", "")
    result = call("is", "2" * 5000)
    assert (result.returncode, result.stderr) == (1, "")


NEGATIVE = ["-5", "-5+0", "-10**3", "-1e3", "-2^4", "-1_000"]


@pytest.mark.parametrize("number", NEGATIVE)
def test_a_negative_number_is_no_option(number: str) -> None:
    for arguments, answer in (
        (("next", number), "2\n"),
        (("count", number, "10"), "4\n"),
        (("range", number, "4"), "2\n3\n"),
        (("pi", number), "0\n"),
        (("1", "--start", number), "2\n"),
        (("1", f"--start={number}"), "2\n"),
    ):
        result = call(*arguments)
        assert (result.returncode, result.stdout, result.stderr) == (0, answer, "")


# Formats.

FORMATS = {
    "lines": ("2\n3\n5\n", ""),
    "space": ("2 3 5\n", "\n"),
    "csv": ("2,3,5\n", "\n"),
    "json": ("[2, 3, 5]\n", "[]\n"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_formats_of_primes(backend: str, form: str) -> None:
    three, none = FORMATS[form]
    for arguments, expected in (
        ("first 3", three),
        ("3", three),
        ("range 6", three),
        ("0", none),
        ("range 24 29", none),
    ):
        result = call(*arguments.split(), "--format", form, "--backend", backend)
        assert (result.returncode, result.stdout, result.stderr) == (0, expected, "")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("n", [1, 8191, 8192, 8193, 30_000])
def test_formats_of_many_blocks(backend: str, form: str, n: int) -> None:
    result = call(str(n), "--format", form, "--backend", backend)
    numbers = result.stdout.strip().strip("[]").replace(",", " ").split()
    assert list(map(int, numbers)) == primes.first_n(n)
    assert result.stdout.count("\n") == (n if form == "lines" else 1)
    assert result.stdout.endswith("\n")
    if form == "json":
        assert json.loads(result.stdout) == primes.first_n(n)


@pytest.mark.parametrize("form", FORMATS)
def test_formats_of_primes_downwards(backend: str, form: str) -> None:
    """They are made text by Python, in blocks of their own."""
    for stop in (0, 3, 6, 30, 10**6):
        result = call("range", str(stop), "--reverse", "--format", form, "--backend", backend)
        assert (result.returncode, result.stderr) == (0, "")
        ascending = call("range", str(stop), "--format", form, "--backend", backend).stdout
        numbers, reversed_numbers = (re.findall(r"\d+", text) for text in (ascending, result.stdout))
        assert reversed_numbers == numbers[::-1]
        assert re.sub(r"\d+", "p", result.stdout) == re.sub(r"\d+", "p", ascending)


def test_a_seed_draws_the_same_again(backend: str) -> None:
    arguments = ("random", "10**30", "10**31", "-n", "3", "--backend", backend)
    rng = Random(7)  # noqa: S311
    expected = "".join(f"{primes.random_prime(10**30, 10**31, rng=rng)}\n" for _ in range(3))
    for _ in range(2):
        assert call(*arguments, "--seed", "7").stdout == expected
    assert call(*arguments).stdout != call(*arguments).stdout
    assert int(call("random", "--bits", "200").stdout).bit_length() == 200


def test_formats_of_tuplets() -> None:
    expected = {
        "lines": "3 5\n5 7\n11 13\n",
        "csv": "3,5\n5,7\n11,13\n",
        "space": "3,5 5,7 11,13\n",
        "json": "[[3, 5], [5, 7], [11, 13]]\n",
    }
    for form, text in expected.items():
        result = call("tuplets", "2", "14", "--format", form)
        assert (result.returncode, result.stdout, result.stderr) == (0, text, "")
    none = {form: call("tuplets", "2", "24", "29", "--format", form).stdout for form in FORMATS}
    assert none == {"lines": "", "csv": "", "space": "\n", "json": "[]\n"}


# Progress and completion.


def test_progress_says_nothing_where_nobody_looks() -> None:
    result = run(*PRIMES, "count", "1e7", "--sieve", "--progress")
    assert (result.returncode, result.stdout, result.stderr) == (0, "664579\n", "")


WITHOUT = """
import sys
sys.modules[sys.argv.pop(1)] = None
sys.argv[0] = "primes"
from primes._cli import main
sys.exit(main())
"""


def test_progress_without_its_library_says_what_to_install() -> None:
    for command in ("count 100", "tuplets 2 100 --count", "pi 100", "nth 100"):
        result = run(*PYTHON, "-c", WITHOUT, "tqdm", *command.split(), "--progress")
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == "primes: error: --progress needs tqdm: pip install tqdm\n"


SLOW = """
import itertools, sys, time
hours = itertools.count(step=3600)
time.time = time.monotonic = lambda: float(next(hours))
from primes._cli import main
sys.exit(main())
"""
"""Run the command as on a machine that is so slow that an hour passes between two looks at the clock."""


def test_progress_is_drawn_on_a_terminal() -> None:
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, 80))
    command = [*PYTHON, "-c", SLOW, "count", "1e8", "--sieve", "--progress", "--backend", "python", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=there, text=True) as process:
        output = process.communicate(timeout=60)[0]
    os.close(there)
    drawn = b""
    with contextlib.suppress(OSError):
        while block := os.read(here, 4096):
            drawn += block
    os.close(here)
    assert (process.returncode, output) == (0, "5761455\n")
    assert b"%" in drawn


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_for_shells(shell: str) -> None:
    result = run(*PRIMES, "--print-completion", shell)
    assert (result.returncode, result.stderr) == (0, "")
    assert "tuplets" in result.stdout
    assert "--format" in result.stdout
    checker = shutil.which(shell)
    if shell != "tcsh" and checker is not None:
        assert run(checker, "-n", "-c", result.stdout).returncode == 0


def test_completion_without_its_library_says_what_to_install() -> None:
    for arguments in (["bash"], []):
        result = run(*PYTHON, "-c", WITHOUT, "shtab", "--print-completion", *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        [line] = result.stderr.splitlines()
        assert line.startswith("primes: error: ")
        assert "pip install shtab" in line


# The commands that require a compiled backend.


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


# Bad arguments.


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "a command or N is required (see primes --help)"),
        (("",), "'' is not an integer"),
        ((" ",), "' ' is not an integer"),
        (("ten",), "'ten' is neither a number nor a command: first, range, count,"),
        (("3.0",), "'3.0' is not an integer"),
        (("1.5e6",), "'1.5e6' is not an integer"),
        (("²",), "'²' is not an integer"),
        (("-1",), "n must be at least 0, got -1"),
        (("10", "20"), "20"),
        (("--backend", "fortran", "10"), "'fortran' (choose from"),
        (("--backend", "10"), "--backend"),
        (("--fast", "10"), "--fast"),
        (("9" * 90_000,), "is too large"),
        (("backends", "--require", "fortran"), "'fortran' is none of rust, cython, python"),
        (("backends", "--require", ""), "'' is none of rust, cython, python"),
        (("backends", "--require"), "--require"),
        (("backends", "10"), "10"),
        (("range",), "START"),
        (("range", "1", "2", "3"), "3"),
        (("range", "10", "--fast"), "unrecognized arguments: --fast (see primes range --help)"),
        (("10", "--fast"), "unrecognized arguments: --fast (see primes first --help)"),
        (("range", "10", "--format", "xml"), "xml"),
        (("range", "10", "--reverse", "--workers", "2"), "--workers is for ascending primes"),
        (("random",), "give an interval or --bits"),
        (("random", "10", "--bits", "5"), "give an interval or --bits, not both"),
        (("random", "24", "29"), "no prime from start=24 to stop=29"),
        (("random", "--bits", "1"), "bits must be at least 2"),
        (("random", "--bits", "9e9999"), "bits must be at most 2147483648"),
        (("random", "10", "-n", "-1"), "-n must be at least 0, got -1"),
        (("random", "10", "--seed", "x"), "'x' is not an integer"),
        (("first", "5", "--start", "1.5"), "'1.5' is not an integer"),
        (("first", "-1"), "n must be at least 0, got -1"),
        (("count", "1e-3"), "'1e-3' is not an integer"),
        (("count", "10", "--workers", "0"), "workers must be at least 1"),
        (("10", "--workers", "0"), "workers must be at least 1"),
        (("count", "10", "--workers", "two"), "'two' is not an integer"),
        (("count", "10", "--sieve", "--workers", "-1"), "workers must be at least 1"),
        (("count", "10", "--format", "json"), "json"),
        (("nth", "0"), "n must be at least 1, got 0"),
        (("nth",), "N"),
        (("is",), "N"),
        (("is", "7", "x"), "'x' is not an integer"),
        (("next", "ten"), "'ten' is not an integer"),
        (("next", "7", "--backend", "c"), "'c' (choose from"),
        (("prev", "2"), "n must be greater than 2"),
        (("pi", "2**64"), "x must be below 2**64"),
        (("pi", "1", "2"), "2"),
        (("tuplets", "7", "100"), "k must be 2, 3, 4, 5 or 6"),
        (("tuplets", "2", "100", "--count", "--format", "json"), "--format json is for a list"),
        (("tuplets", "2"), "START"),
        (("tuplets", "2", "10", "--workers", "2"), "--count"),
        (("tuplets", "2", "10", "--progress"), "--count"),
        (("count", "9**9**9**9"), "is too large"),
        (("count", "__import__('os')"), "is not an integer"),
        (("prime", "5"), "'prime' is neither a number nor a command"),
        (("--print-completion",), "--print-completion"),
        (("--print-completion", "cmd"), "--print-completion"),
    ],
)
def test_bad_input_gets_one_line_and_status_two(arguments: Sequence[str], told: str) -> None:
    result = call(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("primes: error: ")
    assert told in line
    assert len(line) < 250


@either
@pytest.mark.parametrize("arguments", [("-1",), ("ten",), ("count", "10", "--workers", "two"), ("first",)])
def test_a_program_that_is_given_bad_input_says_and_ends_so(command: Sequence[str], arguments: Sequence[str]) -> None:
    result = run(*command, *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", call(*arguments).stderr)
