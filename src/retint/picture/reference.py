"""Reference pictures: those that a person chose, stills of a film, and a folder to choose from."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from retint import files
from retint.colorizers import takes_hints
from retint.colorizers.parts import semantics
from retint.colorizers.parts.network import load_own
from retint.errors import UsageError
from retint.files import Photo
from retint.hints import Hints
from retint.picture.exemplar import Exemplar, sha256_of, view_and_colors
from retint.picture.followed import follow
from retint.picture.gallery import Gallery, Seen
from retint.picture.matched_hints import EVERY, Followed, hints_of
from retint.picture.pipeline import Pipeline, View
from retint.picture.still import At, Still
from retint.weights import shipped

LEAST_SHARE = 0.035
"""Minimum share of the cells that have a match in a reference picture; one with fewer shows other
things. Chosen on val/: pictures of other things have 0.00 to 0.03, two of 24 more.
"""
UNUSED = "nothing in it matches the reference, which is not used"
"""Remark about a picture."""
NONE_NEAR = "nothing in it matches a picture of the references"
"""Remark about a picture whose references are chosen from a folder."""
MATCHING = "tokens"
"""How places are matched; another word makes results be coloured again when a run is resumed."""
MOST = 64
"""Maximum number of reference pictures of one colouring."""


class Guidance(NamedTuple):
    """What a picture takes from reference pictures."""

    hints: Hints
    how: dict[str, Any]
    """What its record says about them; pictures of a folder are among them only if it follows them.
    """
    followed: dict[str, str]
    """SHA-256 of those pictures of the folder, by their names."""
    remarks: tuple[str, ...]
    """One line each."""


class Reference:
    """Colour pictures to take colours from: each place follows the one that it is most like.

    Raises
    ------
    PhotoError
        If a picture has no colours.
    UsageError
        If the method takes no hints.
    """

    def __init__(self, pipeline: Pipeline, *photos: Photo) -> None:
        colorizer = pipeline.colorizer
        if not takes_hints(type(colorizer)):
            raise UsageError(f"method {colorizer.name} takes no reference picture")
        options = colorizer.options
        self._pipeline = pipeline
        self.network = load_own(semantics.NAME, None, options.threads, options.device)
        self._exemplars = [self._exemplar(photo) for photo in photos]
        self._stills: list[Still] = []
        self._read: dict[Still, Exemplar] = {}
        self.gallery: Gallery | None = None
        """A folder whose pictures are references of pictures that they resemble."""

    @classmethod
    def still(cls, pipeline: Pipeline, read: Callable[[], Photo], at: At, name: str) -> Reference:
        """A picture that sets the colours of a frame of a film; for everything else it is a
        reference like any other.

        Parameters
        ----------
        read
            Returns the picture; called whenever it is needed.
        name
            How messages call it.
        """
        photo = read()
        view_and_colors(pipeline, photo)
        found = cls(pipeline)
        found._stills = [Still(name, at, read, sha256_of(photo))]
        return found

    @classmethod
    def nearest_of(
        cls,
        pipeline: Pipeline,
        folder: Path,
        max_pixels: int = files.MAX_PIXELS,
        seen: Seen = lambda *_: None,
    ) -> Reference:
        """Those pictures of a folder that are most like a picture: others for each. Also raises the
        exceptions of `Gallery.open`.
        """
        found = cls(pipeline)
        found.gallery = Gallery.open(pipeline, found.network, folder, max_pixels, seen)
        return found

    @classmethod
    def of_gallery(cls, pipeline: Pipeline, gallery: Gallery) -> Reference:
        """The same for a folder that was opened before, with whichever method."""
        found = cls(pipeline)
        found.gallery = gallery
        return found

    @classmethod
    def joined(cls, several: Iterable[Reference]) -> Reference:
        """All pictures of at least one reference; at most one of them has a folder."""
        references = list(several)
        joined = copy.copy(references[0])
        joined._exemplars = [own for each in references for own in each._exemplars]
        joined._stills = [still for each in references for still in each._stills]
        joined.gallery = next((each.gallery for each in references if each.gallery), None)
        return joined

    @property
    def stills(self) -> list[Still]:
        """The pictures that set the colours of a frame of a film."""
        return list(self._stills)

    def with_stills(self, stills: Iterable[Still]) -> Reference | None:
        """The same reference with these stills only; None if nothing is left."""
        found = copy.copy(self)
        found._stills = list(stills)
        return found if found._stills or found._exemplars or found.gallery else None

    def near(self, view: View | None) -> Reference:
        """The same reference for a picture and others of its scene: the pictures of the folder that
        are most like it take the place of the folder, or none of them.
        """
        if self.gallery is None:
            return self
        found = copy.copy(self)
        nearest = [] if view is None else self.gallery.nearest(view)
        found._exemplars = [*self._exemplars, *nearest]
        found.gallery = None
        return found

    @property
    def sha256(self) -> str | list[str]:
        """SHA-256 of the pixels; a list for several pictures. Those of stills follow the others'
        and begin with their frame.
        """
        stills = [f"{each.at}: {each.sha256}" for each in self._stills]
        hashes = [*(each.sha256 for each in self._exemplars), *stills]
        return hashes[0] if len(hashes) == 1 else hashes

    @property
    def how(self) -> dict[str, Any]:
        """What colours depend on, as JSON values."""
        found: dict[str, Any] = {"matching": MATCHING}
        if self._exemplars or self._stills:
            found["reference"] = self.sha256
        if self.gallery is not None:
            found["references"] = self.gallery.sha256
        return found

    @property
    def weights(self) -> list[Path]:
        """The weights files by which places are matched."""
        return [shipped(semantics.NAME)]

    def hints(self, view: View, every: int = EVERY) -> Hints:
        """Hints for another picture.

        Parameters
        ----------
        every
            There is at most one hint in a square of so many cells of 1/32 of the picture.
        """
        return hints_of(view, self.matches(view), every)

    def matches(self, view: View) -> Followed:
        """The place that each cell of a picture takes its colour from."""
        near = self.near(view)
        return follow(self.network, view, near._all())

    def guidance(self, view: View) -> Guidance:
        """Hints for another picture, and what they follow."""
        near = self.near(view)
        found = follow(self.network, view, near._all())
        hints = hints_of(view, found)
        if not hints:
            return Guidance(hints, {}, {}, (self.unused,))
        used = copy.copy(near)
        used._exemplars = [
            each for k, each in enumerate(near._exemplars) if not each.name or k in found.used
        ]
        named = {each.name: each.sha256 for each in used._exemplars if each.name}
        return Guidance(hints, used.how, named, (taken_from(named),) if named else ())

    @property
    def names(self) -> list[str]:
        """Names of the pictures; empty for those that were not chosen from a folder."""
        return [each.name for each in self._exemplars]

    @property
    def unused(self) -> str:
        """Remark about a picture that matches nothing."""
        return UNUSED if self._exemplars or self._stills else NONE_NEAR

    def _all(self) -> Iterator[Exemplar]:
        yield from self._exemplars
        for still in self._stills:
            if still not in self._read:
                if len(self._read) >= MOST:
                    self._read.clear()
                self._read[still] = self._exemplar(still.read())
            yield self._read[still]

    def _exemplar(self, photo: Photo) -> Exemplar:
        return Exemplar.of(self.network, self._pipeline, photo, LEAST_SHARE)


def taken_from(names: Iterable[str]) -> str:
    """Remark on the pictures of a folder that were followed."""
    return f"colors taken from {', '.join(names)}"


def with_followed(how: Mapping[str, Any], followed: Mapping[str, str]) -> dict[str, Any]:
    """What colours depend on, with the pictures of the folder that were followed, by `Guidance`, in
    place of the folder.
    """
    found = {name: value for name, value in how.items() if name != "references"}
    if not followed:
        return found
    before = found.get("reference", [])
    hashes = [*([before] if isinstance(before, str) else before), *followed.values()]
    return found | {"reference": hashes[0] if len(hashes) == 1 else hashes}
