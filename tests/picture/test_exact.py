"""JPEG to JPEG with all luma coefficients unchanged."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import jpeglib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000

import retint
from retint import files
from retint.color import lab
from retint.errors import PhotoError
from retint.extras import install
from retint.files import xmp
from retint.files.jpeg import coefficients
from retint.files.jpeg.source import JpegSource

from ..cli.test_main import run
from ..sizes import MUTATIONS
from .jpegs import luma

QUIET = ("--quiet", "--threads", 1)


def saved(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    Image.fromarray(pixels).save(path, "JPEG", **options)
    return path


def table(path: Path) -> NDArray[Any]:
    opened = jpeglib.read_dct(str(path))
    found: NDArray[Any] = np.array(opened.qt[opened.quant_tbl_no[0]])
    return found


def toned(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([grey, (grey * 0.9).astype(np.uint8), (grey * 0.75).astype(np.uint8)], axis=-1)


@pytest.mark.parametrize("quality", [50, 75, 90, 98])
@pytest.mark.parametrize("kind", ["grey", "equal", "toned"])
@pytest.mark.parametrize("size", [(128, 160), (117, 203)])
def test_each_coefficient_of_luma_stays(
    tmp_path: Path, grey: NDArray[np.uint8], quality: int, kind: str, size: tuple[int, int]
) -> None:
    pixels = grey[100 : 100 + size[0], 100 : 100 + size[1]]
    made = {"grey": pixels, "equal": np.stack([pixels] * 3, axis=-1), "toned": toned(pixels)}[kind]
    source = saved(tmp_path / "a.jpg", made, quality=quality)
    assert run(source, *QUIET) == 0
    result = tmp_path / "a.retint.jpg"
    np.testing.assert_array_equal(luma(result), luma(source))
    np.testing.assert_array_equal(table(result), table(source))
    coloured = files.read(result)
    assert coloured.size == size
    assert np.ptp(coloured.pixels.astype(int), axis=-1).mean() > 1
    assert run("restore", result, *QUIET[:1]) == 0
    restored = tmp_path / "a.restored.jpg"
    np.testing.assert_array_equal(luma(restored), luma(source))
    if kind == "grey":
        np.testing.assert_array_equal(files.read(restored).pixels, files.read(source).pixels)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("chroma", ["source", "4:2:0", "4:4:4"])
def test_chroma_is_sampled_as_it_is_asked_for(
    tmp_path: Path, grey: NDArray[np.uint8], subsampling: int, chroma: str
) -> None:
    source = saved(tmp_path / "a.jpg", toned(grey[:101, :99]), subsampling=subsampling)
    assert run(source, "--chroma", chroma, *QUIET) == 0
    made = JpegSource((tmp_path / "a.retint.jpg").read_bytes(), 1)
    own = {0: (1, 1), 1: (2, 1), 2: (2, 2)}[subsampling]
    assert made.sampling == {"source": own, "4:2:0": (2, 2), "4:4:4": (1, 1)}[chroma]
    np.testing.assert_array_equal(luma(tmp_path / "a.retint.jpg"), luma(source))


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 4}])
def test_progressive_files_and_restart_intervals_keep_their_luma(
    tmp_path: Path, grey: NDArray[np.uint8], options: dict[str, Any]
) -> None:
    source = saved(tmp_path / "a.jpg", grey[:150, :170], **options)
    assert run(source, *QUIET) == 0
    np.testing.assert_array_equal(luma(tmp_path / "a.retint.jpg"), luma(source))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_stays_a_tag(tmp_path: Path, grey: NDArray[np.uint8], orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = saved(tmp_path / "a.jpg", grey[:96, :160], exif=exif.tobytes())
    result, other = tmp_path / "b.jpg", tmp_path / "c.jpg"
    assert run(source, "-o", result, *QUIET) == 0
    assert run(source, "-o", other, "--lightness", "recompressed", *QUIET) == 0
    np.testing.assert_array_equal(luma(result), luma(source))
    exact, usual = files.read(result), files.read(other)
    assert exact.size == usual.size == files.read(source).size
    assert difference(exact.pixels, usual.pixels) < 1


def difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    planes = [lab.rgb_to_lab(each) for each in (one, other)]
    return float(deltaE_ciede2000(*planes).mean())  # type: ignore[no-untyped-call]


def test_colours_equal_those_of_recompressed_files(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    source = saved(tmp_path / "a.jpg", grey, quality=90)
    for name in ("exact", "recompressed"):
        # Subsampled chroma differs in proportion to its strength: not by what is recognized.
        way = ("--lightness", name, "--no-semantics")
        assert run(source, "-o", tmp_path / f"{name}.jpg", *way, *QUIET) == 0
    pixels = [files.read(tmp_path / f"{n}.jpg").pixels for n in ("exact", "recompressed")]
    assert difference(*pixels) < 1


def test_metadata_thumbnail_and_further_segments_stay(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Agfa"
    source = saved(tmp_path / "a.jpg", grey[:96, :96], exif=exif.tobytes(), dpi=(300, 300),
                   comment=b"shelf 12")  # fmt: skip
    content = source.read_bytes()
    app7 = b"\xff\xe7" + struct.pack(">H", 2 + 9) + b"scanner 9"
    source.write_bytes(content[:2] + app7 + content[2:])
    assert run(source, *QUIET) == 0
    result = tmp_path / "a.retint.jpg"
    assert b"scanner 9" in result.read_bytes()
    assert b"shelf 12" in result.read_bytes()
    photo = files.read(result)
    assert photo.metadata.dpi == (300, 300)
    assert b"Agfa" in photo.metadata.exif
    said = xmp.provenance(photo.metadata.xmp)
    assert said is not None
    assert said["Lightness"] == "exact"


def test_inspect_checks_the_coefficients(
    tmp_path: Path, grey: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    source = saved(tmp_path / "a.jpg", grey[:96, :96])
    assert run(source, *QUIET) == 0
    result = tmp_path / "a.retint.jpg"
    assert run("inspect", result) == 0
    assert "lightness: exact\n" in capsys.readouterr().out
    with Image.open(result) as picture:
        picture.save(tmp_path / "again.jpg", quality=60, xmp=picture.info["xmp"])
    assert run("inspect", tmp_path / "again.jpg") == 0
    assert "changed since" in capsys.readouterr().out


def cmyk(path: Path) -> None:
    Image.new("CMYK", (64, 48), (0, 0, 0, 90)).save(path, "JPEG")


def rgb_coded(path: Path) -> None:
    Image.new("RGB", (64, 48), (90, 80, 70)).save(path, "JPEG", keep_rgb=True)


def strange_profile(path: Path) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    Image.new("L", (64, 48), 90).save(path, "JPEG", icc_profile=profile)


@pytest.mark.parametrize(
    ("make", "said"), [(cmyk, "CMYK"), (rgb_coded, "RGB"), (strange_profile, "profile")]
)
def test_recompression_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Any, said: str
) -> None:
    path = tmp_path / "a.jpg"
    make(path)
    assert run(path, "--threads", 1) == 0
    assert said in capsys.readouterr().err
    assert run(path, "-o", tmp_path / "b.jpg", "--lightness", "exact", *QUIET) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "b.jpg").exists()


@pytest.mark.parametrize(
    "options",
    [("--saturation", 1.4), ("--profile", "adobe-rgb"), ("--repair", 1), ("-o", "b.png"),
     ("--chroma-only",)],
)  # fmt: skip
def test_exact_refuses_what_changes_lightness(
    tmp_path: Path, grey: NDArray[np.uint8], options: tuple[Any, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    source = saved(tmp_path / "a.jpg", grey[:64, :64])
    assert run(source, "--lightness", "exact", *options, *QUIET) == 1


def test_variants_and_python_keep_it_too(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    source = saved(tmp_path / "a.jpg", grey[:96, :128])
    call = ("--method", "chroma-diffusion", "--variants", 2, "--steps", 2)
    assert run(source, *call, *QUIET) == 0
    for k in (1, 2):
        np.testing.assert_array_equal(luma(tmp_path / f"a-{k}.retint.jpg"), luma(source))
    session = retint.open(source, threads=1)
    session.save(tmp_path / "s.jpg", [retint.Hint("50%", "50%", "navy")])
    np.testing.assert_array_equal(luma(tmp_path / "s.jpg"), luma(source))
    with pytest.raises(PhotoError, match="already exists"):
        session.save(tmp_path / "s.jpg")


def test_no_decoder_clips_its_lightness(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    source = saved(tmp_path / "a.jpg", grey[:200, :200], quality=95)
    assert run(source, "--vividness", 2, "--chroma", "4:4:4", *QUIET) == 0
    rgb = files.read(tmp_path / "a.retint.jpg").pixels
    shown = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)[..., 0].astype(int)
    assert np.abs(shown - files.read(source).pixels.astype(int)).mean() < 1.0


@pytest.mark.timeout(0)  # as many as asked for
def test_broken_files_cost_one_picture_and_no_batch(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    whole = saved(tmp_path / "w.jpg", grey[:96, :128]).read_bytes()
    rng = np.random.default_rng(0)
    folder = tmp_path / "in"
    folder.mkdir()
    others = [
        saved(tmp_path / "p.jpg", grey[:96, :128], progressive=True).read_bytes(),
        saved(tmp_path / "c.jpg", np.stack([grey[:96, :128]] * 3, axis=-1)).read_bytes(),
    ]
    for k in range(MUTATIONS):
        content = bytearray([whole, *others][k % 3])
        for _ in range(rng.integers(1, 6)):
            place = int(rng.integers(2, len(content)))
            content[place] = int(rng.integers(0, 256))
        if k % 4 == 0:
            content = content[: int(rng.integers(20, len(content)))]
        (folder / f"{k:04d}.jpg").write_bytes(bytes(content))
    (folder / "whole.jpg").write_bytes(whole)
    fast = (*QUIET, "--method", "mean")  # what colours them does not matter here
    usual = ("--lightness", "recompressed")
    assert run(folder, "-o", tmp_path / "out", *fast) == 1
    assert run(folder, "-o", tmp_path / "usual", *usual, *fast) == 1
    made, wanted = ({each.name for each in (tmp_path / k).iterdir()} for k in ("out", "usual"))
    assert made == wanted  # what can be decoded is coloured, exactly or not
    for name in made:
        if name.endswith(".jpg"):
            with Image.open(tmp_path / "out" / name) as picture:
                picture.load()
    np.testing.assert_array_equal(luma(tmp_path / "out" / "whole.jpg"), luma(tmp_path / "w.jpg"))


def test_a_reader_that_dies_is_started_again(grey: NDArray[np.uint8]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(grey[:64, :64]).save(buffer, "JPEG")

    def ask_the_dead() -> None:
        with coefficients.opened(buffer.getvalue()) as source:
            source._worker._process.kill()
            source._worker._process.wait()
            source.fingerprint()

    with pytest.raises(PhotoError, match="reading its JPEG coefficients failed"):
        ask_the_dead()
    with coefficients.opened(buffer.getvalue()) as source:
        assert len(source.fingerprint()) == 64


def test_a_process_that_waits_is_not_started_again() -> None:
    coefficients.begin()
    waiting = list(coefficients._idle)
    coefficients.begin()
    assert coefficients._idle == waiting


def test_a_script_that_saves_is_not_run_again(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    source = saved(tmp_path / "a.jpg", grey[:64, :64])
    script = tmp_path / "script.py"
    script.write_text(
        f"import retint\nprint('once')\n"
        f"retint.open({str(source)!r}, threads=1).save({str(tmp_path / 'b.jpg')!r})\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "once\n"
    np.testing.assert_array_equal(luma(tmp_path / "b.jpg"), luma(source))


def test_a_missing_extra_is_an_error_only_for_exact(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    source = saved(tmp_path / "a.jpg", grey[:64, :64])
    hidden = "import sys; sys.modules['jpeglib'] = None; " \
             "import retint.files.jpeg.coefficients as c; " \
             "c.is_there = lambda: False; from retint.cli import main; main()"  # fmt: skip
    command = [sys.executable, "-c", hidden, str(source), "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "lightness" not in done.stderr
    done = subprocess.run([*command, "-o", str(tmp_path / "b.jpg"), "--lightness", "exact"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert install("exact") in done.stderr
