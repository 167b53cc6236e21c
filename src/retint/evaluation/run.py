"""Converts every picture of a folder to grey, colours it with every method, and measures the
results.

Pictures are processed one at a time. Only a row of metrics, a small grid of colours and, for KID, a
feature vector are kept of each, so folders can have any size.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retint import children
from retint.api import load_pipeline
from retint.color.lab import rgb_to_lab
from retint.errors import PhotoError
from retint.evaluation import cells, kid, metrics, skin
from retint.evaluation import judges as networks
from retint.evaluation.metrics import RGB
from retint.evaluation.photographs import Source, greyed, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline


@dataclass(frozen=True)
class Row:
    """One picture, coloured with one method."""

    picture: str
    kind: str
    method: str
    milliseconds: float
    """From lightness to picture, on one thread."""
    scores: metrics.Scores
    skin: skin.Tally
    features: NDArray[np.float32]
    """Features of the coloured picture, for KID."""
    inception: NDArray[np.float32] | None
    """Features of the coloured picture for FID, if its network was given."""
    lpips: float
    """NaN if its network was not given."""
    cells: NDArray[np.float16]
    """Mean a*b* [16, 16, 2] of the coloured picture."""


@dataclass(frozen=True)
class Measured:
    """All methods on one picture, or the reason why it was skipped."""

    source: Source
    rows: tuple[Row, ...] = ()
    features: NDArray[np.float32] | None = None
    """Features of the original."""
    inception: NDArray[np.float32] | None = None
    cells: cells.Original | None = None
    problem: str = ""


@dataclass(frozen=True)
class Task:
    """What to do with every picture; it is sent to the worker processes."""

    methods: tuple[str, ...]
    size: int
    lpips: Path | None = None
    inception: Path | None = None
    """ONNX files of the two metrics whose networks are not shipped."""
    weights: tuple[tuple[str, Path], ...] = ()
    """ONNX files of methods that are not shipped."""

    def __call__(self, source: Source) -> Measured:
        try:
            original = read(source, self.size)
        except PhotoError as error:
            return Measured(source, problem=str(error))
        grey = greyed(original)
        rows = tuple(self._row(source, method, grey, original) for method in self.methods)
        return Measured(
            source,
            rows,
            features=kid.features(original),
            inception=self._inception(original),
            cells=cells.original(rgb_to_lab(original)),
        )

    def _row(self, source: Source, method: str, grey: RGB, original: RGB) -> Row:
        pipeline = self.pipeline(method)
        began = time.perf_counter()
        coloured = pipeline(Photo(grey)).pixels
        milliseconds = (time.perf_counter() - began) * 1e3
        return Row(
            picture=source.name,
            kind=source.kind,
            method=method,
            milliseconds=milliseconds,
            scores=metrics.score(coloured, original),
            skin=skin.tally(coloured, original),
            features=kid.features(coloured),
            inception=self._inception(coloured),
            lpips=networks.lpips(self.lpips, coloured, original) if self.lpips else np.nan,
            cells=cells.cell_means(rgb_to_lab(coloured))[..., 1:],
        )

    def pipeline(self, method: str) -> Pipeline:
        """A method on one thread, loaded once per process."""
        return pipeline_of(method, dict(self.weights).get(method))

    def _inception(self, rgb: RGB) -> NDArray[np.float32] | None:
        return networks.inception(self.inception, rgb) if self.inception else None


@cache
def pipeline_of(method: str, weights: Path | None = None) -> Pipeline:
    """A method on one thread, loaded once per process."""
    given = {} if weights is None else {"weights": weights}
    # The photographs are upright.
    pipeline = load_pipeline(method, threads=1, upright="off", **given)
    pipeline(Photo(np.zeros((64, 64), np.uint8)))  # the first call is slower than the others
    return pipeline


@contextmanager
def measuring(sources: Iterable[Source], task: Task, workers: int) -> Iterator[Iterator[Measured]]:
    """Measure pictures in order, in `workers` processes."""
    if workers <= 1:
        yield map(task, sources)
        return
    context = multiprocessing.get_context("spawn")
    with children.guarded(), ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield pool.map(task, sources, chunksize=4)
