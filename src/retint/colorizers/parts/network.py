"""ONNX networks: loaded safely and run on the requested device."""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retint import telemetry
from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer
from retint.colorizers.options import NetworkOptions
from retint.colorizers.parts.onnx_outline import Outline
from retint.errors import UsageError, WeightsError
from retint.threads import threads_or_all
from retint.weights import shipped

if TYPE_CHECKING:
    import onnxruntime

LOG = logging.getLogger(__name__)
METADATA_KEY = "retint"
"""Metadata key under which `retint export` stores a description of the network as JSON."""
WHOLE_KEY = "retint.whole"
"""The same for `retint export --whole`: such a file is no network of a method."""

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Execution providers of ONNX Runtime, by device."""
PACKAGES = {"cuda": "onnxruntime-gpu", "coreml": "onnxruntime", "directml": "onnxruntime-directml"}
CPU = "CPUExecutionProvider"
TROUBLE = "on Windows, install Microsoft's Visual C++ Redistributable: docs/install.md"


@dataclass(frozen=True)
class Description:
    """The description that an ONNX file of retint contains."""

    network: str
    native: int
    size: SizeRequirement
    fingerprint: str = ""
    """SHA-256 of its weights as trained."""
    beside: str = ""
    """Fingerprint of the network of another method that it must be used with."""

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Description:
        """Raises ValueError, KeyError or TypeError if the text is invalid."""
        fields = json.loads(text)
        size = SizeRequirement(**fields["size"])
        prints = (str(fields.get(name, "")) for name in ("fingerprint", "beside"))
        return cls(str(fields["network"]), int(fields["native"]), size, *prints)


class Network:
    """An ONNX file, ready to run from any thread."""

    def __init__(
        self, session: onnxruntime.InferenceSession, description: Description, path: Path
    ) -> None:
        self.description = description
        self.path = path
        self._session = session
        self._input = session.get_inputs()[0].name

    def __call__(self, planes: Float32) -> Float32:
        """Run [N, C, H, W] and return the first output."""
        (answer,) = self._session.run(None, {self._input: planes})
        return answer  # type: ignore[no-any-return]

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Float32]) -> list[Float32]:
        """Run a network with several inputs and outputs."""
        return self._session.run(list(outputs), dict(inputs))  # type: ignore[no-any-return]

    def channels(self, name: str) -> int:
        """Channels of the input with that name.

        Raises
        ------
        WeightsError
            If the network has no such input.
        """
        for each in self._session.get_inputs():
            if each.name == name:
                return int(each.shape[1])
        raise WeightsError(f"the network {self.description.network} has no input {name!r}")


class SideBySide:
    """Several networks in one file, of which one runs at a time.

    ONNX Runtime needs all inputs and runs the whole graph, so the unused networks get the smallest
    possible input.

    Parameters
    ----------
    network
        The file.
    smaller
        Its inputs, and how many times each is smaller than the picture.
    """

    def __init__(self, network: Network, smaller: Mapping[str, int]) -> None:
        self._network = network
        side = network.description.size.minimum
        self._least = {
            name: np.zeros((1, network.channels(name), side // step, side // step), np.float32)
            for name, step in smaller.items()
        }

    def __call__(self, outputs: Sequence[str], inputs: Mapping[str, Float32]) -> list[Float32]:
        """Outputs of one of the networks for its inputs [N, C, h, w]."""
        return self._network.run(outputs, {**self._least, **inputs})


@functools.lru_cache(maxsize=10)  # all shipped networks, so that methods share them
def load_network(path: Path, threads: int = 0, device: str = "auto") -> Network:
    """Open an ONNX file made by `retint export`.

    Raises
    ------
    WeightsError
        If the file is missing, broken, or not made by `retint export`.
    UsageError
        If the device is unknown or not available.
    """
    if not path.is_file():
        raise WeightsError(f"no weights at {path}")
    session = session_of(path, threads, device)
    metadata: dict[str, Any] = session.get_modelmeta().custom_metadata_map
    if WHOLE_KEY in metadata:
        raise WeightsError(f"{path} is a whole method for programs without retint, not a network")
    try:
        description = Description.from_json(metadata[METADATA_KEY])
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise WeightsError(f"{path} was not made by 'retint export'") from None
    return Network(session, description, path)


def load_own(name: str, path: Path | None, threads: int, device: str) -> Network:
    """Open the shipped file of a method, or another file with the same kind of network.

    Raises
    ------
    WeightsError, UsageError
        As `load_network`, and if the file contains another kind of network.
    """
    path = path or shipped(name)
    network = load_network(path, threads, device)
    if network.description.network != name:
        found = network.description.network
        raise WeightsError(f"{path} contains a {found!r} network, not {name!r}")
    return network


class Networked(Colorizer):
    """Base of methods that run an ONNX file of retint."""

    Options = NetworkOptions
    options: NetworkOptions

    def __init__(self, options: NetworkOptions) -> None:
        self.options = options
        self._network = load_own(self.name, options.weights, options.threads, options.device)
        self.native = self._network.description.native
        self.size = self._network.description.size

    @property
    def weights(self) -> list[Path]:
        """The weights file."""
        return [self.options.weights or shipped(self.name)]


def session_of(path: Path, threads: int, device: str) -> onnxruntime.InferenceSession:
    """Open an ONNX file on a device.

    Raises
    ------
    WeightsError
        If it cannot be run, or refers to code or files that are not allowed (`onnx_outline`).
    UsageError
        If the device is unknown or not available, or ONNX Runtime cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError as error:  # on Windows, mostly because of a missing Visual C++ runtime
        raise UsageError(f"onnxruntime cannot be loaded: {error} ({TROUBLE})") from error

    if telemetry.is_off():  # on Windows, the environment variables do not stop event tracing
        onnxruntime.disable_telemetry_events()
    if path != shipped(path.stem):  # shipped files are trusted
        Outline.of(path).check(path)
    providers = _providers(device, onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads_or_all(threads)
    options.log_severity_level = 3
    # Otherwise the idle threads of one network take the cores from the next one for a while.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # Independent of the file's suffix: files of the other format have not been checked.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        session = onnxruntime.InferenceSession(path, options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class
        raise WeightsError(f"{path} is not a valid ONNX file") from error
    runs = session.get_providers()[0]
    LOG.info("%s runs on %s", path.name, runs)
    if device in PROVIDERS and runs != PROVIDERS[device]:
        raise UsageError(f"{device} is available but cannot run {path.name}; use `device` auto")
    return session


def _providers(device: str, available: list[str]) -> list[str]:
    if device == "mps":
        raise UsageError("device mps runs controlnet only; other methods use coreml")
    if device == "cpu":
        return [CPU]
    if device in PROVIDERS:
        if PROVIDERS[device] not in available:
            raise UsageError(
                f"device {device} is not available: it needs the hardware and 'pip install "
                f"{PACKAGES[device]}'"
            )
        return [PROVIDERS[device], CPU]
    # auto selects only CUDA: the other providers may not support every operator.
    return [PROVIDERS["cuda"], CPU] if PROVIDERS["cuda"] in available else [CPU]
