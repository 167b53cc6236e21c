"""What the public functions accept: pictures as paths, files, bytes, Pillow pictures and arrays,
and hints as objects, tuples and texts.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.files.collection import names_in
from retint.film.containers import is_film
from retint.film.options import moment, seconds
from retint.film.stills import named
from retint.hints import Hint, Hints, Polygon, Rectangle, Shape, Stroke
from retint.picture.gallery import Seen
from retint.picture.pipeline import Pipeline
from retint.picture.reference import MOST, Reference
from retint.picture.still import At

PictureFile: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"
"""A path, the content of a file, or a file that is open in binary mode."""
HintLike: TypeAlias = "Shape | str | tuple[Any, ...]"
"""A hint; as text "40%,30%,navy", as tuple ("40%", "30%", "navy"), with the arguments of `Hint`."""
AnyPicture: TypeAlias = "PictureFile | Image.Image | NDArray[Any]"
AnyPictures: TypeAlias = "AnyPicture | Iterable[AnyPicture] | Mapping[Any, AnyPicture]"
"""One picture or several; a path may also be that of a folder. Stills of a film have its number in
their name, or are the values of a mapping from numbers and times of frames.
"""
AnyHints: TypeAlias = "Hints | HintLike | Iterable[HintLike]"
"""The hints of a file, one hint, or several."""
ONE_PICTURE = (str, os.PathLike, bytes, bytearray, memoryview, Image.Image, np.ndarray)
MOST_ARGUMENTS = 5
"""Of `Hint`."""


def photo_of(picture: Any) -> Photo:
    """Read a picture in any form.

    Raises
    ------
    PhotoError
        If it cannot be read; for a path, the message begins with it.
    UsageError
        If it is of another type.
    """
    if isinstance(picture, np.ndarray):
        return _of_array(picture)
    if isinstance(picture, Image.Image):
        return files.from_pillow(picture)
    if isinstance(picture, str | os.PathLike):
        path = Path(picture)
        with naming(path):
            return files.read(path)
    return files.read(io.BytesIO(_content(picture)))


def _content(picture: Any) -> bytes:
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if not hasattr(picture, "read"):
        raise UsageError(
            "a picture must be a path, bytes, a file, a Pillow picture or an array, not "
            f"{type(picture).__name__}"
        )
    try:
        content = picture.read()
    except UnicodeDecodeError:  # text, in another encoding than expected
        content = ""
    if not isinstance(content, bytes):
        raise UsageError("a file must be open in binary mode, as by open(path, 'rb')")
    return content


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let the message of a PhotoError begin with the path."""
    try:
        yield
    except PhotoError as error:
        if str(error).startswith(str(path)):
            raise
        raise type(error)(f"{path}: {error}") from error.__cause__


def reference_of(
    pipeline: Pipeline,
    given: AnyPictures,
    folder: str | os.PathLike[str] | None = None,
    *,
    max_pixels: int = files.MAX_PIXELS,
    seen: Seen = lambda *_: None,
) -> Reference | None:
    """Open reference pictures in any form, and a folder to choose references from; None if there
    are none.

    Parameters
    ----------
    seen
        Called while the pictures of the folder are looked at.

    Raises
    ------
    PhotoError
        If one of them cannot be read, or has no colours; for a path, the message begins with it.
        If the folder has no picture in colour.
    UsageError
        If the method takes no reference, there are too many, one is a film or of another type, or
        the folder is none.
    """
    pictures = list(_listed(given))
    if (plain := sum(at is None for _, at in pictures)) > MOST:
        raise UsageError(f"{plain} reference pictures are too many; the maximum is {MOST}")
    found = [_reference(pipeline, *each, max_pixels) for each in pictures]
    if folder is not None:
        found.append(Reference.nearest_of(pipeline, Path(folder), max_pixels, seen))
    return Reference.joined(found) if found else None


def _listed(given: AnyPictures) -> Iterator[tuple[Any, At | None]]:
    """Each picture, and the frame of a film at which it is the truth."""
    if isinstance(given, Mapping):
        yield from ((picture, _at(when)) for when, picture in given.items())
        return
    one = isinstance(given, ONE_PICTURE) or hasattr(given, "read")
    several: Any = [given] if one else given
    if not isinstance(several, Iterable):
        raise UsageError(f"`reference` must be a picture or a list, not {type(given).__name__}")
    for some in several:
        if not isinstance(some, str | os.PathLike):
            yield some, None
            continue
        path, at = named(Path(some))
        for each in _of_folder(path):
            yield each, at or named(each)[1]


