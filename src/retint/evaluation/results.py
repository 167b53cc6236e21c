"""Summarises measurements: means, intervals, comparisons; as JSON and CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import math
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import retint
from retint.colorizers import load_colorizer, method_class
from retint.evaluation import cells, kid, wholeness
from retint.evaluation import judges as networks
from retint.evaluation.metrics import HUELESS, Scores
from retint.evaluation.run import Measured, Row
from retint.evaluation.skin import GROUPS, shows_people
from retint.evaluation.statistics import Comparison, Values, compare, estimate, ratio
from retint.evaluation.wholeness import FIGURES, Figure, Wholeness
from retint.files import atomic
from retint.weights import shipped

SCHEMA = 1

LARGER_IS_BETTER = {"psnr": True, "chroma_error": False, "ciede2000": False}
"""The metrics for comparisons of methods."""

UNAVAILABLE = "weights not available"
"""Placeholder for a metric without its network."""


@dataclass
class Results:
    """All measurements of a run."""

    methods: tuple[str, ...]
    rows: dict[str, list[Row]] = field(init=False)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Pictures that could not be measured, and why."""
    real: list[Any] = field(default_factory=list)
    """Features of the originals."""
    real_inception: list[Any] = field(default_factory=list)
    originals: list[cells.Original] = field(default_factory=list)
    """The cells of the originals."""
    peak_memory: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = {method: [] for method in self.methods}

    def add(self, measured: Measured) -> None:
        if measured.problem:
            self.skipped.append((measured.source.name, measured.problem))
            return
        if len(self.real) < kid.MAX_PICTURES:
            self.real.append(measured.features)
        if measured.inception is not None:
            self.real_inception.append(measured.inception)
        if measured.cells is not None:
            self.originals.append(measured.cells)
        for row in measured.rows:
            self.rows[row.method].append(row)

    @property
    def pictures(self) -> int:
        return len(self.rows[self.methods[0]])

    def column(self, method: str, name: str) -> Values:
        """One metric for all pictures [N]."""
        if name == "milliseconds":
            return np.array([row.milliseconds for row in self.rows[method]])
        return np.array([getattr(row.scores, name) for row in self.rows[method]])

    def discrepancies(self, method: str) -> Values:
        """The terms of KID [N, N] of a method."""
        rows = self.rows[method][: len(self.real)]
        return kid.discrepancies(np.stack([row.features for row in rows]), np.stack(self.real))

    def wholeness(self, method: str) -> Wholeness:
        """Whether a method colours objects completely."""
        rows = self.rows[method]
        people = [shows_people(row.kind) for row in rows]
        return wholeness.measure(self.originals, [row.cells for row in rows], people)

    def summary(self, terms: dict[str, Values]) -> dict[str, Any]:
        """All metrics of all methods, by name; `terms` are their `discrepancies`."""
        return {method: self._summary_of(method, terms[method]) for method in self.methods}

    def comparisons(self, terms: dict[str, Values]) -> list[dict[str, Any]]:
        """Comparisons of all pairs of methods, the later one against the earlier."""
        found = []
        for b, a in itertools.combinations(self.methods, 2):
            paired: dict[str, Comparison] = {
                name: compare(self.column(a, name), self.column(b, name), larger_is_better=better)
                for name, better in LARGER_IS_BETTER.items()
            }
            found.append(
                {
                    "method": a,
                    "against": b,
                    **{name: asdict(each) for name, each in paired.items()},
                    "kid_lite0": {"difference": asdict(kid.kid(terms[a] - terms[b]))},
                }
            )
        return found

    def by_kind(self, method: str, name: str) -> dict[str, float]:
        """Mean of one metric for each kind of picture."""
        values: dict[str, list[float]] = {}
        for row in self.rows[method]:
            values.setdefault(row.kind, []).append(getattr(row.scores, name))
        return {kind: float(np.mean(each)) for kind, each in sorted(values.items())}

    def _fid(self, method: str) -> float | str:
        if len(self.real_inception) < 2:
            return UNAVAILABLE
        ours = np.stack([row.inception for row in self.rows[method] if row.inception is not None])
        return networks.frechet(ours, np.stack(self.real_inception))

    def _summary_of(self, method: str, terms: Values) -> dict[str, Any]:
        figures: dict[str, Any] = {
            name: asdict(estimate(self.column(method, name)))
            for name in (*Scores.__dataclass_fields__, "milliseconds")
        }
        figures["colorfulness_ratio"] = asdict(
            ratio(self.column(method, "colorfulness"), self.column(method, "original_colorfulness"))
        )
        figures["kid_lite0"] = asdict(kid.kid(terms))
        figures["kid_lite0_features_used_in_training"] = method_class(method).trained_on_lite0
        lpips = np.array([row.lpips for row in self.rows[method]])
        figures["lpips"] = UNAVAILABLE if np.isnan(lpips).all() else asdict(estimate(lpips))
        figures["fid"] = self._fid(method)
        figures["peak_memory_mb"] = self.peak_memory.get(method)
        figures["skin"] = skin_figures(self.rows[method])
        figures["ciede2000_by_source"] = self.by_kind(method, "ciede2000")
        whole = self.wholeness(method)
        figures["wholeness"] = {name: asdict(each) for name, each in whole.estimates().items()}
        kinds = np.array([row.kind for row in self.rows[method]])
        figures["wholeness_by_source"] = {
            str(kind): whole.over(kinds == kind) for kind in np.unique(kinds)
        }
        return figures


