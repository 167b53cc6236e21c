"""A self-contained HTML report of an evaluation, with pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from retint.evaluation.cells import EQUAL_CHROMA
from retint.evaluation.metrics import RGB
from retint.evaluation.photographs import Source, greyed, read
from retint.evaluation.results import Results
from retint.evaluation.run import Task
from retint.evaluation.wholeness import FIGURES
from retint.files import Photo

SHOWN = 10
"""Number of best and worst pictures shown for each method."""
TILE = 220
"""Width of a picture in pixels."""
JUDGE = "ciede2000"
"""Metric that determines the best and worst pictures."""


@dataclass(frozen=True)
class Panel:
    """One picture of the report, as a data URL."""

    label: str
    data: str


@dataclass(frozen=True)
class Example:
    """A photograph in grey, coloured by each method, and the original."""

    name: str
    value: float
    panels: tuple[Panel, ...]


def render(results: Results, content: dict[str, Any], sources: Sequence[Source], task: Task) -> str:
    """The report as HTML.

    Parameters
    ----------
    content
        The content of `results.json`.
    sources
        The photographs; those in the report are coloured again.
    task
        How they were processed.
    """
    environment = Environment(
        loader=PackageLoader("retint.evaluation", "."), autoescape=select_autoescape(default=True)
    )
    by_name = {source.name: source for source in sources}
    shown: dict[str, tuple[Panel, ...]] = {}

    def example(name: str, value: float) -> Example:
        if name not in shown:
            shown[name] = _panels(by_name[name], task)
        return Example(name, value, shown[name])

    ranked = {method: _rank(results, method) for method in results.methods}
    template = environment.get_template("report.html.jinja")
    return template.render(
        content=content,
        methods=results.methods,
        plots=[_errors(results), _colourfulness(results), _by_kind(results)],
        best={m: [example(*each) for each in ranked[m][:SHOWN]] for m in results.methods},
        worst={m: [example(*each) for each in ranked[m][::-1][:SHOWN]] for m in results.methods},
        judge=JUDGE,
        whole_figures=FIGURES,
        equal_chroma=EQUAL_CHROMA,
    )


def _rank(results: Results, method: str) -> list[tuple[str, float]]:
    """Names and values of all pictures, best first."""
    rows = [(row.picture, getattr(row.scores, JUDGE)) for row in results.rows[method]]
    return sorted(rows, key=lambda each: each[1])


def _panels(source: Source, task: Task) -> tuple[Panel, ...]:
    original = read(source, task.size)
    grey = greyed(original)
    panels = [_panel("grey", np.repeat(grey[..., None], 3, axis=-1))]
    panels += [_panel(name, task.pipeline(name)(Photo(grey)).pixels) for name in task.methods]
    return (*panels, _panel("original", original))


def _panel(label: str, rgb: RGB) -> Panel:
    picture = Image.fromarray(rgb)
    picture.thumbnail((TILE, TILE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=82)
    return Panel(label, "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode())


def _errors(results: Results) -> Markup:
    figure, axes = _figure()
    values = [results.column(method, JUDGE) for method in results.methods]
    bins = np.linspace(0, max(each.max() for each in values), 30)
    for method, each in zip(results.methods, values, strict=True):
        axes.hist(each, bins, histtype="step", label=method, linewidth=1.6)
    axes.set(xlabel="CIEDE2000 of a picture", ylabel="pictures")
    axes.legend()
    return _svg(figure)


def _colourfulness(results: Results) -> Markup:
    figure, axes = _figure()
    for method in results.methods:
        truth = results.column(method, "original_colorfulness")
        axes.plot(truth, results.column(method, "colorfulness"), ".", label=method, markersize=4)
    axes.axline((0, 0), slope=1, color="gray", linewidth=0.8)
    axes.set(xlabel="colorfulness of the original", ylabel="colorfulness of the result")
    axes.legend()
    return _svg(figure)


def _by_kind(results: Results) -> Markup:
    figure, axes = _figure()
    tables = {method: results.by_kind(method, JUDGE) for method in results.methods}
    kinds = list(next(iter(tables.values())))
    width = 0.8 / len(tables)
    for k, (method, table) in enumerate(tables.items()):
        places = np.arange(len(kinds)) + k * width
        axes.barh(places, [table[kind] for kind in kinds], width, label=method)
    axes.set_yticks(np.arange(len(kinds)) + 0.4 - width / 2, [kind or "-" for kind in kinds])
    axes.invert_yaxis()
    axes.set(xlabel="mean CIEDE2000 by source")
    axes.legend()
    return _svg(figure)


def _figure() -> tuple[Figure, Any]:
    figure = Figure(figsize=(6, 4), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure) -> Markup:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    return Markup(svg[svg.index("<svg") :])
