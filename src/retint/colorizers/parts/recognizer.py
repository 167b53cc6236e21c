"""The shipped networks that recognize objects for `guided-unet`."""

from __future__ import annotations

from functools import cached_property

from retint.colorizers.parts import semantics, skin, things
from retint.colorizers.parts.network import Network, begin_to_load, load_own
from retint.weights import shipped


class Recognizer:
    """Networks that are loaded when they are needed.

    Those that every picture needs begin to load at once, in a thread of their own.

    Parameters
    ----------
    threads, device
        As for `load_own`.
    """

    def __init__(self, threads: int, device: str) -> None:
        self._threads, self._device = threads, device
        begin_to_load([semantics.NAME, skin.NAME], threads, device)

    @cached_property
    def semantics(self) -> Network:
        """The network of `semantics`."""
        return load_own(semantics.NAME, None, self._threads, self._device)

    @cached_property
    def skin(self) -> Network:
        """The network of `skin`."""
        return load_own(skin.NAME, None, self._threads, self._device)

    @cached_property
    def things(self) -> Network:
        """The network of `things`; raises WeightsError if `knows_things` is false."""
        return load_own(things.NAME, None, self._threads, self._device)

    @cached_property
    def knows_things(self) -> bool:
        """Whether this installation has the file that finds things."""
        return shipped(things.NAME).is_file()
