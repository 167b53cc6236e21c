"""Pictures that are coloured with a loaded method: paths, Pillow pictures and arrays."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.errors import ExistsError, UsageError
from retint.files import Photo
from retint.files.atomic import is_taken
from retint.files.icc import profile
from retint.files.times import Times
from retint.inputs import (
    AnyHints,
    PictureFile,
    hints_of,
    photo_of,
)
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.memory import Memory
from retint.picture.negative import inverted
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.picture.request import Request

Scalar = TypeVar("Scalar", bound=np.generic)
Form = TypeVar("Form", bound=Image.Image | NDArray[Any])
"""The form of the results."""


@dataclass(frozen=True)
class PictureColorizer:
    """Colours paths, Pillow pictures and arrays with one loaded method."""

    pipeline: Pipeline
    finish: Finish = AS_IT_COMES
    reference: Reference | None = None
    memory: Memory | None = None

    @overload
    def __call__(
        self, picture: PictureFile | Image.Image, hints: AnyHints = ...
    ) -> Image.Image: ...

    @overload
    def __call__(self, picture: NDArray[Scalar], hints: AnyHints = ...) -> NDArray[Scalar]: ...

    def __call__(self, picture: Any, hints: AnyHints = ()) -> Image.Image | NDArray[Any]:
        coloured: Image.Image | NDArray[Any] = self.open(picture).colorize(hints)
        return coloured

    @overload
    def variants(
        self, picture: PictureFile | Image.Image, count: int, hints: AnyHints = ...
    ) -> list[Image.Image]: ...

    @overload
    def variants(
        self, picture: NDArray[Scalar], count: int, hints: AnyHints = ...
    ) -> list[NDArray[Scalar]]: ...

    def variants(
        self, picture: Any, count: int, hints: AnyHints = ()
    ) -> list[Image.Image] | list[NDArray[Any]]:
        """Return several plausible colourings of one picture, in the type of the input.

        Raises
        ------
        UsageError
            If the method gives only one result, or there are hints and it takes none.
        """
        found: list[Image.Image] | list[NDArray[Any]] = self.open(picture).variants(count, hints)
        return found

    @overload
    def open(self, picture: PictureFile | Image.Image) -> Session[Image.Image]: ...

    @overload
    def open(self, picture: NDArray[Scalar]) -> Session[NDArray[Scalar]]: ...

    def open(self, picture: Any) -> Session[Any]:
        """Open a picture to colour it repeatedly."""
        times = None
        if isinstance(picture, str | os.PathLike):
            times = Times.of_existing(Path(picture))
        photo = photo_of(picture)
        dtype = picture.dtype if isinstance(picture, np.ndarray) else None
        return Session(self._view(photo), self.finish, dtype, times, self.reference, self.memory)

    def _view(self, photo: Photo) -> View:
        return self.pipeline.open(inverted(photo) if self.finish.negative else photo)


@dataclass(frozen=True)
class Session(Generic[Form]):
    """One picture that is coloured repeatedly with changing hints.

    The picture is decoded and encoded by the network once; each colouring takes a fraction of that
    time.
    """

    view: View
    finish: Finish = AS_IT_COMES
    dtype: np.dtype[Any] | None = None
    """The dtype of an input array; None for a Pillow picture."""
    times: Times | None = None
    """Those of the file that was opened, if it was one."""
    reference: Reference | None = None
    memory: Memory | None = None

    def colorize(self, hints: AnyHints = ()) -> Form:
        """Return the picture in colour, in the type of the input: an array for an array, otherwise
        a Pillow picture with metadata (`retint.colorize`).

        Parameters
        ----------
        hints
            As for `retint.colorize`.

        Raises
        ------
        UsageError
            If the method takes no hints.
        PhotoError
            If a hint lies outside the picture.
        """
        page = self._request(hints).page(self.view)
        return self._in_form(page.placed(self.view.colorize(page.hints, self.finish)))

    def save(
        self,
        path: str | os.PathLike[str],
        hints: AnyHints = (),
        *,
        overwrite: bool = False,
        keep_times: bool = False,
    ) -> None:
        """Write the picture in colour as the command line does: with metadata and provenance, and
        from JPEG to JPEG with all coefficients of its lightness if possible.

        Parameters
        ----------
        keep_times
            Whether the file gets the modification and access times of the one that was opened.

        Raises
        ------
        PhotoError
            If the file exists and `overwrite` is off, or it cannot be written.
        UsageError
            For `keep_times` if the picture was not opened from a file.
        """
        target = Path(path)
        if keep_times and self.times is None:
            raise UsageError("`keep_times` requires a picture that was opened from a file")
        if is_taken(target) and not overwrite:
            raise ExistsError.of(target)
        request = self._request(hints)
        result = request(self.view.photo, files.formats.format_of(target), self.view)
        files.write_all(result.pictures, [target], new=() if overwrite else [target])
        if keep_times and self.times is not None:
            self.times.give(target)

    def remember(self, path: str | os.PathLike[str], hints: AnyHints, name: str) -> None:
        """Add hints for the picture to a file of remembered ones (the option `remember`), in place
        of those that it has of the picture with that name.

        Raises
        ------
        UsageError
            If the method takes no hints, or the file contains something else.
        PhotoError
            If the file cannot be written.
        """
        memory = Memory.read(self.view.pipeline, Path(path))
        memory.with_hints(self.view, hints_of(hints), name).write(Path(path))

    def variants(self, count: int, hints: AnyHints = ()) -> list[Form]:
        """Return several plausible colourings; raises the exceptions of
        `PictureColorizer.variants`.
        """
        page = self._request(hints, count).page(self.view)
        pictures = self.view.variants(count, page.hints, self.finish)
        return [self._in_form(page.placed(each)) for each in pictures]

    def split(self, hints: AnyHints = ()) -> list[Form]:
        """Return the photographs of an album page in colour, each as a picture of its own, row by
        row from the left.

        Raises
        ------
        PhotoError
            If fewer than two photographs are found.
        """
        request = replace(self._request(hints), split=True)
        return [self._in_form(each) for each in request(self.view.photo, view=self.view).photos]

    def confidence(self, hints: AnyHints = ()) -> NDArray[np.float32]:
        """Return the method's confidence for each pixel [H, W] of the picture that was opened: 0
        for a guess, 1 for certainty.

        Raises
        ------
        UsageError
            If the method has no measure of confidence.
        """
        return self.view.certainty(self._request(hints).hints_for(self.view))

    def _request(self, hints: AnyHints, variants: int = 1) -> Request:
        return Request(
            self.view.pipeline, self.finish, hints_of(hints), self.reference, variants,
            memory=self.memory,
        )  # fmt: skip

    def _in_form(self, photo: Photo) -> Form:
        found: Any
        if self.dtype is not None:
            found = _to_array(photo, self.dtype)
        else:
            found = files.to_pillow(photo)
            found.info |= _info(photo)
        form: Form = found
        return form


def _info(photo: Photo) -> dict[str, Any]:
    """Metadata as arguments of Pillow's `save`, as far as there is any."""
    said = photo.metadata
    found = {"exif": said.exif, "xmp": said.xmp, "dpi": said.dpi}
    return {
        "icc_profile": profile("srgb", grey=photo.pixels.ndim == 2),
        **{name: value for name, value in found.items() if value},
    }


def _to_array(photo: Photo, dtype: np.dtype[Any]) -> NDArray[Any]:
    pixels = photo.pixels
    if photo.alpha is not None:
        pixels = np.concatenate([pixels, photo.alpha[..., None]], axis=-1)
    return pixels.astype(dtype, copy=False)
