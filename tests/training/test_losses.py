"""Losses, compared with values computed by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from retint.color import lab
from retint.errors import WeightsError
from retint.evaluation.metrics import colorfulness
from retint.training import color
from retint.training.colors313 import COUNT, annealed_mean, colors, nearest, soft_encoded
from retint.training.guess import Batch, Guess
from retint.training.losses.classification import Classification, rarity
from retint.training.losses.critic import Adversary, gradient_penalty
from retint.training.losses.objective import build_losses
from retint.training.losses.perceptual import Perceptual, VGG16Features, feature_maps
from retint.training.losses.pixelwise import Colorfulness, Huber, MeanAbsolute, MeanSquared
from retint.training.recipe import Losses, RecipeError


def grey_batch(size: int = 8, count: int = 2) -> Batch:
    """Pictures without chroma, darker to brighter."""
    grey = torch.linspace(0.2, 0.8, size * size).reshape(1, 1, size, size).expand(count, 1, -1, -1)
    rgb = grey.expand(-1, 3, -1, -1).contiguous()
    return Batch(color.rgb_to_lab(rgb)[:, :1] / 100, rgb)


def guessed(batch: Batch, a: float, b: float) -> Guess:
    chroma = torch.tensor([a, b])[:, None, None].expand(len(batch.rgb), 2, *batch.rgb.shape[2:])
    return Guess(batch.lightness, chroma=chroma / 100)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        # Errors of 0.1 in a* and 0.3 in b*, in the scale of L* / 100.
        (MeanSquared(), (0.01 + 0.09) / 2),
        (MeanAbsolute(), (0.1 + 0.3) / 2),
        (Huber(0.2), (0.5 * 0.01 / 0.2 + 0.3 - 0.1) / 2),
    ],
)
def test_pointwise_losses_of_chroma_have_known_values(loss: nn.Module, expected: float) -> None:
    batch = grey_batch()
    assert loss(guessed(batch, 10, -30), batch).item() == pytest.approx(expected, abs=1e-4)


def test_a_painted_picture_is_compared_as_rgb() -> None:
    batch = grey_batch()
    guess = Guess(batch.lightness, painted=batch.rgb + 0.25)
    assert MeanSquared()(guess, batch).item() == pytest.approx(0.0625, abs=1e-6)


def test_tensors_are_converted_as_pictures_are(rng: np.random.Generator) -> None:
    rgb = rng.random((5, 7, 3)).astype(np.float32)
    rgb[0] /= 40  # where the curves are lines
    tensor = torch.from_numpy(rgb).permute(2, 0, 1)[None]
    ours = color.rgb_to_lab(tensor)
    np.testing.assert_allclose(ours[0].permute(1, 2, 0), lab.rgb_to_lab(rgb), atol=1e-3)
    np.testing.assert_allclose(color.lab_to_rgb(ours), tensor, atol=1e-4)


def test_conversion_has_finite_gradients_at_black_and_out_of_gamut() -> None:
    picture = torch.tensor([[0.0, 0, 0], [50, 200, 0], [100, 0, 90]]).T.reshape(1, 3, 1, 3)
    picture.requires_grad_()
    color.lab_to_rgb(picture).sum().backward()  # type: ignore[no-untyped-call]
    assert picture.grad is not None
    assert picture.grad.isfinite().all()


def test_the_colours_are_the_published_313() -> None:
    assert COUNT == 313
    assert colors().shape == (313, 2)
    assert len({tuple(each) for each in colors().tolist()}) == 313
    assert colors()[0].tolist() == [-90, 50]
    assert colors()[-1].tolist() == [100, 0]
    distance, index = nearest(torch.tensor([12.0, -33.0]))
    assert colors()[index[0]].tolist() == [10, -30]
    assert distance.item() == pytest.approx(math.sqrt(13), abs=1e-3)


def test_soft_encoding_spreads_over_the_five_nearest_colours() -> None:
    shares, indices = soft_encoded(torch.zeros(1, 2))
    beside = math.exp(-(10**2) / (2 * 5**2))  # the four neighbours lie 10 away, sigma is 5
    assert colors()[indices[0, 0]].tolist() == [0, 0]
    assert shares[0].tolist() == pytest.approx(
        [1 / (1 + 4 * beside)] + [beside / (1 + 4 * beside)] * 4
    )


def test_annealed_mean_lies_between_mean_and_mode() -> None:
    logits = torch.full((1, COUNT, 1, 1), -50.0)
    red, green = nearest(torch.tensor([[50.0, 0], [-50.0, 0]]))[1][:, 0]
    logits[0, red], logits[0, green] = math.log(0.8), math.log(0.2)
    mean = annealed_mean(logits, temperature=1.0)
    annealed = annealed_mean(logits, temperature=0.5)
    assert mean.flatten().tolist() == pytest.approx([50 * 0.6, 0], abs=1e-3)
    assert annealed[0, 0].item() == pytest.approx(50 * (0.64 - 0.04) / 0.68, abs=1e-3)


def test_classification_of_uniform_scores_is_the_logarithm_of_their_number() -> None:
    batch = grey_batch()
    guess = Guess(batch.lightness, logits=torch.zeros(2, COUNT, 2, 2))
    assert Classification()(guess, batch).item() == pytest.approx(math.log(313), rel=1e-5)


def test_rare_colours_count_for_more() -> None:
    frequencies = torch.zeros(COUNT)
    grey, blue = nearest(torch.tensor([[0.0, 0], [20.0, -60.0]]))[1][:, 0]
    frequencies[grey], frequencies[blue] = 0.9, 0.1
    weights = rarity(frequencies)
    assert weights[grey] < weights[blue] < weights[0]
    # A colour that never occurs: one over the uniform half.
    assert (weights[0] / weights[1]).item() == pytest.approx(1, rel=1e-4)
    smoothed = 1 / weights / (1 / weights).sum()
    assert smoothed.sum().item() == pytest.approx(1)
    loss = Classification()
    loss.rebalance([grey_batch().rgb])
    assert loss.rarity.argmin() == grey
    batch = grey_batch()
    guess = Guess(batch.lightness, logits=torch.zeros(2, COUNT, 2, 2))
    expected = loss.rarity[grey].item() * math.log(313)
    assert loss(guess, batch).item() == pytest.approx(expected, rel=1e-5)


def test_rebalancing_weights_have_a_mean_of_one() -> None:
    frequencies = torch.full((COUNT,), 1 / COUNT)
    assert rarity(frequencies).mean().item() == pytest.approx(1, rel=0.02)


class Slope(nn.Module):
    """A critic that is a plane of a known slope."""

    def __init__(self, slope: Tensor) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures * self.slope).sum(dim=(1, 2, 3), keepdim=True)


def test_gradient_penalty_of_a_plane_is_that_of_its_slope() -> None:
    slope = torch.zeros(3, 2, 2)
    slope[0, 0, 0], slope[2, 1, 1] = 3.0, 4.0
    penalty = gradient_penalty(Slope(slope), torch.zeros(2, 3, 2, 2), torch.ones(2, 3, 2, 2))
    assert penalty.item() == pytest.approx((5 - 1) ** 2)


def test_critic_learns_to_tell_guessed_from_true() -> None:
    torch.manual_seed(0)
    batch, loss = grey_batch(16), Adversary(1e-3)
    wrong = guessed(batch, 60, 60)
    scores = [loss(wrong, batch).item() for _ in range(40)]
    right = loss(guessed(batch, 0, 0), batch).item()
    assert right < scores[-1]
    assert scores[-1] - right > scores[0] - loss.eval()(wrong, batch).item() + 0.01


def test_critic_pushes_the_network_and_not_itself() -> None:
    batch, loss = grey_batch(16), Adversary(1e-3)
    chroma = torch.zeros(2, 2, 16, 16, requires_grad=True)
    score = loss(Guess(batch.lightness, chroma=chroma), batch)
    loss.optimizer.zero_grad()
    score.backward()
    assert chroma.grad is not None
    assert chroma.grad.abs().sum() > 0
    assert all(p.grad is None for p in loss.critic.parameters())


def test_critic_does_not_judge_validation() -> None:
    batch, loss = grey_batch(16), Adversary(1e-3).eval()
    before = [p.clone() for p in loss.critic.parameters()]
    assert loss(guessed(batch, 30, 0), batch).item() == 0
    assert all(torch.equal(*pair) for pair in zip(before, loss.critic.parameters(), strict=True))


def test_perceptual_loss_is_the_mean_over_the_published_layers() -> None:
    torch.manual_seed(0)
    network = VGG16Features()
    batch = grey_batch(16)
    guess = Guess(batch.lightness, chroma=guessed(batch, 20, 10).chroma)
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    normal = [(rgb - mean) / deviation for rgb in (guess.rgb, batch.rgb)]
    expected = []
    for layers, channels in ((4, 64), (9, 128), (16, 256), (23, 512)):  # up to relu1_2, ... relu4_3
        ours, truth = (network.features[:layers](each) for each in normal)
        assert ours.shape[1] == channels
        expected.append(((ours - truth) ** 2).mean().item())
    loss = Perceptual(network)
    assert loss(guess, batch).item() == pytest.approx(sum(expected) / 4, rel=1e-4)
    assert loss(Guess(batch.lightness, painted=batch.rgb), batch).item() == 0


def test_offline_features_see_colour() -> None:
    loss = Perceptual(feature_maps("efficientnet-lite0", "", ""))
    batch = grey_batch(64, count=1)
    none, some, more = (loss(guessed(batch, a, 0), batch).item() for a in (0, 10, 40))
    assert none < 1e-3 < some < more
    assert not any(p.requires_grad for p in loss.parameters())


def test_degraded_lightness_is_not_held_against_the_guess() -> None:
    loss = Perceptual(feature_maps("efficientnet-lite0", "", ""))
    clean = grey_batch(64, count=1)
    shown = Batch(0.5 * clean.lightness, clean.rgb)
    assert loss(Guess(shown.lightness, chroma=shown.chroma), shown).item() < 1e-3


def test_vgg_comes_from_a_file_with_the_right_hash(tmp_path: Path) -> None:
    network = VGG16Features()
    path = tmp_path / "vgg16.safetensors"
    save_file({**network.state_dict(), "classifier.0.bias": torch.zeros(3)}, path)
    found = feature_maps("vgg16", str(path), "")
    for name, tensor in network.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor)
    with pytest.raises(WeightsError, match="SHA-256"):
        feature_maps("vgg16", str(path), "0" * 64)
    with pytest.raises(WeightsError, match="No such file"):
        feature_maps("vgg16", str(tmp_path / "none"), "")
    path.write_bytes(b"PK\x03\x04 a pickle in a zip")
    with pytest.raises(WeightsError, match=r"docs/training\.md"):
        feature_maps("vgg16", str(path), "")


def test_weights_of_losses_add_up() -> None:
    batch = grey_batch()
    guess = guessed(batch, 10, -30)
    losses = build_losses(Losses(mse=2.0, l1=0.5))
    assert losses(guess, batch).item() == pytest.approx(2 * 0.05 + 0.5 * 0.2, abs=1e-4)
    with pytest.raises(RecipeError, match="at least one"):
        Losses()


def test_colourfulness_is_that_of_the_metric_and_has_a_target(rng: np.random.Generator) -> None:
    rgb = rng.integers(0, 256, (2, 9, 11, 3)).astype(np.uint8)
    tensor = torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255
    truth = Batch(tensor[:, :1], tensor)
    same = Guess(truth.clean_lightness, chroma=truth.chroma)
    assert Colorfulness()(same, truth) < 1e-4
    grey = Guess(truth.clean_lightness, chroma=torch.zeros_like(truth.chroma, requires_grad=True))
    loss = Colorfulness()(grey, truth)
    expected = np.mean([colorfulness(each) for each in rgb]) / 255
    assert loss.item() == pytest.approx(expected, abs=2e-3)
    loss.backward()
    assert grey.chroma is not None
    assert grey.chroma.grad is not None
    assert grey.chroma.grad.isfinite().all()
    more = Guess(truth.clean_lightness, chroma=truth.chroma * 0.3)
    most = Guess(truth.clean_lightness, chroma=truth.chroma * 0.1)
    assert 0 < Colorfulness()(more, truth) < Colorfulness()(most, truth)