def table(content: dict[str, Any]) -> str:
    """The summary as a Markdown table."""
    lines = [
        "| method | PSNR | SSIM | CIEDE2000 | a*b* error | colourfulness ratio | KID-lite0 x 1000 |"
        " L* error | ms | peak MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, m in content["methods"].items():
        figures = [
            f"{m['psnr']['mean']:.2f}",
            f"{m['ssim']['mean']:.3f}",
            f"{m['ciede2000']['mean']:.2f}",
            f"{m['chroma_error']['mean']:.2f}",
            f"{m['colorfulness_ratio']['mean']:.2f}",
            f"{m['kid_lite0']['mean'] * 1000:.2f}",
            f"{m['lightness_error']['mean']:.3f}",
            f"{m['milliseconds']['mean']:.1f}",
            f"{m['peak_memory_mb']:.0f}",
        ]
        lines.append(f"| {name}{mark(m)} | {' | '.join(figures)} |")
    if any(mark(m) for m in content["methods"].values()):
        lines += ["", "* trained with the features of KID-lite0"]
    return "\n".join(lines)


def wholeness_table(content: dict[str, Any]) -> str:
    """The metrics of completeness as a Markdown table."""
    titles = [each.title for each in FIGURES.values()]
    lines = [f"| method | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    for method, m in content["methods"].items():
        means = [_format(m["wholeness"][name]["mean"], each) for name, each in FIGURES.items()]
        lines.append(f"| {method} | {' | '.join(means)} |")
    return "\n".join(lines)


def _format(value: float, figure: Figure) -> str:
    return "-" if math.isnan(value) else f"{value:.{figure.digits}f}"


def mark(figures: dict[str, Any]) -> str:
    """An asterisk after the name of a method that was trained with the features of KID-lite0."""
    return " *" if figures["kid_lite0_features_used_in_training"] else ""


def skin_figures(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Metrics of skin by group of `skin.GROUPS`; groups without pixels are left out."""
    totals = {
        name: np.sum([getattr(row.skin, name) for row in rows], axis=0)
        for name in rows[0].skin.__dataclass_fields__
    }
    figures = {}
    for k, group in enumerate(GROUPS):
        pixels = totals["pixels"][k]
        if not pixels:
            continue
        figures[group] = {
            "pixels": float(pixels),
            **{n: float(totals[n][k] / pixels) for n in ("ciede2000", "hue_turn", "hue_error")},
            "chroma_ratio": float(totals["chroma"][k] / totals["original_chroma"][k]),
        }
        if figures[group]["chroma_ratio"] < HUELESS:
            figures[group]["hue_turn"] = figures[group]["hue_error"] = math.nan
    return figures


def document(results: Results, data: Path, size: int) -> dict[str, Any]:
    """The content of `results.json`."""
    terms = {method: results.discrepancies(method) for method in results.methods}
    return {
        "schema": SCHEMA,
        "data": {
            "folder": data.name,
            "pictures": results.pictures,
            "size": size,
            "skipped": [{"file": name, "reason": reason} for name, reason in results.skipped],
        },
        "methods": results.summary(terms),
        "comparisons": results.comparisons(terms),
        "weights": weights_hashes(results.methods),
        "environment": environment(),
    }


def weights_hashes(methods: Iterable[str]) -> dict[str, str]:
    """SHA-256 of all shipped files that methods run, by their names without suffix."""
    files = {
        path.stem
        for method in methods
        if method_class(method).shipped
        for path in load_colorizer(method).weights
        if path == shipped(path.stem)
    }
    return {name: weights_hash(name) for name in sorted(files)}


def weights_hash(name: str) -> str:
    """SHA-256 of a shipped file."""
    return hashlib.sha256(shipped(name).read_bytes()).hexdigest()


def environment() -> dict[str, str]:
    """The software and hardware of the measurements."""
    names = ("numpy", "onnxruntime", "opencv-python-headless", "pillow", "scikit-image")
    return {
        "retint": retint.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        **{name: metadata.version(name) for name in names},
    }


def write_json(content: dict[str, Any], target: Path) -> None:
    """Write JSON in which infinity and NaN are null."""
    atomic.write(target, json.dumps(_finite(content), indent=1) + "\n")


def write_csv(results: Results, target: Path) -> None:
    """One row per picture and method."""
    names = list(Scores.__dataclass_fields__)
    wholes = {method: results.wholeness(method) for method in results.methods}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["picture", "source", "method", "milliseconds", *names, *FIGURES])
    for method, rows in results.rows.items():
        for k, row in enumerate(rows):
            figures = [getattr(row.scores, name) for name in names]
            figures += wholes[method].over(slice(k, k + 1)).values()
            columns = [f"{each:.6g}" for each in figures]
            name_and_time = [row.picture, row.kind, method, f"{row.milliseconds:.2f}"]
            writer.writerow([*name_and_time, *columns])
    atomic.write(target, text.getvalue())


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
