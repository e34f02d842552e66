"""The site that `tox -e docs` has just made, in the folder that SITE names: what it must name, and where it leads."""

from __future__ import annotations

import os
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zlib import decompress

import pytest

import primes
import primes.numpy
from pages import DOCS, PAGES
from processes import call

SITE = Path(os.environ["SITE"])
ROOT = DOCS.parent
HTML = sorted({path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")} - {"_static/webpack-macros.html"})
KINDS = {
    "tutorial": "Tutorial",
    "how-to": "How-to guides",
    "reference": "Reference",
    "explanation": "Explanation",
}


class Reader(HTMLParser):
    """What a page leads to, what it loads, and which places in it have a name."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.names: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given:
            self.loaded.append(given["src"])
        elif tag == "link" and "href" in given:
            self.loaded.append(given["href"])

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@cache
def read(page: str) -> Reader:
    """Read a page of the site."""
    reader = Reader()
    reader.feed((SITE / page).read_text(encoding="utf-8"))
    return reader


@cache
def inventory() -> dict[str, str]:
    """Return the page of everything that the reference describes, by what it is and its name."""
    head, _, packed = (SITE / "objects.inv").read_bytes().partition(b"zlib.\n")
    assert head.startswith(b"# Sphinx inventory version 2")
    lines = re.findall(r"^(.+?) (\w+:\w+) -?\d+ (\S*) .*$", decompress(packed).decode(), re.MULTILINE)
    return {f"{kind} {name}": place for name, kind, place in lines}


def described(kinds: str, name: str) -> bool:
    """Tell whether the reference has an entry for this name."""
    return any(inventory().get(f"{kind} {name}", "").startswith("reference/") for kind in kinds.split())


# What must be there.


def test_every_page_is_on_the_site() -> None:
    assert {page.removesuffix(".md") + ".html" for page in PAGES} <= set(HTML)


@pytest.mark.parametrize("module", [primes, primes.numpy], ids=lambda module: module.__name__)
def test_everything_public_has_an_entry(module: object) -> None:
    kinds = "py:function py:class py:exception py:data"
    names = [f"{module.__name__}.{name}" for name in module.__all__]  # type: ignore[attr-defined]
    assert [name for name in names if not described(kinds, name)] == []


def test_every_attribute_and_method_of_a_class_has_an_entry() -> None:
    classes = [each for each in map(vars(primes).get, primes.__all__) if isinstance(each, type)]
    names = [f"primes.{each.__name__}.{name}" for each in classes for name in vars(each) if not name.startswith("_")]
    assert names
    assert [name for name in names if not described("py:attribute py:method py:property", name)] == []


def test_every_command_and_option_has_an_entry() -> None:
    """What ``--help`` says: its lists begin with two spaces."""
    commands = re.findall(r"^    (\w+) ", call("--help").stdout.partition("COMMAND\n")[2], re.MULTILINE)
    assert {"first", "range", "compare", "backends"} <= set(commands)
    for command in ([], *([name] for name in commands)):
        listed = call(*command, "--help").stdout.partition("\nexamples:")[0]
        names = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "\n".join(re.findall(r"^  (-.*)$", listed, re.MULTILINE)))
        names += re.findall(r"^  ([A-Z]+) ", listed.replace("COMMAND", ""), re.MULTILINE)
        assert "--help" in names
        assert command in ([], ["backends"], ["compare"]) or "--backend" in names
        entries = [f"{'-'.join(['primes', *command])}.{name}" for name in names]
        assert [entry for entry in entries if not described("std:cmdoption", entry)] == []


def test_every_environment_variable_has_an_entry() -> None:
    sources = [
        path
        for folder, ending in [("primes", "*.py"), ("release", "*.py"), ("rust_ext/core/src", "*.rs"), (".", "*.py")]
        for path in ((ROOT / folder).glob(ending) if folder == "." else (ROOT / folder).rglob(ending))
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    names = set(re.findall(r"""environ(?:\.get\(|\.pop\(|\[)["'](\w+)["']""", text))
    names |= set(re.findall(r"""const VARIABLE: &str = "(\w+)";""", text))
    assert names >= {"PRIMES_BACKEND", "PRIMES_CPU", "PRIMES_ROOTS", "CIBUILDWHEEL"}
    # Those whose names setup.py makes, and those that the tools of a build read.
    names |= {"PRIMES_BUILD", "PRIMES_ABI3", "SOURCE_DATE_EPOCH", "CARGO_TARGET_DIR"}
    assert [name for name in sorted(names - {"PATH"}) if not described("std:envvar", name)] == []


def test_every_part_of_the_build_has_an_entry() -> None:
    for name in ("setup", "RustModule", "CythonModule"):
        assert described("py:function py:class", f"hybrid_build.{name}")


# Where it leads.


@pytest.mark.parametrize("page", HTML)
def test_every_link_within_the_site_leads_somewhere(page: str) -> None:
    for link in read(page).links + read(page).loaded:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
        assert target.is_file(), link
        if parts.fragment and target.suffix == ".html":
            names = read(target.resolve().relative_to(SITE.resolve()).as_posix()).names
            assert unquote(parts.fragment) in names or not unquote(parts.fragment), link


@pytest.mark.parametrize("page", HTML)
def test_a_page_loads_nothing_from_another_host(page: str) -> None:
    assert [link for link in read(page).loaded if urlsplit(link).netloc] == []


def test_no_style_and_no_script_of_the_site_loads_from_another_host() -> None:
    for path in [*SITE.rglob("*.css"), *SITE.rglob("*.svg")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import|href=)\s*[\"']?(https?:)?//", text), path


@pytest.mark.parametrize("page", [page for page in PAGES if "/" in page])
def test_a_page_says_of_which_kind_it_is(page: str) -> None:
    text = (SITE / page.removesuffix(".md")).with_suffix(".html").read_text(encoding="utf-8")
    kind = KINDS[page.partition("/")[0]]
    breadcrumb = text.partition('class="bd-breadcrumbs"')[2].partition("</nav>")[0]
    assert kind in breadcrumb
    assert re.search(rf'nav-item current active">\s*<a[^>]*>\s*{kind}\s*</a>', text)


def test_the_search_has_an_index_that_is_a_script() -> None:
    """A browser lets a page from a file load a script, and nothing else."""
    index = (SITE / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(")
    assert '"nth_prime"' in index or "nth_prim" in index
    assert "searchindex.js" in " ".join(read("search.html").loaded)
