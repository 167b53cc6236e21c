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

    from retint.film.film import Film
    from retint.hints import Hint, Hints, read_hints
    from retint.inputs import AnyHints, PictureFile
    from retint.session import PictureColorizer, Scalar, Session

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
    "looks",
    "methods",
    "open",
    "open_film",
    "read_hints",
    "restore",
    "split",
    "stills",
]


@overload
def colorize(
    picture: PictureFile | Image.Image,
    method: str | None = ...,
    *,
    hints: AnyHints = ...,
    **options: Any,
) -> Image.Image: ...


@overload
def colorize(
    picture: NDArray[Scalar], method: str | None = ..., *, hints: AnyHints = ..., **options: Any
) -> NDArray[Scalar]: ...


def colorize(
    picture: Any, method: str | None = None, *, hints: AnyHints = (), **options: Any
) -> Image.Image | NDArray[Any]:
    """Colour one picture.

    Parameters
    ----------
    picture
        A path, the content of a file as bytes, a file open in binary mode, a Pillow picture, or an
        array: grey [H, W], RGB [H, W, 3] or RGBA [H, W, 4], of uint8, uint16 or floats in [0, 1].
    method
        A name from `methods()`; by default the method of the `weights`, or "guided-unet".
    hints
        If the method takes hints: a list of `Hint`, of tuples with its arguments such as
        ("40%", "30%", "navy"), or of texts such as "40%,30%,navy"; one of these; or the `Hints` of
        a file (`read_hints`).
    **options
        Options of `retint.picture.finish.Finish` and of the method (`retint.colorizers.options`),
        and `reference`: a colour picture of the same things, in any form that `picture` has, a
        folder of them, or a list; `references`: a folder of colour pictures, of which the most
        similar ones are used; and `remember`: a file of remembered hints
        (`Session.remember`).

    Returns
    -------
    For an array, an array of the same type, RGB or RGBA. Otherwise a Pillow picture of 8 bits in
    sRGB, whose `info` contains "xmp" with the provenance record, "icc_profile", and "exif" and
    "dpi" of the source if it has them. Pillow writes metadata that is passed to its `save`; its PNG
    and TIFF writers have no place for XMP. `Session.save` writes everything.

    Raises
    ------
    PhotoError
        If the picture cannot be read, or a hint lies outside it.
    UsageError
        If the method or an option does not exist, the method takes no hints, or the picture or a
        hint is of another type.
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


@overload
def open(
    picture: PictureFile | Image.Image, method: str | None = ..., **options: Any
) -> Session[Image.Image]: ...


@overload
def open(
    picture: NDArray[Scalar], method: str | None = ..., **options: Any
) -> Session[NDArray[Scalar]]: ...


def open(picture: Any, method: str | None = None, **options: Any) -> Session[Any]:
    """Open one picture to colour it repeatedly with changing hints.

    The network's encoder runs once; each `session.colorize(hints)` takes a fraction of that time.
    Arguments and exceptions are those of `colorize`.
    """
    opened: Session[Any] = load(method, **options).open(picture)
    return opened


def open_film(path: str | os.PathLike[str], method: str | None = None, **options: Any) -> Film:
    """Open a film, which has `shots`, `frame(time)`, `still(time, hints)` and
    `colorize(target, hints)`.

    Takes the arguments of `load` and the options of `retint.film.options.FilmOptions`. In
    `reference`, pictures named like "ref_000040.png" set the colours of that frame. So do those of
    a mapping from frame numbers, seconds (floats) or times ("00:00:08") to pictures.

    Raises
    ------
    PhotoError
        If the file cannot be read as a film.
    UsageError
        If an option does not apply to films, or `retint[film]` is not installed.
    """
    from retint.api import load_film

    return load_film(path, method, **options)


@overload
def split(
    picture: PictureFile | Image.Image,
    method: str | None = ...,
    *,
    hints: AnyHints = ...,
    **options: Any,
) -> list[Image.Image]: ...


@overload
def split(
    picture: NDArray[Scalar], method: str | None = ..., *, hints: AnyHints = ..., **options: Any
) -> list[NDArray[Scalar]]: ...


def split(
    picture: Any, method: str | None = None, *, hints: AnyHints = (), **options: Any
) -> list[Image.Image] | list[NDArray[Any]]:
    """Colour the photographs of an album page and return each as a separate picture, row by
    row from the left.

    Arguments, types and exceptions are those of `colorize`; hints refer to the page. Raises
    PhotoError if fewer than two photographs are found.
    """
    session: Session[Any] = open(picture, method, **options)
    return session.split(hints)


def stills(
    film: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    method: str | None = None,
    *,
    grey: bool = False,
    overwrite: bool = False,
    **options: Any,
) -> list[Path]:
    """Save a frame of each shot of a film as a picture, and more of shots that change much.

    After you have corrected or coloured them, the film can follow them:
    `retint.open_film(film, reference=folder)`.

    Parameters
    ----------
    folder
        Folder for the pictures, which are named after their frames: ref_000040.png.
    grey
        Whether the pictures stay grey.

    Raises
    ------
    PhotoError
        If the film cannot be read, or a picture exists and `overwrite` is off.
    UsageError
        As `open_film`.
    """
    from retint.film.choosing import save_stills

    return save_stills(open_film(film, method, **options), folder, grey=grey, overwrite=overwrite)


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

    from retint.inputs import naming
    from retint.picture.restore import restore as restore_file

    place = None if target is None else Path(target)
    with naming(Path(source)):
        return restore_file(Path(source), place, overwrite=overwrite).path


def methods() -> dict[str, str]:
    """Return the methods that can colour a picture: a one-line summary of each, by name."""
    from retint.colorizers import method_class, method_names

    return {name: method_class(name).summary for name in method_names()}


def looks() -> dict[str, str]:
    """Return the looks that a picture can have: a one-line summary of each, by name."""
    from retint.picture.looks import LOOKS

    return {name: each.summary for name, each in LOOKS.items()}


def __getattr__(name: str) -> Any:
    # Hints need OpenCV, which is imported only when it is used.
    if name in ("Hint", "Hints", "read_hints"):
        from retint import hints

        return getattr(hints, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
