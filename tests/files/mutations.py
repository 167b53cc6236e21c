"""Broken variants of the corpus: numbers are changed, and parts are removed or repeated."""

from __future__ import annotations

import functools
import random

from ..corpus import CORPUS, checksums_mended

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFF00, 0xFFFFFFFF)
EDITS = ("byte", "byte", "byte", "big", "little", "cut", "twice", "drop")
REACHES = (40, 400, 1 << 30)
"""First bytes of a file that an edit keeps to: headers are hit more often than pixels."""


@functools.cache
def whole(kind: str) -> bytes:
    return CORPUS[kind][1]()


def mutated(kind: str, seed: int) -> bytes:
    """A broken picture; the same one for the same seed."""
    rng = random.Random(f"{kind} {seed}")
    content = bytearray(whole(kind))
    for _ in range(rng.choice((1, 1, 2, 4))):
        _edit(content, rng)
    return checksums_mended(bytes(content)) if rng.random() < 0.5 else bytes(content)


def _edit(content: bytearray, rng: random.Random) -> None:
    what = rng.choice(EDITS)
    place = int(rng.random() * min(rng.choice(REACHES), len(content)))
    number = rng.choice(EXTREMES) if rng.random() < 0.5 else rng.getrandbits(32)
    if what == "byte":
        content[place : place + 1] = bytes([number & 0xFF])
    elif what == "big":
        content[place : place + 4] = number.to_bytes(4, "big")
    elif what == "little":
        content[place : place + 4] = number.to_bytes(4, "little")
    elif what == "cut":
        del content[place + 64 :]
    elif what == "twice":
        content[place:place] = content[place : place + (number & 0xFF)]
    else:
        del content[place : place + (number & 0xFF)]
