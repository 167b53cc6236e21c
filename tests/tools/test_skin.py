"""The training of the network that finds skin."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from tools.skin import train as training
from tools.skin.head import Head
from tools.skin.observe import COLORS, NAMES, PEOPLE, TOKENS, chosen
from tools.skin.train import Observed, judged, train

COUNT = 60


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Half of the pictures show people, whose left halves are skin and have tokens of their own."""
    monkeypatch.setattr(training, "HELD_OUT", 5)
    random = np.random.default_rng(0)
    tokens = random.normal(size=(COUNT, 16, 16, 768)).astype(np.float16)
    colors = np.full((COUNT, 32, 32, 3), (50, 1, 1), np.float32)
    tokens[::2, :, :8, :192] += 2
    colors[:, :, :16] = 60, 12, 14
    np.save(tmp_path / TOKENS, tokens.reshape(COUNT, 256, 768))
    np.save(tmp_path / COLORS, colors)
    names = [f"{'lfw' if k % 2 == 0 else 'food'}|{k}.jpg#1\n" for k in range(COUNT)]
    (tmp_path / NAMES).write_text("".join(names))
    return tmp_path


def test_only_pictures_of_people_show_skin(folder: Path) -> None:
    observed = Observed.of(folder)
    assert observed.skin[0, :, :16].all()
    assert not observed.skin[0, :, 16:].any()
    assert not observed.skin[1].any()
    assert observed.grey[0, :, 16:].all()
    assert not observed.grey[1].any()


def test_what_may_be_skin_counts_little(folder: Path) -> None:
    colors = np.load(folder / COLORS)
    colors[:2] = 95, 12, 14  # too light
    np.save(folder / COLORS, colors)
    observed = Observed.of(folder)
    assert (observed.weight[0] < 0.5).all()
    assert (observed.weight[1] == 1).all()


def test_views_of_one_original_are_on_one_side(folder: Path) -> None:
    names = [f"people|{k // 2}.jpg#{k}\n" for k in range(COUNT)]
    (folder / NAMES).write_text("".join(names))
    held_out = Observed.of(folder).held_out
    assert (held_out[::2] == held_out[1::2]).all()
    assert 0 < held_out.sum() < COUNT


def test_it_learns_what_skin_is(folder: Path) -> None:
    torch.manual_seed(0)
    head, observed = Head(), Observed.of(folder)
    train(head, observed, 25)
    rows = np.arange(4)
    found = torch.sigmoid(head(*observed.layers(rows))).detach().numpy()
    assert found[::2, :, :14].mean() > found[::2, :, 18:].mean() + 0.3
    assert found[::2, :, :14].mean() > found[1::2].mean() + 0.3
    assert re.match(
        r"held out: separation of skin from grey (1\.000|0\.99)", judged(head, observed)
    )


def test_every_weight_is_trained(folder: Path) -> None:
    head = Head()
    head(*Observed.of(folder).layers(np.arange(2))).sum().backward()
    assert [name for name, each in head.named_parameters() if each.grad is None] == []


def test_so_many_of_each_source_are_chosen(tmp_path: Path) -> None:
    table = tmp_path / "photos.csv"
    rows = [f"{source}/{k}.webp,{source},{k},9,9" for source in ("humanseg", "corel", "cars")
            for k in range(200)]  # fmt: skip
    table.write_text("\n".join(["file,source,original,width,height", *rows]))
    sources = [row["source"] for row in chosen(table)]
    assert {each: sources.count(each) for each in set(sources)} == {
        "humanseg": PEOPLE["humanseg"], "cars": 120,
    }  # fmt: skip
    assert sources[:5] != sorted(sources[:5]) or len(set(sources[:40])) == 2
