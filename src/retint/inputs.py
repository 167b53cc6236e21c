"""What the public functions accept: pictures as paths, files, bytes, Pillow pictures and arrays,
and hints as objects, tuples and texts.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.hints import Hint, Hints, Polygon, Rectangle, Shape, Stroke

PictureFile: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"
"""A path, the content of a file, or a file that is open in binary mode."""
HintLike: TypeAlias = "Shape | str | tuple[Any, ...]"
"""A hint; as text "40%,30%,navy", as tuple ("40%", "30%", "navy"), with the arguments of `Hint`."""
AnyHints: TypeAlias = "Hints | HintLike | Iterable[HintLike]"
"""The hints of a file, one hint, or several."""
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
