"""What the methods that run one shipped network have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retint.colorizers.network import load_own
from retint.size import SizeRequirement


@dataclass(frozen=True)
class NetworkOptions:
    """Options of a method that runs a network."""

    weights: Path | None = None
    """An ONNX file of `retint export` in place of the shipped one."""
    device: str = "auto"
    threads: int = 0


class Networked:
    """Opens the network of the method's name and says what it needs."""

    Options = NetworkOptions
    name: str

    def __init__(self, options: NetworkOptions) -> None:
        self.options = options
        self._network = load_own(self.name, options.weights, options.threads, options.device)

    @property
    def native(self) -> int:
        """Short side in pixels at which the network does best."""
        return self._network.description.native

    @property
    def size(self) -> SizeRequirement:
        """Heights and widths it accepts."""
        return self._network.description.size
