"""XMP packets: metadata of a picture as RDF (ISO 16684-1), and retint's provenance record."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from retint.files.texts import Text
from retint.files.turn import UPRIGHT, Turn
from retint.files.xmp import caption, fields, regions, stale
from retint.files.xmp.rdf import (
    ABOUT,
    BYTE_ORDERS,
    DESCRIPTION,
    body,
    descriptions,
    pack,
    parse,
    read,
    remove_empty,
    tag,
)
from retint.files.xmp.record import CAPTION as CAPTION
from retint.files.xmp.record import SOURCE_TYPE as SOURCE_TYPE
from retint.files.xmp.record import provenance as provenance
from retint.files.xmp.record import with_provenance as with_provenance
from retint.files.xmp.record import without_provenance as without_provenance

_EXTENDED = tag("xmpNote:HasExtendedXMP")
EXTENSION_ROOM = 400
"""Bytes reserved for the name of an extension."""


def of_new_pixels(packet: bytes, turn: Turn = UPRIGHT) -> bytes:
    """A packet without statements that are wrong for a coloured picture, after an orientation is
    applied. A packet without any is unchanged, and so is an invalid one.
    """
    root = read(packet)
    if root is None:
        return packet
    changed = [stale.remove_stale(root), bool(turn) and regions.turn(root, turn)]
    return pack(root) if any(changed) or packet[:2] in BYTE_ORDERS else packet


def with_orientation(packet: bytes, orientation: int) -> bytes:
    """A packet that states an EXIF orientation wherever it stated one; otherwise unchanged."""
    root = read(packet)
    if root is None or not regions.set_orientation(root, orientation):
        return packet
    return pack(root)


def has_positions(packet: bytes) -> bool:
    """Whether a packet contains regions of the picture."""
    root = read(packet)
    return root is not None and regions.are_in(root)


def with_fields(packet: bytes, iim: bytes, texts: Sequence[Text]) -> tuple[bytes, list[str]]:
    """A packet with the texts of IPTC's IIM and of PNG in the fields for them, unless they contain
    something already; and the names of those that the packet does not have afterwards.
    """
    if not (iim or texts):
        return packet, []
    root = parse(packet)
    before = pack(root)
    missing = fields.add_iptc(root, iim) + fields.add_texts(root, texts)
    after = pack(root)
    return (packet if after == before else after), missing


def description(packet: bytes) -> str:
    """The description in a packet without that of retint; empty if there is none."""
    return caption.described(parse(without_provenance(packet)))


def own_description(packet: bytes) -> str:
    """The description in a packet if retint has written it, with what was there before; otherwise
    empty.
    """
    said = provenance(packet)
    if said is None or CAPTION not in said:
        return ""
    text = caption.described(parse(packet))
    return text if text.endswith(str(said[CAPTION])) else ""


def with_description(packet: bytes, text: str) -> bytes:
    """A packet with a description, unless it has one; unchanged if the text is empty."""
    root = parse(packet)
    if not text or caption.described(root):
        return packet
    caption.describe(root, text)
    return pack(root)


def is_valid(packet: bytes) -> bool:
    """Whether a packet can be read."""
    return read(packet) is not None


def is_same(packet: bytes, other: bytes) -> bool:
    """Whether two packets have the same content; what is no packet is like none."""
    if not all(not each or is_valid(each) for each in (packet, other)):
        return False
    one, two = (pack(parse(each)) for each in (packet, other))
    return one == two


def extension_of(packet: bytes) -> str:
    """The name of a packet's extension (an MD5 in capitals); empty if it has none."""
    for about in descriptions(parse(packet)):
        inner = about.find(_EXTENDED)
        if found := about.get(_EXTENDED) or (inner is not None and inner.text):
            return str(found)
    return ""


def with_extension(packet: bytes, name: str) -> bytes:
    """A packet that names its extension."""
    root = parse(packet)
    ElementTree.SubElement(body(root), DESCRIPTION, {ABOUT: "", _EXTENDED: name})
    return pack(root)


def joined(packet: bytes, extension: bytes) -> bytes:
    """Join a packet with its extension, and remove the reference."""
    root = parse(packet)
    for about in descriptions(root):
        about.attrib.pop(_EXTENDED, None)
        inner = about.find(_EXTENDED)
        if inner is not None:
            about.remove(inner)
    remove_empty(root)
    for about in descriptions(parse(extension)):
        body(root).append(about)
    return pack(root)


def split(packet: bytes, most: int) -> tuple[bytes, bytes]:
    """Split a packet: as much as fits into `most` bytes, and the rest; both are packets.

    Whole descriptions are moved, the last ones first: retint's stay in the first packet.
    """
    root = parse(packet)
    first, rest = (parse(b"") for _ in range(2))
    room = most - len(pack(first)) - EXTENSION_ROOM
    for about in reversed(list(descriptions(root))):
        size = len(ElementTree.tostring(about, encoding="utf-8"))
        if size <= room:
            body(first).insert(0, about)
            room -= size
        else:
            body(rest).insert(0, about)
    return pack(first), pack(rest) if any(True for _ in descriptions(rest)) else b""
