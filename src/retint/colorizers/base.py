"""The interface of colorizers: a `Colorizer` opens lightness as a `Look`, which returns chroma."""

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
    from retint.hints.dots import Dots

GUIDED = "guided-unet"
"""The method that error messages recommend for hints."""


def without_rgb(method: str) -> UsageError:
    """The error for a method that predicts chroma only, asked for its own picture."""
    return UsageError(f"`raw` needs a method with an RGB output; {method} has none")


class Look(ABC):
    """One picture opened with one method; it can be coloured repeatedly.

    Methods override what they support; the defaults here raise errors that name the method. Callers
    ask the class what it supports. Planes have the height and width of the opened lightness. Hints
    are [H, W, 3]: a*, b*, and 1 where there is a hint, else 0.
    """

    takes_hints: ClassVar[bool] = False
    knows_things: ClassVar[bool] = False
    """Whether `spread` may find what dots lie on."""

    def __init__(self, method: str) -> None:
        self.method = method

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2]; raises UsageError for hints if the method takes none."""
        self._refuse(hints)
        return self._chroma(hints)

    def variants(
        self, count: int, hints: Float32 | None = None, base: Float32 | None = None
    ) -> list[Float32]:
        """Return several plausible a*, b* [H, W, 2], with consecutive seeds.

        Parameters
        ----------
        base
            a*, b* [H, W, 2] to start from; the method's `strength` determines how much of them
            remains. By default the method chooses its own.

        Raises
        ------
        UsageError
            If the method gives only one result, or there are hints and it takes none.
        """
        self._refuse(hints)
        return self._variants(count, hints, base)

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """The method's confidence [H, W]: 0 if all colours are equally likely, 1 if only one is.

        Raises
        ------
        UsageError
            If the method has no measure of confidence.
        """
        self._refuse(hints)
        return self._certainty(hints)

    def scores_at(self, row: int, column: int) -> Float32:  # noqa: ARG002
        """Probabilities [313] of the colours of `color.bins` at a pixel, without hints.

        Raises
        ------
        UsageError
            If the method scores no colours.
        """
        raise UsageError(f"method {self.method} scores no colors")

    def spread(self, dots: Dots) -> Float32 | None:  # noqa: ARG002
        """Where dots colour the things that they lie on; None if the method knows no things.

        Returns
        -------
        Shares in [0, 1] of the dots' things and of what has their colors, and the dots' a*, b*
        there, [H, W, 4].
        """
        return None

    def rgb(self) -> Float32:
        """The network's own sRGB [H, W, 3] in [0, 1], if it predicts lightness too.

        Raises UsageError if it does not.
        """
        raise without_rgb(self.method)

    @abstractmethod
    def _chroma(self, hints: Float32 | None) -> Float32: ...

    def _variants(
        self,
        count: int,  # noqa: ARG002
        hints: Float32 | None,  # noqa: ARG002
        base: Float32 | None,  # noqa: ARG002
    ) -> list[Float32]:
        raise UsageError(
            f"method {self.method} gives only one result; `variants` needs a diffusion method"
        )

    def _certainty(self, hints: Float32 | None) -> Float32:  # noqa: ARG002
        raise UsageError(f"method {self.method} has no measure of confidence")

    def _refuse(self, hints: Float32 | None) -> None:
        if hints is not None and not self.takes_hints:
            raise UsageError(f"method {self.method} takes no hints; use `method` {GUIDED}")


class PlainLook(Look):
    """The look of a method that gives one result and supports nothing else."""

    def __init__(
        self, method: str, lightness: Float32, answer: Callable[[Float32], Float32]
    ) -> None:
        super().__init__(method)
        self.lightness = lightness
        self._answer = answer

    def _chroma(self, hints: Float32 | None) -> Float32:  # noqa: ARG002 - refused before
        return self._result

    @cached_property
    def _result(self) -> Float32:
        return self._answer(self.lightness)


class Colorizer(ABC):
    """A colourisation method: its name, its requirements and how it opens a picture.

    Methods are deterministic, and a colorizer may be called from several threads.
    """

    name: ClassVar[str]
    """Name of the method on the command line."""
    summary: ClassVar[str]
    """One-line description."""
    Options: ClassVar[type[MachineOptions]] = MachineOptions
    """Dataclass of its options."""
    look_class: ClassVar[type[Look]]
    """The class that `look` returns; it states what the method supports."""
    shipped: ClassVar[bool] = True
    """Whether the package contains everything it needs."""
    baseline: ClassVar[bool] = False
    """Whether it only serves for comparison in evaluations."""
    trained_on_lite0: ClassVar[bool] = False
    """Whether its network or its loss used EfficientNet-lite0, the network behind KID-lite0."""
    sees: ClassVar[bool] = True
    """Whether its colours depend on what the picture shows."""
    made_of: ClassVar[tuple[str, ...]] = ()
    """For composite methods: the options that name the other methods."""
    passes_on_to: ClassVar[str] = ""
    """The one of those options whose method gets all unknown options."""

    options: MachineOptions
    native: int
    """Short side in pixels at which the method works best."""
    size: SizeRequirement
    """Heights and widths it accepts."""

    @abstractmethod
    def look(self, lightness: Float32) -> Look:
        """Open L* [H, W] in [0, 100] to colour it repeatedly."""

    def __call__(self, lightness: Float32) -> Float32:
        """Convert L* [H, W] in [0, 100] to a*, b* [H, W, 2]."""
        return self.look(lightness).chroma()

    def on_one_thread(self) -> Colorizer:
        """The same method with one thread per picture, or this one if it knows no such way."""
        return self

    @property
    def weights(self) -> list[Path]:
        """The weights files that it uses."""
        return []

    @property
    def weights_of_things(self) -> list[Path]:
        """The weights files that only hints use that color things."""
        return []

    @property
    def chosen(self) -> dict[str, Any]:
        """Options that differ from their defaults and affect the result."""
        return self.options.chosen(but=MachineOptions)


def takes_hints(kind: type[Colorizer]) -> bool:
    """Whether a method takes colour hints and reference pictures."""
    return kind.look_class.takes_hints


def is_varied(kind: type[Colorizer]) -> bool:
    """Whether a method can return several colourings."""
    return kind.look_class._variants is not Look._variants


def paints(kind: type[Colorizer]) -> bool:
    """Whether a method's network has an RGB output."""
    return kind.look_class.rgb is not Look.rgb
