"""Everything requested of one photo besides the method: hints, a reference, the kinds of output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from retint import files
from retint.colorizers import METHODS, Colorizer, is_varied, method_class
from retint.errors import UsageError
from retint.files import Encoded, Format, Photo
from retint.files.jpeg import coefficients
from retint.files.jpeg.coefficients import UnreadableError
from retint.hints import Hints
from retint.hints.fingerprint import fingerprint
from retint.picture import exact, provenance, split
from retint.picture.damage import AS_FOUND, Retouch
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.memory import Memory
from retint.picture.negative import inverted
from retint.picture.page import Page, degrees_of
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.steps import checkpoint


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


class _Made(NamedTuple):
    """One page in colour, without the view, so that its memory is freed."""

    photos: list[Photo]
    certainty: Photo | None
    remarks: tuple[str, ...]
    turn: int
    degrees: int


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
    memory: Memory | None = None
    """Hints of other pictures, for the same things; references and hints override them."""

    def __post_init__(self) -> None:
        self.pipeline.check(self.finish)
        if self.variants > 1:
            _check_varied(self.pipeline.colorizer)
        if self.chroma_only and self.finish.label:
            raise UsageError("`label` cannot be combined with `chroma_only`")
        if self.record_beside and not self.provenance:
            raise UsageError("`sidecar` requires provenance")
        if self.finish.caption != "off" and not self.provenance:
            raise UsageError("`caption` requires provenance")
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
        if self.memory is not None:
            found["remembered"] = self.memory.sha256
            found["weights"] |= provenance.hashes(self.memory.weights)
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

    def __call__(
        self, photo: Photo, format: Format | None = None, view: View | None = None
    ) -> Result:
        """Colour the photo `variants` times, with all its pages.

        Parameters
        ----------
        format
            The output format. From JPEG to JPEG the pictures are encoded files with all luma
            coefficients of the original, if possible.
        view
            An open view of the photo, which is a positive then.

        Raises
        ------
        UsageError
            If the method does not support the request.
        PhotoError
            If a hint lies outside the photo, or exact lightness is required but not possible.
        """
        seen = inverted(photo) if self.finish.negative and view is None else photo
        reason = exact.why_recompressed(
            seen, self.finish, format, layer=self.chroma_only, split=self.split
        )
        degrees = 0 if self.split else None
        page = self._opened(seen, degrees) if view is None else self.page(view, degrees)
        if not reason:
            try:
                return self._exact(page)
            except UnreadableError as error:
                if self.finish.lightness == "exact":
                    raise
                reason = str(error)
        remarks = () if format is None else _lost(photo, format)
        if self._reports_recompression(seen, format):
            remarks = (f"lightness was recompressed: {reason}", *remarks)
        return self._split(page, remarks) if self.split else self._joined(page, remarks)

    def _opened(self, photo: Photo, degrees: int | None) -> Page:
        checkpoint()
        return self.page(self.pipeline.open(photo), degrees)

    def page(self, view: View, degrees: int | None = None) -> Page:
        """Everything requested of the page that a view shows.

        Parameters
        ----------
        degrees
            By how much the result is turned clockwise; by default as the finish says.
        """
        view = view.over(view.photo)  # what is noted on it is of this request only
        if degrees is None:
            degrees = degrees_of(self.finish, view)
        hints = self.hints_for(view)
        record = None
        if self.provenance:
            record = provenance.record(view, degrees, self.how, self.hints, self.finish)
        return Page(view, hints, self.finish, self.retouch, degrees, record, self.record_beside)

    def hints_for(self, view: View) -> Hints:
        """All hints for a view, with remembered ones and those of the reference."""
        found = Hints()
        if self.memory is not None:
            found = view.remembered = self.memory.hints(view, self.hints)
        if self.reference is not None:
            guidance = self.reference.guidance(view)
            view.reference, view.remarks = guidance.how, guidance.remarks
            found += guidance.hints
        return found + self.hints

    def _exact(self, page: Page) -> Result:
        """The photo with its lightness kept exactly."""
        made = exact.files_of(page, self.variants)
        remarks = (*files.lost([made[0].metadata], "JPEG"), *page.remarks)
        certainty = page.certainty() if self.confidence else None
        return Result(
            [Encoded(each.content) for each in made], certainty, remarks, made[0].record,
            (page.view.turn,), (page.degrees,),
        )  # fmt: skip

    def _split(self, page: Page, remarks: tuple[str, ...]) -> Result:
        """The photographs of a page; raises PhotoError if there are fewer than two."""
        pieces = split.pieces_of(page.view, self.finish)
        (whole,) = page.colored(layer=self.chroma_only)
        remarks += page.remarks_on(cut=True)
        for number, piece in enumerate(pieces, 1):
            if piece.degrees:
                remarks += (f"photograph {number}: turned by {piece.degrees} degrees",)
        return Result([piece.picture(page, whole) for piece in pieces], None, remarks, page.record)

    def _joined(self, page: Page, remarks: tuple[str, ...]) -> Result:
        """The photo with all its pages."""
        photo, record = page.view.photo, page.record
        together = page.degrees if photo.duration else None  # the frames of an animation
        first = self._made(page)
        others = [self._made(self._opened(each, together)) for each in photo.pages]
        every = (first, *others)
        pictures: list[Photo | Encoded] = [
            replace(each, jpeg=None, pages=tuple(other.photos[k] for other in others))
            for k, each in enumerate(first.photos)
        ]
        certainty = first.certainty
        if certainty is not None:
            further = tuple(each.certainty for each in others if each.certainty is not None)
            certainty = replace(certainty, pages=further)
        remarks += tuple(remark for each in every for remark in each.remarks)
        turns, turned = zip(*((each.turn, each.degrees) for each in every), strict=True)
        return Result(pictures, certainty, tuple(dict.fromkeys(remarks)), record, turns, turned)

    def _made(self, page: Page) -> _Made:
        pictures = page.colored(self.variants, layer=self.chroma_only)
        photos = [page.placed(each) for each in pictures]
        certainty = page.certainty() if self.confidence else None
        remarks = page.remarks_on(cut=photos[0].turn.cut)
        return _Made(photos, certainty, remarks, page.view.turn, page.degrees)

    def _reports_recompression(self, photo: Photo, format: Format | None) -> bool:
        """Whether to report recompression: only where exact output could be expected, from JPEG to
        JPEG with the extra installed.
        """
        was_jpeg = photo.jpeg is not None or (self.finish.negative and photo.format == "JPEG")
        kept = was_jpeg and format is not None and format.name == "JPEG"
        wanted = self.finish.lightness == "auto" and not self.chroma_only
        return kept and wanted and not self.split and coefficients.is_there()


def _check_varied(colorizer: Colorizer) -> None:
    """Raise UsageError if a method gives only one result."""
    if not is_varied(type(colorizer)):
        *others, last = (each for each in METHODS if is_varied(method_class(each)))
        raise UsageError(
            f"method {colorizer.name} gives only one result; for `variants`, use `method` "
            f"{', '.join(others)} or {last}"
        )


def _lost(photo: Photo, format: Format) -> tuple[str, ...]:
    only_here = photo.jpeg.only_here if photo.jpeg is not None else []
    pages = [each.metadata for each in (photo, *photo.pages)]
    return files.lost(pages, format.name, only_here)
