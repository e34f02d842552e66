"""``primes compare``: which methods it compares, how it takes the times, and how it shows them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import oracle
import primes
from primes._cli import compare, compare_text, plot, tutorial_sieve
from primes._cli.compare import NOTHING, OWN, TRIAL_DIVISION, TUTORIAL, Comparison, Contender, Timing
from primes._cli.compare_text import Screen
from processes import PRIMES, PYTHON, call, environment, run

if TYPE_CHECKING:
    from collections.abc import Callable


def rows(compiled: list[str], *, whole_process: bool = False) -> list[tuple[str, str]]:
    """Return the method and the language of each expected row."""
    languages = ["Python", *(name.capitalize() for name in ("cython", "rust") if name in compiled)]
    all_rows = [(TRIAL_DIVISION, each) for each in languages] + [(TUTORIAL, "Python")]
    all_rows += [(OWN, each) for each in languages]
    return all_rows + ([(NOTHING, "Python")] if whole_process else [])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take times that do not matter."""
    monkeypatch.setattr(compare, "SAMPLE_SECONDS", 1e-6)
    monkeypatch.setattr(compare, "MOST_ROUNDS", 3)


@pytest.mark.parametrize("n", [*range(1, 30), 1000, 6543])
def test_the_sieve_of_the_tutorial_finds_the_first_primes(n: int) -> None:
    assert tutorial_sieve.first_n(n) == oracle.first_n(n)


# What the command prints.


@pytest.mark.usefixtures("quick")
def test_the_table_has_a_row_for_each_way(compiled: list[str]) -> None:
    result = call("compare", "50")
    assert (result.returncode, result.stderr) == (0, "")
    heading, empty, columns, *lines = result.stdout.splitlines()
    assert re.fullmatch(r"The first 50 primes: medians of \d+ rounds, with quartiles. All answers agree.", heading)
    assert empty == ""
    assert columns.split() == ["method", "language", "median", "quartiles", "speed"]
    expected = rows(compiled)
    for line, (method, language) in zip(lines, expected, strict=False):
        number = r"[\d.,]+"
        pattern = rf"{method} +{language} +{number} [mun]?s +{number} \.\. {number} +{number}x"
        assert re.fullmatch(pattern, line)
    assert lines[0].endswith(" 1x")
    assert lines[len(expected)] == ""
    assert "█" not in result.stdout
    assert compare.processor() in lines[-1]


def test_missing_backends_are_named_with_their_reason() -> None:
    code = """
import sys
sys.modules["primes._rust"] = sys.modules["primes._cython"] = None
from primes._cli import main
sys.exit(main(sys.argv[1:]))
"""
    result = run(*PYTHON, "-c", code, "compare", "20")
    assert (result.returncode, result.stderr) == (0, "")
    for name in ("rust", "cython"):
        assert re.search(f"^{name} is missing: .+", result.stdout, re.MULTILINE)
    assert "Rust" not in result.stdout
    missing = json.loads(run(*PYTHON, "-c", code, "compare", "20", "--format", "json").stdout)["missing"]
    assert set(missing) == {"rust", "cython"}
    *_, rust, cython = csv.DictReader(io.StringIO(run(*PYTHON, "-c", code, "compare", "20", "--format", "csv").stdout))
    assert (rust["language"], rust["missing"]) == ("Rust", missing["rust"])
    assert (cython["language"], cython["missing"]) == ("Cython", missing["cython"])


