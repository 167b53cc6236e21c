"""Our own network: it predicts well without hints, and takes colour hints.

EfficientNet-lite0 encodes lightness; a U-Net decoder turns its maps into chroma. Hints enter the
decoder only, so that the encoder's maps can be reused while a person paints. They enter at every
scale as planes, as in Zhang et al. 2017 ("Real-Time User-Guided Image Colorization with Learned
Deep Priors", section 3.2), and through attention across the whole picture: at 1/8 of its size every
cell attends to all hints, by similarity and distance, and takes the colour of the relevant ones.
Convolutions alone do not carry a hint far enough (Yun et al. 2023, "iColoriT", section 1).

Two heads share the decoder: one regresses chroma, one scores the 313 colours of Zhang et al. 2016,
which are vivid where several colours are likely, and measure the network's confidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.parts.guided_parts import KEPT, MAPS
from retint.training.colors313 import COUNT, annealed_mean
from retint.training.guess import CHROMA_SCALE, Guess
from retint.training.networks.base import Guesser
from retint.training.networks.color_queries import ColorQueries
from retint.training.networks.efficientnet import LiteEncoder
from retint.training.networks.hint_attention import HINT_PLANES, HintAttention, pooled
from retint.training.onnx_file import Part


@dataclass(frozen=True)
class GuidedUNetConfig:
    """Channels of the decoder at 1/32, 1/16, 1/8, 1/4 and 1/2 of the picture's size."""

    widths: tuple[int, ...] = (256, 192, 128, 96, 48)
    heads: int = 4
    """Number of attention heads for hints."""
    deeper: tuple[int, int] = (0, 0)
    """Additional residual blocks at 1/16 and at 1/8 of the picture's size, where context is cheap.
    """
    queries: int = 0
    """Learnt colour queries at 1/8 of the picture's size; 0 for none."""

    def __post_init__(self) -> None:
        if len(self.widths) != len(LiteEncoder.CHANNELS):
            raise ValueError(f"widths must be {len(LiteEncoder.CHANNELS)} numbers")


