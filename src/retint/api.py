"""Pictures in the forms that Python programs have them in."""

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
from retint.colorizers.parts.network import load_network
from retint.errors import ExistsError, PhotoError
from retint.files import Photo
from retint.files.atomic import is_taken
from retint.film.options import FilmOptions
from retint.hints import Hint, Hints
from retint.picture.finish import AS_IT_COMES, Finish
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
        """Several plausible colourings of one picture, each as it came in.

        Raises
        ------
        UsageError
            If the method has only one answer, or takes no hints and there are some.
        """
        return self.open(picture).variants(count, hints)

    def open(self, picture: str | os.PathLike[str] | Image.Image | NDArray[Any]) -> Session:
        """Look at a picture, to colour it as often as one likes."""
        if isinstance(picture, np.ndarray):
            view = self.pipeline.open(_from_array(picture))
            return Session(view, self.finish, picture.dtype)
        if isinstance(picture, Image.Image):
            return Session(self.pipeline.open(files.from_pillow(picture)), self.finish)
        return Session(self.pipeline.open(files.read(Path(picture))), self.finish)


@dataclass(frozen=True)
class Session:
    """One picture that is coloured again and again while hints come and go.

    The picture is decoded and looked at once; each colouring costs a fraction of the first.
    """

    view: View
    finish: Finish = AS_IT_COMES
    dtype: np.dtype[Any] | None = None
    """Of the array that the picture came in; None for a Pillow picture."""

    def colorize(self, hints: AnyHints = ()) -> Any:
        """The picture in colour, a Pillow picture or an array, as it came in.

        Parameters
        ----------
        hints
            `retint.Hint`s, or all the `Hints` of a file.

        Raises
        ------
        UsageError
            If the method takes no hints.
        PhotoError
            If one lies outside the picture.
        """
        return self._as_it_came(self.view.colorize(_hints(hints), self.finish))

    def save(
        self, path: str | os.PathLike[str], hints: AnyHints = (), *, overwrite: bool = False
    ) -> None:
        """Write the picture in colour, as the command line does: with metadata and provenance, and
        from JPEG to JPEG with each coefficient of lightness kept where that can be done.

        Raises
        ------
        PhotoError
            If the file exists and `overwrite` is off, or cannot be written.
        """
        target = Path(path)
        if is_taken(target) and not overwrite:
            raise ExistsError.of(target)
        request = Request(self.view.pipeline, self.finish, _hints(hints))
        result = request(self.view, files.formats.format_of(target))
        files.write_all(result.pictures, [target], new=() if overwrite else [target])

    def variants(self, count: int, hints: AnyHints = ()) -> list[Any]:
        """Several plausible colourings; raises as `PictureColorizer.variants` does."""
        pictures = self.view.variants(count, _hints(hints), self.finish)
        return [self._as_it_came(each) for each in pictures]

    def confidence(self, hints: AnyHints = ()) -> NDArray[np.float32]:
        """How sure the method is of each pixel [H, W]: 0 for a mere guess, 1 for certain.

        Raises
        ------
        UsageError
            If the method cannot say.
        """
        return self.view.certainty(_hints(hints))

    def _as_it_came(self, photo: Photo) -> Any:
        return files.to_pillow(photo) if self.dtype is None else _to_array(photo, self.dtype)


def load_pictures_colorizer(method: str | None, **options: Any) -> PictureColorizer:
    """Load a method; the options of `Finish` are how its pictures are finished."""
    own = {name: options.pop(name) for name in Finish.described() if name in options}
    finish, pipeline = Finish(**own), load_pipeline(method, **options)
    pipeline.check(finish)
    return PictureColorizer(pipeline, finish)


def load_film(path: str | os.PathLike[str], method: str | None, **options: Any) -> Film:
    """Open a film; options of `FilmOptions` and `Finish` are taken out, the others the method's."""
    from retint.film.film import Film

    own = {name: options.pop(name) for name in FilmOptions.described() if name in options}
    colorizer = load_pictures_colorizer(method, **options)
    return Film(Path(path), colorizer.pipeline, FilmOptions(**own), colorizer.finish)


def load_pipeline(method: str | None = None, **options: Any) -> Pipeline:
    """Load a method and the path around it; None for that of the `weights`, or the default."""
    if method is None:
        method = _method_of(options) if options.get("weights") else DEFAULT
    colorizer = load_colorizer(method, **options)
    return Pipeline(colorizer, threads=colorizer.options.threads)


def _method_of(options: dict[str, Any]) -> str:
    """The method whose network a file of weights holds."""
    threads, device = options.get("threads", 0), options.get("device", "auto")
    return load_network(Path(options["weights"]), threads, device).description.network


def _hints(hints: AnyHints) -> Hints:
    return hints if isinstance(hints, Hints) else Hints(points=tuple(hints))


def _from_array(array: NDArray[Any]) -> Photo:
    if array.dtype not in (np.uint8, np.uint16) and array.dtype.kind != "f":
        raise PhotoError(f"an array is uint8, uint16 or float in [0, 1], not {array.dtype}")
    if array.size == 0 or not (
        array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
    ):
        raise PhotoError(f"an array is [H, W], [H, W, 3] or [H, W, 4], not {list(array.shape)}")
    # Written so that NaN fails it too.
    if array.dtype.kind == "f" and not (array.min() >= 0 and array.max() <= 1):
        raise PhotoError("an array of floats holds values in [0, 1]")
    if array.ndim == 2:
        return Photo(_single(array))
    if array.shape[2] == 1:
        return Photo(_single(array[..., 0]))
    return Photo(_single(array[..., :3]), alpha=array[..., 3] if array.shape[2] == 4 else None)


def _single(array: NDArray[Any]) -> NDArray[Any]:
    """Floats as float32, which is what pixels are calculated in; integers as they are."""
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array


def _to_array(photo: Photo, dtype: np.dtype[Any]) -> NDArray[Any]:
    pixels = photo.pixels
    if photo.alpha is not None:
        pixels = np.concatenate([pixels, photo.alpha[..., None]], axis=-1)
    return pixels.astype(dtype, copy=False)
