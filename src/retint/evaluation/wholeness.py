"""Metrics of completeness (whether objects are coloured completely), for all or some pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retint.evaluation import cells
from retint.evaluation.statistics import Estimate, Mask, Values, area_under_roc, ratio, separation


@dataclass(frozen=True)
class Figure:
    """How a metric is displayed."""

    title: str
    digits: int


FIGURES = {
    "separation": Figure("separation", 3),
    "skin_separation": Figure("skin separation", 3),
    "left_grey": Figure("left grey", 3),
    "tinted": Figure("tinted", 3),
    "equal_left_grey": Figure("left grey, equal chroma", 3),
    "equal_tinted": Figure("tinted, equal chroma", 3),
    "equal_unevenness": Figure("unevenness, equal chroma", 2),
    "equal_ciede2000": Figure("CIEDE2000 of cells, equal chroma", 2),
}
"""Metrics that start with `equal_` apply to results scaled to `cells.EQUAL_CHROMA`."""


@dataclass(frozen=True)
class Wholeness:
    """The results of one method for the cells of N pictures."""

    areas: dict[str, cells.Labelled]
    """Metrics that measure how well values separate cells of two classes."""
    ratios: dict[str, tuple[Values, Values]]
    """Metrics that are the ratio of two sums; the terms of each picture, [N] and [N]."""

    def estimates(self) -> dict[str, Estimate]:
        """Each of `FIGURES` over all pictures, with its interval."""
        found = {
            name: separation(each.values, each.positive, each.negative)
            for name, each in self.areas.items()
        }
        found |= {name: ratio(*each) for name, each in self.ratios.items()}
        return {name: found[name] for name in FIGURES}

    def over(self, chosen: Mask | slice) -> dict[str, float]:
        """Each of `FIGURES` over some of the pictures; NaN if they have no such cells."""
        found = {}
        for name, each in self.areas.items():
            values = each.values[chosen]
            found[name] = area_under_roc(
                values[each.positive[chosen]], values[each.negative[chosen]]
            )
        for name, (numerators, denominators) in self.ratios.items():
            total = denominators[chosen].sum()
            found[name] = float(numerators[chosen].sum() / total) if total else float("nan")
        return {name: found[name] for name in FIGURES}


def measure(
    originals: Sequence[cells.Original],
    answers: Sequence[NDArray[np.float16]],
    shows_people: Sequence[bool],
) -> Wholeness:
    """Compare the cells of the results of one method with those of their originals.

    Parameters
    ----------
    answers
        Mean a*b* [16, 16, 2] of the cells of each result.
    shows_people
        Which of the pictures show people, for the separation of skin.
    """
    truth = np.stack([each.colors for each in originals]).astype(np.float64)
    regions = np.stack([each.regions for each in originals])
    answer = np.stack(answers).astype(np.float64)
    plain = cells.tally(truth, answer, regions)
    skin = cells.skin_coloredness(truth, answer)
    people = np.array(shows_people)[:, None]
    return Wholeness(
        areas={
            "separation": cells.coloredness(truth, answer),
            "skin_separation": cells.Labelled(
                skin.values, skin.positive & people, skin.negative & people
            ),
        },
        ratios={
            "left_grey": (plain.left_grey, plain.colored),
            "tinted": (plain.tinted, plain.neutral),
            **_at_equal_chroma(truth, answer, regions),
        },
    )


def _at_equal_chroma(
    truth: Values, answer: Values, regions: NDArray[np.int16]
) -> dict[str, tuple[Values, Values]]:
    factor = cells.equal_chroma_factor(truth, answer)
    pictures = np.ones(len(truth))
    if np.isnan(factor):  # results without colour cannot be scaled
        names = [name for name in FIGURES if name.startswith("equal_")]
        return dict.fromkeys(names, (pictures * np.nan, pictures))
    scaled = cells.tally(truth, answer * factor, regions)
    return {
        "equal_left_grey": (scaled.left_grey, scaled.colored),
        "equal_tinted": (scaled.tinted, scaled.neutral),
        "equal_unevenness": (scaled.spread, scaled.true_spread),
        "equal_ciede2000": (scaled.ciede2000, pictures),
    }
