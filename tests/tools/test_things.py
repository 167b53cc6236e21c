"""The training of the network that finds things."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from retint.colorizers.parts.things import COLOR_SCALE
from tools.things import regions as growing
from tools.things.clicks import Clicks
from tools.things.head import CLICKED, Things, maps
from tools.things.pictures import Views
from tools.things.train import groups, losses_of, scores_of, soft_union


def views(count: int = 2) -> Views:
    """Pictures whose left half is red and dark, and whose right half is blue and light."""
    pixels = torch.zeros(count, 160, 160, 3, dtype=torch.uint8)
    pixels[:, :, :80] = torch.tensor([150, 40, 40], dtype=torch.uint8)
    pixels[:, :, 80:] = torch.tensor([140, 160, 220], dtype=torch.uint8)
    return Views.of(pixels)


def tokens(count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    chance = torch.Generator().manual_seed(0)
    cells = torch.randn(count, 257, 384, generator=chance)
    halves = cells[:, 1:].reshape(count, 16, 16, 384)
    halves[:, :, 8:, :192] += 2
    return cells, cells.clone()


def test_regions_are_the_same_with_opencv_and_without() -> None:
    chance = torch.Generator().manual_seed(0)
    noise = torch.randn(3, 2, 8, 8, generator=chance) * 12
    chroma = F.interpolate(noise, size=64, mode="bilinear")
    rows, columns = (torch.randint(64, (3, 5), generator=chance) for _ in range(2))
    connected, alike, certain = growing.regions(chroma, rows, columns)
    seeds = torch.zeros(3, 5, 64 * 64).scatter_(2, (rows * 64 + columns)[..., None], 1)
    grown = growing._connected(seeds.reshape(-1, 1, 64, 64), alike.reshape(-1, 1, 64, 64))
    assert torch.equal(grown.reshape(connected.shape), connected)
    assert (connected <= alike).all()
    assert connected.sum() < alike.sum()
    assert 0.2 <= float(certain.min()) <= float(certain.max()) <= 1


def test_a_click_finds_its_half_of_the_truth() -> None:
    seen = views(1)
    clicks = Clicks(seen, torch.Generator().manual_seed(0), 6)
    for k in range(6):
        left = clicks.columns[0, k] < 32
        half = clicks.connected[0, k, :, :30] if left else clicks.connected[0, k, :, 34:]
        other = clicks.connected[0, k, :, 34:] if left else clicks.connected[0, k, :, :30]
        assert half.all()
        assert not other.any()


def test_every_weight_is_trained() -> None:
    things = Things()
    seen = views()
    clicks = Clicks(seen, torch.Generator().manual_seed(0), 3)
    losses_of(things, tokens(), seen, clicks).sum().backward()  # type: ignore[no-untyped-call]
    assert [name for name, each in things.named_parameters() if each.grad is None] == []
    scores, first = scores_of(things, tokens(), seen, clicks)
    side = seen.light.shape[-1]
    assert scores.shape == (2, 3, 2, side, side)
    assert first.shape == (2, 3, side, side)


def test_the_network_learns_two_things() -> None:
    torch.manual_seed(0)
    things = Things()
    seen = views()
    optimizer = torch.optim.AdamW(groups(things), lr=3e-3)
    chance = torch.Generator().manual_seed(0)
    for _ in range(15):
        optimizer.zero_grad()
        loss = losses_of(things, tokens(), seen, Clicks(seen, chance, 4)).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    clicks = Clicks(seen, chance, 8)
    scores, _ = scores_of(things, tokens(), seen, clicks)
    assert soft_union((scores[:, :, 0] > 0).float(), clicks.connected).mean() > 0.8


def test_a_color_is_told_roughly_or_not_at_all() -> None:
    clicks = Clicks(views(40), torch.Generator().manual_seed(0), 16)
    known, told = clicks.colors[..., 0] > 0, clicks.colors[..., 1:] * float(COLOR_SCALE)
    assert 0.7 < known.float().mean() < 0.8
    assert (told[~known] == 0).all()
    left = clicks.columns < 32
    assert (told[known & left][:, 0] > 15).all()  # red, within three deviations
    assert told[known & ~left][:, 1].mean() < -20  # blue


def test_the_decoder_uses_the_color_of_a_click() -> None:
    torch.manual_seed(0)
    things = Things()
    embedded = things.embedder(*map(maps, tokens(1)), views(1).edges)
    clicked = torch.zeros(1, 2, CLICKED)
    clicked[0, 1, -3:] = torch.tensor([1.0, 0.8, 0.4])
    scores, _ = things.decoder(embedded, views(1).light, clicked)
    assert (scores[0] - scores[1]).std() > 1e-3  # not the same everywhere


def test_tokens_become_maps_without_that_of_the_picture() -> None:
    rows = torch.arange(257.0)[None, :, None].expand(1, 257, 384)
    found = maps(rows)
    assert found.shape == (1, 384, 16, 16)
    assert found[0, 0, 0, 0] == 1
    assert found[0, 5, 2, 3] == 1 + 2 * 16 + 3
