"""The photographs of a page as pictures of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from retint.errors import PhotoError
from retint.files import Photo
from retint.files.turn import Turn
from retint.picture import geometry
from retint.picture.album import Album
from retint.picture.box import Box, Boxes
from retint.picture.finish import Finish
from retint.picture.page import Page
from retint.picture.pipeline import View

PART = "Part"
"""Name in the provenance record of the part of the page: left, top, width, height in pixels."""


class Piece(NamedTuple):
    """A photograph of a page."""

    box: Box
    degrees: int
    """By how much it is turned clockwise."""

    def of(self, page: Photo) -> Photo:
        """The photograph, given its page in colour."""
        rows, columns = self.box.slices
        height, width = self.box.inner
        return replace(
            page, pixels=np.ascontiguousarray(page.pixels[rows, columns]), jpeg=None, pages=(),
            alpha=None if page.alpha is None else np.ascontiguousarray(page.alpha[rows, columns]),
            metadata=page.metadata.of_new_pixels(Turn(1, width, height, cut=True)),
            turn=replace(page.turn, cut=True),
        )  # fmt: skip

    def picture(self, page: Page, whole: Photo) -> Photo:
        """The photograph, placed and recorded by itself, given its page in colour."""
        record = page.record and page.record | self.record
        return replace(page, degrees=self.degrees, record=record).placed(self.of(whole))

    @property
    def record(self) -> dict[str, Any]:
        """The entries of the provenance record for this photograph."""
        height, width = self.box.inner
        found: dict[str, Any] = {PART: [self.box.left, self.box.top, width, height]}
        if self.degrees:
            found[geometry.OUTPUT_TURNED] = self.degrees
        return found


def pieces_of(view: View, finish: Finish) -> list[Piece]:
    """The photographs of a page, row by row from the left.

    Raises
    ------
    PhotoError
        If there are fewer than two, or it is one of several pages.
    """
    if view.photo.pages:
        count = len(view.photo.pages) + 1
        raise PhotoError(f"`split` takes files with one page, and this one has {count}")
    if not isinstance(view.box, Boxes) or not isinstance(view.framed, Album):
        raise PhotoError("fewer than two photographs were found on it, so it was not split")
    return [
        Piece(box, _degrees(finish, quarters))
        for box, quarters in zip(view.box.parts, view.framed.turns, strict=True)
    ]


def _degrees(finish: Finish, quarters: int) -> int:
    if finish.turn == "off":
        return 0
    return geometry.QUARTER * quarters if finish.turn == "auto" else int(finish.turn)