def _at(when: Any) -> At:
    """The frame of a film by its number, or by its time as a text or a float."""
    if isinstance(when, str):
        return At(second=seconds(when, 0.0))
    if isinstance(when, float):
        return At(second=moment(when))
    return At(frame=int(moment(when)))


def _of_folder(path: Path) -> list[Path]:
    """The pictures of a folder and its subfolders; the path itself if it is none."""
    if not path.is_dir():
        return [path]
    found = [path / name for name in names_in(path, set(files.READABLE))]
    if not found:
        raise PhotoError(f"{path} contains no pictures")
    return found


def _reference(pipeline: Pipeline, picture: Any, at: At | None, max_pixels: int) -> Reference:
    if not isinstance(picture, str | os.PathLike):
        photo = photo_of(picture)
        if at is None:
            return Reference(pipeline, photo)
        return Reference.still(pipeline, lambda: photo, at, f"the still of {at}")
    path = Path(picture)
    if path.is_file() and is_film(path):
        raise UsageError(
            f"{path} is a film; save frames of it with 'retint stills' to take their colors"
        )

    def read() -> Photo:
        with naming(path):
            return files.read(path, max_pixels=max_pixels)

    with naming(path):
        if at is None:
            return Reference(pipeline, read())
        return Reference.still(pipeline, read, at, str(path))


def hints_of(given: AnyHints) -> Hints:
    """Convert hints in any form.

    Raises
    ------
    UsageError
        If one of them is invalid.
    """
    if isinstance(given, Hints):
        return given
    one = isinstance(given, Hint | Stroke | Polygon | Rectangle | str) or _is_tuple_hint(given)
    several: Any = [given] if one else given
    if not isinstance(several, Iterable):
        raise UsageError(f"hints must be a list, not {type(given).__name__}")
    shapes = [_shape(each) for each in several]
    points, strokes, rectangles, polygons = (
        tuple(each for each in shapes if isinstance(each, kind))
        for kind in (Hint, Stroke, Rectangle, Polygon)
    )
    return Hints(points, strokes, rectangles, polygons)  # type: ignore[arg-type]


def _is_tuple_hint(given: Any) -> bool:
    """Whether it is one hint as a tuple, and not a tuple of hints."""
    if not isinstance(given, tuple) or not 3 <= len(given) <= MOST_ARGUMENTS:
        return False
    return all(isinstance(each, str | float | int) for each in given) and "," not in str(given[0])


def _shape(given: Any) -> Shape:
    if isinstance(given, Hint | Stroke | Polygon | Rectangle):
        return given
    if isinstance(given, str):
        return Hints.parse([given]).points[0]
    if isinstance(given, tuple | list) and 3 <= len(given) <= MOST_ARGUMENTS:
        return Hint(*given)
    raise UsageError(
        f"a hint must be a `Hint`, a text or a tuple such as ('40%', '30%', 'navy'), not {given!r}"
    )


def _of_array(array: NDArray[Any]) -> Photo:
    if array.dtype not in (np.uint8, np.uint16) and array.dtype.kind != "f":
        raise PhotoError(f"an array must be uint8, uint16 or float in [0, 1], not {array.dtype}")
    if array.size == 0 or not (
        array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
    ):
        raise PhotoError(
            f"an array must be [H, W], [H, W, 3] or [H, W, 4], not {list(array.shape)}"
        )
    # This form is also true for NaN.
    if array.dtype.kind == "f" and not (array.min() >= 0 and array.max() <= 1):
        raise PhotoError("the values of a float array must lie in [0, 1]")
    if array.ndim == 2:
        return Photo(_single(array))
    if array.shape[2] == 1:
        return Photo(_single(array[..., 0]))
    return Photo(_single(array[..., :3]), alpha=array[..., 3] if array.shape[2] == 4 else None)


def _single(array: NDArray[Any]) -> NDArray[Any]:
    """Convert floats to float32, the type of all calculations; integers are unchanged."""
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array