@pytest.mark.usefixtures("quick")
def test_json_holds_all_that_was_measured(compiled: list[str]) -> None:
    result = call("compare", "40", "--format", "json")
    assert (result.returncode, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert told["primes"] == primes.__version__
    assert set(told["machine"]) == {"processor", "python", *compiled}
    assert [(row["method"], row["language"]) for row in told["rows"]] == rows(compiled)
    for row in told["rows"]:
        assert row["n"] == 40
        low, high = row["quartiles"]
        assert 0 < min(row["seconds"]) <= low <= row["median"] <= high <= max(row["seconds"])
        assert row["times_as_fast"] > 0
    assert told["rows"][0]["times_as_fast"] == 1


@pytest.mark.usefixtures("quick")
def test_csv_has_a_line_for_each_row_and_size(compiled: list[str]) -> None:
    result = call("compare", "--sizes", "1..20", "--format", "csv")
    assert (result.returncode, result.stderr) == (0, "")
    lines = [line for line in csv.DictReader(io.StringIO(result.stdout)) if not line["missing"]]
    found = [(line["n"], line["method"], line["language"]) for line in lines]
    assert found == [(n, *row) for n in ("1", "2", "5", "10", "20") for row in rows(compiled)]
    assert all(float(line["low"]) <= float(line["median"]) <= float(line["high"]) for line in lines)


def test_whole_processes_are_programs_that_print_the_primes(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some programs write more than Python can read.
    monkeypatch.setattr(sys, "path", [*sys.path, Path("elsewhere")])
    ways = compare.contenders(whole_process=True)
    assert [(way.method, way.language) for way in ways] == rows(compiled, whole_process=True)
    for way in ways:
        seconds, printed = compare.call_whole(way, 10, 1)
        assert seconds > 0
        expected = "" if way.method == NOTHING else "".join(f"{prime}\n" for prime in oracle.first_n(10))
        assert printed == expected.encode()


def test_a_comparison_of_whole_processes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "SECONDS", 0.01)
    monkeypatch.setattr(compare, "LEAST_ROUNDS", 1)
    result = call("compare", "10", "--whole-process")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("The first 10 primes, whole processes: medians of 1 rounds")
    assert NOTHING in result.stdout


# How the times are taken.

PYTHON_TRIAL, RUST_TRIAL, SIEVE = (
    Contender(method, language, "python", primes.first_n, "")
    for method, language in ((TRIAL_DIVISION, "Python"), (TRIAL_DIVISION, "Rust"), (TUTORIAL, "Python"))
)


def test_the_rounds_alternate() -> None:
    calls: list[tuple[Contender, int]] = []

    def timed(contender: Contender, n: int, loops: int) -> tuple[float, object]:
        calls.append((contender, loops))
        # The first is long. The second is repeated until it takes 2 ms.
        return (1.0 if contender is PYTHON_TRIAL else loops * 1e-4), n

    timings = compare.measure([PYTHON_TRIAL, RUST_TRIAL], 10, timed, 4.0, 1, lambda _text: None)
    assert [timing.seconds for timing in timings] == [[1.0] * 3, pytest.approx([1e-4] * 3)]
    # The first time of the long one counts. The times that warmed up the short one do not.
    rounds = [calls[0], *calls[-5:]]
    assert [contender for contender, _loops in rounds] == [PYTHON_TRIAL, RUST_TRIAL] * 3
    assert all(loops * 1e-4 >= compare.SAMPLE_SECONDS for contender, loops in rounds if contender is RUST_TRIAL)


def test_there_are_as_many_rounds_as_asked_for_and_no_more_than_enough() -> None:
    def rounds(seconds: float, budget: float, least: int) -> int:
        [timing] = compare.measure([SIEVE], 10, lambda _c, _n, k: (k * seconds, 0), budget, least, lambda _t: None)
        return len(timing.seconds)

    assert rounds(10.0, 3.0, 3) == 3
    assert rounds(0.5, 3.0, 3) == 6
    assert rounds(0.001, 3.0, 3) == compare.MOST_ROUNDS


def test_the_speed_is_the_median_of_the_ratios_of_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not the ratio of the medians, so it does not matter if the machine is slow in some rounds."""
    times = {PYTHON_TRIAL: iter([1.0, 20.0, 3.0]), RUST_TRIAL: iter([0.5, 10.0, 1.0])}
    monkeypatch.setattr(compare, "contenders", lambda **_options: [PYTHON_TRIAL, RUST_TRIAL])
    monkeypatch.setattr(compare, "call_here", lambda contender, _n, _loops: (next(times[contender]), [2]))
    comparison = compare.compare([1], whole_process=False, tell=lambda _text: None)
    assert [timing.times_as_fast for timing in comparison.timings] == [1.0, 2.0]


def model(contender: Contender, n: int, loops: int) -> tuple[float, list[int]]:
    """Return made-up times at once. Those of trial division grow as the square of N."""
    seconds = {PYTHON_TRIAL: 5e-8 * n * n, RUST_TRIAL: 5e-9 * n * n, SIEVE: 1e-6 * n}[contender]
    return loops * seconds, [2]


@pytest.fixture
def modelled(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[int]], Comparison]:
    """Compare three ways by made-up times."""
    monkeypatch.setattr(compare, "contenders", lambda **_options: [PYTHON_TRIAL, RUST_TRIAL, SIEVE])
    monkeypatch.setattr(compare, "call_here", model)
    return lambda sizes: compare.compare(sizes, whole_process=False, tell=lambda _text: None)


SIZES = [100, 1000, 10_000, 20_000, 50_000, 100_000]


def test_a_contender_ends_where_a_call_would_take_too_long(modelled: Callable[[list[int]], Comparison]) -> None:
    """Trial division takes 5 s at 10**4 and 20 s at 2 * 10**4. A tenth of that work takes 12 s at 5 * 10**4."""
    comparison = modelled(SIZES)
    assert comparison.ended == {PYTHON_TRIAL: 10_000, RUST_TRIAL: 20_000}
    found = {timing.n: timing.times_as_fast for timing in comparison.timings if timing.contender is RUST_TRIAL}
    assert found == {100: pytest.approx(10), 1000: pytest.approx(10), 10_000: pytest.approx(10), 20_000: None}
    assert [timing.n for timing in comparison.timings if timing.contender is SIEVE] == SIZES


def test_the_slope_is_the_power_of_n(modelled: Callable[[list[int]], Comparison]) -> None:
    comparison = modelled(SIZES)
    lines = compare_text.as_table(comparison).splitlines()
    assert lines[:2] == ["Median times to make the first N primes", ""]
    assert lines[2].split("  ")[0] == ""
    assert lines[3].split() == ["N", "Python", "Rust", "Python"]
    assert lines[7].split() == ["20000", "-", "2", "s", "20", "ms"]
    assert lines[10].split() == ["slope", "N^2", "N^2", "N^1"]
    assert f"{PYTHON_TRIAL} ends at 10000: the next call would take more than 10 seconds." in lines


@pytest.mark.usefixtures("quick")
def test_a_wrong_answer_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tutorial_sieve, "first_n", lambda n: list(range(n)))
    result = call("compare", "10")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "primes: error: tutorial sieve in Python has other primes than trial division in Python\n"


def test_a_process_that_fails_says_why() -> None:
    failing = Contender(TUTORIAL, "Python", "python", primes.first_n, "raise ValueError('not {n}')")
    with pytest.raises(compare.ComparisonError, match="ended with status 1: ValueError: not 7"):
        compare.call_whole(failing, 7, 1)


# Rows that would take too long.


def test_what_takes_long_is_told_before(modelled: Callable[[list[int]], Comparison]) -> None:
    modelled([1])
    result = call("compare", "20000")
    assert (result.returncode, result.stderr) == (
        0,
        "primes: this takes about 66 seconds: one call takes 20 seconds by trial division in Python\n",
    )
    result = call("compare", "--sizes", "1000..100000")
    assert (result.returncode, result.stderr) == (0, "primes: this takes about 27 seconds\n")
    assert call("compare", "1000").stderr == ""


@pytest.mark.usefixtures("modelled")
def test_the_limit_is_told_with_its_reason() -> None:
    for n, told in {
        "100001": "about 8 minutes",
        "10**9": "about 1,600 years",
        "10**12": "about 1,600,000,000 years",
        "10**400": "more than 1,600,000,000 years",
    }.items():
        result = call("compare", n)
        assert (result.returncode, result.stdout) == (2, "")
        [line] = result.stderr.splitlines()
        assert line.startswith("primes: error: n must be at most 100000, got ")
        assert line.endswith(f": trial division in Python would take {told}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("0", "n must be at least 1, got 0"),
        ("-1", "n must be at least 1, got -1"),
        ("100001", "n must be at most 100000, got 100001"),
        ("five", "'five' is not an integer"),
        ("5 6", "6"),
        ("5 --sizes 1..10", "N is one size, --sizes are several"),
        ("--sizes", "--sizes"),
        ("--sizes 100", "'100' is not a range such as 100..100000"),
        ("--sizes 10..ten", "'ten' is not an integer"),
        ("--sizes 10..", "'' is not an integer"),
        ("--sizes 10..10", "'10..10' does not grow"),
        ("--sizes 20..10", "'20..10' does not grow"),
        ("--sizes 0..10", "n must be at least 1, got 0"),
        ("--sizes 10..10**6", "n must be at most 100000, got 1000000"),
        ("--sizes 1..10**4000", "n must be at most 100000"),
        ("5 --format xml", "xml"),
        ("5 --plot", "--plot"),
        ("5 --plot x.pdf", "--plot x.pdf: the name must end with .png or .svg"),
        ("5 --plot svg", "--plot svg: the name must end with .png or .svg"),
        ("5 --plot nowhere/x.png", "--plot nowhere/x.png: there is no such directory"),
    ],
)
def test_bad_input_gets_one_line(arguments: str, told: str) -> None:
    result = call("compare", *arguments.split())
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("primes: error: ")
    assert told in line
    assert len(line) < 250


# On a terminal.


def on_a_terminal(*arguments: str, columns: int, **changes: str) -> tuple[int, str]:
    """Run the command on a terminal; return its status and all of its output."""
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, columns))
    changes.setdefault("COLUMNS", "")
    with subprocess.Popen([*PRIMES, *arguments], stdout=there, stderr=there, env=environment(**changes)) as process:
        os.close(there)
        sent = b""
        with contextlib.suppress(OSError):
            while block := os.read(here, 4096):
                sent += block
        process.wait()
    os.close(here)
    return process.returncode, sent.decode()


@pytest.mark.parametrize("columns", [40, 80])
def test_a_terminal_shows_bars_that_fit(columns: int, compiled: list[str]) -> None:
    status, sent = on_a_terminal("compare", "300", columns=columns)
    assert status == 0
    # The progress line is erased at the end.
    lines = [line.rpartition("\r")[2] for line in sent.replace("\r\n", "\n").splitlines()]
    assert all(len(line) < columns for line in lines)
    assert sum("█" in line or "▏" in line for line in lines) == len(rows(compiled))
    assert "10x" in sent


def test_where_there_are_no_blocks_bars_are_ascii() -> None:
    status, sent = on_a_terminal("compare", "300", columns=80, PYTHONIOENCODING="ascii")
    assert status == 0
    assert sent.isascii()
    assert "###" in sent


@pytest.mark.parametrize("columns", [40, 60, 79, 80, 100, 200])
def test_no_table_is_wider_than_the_screen(modelled: Callable[[list[int]], Comparison], columns: int) -> None:
    for sizes in ([5000], SIZES):
        lines = compare_text.as_table(modelled(sizes), Screen(columns)).splitlines()
        assert all(len(line) < columns for line in lines)


def test_bars_grow_with_the_logarithm_of_the_speed() -> None:
    timings = [Timing(SIEVE, 1, [1.0], times) for times in (1.0, 10.0, 100.0, 1000.0, 0.1)]
    bars = [compare_text.bar(timing, 3.0, 30, Screen(80, "=")) for timing in timings]
    assert bars == ["|", "=" * 10, "=" * 20, "=" * 30, "|"]
    assert compare_text.scale(3.0, 30) == "1x        10x       100x"
    eighths = Screen(80, "█", "▏▎▍▌▋▊▉")
    assert compare_text.bar(Timing(SIEVE, 1, [1.0], 10**0.35), 1.0, 10, eighths) == "███▌"


def test_ctrl_c_ends_it_with_a_clean_line() -> None:
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, 80))
    command = [*PRIMES, "compare", "100000"]
    with subprocess.Popen(command, stdout=there, stderr=there, env=environment(COLUMNS="")) as process:
        os.close(there)
        sent = b""
        while b"N = 100000: trial division in Python" not in sent:
            sent += os.read(here, 4096)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):
            while block := os.read(here, 4096):
                sent += block
    os.close(here)
    assert process.returncode == 130
    assert b"Traceback" not in sent
    assert sent.startswith(b"primes: this takes about ")
    assert sent.rstrip(b"\r").rpartition(b"\r")[2].isspace()


# Numbers in words.


def test_figures_have_three_digits() -> None:
    assert [compare_text.figure(x) for x in (0.5, 1.0, 1.234, 12.34, 99.96, 123.4, 999.9, 12345.0)] == [
        *("0.5", "1", "1.23", "12.3", "100", "123", "1,000", "12,300"),
    ]
    assert [compare_text.duration(x) for x in (2e-9, 1.5e-6, 0.0123, 1.0, 1234.0, 1e-10)] == [
        *("2 ns", "1.5 us", "12.3 ms", "1 s", "1,230 s", "0.1 ns"),
    ]
    day = 86400
    words = [compare.in_words(seconds) for seconds in (0.4, 100, 130, 7000, 7300, 3 * day, 900 * day)]
    assert words == ["0 seconds", "100 seconds", "2 minutes", "120 minutes", "2 hours", "3 days", "2 years"]


# Pictures.

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("sizes", [[5000], SIZES], ids=["one size", "many"])
def test_a_picture_tells_all(modelled: Callable[[list[int]], Comparison], tmp_path: Path, sizes: list[int]) -> None:
    comparison = modelled(sizes)
    for suffix in (".svg", ".png", ".PNG"):
        plot.plotter(str(tmp_path / f"picture{suffix}"))(comparison)
    svg = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert len(svg) < 60_000
    texts = {"".join(element.itertext()).strip() for element in ET.fromstring(svg).iter(f"{SVG}text")}  # noqa: S314
    for contender in comparison.contenders:
        assert any(text.startswith(f"{contender.method}, {contender.language}") for text in texts)
    assert any(text.startswith("Time to make the first ") for text in texts)
    assert any(compare.processor() in text for text in texts)
    if len(sizes) > 1:
        assert "trial division, Rust: N^2" in texts
        assert "the language: 10x" in texts
    for name in ("picture.png", "picture.PNG"):
        png = (tmp_path / name).read_bytes()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", png[16:24])[0] == 1600


def test_a_short_axis_has_labels_too(modelled: Callable[[list[int]], Comparison]) -> None:
    """Whole processes have no slope: it would be that of the start of the interpreter."""
    comparison = modelled([100, 200, 500, 1000, 2000])
    comparison.whole_process = True
    with plot.settings():
        svg = plot.drawn(comparison, ".svg").decode()
    texts = {"".join(element.itertext()).strip() for element in ET.fromstring(svg).iter(f"{SVG}text")}  # noqa: S314
    assert texts >= {"100", "200", "500", "1,000", "2,000", "trial division, Rust"}
    assert "Time to make the first N primes, whole processes" in texts


def test_the_same_times_make_the_same_svg(modelled: Callable[[list[int]], Comparison]) -> None:
    comparison = modelled([5000])
    with plot.settings():
        assert plot.drawn(comparison, ".svg") == plot.drawn(comparison, ".svg")


def test_every_colour_of_an_svg_changes_on_a_dark_screen(modelled: Callable[[list[int]], Comparison]) -> None:
    """The contrast with the light and with the dark ground is at least 3 to 1 for marks and 4.5 to 1 for text."""
    with plot.settings():
        svg = plot.drawn(modelled(SIZES), ".svg").decode()
    head, sheet, body = re.split(r"<style>|</style>", svg, maxsplit=2)
    assert "prefers-color-scheme: dark" in sheet
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", head + body))
    assert used <= set(plot.DARK)
    for colour in used:
        assert f'[style*="fill: {colour}"] {{ fill: {plot.DARK[colour]} !important }}' in sheet

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    for light, dark in plot.DARK.items():
        if light not in {plot.GROUND, plot.LINE}:
            assert contrast(light, plot.GROUND) > 4.5
            assert contrast(dark, plot.DARK[plot.GROUND]) > 4.5


@pytest.mark.usefixtures("quick")
def test_the_command_draws_what_it_has_printed(tmp_path: Path) -> None:
    result = call("compare", "20", "--plot", str(tmp_path / "of twenty.svg"))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("The first 20 primes")
    assert "first 20 primes" in (tmp_path / "of twenty.svg").read_text(encoding="utf-8")


@pytest.mark.usefixtures("quick")
def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    (tmp_path / "full.png").symlink_to("/dev/full")
    # Errors that can be known before the measurement are reported before it. Later ones cost only the picture.
    for name, told, printed in (("a.png", "it is a directory", 0), ("full.png", "No space left on device", 1)):
        result = call("compare", "10", "--plot", str(tmp_path / name))
        assert result.returncode == 2
        assert result.stderr == f"primes: error: --plot {tmp_path / name}: {told}\n"
        assert result.stdout.count("The first 10 primes") == printed


WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
from primes._cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_plot_without_its_library_says_what_to_install(tmp_path: Path) -> None:
    result = run(*PYTHON, "-c", WITHOUT_MATPLOTLIB, "compare", "100000", "--plot", str(tmp_path / "x.svg"))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "primes: error: --plot needs matplotlib: pip install matplotlib\n"
    assert run(*PYTHON, "-c", WITHOUT_MATPLOTLIB, "compare", "10").returncode == 0
