"""`retint pipe`: colours raw frames between two programs, such as ffmpeg."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import Any, BinaryIO

import cloup

from retint.cli.console import ALL_DONE, SOME_FAILED, complain
from retint.cli.flags import (
    debug_option,
    device_option,
    flag_for,
    own_flags,
    pop_options,
    threads_option,
)
from retint.cli.groups import method_option
from retint.cli.values import OneOf
from retint.colorizers.options import GuidedOptions, ViewOptions
from retint.errors import PhotoError, UsageError
from retint.extras import required
from retint.film.options import MATRICES, RANGES, FilmOptions
from retint.options import MachineOptions
from retint.picture.finish import Finish

EXTRA = "film"
SHOWN = (
    *(Finish.described()[name] for name in ("look", "warmth", "vividness")),
    FilmOptions.described()["every"], ViewOptions.described()["upright"],
)  # fmt: skip
"""Options that apply to frames of which only the colors change."""
PIXELS = "gray, yuv420p, yuv422p or yuv444p, also with 10le"


@cloup.command()
@cloup.option("--size", required=True, metavar="WxH", help="Width and height of the frames.")
@cloup.option("--pixel", required=True, metavar="FORMAT", help=f"Pixel format: {PIXELS}.")
@cloup.option(
    "--to", default="", metavar="FORMAT",
    help="Pixel format of the output.  [default: that of the input; yuv420p for gray]",
)  # fmt: skip
@cloup.option(
    "--range", "range_", type=OneOf(RANGES),
    help="Range of luma.  [default: full for gray, otherwise limited]",
)  # fmt: skip
@cloup.option(
    "--matrix", type=OneOf(MATRICES),
    help="Matrix of the output.  [default: bt709 from 720 rows on, otherwise bt601]",
)  # fmt: skip
@cloup.option_group(
    "Colors", method_option, *map(flag_for, SHOWN), *own_flags(GuidedOptions, MachineOptions)
)
@threads_option
@device_option
@debug_option
def pipe(
    size: str, pixel: str, to: str, range_: str | None, matrix: str | None, method: str | None,
    every: int, **given: Any,
) -> int:  # fmt: skip
    """Color raw frames from standard input to standard output.

    Luma passes unchanged. Colors are steady within each shot; for this, up to 42 frames are kept in
    memory.
    """
    for stream, what in ((sys.stdin, "input"), (sys.stdout, "output")):
        if stream.isatty():
            raise UsageError(f"standard {what} is a terminal; connect it to a program or a file")
    with required(EXTRA, "coloring raw frames"):
        import av  # noqa: F401
        import scenedetect  # noqa: F401
    from retint import api
    from retint.film.raw import RawFormat, RawReader

    source = RawFormat(_checked_format(pixel, "pixel", grey=True), _parsed(size))
    target = source.written_as(_checked_format(to, "to", grey=False) if to else "")
    if target.bits != source.bits:
        raise UsageError(f"`to` must have the {source.bits} bits of the input")
    finish = Finish(**pop_options([Finish], given))
    pipeline = api.load_pipeline(method, **{k: v for k, v in given.items() if v is not None})
    reader = RawReader(sys.stdin.buffer, source)
    layout = target.layout(source, range_ or "", matrix or "")
    _color(pipeline, reader, layout, every, finish, target)
    if reader.left_over:
        complain(
            f"the last frame is incomplete ({reader.left_over} of {source.count} bytes) and was "
            "left out"
        )
        return SOME_FAILED
    if not reader.frames:
        complain("there are no frames on standard input")
        return SOME_FAILED
    return ALL_DONE


def _color(
    pipeline: Any, reader: Any, layout: Any, every: int, finish: Finish, target: Any
) -> None:
    """Colour all frames; raises PhotoError if nobody reads them."""
    from retint.film.live import live, settled
    from retint.film.raw import write

    pipeline = settled(pipeline, finish)
    output = sys.stdout.buffer
    try:
        for planes in live(pipeline, reader, layout, every, finish):
            write(planes, target, output)
            output.flush()
            del planes  # the next ones need the memory
    except BrokenPipeError:
        _abandon(output)
        raise PhotoError("the program that reads the colored frames has ended") from None


def _abandon(output: BinaryIO) -> None:
    """Discard what is left in a buffer, since Python would write it at exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output.fileno())
        os.close(nowhere)


def _parsed(size: str) -> tuple[int, int]:
    """Height and width."""
    from retint.film.source import MAX_SIDE

    found = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", size, re.ASCII)
    width, height = map(int, found.groups()) if found else (0, 0)
    if not 0 < min(width, height) <= max(width, height) <= MAX_SIDE:
        raise UsageError(
            f"`size` must be a width and height up to {MAX_SIDE}, such as 720x480, not {size!r}"
        )
    return height, width


def _checked_format(pixel: str, option: str, *, grey: bool) -> str:
    from retint.film.raw import READABLE, WRITABLE

    known = READABLE if grey else WRITABLE
    if pixel not in known:
        raise UsageError(f"`{option}` must be one of {', '.join(known)}, not {pixel!r}")
    return pixel
