"""A small diffusion model over chroma, around the prediction of the guided U-Net.

Ho et al. 2020, "Denoising Diffusion Probabilistic Models", on two planes at a quarter of the guided
network's size. The diffused quantity is the difference between the truth and the prediction: the
prediction is already a good mean, so only the choice between plausible colours is left to learn.
The network predicts velocity (Salimans & Ho 2022, "Progressive Distillation for Fast Sampling of
Diffusion Models", appendix D). Its condition is sometimes dropped, for classifier-free guidance
(Ho & Salimans 2022, "Classifier-Free Diffusion Guidance", section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from diffusers import DDIMScheduler, UNet2DModel
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.chroma_diffusion import CELL, CONDITION, DENOISE, SPREAD
from retint.colorizers.options import SCHEDULE
from retint.colorizers.parts.octaves import AMPLITUDES, grids
from retint.training.guess import CHROMA_SCALE, Batch, Guess
from retint.training.networks.base import Guesser
from retint.training.networks.efficientnet import LiteEncoder
from retint.training.networks.encoder import Encoder
from retint.training.networks.guided_unet import GuidedUNet, GuidedUNetConfig
from retint.training.networks.hint_attention import HINT_PLANES, pooled
from retint.training.onnx_file import Part
from retint.training.pretrained import load_pretrained

UNIT = SPREAD / CHROMA_SCALE
"""Divisor that brings the difference between truth and prediction to a scale of about 1."""
PATCH = 2
"""Side in cells of a patch, whose planes the denoiser sees side by side."""
FEATURES = 64
"""Channels that the encoder's maps are projected to."""
KNOWN = 7 + HINT_PLANES
"""Mean and deviation of lightness, predicted and scored chroma, certainty, hints."""
DROPPED = 0.1
"""Share of the pictures whose condition is dropped in training."""
SAMPLED = 16
"""Steps for the samples of a run."""


@dataclass(frozen=True)
class ChromaDiffusionConfig:
    """Channels of the denoiser at 1/8, 1/16 and 1/32 of the picture's size."""

    widths: tuple[int, int, int] = (96, 128, 160)
    layers: int = 1
    """Residual blocks per scale on the way down; one more on the way up."""
    noises: int = 2
    """Number of noises per picture and step, which share one run of the guide."""
    guide: GuidedUNetConfig = field(default_factory=GuidedUNetConfig)
    """Configuration of the guided U-Net that it is used with."""


