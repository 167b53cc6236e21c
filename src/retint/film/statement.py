"""What a coloured film states about itself: how it was coloured, and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retint.files import xmp
from retint.files.xmp.caption import ADD, REPLACE, joined
from retint.film import xmp_box
from retint.film.containers import Container
from retint.film.source import Source
from retint.film.tags import description_of, provenance_of, with_provenance
from retint.picture.caption import caption
from retint.picture.finish import Caption

DESCRIPTION = "description"
"""Tag of all containers."""
FILM = "film"
"""What the sentence calls it."""
CAPTION = "caption"
"""Name of the sentence in the record."""


def titled(record: Mapping[str, Any]) -> dict[str, Any]:
    """A film's record with names as in the records of pictures."""
    return {name.title(): value for name, value in record.items()}


@dataclass(frozen=True)
class Statement:
    """The tags and the XMP packet of a coloured film."""

    record: Mapping[str, Any]
    """How it was coloured."""
    before: str
    """The description of the source; empty if it has none."""

    @classmethod
    def of(cls, source: Source, how: Mapping[str, Any], wanted: Caption) -> Statement:
        """What is stated about a film with that record, which has no sentence yet."""
        with source.opened() as original:
            tags = dict(original.metadata)
        packet = xmp_box.read(source.path)
        before = xmp.description(packet) or description_of(tags)
        earlier = provenance_of(tags) or {}
        if earlier.get(CAPTION):  # of a run before
            before = before.removesuffix(str(earlier[CAPTION])).strip()
        if wanted == "off" or (wanted == ADD and before):
            return cls(how, before)
        return cls({**how, CAPTION: caption(titled(how), FILM)}, before)

    @property
    def _text(self) -> str:
        """The new description; empty if it stays as it is."""
        sentence = self.record.get(CAPTION, "")
        options = self.record.get("options") or {}
        replaces = options.get("caption") == REPLACE
        return sentence if not sentence or replaces else joined(self.before, sentence)

    def tags(self, tags: Mapping[str, str], container: Container) -> dict[str, str]:
        """A film's tags with the record and the sentence."""
        found = with_provenance(tags, self.record, container)
        if not self._text:
            return found
        others = {name: text for name, text in found.items() if name.lower() != DESCRIPTION}
        return others | {DESCRIPTION: self._text}

    def packet(self, packet: bytes) -> bytes:
        """A film's XMP packet with both."""
        if CAPTION in self.record:
            packet = xmp.with_description(packet, self.before)
        return xmp.with_provenance(packet, titled(self.record))
