"""IPTC's information interchange model (IIM 4.2): datasets with texts."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from retint.files.texts import decoded

MARKER = b"\x1c"
"""First byte of each dataset."""
CHARSET = (1, 90)
UTF8 = b"\x1b%G"
LATIN = {b"A": 1, b"B": 2, b"C": 3, b"D": 4, b"L": 5, b"G": 6, b"F": 7, b"H": 8, b"M": 9}
"""Last byte of the escape sequences of ISO 2022 for the parts of ISO 8859."""
APPLICATION = 2
"""Number of the record that describes the picture."""
PREVIEWS = (200, 201, 202)
"""Datasets of that record with a small copy of the old picture."""

LONGEST = 2000
"""Maximum bytes of a caption (IIM 4.2, 2:120)."""

Dataset = tuple[int, int]
"""Numbers of a record and of a dataset."""


def datasets(iim: bytes) -> Iterator[tuple[Dataset, bytes]]:
    """Number and content of each dataset; reading stops at a broken one."""
    for number, start, end in _spans(iim):
        yield number, iim[start:end]


def _spans(iim: bytes) -> Iterator[tuple[Dataset, int, int]]:
    place = 0
    while place + 5 <= len(iim) and iim[place : place + 1] == MARKER:
        number = iim[place + 1], iim[place + 2]
        size = int.from_bytes(iim[place + 3 : place + 5], "big")
        start = place + 5
        if size & 0x8000:  # then this is the length of the length
            start += size & 0x7FFF
            size = int.from_bytes(iim[place + 5 : start], "big")
        place = start + size
        if place > len(iim):
            return
        yield number, start, place


def texts(iim: bytes) -> dict[Dataset, list[str]]:
    """Texts of all datasets of the application record, in their order."""
    found: dict[Dataset, list[str]] = {}
    known = list(datasets(iim))
    charset = next((content for number, content in known if number == CHARSET), b"")
    for number, content in known:
        if number[0] == APPLICATION and number[1]:
            found.setdefault(number, []).append(_text(content, charset))
    return found


def _text(content: bytes, charset: bytes) -> str:
    if charset != UTF8 and re.fullmatch(rb"\x1b[-./][A-M]", charset):
        part = LATIN.get(charset[-1:])
        if part is not None:
            return codecs.decode(content, f"iso8859-{part}", "replace")
    return decoded(content)


def with_text(iim: bytes, number: Dataset, text: str) -> bytes:
    """The same with one more text; unchanged if it cannot contain it."""
    charset = next((content for found, content in datasets(iim) if found == CHARSET), b"")
    content = text.encode()
    if charset != UTF8 and not text.isascii():
        if iim:  # its other texts would be read in another way
            return iim
        iim = _dataset(CHARSET, UTF8)
    if len(content) > LONGEST:
        return iim
    return iim + _dataset(number, content)


def without_text(iim: bytes, number: Dataset) -> bytes:
    """The same without a dataset; empty if nothing but the character set is left."""
    kept, place = b"", 0
    for found, _, end in _spans(iim):
        kept += b"" if found == number else iim[place:end]
        place = end
    kept += iim[place:]
    return b"" if kept == _dataset(CHARSET, UTF8) else kept


def _dataset(number: Dataset, content: bytes) -> bytes:
    return MARKER + bytes(number) + len(content).to_bytes(2, "big") + content


def without_preview(iim: bytes) -> bytes:
    """The same without the small copy of the old picture."""
    kept, place, changed = b"", 0, False
    for number, _, end in _spans(iim):
        if number[0] == APPLICATION and number[1] in PREVIEWS:
            changed = True
        else:
            kept += iim[place:end]
        place = end
    return kept + iim[place:] if changed else iim


def date(day: str, time: str = "") -> str:
    """A date and time of IIM (CCYYMMDD, HHMMSS+HHMM) as XMP writes it; empty if it is none."""
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", day.strip())
    if not found or found[1] == "0000":
        return ""
    known = [each for each in found.groups() if int(each)]
    clock = re.fullmatch(r"(\d\d):?(\d\d):?(\d\d)(?:([+-]\d\d):?(\d\d))?", time.strip())
    if len(known) < 3 or not clock:
        return "-".join(known)
    zone = f"{clock[4]}:{clock[5]}" if clock[4] else ""
    return f"{'-'.join(known)}T{clock[1]}:{clock[2]}:{clock[3]}{zone}"
