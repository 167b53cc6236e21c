"""A IIIF manifest of coloured pictures: viewers offer the original and the colours as a choice.

IIIF Presentation API 3.0, section 4.3 (Choice), and cookbook recipe 0033.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from retint import files
from retint.addresses import address, check_folder_address
from retint.batch.listing import list_files
from retint.batch.naming import Naming
from retint.errors import PhotoError, UsageError
from retint.files import xmp
from retint.files.formats import MARK, WRITABLE, media_type
from retint.picture.caption import caption

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
LANGUAGE = "en"
SURROGATES = re.compile(r"[\ud800-\udfff]")
"""Stand for bytes of names that are no Unicode."""


@dataclass(frozen=True)
class Place:
    """A folder, and the address under which it is published."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        check_folder_address(self.url)

    def address(self, name: str) -> str:
        """The address of a file by its path within the folder."""
        return address(self.url, name)


class Shown(NamedTuple):
    """A picture that a viewer can show."""

    name: str
    """Its path within its folder."""
    height: int
    width: int


@dataclass(frozen=True)
class Pair:
    """A coloured picture and its original."""

    colored: Shown
    original: Shown | None
    """None if it was not found."""
    record: Mapping[str, Any]


def pairs(colored: Place, originals: Place) -> tuple[list[Pair], list[str]]:
    """The pictures of a folder that retint coloured, with their originals, and one line for each
    picture that cannot be read.

    An original has the same name, apart from its suffix and from the mark `.retint`. If there are
    several, it is the one with the same suffix, or the one whose suffix is part of the name, as in
    a.png.jpg.
    """
    known: dict[str, list[str]] = {}
    names = [each.name for each in list_files([originals.folder], Naming(recursive=True))]
    for name in names:
        known.setdefault(name, []).append(name)
    for name in names:
        known.setdefault(_stem(name), []).append(name)
    same = colored.folder.resolve() == originals.folder.resolve()
    found, problems = [], []
    for each in list_files([colored.folder], Naming(recursive=True)):
        if each.problem or each.path.suffix.lower() not in WRITABLE:
            continue
        try:
            record = xmp.provenance(files.read_metadata(each.path).xmp)
            if record is None:
                continue
            height, width = files.read_size(each.path)
        except PhotoError as error:
            problems.append(f"{each.path}: {error}")
            continue
        stem = _stem(each.name).removesuffix(MARK)
        own = stem + PurePosixPath(each.name).suffix
        likely = [*known.get(own, []), *known.get(stem, [])]
        candidates = [name for name in likely if not (same and name == each.name)]
        original = next(filter(None, (_picture(originals, name) for name in candidates)), None)
        found.append(Pair(Shown(each.name, height, width), original, record))
    return found, problems


def _picture(place: Place, name: str) -> Shown | None:
    """A picture of a folder; None if viewers cannot show it, such as a film or a RAW file."""
    if not media_type(name):
        return None
    try:
        return Shown(name, *files.read_size(place.folder / name))
    except PhotoError:
        return None


def manifest(
    found: Sequence[Pair], colored: Place, originals: Place, name: str, label: str
) -> dict[str, Any]:
    """A manifest as JSON values.

    Parameters
    ----------
    name
        Its own path within the folder of coloured pictures.
    label
        Title of the collection.

    Raises
    ------
    UsageError
        If there are no pictures.
    """
    if not found:
        raise UsageError(f"{colored.folder}: no pictures that retint colored")
    own = colored.address(name)
    canvases = [
        _canvas(f"{own}/canvas/{number}", pair, colored, originals)
        for number, pair in enumerate(found, 1)
    ]
    return {
        "@context": CONTEXT,
        "id": own,
        "type": "Manifest",
        "label": _text(label),
        "items": canvases,
    }


def _canvas(own: str, pair: Pair, colored: Place, originals: Place) -> dict[str, Any]:
    choices = list(_choices(pair, colored, originals))
    painting = {
        "id": f"{own}/painting",
        "type": "Annotation",
        "motivation": "painting",
        "body": {"type": "Choice", "items": choices} if len(choices) > 1 else choices[0],
        "target": own,
    }
    return {
        "id": own,
        "type": "Canvas",
        "label": _text(PurePosixPath(pair.colored.name).stem),
        "height": pair.colored.height,
        "width": pair.colored.width,
        "metadata": [
            {"label": _text(key), "value": _text(value)} for key, value in _metadata(pair.record)
        ],
        "items": [{"id": f"{own}/page", "type": "AnnotationPage", "items": [painting]}],
    }


def _choices(pair: Pair, colored: Place, originals: Place) -> Iterator[dict[str, Any]]:
    """The original first: what a viewer shows before anybody chooses."""
    first = [(originals, pair.original, "Original")] if pair.original is not None else []
    for place, shown, label in [*first, (colored, pair.colored, "Colorized")]:
        yield {
            "id": place.address(shown.name),
            "type": "Image",
            "format": media_type(shown.name),
            "height": shown.height,
            "width": shown.width,
            "label": _text(label),
        }


def _metadata(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Colors", caption(record)),
        ("Method", str(record.get("Method", ""))),
        ("Digital source type", xmp.SOURCE_TYPE),
    ]


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _text(value: str) -> dict[str, list[str]]:
    # Names of files may be no Unicode.
    return {LANGUAGE: [SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value)]}
