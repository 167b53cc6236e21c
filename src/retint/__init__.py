"""retint: colour for black-and-white photographs, on the computer one already has.

    >>> import retint
    >>> picture = retint.colorize("photo.jpg")          # doctest: +SKIP
    >>> colorizer = retint.load("unet", vividness=1.2)  # doctest: +SKIP
    >>> picture = colorizer(picture)                    # doctest: +SKIP

Importing it is quick: what is heavy is imported when the first picture is coloured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from retint.errors import PhotoError, RetintError, UsageError, WeightsError

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray
    from PIL import Image

    from retint.api import PictureColorizer

__all__ = [
    "PhotoError",
    "RetintError",
    "UsageError",
    "WeightsError",
    "__version__",
    "colorize",
    "load",
]

__version__ = "0.1.0"


@overload
def colorize(
    picture: str | os.PathLike[str] | Image.Image, method: str = ..., **options: Any
) -> Image.Image: ...


@overload
def colorize(picture: NDArray[Any], method: str = ..., **options: Any) -> NDArray[Any]: ...


def colorize(picture: Any, method: str = "unet", **options: Any) -> Image.Image | NDArray[Any]:
    """Colour one picture.

    Parameters
    ----------
    picture
        A path, a Pillow picture, or an array: grey [H, W], RGB [H, W, 3] or RGBA [H, W, 4], of
        uint8, uint16 or floats in [0, 1].
    method
        One of `retint methods`.
    **options
        `vividness` (0-2), `saturation` (0-3), `raw`, `threads`, and the method's own.

    Returns
    -------
    A Pillow picture; for an array an array of the same type, RGB or RGBA.

    Raises
    ------
    PhotoError
        If the picture cannot be read.
    UsageError
        If the method or an option does not exist.
    WeightsError
        If a file of weights is missing or cannot be used.
    """
    coloured: Image.Image | NDArray[Any] = load(method, **options)(picture)
    return coloured


def load(method: str = "unet", **options: Any) -> PictureColorizer:
    """A colorizer to be called on many pictures, from any number of threads.

    It takes and gives what `colorize` does.
    """
    from retint.api import load_pictures_colorizer

    return load_pictures_colorizer(method, **options)
