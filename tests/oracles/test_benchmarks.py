"""The benchmarks: answers agree, a wrong answer gets no time, missing peers are named, and results can be read back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from array import array
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]

# At the end of the path, so that the installed `primes` comes before the one in the checkout.
sys.path.append(str(ROOT))

from benchmarks import __main__ as command, chart, report  # noqa: E402
from benchmarks.measure import Effort, Result, measure  # noqa: E402
from benchmarks.peers import Machine  # noqa: E402
from benchmarks.rows import SECTIONS, Row  # noqa: E402
from benchmarks.sides import Command, Python  # noqa: E402
from benchmarks.worker import digest  # noqa: E402

sys.path.pop()

NOTHING = Machine()
SHORT = Effort(row_seconds=0.0, least_pairs=3, most_pairs=3, call_seconds=0.0)

EQUAL = Row(
    "equal",
    "ten primes",
    Python("primes.first_n(10)", "import primes"),
    Python("[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]"),
    goal=1e9,
    backend="python",
)


def test_equal_answers_are_timed_alternately() -> None:
    result = measure(EQUAL, NOTHING, SHORT)
    assert not result.failure
    assert len(result.ours) == len(result.theirs) == 3
    low, middle, high = result.quartiles
    assert 0 < low <= middle <= high
    assert result.met
    assert not replace(result, row=replace(EQUAL, goal=0.0)).met


@pytest.mark.parametrize("peers", ["[2, 3, 5, 7, 11, 13, 17, 19, 23, 31]", "[2, 3, 5, 7, 11, 13, 17, 19, 23]", "2"])
def test_a_wrong_answer_has_no_time(peers: str) -> None:
    result = measure(replace(EQUAL, peer=Python(peers)), NOTHING, SHORT)
    assert result.failure.startswith("WRONG: ours is 2, 3, 5 and 7 more")
    assert not result.ours
    assert not result.theirs
    assert not result.met


def test_a_wrong_answer_fails_the_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [EQUAL, replace(EQUAL, peer=Python("[2, 3]"))]
    monkeypatch.setattr(command, "look_around", lambda _interpreters: NOTHING)
    monkeypatch.setattr(command, "selected", lambda *_args, **_kwargs: rows[:1])
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--check"])
    assert command.main() == 0
    monkeypatch.setattr(command, "selected", lambda *_args, **_kwargs: rows)
    assert command.main() == 1
    assert "1 FAILED" in capsys.readouterr().out


def test_the_known_answer_counts_where_there_is_no_peer() -> None:
    row = replace(EQUAL, ours=Python("primes.count_primes(100)", "import primes"), peer=None)
    assert not measure(replace(row, answer=25), NOTHING, SHORT).failure
    assert measure(replace(row, answer=24), NOTHING, SHORT).failure.endswith("it is known to be 24")


def test_memory_is_that_of_the_process() -> None:
    ours = Python("len(b'1' * 50_000_000)", fresh=True)
    row = replace(EQUAL, ours=ours, peer=None, answer=50_000_000, quantity="bytes", goal=50e6)
    result = measure(row, NOTHING, SHORT)
    assert 50e6 < result.quartiles[1] < 100e6


def test_a_command_is_a_side() -> None:
    row = replace(EQUAL, ours=Command(("primes", "10")), peer=Python("[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]"))
    result = measure(row, NOTHING, SHORT)
    assert not result.failure
    assert len(result.ours) == 3


@pytest.mark.parametrize("peer", [Command(("primesieve", "10")), Python("1", module="gmpy2")])
def test_a_missing_peer_is_named(peer: Command | Python) -> None:
    result = measure(replace(EQUAL, peer=peer), NOTHING, SHORT)
    assert result.missing == f"missing: {'the command primesieve' if isinstance(peer, Command) else 'gmpy2'}"
    assert result.missing in report.table([result])


def test_what_a_side_raises_is_told() -> None:
    result = measure(replace(EQUAL, peer=Python("1 // 0")), NOTHING, SHORT)
    assert result.failure == "1 // 0: ZeroDivisionError: integer division or modulo by zero"
    result = measure(replace(EQUAL, peer=Python("__import__('os')._exit(3)")), NOTHING, SHORT)
    assert result.failure.endswith("its process died")


def test_a_debug_build_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "backends", lambda _cpu: {"rust": {"profile": "debug"}, "python": {}})
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    with pytest.raises(SystemExit, match="rust: a debug build"):
        command.main()


def test_equal_integers_have_equal_digests() -> None:
    assert (
        digest([2, 3, 2**64 - 1])
        == digest(array("Q", [2, 3, 2**64 - 1]))
        == digest(map(int, (b"2\n", b"3\n", b"18446744073709551615\n")))
    )
    assert digest([True, False]) == digest([1, 0])
    assert digest([2, 2**64 + 13]) == digest(iter([2, 2**64 + 13])) != digest([2, 2**64 + 37])
    assert digest(range(10**5)) != digest(range(10**5 - 1))


def test_rows_can_be_named() -> None:
    rows = [row for section in SECTIONS for row in section.rows]
    assert len({row.name for row in rows}) == len(rows)
    assert [row.name for row in command.selected(["pi-1e1"], quick=True)] == [
        row.name for row in rows if row.name.startswith("pi-1e1")
    ]
    quick, full = command.selected([], quick=True), command.selected([], quick=False)
    assert {row.name for row in quick} < {row.name for row in full} < {row.name for row in rows}
    with pytest.raises(SystemExit, match="no row begins with 'nothing'"):
        command.selected(["nothing"], quick=False)


RESULTS = [
    Result(EQUAL, "a peer", [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]),
    Result(replace(EQUAL, name="slow <1>", goal=0.5), "a peer", [3e-5, 3e-5], [1e-5, 1e-5]),
    Result(replace(EQUAL, name="absent"), missing="missing: a peer"),
]


def test_the_table_tells_ratio_and_goal() -> None:
    lines = report.table(RESULTS).splitlines()
    assert [cell.strip() for cell in lines[4].split("|")[3:-1]] == [
        "2 s", "a peer", "2 s", "1", "0.75 .. 1.25", "<= 1000000000.00", "met",
    ]  # fmt: skip
    assert [cell.strip() for cell in lines[5].split("|")[3:-1]] == [
        "30 us", "a peer", "10 us", "3", "3 .. 3", "<= 0.50", "not met",
    ]  # fmt: skip
    assert report.summary(RESULTS) == "1 of 2 goals met; 1 not measured"


def test_figures_can_be_read_back() -> None:
    document = f"# A document\n\n### Lists\n\n{report.table(RESULTS).partition(chr(10))[2]}"
    assert report.figures(document) == [
        report.Figure("Lists", "equal", "ten primes", "a peer", 1, 0.75, 1.25, 1e9, met=True),
        report.Figure("Lists", "slow <1>", "ten primes", "a peer", 3, 3, 3, 0.5, met=False),
    ]


FIGURES = report.figures(report.table(RESULTS))
DOCUMENT = ROOT / "docs" / "explanation" / "performance.md"
DOCUMENTED = report.figures(DOCUMENT.read_text(encoding="utf-8"))
PICTURES = [chart.every(FIGURES), chart.every(DOCUMENTED), chart.telling(DOCUMENTED)]


def test_the_chart_is_a_picture_with_text() -> None:
    root = ET.fromstring(chart.every(FIGURES))  # noqa: S314  (it was made a moment ago)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "equal" in texts
    assert "slow <1>" in texts


def test_the_picture_shows_the_figures_of_the_document() -> None:
    """If this fails, run ``python -m benchmarks --draw docs/explanation/performance.md``."""
    assert DOCUMENT.with_suffix(".svg").read_text(encoding="utf-8") == chart.telling(DOCUMENTED)
    assert chart.TELLING.keys() <= {figure.name for figure in DOCUMENTED}


def cells(path: Path, columns: int) -> list[list[str]]:
    """Return the rows of the tables of a document with this number of columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    return [row for row in rows if len(row) == columns]


