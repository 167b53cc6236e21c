"""A IIIF manifest of coloured pictures: viewers offer the original and the colours as a choice.

IIIF Presentation API 3.0, section 4.3 (Choice), and cookbook recipe 0033.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from retint import files
from retint.addresses import address, check_address
from retint.batch.listing import list_files
from retint.batch.naming import Naming
from retint.errors import UsageError
from retint.files import xmp
from retint.files.formats import MARK, WRITABLE, media_type
from retint.picture.caption import caption

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
LANGUAGE = "en"


@dataclass(frozen=True)
class Place:
    """A folder, and the address under which it is published."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        check_address(self.url)

    def address(self, name: str) -> str:
        """The address of a file by its path within the folder."""
        return address(self.url, name)


@dataclass(frozen=True)
class Pair:
    """A coloured picture and its original, by their paths within their folders."""

    colored: str
    original: str
    """Empty if it was not found."""
    record: Mapping[str, Any]


def pairs(colored: Place, originals: Place) -> list[Pair]:
    """The pictures of a folder that retint coloured, with their originals.

    An original has the same name, apart from its suffix and from the mark `.retint`.
    """
    known: dict[str, list[str]] = {}
    for each in list_files([originals.folder], Naming(recursive=True)):
        known.setdefault(_stem(each.name), []).append(each.name)
    found = []
    for each in list_files([colored.folder], Naming(recursive=True)):
        if each.problem or each.path.suffix.lower() not in WRITABLE:
            continue
        record = xmp.provenance(files.read_metadata(each.path).xmp)
        if record is None:
            continue
        same = colored.folder.resolve() == originals.folder.resolve()
        stem = _stem(each.name).removesuffix(MARK)
        candidates = [name for name in known.get(stem, []) if not (same and name == each.name)]
        found.append(Pair(each.name, candidates[0] if candidates else "", record))
    return found


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
    height, width = files.read_size(colored.folder / pair.colored)
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
        "label": _text(PurePosixPath(pair.colored).stem),
        "height": height,
        "width": width,
        "metadata": [
            {"label": _text(key), "value": _text(value)} for key, value in _metadata(pair.record)
        ],
        "items": [{"id": f"{own}/page", "type": "AnnotationPage", "items": [painting]}],
    }


def _choices(pair: Pair, colored: Place, originals: Place) -> Iterator[dict[str, Any]]:
    """The original first: what a viewer shows before anybody chooses."""
    shown = [(originals, pair.original, "Original")] if pair.original else []
    for place, name, label in [*shown, (colored, pair.colored, "Colorized")]:
        height, width = files.read_size(place.folder / name)
        yield {
            "id": place.address(name),
            "type": "Image",
            "format": media_type(name),
            "height": height,
            "width": width,
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
    return {LANGUAGE: [value]}
