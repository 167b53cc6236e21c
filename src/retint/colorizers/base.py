"""The contract of a colorizer: it looks at lightness, and its look answers with chroma."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from retint.color.size import SizeRequirement
from retint.errors import UsageError
from retint.options import MachineOptions

if TYPE_CHECKING:
    from retint.color.lab import Float32

GUIDED = "guided-unet"
"""The method to be named to somebody who has hints."""


class Look(ABC):
    """One picture before one method: looked at once, coloured as often as one likes.

    What a method cannot do is refused here, by its name: a method overrides what it can, and the
    class is asked what that is. Planes have the height and width that were looked at; hints are
    a*, b* and 1 where there is one, else 0: [H, W, 3].
    """

    takes_hints: ClassVar[bool] = False

    def __init__(self, method: str) -> None:
        self.method = method

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2]; raises UsageError for hints where the method takes none."""
        self._refuse(hints)
        return self._chroma(hints)

    def variants(
        self, count: int, hints: Float32 | None = None, base: Float32 | None = None
    ) -> list[Float32]:
        """Several plausible a*, b* [H, W, 2]; seeds count upwards.

        Parameters
        ----------
        base
            a*, b* [H, W, 2] to start from, as far as the method's `strength` leaves anything of
            them; None for what the method itself thinks best.

        Raises
        ------
        UsageError
            If the method has only one answer, or there are hints and it takes none.
        """
        self._refuse(hints)
        return self._variants(count, hints, base)

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """How sure the method is [H, W]: from 0, all colours alike, to 1, only one.

        Raises
        ------
        UsageError
            If it cannot say.
        """
        self._refuse(hints)
        return self._certainty(hints)

    @property
    def features(self) -> Float32:
        """What its places are like: unit vectors [h, w, C], a coarse grid over the picture.

        Raises UsageError where the method has none.
        """
        raise UsageError(f"{self.method} takes no reference picture")

    def rgb(self) -> Float32:
        """The network's own sRGB [H, W, 3] in [0, 1], of one that paints lightness too.

        Raises UsageError where it does not.
        """
        raise UsageError(f"{self.method} paints no RGB of its own to show `raw`")

    @abstractmethod
    def _chroma(self, hints: Float32 | None) -> Float32: ...

    def _variants(
        self,
        count: int,  # noqa: ARG002
        hints: Float32 | None,  # noqa: ARG002
        base: Float32 | None,  # noqa: ARG002
    ) -> list[Float32]:
        raise UsageError(f"{self.method} has one answer; `variants` are for diffusion")

    def _certainty(self, hints: Float32 | None) -> Float32:  # noqa: ARG002
        raise UsageError(f"{self.method} cannot say how sure it is")

    def _refuse(self, hints: Float32 | None) -> None:
        if hints is not None and not self.takes_hints:
            raise UsageError(f"{self.method} takes no hints; `method` {GUIDED} does")


class PlainLook(Look):
    """A look of a method that makes one answer of a lightness, and no more."""

    def __init__(
        self, method: str, lightness: Float32, answer: Callable[[Float32], Float32]
    ) -> None:
        super().__init__(method)
        self.lightness = lightness
        self._answer = answer

    def _chroma(self, hints: Float32 | None) -> Float32:  # noqa: ARG002 - refused before
        return self._answered

    @cached_property
    def _answered(self) -> Float32:
        return self._answer(self.lightness)


class Colorizer(ABC):
    """A method: what it is called and needs, and how it looks at a picture.

    The same lightness gives the same chroma, and one colorizer may be called from several threads.
    """

    name: ClassVar[str]
    """What the method is called on the command line."""
    summary: ClassVar[str]
    """What it is, in one line."""
    Options: ClassVar[type[MachineOptions]] = MachineOptions
    """The dataclass that one is made with."""
    look_class: ClassVar[type[Look]]
    """What `look` answers with: it knows what the method can do."""
    shipped: ClassVar[bool] = True
    """Whether the package holds all it needs."""
    trained_on_lite0: ClassVar[bool] = False
    """Whether its network or its loss used EfficientNet-lite0, by which KID-lite0 judges."""
    made_of: ClassVar[tuple[str, ...]] = ()
    """Of a method that runs other ones: which of its options name them."""
    passes_on_to: ClassVar[str] = ""
    """Which of those gets the options that are not its own."""

    options: MachineOptions
    native: int
    """Short side in pixels at which the method does best."""
    size: SizeRequirement
    """Heights and widths it accepts."""

    @abstractmethod
    def look(self, lightness: Float32) -> Look:
        """Look at L* [H, W] in [0, 100], to colour it as often as one likes."""

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] in [0, 100] to a*, b* [H, W, 2]."""
        return self.look(lightness).chroma()

    @property
    def weights(self) -> list[Path]:
        """The files that it runs."""
        return []

    @property
    def chosen(self) -> dict[str, Any]:
        """Options that are not as they are by default and change what it answers."""
        return self.options.chosen(but=MachineOptions)


def takes_hints(kind: type[Colorizer]) -> bool:
    """Whether a method takes colour hints and reference pictures."""
    return kind.look_class.takes_hints


def is_varied(kind: type[Colorizer]) -> bool:
    """Whether a method can propose several colourings."""
    return kind.look_class._variants is not Look._variants


def paints(kind: type[Colorizer]) -> bool:
    """Whether a method's network paints RGB of its own."""
    return kind.look_class.rgb is not Look.rgb
