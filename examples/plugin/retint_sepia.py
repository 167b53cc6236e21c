"""A minimal method: L* in, a*, b* out. A network would be loaded in `__init__`."""

import numpy as np

from retint.color.size import SizeRequirement
from retint.colorizers import Colorizer
from retint.colorizers.base import PlainLook
from retint.options import MachineOptions

BROWN = (8.0, 18.0)  # a*, b*


class Sepia(Colorizer):
    name = "sepia"
    summary = "everything in sepia, from the plug-in example"
    look_class = PlainLook
    native = 64  # short side in pixels at which it works best
    size = SizeRequirement(minimum=1, multiple_of=1)  # accepted heights and widths

    def __init__(self, options: MachineOptions) -> None:
        self.options = options

    def look(self, lightness: np.ndarray) -> PlainLook:
        return PlainLook(self.name, lightness, self.answer)

    def answer(self, lightness: np.ndarray) -> np.ndarray:
        """Convert L* [H, W] in [0, 100] to a*, b* [H, W, 2]."""
        return np.full((*lightness.shape, 2), BROWN, np.float32)
