"""What is wanted of each photo besides the method: hints, a reference, which files come out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from retint import __version__, provenance
from retint.files import photo as photos
from retint.files import xmp
from retint.files.photo import Photo
from retint.hints import Hints
from retint.layer import color_layer
from retint.pipeline import Pipeline
from retint.reference import Reference


@dataclass(frozen=True)
class Request:
    """Photo -> its colourings; may be used from several threads at once."""

    pipeline: Pipeline
    hints: Hints = field(default_factory=Hints)
    reference: Reference | None = None
    """Whose colours are carried over; hints have the last word."""
    variants: int = 1
    """How many colourings."""
    chroma_only: bool = False
    """Give a transparent layer of colour in place of the coloured photo."""
    confidence: Path | None = None
    """Where to write a map of how sure the method is."""
    overwrite: bool = False
    """Whether that map may replace a file."""
    space: str = "srgb"
    """The colour space that the colourings are written in."""
    provenance: bool = True
    """Whether the colourings say what they are."""

    @cached_property
    def how(self) -> dict[str, Any]:
        """All that the results depend on besides the photos, as JSON has it."""
        found = provenance.how(self.pipeline)
        if self.hints:
            found["hints"] = hashlib.sha256(repr(self.hints).encode()).hexdigest()
        if self.reference is not None:
            found["reference"] = self.reference.sha256
        if self.variants > 1:
            found["variants"] = self.variants
        if self.chroma_only:
            found["chroma_only"] = True
        if self.space != "srgb":
            found["profile"] = self.space
        return found

    def __call__(self, photo: Photo) -> list[Photo]:
        """The photo in colour, or its layer, `variants` times, with all its pages.

        Raises
        ------
        UsageError
            If the method cannot do what is asked.
        PhotoError
            If a hint lies outside the photo, or the map cannot be written.
        """
        done = [self._page(page) for page in (photo, *photo.pages)]
        if self.confidence is not None:
            first, *further = (each.certainty for each in done)
            sure = replace(first, pages=tuple(further))
            photos.write(sure, self.confidence, overwrite=self.overwrite)
        coloured, *others = (each.coloured for each in done)
        if not others:
            return coloured
        return [
            replace(first, pages=tuple(pages[k] for pages in others))
            for k, first in enumerate(coloured)
        ]

    def _page(self, photo: Photo) -> _Page:
        view = self.pipeline.open(photo)
        hints = self.hints
        if self.reference is not None:
            hints = self.reference.hints(view) + hints
        coloured = (
            view.variants(self.variants, hints) if self.variants > 1 else [view.colorize(hints)]
        )
        levels = np.zeros((0, 0), np.uint8)
        if self.confidence is not None:
            levels = (view.certainty(hints) * 255 + 0.5).astype(np.uint8)
        if self.chroma_only:
            coloured = [color_layer(photo, each) for each in coloured]
        coloured = [replace(each, space=self.space) for each in coloured]
        if self.provenance:
            coloured = [self._signed(each, photo) for each in coloured]
        return _Page(coloured, Photo(levels))

    def _signed(self, coloured: Photo, original: Photo) -> Photo:
        """The colouring, saying how it was made."""
        said = {
            "Software": f"retint {__version__}",
            "Original": "toned" if original.pixels.ndim == 3 else "grey",
            **{name.title(): value for name, value in self.how.items()},
        }
        packet = xmp.with_provenance(original.metadata.xmp, said)
        return replace(coloured, pages=(), metadata=replace(coloured.metadata, xmp=packet))


class _Page(NamedTuple):
    """What was made of a page."""

    coloured: list[Photo]
    certainty: Photo
    """Empty where nobody wants it."""
