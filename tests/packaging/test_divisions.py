"""Trial division makes the same number of divisions in the three languages, and that number is known.

The code that is counted is the code that is shipped. In each listing, a call of a counting function replaces the one
remainder. The rest is compiled, or executed, without a change.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).parents[2]

SIZES = (0, 1, 2, 3, 10, 100, 1000)

REMAINDER = re.compile(r"(\w+) % (\w+(?:\[\w+\])?)")


def counting(listing: str) -> str:
    """Return a listing in which ``counted`` takes the remainders."""
    text = (CHECKOUT / listing).read_text(encoding="utf-8")
    replaced, remainders = REMAINDER.subn(r"counted(\1, \2)", text)
    assert remainders == 1
    assert "%" not in replaced
    return replaced


def divisions_that_it_takes(n: int) -> int:
    """Count the divisions without dividing.

    To find the first n primes, each number up to the last one is divided by all primes up to its least prime factor. A
    prime is divided by all smaller primes.
    """
    least_factor: dict[int, int] = {}
    primes: list[int] = []
    number = 2
    while len(primes) < n:
        if number not in least_factor:
            primes.append(number)
            for multiple in range(2 * number, 20 * n, number):
                least_factor.setdefault(multiple, number)
        number += 1
    place = {prime: i for i, prime in enumerate(primes)}
    return sum(place[least_factor[m]] + 1 if m in least_factor else place[m] for m in range(2, number))


def in_python(_directory: Path) -> Callable[[int], int]:
    divisions = 0

    def counted(number: int, divisor: int) -> int:
        nonlocal divisions
        divisions += 1
        return number % divisor

    room = {"counted": counted}
    exec(counting("primes/_python/trial_division.py"), room)  # noqa: S102  (our own)
    first_primes: Callable[[int], list[int]] = room["first_primes"]  # type: ignore[assignment]

    def count(n: int) -> int:
        before = divisions
        assert len(first_primes(n)) == n
        return divisions - before

    return count


CYTHON = """
cdef int divisions = 0


cdef inline uint32_t counted(uint32_t number, uint32_t divisor) noexcept nogil:
    global divisions
    divisions += 1
    return number % divisor


def count(n):
    before = divisions
    assert len(first_primes(n)) == n
    return divisions - before
"""

SETUP = """
from setuptools import Extension, setup
from Cython.Build import cythonize
setup(script_args=["-q", "build_ext", "--inplace"], ext_modules=cythonize("counting.pyx", include_path=["cython_ext"]))
"""


def in_cython(directory: Path) -> Callable[[int], int]:
    (directory / "cython_ext").mkdir()
    signals = CHECKOUT / "cython_ext" / "signals.pxd"
    (directory / "cython_ext" / "signals.pxd").write_text(signals.read_text(encoding="utf-8"), encoding="utf-8")
    # After the first lines of the module, which import the types.
    text = counting("cython_ext/trial_division.pxd")
    head, body = text.split("\n\n\n", 1)
    (directory / "counting.pyx").write_text(f"{head}\n{CYTHON}\n\n{body}", encoding="utf-8")
    run(directory, sys.executable, "-c", SETUP)
    return lambda n: int(run(directory, sys.executable, "-c", f"import counting; print(counting.count({n}))"))


RUST = """
mod base {
    pub mod error {
        #[derive(Debug)]
        pub enum Error { Interrupted, OutOfMemory }
    }
    pub mod memory {
        pub fn reserved<T>(len: usize) -> Result<Vec<T>, crate::base::error::Error> {
            let mut items = Vec::new();
            items.try_reserve_exact(len).map_err(|_| crate::base::error::Error::OutOfMemory)?;
            Ok(items)
        }
    }
    pub mod progress {
        pub type KeepGoing<'a> = &'a mut dyn FnMut() -> bool;
    }
}
mod trial_division;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static DIVISIONS: AtomicU64 = AtomicU64::new(0);

fn counted(number: u32, divisor: &u32) -> u32 {
    DIVISIONS.fetch_add(1, Relaxed);
    number % divisor
}

fn main() {
    let n = std::env::args().nth(1).unwrap().parse().unwrap();
    assert_eq!(trial_division::first_n_by_trial_division(n, &mut || true).unwrap().len(), n);
    println!("{}", DIVISIONS.load(Relaxed));
}
"""


def in_rust(directory: Path) -> Callable[[int], int]:
    (directory / "main.rs").write_text(RUST, encoding="utf-8")
    text = counting("rust_ext/core/src/output/trial_division.rs").replace("use ", "use crate::counted;\nuse ", 1)
    (directory / "trial_division.rs").write_text(text, encoding="utf-8")
    run(directory, "rustc", "--edition=2024", "-Copt-level=1", "main.rs")
    return lambda n: int(run(directory, "./main", str(n)))


def run(directory: Path, *command: str) -> str:
    result = subprocess.run(command, cwd=directory, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_divisions_are_known() -> None:
    """Counted by hand: none for 2, one for 3, one for 4, two for 5."""
    assert [divisions_that_it_takes(n) for n in (0, 1, 2, 3)] == [0, 0, 1, 4]


@pytest.mark.parametrize("of", [in_python, in_cython, in_rust], ids=lambda of: of.__name__.removeprefix("in_"))
def test_a_listing_takes_as_many_divisions_as_it_must(
    of: Callable[[Path], Callable[[int], int]], tmp_path: Path
) -> None:
    count = of(tmp_path)
    assert [count(n) for n in SIZES] == [divisions_that_it_takes(n) for n in SIZES]
