"""Fields of XMP for texts that a format stores elsewhere: IPTC's datasets, PNG's keywords.

IPTC Photo Metadata Standard 2019.1, "IPTC Core": the property for each dataset of IIM.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element, SubElement

from retint.files import iptc
from retint.files.texts import COMMENT, MAX_KEYWORD, Text
from retint.files.xmp.rdf import ABOUT, DESCRIPTION, body, descriptions, tag

ITEM, LANGUAGE = tag("rdf:li"), "{http://www.w3.org/XML/1998/namespace}lang"
DEFAULT_LANGUAGE = "x-default"
FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot contain."""


CREATED = "xmp:CreateDate"


@dataclass(frozen=True)
class Field:
    """A property of XMP."""

    name: str
    form: str = ""
    """`rdf:Alt` for languages, `rdf:Seq` or `rdf:Bag` for several values, empty for one text."""


OF_IPTC = {
    4: Field("Iptc4xmpCore:IntellectualGenre"),
    5: Field("dc:title", "rdf:Alt"),
    10: Field("photoshop:Urgency"),
    12: Field("Iptc4xmpCore:SubjectCode", "rdf:Bag"),
    15: Field("photoshop:Category"),
    20: Field("photoshop:SupplementalCategories", "rdf:Bag"),
    25: Field("dc:subject", "rdf:Bag"),
    40: Field("photoshop:Instructions"),
    55: Field("photoshop:DateCreated"),
    62: Field(CREATED),
    65: Field("xmp:CreatorTool"),
    80: Field("dc:creator", "rdf:Seq"),
    85: Field("photoshop:AuthorsPosition"),
    90: Field("photoshop:City"),
    92: Field("Iptc4xmpCore:Location"),
    95: Field("photoshop:State"),
    100: Field("Iptc4xmpCore:CountryCode"),
    101: Field("photoshop:Country"),
    103: Field("photoshop:TransmissionReference"),
    105: Field("photoshop:Headline"),
    110: Field("photoshop:Credit"),
    115: Field("photoshop:Source"),
    116: Field("dc:rights", "rdf:Alt"),
    120: Field("dc:description", "rdf:Alt"),
    122: Field("photoshop:CaptionWriter"),
}
"""By number of a dataset in the application record."""
CLOCKS = {55: 60, 62: 63}
"""Datasets with a date, and those with its time."""
WITHOUT_MEANING = {70, *CLOCKS.values(), *iptc.PREVIEWS}
"""Datasets without a field of their own, besides those of unknown meaning."""
OF_KEYWORD = {
    "title": Field("dc:title", "rdf:Alt"),
    "author": Field("dc:creator", "rdf:Seq"),
    "description": Field("dc:description", "rdf:Alt"),
    "copyright": Field("dc:rights", "rdf:Alt"),
    "creation time": Field(CREATED),
    "software": Field("xmp:CreatorTool"),
    "disclaimer": Field("xmpRights:UsageTerms", "rdf:Alt"),
    "source": Field("dc:source"),
    COMMENT.lower(): Field("exif:UserComment", "rdf:Alt"),
}
"""By PNG's keyword in lower case."""


def add_iptc(root: Element, iim: bytes) -> list[str]:
    """Add texts of IIM where the packet has none; returns the names of those it does not have."""
    return [
        f"IPTC 2:{number}"
        for number, values in _of_iptc(iim).items()
        if not _add(root, OF_IPTC.get(number), {DEFAULT_LANGUAGE: values})
    ]


def _of_iptc(iim: bytes) -> dict[int, list[str]]:
    found = {number: values for (_, number), values in iptc.texts(iim).items()}
    for day, time in CLOCKS.items():
        if day in found:
            clock = next(iter(found.get(time, [])), "")
            found[day] = [iptc.date(found[day][0], clock) or found[day][0]]
    if 12 in found:  # IPTC:15000000:Sport
        found[12] = [each.split(":")[1] if ":" in each else each for each in found[12]]
    if 4 in found:  # 001:Current
        found[4] = [each.partition(":")[2] or each for each in found[4]]
    return {number: values for number, values in found.items() if number not in WITHOUT_MEANING}


def add_texts(root: Element, texts: Sequence[Text]) -> list[str]:
    """Add PNG's texts in the same way; returns the keywords of those that it does not have."""
    by_keyword: dict[str, dict[str, list[str]]] = {}
    for each in texts:
        language = each.language or DEFAULT_LANGUAGE
        own = by_keyword.setdefault(each.keyword, {})
        own.setdefault(language, []).append(each.content)
    return [
        f"text {keyword[:MAX_KEYWORD]!r}"
        for keyword, found in by_keyword.items()
        if not _add(root, OF_KEYWORD.get(keyword.lower()), found)
    ]


def _add(root: Element, field: Field | None, found: Mapping[str, Sequence[str]]) -> bool:
    """Whether a packet has the values, by language, of a field; added if the field is missing."""
    if field is None:
        return False
    if field.name == CREATED:
        found = {language: [_moment(each) for each in values] for language, values in found.items()}
        if not all(map(all, found.values())):
            return False
    cleaned = {language: [_cleaned(each) for each in values] for language, values in found.items()}
    existing = _existing(root, tag(field.name))
    if existing is not None:
        # IIM limits the length of its texts.
        return all(
            any(known.startswith(value.strip()) for known in existing)
            for values in cleaned.values()
            for value in values
        )
    about = Element(DESCRIPTION, {ABOUT: ""})
    body(root).insert(0, about)
    prop = SubElement(about, tag(field.name))
    if not field.form:
        values = [value for values in cleaned.values() for value in values]
        prop.text = values[0]
        return len(set(values)) == 1
    array = SubElement(prop, tag(field.form))
    for language in sorted(cleaned, key=lambda each: each != DEFAULT_LANGUAGE):
        values = cleaned[language]
        alternative = field.form == "rdf:Alt"
        for value in ["\n".join(values)] if alternative else values:
            item = SubElement(array, ITEM)
            item.text = value
            if alternative:
                item.set(LANGUAGE, language)
    return True


def _existing(root: Element, name: str) -> list[str] | None:
    """The values of a property; None if there is none."""
    for about in descriptions(root):
        if name in about.attrib:
            return [about.attrib[name].strip()]
        inner = about.find(name)
        if inner is not None:
            return [(each.text or "").strip() for each in inner.iter() if (each.text or "").strip()]
    return None


def _moment(text: str) -> str:
    """A date as XMP writes it, from its own form, EXIF's or e-mails'; empty if it is none."""
    pattern = r"(\d{4})(?:[-:](\d\d)(?:[-:](\d\d)(?:[T ](\d\d:\d\d:\d\d\S*))?)?)?"
    if found := re.fullmatch(pattern, text.strip()):
        day = "-".join(filter(None, found.groups()[:3]))
        return f"{day}T{found[4]}" if found[4] else day
    try:
        return parsedate_to_datetime(text).isoformat()
    except ValueError:
        return ""


def _cleaned(text: str) -> str:
    return FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
