"""Stable Diffusion v1.5 guided by a depth map and a text: the third published method.

Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models"; Zhang et al.
2023, "Adding Conditional Control to Text-to-Image Diffusion Models", with depth as MiDaS sees it
(Ranftl et al. 2020). It starts from the noised picture, grey unless base colours are given (SDEdit,
Meng et al. 2022, section 3); at strength 1 little is left of it, which is what the course project's
notebook does.

The models are large and not part of retint: they come from the Hugging Face cache or from folders,
as safetensors; nothing is fetched and no code of theirs is run.
"""

from __future__ import annotations

import importlib
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

from retint import lab
from retint.colorizers.diffusion import check
from retint.colorizers.network import threads_or_all
from retint.errors import PhotoError, UsageError, WeightsError
from retint.lab import Float32
from retint.size import SizeRequirement

if TYPE_CHECKING:
    import torch

SCHEDULERS = ("unipc", "ddim", "dpm++")
BASE = "stable-diffusion-v1-5/stable-diffusion-v1-5"
CONTROL = "lllyasviel/control_v11f1p_sd15_depth"
DEPTH = "Intel/dpt-hybrid-midas"
DEPTH_REVISION = "refs/pr/5"
"""Where Intel keeps the depth network as safetensors; the main branch has a pickle only."""
FETCH = {
    BASE: (f"hf download {BASE} --include '*.json' --include '*.txt' "
           "--include '*.fp16.safetensors'", "2.7 GB"),
    CONTROL: (f"hf download {CONTROL} --include '*.json' --include '*.fp16.safetensors'", "0.7 GB"),
    DEPTH: (f"hf download {DEPTH} --revision {DEPTH_REVISION} --include '*.json' "
            "--include '*.safetensors'", "0.5 GB"),
}  # fmt: skip
"""How to get the published models into the cache, and how large they are."""


@dataclass(frozen=True)
class ControlNetOptions:
    """Options of Stable Diffusion with a depth ControlNet."""

    prompt: str = "a realistic, high-quality color photograph"
    negative_prompt: str = ""
    strength: float = 0.8
    """How much of the way from noise is taken anew, in (0, 1]; 1 as published."""
    guidance_scale: float = 9.0
    """How much the text counts; 1 or less turns it off."""
    control_scale: float = 1.2
    """How much depth counts; 0 turns it off."""
    steps: int = 30
    seed: int = 0
    scheduler: Literal["unipc", "ddim", "dpm++"] = "unipc"
    base_model: str = BASE
    control_model: str = CONTROL
    depth_model: str = DEPTH
    """Hugging Face ids of cached models, or folders."""
    revision: str | None = None
    """Commit or tag of the base model."""
    safety_checker: bool = True
    """Let the base model's own checker refuse pictures; an archive may want it off."""
    low_memory: bool = False
    """Attention and pictures in slices, models on the GPU only while they work."""
    device: str = "auto"
    threads: int = 0

    def __post_init__(self) -> None:
        check(self)
        if int(self.steps * self.strength) < 1:
            raise UsageError(f"{self.steps} steps at strength {self.strength:g} leave none to take")
        if self.scheduler not in SCHEDULERS:
            raise UsageError(
                f"unknown scheduler {self.scheduler!r}; known: {', '.join(SCHEDULERS)}"
            )
        if self.device not in ("auto", "cpu", "cuda", "mps"):
            raise UsageError(f"unknown device {self.device!r}; known: auto, cpu, cuda, mps")


