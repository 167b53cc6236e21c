from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.evaluation import cells
from retint.evaluation.wholeness import FIGURES, Wholeness, measure


def set_of(count: int, seed: int = 0) -> NDArray[np.float16]:
    """Originals [count, 16, 16, 3]: skin at the left, a grey wall at the right, noise on both."""
    rng = np.random.default_rng(seed)
    grids = np.zeros((count, 16, 16, 3))
    grids[..., 0] = 60
    grids[:, :, :8, 1:] = (16, 19)
    grids[..., 1:] += rng.normal(0, 0.5, (count, 16, 16, 2))
    return grids.astype(np.float16)


def measured(
    truth: NDArray[np.float16], answer: NDArray[np.float16], people: list[bool] | None = None
) -> Wholeness:
    originals = [cells.Original(each, cells.regions_of(each[..., 1:])) for each in truth]
    return measure(originals, list(answer), people or [True] * len(truth))


def test_a_perfect_answer_separates_all_and_leaves_nothing_grey() -> None:
    truth = set_of(4)
    found = {name: each.mean for name, each in measured(truth, truth[..., 1:]).estimates().items()}
    assert list(found) == list(FIGURES)
    assert found["separation"] == found["skin_separation"] == 1
    assert found["left_grey"] == found["tinted"] == found["equal_left_grey"] == 0
    assert found["equal_unevenness"] == pytest.approx(0.7)  # brought to 0.7 of the chroma
    assert found["equal_ciede2000"] > 1


def test_a_grey_answer_has_no_figures_at_equal_chroma() -> None:
    truth = set_of(4)
    found = measured(truth, np.zeros((4, 16, 16, 2), np.float16)).estimates()
    assert (found["left_grey"].mean, found["tinted"].mean, found["separation"].mean) == (1, 0, 0.5)
    equal = [each for name, each in found.items() if name.startswith("equal_")]
    assert len(equal) == 4
    assert all(np.isnan([each.mean, each.low, each.high]).all() for each in equal)


def test_figures_at_equal_chroma_do_not_depend_on_the_answers_chroma() -> None:
    truth = set_of(4)
    noise = np.random.default_rng(1).normal(0, 6, (4, 16, 16, 2))
    answer = (truth[..., 1:] + noise).astype(np.float16)
    weak = measured(truth, answer).estimates()
    strong = measured(truth, (answer * np.float16(2))).estimates()
    assert strong["tinted"].mean > weak["tinted"].mean
    for name in ("separation", "equal_left_grey", "equal_tinted", "equal_unevenness"):
        assert strong[name].mean == pytest.approx(weak[name].mean, abs=1e-9)
        assert strong[name].low <= strong[name].mean <= strong[name].high


def test_skin_is_looked_for_in_pictures_of_people_only() -> None:
    truth = set_of(2)
    answer = truth[..., 1:].copy()
    answer[1] *= -1  # sand, perhaps
    assert measured(truth, answer, [True, False]).estimates()["skin_separation"].mean == 1
    assert measured(truth, answer, [True, True]).estimates()["skin_separation"].mean < 0.8
    nobody = measured(truth, answer, [False, False]).estimates()["skin_separation"]
    assert np.isnan(nobody.mean)


def test_figures_can_be_of_some_of_the_pictures() -> None:
    truth = set_of(2)
    answer = truth[..., 1:].copy()
    answer[1] = 0
    whole = measured(truth, answer)
    assert [whole.over(slice(k, k + 1))["left_grey"] for k in range(2)] == [0, 1]
    assert [whole.over(slice(k, k + 1))["separation"] for k in range(2)] == [1, 0.5]
    assert whole.over(np.array([True, True]))["left_grey"] == 0.5
    assert whole.estimates()["left_grey"].mean == 0.5
    assert whole.estimates()["left_grey"].high == 1  # one picture drawn twice


def test_figures_without_cells_are_not_a_number() -> None:
    truth = set_of(2)
    truth[..., 1:] = 0
    found = measured(truth, truth[..., 1:]).over(slice(None))
    assert np.isnan([found["separation"], found["left_grey"], found["equal_unevenness"]]).all()
    assert found["tinted"] == 0
