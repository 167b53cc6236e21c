from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from retint.color import lab
from retint.training.data.crops import (
    CentreSquares,
    Conditions,
    Crop,
    Sample,
    Stream,
    TrainingCrops,
)
from retint.training.data.photographs import DataError, Photographs


def zipped(folder: Path, prefix: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, f"{prefix}{file.relative_to(folder)}")
    return path


def test_split_is_complete_disjoint_and_repeatable(data: Path) -> None:
    photographs = Photographs(data)
    train, held_out = photographs.split(0.25, seed=42)
    assert (len(train), len(held_out)) == (18, 6)
    assert sorted(train + held_out) == photographs.names
    assert Photographs(data).split(0.25, seed=42) == (train, held_out)
    assert Photographs(data).split(0.25, seed=43) != (train, held_out)


def test_crops_of_one_original_stay_on_one_side(data: Path) -> None:
    rows = [f"{k:02d}.png,street/{k // 4}.jpg#crop{k % 4}" for k in range(24)]
    data.with_suffix(".csv").write_text("file,original\n" + "\n".join(rows) + "\n")
    train, held_out = Photographs(data).split(0.5, seed=1)
    originals = [{int(name[:2]) // 4 for name in side} for side in (train, held_out)]
    assert not originals[0] & originals[1]
    assert len(held_out) == 12


def test_zip_is_as_good_as_a_folder(data: Path) -> None:
    folder, archive = Photographs(data), Photographs(zipped(data))
    assert folder.names == archive.names
    for name in folder.names[:3]:
        np.testing.assert_array_equal(folder.read(name), archive.read(name))


@pytest.mark.parametrize("as_zip", [False, True])
def test_landscape_layout_gives_its_colour_half(tmp_path: Path, as_zip: bool) -> None:
    root = tmp_path / "landscapes"
    for half in ("color", "gray"):
        (root / half).mkdir(parents=True)
        Image.new("RGB", (20, 20), half if half == "gray" else "red").save(root / half / "0.png")
    photographs = Photographs(zipped(root, "landscape Images/") if as_zip else root)
    assert [Path(name).parts[-2:] for name in photographs.names] == [("color", "0.png")]


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures"):
        Photographs(tmp_path)
    with pytest.raises(DataError, match="neither a folder nor a zip"):
        Photographs(tmp_path / "missing")


def stream(data: Path, crop: Crop = Crop(0.5, mirror=True), seed: int = 3) -> TrainingCrops:  # noqa: B008
    photographs = Photographs(data)
    return TrainingCrops(photographs, photographs.names, crop, seed)


def test_nth_crop_depends_on_seed_and_n_alone(data: Path) -> None:
    forwards, backwards = stream(data), stream(data)
    first = [forwards[n, 16] for n in range(40)]
    again = [backwards[n, 16] for n in reversed(range(40))][::-1]
    for (one, *_), (other, *_) in zip(first, again, strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(stream(data, seed=4)[0, 16][0], first[0][0])


def test_every_picture_comes_once_a_round(data: Path) -> None:
    whole = stream(data, Crop(1.0, mirror=False))
    colours = {tuple(whole[n, 8][1].mean((1, 2)).tolist()) for n in range(24)}
    assert len(colours) == 24


def test_input_is_the_lightness_of_the_target(data: Path) -> None:
    lightness, rgb, _ = stream(data)[0, 16]
    assert lightness.shape == (1, 16, 16)
    assert rgb.shape == (3, 16, 16)
    expected = lab.lightness(np.ascontiguousarray(rgb.permute(1, 2, 0).numpy())) / 100
    np.testing.assert_allclose(lightness[0], expected, atol=1e-3)


def test_richer_pictures_keep_their_lightness() -> None:
    picture = Image.new("RGB", (16, 16), (150, 120, 110))
    rng = np.random.default_rng(0)
    plain, rich = (Conditions(richness=each)(picture, rng) for each in (1.0, 1.2))
    assert torch.allclose(plain[0], rich[0], atol=5e-3)
    np.testing.assert_allclose(chroma(rich), chroma(plain) * 1.2, atol=0.6)


def chroma(sample: Sample) -> NDArray[np.float32]:
    target = (sample[1].numpy() * 255).round().astype(np.uint8)
    return lab.rgb_to_lab(target.transpose(1, 2, 0))[..., 1:]


def test_mirror_and_crop_change_the_picture() -> None:
    plain = Crop(1.0, mirror=False)
    picture = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).convert("RGB")
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(plain(picture, 8, rng), picture)
    seen = {Crop(1.0, mirror=True)(picture, 8, rng).tobytes() for _ in range(20)}
    assert len(seen) == 2
    zoomed = np.asarray(Crop(0.5, mirror=False)(picture, 8, rng))
    assert np.ptp(zoomed) < np.ptp(np.asarray(picture))


def test_broken_picture_is_named_and_replaced(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "05.png").write_bytes((data / "05.png").read_bytes()[:60])
    crops = stream(data)
    assert len([crops[n, 8] for n in range(24)]) == 24
    assert "05.png" in capsys.readouterr().err


def test_validation_sees_the_middle(data: Path) -> None:
    photographs = Photographs(data)
    squares = CentreSquares(photographs, photographs.names[:2], 20)
    assert len(squares) == 2
    _, rgb, _ = squares[0]
    middle = (
        photographs.read("00.png").crop((5, 0, 45, 40)).resize((20, 20), Image.Resampling.BICUBIC)
    )
    np.testing.assert_allclose(rgb.permute(1, 2, 0) * 255, np.asarray(middle), atol=2)


def test_sources_are_drawn_more_evenly_than_they_are_large() -> None:
    sources = ["large"] * 900 + ["small"] * 100
    for evenness, share in ((0.5, 0.25), (1.0, 0.5)):
        stream = Stream(sources, seed=1, evenness=evenness)
        drawn = [stream[n] for n in range(4000)]
        assert np.mean([place >= 900 for place in drawn]) == pytest.approx(share, abs=0.03)
        assert len(set(drawn)) > 600
        assert drawn[:50] == [Stream(sources, seed=1, evenness=evenness)[n] for n in range(50)]
    stressed = Stream(sources, seed=1, evenness=0, emphasis={"small": 9})
    assert np.mean([stressed[n] >= 900 for n in range(4000)]) == pytest.approx(0.5, abs=0.03)
    shuffled = Stream(sources, seed=1, evenness=0)
    assert sorted(shuffled[n] for n in range(1000)) == list(range(1000))


def test_a_whole_picture_is_squeezed_into_the_crop() -> None:
    tall = Image.new("RGB", (40, 80), "blue")
    tall.paste("red", (0, 0, 40, 10))
    tall.paste("lime", (0, 70, 40, 80))
    rng = np.random.default_rng(0)
    square = np.asarray(Crop(1.0, mirror=False, whole=1.0)(tall, 32, rng)).astype(int)
    assert square[0, 16].argmax() == 0
    assert square[-1, 16].argmax() == 1
