"""The contract of a colorizer: lightness in, chroma out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

from retint.lab import Float32
from retint.size import SizeRequirement


class Colorizer(Protocol):
    """Anything that answers a lightness plane with chroma of the same size.

    The same lightness gives the same chroma, and one colorizer may be called from several threads.
    """

    @property
    def name(self) -> str:
        """What the method is called on the command line."""
        ...

    @property
    def native(self) -> int:
        """Short side in pixels at which the method does best."""
        ...

    @property
    def size(self) -> SizeRequirement:
        """Heights and widths it accepts."""
        ...

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] in [0, 100] to a*, b* [H, W, 2]."""
        ...


class Look(Protocol):
    """A picture that has been looked at: what it takes to colour it again is quick."""

    @property
    def features(self) -> Float32:
        """What its places are like: unit vectors [h, w, C], a coarse grid over the picture."""
        ...

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2], with hints [H, W, 3]: a*, b* and 1 where there is one, else 0."""
        ...

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """How sure the method is [H, W]: from 0, all colours alike, to 1, only one."""
        ...


@runtime_checkable
class Guided(Protocol):
    """A colorizer that takes colour hints."""

    def look(self, lightness: Float32) -> Look:
        """Look at L* [H, W] in [0, 100] once, to colour it as often as one likes."""
        ...


@runtime_checkable
class Varied(Protocol):
    """A colorizer that can propose several colourings of one picture."""

    def variants(
        self,
        lightness: Float32,
        count: int,
        hints: Float32 | None = None,
        base: Float32 | None = None,
    ) -> list[Float32]:
        """L* [H, W] to `count` times a*, b* [H, W, 2].

        Parameters
        ----------
        hints
            As `Look.chroma` takes them; never given to a method that is not `Guided` too.
        base
            a*, b* [H, W, 2] to start from, as far as the method's `strength` leaves anything of
            them; None for what the method itself thinks best.
        """
        ...


class VariedLook(Look, Protocol):
    """A look at a picture that proposes several colourings."""

    def variants(
        self, count: int, hints: Float32 | None = None, base: Float32 | None = None
    ) -> list[Float32]:
        """`count` times a*, b* [H, W, 2]; hints and base as `Varied.variants` takes them."""
        ...


class ByLook(ABC):
    """What a varied colorizer does, given how it looks at a picture."""

    @abstractmethod
    def look(self, lightness: Float32) -> VariedLook:
        """Look at L* [H, W] once, to colour it as often as one likes."""

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] to a*, b* [H, W, 2]; the seed says which."""
        return self.look(lightness).chroma()

    def variants(
        self,
        lightness: Float32,
        count: int,
        hints: Float32 | None = None,
        base: Float32 | None = None,
    ) -> list[Float32]:
        """L* [H, W] to several a*, b* [H, W, 2]; seeds count upwards."""
        return self.look(lightness).variants(count, hints, base)


@runtime_checkable
class Painter(Protocol):
    """A colorizer whose network paints RGB, lightness included; retint uses only its chroma."""

    def rgb(self, lightness: Float32) -> Float32:
        """L* [H, W] in [0, 100] to the network's own sRGB [H, W, 3] in [0, 1]."""
        ...
