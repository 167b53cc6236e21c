"""Everything requested of one photo besides the method: hints, a reference, the kinds of output."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from retint.color.lab import Float32
from retint.errors import PhotoError
from retint.files import Encoded, Format, Photo, xmp
from retint.files.jpeg import coefficients
from retint.files.jpeg.coefficients import UnreadableError
from retint.hints import Hints
from retint.hints.fingerprint import fingerprint
from retint.picture import exact, provenance
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.layer import color_layer
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.steps import checkpoint
from retint.version import __version__


class Result(NamedTuple):
    """The outputs for one photo, with all its pages."""

    pictures: list[Photo | Encoded]
    """Coloured pictures or layers, one per variant; some are already encoded files."""
    certainty: Photo | None = None
    """Map of the method's confidence, if requested."""
    remarks: tuple[str, ...] = ()
    """Remarks about limitations of the result, one line each."""

    @property
    def photos(self) -> list[Photo]:
        """The pictures that are not encoded yet."""
        return [each for each in self.pictures if isinstance(each, Photo)]


class _Page(NamedTuple):
    photos: list[Photo]
    certainty: Photo | None


@dataclass(frozen=True)
class Request:
    """Produces the colourings of a photo; thread-safe."""

    pipeline: Pipeline
    finish: Finish = AS_IT_COMES
    hints: Hints = field(default_factory=Hints)
    reference: Reference | None = None
    """Picture to take colours from; hints override it."""
    variants: int = 1
    """Number of colourings."""
    chroma_only: bool = False
    """Return a transparent layer of colour instead of the coloured photo."""
    confidence: bool = False
    """Whether to produce a map of the method's confidence as well."""
    left: Hints = field(default_factory=Hints)
    """Shapes in which `repair` changes nothing."""
    provenance: bool = True
    """Whether to record provenance in the metadata."""

    def __post_init__(self) -> None:
        self.pipeline.check(self.finish)

    @cached_property
    def how(self) -> dict[str, Any]:
        """Everything besides the photos that the results depend on, as JSON values."""
        found = provenance.how(self.pipeline, self.finish, things=bool(self.hints.things))
        if self.hints:
            found["hints"] = fingerprint(self.hints)
        if self.reference is not None:
            found["reference"] = self.reference.sha256
        if self.variants > 1:
            found["variants"] = self.variants
        if self.chroma_only:
            found["chroma_only"] = True
        if self.left:
            found["left"] = fingerprint(self.left)
        if not self.provenance:
            found["provenance"] = False
        return found

    def __call__(self, seen: Photo | View, format: Format | None = None) -> Result:
        """Colour the photo `variants` times, with all its pages.

        Parameters
        ----------
        seen
            A photo, or an open view of it.
        format
            The output format. From JPEG to JPEG the pictures are encoded files with all luma
            coefficients of the original, if possible.

        Raises
        ------
        UsageError
            If the method does not support the request.
        PhotoError
            If a hint lies outside the photo, or exact lightness is required but not possible.
        """
        view = seen if isinstance(seen, View) else None
        photo = seen.photo if isinstance(seen, View) else seen
        reason = self._why_recompressed(photo, format)
        if not reason:
            try:
                return self._exact(photo, view)
            except UnreadableError as error:
                if self.finish.lightness == "exact":
                    raise
                reason = str(error)
        first = self._page(photo, view)
        others = [self._page(page) for page in photo.pages]
        pictures: list[Photo | Encoded] = [
            replace(each, jpeg=None, pages=tuple(page.photos[k] for page in others))
            for k, each in enumerate(first.photos)
        ]
        remarks = (
            (f"lightness was recompressed: {reason}",)
            if self._reports_recompression(photo, format)
            else ()
        )
        if first.certainty is None:
            return Result(pictures, remarks=remarks)
        further = tuple(page.certainty for page in others if page.certainty is not None)
        return Result(pictures, replace(first.certainty, pages=further), remarks)

    def _why_recompressed(self, photo: Photo, format: Format | None) -> str:
        """Why lightness is not kept exactly; empty if it is."""
        if self.finish.lightness == "recompressed":
            return "requested by `lightness`"
        if format is None or format.name != "JPEG" or self.chroma_only:
            reason = "the output is not a JPEG file"
        else:
            reason = exact.why_not(photo, self.finish)
        if reason and self.finish.lightness == "exact":
            raise PhotoError(f"cannot keep its lightness exactly: {reason}")
        return reason

    def _reports_recompression(self, photo: Photo, format: Format | None) -> bool:
        """Whether to report recompression: only where exact output could be expected, from JPEG to
        JPEG with the extra installed.
        """
        kept = photo.jpeg is not None and format is not None and format.name == "JPEG"
        wanted = self.finish.lightness == "auto" and not self.chroma_only
        return kept and wanted and coefficients.is_there()

    def _exact(self, photo: Photo, view: View | None) -> Result:
        def signed(small: Photo, sha256: str) -> Photo:
            if not self.provenance:
                return small
            return self._with_provenance(
                small, photo, {"Lightness": "exact", "Coefficients": sha256}
            )

        assert photo.jpeg is not None
        with coefficients.opened(photo.jpeg.content) as source:
            view, hints = self._view_and_hints(photo, view)
            pictures: list[Photo | Encoded] = [
                Encoded(exact.encoded(view, chroma, self.finish, source, signed))
                for chroma in self._chromas(view, hints)
            ]
            return Result(pictures, self._certainty(view, hints))

    def _page(self, photo: Photo, view: View | None = None) -> _Page:
        checkpoint()
        view, hints = self._view_and_hints(photo, view)
        if self.finish.raw:
            pictures = [view.colorize(hints, self.finish)]
        else:
            chromas = self._chromas(view, hints)
            pictures = [view.merged(chroma, self.finish, self.left) for chroma in chromas]
        if self.chroma_only:
            pictures = [color_layer(photo, each) for each in pictures]
        pictures = [replace(each, space=self.finish.profile, pages=()) for each in pictures]
        if self.provenance:
            pictures = [self._with_provenance(each, photo) for each in pictures]
        return _Page(pictures, self._certainty(view, hints))

    def _view_and_hints(self, photo: Photo, view: View | None) -> tuple[View, Hints]:
        view = view or self.pipeline.open(photo)
        if self.reference is None:
            return view, self.hints
        return view, self.reference.hints(view) + self.hints

    def _chromas(self, view: View, hints: Hints) -> list[Float32]:
        if self.variants > 1:
            return view.chromas(self.variants, hints)
        return [view.chroma(hints)]

    def _certainty(self, view: View, hints: Hints) -> Photo | None:
        if not self.confidence:
            return None
        return Photo((view.certainty(hints) * 255 + 0.5).astype(np.uint8))

    def _with_provenance(
        self, coloured: Photo, original: Photo, more: dict[str, str] | None = None
    ) -> Photo:
        """Add metadata about how it was made to the coloured photo."""
        said = {
            "Software": f"retint {__version__}",
            "Original": "toned" if original.pixels.ndim == 3 else "grey",
            **({"Lightness": "repaired"} if self.finish.changes_lightness else {}),
            **(more or {}),
            **{name.title(): value for name, value in self.how.items()},
            **({"Hints": self.hints.content(original.size)} if self.hints else {}),
        }
        packet = xmp.with_provenance(original.metadata.xmp, said)
        return replace(coloured, metadata=replace(coloured.metadata, xmp=packet))