def test_the_table_of_the_readme_has_figures_of_the_document() -> None:
    documented = [
        [ours, f"{peer.partition(' (')[0]}: {theirs}", f"{float(ratio):.2f}"]
        for _, _, ours, peer, theirs, ratio, _, _, _ in cells(DOCUMENT, 9)
        if re.fullmatch(r"[\d.]+", ratio)
    ]
    _heading, _rule, *rows = cells(ROOT / "README.md", 5)
    assert rows
    assert [row for row in rows if row[1:4] not in documented] == []


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("picture", PICTURES, ids=["two", "every", "telling"])
def test_a_picture_needs_no_style_sheet(picture: str) -> None:
    """Without a colour of their own, elements are painted black by librsvg and others."""
    for element in ET.fromstring(picture).iter():  # noqa: S314  (it is ours)
        needed = {"text": "fill", "rect": "fill", "circle": "fill", "line": "stroke"}.get(element.tag.removeprefix(SVG))
        if needed is not None:
            assert element.attrib[needed] in {light for light, _ in chart.COLOURS.values()}
            assert element.attrib["class"].removeprefix(f"{needed}-") in chart.COLOURS
        assert "style" not in element.attrib
    assert "var(" not in picture
    before, query, dark = picture.partition("@media screen and (prefers-color-scheme: dark)")
    assert before.endswith("<style>\n")
    assert query
    assert all(in_the_dark in dark for _, in_the_dark in chart.COLOURS.values())


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours: WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

    def luminance(colour: str) -> float:
        shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_the_ground(theme: int) -> None:
    for name in ("ink", "faint", "met", "unmet"):
        assert contrast(chart.COLOURS[name][theme], chart.COLOURS["ground"][theme]) >= 4.5


def test_json_has_each_time() -> None:
    told = json.loads(report.as_json(RESULTS, {"cores": 2}))
    assert told["surroundings"] == {"cores": 2}
    assert [row["met"] for row in told["rows"]] == [True, False, False]
    assert told["rows"][0]["ours"] == [1.0, 2.0, 3.0]


def test_a_document_gets_its_table() -> None:
    where = report.surroundings(NOTHING)
    document = f"before\n{report.BEGIN}old\n{report.END}after\n"
    written = report.written(document, RESULTS, where, "the command")
    assert written.startswith(f"before\n{report.BEGIN}")
    assert written.endswith(f"{report.END}after\n")
    assert "old" not in written
    assert report.table(RESULTS) in written
    with pytest.raises(ValueError, match="benchmarks: begin"):
        report.written("nothing", RESULTS, where, "the command")


SHORT_ROWS = (
    "is-prime-odd",
    "is-prime-63",
    "next-prime",
    "pi-1e3",
    "pi-1e6",
    "pi-1e8",
    "range-1e6",
    "list-1e3",
    "array-1e6-n",
)


def test_our_answers_and_those_of_the_peers_agree() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--check", *SHORT_ROWS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "only checked: the answers agree" in finished.stdout
    assert "not measured" not in finished.stdout
