"""Networks of other authors, from ONNX files with the layout of their published exports.

DDColor (Kang et al. 2023), DeOldify (Antic 2018), ECCV16 (Zhang et al. 2016) and SIGGRAPH17 (Zhang
et al. 2017). Their inputs and outputs have similar shapes but different meanings, so the user has
to name the network. All of them expect the picture stretched to a square.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average, linear, nearest
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, Look, PlainLook
from retint.colorizers.options import ForeignOptions
from retint.colorizers.parts.sessions import session_of
from retint.errors import UsageError, WeightsError

FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


@dataclass(frozen=True)
class Port:
    """An input or output of a file."""

    name: str
    kind: str
    shape: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.name} {'x'.join(str(each) for each in self.shape)} {self.kind}"

    @property
    def channels(self) -> int | None:
        """Channels of planes [N, C, H, W]; None for other shapes."""
        known = len(self.shape) == 4 and isinstance(self.shape[1], int)
        return self.shape[1] if known and self.kind in FLOATS else None

    @property
    def side(self) -> int | None:
        """Side of square planes; None if any side is accepted."""
        high, wide = self.shape[2:]
        return high if isinstance(high, int) and high == wide else None


class ForeignFile:
    """A foreign ONNX file, ready to run."""

    def __init__(self, path: Path, threads: int, device: str) -> None:
        if not path.is_file():
            raise WeightsError(f"no weights at {path}")
        self.path = path
        self._session = session_of(path, threads, device)
        self.inputs = tuple(map(_port, self._session.get_inputs()))
        self.outputs = tuple(map(_port, self._session.get_outputs()))

    @property
    def signature(self) -> str:
        """Its inputs and outputs, in words."""
        took, gave = (", ".join(map(str, ports)) for ports in (self.inputs, self.outputs))
        return f"takes {took}; gives {gave}"

    def run(self, planes: dict[str, Float32]) -> Float32:
        """Run planes [1, C, S, S] by input name; return the first output [C, S, S]."""
        kinds = {port.name: FLOATS[port.kind] for port in self.inputs}
        given = {name: each.astype(kinds[name]) for name, each in planes.items()}
        try:
            answer = self._session.run([self.outputs[0].name], given)[0]
        except Exception as error:  # onnxruntime's errors share no base class
            said = str(error).splitlines()[0][:200]
            raise WeightsError(f"cannot run {self.path}: {said}") from None
        return np.asarray(answer[0], np.float32)


def _port(node: Any) -> Port:
    return Port(node.name, node.type, tuple(node.shape))


class Foreign(Colorizer):
    """A foreign network; subclasses convert its inputs and outputs."""

    shipped = False
    Options = ForeignOptions
    options: ForeignOptions
    size = SizeRequirement(minimum=1, multiple_of=1)

    takes: ClassVar[tuple[int, ...]]
    """Channels of its inputs, in order."""
    gives: ClassVar[int]
    """Channels of its output."""
    published: ClassVar[int]
    """Side of the square that its authors use."""
    fixed: ClassVar[bool] = False
    """Whether all its files require that side."""

    def __init__(self, options: ForeignOptions) -> None:
        self.options = options
        if options.weights is None:
            raise UsageError(f"{self.name} is not part of retint: pass its ONNX file as `weights`")
        self._file = ForeignFile(options.weights, options.threads, options.device)
        if not self.fits(self._file):
            raise WeightsError(
                f"{options.weights} is not a {self.name} file: it {self._file.signature}; "
                f"expected: {self.wanted()}"
            )
        self._ports = self.ordered(self._file)
        self.side = self._side()
        self.native = self.side

    @classmethod
    def wanted(cls) -> str:
        """The inputs and outputs of its files, in words."""
        took = ", ".join(f"1x{channels}xSxS" for channels in cls.takes)
        return f"takes {took}; gives 1x{cls.gives}xSxS"

    @classmethod
    def fits(cls, file: ForeignFile) -> bool:
        """Whether a file has its inputs and output, by number and shape."""
        found = sorted(port.channels or 0 for port in file.inputs)
        sides = {port.side for port in file.inputs if len(port.shape) == 4 and port.side}
        return (
            found == sorted(cls.takes)
            and bool(file.outputs)
            and file.outputs[0].channels in (cls.gives, None)
            and len(file.outputs[0].shape) == 4
            and len(sides) <= 1
            and (not cls.fixed or not sides or sides == {cls.published})
        )

    @classmethod
    def ordered(cls, file: ForeignFile) -> tuple[Port, ...]:
        """The file's inputs in the order of `takes`."""
        left = list(file.inputs)
        found = []
        for channels in cls.takes:
            port = next(each for each in left if each.channels == channels)
            left.remove(port)
            found.append(port)
        return tuple(found)

    def _side(self) -> int:
        own = next((port.side for port in self._ports if port.side), None)
        if own and self.options.native and self.options.native != own:
            raise UsageError(
                f"this {self.name} file requires {own} pixels, not `native` {self.options.native}"
            )
        return own or self.options.native or self.published

    @property
    def weights(self) -> list[Path]:
        """The weights file."""
        return [self._file.path]

    @property
    def chosen(self) -> dict[str, Any]:
        """The input size, in addition to the options."""
        return super().chosen | {"side": self.side}

    def look(self, lightness: Float32) -> Look:
        """Open L* [H, W]."""
        return PlainLook(self.name, lightness, self._answer)

    def _answer(self, lightness: Float32) -> Float32:
        square = _resize(lightness, (self.side, self.side))
        planes = self.planes(square)
        chroma = self.chroma(self._file.run(self._inputs(planes)), square)
        return _resize(chroma, lightness.shape)

    def _inputs(self, planes: tuple[Float32, ...]) -> dict[str, Float32]:
        return {port.name: each[None] for port, each in zip(self._ports, planes, strict=True)}

    @abstractmethod
    def planes(self, lightness: Float32) -> tuple[Float32, ...]:
        """Inputs [C, S, S] for L* [S, S], in the order of `takes`."""

    def chroma(self, answer: Float32, lightness: Float32) -> Float32:  # noqa: ARG002
        """Convert the output [C, S, S] to a*, b* [S, S, 2]; by default it is a*, b*."""
        return np.moveaxis(answer, 0, -1)


