"""Restoring the black-and-white original, which works because colouring keeps lightness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from retint import files
from retint.color import lab
from retint.errors import ExistsError, PhotoError
from retint.files import Photo, captions, formats, xmp
from retint.files.atomic import is_taken
from retint.files.confined import open_plain
from retint.files.jpeg import coefficients
from retint.files.jpeg.segments import splice
from retint.files.turn import Turn
from retint.files.xmp.rdf import MAX_BYTES
from retint.picture.finish import UNRESTORABLE
from retint.picture.geometry import OUTPUT_TURNED, turned

MARK = ".restored"
"""Suffix of a restored file beside the coloured one."""


class Restored(NamedTuple):
    """The result of restoring a file."""

    path: Path
    remarks: tuple[str, ...]
    """Differences from the original and uncertainties, one line each."""


def restore(
    source: Path, target: Path | None = None, *, overwrite: bool = False,
    max_pixels: int = formats.MAX_PIXELS,
) -> Restored:  # fmt: skip
    """Write the black-and-white picture that a file was coloured from.

    Parameters
    ----------
    target
        By default NAME.restored.EXT beside the source. From JPEG to JPEG, it gets the exact
        lightness coefficients of the original if the source has kept them.
    max_pixels
        Maximum number of pixels.

    Raises
    ------
    PhotoError
        If the source is not a colour picture, was repaired, or the target cannot be written.
    """
    photo = _with_record(files.read(source, max_pixels=max_pixels), source)
    if photo.pixels.ndim == 2:
        raise PhotoError("it is already black and white")
    target = target or restored_path(source)
    if target.resolve() == source.resolve():
        raise PhotoError(f"{target} is the source; it is not overwritten")
    said = xmp.provenance(photo.metadata.xmp) or {}
    if said.get("Lightness") == "repaired":
        raise PhotoError(f"it was {_changes(said)}; the original cannot be restored")
    # Programs that convert a JPEG to another format keep its record.
    if said.get("Lightness") == "exact" and photo.jpeg is not None and _is_jpeg(target):
        _write_exactly(photo, target, overwrite=overwrite)
    else:
        pages = tuple(map(_plain, photo.pages))
        grey = replace(_plain(photo), pages=pages)
        files.write(grey, target, overwrite=overwrite)
    return Restored(target, tuple(_remarks(said)))


def restored_path(source: Path) -> Path:
    """The path of the restored picture beside the coloured one."""
    return source.with_name(f"{source.stem.removesuffix(formats.MARK)}{MARK}{source.suffix}")


def _changes(said: dict[str, Any]) -> str:
    """What was done to the original so that it cannot be restored: what a record states, or else
    everything that it can be.
    """
    options = _options(said)
    stated = [text for name, text in UNRESTORABLE.items() if options.get(name)]
    *others, last = stated or UNRESTORABLE.values()
    word = " and " if stated else " or "
    return word.join([", ".join(others), last] if others else [last])


def _remarks(said: dict[str, Any]) -> list[str]:
    remarks = []
    if said.get("Original") == "toned":
        remarks.append("the original was toned; the restored picture is neutral gray")
    if "crop" in _options(said):
        remarks.append("only a part of the original is left: the picture was cropped")
    if not said:
        remarks.append("no record that retint colored it; its lightness was kept anyway")
    return remarks


def record_beside(source: Path) -> dict[str, Any] | None:
    """The record of a picture in its sidecar, where a run with `sidecar` puts it; None if there is
    none.
    """
    try:
        with open_plain(source.with_suffix(formats.SIDECAR), "rb") as file:
            return xmp.provenance(file.read(MAX_BYTES))
    except (OSError, ValueError):
        return None


def _with_record(photo: Photo, source: Path) -> Photo:
    """The photo with the record of its sidecar, unless it has one."""
    if xmp.provenance(photo.metadata.xmp) is not None:
        return photo
    said = record_beside(source)
    if said is None:
        return photo
    packet = xmp.with_provenance(photo.metadata.xmp, said)
    return replace(photo, metadata=replace(photo.metadata, xmp=packet))


def _is_jpeg(target: Path) -> bool:
    return formats.format_of(target).name == "JPEG" and coefficients.is_there()


def _write_exactly(photo: Photo, target: Path, *, overwrite: bool) -> None:
    if is_taken(target) and not overwrite:
        raise ExistsError.of(target)
    assert photo.jpeg is not None
    back = _turned_back(photo)
    orientation = Turn(photo.jpeg.orientation).then(back).orientation
    packet = xmp.with_orientation(photo.jpeg.metadata.xmp, orientation)
    said = replace(photo.jpeg.metadata, xmp=packet, texts=())  # comments are copied
    with coefficients.opened(photo.jpeg.content) as source:
        written = source.without_chroma()
    dress = replace(turned(photo, back), metadata=said, pages=())
    dressed = files.encode(_grey_only(dress), files.FORMATS["JPEG"], orientation=orientation)
    content = splice(written, dressed, photo.jpeg.further)
    files.write_all([files.Encoded(content)], [target], new=() if overwrite else [target])


def _plain(photo: Photo) -> Photo:
    """The photo in grey and turned back, without its provenance record."""
    return _grey_only(turned(photo, _turned_back(photo)))


def _grey_only(photo: Photo) -> Photo:
    """The photo in grey, without its provenance record."""
    before = captions.gathered(photo.metadata)
    metadata = replace(before, xmp=xmp.without_provenance(before.xmp))
    return replace(photo, pixels=_grey(photo), metadata=metadata, jpeg=None)


def _turned_back(photo: Photo) -> int:
    """Degrees clockwise that undo the turn of a coloured photo."""
    said = (xmp.provenance(photo.metadata.xmp) or {}).get(OUTPUT_TURNED)
    return 360 - said if said in (90, 180, 270) else 0


def _options(said: dict[str, Any]) -> dict[str, Any]:
    """The options of a provenance record, which may contain anything."""
    found = said.get("Options")
    return found if isinstance(found, dict) else {}


def _grey(photo: Photo) -> NDArray[Any]:
    return photo.pixels if photo.pixels.ndim == 2 else lab.grey(photo.pixels)