class ChromaDiffusion(Guesser):
    """L* / 100 [N, 1, H, W] to a*, b* over 100 [N, 2, H, W], one for each noise."""

    size = LiteEncoder.size
    # A velocity of 1 is `SPREAD` in a*b*.
    tolerance = 1e-2

    def __init__(self, config: ChromaDiffusionConfig) -> None:
        super().__init__()
        self.config = config
        self.guide = Guide(config.guide)
        self.condition = Condition()
        self.denoise = Denoiser(config)
        # diffusers is untyped.
        self.noise: Any = DDIMScheduler(  # type: ignore[no-untyped-call]
            num_train_timesteps=SCHEDULE, beta_schedule="squaredcos_cap_v2",
            prediction_type="v_prediction", clip_sample=False, rescale_betas_zero_snr=True,
            timestep_spacing="trailing",
        )  # fmt: skip

    def pretrained(self) -> Guide:
        return self.guide

    def beside(self) -> GuidedUNet:
        return self.guide.network

    def forward(self, lightness: Tensor) -> Tensor:
        chroma = self.guess(lightness).chroma
        assert chroma is not None
        return chroma

    def attempt(self, truth: Batch, hints: Tensor) -> Guess:
        """The truth with several noises, and the predicted velocities."""
        shown = self._inputs(truth.lightness, hints)
        features, known = self.condition(*shown)
        guessed = F.avg_pool2d(shown.chroma, CELL)
        distance = (F.avg_pool2d(truth.chroma, CELL) - guessed) / UNIT
        copies = [self.config.noises, 1, 1, 1]
        distance = distance.repeat(copies)
        noise, time, kept = self._draw(distance)
        found = self.denoise(
            self.noise.add_noise(distance, noise, time),
            features.repeat(copies) * kept,
            known.repeat(copies) * kept,
            time,
        )
        velocity = self.noise.get_velocity(distance, noise, time)
        return Guess(truth.lightness, velocities=(found, velocity))

    @torch.no_grad()
    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:
        """A sample, always with the same noise."""
        if hints is None:
            hints = torch.zeros_like(lightness).repeat(1, 3, 1, 1)
        shown = self._inputs(lightness, hints)
        features, known = self.condition(*shown)
        distance = octave_noise(known[:, :2], torch.Generator().manual_seed(0))
        self.noise.set_timesteps(SAMPLED)
        for time in self.noise.timesteps:
            velocity = self.denoise(distance, features, known, time.expand(len(distance)))
            distance = self.noise.step(velocity, time, distance).prev_sample
        enlarged = F.interpolate(distance, lightness.shape[-2:], mode="bilinear")
        return Guess(lightness, chroma=shown.chroma + UNIT * enlarged)

    @torch.inference_mode()
    def parts(self, sizes: list[tuple[int, int]]) -> list[Part]:
        """Condition and denoiser separately: one runs once per picture, the other at every step."""
        random = torch.Generator().manual_seed(0)
        seen, noisy = [], []
        for size in sizes:
            lightness = torch.rand(1, 1, *size, generator=random)
            seen.append(self._inputs(lightness, torch.zeros(1, 3, *size)))
            features, known = self.condition(*seen[-1])
            time = torch.full_like(known[:, :1], SCHEDULE / 2)
            distance = octave_noise(known[:, :2], random)
            noisy.append((distance, features, known, time))
        return [
            Part(self.condition, CONDITION.inputs, CONDITION.outputs, seen),
            Part(DenoiserPart(self.denoise), DENOISE.inputs, DENOISE.outputs, noisy),
        ]

    def _inputs(self, lightness: Tensor, hints: Tensor) -> Shown:
        """The inputs of the condition, without gradients."""
        with torch.no_grad():
            maps = self.guide(lightness)
            chroma, scored = self.guide.answer(maps, hints)
        _, m4, m8, m16, _ = maps
        return Shown(lightness, m4, m8, m16, chroma, scored, hints)

    def _draw(self, distance: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Noise, its time [N], and 1 or 0 [N, 1, 1, 1] for a kept or dropped condition.

        In evaluation mode they are the same each time, with evenly spaced times.
        """
        count, device = len(distance), distance.device
        if self.training:
            time = torch.randint(0, SCHEDULE, (count,), device=device)
            kept = torch.rand(count, device=device) >= DROPPED
            noise = octave_noise(distance)
        else:
            time = (torch.arange(count) * SCHEDULE // count).to(device)
            kept = torch.ones(count, device=device)
            noise = octave_noise(distance, torch.Generator().manual_seed(0))
        return noise, time, kept.to(distance.dtype)[:, None, None, None]


def octave_noise(like: Tensor, random: torch.Generator | None = None) -> Tensor:
    """Noise of `retint.colorizers.parts.octaves`, with the shape of another tensor [N, C, H, W]."""
    count, channels, *size = like.shape
    octaves = [torch.randn(count, channels, *grid, generator=random) for grid in grids(*size)]
    return blended(octaves, like)


def blended(octaves: list[Tensor], like: Tensor) -> Tensor:
    """Octaves [N, C, h, w], enlarged and added up like `octaves.blended`."""
    size = like.shape[-2:]
    enlarged = [F.interpolate(each.to(like.device), size, mode="bilinear") for each in octaves]
    return torch.stack([a * each for a, each in zip(AMPLITUDES, enlarged, strict=True)]).sum(0)


class Shown(NamedTuple):
    """The inputs of a condition, in the order of `CONDITION.inputs`."""

    lightness: Tensor
    map4: Tensor
    map8: Tensor
    map16: Tensor
    chroma: Tensor
    scored: Tensor
    hints: Tensor


class Guide(Encoder):
    """The guided U-Net, which is never trained here."""

    def __init__(self, config: GuidedUNetConfig) -> None:
        super().__init__()
        self.network = GuidedUNet(config)
        self.train_last(0)

    def forward(self, lightness: Tensor) -> tuple[Tensor, ...]:
        maps: tuple[Tensor, ...] = self.network.encoder(lightness)
        return maps

    def answer(self, maps: tuple[Tensor, ...], hints: Tensor) -> tuple[Tensor, Tensor]:
        """Chroma over 100 [N, 2, H, W]; scored chroma and certainty [N, 3, H/4, W/4]."""
        chroma, quarter = self.network.decoder(maps, hints)
        return chroma, self.network.decoder.scored(quarter)

    def parts(self) -> list[nn.Module]:
        return [self.network]

    def train_last(self, count: int) -> None:  # noqa: ARG002
        super().train_last(0)

    def load(self, weights: str, sha256: str) -> None:
        load_pretrained(self.network, Path(weights), sha256)


class Condition(nn.Module):
    """Encodes what is known of a picture for the denoiser."""

    def __init__(self) -> None:
        super().__init__()
        _, c4, c8, c16, _ = LiteEncoder.CHANNELS
        self.quarter = nn.Conv2d(c4, FEATURES, PATCH, stride=PATCH)
        self.eighth = nn.Conv2d(c8, FEATURES, 1)
        self.sixteenth = nn.Conv2d(c16, FEATURES, 1)
        self.mix = nn.Sequential(nn.SiLU(), nn.Conv2d(FEATURES, FEATURES, 1))

    def forward(
        self,
        lightness: Tensor,
        m4: Tensor,
        m8: Tensor,
        m16: Tensor,
        chroma: Tensor,
        scored: Tensor,
        hints: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Features [N, FEATURES, H/8, W/8] and the known values per cell [N, KNOWN, H/4, W/4]."""
        coarse = F.interpolate(self.sixteenth(m16), m8.shape[-2:], mode="bilinear")
        features = self.mix(self.quarter(m4) + self.eighth(m8) + coarse)
        guessed = F.avg_pool2d(chroma, CELL)
        mean = F.avg_pool2d(lightness, CELL)
        variance = F.avg_pool2d(lightness**2, CELL) - mean**2
        deviation = variance.clamp(min=0).sqrt()
        known = torch.cat(
            [mean, deviation, guessed / UNIT, scored[:, :2] / UNIT, scored[:, 2:],
             pooled(hints, CELL)], dim=1,
        )  # fmt: skip
        return features, known


class Denoiser(nn.Module):
    """Predicts the velocity of noisy differences, in patches for speed."""

    def __init__(self, config: ChromaDiffusionConfig) -> None:
        super().__init__()
        self.network: Any = UNet2DModel(  # type: ignore[no-untyped-call]
            in_channels=(2 + KNOWN) * PATCH**2 + FEATURES,
            out_channels=2 * PATCH**2,
            block_out_channels=tuple(config.widths),
            layers_per_block=config.layers,
            # Attention at coarse scales, where distant areas agree on their colours.
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=16,
            attention_head_dim=16,
        )

    def forward(self, noisy: Tensor, features: Tensor, known: Tensor, time: Tensor) -> Tensor:
        """Velocities for [N, 2, H/4, W/4] and the condition, at times [N] in [0, SCHEDULE)."""
        patches = F.pixel_unshuffle(torch.cat([noisy, known], dim=1), PATCH)
        velocity: Tensor = self.network(torch.cat([patches, features], dim=1), time).sample
        return F.pixel_shuffle(velocity, PATCH)


class DenoiserPart(nn.Module):
    """The denoiser with its time as a plane, for exported files."""

    def __init__(self, denoise: Denoiser) -> None:
        super().__init__()
        self.denoise = denoise

    def forward(self, noisy: Tensor, features: Tensor, known: Tensor, time: Tensor) -> Tensor:
        velocity: Tensor = self.denoise(noisy, features, known, time[:, 0, 0, 0])
        return velocity
