"""The backbone in PyTorch, with weights read from the known ONNX file.

    python -m tools.semantics.vit vit_s_focus.onnx backbone.safetensors

DINOv2 ViT-S/14 (Oquab et al. 2023): 12 blocks, width 384, 6 heads, patches of 14 pixels. It takes
grey pictures: the three equal channels and their normalization are part of the first convolution.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.parts.semantics import GRID
from tools.semantics.backbone import WIDTH, backbone

HEADS, BLOCKS, PATCH = 6, 12, 14
CELLS = GRID**2
EPSILON = 1e-6
MIDDLE = 8
"""The block whose output is used beside the last one's."""


class Block(nn.Module):
    """Attention and a perceptron; the scales of their outputs are part of the last matrices."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(WIDTH, eps=EPSILON) for _ in range(2))
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.drop_path = 0.0
        """Share of pictures for which a branch is left out in training."""

    def forward(self, tokens: Tensor) -> Tensor:
        n, count, width = tokens.shape
        qkv = self.qkv(self.norm1(tokens)).reshape(n, count, 3, HEADS, width // HEADS)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind()
        found = F.scaled_dot_product_attention(query, key, value)
        found = self.out(found.transpose(1, 2).reshape(n, count, width))
        tokens = tokens + self._kept(found)
        return tokens + self._kept(self.fc2(F.gelu(self.fc1(self.norm2(tokens)))))

    def _kept(self, branch: Tensor) -> Tensor:
        """Stochastic depth (Huang et al. 2016)."""
        if not self.training or self.drop_path == 0:
            return branch
        kept = 1 - self.drop_path
        return branch * torch.empty(len(branch), 1, 1, device=branch.device).bernoulli_(kept) / kept


class ViT(nn.Module):
    """sRGB grey [N, 1, 224, 224] in [0, 1] to the outputs of blocks 8 and 12, [N, 257, 384] each.

    The first token is that of the whole picture, then one for each cell follows, row by row.
    """

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, WIDTH, PATCH, PATCH)
        self.whole = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.positions = nn.Parameter(torch.zeros(1, CELLS, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        cells = self.patch(grey).flatten(2).transpose(1, 2) + self.positions
        tokens = torch.cat([self.whole.expand(len(grey), -1, -1).to(cells.dtype), cells], dim=1)
        middle = tokens
        for number, block in enumerate(self.blocks, 1):
            tokens = block(tokens)
            if number == MIDDLE:
                middle = tokens
        return middle, tokens


def load(path: Path) -> ViT:
    """The network of the known ONNX file, equal to it within 1e-4."""
    graph = backbone(path, eight_bits=False).graph
    tensors = _tensors(graph)
    first = next(node for node in graph.node if node.op_type == "Conv")
    positions = _positions(tensors)
    found = {
        "patch.weight": tensors[first.input[1]],
        "patch.bias": tensors[first.input[2]],
        "whole": tensors["/backbone/embeddings/Expand_output_0"] + positions[:, :1],
        "positions": positions[:, 1:],
    }
    # In the graph above, matrices have lost their names; in the file, their nodes have names.
    original = onnx.load(path).graph
    tensors = _tensors(original)
    matrices = {
        node.name: tensors[node.input[1]]
        for node in original.node
        if node.op_type == "MatMul" and node.input[1] in tensors
    }
    for number in range(BLOCKS):
        for name, value in _block(number, tensors, matrices).items():
            found[f"blocks.{number}.{name}"] = value
    network = ViT()
    network.load_state_dict(found)
    return network.eval()


def _tensors(graph: onnx.GraphProto) -> dict[str, Tensor]:
    return {each.name: torch.tensor(numpy_helper.to_array(each)) for each in graph.initializer}


def _positions(tensors: dict[str, Tensor]) -> Tensor:
    """What is added to the first tokens, [1, 257, 384]."""
    shape = (1, CELLS + 1, WIDTH)
    (found,) = (each for each in tensors.values() if each.shape == shape)
    return found


def _block(
    number: int, tensors: dict[str, Tensor], matrices: dict[str, Tensor]
) -> dict[str, Tensor]:
    prefix = f"backbone.encoder.layer.{number}"

    def matrix(name: str) -> Tensor:
        return matrices[f"/backbone/encoder/layer.{number}/{name}/MatMul"].T

    def own(name: str) -> Tensor:
        return tensors[f"{prefix}.{name}"]

    asked = [f"attention/attention/{each}" for each in ("query", "key", "value")]
    attended, grown = own("layer_scale1.lambda1"), own("layer_scale2.lambda1")
    return {
        "norm1.weight": own("norm1.weight"), "norm1.bias": own("norm1.bias"),
        "norm2.weight": own("norm2.weight"), "norm2.bias": own("norm2.bias"),
        "qkv.weight": torch.cat([matrix(each) for each in asked]),
        "qkv.bias": torch.cat([own(each.replace("/", ".") + ".bias") for each in asked]),
        "out.weight": attended[:, None] * matrix("attention/output/dense"),
        "out.bias": attended * own("attention.output.dense.bias"),
        "fc1.weight": matrix("mlp/fc1"), "fc1.bias": own("mlp.fc1.bias"),
        "fc2.weight": grown[:, None] * matrix("mlp/fc2"), "fc2.bias": grown * own("mlp.fc2.bias"),
    }  # fmt: skip


def main() -> None:
    """Write the weights of the known file, in half precision."""
    source, target = (Path(each) for each in sys.argv[1:])
    weights = load(source).state_dict()
    save_file({name: each.half().contiguous() for name, each in weights.items()}, target)


if __name__ == "__main__":
    main()
