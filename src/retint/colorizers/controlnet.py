"""Stable Diffusion v1.5 with a depth map and a text prompt: the third published method.

Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models"; Zhang et al.
2023, "Adding Conditional Control to Text-to-Image Diffusion Models", with MiDaS depth (Ranftl et
al. 2020). Sampling starts from the noised picture, in grey unless base colours are given (SDEdit,
Meng et al. 2022, section 3); at strength 1 little of it remains, as in the notebook of the course
project.

The models are large and not part of retint. They are loaded as safetensors from the Hugging Face
cache or from folders; nothing is downloaded, and no code from model repositories is run.
"""

from __future__ import annotations

import importlib
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from retint.color import lab
from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, Look
from retint.colorizers.options import CONTROL, DEPTH, STABLE_DIFFUSION, ControlNetOptions
from retint.errors import PhotoError, UsageError, WeightsError
from retint.extras import required
from retint.steps import with_progress
from retint.threads import threads_or_all

if TYPE_CHECKING:
    import torch

DEPTH_REVISION = "refs/pr/5"
"""Revision with Intel's depth network as safetensors; the main branch has only a pickle."""
FETCH = {
    STABLE_DIFFUSION: (f"hf download {STABLE_DIFFUSION} --include '*.json' --include '*.txt' "
           "--include '*.fp16.safetensors'", "2.7 GB"),
    CONTROL: (f"hf download {CONTROL} --include '*.json' --include '*.fp16.safetensors'", "0.7 GB"),
    DEPTH: (f"hf download {DEPTH} --revision {DEPTH_REVISION} --include '*.json' "
            "--include '*.safetensors'", "0.5 GB"),
}  # fmt: skip
"""Commands that download the published models into the cache, and their sizes."""


class ControlNetLook(Look):
    """A picture and its depth map."""

    def __init__(self, models: Models, options: ControlNetOptions, lightness: Float32) -> None:
        super().__init__(ControlNet.name)
        self._models, self._options, self._lightness = models, options, lightness

    def _chroma(self, hints: Float32 | None) -> Float32:
        return self._variants(1, hints, None)[0]

    def _variants(
        self,
        count: int,
        hints: Float32 | None,  # noqa: ARG002 - refused before
        base: Float32 | None,
    ) -> list[Float32]:
        """Raises PhotoError if the safety checker refuses the result."""
        options = self._options
        depth = self._models.depth_map(_picture(self._lightness, None))
        start = _picture(self._lightness, base)
        return [
            lab.rgb_to_lab(self._models.paint(start, depth, options, options.seed + k))[..., 1:]
            for k in with_progress(range(count))
        ]


class ControlNet(Colorizer):
    """Runs the diffusers pipeline and keeps the chroma of its output."""

    name = "controlnet"
    summary = (
        "Stable Diffusion v1.5 with a depth ControlNet: retint[diffusion], a GPU, 4 GB of models"
    )
    shipped = False
    Options = ControlNetOptions
    look_class = ControlNetLook
    native = 512
    size = SizeRequirement(minimum=64, multiple_of=64)
    options: ControlNetOptions

    def __init__(self, options: ControlNetOptions) -> None:
        self.options = options
        self._models = _load(options)

    def look(self, lightness: Float32) -> ControlNetLook:
        """Open L* [H, W]."""
        return ControlNetLook(self._models, self.options, lightness)


class Models:
    """All models, on one device."""

    def __init__(self, pipe: Any, processor: Any, depth: Any, device: torch.device) -> None:
        self._pipe, self._processor, self._depth, self._device = pipe, processor, depth, device

    def depth_map(self, grey: Image.Image) -> Image.Image:
        """Inverse depth from 0 (farthest) to 255 (nearest), in three equal channels."""
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
        """Generated sRGB [H, W, 3] uint8."""
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
                "the safety checker of Stable Diffusion refused the result; try another "
                "`seed`, or disable it with `safety_checker`"
            )
        return np.asarray(answer.images[0].convert("RGB"))


class Estimate:
    """On a CPU, prints an estimate of the time per picture after the first step."""

    def __init__(self, steps: int, wanted: bool) -> None:
        self._steps, self._wanted = steps, wanted
        self._began = time.monotonic()

    def __call__(self, pipe: Any, step: int, time_step: Any, tensors: Any) -> Any:  # noqa: ARG002
        seconds = (time.monotonic() - self._began) * self._steps
        if self._wanted and step == 0 and seconds > 60:
            print(
                f"retint: on this CPU a picture takes about {seconds / 60:.0f} minutes; "
                "fewer steps or a GPU (device cuda) are faster",
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
    with required("diffusion"):
        import torch

        # diffusers is only partly typed.
        diffusers: Any = importlib.import_module("diffusers")
        transformers: Any = importlib.import_module("transformers")
    # They show a bar for each file that they open, even without a terminal.
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    device = _device(options.device)
    if options.threads and device.type == "cpu":
        torch.set_num_threads(threads_or_all(options.threads))
    kind = torch.float16 if device.type == "cuda" else torch.float32
    # Nothing is downloaded, since the files have several gigabytes; no pickles and no code from
    # model repositories.
    safe = {"local_files_only": True, "use_safetensors": True}
    control = _load_model(
        options.control_model, "`control_model`",
        lambda m, variant: diffusers.ControlNetModel.from_pretrained(
            m, dtype=kind, variant=variant, **safe
        ),
    )  # fmt: skip
    without = {} if options.safety_checker else {"safety_checker": None, "feature_extractor": None}
    pipe = _load_model(
        options.base_model, "`base_model`",
        lambda m, variant: diffusers.StableDiffusionControlNetImg2ImgPipeline.from_pretrained(
            m, controlnet=control, dtype=kind, variant=variant, revision=options.revision,
            requires_safety_checker=options.safety_checker, **without, **safe,
        ),
    )  # fmt: skip
    revision = DEPTH_REVISION if options.depth_model == DEPTH else "main"
    depth, processor = _load_model(
        options.depth_model, "`depth_model`",
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
    """The device of that name; for auto, the best one available.

    Raises
    ------
    UsageError
        If it is not available.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((each for each, found in there.items() if found), "cpu")
    if not there.get(name, True):
        raise UsageError(f"device {name} is not available; `device` cpu always is, but it is slow")
    return torch.device(name)


def _load_model(model: str, flag: str, load: Callable[[str, str | None], Any]) -> Any:
    """Load a model with `load` from the cache or a folder; half-precision files are preferred.

    Raises
    ------
    WeightsError
        If the files are missing; the message states their size and how to get them.
    """
    reason: Exception
    for variant in ("fp16", None):
        try:
            with warnings.catch_warnings():  # warnings of the libraries
                warnings.simplefilter("ignore")
                return load(model, variant)
        except (OSError, ValueError) as error:
            reason = error
    if Path(model).is_dir():
        line = str(reason).strip().splitlines()[0]
        raise WeightsError(f"{flag} {model}: not a safetensors model ({line})") from reason
    command, size = FETCH.get(model, (f"hf download {model}", "several GB"))
    raise WeightsError(
        f"{model} is not in the Hugging Face cache: run {command} (about {size}), or name a "
        f"folder with {flag}"
    ) from reason
