"""How the commands end: when the reader closes the stream, when output fails, and by Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import primes
from processes import MODULE, PRIMES, PYTHON, environment, run

if TYPE_CHECKING:
    from collections.abc import Sequence


# Streams.


@pytest.mark.parametrize(
    "arguments", ["425656284035217743", "9" * 30, "range 2**64", "range 2**65 10**40", "first 1e17 --format json"]
)
def test_a_stream_begins_at_once_and_ends_with_its_reader(backend: str, arguments: str) -> None:
    command = [*PRIMES, *arguments.split(), *(["--backend", backend] if " " in arguments else [])]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PRIMES_BACKEND=backend),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(7) in {"2\n3\n5\n7", "[2, 3, ", "3689348"}
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0


PEAK_OF_STREAM = """
import sys
from primes._cli import main
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
main(["first", "10"])
before = peak()
assert main(sys.argv[1:]) == 0
print(peak() - before, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", ["first 3000000", "range 5e7", "range 1e12 1e12+5e7 --format json", "range 5e7 --reverse"]
)
def test_a_stream_takes_constant_memory(backend: str, arguments: str) -> None:
    """The list alone would take 120 MB."""
    command = [*PYTHON, "-c", PEAK_OF_STREAM, *arguments.split(), "--backend", backend]
    with Path(os.devnull).open("wb") as sink:
        result = subprocess.run(command, stdout=sink, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 0
    assert int(result.stderr) < 48 * 1024


def test_a_stream_goes_on_above_two_to_the_64(backend: str) -> None:
    result = run(*PRIMES, "3", "--start", "2**64-90", "--backend", backend)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "18446744073709551533\n18446744073709551557\n18446744073709551629\n"


# Output that fails.


@pytest.mark.parametrize("n", [10, 5000, 1_000_000])
def test_a_closed_pipe_ends_it_quietly(n: int) -> None:
    with subprocess.Popen([*PRIMES, str(n)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert [process.stdout.readline() for _ in range(3)] == ["2\n", "3\n", "5\n"]
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0


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


@pytest.mark.parametrize("command", [PRIMES, MODULE], ids=["primes", "python -m primes"])
def test_ctrl_c_while_it_sieves_ends_it_quietly(command: Sequence[str]) -> None:
    default = next(backend.name for backend in primes.backends() if backend.default)
    # Near 2**64 the first text of the python backend takes minutes.
    start = 10**14 if default == "python" else 2**64 - 10**12
    with subprocess.Popen(
        [*command, "range", str(start), str(start + 10**12)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > start  # Most of the time until the next output is spent sieving.
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
    assert (process.returncode, errors) == (130, "")


def test_ctrl_c_while_it_writes_ends_it_quietly() -> None:
    with subprocess.Popen(
        [*PRIMES, "3000000"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "2\n"  # The pipe is full, so the program waits.
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
    assert (process.returncode, errors) == (130, "")
