"""The record that retint coloured a picture, in its own properties and in those of IPTC.

IPTC Photo Metadata Standard 2025.1, "IPTC Extension": Digital Source Type, AI System Used, AI
System Version Used, AI Prompt Information.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from retint.files.xmp import caption
from retint.files.xmp.rdf import (
    ABOUT,
    DESCRIPTION,
    OURS,
    body,
    descriptions,
    pack,
    parse,
    remove_empty,
    tag,
)

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for pictures that were modified by a model."""
NAME = "retint"
"""The system's name."""
_SOURCE = tag("Iptc4xmpExt:DigitalSourceType")
_SYSTEM, _VERSION, _PROMPT = (
    tag(f"Iptc4xmpExt:AI{name}")
    for name in ("SystemUsed", "SystemVersionUsed", "PromptInformation")
)
_EARLIER = {
    field: f"{{{OURS}}}Earlier{name}"
    for field, name in (
        (_SOURCE, "SourceType"),
        (_SYSTEM, "AISystemUsed"),
        (_VERSION, "AISystemVersionUsed"),
        (_PROMPT, "AIPromptInformation"),
    )
}
"""Where the record keeps what a picture stated before, by IPTC's property."""
_OF_EARLIER = {*_EARLIER.values(), caption.EARLIER}
CAPTION = "Caption"
"""Name in the record of the sentence in the description."""


def with_provenance(packet: bytes, said: Mapping[str, Any]) -> bytes:
    """Add the record that retint coloured the picture, and how, to a packet.

    Parameters
    ----------
    packet
        The picture's own, or empty; an invalid one is dropped.
    said
        JSON values by names in CamelCase. A `Caption` goes into the description as the option
        `caption` says (`retint.files.xmp.caption`).
    """
    root = parse(packet)
    earlier = _remove_record(root)
    before = None
    if text := said.get(CAPTION):
        before = caption.put(root, str(text), str(_options(said).get("caption", caption.ADD)))
    about = SubElement(body(root), DESCRIPTION, {ABOUT: "", **_statements(said)})
    if before is not None:
        about.set(caption.EARLIER, before)
    for field, value in earlier.items():
        about.set(_EARLIER[field], value)
    for name, value in said.items():
        about.set(f"{{{OURS}}}{name}", json.dumps(value, sort_keys=True))
    return pack(root)


def provenance(packet: bytes) -> dict[str, Any] | None:
    """The record of retint in a packet; None if retint has not coloured the picture."""
    for about in descriptions(parse(packet)):
        found = {
            name.removeprefix(f"{{{OURS}}}"): value
            for name, value in about.attrib.items()
            if name.startswith(f"{{{OURS}}}") and name not in _OF_EARLIER
        }
        if found:
            return {name: _value(text) for name, text in found.items()}
    return None


def without_provenance(packet: bytes) -> bytes:
    """The packet as it was before `with_provenance`; empty if it contained nothing else."""
    if provenance(packet) is None:
        return packet
    root = parse(packet)
    if earlier := _remove_record(root):
        SubElement(body(root), DESCRIPTION, {ABOUT: "", **earlier})
    return pack(root) if any(True for _ in descriptions(root)) else b""


def _statements(said: Mapping[str, Any]) -> dict[str, str]:
    """IPTC's properties for a record."""
    method = f" ({said['Method']})" if "Method" in said else ""
    found = {
        _SOURCE: SOURCE_TYPE,
        _SYSTEM: f"{NAME}{method}",
        _VERSION: str(said.get("Software", "")).removeprefix(NAME).strip(),
        _PROMPT: "; ".join(_prompts(said)),
    }
    return {field: value for field, value in found.items() if value}


def _prompts(said: Mapping[str, Any]) -> Iterator[str]:
    """What a person told the method: words, colours of hints, a reference."""
    told = _options(said)
    if words := told.get("prompt"):
        yield str(words)
    if words := told.get("negative_prompt"):
        yield f"not: {words}"
    if colors := dict.fromkeys(_colors(said.get("Hints"))):
        yield f"colors at marked places: {', '.join(colors)}"
    if colors := dict.fromkeys(_colors(said.get("Remembered"))):
        yield f"colors remembered from other pictures: {', '.join(colors)}"
    if "Reference" in said:
        yield "colors of a reference picture"


def _options(said: Mapping[str, Any]) -> dict[str, Any]:
    found = said.get("Options")
    return found if isinstance(found, dict) else {}


def _colors(value: Any) -> Iterator[str]:
    """The colours in the content of a hints file, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _colors(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "color":
                yield str(each)
            else:
                yield from _colors(each)


def _remove_record(root: Element) -> dict[str, str]:
    """Remove retint's properties and IPTC's; returns what those of IPTC stated before, if any."""
    stated: dict[str, str] = {}
    earlier: dict[str, str] = {}
    for about in descriptions(root):
        for field, own in _EARLIER.items():
            if own in about.attrib:
                earlier[field] = about.attrib[own]
            if found := _taken(about, field):
                stated[field] = found
        if caption.EARLIER in about.attrib:
            text = _value(about.get(f"{{{OURS}}}{CAPTION}", ""))
            caption.take_back(root, str(text), about.attrib[caption.EARLIER])
        for name in [each for each in about.attrib if each.startswith(f"{{{OURS}}}")]:
            del about.attrib[name]
    remove_empty(root)
    if stated.get(_SOURCE) == SOURCE_TYPE:
        del stated[_SOURCE]
    if stated.get(_SYSTEM, "").startswith(NAME):
        stated = {_SOURCE: stated[_SOURCE]} if _SOURCE in stated else {}
    return stated | earlier


def _taken(about: Element, field: str) -> str:
    """The text of a property, which is removed; empty if there is none."""
    found = about.attrib.pop(field, "")
    inner = about.find(field)
    if inner is not None:
        found = "".join(inner.itertext()).strip()
        about.remove(inner)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return text
