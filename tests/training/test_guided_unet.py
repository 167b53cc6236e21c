from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from retint.errors import WeightsError
from retint.training import checkpoint
from retint.training.losses.objective import Objective, build_losses
from retint.training.networks.color_queries import ColorQueries
from retint.training.networks.guided_unet import GuidedUNet, GuidedUNetConfig
from retint.training.networks.hint_attention import HintAttention, pooled
from retint.training.pretrained import load_fitting
from retint.training.recipe import Losses

SMALL = GuidedUNetConfig(widths=(16, 16, 16, 16, 16), heads=2)


@pytest.fixture(scope="module")
def network() -> GuidedUNet:
    torch.manual_seed(0)
    return GuidedUNet(SMALL).eval()


def hint_at(row: int, column: int, size: int = 64) -> Tensor:
    planes = torch.zeros(1, 3, size, size)
    planes[0, :, row : row + 4, column : column + 4] = torch.tensor([0.5, 0.3, 1.0])[:, None, None]
    return planes


def test_answer_is_two_chromas_and_a_certainty(network: GuidedUNet) -> None:
    lightness = torch.rand(2, 1, 64, 96)
    with torch.inference_mode():
        answer = network(lightness)
        guess = network.guess(lightness)
    assert answer.shape == (2, 5, 64, 96)
    assert guess.chroma is not None
    assert guess.logits is not None
    assert guess.logits.shape == (2, 313, 16, 24)
    assert torch.equal(answer[:, :2], guess.chroma)
    assert answer[:, 4].min() >= 0
    assert answer[:, 4].max() <= 1


def test_certainty_is_one_less_the_entropy() -> None:
    decoder = GuidedUNet(SMALL).eval().decoder
    quarter = torch.zeros(1, 16, 8, 8)
    with torch.inference_mode():
        decoder.classify.bias.zero_()  # type: ignore[union-attr]
        assert decoder.scored(quarter)[:, 2].abs().max() < 1e-5
        decoder.classify.bias[7] = 50  # type: ignore[index]
        assert (1 - decoder.scored(quarter)[:, 2]).abs().max() < 1e-5


def test_empty_hints_equal_no_hints(network: GuidedUNet) -> None:
    lightness = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        assert torch.equal(network(lightness), network(lightness, torch.zeros(1, 3, 64, 64)))


def test_a_hint_reaches_the_far_corner(network: GuidedUNet) -> None:
    lightness = torch.rand(1, 1, 256, 256)
    with torch.inference_mode():
        change = network(lightness, hint_at(0, 0, 256)) - network(lightness)
    assert change[0, :2, -8:, -8:].abs().max() > 1e-6


def test_attention_sees_only_hints_and_may_see_none() -> None:
    torch.manual_seed(0)
    attention = HintAttention(8, heads=2).eval()
    features = torch.rand(1, 8, 6, 6)
    nothing = attention(features, torch.zeros(1, 4, 6, 6))
    # No hint: only the bias of the last projection is left.
    assert torch.allclose(nothing, attention.project.bias[None, :, None, None].expand_as(nothing))  # type: ignore[index]
    hints = torch.zeros(1, 4, 6, 6)
    hints[0, :, 2, 3] = torch.tensor([1.0, -1.0, 1.0, 1.0])
    loud = hints.clone()
    loud[0, :2, 5, 5] = 9.0  # a colour where no hint is said to be
    assert torch.allclose(attention(features, hints), attention(features, loud))


def test_attention_sees_the_hints_of_its_own_picture_only() -> None:
    torch.manual_seed(0)
    attention = HintAttention(8, heads=2).eval()
    features, hints = torch.rand(3, 8, 6, 6), torch.zeros(3, 4, 6, 6)
    for k, (row, column) in enumerate(((0, 5), (4, 1))):  # none in the third picture
        hints[k, :, row, column] = torch.tensor([1.0 + k, -1.0, 1.0, 1.0])
    together = attention(features, hints)
    for k in range(3):
        alone = attention(features[k : k + 1], hints[k : k + 1])
        assert torch.allclose(together[k : k + 1], alone, atol=1e-6)


def test_nearer_hints_count_more() -> None:
    torch.manual_seed(0)
    attention = HintAttention(8, heads=1).eval()
    with torch.no_grad():
        attention.query.weight.zero_()
        attention.query.bias.zero_()  # type: ignore[union-attr]
        attention.nobody.weight.zero_()
        attention.project.weight.zero_()
        attention.project.weight[0, 0] = 1.0
        attention.project.bias.zero_()  # type: ignore[union-attr]
    hints = torch.zeros(1, 4, 8, 8)
    hints[0, :, 0, 0] = 1.0
    taken = attention(torch.rand(1, 8, 8, 8), hints)[0, 0]
    diagonal = torch.diagonal(taken)
    assert (diagonal[1:] < diagonal[:-1]).all()


