"""Ctrl-C where one integer has a million digits, or there is no end in sight: it is heard, and nothing is broken."""

from __future__ import annotations

import gc
import signal
from itertools import islice
from typing import TYPE_CHECKING

import pytest

import oracle
import primes
from primes import _long_products
from processes import run_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from primes._kernel import Kernel

MILLION_DIGITS = 2**3_321_928 + 15
"""No prime below 2000 divides it, so that a test of it begins."""


def ring_soon(_done: int, _total: int) -> None:
    """Ring when the workers are at work: in the middle of their start, subprocess would leave pipes open."""
    signal.setitimer(signal.ITIMER_REAL, 0.01)


CALLS: dict[str, Callable[..., object]] = {
    "is_prime": lambda **o: primes.is_prime(MILLION_DIGITS, **o),
    "next_prime": lambda **o: primes.next_prime(MILLION_DIGITS, **o),
    "prev_prime": lambda **o: primes.prev_prime(MILLION_DIGITS, **o),
    "long test": lambda **o: primes.is_prime(2**86243 - 1, **o),
    "first_n": lambda **o: primes.first_n(10**6, 10**60, **o),
    "primerange": lambda **o: primes.primerange(10**60, 10**60 + 10**8, **o),
    "iter_primes": lambda **o: sum(primes.iter_primes(10**60, **o)),
    "count_primes": lambda **o: primes.count_primes(10**60, 10**70, workers=1, **o),
    "count on workers": lambda **o: primes.count_primes(10**60, 10**70, workers=2, progress=ring_soon, **o),
    "count of the longest": lambda **o: primes.count_primes(2**9000, 2**9001, workers=1, **o),
    "tuplets": lambda **o: primes.tuplets(2, 10**60, 10**60 + 10**8, **o),
    "count_tuplets": lambda **o: primes.count_tuplets(2, 10**60, 10**70, workers=1, **o),
    "tuplets on workers": lambda **o: primes.count_tuplets(2, 10**60, 10**70, workers=2, progress=ring_soon, **o),
    "nth_prime": lambda **o: primes.nth_prime(10**12, 10**60, workers=1, **o),
}


class RungError(KeyboardInterrupt):
    """What the handler of a test raises."""


@pytest.fixture(autouse=True)
def ringing() -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise RungError

    # Functions of others that the garbage collector calls would swallow the exception.
    gc.disable()
    before = signal.signal(signal.SIGALRM, ring)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    gc.enable()


@pytest.mark.parametrize("call", CALLS)
def test_it_is_heard(backend: str, call: str) -> None:
    """Each of these would take hours."""
    signal.setitimer(signal.ITIMER_REAL, 60 if "workers" in call else 0.1)
    with pytest.raises(RungError):
        CALLS[call](backend=backend)
    assert primes.first_n(2, 10**20, backend=backend) == [10**20 + 39, 10**20 + 129]


def test_an_iterator_goes_on_where_it_was(backend: str) -> None:
    iterator = primes.iter_primes(2**64, 2**64 + 40_000, backend=backend)
    found: list[int] = []
    rung, delay, ended = 0, 0.0002, False
    while not ended:
        try:
            signal.setitimer(signal.ITIMER_REAL, delay)
            found.extend(iterator)
            signal.setitimer(signal.ITIMER_REAL, 0)
            ended = True
        except RungError:
            rung += 1
            delay *= 1.5
    assert found == oracle.primerange(2**64, 2**64 + 40_000)
    assert rung > 0


def test_what_was_found_stays_in_the_list(kernel: Kernel) -> None:
    found: list[int] = []
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with pytest.raises(RungError):
        kernel.extend_large_range(found, 10**25, 10**25 + 10**9)
    assert found == list(islice(primes.iter_primes(10**25), len(found)))


# What cuts long products.


def test_products_in_pieces_are_those_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_long_products, "PIECE_BITS", 64)
    for a, b in ((3**2000, 7**1100), (3**50, 5**4000), (2**6400 - 1, 2**6401 - 1), (0, 3**999), (1, 3**999)):
        assert _long_products.product(a, b) == _long_products.product(b, a) == a * b
        assert _long_products.product(-a, b) == -a * b
        assert _long_products.product(-a, -b) == a * b


def test_remainders_in_pieces_are_those_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_long_products, "PIECE_BITS", 64)
    for n in (0, 1, 2**64 - 1, 2**64, 3**2000, 2**640 - 1):
        for divisor in (1, 2, 997, 3**300):
            assert _long_products.remainder(n, divisor) == n % divisor


@pytest.mark.parametrize("bits", [5, 70, 6000, 9001])
def test_a_reciprocal_instead_of_a_division(monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    monkeypatch.setattr(_long_products, "PIECE_BITS", 64)
    monkeypatch.setattr(_long_products, "BARRETT_BITS", 1)
    for n in (2**bits - 1, 2 ** (bits - 1) + 1, 3**5000 % 2**bits | 1 << (bits - 1)):
        modulus = _long_products.Modulus(n)
        for a, b in ((0, 0), (1, n - 1), (n - 1, n - 1), (n // 2, n // 3)):
            assert modulus.product(a, b) == a * b % n


TEXT_LIMIT = """
import sys
import primes
n = 10**5000
for call in (primes.prime_pi, primes.first_n, primes.primerange):
    for digits in (4300, 0):
        sys.set_int_max_str_digits(digits)
        try:
            call(n)
        except (OverflowError, MemoryError) as error:
            assert len(str(error)) < 400, error
print(primes.is_prime(n), primes.is_prime(n + 1))
"""


def test_messages_do_not_write_out_thousands_of_digits() -> None:
    assert run_python(TEXT_LIMIT) == "False False\n"
