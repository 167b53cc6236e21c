from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tools.repair.chance import Chance
from tools.repair.damage import SEEN, UNTOUCHED, Damaged, damaged
from tools.repair.drawings import KINDS, drawings
from tools.repair.marks import FINER, drawn
from tools.repair.network import STEP, DamageNet
from tools.repair.pool import Pool
from tools.repair.scenes import Scenes
from tools.repair.train import loss

SIDE = 64


@pytest.fixture
def chance() -> Chance:
    torch.manual_seed(2)
    return Chance(torch.device("cpu"))


@pytest.fixture
def plain(chance: Chance) -> Tensor:
    return 0.5 + 0.05 * chance.field(24, 4, SIDE)


def test_marks_are_drawn_where_their_points_are() -> None:
    points = torch.tensor([[[[3.2, 5.6], [-4.0, 2.0]]], [[[0.0, 63.9], [10.0, 64.0]]]])
    number = drawn([points, points.flip(0)], SIDE)
    assert number.shape == (2, FINER * SIDE, FINER * SIDE)
    assert number.nonzero().tolist() == [[0, 11, 6], [0, 127, 0], [1, 11, 6], [1, 127, 0]]
    assert [number[0, 11, 6], number[0, 127, 0]] == [1, 2]


def test_damaged_pixels_differ_and_sound_ones_hardly_do(plain: Tensor, chance: Chance) -> None:
    found = damaged(plain, chance)
    change = (found.grey - plain).abs()
    assert 0.002 < found.mask.mean() < 0.2
    assert found.mask[found.weight == 0].sum() == 0
    assert (change[found.mask > 0] > SEEN).float().mean() > 0.9
    whole = (found.mask.flatten(1).sum(1) == 0).float().mean()
    assert UNTOUCHED / 3 < whole < 0.6


def test_the_same_seed_makes_the_same_damage(plain: Tensor, chance: Chance) -> None:
    first = damaged(plain, chance)
    torch.manual_seed(2)
    chance.field(24, 4, SIDE)
    assert torch.equal(first.grey, damaged(plain, chance).grey)


@pytest.mark.parametrize("count", [1, 3, 17])
def test_scenes_are_as_many_as_asked(chance: Chance, count: int) -> None:
    pictures = (255 * chance.uniform(0, 1, 5, SIDE, SIDE)).byte()
    ink = torch.from_numpy(drawings(len(KINDS), SIDE))
    made = Scenes(pictures, pictures, ink, chance)(count)
    assert made.shape == (count, 1, SIDE, SIDE)
    assert made.min() >= 0
    assert made.max() <= 1


def test_a_pool_cuts_pictures_and_their_damage(chance: Chance) -> None:
    pool = Pool(lambda count: chance.uniform(0.4, 0.6, count, 1, SIDE, SIDE), chance, 64, 48)
    found = pool(10)
    for each in (found.grey, found.mask, found.weight):
        assert each.shape == (10, 1, 48, 48)
        assert each.min() >= 0
    assert ((found.grey < 0.35) | (found.grey > 0.65))[found.mask > 0].float().mean() > 0.5


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=[each.__name__ for each in KINDS])
def test_drawings_have_ink_and_paper(kind: int) -> None:
    ink = drawings(len(KINDS), 160)[kind] < 128
    assert 0 < ink.mean() < 0.7


def test_the_network_answers_for_every_pixel() -> None:
    network = DamageNet().eval()
    assert sum(each.numel() for each in network.parameters()) < 500_000
    assert network(torch.rand(2, 1, STEP, 3 * STEP)).shape == (2, 1, STEP, 3 * STEP)


def test_false_alarms_cost_more_as_strictness_grows() -> None:
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :2] = 1
    truth = Damaged(mask, mask, torch.ones_like(mask))
    alarm = loss(torch.full_like(mask, 4.0), truth, 1.0) / loss(-mask + 1, truth, 1.0)
    mild = loss(torch.full_like(mask, 4.0), truth, 0.0) / loss(-mask + 1, truth, 0.0)
    assert alarm > mild
