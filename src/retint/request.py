"""What is wanted of each photo besides the method: hints, a reference, which files come out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from retint import provenance
from retint.files import Photo, xmp
from retint.finish import AS_IT_COMES, Finish
from retint.hints import Hints
from retint.layer import color_layer
from retint.pipeline import Pipeline
from retint.reference import Reference
from retint.version import __version__


class Result(NamedTuple):
    """What was made of a photo, with all its pages."""

    pictures: list[Photo]
    """In colour, or layers of it: one for each variant."""
    certainty: Photo | None = None
    """A map of how sure the method is, where one was asked for."""


@dataclass(frozen=True)
class Request:
    """Photo -> its colourings; may be used from several threads at once."""

    pipeline: Pipeline
    finish: Finish = AS_IT_COMES
    hints: Hints = field(default_factory=Hints)
    reference: Reference | None = None
    """Whose colours are carried over; hints have the last word."""
    variants: int = 1
    """How many colourings."""
    chroma_only: bool = False
    """Give a transparent layer of colour in place of the coloured photo."""
    confidence: bool = False
    """Whether a map of how sure the method is is made too."""
    provenance: bool = True
    """Whether the colourings say what they are."""

    def __post_init__(self) -> None:
        self.pipeline.check(self.finish)

    @cached_property
    def how(self) -> dict[str, Any]:
        """All that the results depend on besides the photos, as JSON has it."""
        found = provenance.how(self.pipeline, self.finish)
        if self.hints:
            found["hints"] = hashlib.sha256(repr(self.hints).encode()).hexdigest()
        if self.reference is not None:
            found["reference"] = self.reference.sha256
        if self.variants > 1:
            found["variants"] = self.variants
        if self.chroma_only:
            found["chroma_only"] = True
        if not self.provenance:
            found["provenance"] = False
        return found

    def __call__(self, photo: Photo) -> Result:
        """The photo in colour, or its layer, `variants` times, with all its pages.

        Raises
        ------
        UsageError
            If the method cannot do what is asked.
        PhotoError
            If a hint lies outside the photo.
        """
        first, *others = (self._page(page) for page in (photo, *photo.pages))
        pictures = [
            replace(each, pages=tuple(page.pictures[k] for page in others))
            for k, each in enumerate(first.pictures)
        ]
        if first.certainty is None:
            return Result(pictures)
        further = tuple(page.certainty for page in others if page.certainty is not None)
        return Result(pictures, replace(first.certainty, pages=further))

    def _page(self, photo: Photo) -> Result:
        view = self.pipeline.open(photo)
        hints = self.hints
        if self.reference is not None:
            hints = self.reference.hints(view) + hints
        if self.variants > 1:
            pictures = view.variants(self.variants, hints, self.finish)
        else:
            pictures = [view.colorize(hints, self.finish)]
        certainty = None
        if self.confidence:
            certainty = Photo((view.certainty(hints) * 255 + 0.5).astype(np.uint8))
        if self.chroma_only:
            pictures = [color_layer(photo, each) for each in pictures]
        pictures = [replace(each, space=self.finish.profile, pages=()) for each in pictures]
        if self.provenance:
            pictures = [self._signed(each, photo) for each in pictures]
        return Result(pictures, certainty)

    def _signed(self, coloured: Photo, original: Photo) -> Photo:
        """The colouring, saying how it was made."""
        said = {
            "Software": f"retint {__version__}",
            "Original": "toned" if original.pixels.ndim == 3 else "grey",
            **({"Lightness": "repaired"} if self.finish.changes_lightness else {}),
            **{name.title(): value for name, value in self.how.items()},
            **({"Hints": self.hints.content(original.size)} if self.hints else {}),
        }
        packet = xmp.with_provenance(original.metadata.xmp, said)
        return replace(coloured, metadata=replace(coloured.metadata, xmp=packet))
