"""Measure what a folder of color pictures does for others, of which it knows some and others not.

    python benchmarks/quality/gallery.py VAL [--limit N] [--each]

Each picture of the folder VAL is colored with the others as its folder of references:

- `others`: the folder has no picture of the same thing. Here the best change is none.
- `a part as well`: the folder also has three quarters of it in each direction, mirrored and darker.

for several values of the minimum share of matched places of a reference. Prints the mean PSNR
without and with the folder, the worst change, and how many pictures change.

Then each picture is sought, by its part, among all of them: with the class token and the mean of
the others, of the 8th and of the last block of the network.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from references import part

from retint.api import load_pipeline
from retint.colorizers.parts import semantics
from retint.colorizers.parts.network import load_own
from retint.evaluation.metrics import RGB, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture.compared import squeezed_of
from retint.picture.exemplar import Exemplar
from retint.picture.followed import follow
from retint.picture.gallery import LEAST_ALIKE, NEAREST, likeness_of
from retint.picture.matched_hints import hints_of
from retint.picture.pipeline import Pipeline, View

SHARES = (0.035, 0.1, 0.15, 0.2, 0.25)
WITHOUT, WITH = "others", "a part as well"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("val", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="number of pictures to color")
    parser.add_argument("--each", action="store_true", help="print each picture as well")
    args = parser.parse_args()
    pipeline = load_pipeline(threads=1)
    network = load_own(semantics.NAME, None, 1, "auto")
    sources = find(args.val)
    pictures = [read(each, 256) for each in sources]
    parts = [part(each, np.random.default_rng(k)) for k, each in enumerate(pictures)]
    views, seen = (
        [pipeline.open(Photo(greyed(each))) for each in some] for some in (pictures, parts)
    )
    print(f"| sought by | found first | among the first {NEAREST} |\n|---|---|---|")
    for layer in semantics.LAYERS:
        for name, place in (("class token", 0), ("mean of the others", 1)):
            one, two = (
                [_unit(described(network, each, layer)[place]) for each in some]
                for some in (views, seen)
            )
            print(f"| {layer}, {name} | {found(np.array(one) @ np.array(two).T)} |")
    own, other = (np.array([likeness_of(network, each) for each in some]) for some in (views, seen))
    print(f"| both of layer8 | {found(own @ other.T)} |\n")
    alike = own @ own.T
    np.fill_diagonal(alike, -1)
    rows: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)
    chosen = range(len(pictures))[:: max(1, len(pictures) // args.limit) if args.limit else 1]
    for k in chosen:
        near = [int(n) for n in np.argsort(-alike[k])[:NEAREST] if alike[k, n] >= LEAST_ALIKE]
        measured = told(pipeline, network, views[k], pictures[k], parts[k], pictures, near)
        for key, scores in measured.items():
            rows[key].append(scores)
            if args.each and scores[1] != scores[0]:
                print(f"{sources[k].name} {key}: {scores[0]:.2f} {scores[1] - scores[0]:+.2f}")
    print("| folder | least share | PSNR alone | with it | worst change | changed |")
    print("|---|---|---|---|---|---|")
    for (group, share), some in sorted(rows.items()):
        before, after = np.array(some).T
        change = after - before
        print(
            f"| {group} | {share:g} | {before.mean():.2f} | {after.mean():.2f} "
            f"({change.mean():+.2f}) | {change.min():+.2f} | {(change != 0).mean():.0%} |"
        )


def described(network: Any, view: View, layer: str) -> tuple[Any, Any]:
    tokens = semantics.seen(network, squeezed_of(view))[layer][0]
    return tokens[0], tokens[1:].mean(axis=0)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def found(alike: NDArray[np.float32]) -> str:
    """How often the diagonal is the best of its row, and among the best."""
    better = (alike > np.diag(alike)[:, None]).sum(axis=1)
    return f"{(better == 0).mean():.0%} | {(better < NEAREST).mean():.0%}"


def told(
    pipeline: Pipeline, network: Any, view: View, picture: RGB, own: RGB, others: list[RGB],
    near: list[int],
) -> dict[tuple[str, float], tuple[float, float]]:  # fmt: skip
    """PSNR without and with the folder, by the kind of folder and the least share."""
    exemplars = [Exemplar.of(network, pipeline, Photo(others[n]), 0) for n in near]
    mine = Exemplar.of(network, pipeline, Photo(own), 0)
    shares = [follow(network, view, [each]).share for each in (*exemplars, mine)]
    known: dict[tuple[int, ...], float] = {}
    measured = {}
    for group, some in ((WITHOUT, exemplars), (WITH, [*exemplars[: NEAREST - 1], mine])):
        for least in SHARES:
            used = [each for each in some if shares[[*exemplars, mine].index(each)] >= least]
            key = tuple(map(id, used))
            if key not in known:
                hints = hints_of(view, follow(network, view, used)) if used else None
                known[key] = score(view.colorize(hints).pixels, picture).psnr
            measured[group, least] = known.setdefault((), _alone(view, picture)), known[key]
    return measured


def _alone(view: View, picture: RGB) -> float:
    return score(view.colorize().pixels, picture).psnr


if __name__ == "__main__":
    main()
