"""Options of all methods; fast to import, since `--help` needs them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retint.errors import UsageError
from retint.options import MOST_SEED, MachineOptions, Options, again, option

SCHEDULE = 1000
"""Number of training steps of the diffusion networks, and so the maximum number of sampling steps.
"""
STABLE_DIFFUSION = "stable-diffusion-v1-5/stable-diffusion-v1-5"
CONTROL = "lllyasviel/control_v11f1p_sd15_depth"
DEPTH = "Intel/dpt-hybrid-midas"


Upright = Literal["auto", "off", "90", "180", "270"]


@dataclass(frozen=True)
class ViewOptions(Options):
    """How pictures are shown to a method."""

    upright: Upright = option(
        "auto",
        "Degrees clockwise by which a picture lying on its side is turned for the network only, "
        "not in the output; auto turns pictures that are surely not upright.",
    )


@dataclass(frozen=True)
class NetworkOptions(MachineOptions):
    """Options of methods that run one of our networks."""

    weights: Path | None = option(
        None, "ONNX file to use, from 'retint export' or of a foreign network.", local=True
    )


@dataclass(frozen=True)
class GuidedOptions(NetworkOptions):
    """Options of the guided U-Net."""

    semantics: bool = option(
        True, "Use object recognition, which colors objects evenly but takes time.",
        local=True,
    )  # fmt: skip


@dataclass(frozen=True)
class ForeignOptions(NetworkOptions):
    """Options of foreign networks."""

    native: int = option(
        0, "Input size of a foreign network, if its file accepts any; 0 for the published size.",
        least=0, most=4096, local=True,
    )  # fmt: skip


@dataclass(frozen=True)
class DiffusionOptions(MachineOptions):
    """Options common to all diffusion methods; defaults may differ."""

    strength: float = option(
        1.0,
        "Strength of the noise added to the starting colors; at 1, they are ignored.",
        above=0,
        most=1,
    )
    guidance_scale: float = option(
        1.0, "Classifier-free guidance scale; 1 turns guidance off.",
        least=0, most=100,
    )  # fmt: skip
    control_scale: float = option(
        1.0, "Weight of the conditioning on the picture's structure.", least=0, most=100
    )
    steps: int = option(16, "Number of sampling steps.", least=1, most=SCHEDULE)
    seed: int = option(
        0, "Random seed; another seed gives another coloring.", least=0, most=MOST_SEED
    )


@dataclass(frozen=True)
class ChromaDiffusionOptions(DiffusionOptions):
    """Options of chroma-diffusion."""

    guidance_scale: float = again(DiffusionOptions, "guidance_scale", 1.3)
    weights: Path | None = again(NetworkOptions, "weights", None)
    guide: Path | None = option(
        None,
        "ONNX file of the guided-unet that the chroma-diffusion weights were trained with.",
        local=True,
    )


@dataclass(frozen=True)
class ControlNetOptions(DiffusionOptions):
    """Options of Stable Diffusion with a depth ControlNet."""

    prompt: str = option(
        "a realistic, high-quality color photograph", "Text prompt that describes the picture."
    )
    negative_prompt: str = option("", "Text prompt for what to avoid.")
    strength: float = again(DiffusionOptions, "strength", 0.8)
    guidance_scale: float = again(DiffusionOptions, "guidance_scale", 9.0)
    control_scale: float = again(DiffusionOptions, "control_scale", 1.2)
    steps: int = again(DiffusionOptions, "steps", 30)
    scheduler: Literal["unipc", "ddim", "dpm++"] = option("unipc", "Sampler.")
    base_model: str = option(
        STABLE_DIFFUSION,
        "Stable Diffusion model: a cached Hugging Face id or a folder.",
        local=True,
    )
    control_model: str = option(
        CONTROL, "ControlNet model for depth: a cached Hugging Face id or a folder.", local=True
    )
    depth_model: str = option(
        DEPTH, "Depth model (DPT): a cached Hugging Face id or a folder.", local=True
    )
    revision: str | None = option(None, "Commit or tag of the base model.", local=True)
    safety_checker: bool = option(
        True, "Let Stable Diffusion's safety checker refuse pictures.", local=True
    )
    low_memory: bool = option(False, "Use less memory, at the cost of speed.", local=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if int(self.steps * self.strength) < 1:
            raise UsageError(
                f"{self.steps} `steps` at `strength` {self.strength:g} leave no step to take"
            )
        if self.device in ("coreml", "directml"):
            raise UsageError(f"device {self.device} cannot run controlnet: PyTorch does not use it")


@dataclass(frozen=True)
class HybridOptions(MachineOptions):
    """Options of hybrid; further options are passed to its booster."""

    base: str = option("guided-unet", "Method that provides the base colors.")
    booster: str = option("chroma-diffusion", "Diffusion method that enriches them.")
    blend: float = option(
        1.0,
        "Share of the enriched colors: 0 keeps the base colors, 1 replaces them.",
        least=0,
        most=1,
    )
    strength: float = again(DiffusionOptions, "strength", 0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        if "hybrid" in (self.base, self.booster):
            raise UsageError("a hybrid cannot contain another hybrid")


ALL = (
    ViewOptions,
    GuidedOptions,
    ForeignOptions,
    ChromaDiffusionOptions,
    ControlNetOptions,
    HybridOptions,
)
