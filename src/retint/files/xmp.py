"""XMP packets: metadata of a picture as RDF (ISO 16684-1), and retint's provenance record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for pictures that were modified by a model."""
OURS = "urn:retint:provenance:1/"
"""Namespace of retint's own properties."""
PREFIXES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "retint": OURS,
}
BYTE_ORDERS = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16."""
MAX_BYTES = 1 << 22
"""Maximum bytes of a packet; longer ones are ignored."""
MAX_DEPTH = 100
"""Maximum nesting; deeper packets are ignored."""

_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = '\n<?xpacket end="w"?>'
_DESCRIPTION = f"{{{PREFIXES['rdf']}}}Description"
_ABOUT = f"{{{PREFIXES['rdf']}}}about"
_SOURCE = f"{{{PREFIXES['Iptc4xmpExt']}}}DigitalSourceType"
_EXTENDED = f"{{{PREFIXES['xmpNote']}}}HasExtendedXMP"
EXTENSION_ROOM = 400
"""Bytes reserved for the name of an extension."""
_EARLIER = f"{{{OURS}}}EarlierSourceType"

for _prefix, _uri in PREFIXES.items():
    ElementTree.register_namespace(_prefix, _uri)


def with_provenance(packet: bytes, said: Mapping[str, Any]) -> bytes:
    """Add the record that retint coloured the picture, and how, to a packet.

    Parameters
    ----------
    packet
        The picture's own, or empty; an invalid one is dropped.
    said
        JSON values by names in CamelCase.
    """
    root = _parse(packet)
    earlier = _remove_record(root)
    about = ElementTree.SubElement(_rdf(root), _DESCRIPTION, {_ABOUT: "", _SOURCE: SOURCE_TYPE})
    if earlier:
        about.set(_EARLIER, earlier)
    for name, value in said.items():
        about.set(f"{{{OURS}}}{name}", json.dumps(value, sort_keys=True))
    return _pack(root)


def provenance(packet: bytes) -> dict[str, Any] | None:
    """The record of retint in a packet; None if retint has not coloured the picture."""
    for about in _descriptions(_parse(packet)):
        found = {
            name.removeprefix(f"{{{OURS}}}"): value
            for name, value in about.attrib.items()
            if name.startswith(f"{{{OURS}}}") and name != _EARLIER
        }
        if found:
            return {name: _value(text) for name, text in found.items()}
    return None


def without_provenance(packet: bytes) -> bytes:
    """The packet as it was before `with_provenance`; empty if it contained nothing else."""
    if provenance(packet) is None:
        return packet
    root = _parse(packet)
    earlier = _remove_record(root)
    if earlier:
        ElementTree.SubElement(_rdf(root), _DESCRIPTION, {_ABOUT: "", _SOURCE: earlier})
    return _pack(root) if any(True for _ in _descriptions(root)) else b""


def extension_of(packet: bytes) -> str:
    """The name of a packet's extension (an MD5 in capitals); empty if it has none."""
    for about in _descriptions(_parse(packet)):
        inner = about.find(_EXTENDED)
        if found := about.get(_EXTENDED) or (inner is not None and inner.text):
            return str(found)
    return ""


def with_extension(packet: bytes, name: str) -> bytes:
    """A packet that names its extension."""
    root = _parse(packet)
    ElementTree.SubElement(_rdf(root), _DESCRIPTION, {_ABOUT: "", _EXTENDED: name})
    return _pack(root)


def joined(packet: bytes, extension: bytes) -> bytes:
    """Join a packet with its extension, and remove the reference."""
    root = _parse(packet)
    rdf = _rdf(root)
    for about in list(_descriptions(root)):
        about.attrib.pop(_EXTENDED, None)
        inner = about.find(_EXTENDED)
        if inner is not None:
            about.remove(inner)
        if not len(about) and set(about.attrib) <= {_ABOUT}:
            rdf.remove(about)
    for about in list(_descriptions(_parse(extension))):
        rdf.append(about)
    return _pack(root)


def split(packet: bytes, most: int) -> tuple[bytes, bytes]:
    """Split a packet: as much as fits into `most` bytes, and the rest; both are packets.

    Whole descriptions are moved, the last ones first: retint's stay in the first packet.
    """
    root = _parse(packet)
    first, rest = (_parse(b"") for _ in range(2))
    room = most - len(_pack(first)) - EXTENSION_ROOM
    for about in reversed(list(_descriptions(root))):
        size = len(ElementTree.tostring(about, encoding="utf-8"))
        if size <= room:
            _rdf(first).insert(0, about)
            room -= size
        else:
            _rdf(rest).insert(0, about)
    return _pack(first), _pack(rest) if any(True for _ in _descriptions(rest)) else b""


def _remove_record(root: ElementTree.Element) -> str:
    """Remove retint's properties and the source type; return the previous source type."""
    rdf, earlier = _rdf(root), ""
    for about in list(_descriptions(root)):
        source = about.attrib.pop(_SOURCE, "")
        inner = about.find(_SOURCE)
        if inner is not None:
            source = inner.text or ""
            about.remove(inner)
        earlier = about.get(_EARLIER, "") or ("" if source == SOURCE_TYPE else source) or earlier
        for name in [each for each in about.attrib if each.startswith(f"{{{OURS}}}")]:
            del about.attrib[name]
        if not len(about) and set(about.attrib) <= {_ABOUT}:
            rdf.remove(about)
    return earlier


def _parse(packet: bytes) -> ElementTree.Element:
    """Parse a packet; an invalid one gives an empty tree."""
    # Padding by some programs; in UTF-16 it could be half of the last character.
    text = packet if packet[:2] in BYTE_ORDERS else packet.strip(b"\0 \n\r\t")
    if text and len(text) <= MAX_BYTES and _is_harmless(text):
        try:
            root = ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError, LookupError):
            root = None
        if root is not None and root.tag == f"{{{PREFIXES['rdf']}}}RDF":
            wrapped = ElementTree.Element(f"{{{PREFIXES['x']}}}xmpmeta")
            wrapped.append(root)
            return wrapped
        if root is not None and root.find(f"{{{PREFIXES['rdf']}}}RDF") is not None:
            return root
    root = ElementTree.Element(f"{{{PREFIXES['x']}}}xmpmeta")
    ElementTree.SubElement(root, f"{{{PREFIXES['rdf']}}}RDF")
    return root


def _is_harmless(text: bytes) -> bool:
    """Whether it is XML without declarations, in any encoding, and not nested too deeply.

    Entities are useless in XMP, and can be used to exhaust the memory.
    """
    parser = expat.ParserCreate()
    depth = 0

    def refuse(*_: object) -> None:
        raise ValueError

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, LookupError, ValueError):
        return False
    return True


def _rdf(root: ElementTree.Element) -> ElementTree.Element:
    found = root.find(f"{{{PREFIXES['rdf']}}}RDF")
    assert found is not None
    return found


def _descriptions(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return iter(_rdf(root).findall(_DESCRIPTION))


def _pack(root: ElementTree.Element) -> bytes:
    return (_HEAD + ElementTree.tostring(root, encoding="unicode") + _TAIL).encode("utf-8")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return text