class DDColor(Foreign):
    """Kang et al. 2023, "DDColor: Towards Photo-Realistic Image Colorization"."""

    name = "ddcolor"
    summary = "DDColor (Kang et al. 2023) from your own ONNX file: --weights FILE"
    takes, gives, published = (3,), 2, 512
    look_class = PlainLook

    def planes(self, lightness: Float32) -> tuple[Float32, ...]:
        return (np.moveaxis(_grey(lightness), -1, 0),)


class DeOldify(Foreign):
    """Antic 2018, DeOldify; its files contain the normalisation."""

    name = "deoldify"
    summary = "DeOldify (Antic 2018) from your own ONNX file: --weights FILE"
    takes, gives, published = (3,), 3, 560
    look_class = PlainLook

    def planes(self, lightness: Float32) -> tuple[Float32, ...]:
        return (np.moveaxis(_grey(lightness), -1, 0) * np.float32(255),)

    def chroma(self, answer: Float32, lightness: Float32) -> Float32:  # noqa: ARG002
        rgb = np.clip(np.moveaxis(answer, 0, -1) / np.float32(255), 0, 1)
        return lab.rgb_to_lab(np.ascontiguousarray(rgb))[..., 1:]


class ECCV16(Foreign):
    """Zhang et al. 2016, "Colorful Image Colorization"."""

    name = "eccv16"
    summary = "ECCV16 (Zhang et al. 2016) from your own ONNX file: --weights FILE"
    takes, gives, published, fixed = (1,), 2, 256, True
    look_class = PlainLook

    def planes(self, lightness: Float32) -> tuple[Float32, ...]:
        return (lightness[None],)


class HintedLook(Look):
    """A picture opened with a network that takes hints."""

    takes_hints = True

    def __init__(self, method: SIGGRAPH17, lightness: Float32) -> None:
        super().__init__(method.name)
        self._method, self._lightness = method, lightness

    def _chroma(self, hints: Float32 | None) -> Float32:
        return self._method.answer(self._lightness, hints)


class SIGGRAPH17(Foreign):
    """Zhang et al. 2017, "Real-Time User-Guided Image Colorization with Learned Deep Priors"."""

    name = "siggraph17"
    summary = "SIGGRAPH17 (Zhang et al. 2017) from your own ONNX file, with hints: --weights FILE"
    takes, gives, published = (1, 2, 1), 2, 256
    look_class = HintedLook

    @classmethod
    def ordered(cls, file: ForeignFile) -> tuple[Port, ...]:
        """L*, a*b* hints, mask; of the two inputs with one channel, the mask is named so or is the
        last.
        """
        first, hints, mask = super().ordered(file)
        return (mask, hints, first) if "mask" in first.name.lower() else (first, hints, mask)

    def look(self, lightness: Float32) -> Look:
        """Open L* [H, W]."""
        return HintedLook(self, lightness)

    def planes(self, lightness: Float32) -> tuple[Float32, ...]:
        none = np.zeros((3, *lightness.shape), np.float32)
        return lightness[None], none[:2], none[2:]

    def answer(self, lightness: Float32, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2] from L* [H, W] and hints [H, W, 3]."""
        square = _resize(lightness, (self.side, self.side))
        planes = self.planes(square)
        if hints is not None:
            # Hints must stay in place in the square, however small they are.
            placed = np.moveaxis(nearest(hints, square.shape), -1, 0)
            planes = planes[0], placed[:2], placed[2:]
        chroma = self.chroma(self._file.run(self._inputs(planes)), square)
        return _resize(chroma, lightness.shape)


ADAPTERS: tuple[type[Foreign], ...] = (DDColor, DeOldify, ECCV16, SIGGRAPH17)


def _grey(lightness: Float32) -> Float32:
    """sRGB [S, S, 3] in [0, 1] of L* without colour."""
    nothing = np.zeros_like(lightness)
    return lab.lab_to_rgb(np.stack([lightness, nothing, nothing], axis=-1))


def _resize(planes: Float32, size: tuple[int, ...]) -> Float32:
    height, width = size[:2]
    if planes.shape[:2] == (height, width):
        return planes
    smaller = height * width < planes.shape[0] * planes.shape[1]
    return (average if smaller else linear)(planes, (height, width))
