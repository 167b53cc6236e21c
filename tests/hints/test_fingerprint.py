"""The hash of hints in manifests."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from retint.hints import Hint, Hints, Polygon, Rectangle, Stroke, hints_of
from retint.hints.fingerprint import ALWAYS, fingerprint

EVERYTHING = Hints(
    points=(Hint("40%", 3.5, "navy", reach=0.25),),
    strokes=(Stroke(((1, 2), ("5%", 6)), "#b03a2e", radius=4),),
    rectangles=(Rectangle(0, 0, "50%", "50%", "sienna"), Rectangle(1, 2, 3, 4, "red", 0.0)),
    polygons=(Polygon(((0, 0), (9, 0), (0, 9)), "green"),),
)


@pytest.mark.parametrize("hints", [Hints(), EVERYTHING])
def test_manifests_of_earlier_versions_stay_valid(hints: Hints) -> None:
    """They contain the hash of `repr` before points had the fields `thing` and `without`."""
    old = repr(hints).replace(", thing=False, without=()", "")
    assert fingerprint(hints) == hashlib.sha256(old.encode()).hexdigest()


def test_a_thing_changes_the_hash() -> None:
    plain, thing = (Hints((Hint(1, 2, "red", thing=each),)) for each in (False, True))
    assert fingerprint(plain) != fingerprint(thing)


def test_a_new_field_counts_only_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_reach(kind: type) -> dict[Any, Any]:
        return ALWAYS | {kind: tuple(name for name in ALWAYS[kind] if name != "reach")}

    monkeypatch.setattr("retint.hints.fingerprint.ALWAYS", without_reach(Hint))
    points = "Hint(x=1, y=2, color='red', radius='1.5%')"
    old = f"Hints(points=({points},), strokes=(), rectangles=(), polygons=())"
    plain, reaching = (
        Hints(points=(Hint(1, 2, "red", reach=each, thing=False),)) for each in (1.0, 0.5)
    )
    assert fingerprint(plain) == hashlib.sha256(old.encode()).hexdigest()
    assert fingerprint(reaching) != fingerprint(plain)


def test_hints_of_a_file_have_the_hash_that_earlier_versions_gave_them() -> None:
    """Those versions converted the numbers of a file to percentages in texts."""
    point = {"x": 25, "y": 1, "color": "red", "radius": 2}
    line = {"points": [[0, 0], [123, 45]], "color": "navy"}
    content = {"version": 1, "size": [300, 200], "points": [point], "strokes": [line]}
    texts = Hints(
        points=(Hint("8.333333333333334%", "0.5%", "red", "1.0%", thing=False),),
        strokes=(Stroke((("0.0%", "0.0%"), ("41.0%", "22.5%")), "navy", radius="1.5%"),),
    )
    assert fingerprint(hints_of(content)) == fingerprint(texts)
    assert fingerprint(texts) == "20d09a1299314b67caf7918d31cdf009257c927f6bf0511cdbef4fa12656145a"
