"""Export the trained network to the file that is shipped.

python -m tools.things.export things.safetensors -o things.onnx

Its inputs are the outputs `layer8` and `layer12` of `semantics.onnx` as maps [1, 384, 16, 16], and
a grey picture `light` [1, 1, 128, 128]. The output `embedded` goes back into `kept`, with `places`
(mean grey [1, 1, n, n]) and `clicked` (embedding, grey, x, y and color of clicks [1, 50, K, 1]),
and gives `shares` [K, 2, n, n]: what belongs to the clicked things, and what has their colors.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.colorizers.parts.semantics import GRID
from retint.training.export import fingerprint
from retint.training.onnx_file import Part, write_onnx
from tools.repair.export import without_notes
from tools.semantics.backbone import WIDTH
from tools.things.head import CHANNELS, CLICKED, LEAST, LIGHT_SCALE, SCALE, Decoder, Things

NAME, SIDE = "things", GRID * LIGHT_SCALE
"""The network's name, and the side of its square grey picture in pixels."""
TOLERANCE = 0.05
"""Largest difference in scores that storing in half precision may make."""
GRIDS = ((16, 16), (4, 6), (LEAST, LEAST))
"""Cells of the tokens that it is compared on."""


class ByClick(nn.Module):
    """The decoder for one picture: clicks [1, 50, K, 1] to shares [K, 2, h, w] in [0, 1]."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, embedded: Tensor, light: Tensor, clicked: Tensor) -> Tensor:
        scores, _ = self.decoder(embedded, light, clicked.flatten(2).transpose(1, 2))
        return torch.sigmoid(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    things = load(args.weights)
    side = LEAST * LIGHT_SCALE
    size = SizeRequirement(side, side)
    description = Description(NAME, SIDE, size, fingerprint=fingerprint(things))
    difference = write_onnx(
        parts(things), args.output, tolerance=TOLERANCE,
        metadata={METADATA_KEY: description.to_json()},
    )  # fmt: skip
    without_notes(args.output)
    size_mb = args.output.stat().st_size / 1e6
    print(f"{args.output}: {size_mb:.2f} MB, differs from PyTorch by at most {difference:.2g}")


def load(path: Path) -> Things:
    """The trained network."""
    things = Things()
    things.load_state_dict({name: each.float() for name, each in load_file(path).items()})
    return things.eval()


def parts(things: Things) -> list[Part]:
    """Embedder and decoder, to be stored side by side."""
    chance = torch.Generator().manual_seed(0)

    def some(*shape: int) -> Tensor:
        return torch.randn(1, *shape, generator=chance)

    seen, clicks = [], []
    for height, width in GRIDS:
        tokens = (some(WIDTH, height, width), some(WIDTH, height, width))
        seen.append((*tokens, some(1, LIGHT_SCALE * height, LIGHT_SCALE * width).sigmoid()))
        embedded = some(CHANNELS, SCALE * height, SCALE * width)
        light = some(1, SCALE * height, SCALE * width).sigmoid()
        clicks.append((embedded, light, some(CLICKED, height, 1)))
    return [
        Part(things.embedder, ("layer8", "layer12", "light"), ("embedded",), seen),
        Part(ByClick(things.decoder), ("kept", "places", "clicked"), ("shares",), clicks),
    ]


if __name__ == "__main__":
    main()
