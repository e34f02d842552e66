"""What uritools is used for: URIs are put together and taken apart, and texts encoded and decoded."""

import random

import uritools

PARTS = {
    "scheme": "https",
    "host": "example.org",
    "path": "/wiki/Zürich/Bahnhofstraße 12",
    "query": [("q", "naïve café"), ("title", "Größen & Söhne"), ("lang", "de")],
    "fragment": "Überschrift 1",
}
URI = uritools.uricompose(**PARTS)
TEXT = "Ein längerer Text, z.B. 100% übertragen? " * 500
ENCODED = uritools.uriencode(TEXT)


def compose_and_split():
    parts = uritools.urisplit(uritools.uricompose(**PARTS))
    return parts.getpath(), parts.getquerylist(), parts.getfragment()


WORK = {
    "a URI put together and taken apart": compose_and_split,
    "20 kB of text encoded": lambda: uritools.uriencode(TEXT),
    "20 kB of text decoded": lambda: uritools.uridecode(ENCODED),
}
HOT = {"uriencode", "uridecode"}


def answers():
    """Give answers to compare, for inputs of all kinds."""
    yield from (work() for work in WORK.values())
    generator = random.Random(1)
    for length in range(200):
        data = generator.randbytes(length)
        digits = bytes(generator.choices(b"%%%0aF9g", k=length))
        safe = bytes(generator.choices(range(128), k=5))
        yield uritools.uriencode(data, safe), uritools.uridecode(data, None), uritools.uridecode(digits, None)
