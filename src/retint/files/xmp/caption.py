"""The description of a picture (dc:description), and retint's sentence in it; the description is
also the alternative text of pictures without one.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from retint.files.xmp.fields import DEFAULT_LANGUAGE, ITEM, LANGUAGE
from retint.files.xmp.rdf import ABOUT, DESCRIPTION, OURS, body, descriptions, tag

PROPERTY = tag("dc:description")
ALTERNATIVE = tag("Iptc4xmpCore:AltTextAccessibility")
"""What screen readers say in place of the picture (IPTC Photo Metadata Standard 2021.1)."""
EARLIER = f"{{{OURS}}}EarlierDescription"
"""Where the record keeps the description as it was before."""
ADD, APPEND, REPLACE = "add", "append", "replace"
"""What happens to a description that is there: it stays, gets the sentence, or makes way."""


def described(root: Element) -> str:
    """The description in the default language, or the first one; empty if there is none."""
    found = _default(root, PROPERTY)
    return "" if found is None else (found.text or "").strip()


def describe(root: Element, text: str) -> None:
    """Replace the description."""
    _set(root, PROPERTY, text)


def put(root: Element, sentence: str, how: str) -> str | None:
    """Put a sentence into the description; returns the earlier one, or None if it stays as it is.

    Parameters
    ----------
    how
        `ADD`, `APPEND` or `REPLACE`.
    """
    earlier = described(root)
    if earlier and how == ADD:
        return None
    text = joined(earlier, sentence) if how == APPEND else sentence
    describe(root, text)
    if _default(root, ALTERNATIVE) is None:
        _set(root, ALTERNATIVE, text)
    return earlier


def take_back(root: Element, sentence: str, earlier: str) -> None:
    """Undo `put`, unless somebody has changed the description since."""
    ours = (sentence, joined(earlier, sentence))
    for text in ours:
        _remove(root, ALTERNATIVE, text)
    if described(root) not in ours:
        return
    if earlier:
        describe(root, earlier)
    else:
        _remove(root, PROPERTY, sentence)


def _remove(root: Element, name: str, text: str) -> None:
    """Remove a text from a property with languages, and the property if nothing is left."""
    for about in descriptions(root):
        inner = about.find(name)
        if inner is None:
            continue
        for array in list(inner):
            for item in list(array):
                if (item.text or "").strip() == text:
                    array.remove(item)
        if not any(True for _ in inner.iter(ITEM)):
            about.remove(inner)


def joined(text: str, sentence: str) -> str:
    """A sentence after a text."""
    if not text:
        return sentence
    return f"{text}{' ' if text[-1] in '.!?' else '. '}{sentence}"


def _default(root: Element, name: str) -> Element | None:
    """The element with a property in the default language, or in the first one."""
    _as_element(root, name)
    for about in descriptions(root):
        inner = about.find(name)
        if inner is not None:
            items = list(inner.iter(ITEM))
            default = [each for each in items if each.get(LANGUAGE) == DEFAULT_LANGUAGE]
            return next(iter([*default, *items]), inner)
    return None


def _as_element(root: Element, name: str) -> None:
    """Some programs write such a property as an attribute."""
    for about in descriptions(root):
        if name in about.attrib:
            SubElement(about, name).text = about.attrib.pop(name)


def _set(root: Element, name: str, text: str) -> None:
    found = _default(root, name)
    if found is None:
        about = SubElement(body(root), DESCRIPTION, {ABOUT: ""})
        array = SubElement(SubElement(about, name), tag("rdf:Alt"))
        found = SubElement(array, ITEM, {LANGUAGE: DEFAULT_LANGUAGE})
    found.text = text
