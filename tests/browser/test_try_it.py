"""The page "Try it" in headless Chromium, on a server of its own: `tox -e try` has put Pyodide into the site."""

from __future__ import annotations

import os
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE = os.environ["SITE"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Keep the output of the tests to themselves."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        # The sandbox does not run as root, which a container's user often is.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """What the page has asked for."""
    return []


@pytest.fixture(scope="module")
def page(browser: Any, server: str, asked: list[str]) -> Any:  # noqa: ANN401
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}tutorial/try-it.html")
    expect(page.locator("#try-status")).to_contain_text("primes 0.", timeout=120_000)
    return page


def answer(page: Any, line: str) -> str:  # noqa: ANN401
    """Type a line, and return what is printed."""
    before = page.locator("#try-log").inner_text()
    page.locator("#try-code").fill(line)
    page.locator("#try-code").press("Enter")
    expect(page.locator("#try-stop")).to_be_disabled(timeout=60_000)
    shown = page.locator("#try-log").inner_text()
    assert shown.startswith(before)
    echoed, _, printed = str(shown[len(before) :]).lstrip("\n").partition("\n")
    assert echoed == f">>> {line}"
    return printed.strip("\n")


def test_it_answers(page: Any) -> None:  # noqa: ANN401
    assert answer(page, "primes.first_n(5, start=100)") == "[101, 103, 107, 109, 113]"
    assert answer(page, "x = primes.prime_pi(10**6)") == ""
    assert answer(page, "x") == "78498"


def test_it_says_why_the_other_backends_are_missing(page: Any) -> None:  # noqa: ANN401
    printed = answer(page, "for each in primes.backends(): print(each.name, each.available, each.reason)")
    rust, cython, python = printed.splitlines()
    assert re.fullmatch(r"rust False .*PRIMES_BUILD=none.*", rust)
    assert re.fullmatch(r"cython False .*PRIMES_BUILD=none.*", cython)
    assert python == "python True None"


def test_an_error_is_shown(page: Any) -> None:  # noqa: ANN401
    assert answer(page, "primes.nth_prime(0)").startswith("ValueError: n must be at least 1")
    assert "SyntaxError" in answer(page, "primes.")


def test_each_example_runs(page: Any) -> None:  # noqa: ANN401
    buttons = page.locator("#try-examples button")
    assert buttons.count() == 8
    for index in range(buttons.count()):
        buttons.nth(index).click()
        expect(page.locator("#try-stop")).to_be_disabled(timeout=60_000)
    shown = page.locator("#try-log").inner_text()
    for known in ("50847534", "15485863", "1000000000000000003", "(821, 823, 827, 829)"):
        assert known in shown


def test_a_long_call_can_be_stopped(page: Any) -> None:  # noqa: ANN401
    page.locator("#try-code").fill('primes.count_primes(10**15, 2 * 10**15, method="sieve")')
    page.locator("#try-code").press("Enter")
    page.locator("#try-stop").click()
    expect(page.locator("#try-status")).to_contain_text("primes 0.", timeout=120_000)
    assert answer(page, "primes.is_prime(97)") == "True"


def test_old_lines_come_back(page: Any) -> None:  # noqa: ANN401
    page.locator("#try-code").press("ArrowUp")
    assert page.locator("#try-code").input_value() == "primes.is_prime(97)"
    page.locator("#try-code").press("ArrowDown")
    assert page.locator("#try-code").input_value() == ""


def test_it_fits_a_phone_and_asks_no_other_host(page: Any, server: str, asked: list[str]) -> None:  # noqa: ANN401
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert [url for url in asked if not url.startswith((server, "data:"))] == []
    assert any(url.endswith(".whl") for url in asked)
