"""`retint restore`: a picture as it was before it was coloured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloup

from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.options import A_PATH, debug_option, force_option, quiet_option
from retint.errors import ExistsError, PhotoError
from retint.files import xmp
from retint.files.atomic import is_taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retint.files import Photo

MARK = ".restored"


@cloup.command()
@cloup.argument("file", type=A_PATH)
@cloup.option("-o", "--output", type=A_PATH, help="[default: NAME.restored.EXT beside it]")
@force_option
@quiet_option
@debug_option
def restore(
    file: Path,
    output: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Give back the black-and-white picture that FILE was coloured from.

    Colouring leaves lightness as it is, so it is all still there. A picture that was toned, brown
    or blue, comes back neutral.
    """
    from retint import files

    try:
        photo = files.read(file)
        if photo.pixels.ndim == 2:
            raise PhotoError("it is black and white already")
        target = output or file.with_name(f"{file.stem.removesuffix('.retint')}{MARK}{file.suffix}")
        said = xmp.provenance(photo.metadata.xmp) or {}
        if said.get("Lightness") == "repaired":
            raise PhotoError("it was repaired, and the picture before that is not in the file")
        if said.get("Lightness") == "exact" and _is_jpeg(target):
            _write_exactly(photo, target, overwrite=force)
            return _told(file, target, said, quiet=quiet)
        metadata = replace(photo.metadata, xmp=xmp.without_provenance(photo.metadata.xmp))
        pages = tuple(replace(page, pixels=_grey(page)) for page in photo.pages)
        grey = replace(photo, pixels=_grey(photo), metadata=metadata, pages=pages)
        files.write(grey, target, overwrite=force)
    except PhotoError as error:
        complain(f"{file}: {error}")
        return SOME_FAILED
    return _told(file, target, said, quiet=quiet)


def _told(file: Path, target: Path, said: dict[str, Any], *, quiet: bool) -> int:
    if not quiet:
        print(printable(str(target)))
        if said.get("Original") == "toned":
            complain(f"{file}: the original was toned; it comes back neutral")
        if not said:
            complain(f"{file}: nothing says that retint coloured it; its lightness was kept anyway")
    return ALL_DONE


def _is_jpeg(target: Path) -> bool:
    from retint.files import coefficients, formats

    return formats.format_of(target).name == "JPEG" and coefficients.is_there()


def _write_exactly(photo: Photo, target: Path, *, overwrite: bool) -> None:
    """The JPEG file that has the very coefficients of the original's lightness."""
    from retint import files
    from retint.files import coefficients, jpeg

    if is_taken(target) and not overwrite:
        raise ExistsError.of(target)
    assert photo.jpeg is not None
    with coefficients.opened(photo.jpeg.content) as source:
        written = source.without_chroma()
    metadata = replace(photo.metadata, xmp=xmp.without_provenance(photo.metadata.xmp))
    dress = replace(photo, pixels=_grey(photo), metadata=metadata, jpeg=None)
    said = files.encode(dress, files.FORMATS["JPEG"], orientation=photo.jpeg.orientation)
    content = jpeg.spliced(written, said, photo.jpeg.further)
    files.write_all([files.Encoded(content)], [target], new=() if overwrite else [target])


def _grey(photo: Photo) -> NDArray[Any]:
    from retint import lab

    return photo.pixels if photo.pixels.ndim == 2 else lab.grey(photo.pixels)