class ControlNet:
    """Runs the diffusers pipeline and keeps the chroma of what it paints."""

    Options = ControlNetOptions
    name = "controlnet"
    native = 512
    size = SizeRequirement(minimum=64, multiple_of=64)

    def __init__(self, options: ControlNetOptions) -> None:
        self.options = options
        self._models = _load(options)

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] to a*, b* [H, W, 2]; raises as `variants` does."""
        return self.variants(lightness, 1)[0]

    def variants(
        self,
        lightness: Float32,
        count: int,
        hints: Float32 | None = None,  # noqa: ARG002
        base: Float32 | None = None,
    ) -> list[Float32]:
        """Several plausible chromas, a*, b* [H, W, 2], of one L* [H, W]; seeds count upwards.

        Raises
        ------
        PhotoError
            If the safety checker refuses the picture.
        """
        grey = _picture(lightness, None)
        depth = self._models.depth_map(grey)
        start = _picture(lightness, base)
        return [
            lab.rgb_to_lab(self._models.paint(start, depth, self.options, self.options.seed + k))[
                ..., 1:
            ]
            for k in range(count)
        ]


class Models:
    """Everything with weights, on one device."""

    def __init__(self, pipe: Any, processor: Any, depth: Any, device: torch.device) -> None:
        self._pipe, self._processor, self._depth, self._device = pipe, processor, depth, device

    def depth_map(self, grey: Image.Image) -> Image.Image:
        """Inverse depth, 0 the farthest and 255 the nearest, in three equal channels."""
        import torch

        inputs = self._processor(images=grey, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            depth = self._depth(**inputs).predicted_depth.float()
        depth = torch.nn.functional.interpolate(
            depth[:, None], grey.size[::-1], mode="bicubic", align_corners=False
        )[0, 0]
        low, high = depth.min(), depth.max()
        levels = ((depth - low) / (high - low).clamp(min=1e-6) * 255).round().to(torch.uint8)
        return Image.fromarray(levels.cpu().numpy()).convert("RGB")

    def paint(
        self, start: Image.Image, depth: Image.Image, options: ControlNetOptions, seed: int
    ) -> Any:
        """SRGB [H, W, 3] uint8."""
        import torch

        slow = Estimate(int(options.steps * options.strength), self._device.type == "cpu")
        answer = self._pipe(
            prompt=options.prompt,
            negative_prompt=options.negative_prompt or None,
            image=start,
            control_image=depth,
            height=start.height,
            width=start.width,
            strength=options.strength,
            num_inference_steps=options.steps,
            guidance_scale=options.guidance_scale,
            controlnet_conditioning_scale=float(options.control_scale),
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=slow,
        )
        if answer.nsfw_content_detected and answer.nsfw_content_detected[0]:
            raise PhotoError(
                "the safety checker of Stable Diffusion refused what it painted; "
                "another --seed may pass, --no-safety-checker turns it off"
            )
        return np.asarray(answer.images[0].convert("RGB"))


class Estimate:
    """Says after the first step on a CPU how long a picture will take."""

    def __init__(self, steps: int, wanted: bool) -> None:
        self._steps, self._wanted = steps, wanted
        self._began = time.monotonic()

    def __call__(self, pipe: Any, step: int, time_step: Any, tensors: Any) -> Any:  # noqa: ARG002
        seconds = (time.monotonic() - self._began) * self._steps
        if self._wanted and step == 0 and seconds > 60:
            print(
                f"retint: on this CPU a picture takes about {seconds / 60:.0f} minutes; "
                "fewer --steps or a GPU (--device cuda) are faster",
                file=sys.stderr,
            )
        return tensors


def _picture(lightness: Float32, chroma: Float32 | None) -> Image.Image:
    """The picture in these colours, or in grey."""
    rgb = np.empty((*lightness.shape, 3), np.uint8)
    if chroma is None:
        chroma = np.zeros((*lightness.shape, 2), np.float32)
    lab.merge(lightness, chroma, rgb)
    return Image.fromarray(rgb)


def _load(options: ControlNetOptions) -> Models:
    try:
        import torch

        # Half typed: of no use to a type checker.
        diffusers: Any = importlib.import_module("diffusers")
        transformers: Any = importlib.import_module("transformers")
    except ModuleNotFoundError as error:
        raise UsageError(f"this needs {error.name}: pip install 'retint[diffusion]'") from error
    # They show a bar for each file that they open, terminal or not.
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    device = _device(options.device)
    if options.threads and device.type == "cpu":
        torch.set_num_threads(threads_or_all(options.threads))
    kind = torch.float16 if device.type == "cuda" else torch.float32
    # Nothing is fetched: gigabytes are the user's decision. No pickle, no code of a model's author.
    safe = {"local_files_only": True, "use_safetensors": True}
    control = _fetched(
        options.control_model, "--control-model",
        lambda m, variant: diffusers.ControlNetModel.from_pretrained(
            m, dtype=kind, variant=variant, **safe
        ),
    )  # fmt: skip
    without = {} if options.safety_checker else {"safety_checker": None, "feature_extractor": None}
    pipe = _fetched(
        options.base_model, "--base-model",
        lambda m, variant: diffusers.StableDiffusionControlNetImg2ImgPipeline.from_pretrained(
            m, controlnet=control, dtype=kind, variant=variant, revision=options.revision,
            requires_safety_checker=options.safety_checker, **without, **safe,
        ),
    )  # fmt: skip
    revision = DEPTH_REVISION if options.depth_model == DEPTH else "main"
    depth, processor = _fetched(
        options.depth_model, "--depth-model",
        lambda m, variant: (
            transformers.DPTForDepthEstimation.from_pretrained(
                m, variant=variant, revision=revision, **safe
            ),
            transformers.DPTImageProcessor.from_pretrained(
                m, revision=revision, local_files_only=True
            ),
        ),
    )  # fmt: skip
    pipe.scheduler = _scheduler(options.scheduler, pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=None, leave=False, desc="diffusion")
    if options.low_memory:
        pipe.enable_attention_slicing()
        pipe.vae.enable_slicing()
        pipe.vae.enable_tiling()
    if options.low_memory and device.type == "cuda":
        pipe.enable_model_cpu_offload()
    else:
        pipe.to(device)
    return Models(pipe, processor, depth.to(device).eval(), device)


def _scheduler(name: str, config: Any) -> Any:
    diffusers: Any = importlib.import_module("diffusers")
    kinds = {
        "unipc": diffusers.UniPCMultistepScheduler,
        "ddim": diffusers.DDIMScheduler,
        "dpm++": diffusers.DPMSolverMultistepScheduler,
    }
    return kinds[name].from_config(config)


def _device(name: str) -> torch.device:
    """The device of that name; the best one there is for auto.

    Raises
    ------
    UsageError
        If it is not there.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((each for each, found in there.items() if found), "cpu")
    if not there.get(name, True):
        raise UsageError(f"no {name} here; --device cpu works everywhere, slowly")
    return torch.device(name)


def _fetched(model: str, flag: str, load: Callable[[str, str | None], Any]) -> Any:
    """What `load` makes of a model's cached files or folder, half-precision files first.

    Raises
    ------
    WeightsError
        If they are not there; the message says how large they are and how to get them.
    """
    reason: Exception
    for variant in ("fp16", None):
        try:
            with warnings.catch_warnings():  # the libraries' talk among themselves
                warnings.simplefilter("ignore")
                return load(model, variant)
        except (OSError, ValueError) as error:
            reason = error
    if Path(model).is_dir():
        line = str(reason).strip().splitlines()[0]
        raise WeightsError(f"{flag} {model}: not a model in safetensors ({line})") from reason
    command, size = FETCH.get(model, (f"hf download {model}", "several GB"))
    raise WeightsError(
        f"{model} is not in the Hugging Face cache: {command} (about {size}), "
        f"or {flag} names a folder with it"
    ) from reason
