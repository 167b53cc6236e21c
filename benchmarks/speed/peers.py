"""Compares published networks with ours in one session: time, memory and file size.

    python benchmarks/speed/peers.py [--threads 2] [--times 5]

ECCV16 and SIGGRAPH17 are implemented here from their papers (Zhang et al. 2016, figure 2 and its
supplement; Zhang et al. 2017, figure 2), DDColor-tiny in `ddcolor.py`, in plain PyTorch with random
weights, which take the same time as trained ones. They are exported with the interfaces of
`retint.colorizers.foreign` and run through the same pipeline. Requires `retint[train]`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
import torch
from ddcolor import DDColorTiny
from PIL import Image
from torch import Tensor, nn

from retint.api import load_pipeline
from retint.color.resize import working_size
from retint.evaluation.memory import megabytes
from retint.evaluation.processor import described
from retint.files import from_pillow

MEGAPIXELS = (3000, 4000)


def block(
    channels: int, out: int, count: int, *, stride: int = 1, dilation: int = 1
) -> list[nn.Module]:
    """Convolutions with ReLU, the last one strided, and batch normalisation."""
    layers: list[nn.Module] = []
    for k in range(count):
        step = stride if k == count - 1 else 1
        layers += [nn.Conv2d(channels, out, 3, step, dilation, dilation), nn.ReLU(True)]
        channels = out
    return [*layers, nn.BatchNorm2d(out)]


class ECCV16(nn.Module):
    """Eight blocks down to 1/8 of the size, a distribution over 313 colours, and its mean."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *block(1, 64, 2, stride=2), *block(64, 128, 2, stride=2), *block(128, 256, 3, stride=2),
            *block(256, 512, 3), *block(512, 512, 3, dilation=2), *block(512, 512, 3, dilation=2),
            *block(512, 512, 3),
            nn.ConvTranspose2d(512, 256, 4, 2, 1), nn.ReLU(True),
            nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(True),
            nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(True),
            nn.Conv2d(256, 313, 1), nn.Softmax(1), nn.Conv2d(313, 2, 1, bias=False),
            nn.Upsample(scale_factor=4, mode="bilinear"),
        )  # fmt: skip

    def forward(self, lightness: Tensor) -> Tensor:
        answer: Tensor = self.body((lightness - 50) / 100) * 110
        return answer


class SIGGRAPH17(nn.Module):
    """A U-Net of ten blocks that takes lightness, hints and their mask."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Sequential(*block(4, 64, 2))
        self.two = nn.Sequential(*block(64, 128, 2))
        self.three = nn.Sequential(*block(128, 256, 3))
        self.four = nn.Sequential(*block(256, 512, 3))
        self.five = nn.Sequential(*block(512, 512, 3, dilation=2))
        self.six = nn.Sequential(*block(512, 512, 3, dilation=2))
        self.seven = nn.Sequential(*block(512, 512, 3))
        self.up8, self.short8 = nn.ConvTranspose2d(512, 256, 4, 2, 1), nn.Conv2d(256, 256, 3, 1, 1)
        self.eight = nn.Sequential(nn.ReLU(True), *block(256, 256, 2))
        self.up9, self.short9 = nn.ConvTranspose2d(256, 128, 4, 2, 1), nn.Conv2d(128, 128, 3, 1, 1)
        self.nine = nn.Sequential(nn.ReLU(True), *block(128, 128, 1))
        self.up10, self.short10 = nn.ConvTranspose2d(128, 128, 4, 2, 1), nn.Conv2d(64, 128, 3, 1, 1)
        self.ten = nn.Sequential(
            nn.ReLU(True), nn.Conv2d(128, 128, 3, 1, 1), nn.LeakyReLU(0.2), nn.Conv2d(128, 2, 1),
            nn.Tanh(),
        )  # fmt: skip

    def forward(self, lightness: Tensor, hints: Tensor, mask: Tensor) -> Tensor:
        given = torch.cat([(lightness - 50) / 100, hints / 110, mask], 1)
        one = self.one(given)
        two = self.two(one[..., ::2, ::2])
        three = self.three(two[..., ::2, ::2])
        seven = self.seven(self.six(self.five(self.four(three[..., ::2, ::2]))))
        eight = self.eight(self.up8(seven) + self.short8(three))
        nine = self.nine(self.up9(eight) + self.short9(two))
        answer: Tensor = self.ten(self.up10(nine) + self.short10(one)) * 110
        return answer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--one", nargs="*", help="measure one method: NAME [FILE]")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measured(args.one[0], args.one[1:], args.threads, args.times)))
        return
    folder = Path(tempfile.mkdtemp())
    files = {
        "eccv16": exported(ECCV16(), folder / "eccv16.onnx", [1]),
        "siggraph17": exported(SIGGRAPH17(), folder / "siggraph17.onnx", [1, 2, 1]),
        "ddcolor": exported(DDColorTiny(), folder / "ddcolor.onnx", [3]),
        "ddcolor (512)": exported(DDColorTiny(), folder / "ddcolor512.onnx", [3], 512),
    }
    rows = {}
    for name in ("guided-unet", "unet", "resnet-unet", *files):
        given = [str(files[name])] if name in files else []
        command = [sys.executable, __file__, "--threads", str(args.threads), "--times",
                   str(args.times), "--one", name, *given]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows[name] = json.loads(done.stdout)
    ours = rows["guided-unet"]["network"]
    print(f"{described()}\n")
    print(
        "| method | network alone | relative to guided-unet | 12 MP end to end | peak "
        "memory | file |"
    )
    print("|---|---|---|---|---|---|")
    for name, row in rows.items():
        ratio = row["network"] / ours
        print(f"| {name} at {row['native']} | {row['network']:.0f} ms | {ratio:.1f} x | "
              f"{row['photo']:.2f} s | {row['memory']} MB | {row['file']:.1f} MB |")  # fmt: skip


def exported(network: nn.Module, path: Path, inputs: list[int], side: int = 256) -> Path:
    """Export a network with inputs of these channels."""
    planes = tuple(torch.zeros(1, channels, side, side) for channels in inputs)
    names = ["lightness", "hints", "mask"][: len(inputs)]
    torch.onnx.export(
        network.eval(), planes, str(path), input_names=names, output_names=["chroma"],
        opset_version=17, dynamo=False,
    )  # fmt: skip
    return path


def measured(name: str, files: list[str], threads: int, times: int) -> dict[str, Any]:
    options: dict[str, Any] = {"weights": Path(files[0])} if files else {}
    pipeline = load_pipeline(name.split()[0], threads=threads, **options)
    picture = skimage.data.camera()  # type: ignore[no-untyped-call]
    photo = from_pillow(Image.fromarray(picture).resize(MEGAPIXELS[::-1]))
    side = working_size(photo.size, pipeline.colorizer.native)
    square = np.asarray(Image.fromarray(picture).resize((side[0], side[0])), np.float32) / 2.55
    return {
        "native": pipeline.colorizer.native,
        "network": 1000 * best(lambda: pipeline.colorizer(square), times),
        "photo": best(lambda: pipeline(photo), times),
        "memory": megabytes(),
        "file": sum(path.stat().st_size for path in pipeline.colorizer.weights) / 1e6,
    }


def best(act: Any, times: int) -> float:
    """Median of a few runs, after one warm-up run."""
    act()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return sorted(found)[len(found) // 2]


if __name__ == "__main__":
    main()
