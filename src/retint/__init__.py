"""retint: colourise black-and-white photographs on an ordinary computer.

    >>> import retint
    >>> picture = retint.colorize("photo.jpg")          # doctest: +SKIP
    >>> colorizer = retint.load("unet", vividness=1.2)  # doctest: +SKIP
    >>> picture = colorizer(picture)                    # doctest: +SKIP
    >>> session = retint.open("photo.jpg")              # doctest: +SKIP
    >>> picture = session.colorize([retint.Hint("40%", "30%", "navy")])  # doctest: +SKIP

The import is fast: large libraries are imported when the first picture is coloured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from retint import telemetry
from retint.errors import PhotoError, RetintError, UsageError, WeightsError
from retint.version import __version__

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from retint.api import AnyHints, PictureColorizer, Session
    from retint.film.film import Film
    from retint.hints import Hint, Hints, read_hints

telemetry.opt_out()  # before anything below imports ONNX Runtime

__all__ = [
    "Hint",
    "Hints",
    "PhotoError",
    "RetintError",
    "UsageError",
    "WeightsError",
    "__version__",
    "colorize",
    "load",
    "open",
    "open_film",
    "read_hints",
    "restore",
]


@overload
def colorize(
    picture: str | os.PathLike[str] | Image.Image,
    method: str | None = ...,
    *,
    hints: AnyHints = ...,
    **options: Any,
) -> Image.Image: ...


@overload
def colorize(
    picture: NDArray[Any], method: str | None = ..., *, hints: AnyHints = ..., **options: Any
) -> NDArray[Any]: ...


def colorize(
    picture: Any, method: str | None = None, *, hints: AnyHints = (), **options: Any
) -> Image.Image | NDArray[Any]:
    """Colour one picture.

    Parameters
    ----------
    picture
        A path, a Pillow picture, or an array: grey [H, W], RGB [H, W, 3] or RGBA [H, W, 4], of
        uint8, uint16 or floats in [0, 1].
    method
        A name from `retint methods`; by default the method of the `weights`, or "guided-unet".
    hints
        A list of `Hint`, or the `Hints` of a file (`read_hints`), if the method takes hints.
    **options
        Options of `retint.picture.finish.Finish` and of the method (`retint.colorizers.options`).

    Returns
    -------
    A Pillow picture, or for an array an array of the same type, RGB or RGBA.

    Raises
    ------
    PhotoError
        If the picture cannot be read, or a hint lies outside it.
    UsageError
        If the method or an option does not exist, or the method takes no hints.
    WeightsError
        If a weights file is missing or cannot be used.
    """
    coloured: Image.Image | NDArray[Any] = load(method, **options)(picture, hints)
    return coloured


def load(method: str | None = None, **options: Any) -> PictureColorizer:
    """Load a colorizer that can be called on many pictures, from any number of threads.

    It accepts and returns the same types as `colorize`.
    """
    from retint.api import load_pictures_colorizer

    return load_pictures_colorizer(method, **options)


def open(
    picture: str | os.PathLike[str] | Image.Image | NDArray[Any],
    method: str | None = None,
    **options: Any,
) -> Session:
    """Open one picture to colour it repeatedly with changing hints.

    The network's encoder runs once; each `session.colorize(hints)` takes a fraction of that time.
    Arguments and exceptions are those of `colorize`.
    """
    return load(method, **options).open(picture)


def open_film(path: str | os.PathLike[str], method: str | None = None, **options: Any) -> Film:
    """Open a film, which has `shots`, `frame(time)`, `still(time, hints)` and
    `colorize(target, hints)`.

    Takes the arguments of `load` and the options of `retint.film.options.FilmOptions`.

    Raises
    ------
    PhotoError
        If the file cannot be read as a film.
    UsageError
        If an option does not apply to films, or `retint[film]` is not installed.
    """
    from retint.api import load_film

    return load_film(path, method, **options)


def restore(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Write the black-and-white picture that a file was coloured from, and return its path.

    Parameters
    ----------
    target
        By default NAME.restored.EXT beside the source.

    Raises
    ------
    PhotoError
        If the source is not a colour picture, was repaired, or the target cannot be written.
    """
    from pathlib import Path

    from retint.picture.restore import restore as restore_file

    place = None if target is None else Path(target)
    return restore_file(Path(source), place, overwrite=overwrite).path


def __getattr__(name: str) -> Any:
    # Hints need OpenCV, which is imported only when it is used.
    if name in ("Hint", "Hints", "read_hints"):
        from retint import hints

        return getattr(hints, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
