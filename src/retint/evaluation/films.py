"""Evaluation on films: converts clips to grey, colours them frame by frame and steadily, and
compares.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, select_autoescape
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from retint.color import lab
from retint.color.resize import average
from retint.errors import PhotoError
from retint.evaluation import metrics
from retint.evaluation.steadiness import WarpError, cdc, histograms
from retint.files.hidden import is_within_hidden
from retint.film.coloring import steady_chroma
from retint.film.containers import has_film_ending
from retint.film.film import Film
from retint.film.options import FilmOptions
from retint.film.planes import with_chroma
from retint.picture.pipeline import Pipeline

SIDE = 240
"""Short side of the frames in pixels."""
SHOWN = 6
"""Frames per strip of the report."""
STRIP_WIDTH = 200
WAYS = ("original", "frame by frame", "steady")


@dataclass
class Way:
    """The results of one way to colour a clip."""

    warp: list[float] = field(default_factory=list)
    """By frame; NaN at cuts."""
    psnr: list[float] = field(default_factory=list)
    ciede2000: list[float] = field(default_factory=list)
    colorfulness: list[float] = field(default_factory=list)
    histograms: list[NDArray[np.float64]] = field(default_factory=list)
    strip: list[Image.Image] = field(default_factory=list)
    seconds: float = 0.0

    def summary(self) -> dict[str, float]:
        return {
            "warp_error": float(np.nanmean(self.warp)) if self.warp else float("nan"),
            "cdc": cdc(self.histograms),
            "psnr": float(np.mean(self.psnr)),
            "ciede2000": float(np.mean(self.ciede2000)),
            "colorfulness": float(np.mean(self.colorfulness)),
        }


@dataclass
class Clip:
    """A clip with the results of all ways."""

    name: str
    ways: dict[str, Way]

    def as_dict(self) -> dict[str, Any]:
        return {"clip": self.name, **{name: way.summary() for name, way in self.ways.items()}}


def find(folder: Path) -> list[Path]:
    """The films of a folder, including subfolders; raises PhotoError if there are none."""
    found = sorted(
        path
        for path in folder.rglob("*")
        if has_film_ending(path) and not is_within_hidden(path.relative_to(folder))
    )
    if not found:
        raise PhotoError(f"{folder}: no films")
    return found


def measure(path: Path, pipeline: Pipeline, options: FilmOptions, limit: int) -> Clip:
    """Measure up to `limit` frames of one clip; 0 for all.

    Raises
    ------
    PhotoError
        If it cannot be read or is black and white.
    """
    film = Film(path, pipeline, options)
    if not film.scan.in_color:
        raise PhotoError("it is black and white, so there is nothing to compare with")
    starts = {shot.start for shot in film.shots}
    ways = {name: Way() for name in WAYS}
    most = limit or film.shots[-1].stop
    shown = set(np.linspace(0, min(most, film.shots[-1].stop) - 1, SHOWN).astype(int).tolist())
    error = WarpError()
    before: dict[str, Any] = {}
    for number, pictures in enumerate(islice(_all_ways(film), most)):
        small = {name: _small(rgb) for name, rgb in pictures.items()}
        grey = cv2.cvtColor(small["original"], cv2.COLOR_RGB2GRAY)
        planes = {name: lab.rgb_to_lab(rgb) for name, rgb in small.items()}
        motion = None
        if before and number not in starts:
            motion = error.motion(before["grey"], np.asarray(grey, np.uint8))
        for name, way in ways.items():
            own = planes[name]
            way.histograms.append(histograms(small[name]))
            mse = metrics.mean_squared_error(small[name], small["original"])
            way.psnr.append(min(99.0, metrics.psnr(mse)))
            way.ciede2000.append(float(metrics.ciede2000(own, planes["original"]).mean()))
            way.colorfulness.append(metrics.colorfulness(small[name]))
            if motion is not None:
                chroma = np.ascontiguousarray(own[..., 1:])
                way.warp.append(error.of(motion, before[name], chroma))
            else:
                way.warp.append(float("nan"))
            if number in shown:
                way.strip.append(_tile(small[name]))
        before = {name: np.ascontiguousarray(each[..., 1:]) for name, each in planes.items()}
        before["grey"] = grey
    return Clip(path.stem, ways)


def _all_ways(film: Film) -> Iterator[dict[str, metrics.RGB]]:
    """Each frame as sRGB: original, coloured alone, coloured with its neighbours."""
    frames = film.source.frames()
    for shot in film.shots:
        own = islice(frames, shot.stop - shot.start)
        steady = steady_chroma(own, film.how_frames, film.hinting().sight(shot))
        for frame, small, chroma in steady:
            view = film.pipeline.open(film.how_frames.photo(frame))
            alone = film.how_frames.chroma_planes(
                frame, view.framed.small, view.chroma(finish=film.finish), film.finish
            )
            joined = film.how_frames.chroma_planes(frame, small, chroma, film.finish)
            layout = film.source.layout
            yield {
                "original": _rgb(frame),
                "frame by frame": _rgb(with_chroma(frame, layout, alone)),
                "steady": _rgb(with_chroma(frame, layout, joined)),
            }


def _rgb(frame: Any) -> metrics.RGB:
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _small(rgb: NDArray[Any]) -> metrics.RGB:
    scale = SIDE / min(rgb.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(rgb)
    return average(rgb, (round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)))


def _tile(rgb: metrics.RGB) -> Image.Image:
    picture = Image.fromarray(rgb)
    picture.thumbnail((STRIP_WIDTH, STRIP_WIDTH))
    return picture


def document(clips: list[Clip], method: str, options: FilmOptions) -> dict[str, Any]:
    """All figures as JSON values, including the ratios of means that measure steadiness."""
    rows = [clip.as_dict() for clip in clips]
    means = {
        way: {key: float(np.mean([row[way][key] for row in rows])) for key in rows[0][way]}
        for way in WAYS
    }
    alone, steady, truth = means["frame by frame"], means["steady"], means["original"]
    return {
        "method": method,
        "options": asdict(options),
        "date": time.strftime("%Y-%m-%d"),
        "clips": rows,
        "means": means,
        "ratios": {
            "warp error, steady relative to frame by frame": steady["warp_error"]
            / alone["warp_error"],
            "CDC, steady relative to original": steady["cdc"] / truth["cdc"],
            "colourfulness, steady relative to frame by frame": steady["colorfulness"]
            / alone["colorfulness"],
            "PSNR, steady minus frame by frame, dB": steady["psnr"] - alone["psnr"],
        },
    }


def table(content: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| clip | | warp error | CDC | PSNR | CIEDE2000 | colourfulness |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in [*content["clips"], {"clip": "**mean**", **content["means"]}]:
        for way in WAYS:
            own = row[way]
            accuracy = (
                ("", "") if way == "original" else (f"{own['psnr']:.2f}", f"{own['ciede2000']:.2f}")
            )
            name = row["clip"] if way == WAYS[0] else ""
            lines.append(
                f"| {name} | {way} | {own['warp_error']:.3f} | {own['cdc']:.4f} | "
                f"{accuracy[0]} | {accuracy[1]} | {own['colorfulness']:.1f} |"
            )
    lines += [""] + [f"{name}: {value:.3f}" for name, value in content["ratios"].items()]
    return "\n".join(lines)


def render(clips: list[Clip], content: dict[str, Any]) -> str:
    """The HTML report: figures, a strip of each clip, and its warp error over time."""
    environment = Environment(
        loader=PackageLoader("retint.evaluation", "."), autoescape=select_autoescape(["jinja"])
    )
    shown = [
        {
            "name": clip.name,
            "strips": [
                (name, [_data(each, "JPEG") for each in way.strip])
                for name, way in clip.ways.items()
            ],
            "plot": _plot(clip),
        }
        for clip in clips
    ]
    page: str = environment.get_template("films.html.jinja").render(
        content=content, clips=shown, ways=WAYS
    )
    return page


def _plot(clip: Clip) -> str:
    figure = Figure(figsize=(9, 2.4))
    axes = figure.subplots()
    for name, way in clip.ways.items():
        axes.plot(way.warp, label=name)
    axes.set(xlabel="frame", ylabel="warp error")
    axes.legend()
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _data(picture: Image.Image, format: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format)
    kind = f"data:image/{format.lower()};base64,"
    return kind + base64.b64encode(buffer.getvalue()).decode()
