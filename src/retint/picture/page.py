"""One page of a photo: opened with a method, coloured, placed and recorded."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts.upright import LEAST, Compass
from retint.files import Photo, captions, xmp
from retint.files.description import description
from retint.hints import Hints
from retint.picture import geometry
from retint.picture.box import Boxes
from retint.picture.damage import Retouch
from retint.picture.finish import Finish
from retint.picture.layer import color_layer
from retint.picture.pipeline import View
from retint.picture.repair import repaired_text


@dataclass(frozen=True)
class Page:
    """A view of a page with everything that is requested of it."""

    view: View
    hints: Hints
    finish: Finish
    retouch: Retouch
    degrees: int
    """Degrees clockwise by which the result is turned."""
    record: dict[str, Any] | None
    """The provenance record; None if it is off."""
    record_beside: bool = False
    """Whether the record is left out of the pictures."""

    def chromas(self, count: int = 1) -> list[Float32]:
        """a*, b* [h, w, 2] at the working size, of as many colourings."""
        if count > 1:
            return self.view.chromas(count, self.hints, self.finish)
        return [self.view.chroma(self.hints, self.finish)]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks on what was not used or written, one line each."""
        found = self.view.remarks
        if colors := dict.fromkeys(each.color for each in self.view.remembered.points):
            found += (f"remembered colors: {', '.join(colors)}",)
        if self.finish.repair and not self.finish.raw:
            mask = self.view.damage(self.finish.repair, self.retouch)
            found += (repaired_text(np.count_nonzero(mask) / mask.size),)
        if self.record is None or self.finish.caption == "off" or xmp.CAPTION in self.record:
            return found
        return (
            *found, "its description stays as it is; to change it, use `caption` append or replace"
        )  # fmt: skip

    def remarks_on(self, *, cut: bool) -> tuple[str, ...]:
        """These remarks, and one on what the metadata lose if the picture is turned or cut."""
        return geometry.lost(self.view.photo, self.degrees, cut=cut) + self.remarks

    def colored(self, count: int = 1, *, layer: bool = False) -> list[Photo]:
        """The page in colour, not yet placed; as many colourings, or layers of their colour."""
        view, finish = self.view, self.finish
        if finish.raw:
            pictures = [view.colorize(self.hints, finish)]
        else:
            pictures = [view.merged(each, finish, self.retouch) for each in self.chromas(count)]
        if layer:
            pictures = [color_layer(view.photo, each) for each in pictures]
        return [
            replace(each, space=finish.profile, quality=finish.quality, pages=())
            for each in pictures
        ]

    def placed(self, photo: Photo) -> Photo:
        """A picture of the page as the finish places it, with the record in its metadata."""
        return self.recorded(geometry.placed(photo, self.finish, self.degrees))

    def recorded(self, photo: Photo) -> Photo:
        """A picture with the record in its metadata."""
        if self.record is None or self.record_beside:
            return photo
        before = captions.gathered(photo.metadata)
        packet = before.xmp
        if xmp.CAPTION in self.record:  # a description elsewhere is one as well
            packet = xmp.with_description(packet, description(before))
        packet = xmp.with_provenance(packet, self.record)
        return replace(photo, metadata=captions.spread(replace(before, xmp=packet)))

    def certainty(self) -> Photo:
        """Map of the method's confidence, placed like the picture."""
        levels = Photo((self.view.certainty(self.hints) * 255 + 0.5).astype(np.uint8))
        return geometry.placed(levels, self.finish, self.degrees)


def degrees_of(finish: Finish, view: View) -> int:
    """Degrees clockwise by which the result of a view is turned."""
    if finish.turn == "off":
        return 0
    if finish.turn != "auto":
        return int(finish.turn)
    upright = view.pipeline.upright
    if upright.compass is not None or upright.turn:
        return view.turn
    machine = view.pipeline.colorizer.options
    if isinstance(view.box, Boxes):  # photographs of a page may lie in different ways
        return 0
    seen = replace(view.photo, pixels=view.photo.pixels[view.box.slices])
    height, width = seen.size
    scale = min(1.0, LEAST / min(height, width))
    small = view.pipeline.shrunk(seen, (round(height * scale), round(width * scale)))
    return geometry.QUARTER * _compass(machine.threads, machine.device).turn(small)


@functools.cache
def _compass(threads: int, device: str) -> Compass:
    return Compass(threads, device)
