from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from retint import files
from retint.color import lab
from retint.files import icc

SRGB = icc.build("sRGB", icc.GAMMA_SRGB, icc.XYZ_FROM_SRGB)
P3 = icc.build("Display P3", icc.GAMMA_SRGB, icc.XYZ_FROM_P3)
ADOBE = icc.build("Adobe RGB", icc.GAMMA_ADOBE, icc.XYZ_FROM_ADOBE)
GREY22 = icc.build("Gray Gamma 2.2", (2.2,), None)
RGB = np.random.default_rng(0).integers(60, 200, (20, 30, 3)).astype(np.uint8)
RAMP = np.arange(65536, dtype=np.uint16).reshape(256, 256)


@pytest.mark.parametrize("profile", [SRGB, P3, ADOBE])
def test_conversion_agrees_with_littlecms(profile: bytes) -> None:
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    theirs = ImageCms.profileToProfile(
        Image.fromarray(RGB),
        opened,
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    ours = icc.Profile.parse(profile).to_srgb(RGB)
    inside = (ours > 2).all(-1) & (ours < 253).all(-1)
    assert inside.mean() > 0.8
    assert np.abs(ours.astype(int) - np.asarray(theirs).astype(int))[inside].max() <= 1


def test_names_are_readable() -> None:
    opened = ImageCms.ImageCmsProfile(io.BytesIO(P3))
    assert ImageCms.getProfileDescription(opened).strip() == "Display P3"


def test_srgb_changes_nothing() -> None:
    assert icc.Profile.parse(SRGB).to_srgb(RGB) is RGB
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert icc.Profile.parse(theirs).to_srgb(RGB) is RGB


def test_grey_is_brought_over_at_its_own_depth() -> None:
    ours = icc.Profile.parse(GREY22).to_srgb(RAMP)
    assert ours.dtype == np.uint16
    wanted = lab.lightness(ours)
    light = (RAMP / 65535) ** 2.2
    exact = np.where(light > 216 / 24389, 116 * np.cbrt(light) - 16, light * 24389 / 27)
    assert np.abs(wanted - exact)[RAMP > 1000].max() < 0.01
    assert len(np.unique(ours)) > 60_000


def test_a_curve_of_points_equals_its_gamma() -> None:
    """As Dot Gain 20 % is stored."""
    light = np.linspace(0, 1, 64) ** 1.75
    table = b"curv\0\0\0\0" + (64).to_bytes(4, "big") + (light * 65535).astype(">u2").tobytes()
    profile = bytearray(GREY22)
    start = len(profile)
    place = profile.index(b"kTRC")
    profile[place + 4 : place + 12] = start.to_bytes(4, "big") + len(table).to_bytes(4, "big")
    ours = icc.Profile.parse(bytes(profile) + table).to_srgb(RAMP)
    wanted = icc.Profile.parse(icc.build("1.75", (1.75,), None)).to_srgb(RAMP)
    assert np.abs(ours.astype(int) - wanted.astype(int))[RAMP > 3000].max() < 60


@pytest.mark.parametrize("profile", [b"", b"no profile" * 30, SRGB[:140], SRGB[:200]])
def test_invalid_profiles_are_errors(profile: bytes) -> None:
    with pytest.raises(icc.ProfileError):
        icc.Profile.parse(profile)


def test_files_are_read_in_srgb(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "p3.png", icc_profile=P3)
    np.testing.assert_array_equal(
        files.read(tmp_path / "p3.png").pixels, icc.Profile.parse(P3).to_srgb(RGB)
    )
    Image.fromarray(RAMP).save(tmp_path / "grey.tif", icc_profile=GREY22)
    found = files.read(tmp_path / "grey.tif").pixels
    np.testing.assert_array_equal(found, icc.Profile.parse(GREY22).to_srgb(RAMP))


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "avif"])
def test_output_has_an_srgb_profile(tmp_path: Path, ending: str) -> None:
    for name, pixels in (("rgb", RGB), ("grey", RGB[..., 0])):
        target = tmp_path / f"{name}.{ending}"
        files.write(files.Photo(pixels), target)
        profile = Image.open(target).info["icc_profile"]
        assert profile == icc.profile("srgb", grey=name == "grey")
        back = files.read(target).pixels
        assert np.abs(back.mean(axis=(0, 1)) - pixels.mean(axis=(0, 1))).max() < 2


@pytest.mark.parametrize("profile", [GREY22, b"broken" * 40])
def test_a_profile_that_does_not_fit_is_passed_over(tmp_path: Path, profile: bytes) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_array_equal(files.read(tmp_path / "a.png").pixels, RGB)


@pytest.mark.parametrize("space", ["display-p3", "adobe-rgb"])
@pytest.mark.parametrize("deep", [False, True])
def test_colours_survive_another_space(tmp_path: Path, space: str, deep: bool) -> None:
    pixels = RGB.astype(np.uint16) * 257 if deep else RGB
    files.write(files.Photo(pixels, space=space), tmp_path / "a.png")
    stored = Image.open(tmp_path / "a.png")
    assert stored.info["icc_profile"] == icc.profile(space, grey=False)
    assert np.abs(np.asarray(stored).astype(int) - RGB.astype(int)).max() > 5
    back = files.read(tmp_path / "a.png").pixels
    # A profile's matrix has 16 binary places.
    assert np.abs(back.astype(int) - pixels.astype(int)).max() <= (40 if deep else 2)
