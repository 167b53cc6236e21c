"""The methods that turn lightness into chroma, by name.

A method is one file of this folder and one line of `METHODS`. Its module is imported when it is
loaded, not before: a method may need a library that another does without.
"""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass
from typing import Any

from retint import DEFAULT
from retint.colorizers.base import Colorizer, Guided, Look, Painter, Varied
from retint.errors import UsageError, unknown

__all__ = [
    "DEFAULT",
    "METHODS",
    "Colorizer",
    "Guided",
    "Look",
    "Method",
    "Painter",
    "Varied",
    "load_colorizer",
]


@dataclass(frozen=True)
class Method:
    """Where a method is to be found, and what it is in one line."""

    module: str
    colorizer: str
    """A class; its `Options` is the dataclass that it is made with."""
    summary: str
    weights: str = ""
    """The shipped file it runs, in `retint/weights/`."""
    guide: str = ""
    """The method whose network it runs beside its own."""
    guided: bool = False
    """Whether it takes hints."""
    varied: bool = False
    """Whether it can propose several colourings, from base colours if wanted."""
    shipped: bool = True
    """Whether the package holds all it needs."""
    trained_on_lite0: bool = False
    """Whether its network or its loss used EfficientNet-lite0, by which KID-lite0 judges."""


METHODS = {
    "gray": Method("retint.colorizers.flat", "Gray", "baseline: the picture stays grey"),
    "mean": Method(
        "retint.colorizers.flat",
        "Mean",
        "baseline: the mean colour of the training photographs everywhere",
    ),
    "unet": Method(
        "retint.colorizers.unet",
        "UNet",
        "plain U-Net, 4 strided convolutions down and 4 up, trained with MSE on RGB",
        weights="unet.onnx",
    ),
    "resnet-unet": Method(
        "retint.colorizers.resnet_unet",
        "ResNetUNet",
        "U-Net on a ResNet-18 taught by EfficientNet-lite0, absolute and perceptual error",
        weights="resnet-unet.onnx",
        trained_on_lite0=True,
    ),
    "guided-unet": Method(
        "retint.colorizers.guided_unet",
        "GuidedUNet",
        "our own: a U-Net on EfficientNet-lite0 that takes colour hints",
        weights="guided-unet.onnx",
        guided=True,
        trained_on_lite0=True,
    ),
    "chroma-diffusion": Method(
        "retint.colorizers.chroma_diffusion",
        "ChromaDiffusion",
        "our own: a small diffusion around guided-unet's guess; vivid, and several --variants",
        guide="guided-unet",
        guided=True,
        varied=True,
        weights="chroma-diffusion.onnx",
        trained_on_lite0=True,
    ),
    "hybrid": Method(
        "retint.colorizers.hybrid",
        "Hybrid",
        "our own: guided-unet's colours (or --base's), made richer by diffusion (--booster)",
        guided=True,
        varied=True,
        trained_on_lite0=True,
    ),
    "controlnet": Method(
        "retint.colorizers.controlnet",
        "ControlNet",
        "Stable Diffusion v1.5 with a depth ControlNet: retint[diffusion], a GPU, 4 GB of models",
        varied=True,
        shipped=False,
    ),
}


def load_colorizer(name: str, **options: Any) -> Colorizer:
    """Load a method with its options.

    Raises
    ------
    UsageError
        If there is no such method or option; the message names the nearest ones.
    """
    if name not in METHODS:
        raise unknown("method", name, METHODS)
    method = METHODS[name]
    module = importlib.import_module(method.module)
    made = getattr(module, method.colorizer)
    kind = made.Options
    known = [field.name for field in dataclasses.fields(kind)]
    for option in options:
        if option not in known:
            raise unknown(f"option of {name}", option, known)
    try:
        chosen = kind(**options)
    except UsageError:
        raise
    except (TypeError, ValueError) as error:
        raise UsageError(f"options of {name}: {error}") from None
    colorizer: Colorizer = made(chosen)
    return colorizer
