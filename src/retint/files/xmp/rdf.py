"""XMP packets as RDF trees (ISO 16684-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

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
    "exifEX": "http://cipa.jp/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "apple-fi": "http://ns.apple.com/faceinfo/1.0/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "Container": "http://ns.google.com/photos/1.0/container/",
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
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

for _prefix, _uri in PREFIXES.items():
    ElementTree.register_namespace(_prefix, _uri)


def tag(name: str) -> str:
    """A name such as `dc:title` as the trees contain it."""
    prefix, _, own = name.partition(":")
    return f"{{{PREFIXES[prefix]}}}{own}"


DESCRIPTION = tag("rdf:Description")
ABOUT = tag("rdf:about")


def parse(packet: bytes) -> Element:
    """Parse a packet; an invalid one gives an empty tree."""
    root = read(packet)
    if root is None:
        root = Element(tag("x:xmpmeta"))
        ElementTree.SubElement(root, tag("rdf:RDF"))
    return root


def read(packet: bytes) -> Element | None:
    """Parse a packet; None if it is invalid."""
    if not is_xml(packet):
        return None
    try:
        root = ElementTree.fromstring(_text(packet))
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    if root.tag == tag("rdf:RDF"):
        wrapped = Element(tag("x:xmpmeta"))
        wrapped.append(root)
        return wrapped
    return root if root.find(tag("rdf:RDF")) is not None else None


def is_xml(packet: bytes) -> bool:
    """Whether a packet is XML that is safe to parse, with RDF in it or not."""
    text = _text(packet)
    return 0 < len(text) <= MAX_BYTES and _is_harmless(text)


def _text(packet: bytes) -> bytes:
    """A packet without padding; in UTF-16 it could be half of the last character."""
    return packet if packet[:2] in BYTE_ORDERS else packet.strip(b"\0 \n\r\t")


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


def body(root: Element) -> Element:
    """The element rdf:RDF."""
    found = root.find(tag("rdf:RDF"))
    assert found is not None
    return found


def descriptions(root: Element) -> Iterator[Element]:
    """Its elements rdf:Description."""
    return iter(body(root).findall(DESCRIPTION))


def pack(root: Element) -> bytes:
    """Encode a packet in UTF-8."""
    return (_HEAD + ElementTree.tostring(root, encoding="unicode") + _TAIL).encode("utf-8")


def remove(root: Element, is_wrong: Callable[[str, str, Element | None], bool]) -> list[str]:
    """Remove properties at any depth, and descriptions that are empty then; returns their names.

    Parameters
    ----------
    is_wrong
        Called with the name and text of each property, and with its element if it has one.
    """
    found = []
    for node in list(root.iter()):
        for name, value in list(node.attrib.items()):
            if is_wrong(name, value, None):
                del node.attrib[name]
                found.append(name)
        for each in list(node):
            if is_wrong(each.tag, each.text or "", each):
                node.remove(each)
                found.append(each.tag)
    remove_empty(root)
    return found


def remove_empty(root: Element) -> None:
    """Remove descriptions without any properties."""
    for about in list(descriptions(root)):
        if not len(about) and set(about.attrib) <= {ABOUT}:
            body(root).remove(about)
