"""The rust backend with other vector instructions than the best of this processor: the tests of its answers, for each.

A process chooses its instructions once, so each run is a process of its own. All other environments test the best ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from processes import PYTHON, run

TESTS = Path(__file__).parents[1]

OF_ANSWERS = [
    TESTS / "answers" / "test_count.py",
    TESTS / "answers" / "test_differential.py",
    TESTS / "answers" / "test_first_n.py",
    TESTS / "answers" / "test_primality.py",
    TESTS / "answers" / "test_primerange.py",
    TESTS / "answers" / "test_tuplets.py",
    TESTS / "api" / "test_iter_primes.py",
    TESTS / "arrays" / "test_numpy.py",
    TESTS / "workers" / "test_pi.py",
]

FIRST = "import primes; primes.first_n(10, backend='rust')"


def here() -> list[str]:
    """Return the instructions that this processor has. The message that refuses others lists them."""
    complaint = run(*PYTHON, "-c", FIRST, PRIMES_CPU="?").stderr
    return complaint.partition("PRIMES_CPU must be one of ")[2].partition(" on this processor")[0].split(", ")


def test_the_portable_ones_are_everywhere() -> None:
    assert here()[0] == "portable"


@pytest.mark.parametrize("level", ["portable", "avx2"])
def test_the_answers_are_right(level: str, pytestconfig: pytest.Config) -> None:
    if level not in here():
        assert "ValueError: PRIMES_CPU must be one of" in run(*PYTHON, "-c", FIRST, PRIMES_CPU=level).stderr
        return
    options = [f"--config-file={pytestconfig.inipath}", f"--rootdir={pytestconfig.rootpath}", "--compiled=rust"]
    pytest_again = (*PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *map(str, OF_ANSWERS))
    result = run(*pytest_again, PRIMES_CPU=level)
    print(result.stdout)  # noqa: T201  (the number of tests)
    assert result.returncode == 0, result.stdout