class GuidedUNet(Guesser):
    """L* / 100 [N, 1, H, W] and hints [N, 3, H, W] to a*, b* over 100, vivid a*, b*, certainty."""

    size = LiteEncoder.size

    def __init__(self, config: GuidedUNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = LiteEncoder()
        self.decoder = Decoder(config)
        self._only_hints = False

    def forward(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """[N, 5, H, W]: regressed a*, b* over 100; then those of the scored colours, certainty."""
        chroma, quarter = self._decoded(lightness, hints)
        return torch.cat([chroma, _enlarged(self.decoder.scored(quarter), lightness)], dim=1)

    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:
        chroma, quarter = self._decoded(lightness, hints)
        return Guess(lightness, chroma=chroma, logits=self.decoder.classify(quarter))

    def pretrained(self) -> LiteEncoder:
        return self.encoder

    def learn_only_hints(self) -> None:
        self.requires_grad_(requires_grad=False)
        for parameter in self.decoder.of_hints():
            parameter.requires_grad_()
        self.decoder.whole.weight.register_hook(_of_planes)  # type: ignore[no-untyped-call]
        self._only_hints = True

    def train(self, mode: bool = True) -> Self:
        """If only hints are learnt, all normalisation keeps its statistics."""
        return super().train(mode and not self._only_hints)

    def _decoded(self, lightness: Tensor, hints: Tensor | None) -> tuple[Tensor, Tensor]:
        if hints is None:
            hints = torch.zeros_like(lightness).repeat(1, 3, 1, 1)
        chroma, quarter = self.decoder(self.encoder(lightness), hints)
        return chroma, quarter

    @torch.inference_mode()
    def parts(self, sizes: list[tuple[int, int]]) -> list[Part]:
        """Encoder, decoder and scores separately: a changed hint only requires the decoder."""
        random = torch.Generator().manual_seed(0)
        pictures = [(torch.rand(1, 1, *size, generator=random),) for size in sizes]
        hinted, quarters = [], []
        for (lightness,) in pictures:
            hints = torch.rand(1, 3, *lightness.shape[2:], generator=random)
            hints[:, 2] = (hints[:, 2] > 0.9).float()
            maps = self.encoder(lightness)
            hinted.append((*maps, hints))
            quarters.append((self.decoder(maps, hints)[1],))
        kept = dict(zip(KEPT, MAPS, strict=True))
        return [
            Part(self.encoder, ("lightness",), MAPS, pictures, compared=()),
            Part(DecoderPart(self.decoder), (*KEPT, "hints"), ("chroma", "quarter"), hinted,
                 fed=kept, compared=("chroma",)),
            Part(ScoresPart(self.decoder), ("kept_quarter",), ("scored",), quarters,
                 fed={"kept_quarter": "quarter"}),
        ]  # fmt: skip


class Decoder(nn.Module):
    """Decodes the encoder's maps, finest first, and hints to chroma."""

    def __init__(self, config: GuidedUNetConfig) -> None:
        super().__init__()
        c2, c4, c8, c16, c32 = LiteEncoder.CHANNELS
        w32, w16, w8, w4, w2 = config.widths
        self.bridge = nn.Conv2d(c32, w32, 1)
        self.whole = nn.Linear(w32 + HINT_PLANES, w32)
        self.bridge_norm = nn.Sequential(nn.BatchNorm2d(w32), nn.ReLU(inplace=True))
        self.up16 = Up(w32, c16, w16, convolutions=2)
        self.deeper16 = nn.Sequential(*(Residual(w16) for _ in range(config.deeper[0])))
        self.up8 = Up(w16, c8, w8, convolutions=1)
        self.attention = HintAttention(w8, config.heads)
        self.mix8 = _convolved(w8, w8)
        self.deeper8 = nn.Sequential(*(Residual(w8) for _ in range(config.deeper[1])))
        self.queries = ColorQueries(w8, config.queries) if config.queries else nn.Identity()
        self.up4 = Up(w8, c4, w4, convolutions=2)
        self.up2 = Up(w4, c2, w2, convolutions=2)
        self.regress = nn.Conv2d(w2, 2, 1)
        self.classify = nn.Conv2d(w4, COUNT, 1)

    def forward(self, maps: tuple[Tensor, ...], hints: Tensor) -> tuple[Tensor, Tensor]:
        """Regressed chroma over 100 [N, 2, H, W], and features for the scores [N, C, H/4, W/4]."""
        m2, m4, m8, m16, m32 = maps
        features = self.bridge(m32)
        whole = torch.cat([features.mean((2, 3)), pooled(hints, None).mean((2, 3))], dim=1)
        features = self.bridge_norm(features + self.whole(whole)[:, :, None, None])
        features = self.up16(features, m16, pooled(hints, 16))
        hints8 = pooled(hints, 8)
        features = self.up8(self.deeper16(features), m8, hints8)
        features = self.mix8(features + self.attention(features, hints8))
        features = self.queries(self.deeper8(features))
        quarter = self.up4(features, m4, pooled(hints, 4))
        half = self.up2(quarter, m2, pooled(hints, 2))
        return _doubled(self.regress(half)), quarter

    def of_hints(self) -> list[nn.Parameter]:
        """Parameters that have no effect without hints; of `whole`, the last columns."""
        planes = [self.whole, *(up.hint for up in (self.up16, self.up8, self.up4, self.up2))]
        attention = [p for n, p in self.attention.named_parameters() if n != "project.bias"]
        return [*(cast(nn.Parameter, each.weight) for each in planes), *attention]

    def scored(self, quarter: Tensor) -> Tensor:
        """Scores from those features: a*, b* over 100, and certainty [N, 3, H/4, W/4].

        Certainty is 1 if one of the 313 colours has all the probability and 0 if all have the same:
        1 - entropy / log 313.
        """
        logits = self.classify(quarter)
        shares = torch.log_softmax(logits, dim=1)
        entropy = -(shares.exp() * shares).sum(1, keepdim=True) / math.log(COUNT)
        return torch.cat([annealed_mean(logits) / CHROMA_SCALE, 1 - entropy], dim=1)


class DecoderPart(nn.Module):
    """The decoder with separate maps as inputs, for exported files."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(
        self, m2: Tensor, m4: Tensor, m8: Tensor, m16: Tensor, m32: Tensor, hints: Tensor
    ) -> tuple[Tensor, Tensor]:
        chroma, quarter = self.decoder((m2, m4, m8, m16, m32), hints)
        return chroma, quarter


class ScoresPart(nn.Module):
    """The head that scores colours, separately."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, quarter: Tensor) -> Tensor:
        return self.decoder.scored(quarter)


class Up(nn.Module):
    """Combines decoder features of one scale with encoder features and hints of the next."""

    def __init__(self, inputs: int, skipped: int, outputs: int, convolutions: int) -> None:
        super().__init__()
        # Reduced while there are few pixels.
        self.narrow = nn.Conv2d(inputs, outputs, 1)
        self.skip = nn.Conv2d(skipped, outputs, 1)
        self.hint = nn.Conv2d(HINT_PLANES, outputs, 1)
        self.norm = nn.Sequential(nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))
        layers = [_convolved(outputs, outputs) for _ in range(convolutions)]
        self.convolve = nn.Sequential(*layers)

    def forward(self, features: Tensor, finer: Tensor, hints: Tensor) -> Tensor:
        joined = _doubled(self.narrow(features)) + self.skip(finer) + self.hint(hints)
        answer: Tensor = self.convolve(self.norm(joined))
        return answer


class Residual(nn.Module):
    """Two convolutions with a skip connection (He et al. 2016). Initialised to have no effect."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        last = nn.BatchNorm2d(channels)
        nn.init.zeros_(last.weight)
        self.change = nn.Sequential(
            _convolved(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            last,
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + cast(Tensor, self.change(features))


def _of_planes(gradient: Tensor) -> Tensor:
    """The gradient of `Decoder.whole`'s weights, restricted to the columns for hints."""
    kept = torch.zeros_like(gradient)
    kept[:, -HINT_PLANES:] = gradient[:, -HINT_PLANES:]
    return kept


def _convolved(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _doubled(features: Tensor) -> Tensor:
    # ONNX Runtime has a fast operator for a factor, but not for a size.
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)


def _enlarged(features: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(features, like.shape[-2:], mode="bilinear", align_corners=False)
