"""ONNX networks of retint: loaded once, and run from any thread."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer
from retint.colorizers.options import NetworkOptions
from retint.colorizers.parts.sessions import CPU, session_of
from retint.errors import WeightsError
from retint.threads import threads_or_all
from retint.weights import shipped

if TYPE_CHECKING:
    import onnxruntime

METADATA_KEY = "retint"
"""Metadata key under which `retint export` stores a description of the network as JSON."""
WHOLE_KEY = "retint.whole"
"""The same for `retint export --whole`: such a file is no network of a method."""
Key = tuple[Path, int, str]
"""A file, the number of threads and the device."""


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

    @property
    def is_on_processor(self) -> bool:
        """Whether it runs on the CPU."""
        return bool(self._session.get_providers() == [CPU])

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


class Loads:
    """Networks by file, threads and device. Each is loaded once, whichever threads ask for it."""

    MOST = 10
    """How many are kept: all shipped ones, so that methods share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: OrderedDict[Key, Future[Network]] = OrderedDict()

    def get(self, key: Key) -> Network:
        """The network, loaded here unless that was begun before; raises like `load_network`."""
        future, is_new = self._claim(key)
        if is_new:
            self._load(key, future)
        return future.result()

    def begin(self, keys: Iterable[Key]) -> None:
        """Load them one by one in a thread. Errors are raised where a network is needed."""
        claimed = [(key, *self._claim(key)) for key in keys]
        new = [(key, future) for key, future, is_new in claimed if is_new]
        threading.Thread(target=self._load_all, args=(new,), name="loading").start()

    def _load_all(self, new: Iterable[tuple[Key, Future[Network]]]) -> None:
        for key, future in new:
            self._load(key, future)

    def _claim(self, key: Key) -> tuple[Future[Network], bool]:
        with self._lock:
            is_new = key not in self._begun
            future = self._begun.setdefault(key, Future())
            self._begun.move_to_end(key)
            while len(self._begun) > self.MOST:
                self._begun.popitem(last=False)
            return future, is_new

    def _load(self, key: Key, future: Future[Network]) -> None:
        try:
            future.set_result(_opened(*key))
        except BaseException as error:
            with self._lock:  # the next call tries again
                if self._begun.get(key) is future:
                    del self._begun[key]
            future.set_exception(error)


_loads = Loads()


def load_network(path: Path, threads: int = 0, device: str = "auto") -> Network:
    """Open an ONNX file made by `retint export`.

    Raises
    ------
    WeightsError
        If the file is missing, broken, or not made by `retint export`.
    UsageError
        If the device is unknown or not available.
    """
    return _loads.get((path, threads, device))


def begin_to_load(names: Iterable[str], threads: int, device: str) -> None:
    """Load shipped files, one by one, while other work is done; `load_own` waits for them."""
    _loads.begin((shipped(name), threads, device) for name in names)


def _opened(path: Path, threads: int, device: str) -> Network:
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

    def on_one_thread(self) -> Colorizer:
        """With other sessions, which the next call finds loaded."""
        if threads_or_all(self.options.threads) == 1 or not self._network.is_on_processor:
            return self
        return type(self)(dataclasses.replace(self.options, threads=1))

    @property
    def weights(self) -> list[Path]:
        """The weights file."""
        return [self.options.weights or shipped(self.name)]
