"""What blurhash is used for: pictures become short strings, and these become blurred pictures."""

import random

import blurhash

generator = random.Random(1)
IMAGE = [[[generator.randrange(256) for _ in range(3)] for _ in range(48)] for _ in range(32)]
HASH = blurhash.encode(IMAGE, 4, 3)

WORK = {
    "a picture of 48 by 32 pixels encoded": lambda: blurhash.encode(IMAGE, 4, 3),
    "a picture of 32 by 32 pixels decoded": lambda: blurhash.decode(HASH, 32, 32),
}
HOT = {"blurhash_encode", "blurhash_decode"}


def answers():
    """Give answers to compare, for inputs of all kinds."""
    for x, y in ((1, 1), (9, 1), (1, 9), (4, 4)):
        yield (code := blurhash.encode(IMAGE, x, y))
        yield blurhash.decode(code, 7, 5, punch=1.5)
        yield blurhash.decode(code, 3, 4, linear=True)
        yield blurhash.encode([[[value / 255 for value in pixel] for pixel in row] for row in IMAGE], x, y, linear=True)
