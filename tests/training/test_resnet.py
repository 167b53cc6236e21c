from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from retint.errors import WeightsError
from retint.training.guess import Batch, Guess
from retint.training.losses.distillation import Distillation
from retint.training.networks.resnet import CHANNELS, ResNet18
from retint.training.networks.resnet_unet import ResNetUNet, ResNetUNetConfig
from retint.training.networks.student import Student, StudentConfig


def torchvision_names(encoder: ResNet18) -> dict[str, Tensor]:
    """The encoder's weights as torchvision calls them."""
    renamed = {}
    for name, tensor in encoder.state_dict().items():
        parts = name.split(".")
        if parts[0] == "embedder":
            kind = {"convolution": "conv1", "normalization": "bn1"}[parts[2]]
        else:
            block = f"layer{int(parts[2]) + 1}.{parts[4]}"
            if parts[5] == "shortcut":
                kind = f"{block}.downsample.{['convolution', 'normalization'].index(parts[6])}"
            else:
                letter = {"convolution": "conv", "normalization": "bn"}[parts[7]]
                kind = f"{block}.{letter}{int(parts[6]) + 1}"
        renamed[f"{kind}.{parts[-1]}"] = tensor
    return {**renamed, "fc.weight": torch.zeros(1000, 512)}


def test_five_maps_of_the_published_widths() -> None:
    maps = ResNet18()(torch.rand(1, 1, 64, 96))
    assert [m.shape[1] for m in maps] == list(CHANNELS)
    assert [m.shape[2:] for m in maps] == [(32 >> k, 48 >> k) for k in range(5)]
    assert round(sum(p.numel() for p in ResNet18().parameters()) / 1e6, 2) == 11.18


@pytest.mark.parametrize("whose", ["transformers", "torchvision", "a run"])
def test_weights_are_taken_whoever_made_them(tmp_path: Path, whose: str) -> None:
    torch.manual_seed(1)
    made = ResNet18()
    named = made.state_dict()
    tensors = {
        "transformers": {f"resnet.{n}": t for n, t in named.items()},
        "torchvision": torchvision_names(made),
        "a run": {f"encoder.{n}": t for n, t in named.items()} | {"other.bias": torch.zeros(9)},
    }[whose]
    path = tmp_path / "weights.safetensors"
    save_file({name: tensor.clone() for name, tensor in tensors.items()}, path)
    torch.manual_seed(2)
    encoder = ResNet18()
    encoder.load(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    for name, tensor in encoder.state_dict().items():
        assert torch.equal(tensor, named[name]), name


def test_other_networks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    tensors = torchvision_names(ResNet18())
    del tensors["layer3.1.bn2.bias"]
    save_file({name: tensor.clone() for name, tensor in tensors.items()}, path)
    with pytest.raises(
        WeightsError, match=r"does not match ResNet18: encoder\.stages\.2\.layers\.1.*missing"
    ):
        ResNet18().load(str(path), "")


def test_frozen_blocks_neither_learn_nor_drift() -> None:
    network = ResNetUNet(ResNetUNetConfig())
    network.encoder.train_last(2)
    network.train()
    before = {name: tensor.clone() for name, tensor in network.encoder.state_dict().items()}
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    network(torch.rand(2, 1, 32, 32)).square().mean().backward()
    optimizer.step()
    changed = {
        ".".join(name.split(".")[:5])
        for name, tensor in network.encoder.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert changed == {"encoder.stages.3.layers.0", "encoder.stages.3.layers.1"}


@pytest.mark.parametrize(("count", "frozen"), [(0, 9), (4, 5), (9, 0), (20, 0), (-1, 0)])
def test_as_many_blocks_are_trained_as_asked(count: int, frozen: int) -> None:
    encoder = ResNet18()
    encoder.train_last(count)
    encoder.train()
    fixed = [not next(block.parameters()).requires_grad for block in encoder.parts()]
    assert fixed == [True] * frozen + [False] * (9 - frozen)
    assert [not block.training for block in encoder.parts()] == fixed


@pytest.mark.parametrize("head", ["regression", "classification"])
@pytest.mark.parametrize("size", [(32, 32), (64, 96)])
def test_output_has_the_size_of_the_input(head: str, size: tuple[int, int]) -> None:
    network = ResNetUNet(ResNetUNetConfig(head)).eval()  # type: ignore[arg-type]
    lightness = torch.rand(2, 1, *size)
    with torch.inference_mode():
        guess = network.guess(lightness)
        assert torch.equal(network(lightness), guess.chroma)  # type: ignore[arg-type]
    assert guess.chroma is not None
    assert guess.chroma.shape == (2, 2, *size)
    assert (guess.logits is not None) == (head == "classification")
    assert guess.rgb.shape == (2, 3, *size)


def test_every_scale_reaches_the_output() -> None:
    network = ResNetUNet(ResNetUNetConfig()).eval()
    seen = torch.rand(1, 1, 64, 64)
    before = network(seen)
    for up in (network.up16, network.up8, network.up4, network.up2):
        handle = up.skip.register_forward_hook(lambda *_: _[2] * 0)
        assert not torch.equal(network(seen), before)
        handle.remove()


def test_an_unknown_head_is_refused() -> None:
    with pytest.raises(ValueError, match="regression or classification"):
        ResNetUNetConfig("both")  # type: ignore[arg-type]


def test_a_student_that_predicts_zero_has_a_loss_of_one() -> None:
    loss = Distillation()
    lightness = torch.rand(4, 1, 64, 64)
    batch = Batch(lightness, lightness.expand(-1, 3, -1, -1))
    student = Student(StudentConfig())
    nothing = tuple(torch.zeros_like(each) for each in student.guess(lightness).features)
    assert loss(Guess(lightness, features=nothing), batch).item() == pytest.approx(1, abs=0.01)


def test_student_learns_from_the_teacher() -> None:
    torch.manual_seed(0)
    loss, student = Distillation(), Student(StudentConfig())
    lightness = torch.rand(4, 1, 32, 32)
    batch = Batch(lightness, lightness.expand(-1, 3, -1, -1))
    optimizer = torch.optim.Adam(student.parameters(), 1e-3)
    losses = []
    for _ in range(12):
        value = loss(student.guess(lightness), batch)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    assert losses[-1] < 0.7 * losses[0]
    assert all(p.grad is None for p in loss.teacher.parameters())
