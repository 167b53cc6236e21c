from __future__ import annotations

import pytest
import torch

from retint.training.networks.unet import UNet, UNetConfig


def test_option_3_has_the_published_number_of_parameters() -> None:
    network = UNet(UNetConfig(3))
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == 3.47


@pytest.mark.parametrize("option", [1, 2, 3])
@pytest.mark.parametrize("k", [2, 3, 10])
def test_output_has_the_size_of_the_input(option: int, k: int) -> None:
    network = UNet(UNetConfig(option)).eval()  # type: ignore[arg-type]
    height, width = (16 * k, 16 * k + 16) if option == 3 else (16 * k - 10, 16 * k + 6)
    assert network.size.accepts(height)
    assert network.size.accepts(width)
    with torch.inference_mode():
        painted = network(torch.rand(1, 1, height, width))
    assert painted.shape == (1, 3, height, width)
    assert painted.min() >= 0
    assert painted.max() <= 1


@pytest.mark.parametrize(("option", "published"), [(1, 150), (2, 150), (3, 224)])
def test_published_sizes_are_accepted(option: int, published: int) -> None:
    assert UNet(UNetConfig(option)).size.accepts(published)  # type: ignore[arg-type]


@pytest.mark.parametrize("option", [1, 2, 3])
def test_the_smallest_size_is_accepted(option: int) -> None:
    network = UNet(UNetConfig(option)).eval()  # type: ignore[arg-type]
    side = network.size.minimum
    with torch.inference_mode():
        assert network(torch.rand(1, 1, side, side)).shape == (1, 3, side, side)


def test_only_option_2_normalises_and_dilates() -> None:
    for option in (1, 2, 3):
        modules = list(UNet(UNetConfig(option)).modules())
        norms = sum(isinstance(m, torch.nn.BatchNorm2d) for m in modules)
        dilated = sum(getattr(m, "dilation", 1) == (2, 2) for m in modules)
        assert (norms, dilated) == ((8, 1) if option == 2 else (0, 0))


def test_every_skip_connection_reaches_the_output() -> None:
    network = UNet(UNetConfig(3))
    seen = torch.rand(1, 1, 32, 32)
    for name in ("down1", "down2", "down3"):
        before = network(seen)
        handle = getattr(network, name).register_forward_hook(lambda *_: _[2] * 0)
        assert not torch.equal(network(seen), before)
        handle.remove()


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="1, 2 or 3"):
        UNetConfig(4)  # type: ignore[arg-type]
