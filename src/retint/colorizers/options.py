"""The options of all methods: light to import, since `--help` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retint.errors import UsageError
from retint.options import MOST_SEED, MachineOptions, again, option

SCHEDULE = 1000
"""Steps that a diffusion is trained on, and so the most that it can take."""
STABLE_DIFFUSION = "stable-diffusion-v1-5/stable-diffusion-v1-5"
CONTROL = "lllyasviel/control_v11f1p_sd15_depth"
DEPTH = "Intel/dpt-hybrid-midas"


@dataclass(frozen=True)
class NetworkOptions(MachineOptions):
    """Options of a method that runs a network of ours."""

    weights: Path | None = option(
        None, "ONNX file to use: of 'retint export', or of a foreign network.", local=True
    )


@dataclass(frozen=True)
class GuidedOptions(NetworkOptions):
    """Options of the guided U-Net."""

    semantics: bool = option(
        True, "Recognize things, to color each one evenly; without it a picture takes less time.",
        local=True,
    )  # fmt: skip


@dataclass(frozen=True)
class ForeignOptions(NetworkOptions):
    """Options of a network of somebody's."""

    native: int = option(
        0, "Side of the square a foreign network sees, where its file takes any; 0 as published.",
        least=0, most=4096, local=True,
    )  # fmt: skip


@dataclass(frozen=True)
class DiffusionOptions(MachineOptions):
    """What all diffusion methods have in common; defaults may be their own."""

    strength: float = option(
        1.0, "How much is painted anew; 1 forgets where it started.", above=0, most=1
    )
    guidance_scale: float = option(
        1.0, "How much words, or what is seen, count more than they were learnt to.",
        least=0, most=100,
    )  # fmt: skip
    control_scale: float = option(
        1.0, "How much the picture's structure counts.", least=0, most=100
    )
    steps: int = option(16, "Steps from noise to picture.", least=1, most=SCHEDULE)
    seed: int = option(0, "Another number, another picture.", least=0, most=MOST_SEED)


@dataclass(frozen=True)
class ChromaDiffusionOptions(DiffusionOptions):
    """Options of the chroma diffusion."""

    guidance_scale: float = again(DiffusionOptions, "guidance_scale", 1.3)
    weights: Path | None = again(NetworkOptions, "weights", None)
    guide: Path | None = option(
        None, "ONNX file of the guided-unet that chroma-diffusion's weights go with.", local=True
    )


@dataclass(frozen=True)
class ControlNetOptions(DiffusionOptions):
    """Options of Stable Diffusion with a depth ControlNet."""

    prompt: str = option(
        "a realistic, high-quality color photograph", "What the picture shows, in words."
    )
    negative_prompt: str = option("", "What it does not show.")
    strength: float = again(DiffusionOptions, "strength", 0.8)
    guidance_scale: float = again(DiffusionOptions, "guidance_scale", 9.0)
    control_scale: float = again(DiffusionOptions, "control_scale", 1.2)
    steps: int = again(DiffusionOptions, "steps", 30)
    scheduler: Literal["unipc", "ddim", "dpm++"] = option("unipc", "What takes the steps.")
    base_model: str = option(
        STABLE_DIFFUSION, "Stable Diffusion: a cached Hugging Face id or a folder.", local=True
    )
    control_model: str = option(CONTROL, "ControlNet for depth, likewise.", local=True)
    depth_model: str = option(DEPTH, "Depth network (DPT), likewise.", local=True)
    revision: str | None = option(None, "Commit or tag of the base model.", local=True)
    safety_checker: bool = option(
        True, "Let Stable Diffusion's own checker refuse pictures.", local=True
    )
    low_memory: bool = option(False, "Slower, in less memory.", local=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if int(self.steps * self.strength) < 1:
            raise UsageError(f"{self.steps} steps at strength {self.strength:g} leave none to take")
        if self.device not in ("auto", "cpu", "cuda", "mps"):
            raise UsageError(f"unknown device {self.device!r}; known: auto, cpu, cuda, mps")


@dataclass(frozen=True)
class HybridOptions(MachineOptions):
    """Options of the hybrid; further ones are its booster's."""

    base: str = option("guided-unet", "The method that lays the base colours.")
    booster: str = option("chroma-diffusion", "The diffusion that makes them richer.")
    blend: float = option(1.0, "From 0, the base colours alone, to 1.", least=0, most=1)
    strength: float = again(DiffusionOptions, "strength", 0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        if "hybrid" in (self.base, self.booster):
            raise UsageError("a hybrid is made of other methods")


ALL = (GuidedOptions, ForeignOptions, ChromaDiffusionOptions, ControlNetOptions, HybridOptions)
