"""Everything requested of one photo besides the method: hints, a reference, the kinds of output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from retint import files
from retint.color.lab import Float32
from retint.colorizers import METHODS, Colorizer, is_varied, method_class
from retint.errors import PhotoError, UsageError
from retint.files import Encoded, Format, Photo, xmp
from retint.files.jpeg import coefficients
from retint.files.jpeg.coefficients import UnreadableError
from retint.files.turn import Turn
from retint.hints import Hints
from retint.hints.fingerprint import fingerprint
from retint.picture import exact, geometry, provenance, split
from retint.picture.damage import AS_FOUND, Retouch
from retint.picture.finish import AS_IT_COMES, Finish, Output
from retint.picture.layer import color_layer
from retint.picture.negative import inverted
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import UNUSED, Reference
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
    record: Mapping[str, Any] | None = None
    """The provenance record of the first page, unless that is off."""
    turns: tuple[int, ...] = ()
    """Degrees clockwise by which each page was shown to the method turned."""
    turned: tuple[int, ...] = ()
    """Degrees clockwise by which each page of the pictures is turned."""

    @property
    def photos(self) -> list[Photo]:
        """The pictures that are not encoded yet."""
        return [each for each in self.pictures if isinstance(each, Photo)]


class _Page(NamedTuple):
    photos: list[Photo]
    certainty: Photo | None
    record: dict[str, Any] | None
    turn: int
    degrees: int
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """Produces the colourings of a photo; thread-safe."""

    pipeline: Pipeline
    finish: Finish = AS_IT_COMES
    hints: Hints = field(default_factory=Hints)
    reference: Reference | None = None
    """Pictures to take colours from; hints override them."""
    variants: int = 1
    """Number of colourings."""
    chroma_only: bool = False
    """Return a transparent layer of colour instead of the coloured photo."""
    confidence: bool = False
    """Whether to produce a map of the method's confidence as well."""
    retouch: Retouch = AS_FOUND
    """What a person marked for `repair`, or excluded from it."""
    split: bool = False
    """Whether each photograph of a page becomes a picture of its own."""
    provenance: bool = True
    """Whether to record provenance in the metadata."""
    record_beside: bool = False
    """Whether the provenance record is left out of the pictures, since a sidecar gets it."""

    def __post_init__(self) -> None:
        self.pipeline.check(self.finish)
        if self.variants > 1:
            _check_varied(self.pipeline.colorizer)
        if self.chroma_only and self.finish.label:
            raise UsageError("`label` cannot be combined with `chroma_only`")
        if self.record_beside and not self.provenance:
            raise UsageError("`sidecar` requires provenance")
        if self.split and (self.variants > 1 or self.confidence):
            raise UsageError("`split` cannot be combined with `variants` or `confidence`")

    @cached_property
    def how(self) -> dict[str, Any]:
        """Everything besides the photos that the results depend on, as JSON values."""
        found = provenance.how(self.pipeline, self.finish, things=bool(self.hints.things))
        if self.hints:
            found["hints"] = fingerprint(self.hints)
        if self.reference is not None:
            found |= self.reference.how
            found["weights"] |= provenance.hashes(self.reference.weights)
        if self.variants > 1:
            found["variants"] = self.variants
        for name in ("chroma_only", "split"):
            if getattr(self, name):
                found[name] = True
        for name in ("left", "damaged"):
            if shapes := getattr(self.retouch, name):
                found[name] = fingerprint(shapes)
        if not self.provenance:
            found["provenance"] = False
        if self.record_beside:
            found["record_beside"] = True
        return found

    def __call__(self, seen: Photo | View, format: Format | None = None) -> Result:
        """Colour the photo `variants` times, with all its pages.

        Parameters
        ----------
        seen
            A photo, or an open view of it, which is a positive.
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
        photo = seen_photo = seen.photo if isinstance(seen, View) else seen
        if self.finish.negative and view is None:
            photo = inverted(photo)
        reason = self._why_recompressed(photo, format)
        if not reason:
            try:
                return self._exact(photo, view)
            except UnreadableError as error:
                if self.finish.lightness == "exact":
                    raise
                reason = str(error)
        if self.split:
            return self._split(photo, view, format)
        first = self._page(photo, view)
        together = first.degrees if photo.duration else None  # the frames of an animation
        others = [self._page(page, degrees=together) for page in photo.pages]
        pictures: list[Photo | Encoded] = [
            replace(each, jpeg=None, pages=tuple(page.photos[k] for page in others))
            for k, each in enumerate(first.photos)
        ]
        remarks = () if format is None else _lost(seen_photo, format)
        if self._reports_recompression(photo, format):
            remarks = (f"lightness was recompressed: {reason}", *remarks)
        for page, made in zip((photo, *photo.pages), (first, *others), strict=True):
            remarks += geometry.lost(page, made.degrees, cut=made.photos[0].turn.cut)
            remarks += made.remarks
        remarks = tuple(dict.fromkeys(remarks))
        certainty = first.certainty
        if certainty is not None:
            further = tuple(page.certainty for page in others if page.certainty is not None)
            certainty = replace(certainty, pages=further)
        turns = tuple(page.turn for page in (first, *others))
        turned = tuple(page.degrees for page in (first, *others))
        return Result(pictures, certainty, remarks, first.record, turns, turned)

    def _split(self, photo: Photo, view: View | None, format: Format | None) -> Result:
        """The photographs of a page; raises PhotoError if there are fewer than two."""
        view, hints = self._view_and_hints(photo, view)
        pieces = split.pieces_of(view, self.finish)
        page = self._colored(view, hints)[0]
        record = self._record(view, 0)
        found: list[Photo | Encoded] = []
        remarks = () if format is None else _lost(photo, format)
        remarks += geometry.lost(photo, 0, cut=True) + _unused(view)
        for number, piece in enumerate(pieces, 1):
            placed = geometry.placed(piece.of(page), self.finish, piece.degrees)
            own = record and record | piece.record
            if own and piece.degrees:
                own[geometry.OUTPUT_TURNED] = piece.degrees
            found.append(self._signed(placed, own))
            if piece.degrees:
                remarks += (f"photograph {number}: turned by {piece.degrees} degrees",)
        return Result(found, None, remarks, record)

    def finished(self, coloured: Photo, view: View) -> Photo:
        """A coloured photo of a view as the finish places it, with the provenance record in its
        metadata.
        """
        degrees = geometry.degrees_of(self.finish, view)
        photo = geometry.placed(coloured, self.finish, degrees)
        return self._signed(photo, self._record(view, degrees))

    def _why_recompressed(self, photo: Photo, format: Format | None) -> str:
        """Why lightness is not kept exactly; empty if it is."""
        if self.finish.lightness == "recompressed":
            return "requested by `lightness`"
        if format is None or format.name != "JPEG" or self.chroma_only:
            reason = "the output is not a JPEG file"
        else:
            reason = self.finish.misfit(Output.EXACT) or exact.why_not(photo, self.finish)
        if self.split and not reason:
            reason = "`split` takes parts of it"
        if reason and self.finish.lightness == "exact":
            raise PhotoError(f"cannot keep its lightness exactly: {reason}")
        return reason

    def _reports_recompression(self, photo: Photo, format: Format | None) -> bool:
        """Whether to report recompression: only where exact output could be expected, from JPEG to
        JPEG with the extra installed.
        """
        was_jpeg = photo.jpeg is not None or (self.finish.negative and photo.format == "JPEG")
        kept = was_jpeg and format is not None and format.name == "JPEG"
        wanted = self.finish.lightness == "auto" and not self.chroma_only
        return kept and wanted and coefficients.is_there()

    def _exact(self, photo: Photo, view: View | None) -> Result:
        assert photo.jpeg is not None
        # The orientation is not applied, and comments are copied.
        said = replace(photo.jpeg.metadata, texts=())

        with coefficients.opened(photo.jpeg.content) as source:
            view, hints = self._view_and_hints(photo, view)
            degrees = geometry.degrees_of(self.finish, view)
            record = self._record(view, degrees)
            if degrees:
                turn = Turn(photo.jpeg.orientation).then(degrees)
                said = replace(said, xmp=xmp.with_orientation(said.xmp, turn.orientation))

            def signed(small: Photo, sha256: str) -> Photo:
                if record is not None:
                    record.update({"Lightness": "exact", "Coefficients": sha256})
                return self._signed(replace(small, metadata=said), record)

            pictures: list[Photo | Encoded] = [
                Encoded(exact.encoded(view, chroma, self.finish, source, signed, degrees))
                for chroma in self._chromas(view, hints)
            ]
            lost = (*files.lost([said], "JPEG"), *_unused(view))
            certainty = self._certainty(view, hints, degrees)
            return Result(pictures, certainty, lost, record, (view.turn,), (degrees,))

    def _page(self, photo: Photo, view: View | None = None, degrees: int | None = None) -> _Page:
        checkpoint()
        view, hints = self._view_and_hints(photo, view)
        if degrees is None:
            degrees = geometry.degrees_of(self.finish, view)
        pictures = self._colored(view, hints)
        record = self._record(view, degrees)
        pictures = [
            self._signed(geometry.placed(each, self.finish, degrees), record) for each in pictures
        ]
        certainty = self._certainty(view, hints, degrees)
        return _Page(pictures, certainty, record, view.turn, degrees, _unused(view))

    def _colored(self, view: View, hints: Hints) -> list[Photo]:
        """The photo of a view in colour, once per variant, without its further pages."""
        if self.finish.raw:
            pictures = [view.colorize(hints, self.finish)]
        else:
            chromas = self._chromas(view, hints)
            pictures = [view.merged(chroma, self.finish, self.retouch) for chroma in chromas]
        if self.chroma_only:
            pictures = [color_layer(view.photo, each) for each in pictures]
        profile, quality = self.finish.profile, self.finish.quality
        return [replace(each, space=profile, quality=quality, pages=()) for each in pictures]

    def _view_and_hints(self, photo: Photo, view: View | None) -> tuple[View, Hints]:
        view = view or self.pipeline.open(photo)
        return view, self.hints_for(view)

    def hints_for(self, view: View) -> Hints:
        """All hints for a view, with those of the reference."""
        if self.reference is None:
            return self.hints
        found = self.reference.hints(view)
        view.unlike_reference = not found
        return found + self.hints

    def _chromas(self, view: View, hints: Hints) -> list[Float32]:
        if self.variants > 1:
            return view.chromas(self.variants, hints, self.finish)
        return [view.chroma(hints, self.finish)]

    def _certainty(self, view: View, hints: Hints, degrees: int) -> Photo | None:
        if not self.confidence:
            return None
        levels = Photo((view.certainty(hints) * 255 + 0.5).astype(np.uint8))
        return geometry.placed(levels, self.finish, degrees)

    def _record(self, view: View, degrees: int) -> dict[str, Any] | None:
        """What provenance says about how a photo is coloured and turned; None if it is off."""
        if not self.provenance:
            return None
        original, turn = view.photo, view.turn
        how = dict(self.how)
        if view.unlike_reference:
            del how["reference"]
        return {
            "Software": f"retint {__version__}",
            "Original": "toned" if original.pixels.ndim == 3 else "grey",
            **({"Lightness": "repaired"} if self.finish.changes_lightness else {}),
            **({"Turned": turn} if turn else {}),
            **({geometry.OUTPUT_TURNED: degrees} if degrees else {}),
            **{name.title(): value for name, value in how.items()},
            **({"Hints": self.hints.content(original.size)} if self.hints else {}),
        }

    def _signed(self, coloured: Photo, record: Mapping[str, Any] | None) -> Photo:
        """The coloured photo with provenance, if any."""
        if record is None or self.record_beside:
            return coloured
        packet = xmp.with_provenance(coloured.metadata.xmp, record)
        return replace(coloured, metadata=replace(coloured.metadata, xmp=packet))


def _check_varied(colorizer: Colorizer) -> None:
    """Raise UsageError if a method gives only one result."""
    if not is_varied(type(colorizer)):
        *others, last = (each for each in METHODS if is_varied(method_class(each)))
        raise UsageError(
            f"method {colorizer.name} gives only one result; for `variants`, use `method` "
            f"{', '.join(others)} or {last}"
        )


def _unused(view: View) -> tuple[str, ...]:
    return (UNUSED,) if view.unlike_reference else ()


def _lost(photo: Photo, format: Format) -> tuple[str, ...]:
    only_here = photo.jpeg.only_here if photo.jpeg is not None else []
    pages = [each.metadata for each in (photo, *photo.pages)]
    return files.lost(pages, format.name, only_here)
