"""Positions in XMP that follow the orientation of the picture: of faces and other regions.

Metadata Working Group, "Guidelines for Handling Image Metadata" 2.0, section 5.9; Microsoft,
"People Tagging Overview"; IPTC Photo Metadata Standard 2019.1, Image Region. All of them refer to
the picture as it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from retint.files.turn import Turn
from retint.files.xmp.rdf import PREFIXES, remove, tag
from retint.files.xmp.stale import TURNED

ACDSEE = "http://ns.acdsee.com/"
REGIONS = (tag("mwg-rs:Regions"), f"{{{ACDSEE}regions/}}Regions")
"""The Metadata Working Group's regions; ACDSee has the same in its own namespaces."""
AREAS = (PREFIXES["stArea"], f"{ACDSEE}sType/Area#")
SIZES = (PREFIXES["stDim"], f"{ACDSEE}sType/Dimensions#")
MWG, IPTC = PREFIXES["mwg-rs"], PREFIXES["Iptc4xmpExt"]
RECTANGLE = tag("MPReg:Rectangle")
SUBJECTS = (tag("exif:SubjectArea"), tag("exif:SubjectLocation"))
ITEM = tag("rdf:li")
ORIENTATION = frozenset({tag("tiff:Orientation"), tag("exif:Orientation")})
DROPPED = TURNED | ORIENTATION | {tag("apple-fi:AngleInfoRoll")}
"""Statements that a turn makes wrong, and that do not follow it."""
POSITIONS = frozenset({*REGIONS, tag("MP:RegionInfo"), tag("Iptc4xmpExt:ImageRegion"), *SUBJECTS})
"""Properties that contain positions."""
ONE = Decimal(1)
MOST_DIGITS = 40
"""Characters of a number; the digits of a longer one would only take time."""


def turn(root: Element, how: Turn) -> bool:
    """Move all regions of a packet, or remove them if the picture was cut; returns whether it has
    changed.

    Regions that were marked in the upright picture, as the size that they state shows, stay.
    """
    if how.cut:
        return bool(remove(root, lambda name, *_: name in DROPPED | POSITIONS))
    parts = [
        bool(remove(root, lambda name, *_: name in DROPPED)),
        *(_turn_areas(each, how) for each in root.iter() if each.tag in REGIONS),
        *(_turn_boundary(node, how) for node, _ in _structures(root, (IPTC,), "rbShape")),
        _turn_rectangles(root, how),
        *(_turn_subject(each, how) for each in root.iter() if each.tag in SUBJECTS),
    ]
    return any(parts)


def are_in(root: Element) -> bool:
    """Whether a packet contains positions."""
    return any(POSITIONS & {node.tag, *node.attrib} for node in root.iter())


def set_orientation(root: Element, orientation: int) -> bool:
    """Change the orientation wherever a packet states one; returns whether it does."""
    found = False
    for node in root.iter():
        for name in ORIENTATION & set(node.attrib):
            node.set(name, str(orientation))
            found = True
        if node.tag in ORIENTATION:
            node.text = str(orientation)
            found = True
    return found


class Fields:
    """Numbers of a structure, which are attributes or elements of a node."""

    def __init__(self, node: Element, namespace: str) -> None:
        self._node, self._namespace = node, namespace

    def text(self, name: str) -> str:
        """A value; empty if there is none."""
        key = f"{{{self._namespace}}}{name}"
        inner = self._node.find(key)
        return (self._node.get(key, "") if inner is None else inner.text or "").strip()

    def numbers(self, *names: str) -> list[Decimal]:
        """Several values; empty if one is missing or not a number."""
        found = [_number(self.text(name)) for name in names]
        return [] if None in found else [each for each in found if each is not None]

    def put(self, names: Iterable[str], values: Iterable[Decimal]) -> None:
        for name, value in zip(names, values, strict=True):
            key = f"{{{self._namespace}}}{name}"
            inner = self._node.find(key)
            if inner is None:
                self._node.set(key, _text(value))
            else:
                inner.text = _text(value)


def _structures(
    root: Element, namespaces: Iterable[str], name: str
) -> Iterator[tuple[Element, Fields]]:
    """All nodes that have a value of that name."""
    for node in root.iter():
        for namespace in namespaces:
            fields = Fields(node, namespace)
            if fields.text(name):
                yield node, fields


def _turn_areas(regions: Element, how: Turn) -> bool:
    """Areas of the Metadata Working Group: fractions of the picture, with the centre."""
    changed = False
    for _, size in _structures(regions, SIZES, "w"):
        sides = size.numbers("w", "h")
        if how.swaps and sides:
            if how.width != how.height and [int(each) for each in sides] == [*how.upright]:
                return False
            size.put("wh", how.sides(*sides))
            changed = True
    for _, area in _structures(regions, AREAS, "x"):
        if centre := area.numbers("x", "y"):
            area.put("xy", how.point(centre[0], centre[1], ONE, ONE))
            changed = True
            if sides := area.numbers("w", "h"):
                area.put("wh", how.sides(*sides))
    for _, region in _structures(regions, (MWG,), "Rotation"):
        if how.mirrors and (angle := region.numbers("Rotation")):
            region.put(["Rotation"], [-angle[0]])
            changed = True
    return changed


def _turn_rectangles(root: Element, how: Turn) -> bool:
    """Microsoft's rectangles: fractions of the picture, with the upper left corner."""
    changed = False
    for node, region in _structures(root, (PREFIXES["MPReg"],), "Rectangle"):
        found = [_number(each) for each in region.text("Rectangle").split(",")]
        part = [each for each in found if each is not None]
        if len(found) == len(part) == 4:
            turned = how.corner((part[0], part[1], part[2], part[3]), ONE, ONE)
            text = ", ".join(map(_text, turned))
            inner = node.find(RECTANGLE)
            if inner is None:
                node.set(RECTANGLE, text)
            else:
                inner.text = text
            changed = True
    return changed


def _turn_boundary(node: Element, how: Turn) -> bool:
    """A region of IPTC: a rectangle by its upper left corner, a circle by its centre, a polygon by
    its corners; fractions of the picture or pixels.
    """
    own = Fields(node, IPTC)
    whole = Decimal(how.width), Decimal(how.height)
    right, bottom = whole if own.text("rbUnit") == "pixel" else (ONE, ONE)
    changed = False
    if part := own.numbers("rbX", "rbY", "rbW", "rbH"):
        turned = how.corner((part[0], part[1], part[2], part[3]), right, bottom)
        own.put(("rbX", "rbY", "rbW", "rbH"), turned)
        return True
    for _, point in _structures(node, (IPTC,), "rbX"):
        if place := point.numbers("rbX", "rbY"):
            point.put(("rbX", "rbY"), how.point(place[0], place[1], right, bottom))
            changed = True
    radius = own.numbers("rbRx")
    if radius and how.swaps and right == ONE:  # a fraction of the width
        own.put(["rbRx"], [radius[0] * whole[0] / whole[1]])
    return changed


def _turn_subject(element: Element, how: Turn) -> bool:
    """EXIF's SubjectArea or SubjectLocation as XMP: a list of pixels."""
    items = list(element.iter(ITEM))
    found = [_number(item.text or "") for item in items]
    if not found or None in found:
        return False
    turned = how.pixels([int(each) for each in found if each is not None])
    for item, value in zip(items, turned, strict=True):
        item.text = str(value)
    return True


def _number(text: str) -> Decimal | None:
    """A number of usual size."""
    if len(text) > MOST_DIGITS:
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < MOST_DIGITS else None


def _text(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"
