"""The public functions for paths, Pillow pictures and arrays."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.colorizers import DEFAULT, load_colorizer
from retint.colorizers.options import ViewOptions
from retint.colorizers.parts.network import load_network
from retint.colorizers.parts.upright import Upright
from retint.errors import ExistsError, PhotoError, UsageError
from retint.files import Photo
from retint.files.atomic import is_taken
from retint.files.times import Times
from retint.film.options import FilmOptions
from retint.hints import Hint, Hints
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.negative import inverted
from retint.picture.pipeline import Pipeline, View
from retint.picture.request import Request

if TYPE_CHECKING:
    from retint.film.film import Film

AnyHints = Hints | Iterable[Hint]


@dataclass(frozen=True)
class PictureColorizer:
    """Colours paths, Pillow pictures and arrays with one loaded method."""

    pipeline: Pipeline
    finish: Finish = AS_IT_COMES

    @overload
    def __call__(
        self, picture: str | os.PathLike[str] | Image.Image, hints: AnyHints = ...
    ) -> Image.Image: ...

    @overload
    def __call__(self, picture: NDArray[Any], hints: AnyHints = ...) -> NDArray[Any]: ...

    def __call__(self, picture: Any, hints: AnyHints = ()) -> Image.Image | NDArray[Any]:
        coloured: Image.Image | NDArray[Any] = self.open(picture).colorize(hints)
        return coloured

    def variants(self, picture: Any, count: int, hints: AnyHints = ()) -> list[Any]:
        """Return several plausible colourings of one picture, in the type of the input.

        Raises
        ------
        UsageError
            If the method gives only one result, or there are hints and it takes none.
        """
        return self.open(picture).variants(count, hints)

    def open(self, picture: str | os.PathLike[str] | Image.Image | NDArray[Any]) -> Session:
        """Open a picture to colour it repeatedly."""
        if isinstance(picture, np.ndarray):
            view = self._view(_from_array(picture))
            return Session(view, self.finish, dtype=picture.dtype)
        if isinstance(picture, Image.Image):
            return Session(self._view(files.from_pillow(picture)), self.finish)
        times = Times.of_existing(Path(picture))
        return Session(self._view(files.read(Path(picture))), self.finish, times=times)

    def _view(self, photo: Photo) -> View:
        return self.pipeline.open(inverted(photo) if self.finish.negative else photo)


@dataclass(frozen=True)
class Session:
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

    def colorize(self, hints: AnyHints = ()) -> Any:
        """Return the picture in colour, in the type of the input: a Pillow picture or an array.

        Parameters
        ----------
        hints
            A list of `retint.Hint`, or the `Hints` of a file.

        Raises
        ------
        UsageError
            If the method takes no hints.
        PhotoError
            If a hint lies outside the picture.
        """
        return self._as_it_came(self.view.colorize(_hints(hints), self.finish))

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
        request = Request(self.view.pipeline, self.finish, _hints(hints))
        result = request(self.view, files.formats.format_of(target))
        files.write_all(result.pictures, [target], new=() if overwrite else [target])
        if keep_times and self.times is not None:
            self.times.give(target)

    def variants(self, count: int, hints: AnyHints = ()) -> list[Any]:
        """Return several plausible colourings; raises the exceptions of
        `PictureColorizer.variants`.
        """
        pictures = self.view.variants(count, _hints(hints), self.finish)
        return [self._as_it_came(each) for each in pictures]

    def confidence(self, hints: AnyHints = ()) -> NDArray[np.float32]:
        """Return the method's confidence for each pixel [H, W]: 0 for a guess, 1 for certainty.

        Raises
        ------
        UsageError
            If the method has no measure of confidence.
        """
        return self.view.certainty(_hints(hints))

    def _as_it_came(self, photo: Photo) -> Any:
        return files.to_pillow(photo) if self.dtype is None else _to_array(photo, self.dtype)


def load_pictures_colorizer(method: str | None, **options: Any) -> PictureColorizer:
    """Load a method; options of `Finish` apply to all its pictures."""
    own = {name: options.pop(name) for name in Finish.described() if name in options}
    finish, pipeline = Finish(**own), load_pipeline(method, **options)
    pipeline.check(finish)
    return PictureColorizer(pipeline, finish)


def load_film(path: str | os.PathLike[str], method: str | None, **options: Any) -> Film:
    """Open a film; options other than those of `FilmOptions` and `Finish` go to the method."""
    from retint.film.film import Film

    own = {name: options.pop(name) for name in FilmOptions.described() if name in options}
    colorizer = load_pictures_colorizer(method, **options)
    return Film(Path(path), colorizer.pipeline, FilmOptions(**own), colorizer.finish)


def load_pipeline(method: str | None = None, **options: Any) -> Pipeline:
    """Load a method and its pipeline; None selects the method of the `weights`, or the default.

    Options of `ViewOptions` apply to all methods.
    """
    own = {name: options.pop(name) for name in ViewOptions.described() if name in options}
    view = ViewOptions(**own)
    if method is None:
        method = _method_of(options) if options.get("weights") else DEFAULT
    colorizer = load_colorizer(method, **options)
    return Pipeline(colorizer, colorizer.options.threads, Upright.of(view, colorizer))


def _method_of(options: dict[str, Any]) -> str:
    """The method that a weights file belongs to."""
    threads, device = options.get("threads", 0), options.get("device", "auto")
    return load_network(Path(options["weights"]), threads, device).description.network


def _hints(hints: AnyHints) -> Hints:
    return hints if isinstance(hints, Hints) else Hints(points=tuple(hints))


def _from_array(array: NDArray[Any]) -> Photo:
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


def _to_array(photo: Photo, dtype: np.dtype[Any]) -> NDArray[Any]:
    pixels = photo.pixels
    if photo.alpha is not None:
        pixels = np.concatenate([pixels, photo.alpha[..., None]], axis=-1)
    return pixels.astype(dtype, copy=False)
