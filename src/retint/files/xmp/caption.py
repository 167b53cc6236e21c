"""The description of a picture (dc:description), and retint's sentence in it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from retint.files.xmp.fields import DEFAULT_LANGUAGE, ITEM, LANGUAGE
from retint.files.xmp.rdf import ABOUT, DESCRIPTION, OURS, body, descriptions, tag

PROPERTY = tag("dc:description")
EARLIER = f"{{{OURS}}}EarlierDescription"
"""Where the record keeps the description as it was before."""
ADD, APPEND, REPLACE = "add", "append", "replace"
"""What happens to a description that is there: it stays, gets the sentence, or makes way."""


def described(root: Element) -> str:
    """The description in the default language, or the first one; empty if there is none."""
    found = _default(root)
    return "" if found is None else (found.text or "").strip()


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
    _set(root, joined(earlier, sentence) if how == APPEND else sentence)
    return earlier


def take_back(root: Element, sentence: str, earlier: str) -> None:
    """Undo `put`, unless somebody has changed the description since."""
    if described(root) not in (sentence, joined(earlier, sentence)):
        return
    if earlier:
        _set(root, earlier)
        return
    for about in descriptions(root):
        inner = about.find(PROPERTY)
        if inner is None:
            continue
        items = list(inner.iter(ITEM))
        for array in list(inner):
            for item in items:
                if item in list(array) and (item.text or "").strip() == sentence:
                    array.remove(item)
        if not any(True for _ in inner.iter(ITEM)):
            about.remove(inner)


def joined(text: str, sentence: str) -> str:
    """A sentence after a text."""
    if not text:
        return sentence
    return f"{text}{' ' if text[-1] in '.!?' else '. '}{sentence}"


def _default(root: Element) -> Element | None:
    """The element with the description in the default language, or the first one."""
    _as_element(root)
    for about in descriptions(root):
        inner = about.find(PROPERTY)
        if inner is not None:
            items = list(inner.iter(ITEM))
            default = [each for each in items if each.get(LANGUAGE) == DEFAULT_LANGUAGE]
            return next(iter([*default, *items]), inner)
    return None


def _as_element(root: Element) -> None:
    """Some programs write the description as an attribute."""
    for about in descriptions(root):
        if PROPERTY in about.attrib:
            SubElement(about, PROPERTY).text = about.attrib.pop(PROPERTY)


def _set(root: Element, text: str) -> None:
    found = _default(root)
    if found is None:
        about = SubElement(body(root), DESCRIPTION, {ABOUT: ""})
        array = SubElement(SubElement(about, PROPERTY), tag("rdf:Alt"))
        found = SubElement(array, ITEM, {LANGUAGE: DEFAULT_LANGUAGE})
    found.text = text