def test_cells_hold_the_mean_colour_of_their_hints() -> None:
    hints = torch.zeros(1, 3, 8, 8)
    hints[0, :, 0, 0] = torch.tensor([0.2, 0.0, 1.0])
    hints[0, :, 0, 1] = torch.tensor([0.4, -0.2, 1.0])
    cells = pooled(hints, 4)[0]
    assert cells.shape == (4, 2, 2)
    assert torch.allclose(cells[:, 0, 0], torch.tensor([0.3 * 4, -0.1 * 4, 1, 2 / 16]))
    assert cells[:, 1, 1].abs().max() == 0
    assert torch.allclose(pooled(hints, None)[0, :, 0, 0], torch.tensor([1.2, -0.4, 1, 2 / 64]))


def test_the_encoder_never_sees_hints_and_freezes_by_blocks(network: GuidedUNet) -> None:
    assert len(network.encoder.parts()) == 17
    network.encoder.train_last(3)
    network.train()
    frozen = [not next(part.parameters()).requires_grad for part in network.encoder.parts()]
    assert frozen == [True] * 14 + [False] * 3
    network.encoder.train_last(-1)
    network.eval()


def test_imagenet_weights_are_taken() -> None:
    from retint.training.networks.efficientnet import imagenet

    network = GuidedUNet(SMALL)
    network.encoder.load("imagenet", "")
    name = "stem.1.weight"
    expected = imagenet().get_parameter(name)
    assert torch.equal(network.encoder.get_parameter(name), expected)


def test_a_grown_network_begins_as_the_one_it_grew_from(
    network: GuidedUNet, tmp_path: Path
) -> None:
    checkpoint.save_weights(network, tmp_path / "small.safetensors")
    torch.manual_seed(5)
    grown = GuidedUNet(replace(SMALL, deeper=(1, 2), queries=6)).eval()
    left = load_fitting(grown, tmp_path / "small.safetensors")
    assert {name.split(".")[1] for name in left} == {"deeper16", "deeper8", "queries"}
    lightness = torch.rand(2, 1, 64, 64)
    hints = hint_at(8, 8).repeat(2, 1, 1, 1)
    with torch.inference_mode():
        torch.testing.assert_close(grown(lightness, hints), network(lightness, hints))


def test_only_hints_keeps_predictions_without_hints() -> None:
    torch.manual_seed(0)
    network = GuidedUNet(replace(SMALL, deeper=(1, 1), queries=4)).eval()
    pictures = torch.rand(2, 1, 64, 64), torch.rand(2, 3, 64, 64), hint_at(8, 8).repeat(2, 1, 1, 1)
    with torch.inference_mode():
        alone, hinted = network(pictures[0]), network(pictures[0], pictures[2])
    network.learn_only_hints()
    objective = Objective(network, build_losses(Losses(l1=1, classification=1)))
    optimizer = torch.optim.AdamW(network.parameters(), 0.1, weight_decay=0)
    objective.train()
    for _ in range(2):
        optimizer.zero_grad()
        objective(*pictures).backward()
        optimizer.step()
    network.eval()
    with torch.inference_mode():
        assert torch.equal(network(pictures[0]), alone)
        assert (network(pictures[0], pictures[2]) - hinted).abs().max() > 0.01


def test_queries_see_the_whole_picture() -> None:
    torch.manual_seed(0)
    queries = ColorQueries(8, count=5).eval()
    torch.nn.init.normal_(queries.project.weight)
    features = torch.rand(1, 8, 6, 9)
    changed = features.clone()
    changed[..., -1, -1] += 1
    with torch.inference_mode():
        assert (queries(changed) - queries(features))[..., 0, 0].abs().max() > 1e-6


def test_weights_of_which_none_fit_are_an_error(network: GuidedUNet, tmp_path: Path) -> None:
    other = torch.nn.Linear(3, 3)
    checkpoint.save_weights(other, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="nothing that matches GuidedUNet"):
        load_fitting(network, tmp_path / "other.safetensors")


def test_bfloat16_changes_no_more_than_rounding() -> None:
    torch.manual_seed(0)
    network = GuidedUNet(SMALL).train()
    losses = build_losses(Losses(l1=1.0, classification=0.01))
    pictures = torch.rand(4, 1, 64, 64), torch.rand(4, 3, 64, 64), torch.zeros(4, 3, 64, 64)
    exact = Objective(network, losses)(*pictures)
    half = Objective(network, losses, half=True)(*pictures)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, exact, rtol=0.02, atol=0.01)
