from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import numpy as np

from retint import api
from retint.hints import Hint, Hints
from retint.picture import provenance
from retint.picture.finish import Finish
from retint.picture.request import Request

COMPASS = ("semantics.onnx", "upright.onnx")
"""The networks that find which way is up."""


def shipped(name: str) -> str:
    return hashlib.sha256((resources.files("retint.weights") / name).read_bytes()).hexdigest()


def test_provenance_has_method_weights_and_changed_options() -> None:
    pipeline = api.load_pipeline("unet", threads=1)
    assert provenance.how(pipeline, Finish(vividness=1.2)) == {
        "method": "unet",
        "weights": {name: shipped(name) for name in ("unet.onnx", *COMPASS)},
        "options": {"vividness": 1.2},
    }
    turned = api.load_pipeline("unet", threads=1, upright=90)
    assert provenance.how(turned) == {
        "method": "unet",
        "weights": {"unet.onnx": shipped("unet.onnx")},
        "options": {"upright": 90},
    }


def test_machine_options_are_not_recorded() -> None:
    one, other = (
        api.load_pipeline("gray", threads=n, device=d) for n, d in ((1, "cpu"), (0, "auto"))
    )
    assert provenance.how(one) == provenance.how(other)
    assert provenance.how(one)["weights"] == {}


def test_own_weights_are_told_by_their_content(tmp_path: Path) -> None:
    copy = tmp_path / "mine.onnx"
    copy.write_bytes((resources.files("retint.weights") / "unet.onnx").read_bytes())
    found = provenance.how(api.load_pipeline("unet", weights=copy, threads=1, upright="off"))
    assert found["weights"] == {"mine.onnx": shipped("unet.onnx")}


def test_the_network_that_finds_damage_counts_when_it_repairs() -> None:
    pipeline = api.load_pipeline("gray", threads=1)
    assert provenance.how(pipeline, Finish(fading=1))["weights"] == {}
    found = provenance.how(pipeline, Finish(repair=1))
    assert found["weights"] == {"damage.onnx": shipped("damage.onnx")}


def test_the_network_of_things_counts_only_for_hints_that_use_it() -> None:
    pipeline = api.load_pipeline("guided-unet", threads=1)
    old = Request(pipeline).how["weights"]
    of_things = {each.name: shipped(each.name) for each in pipeline.colorizer.weights_of_things}
    plain, thing = (
        Request(pipeline, hints=Hints((Hint(1, 2, "red", thing=each),))).how["weights"]
        for each in (False, True)
    )
    assert plain == old
    assert thing == old | of_things
    without = api.load_pipeline("guided-unet", threads=1, semantics=False)
    hints = Hints((Hint(1, 2, "red", thing=True),))
    assert "things.onnx" not in Request(without, hints=hints).how["weights"]


def test_hints_variants_and_layers_count() -> None:
    pipeline = api.load_pipeline("chroma-diffusion", threads=1)
    requests = [
        Request(pipeline),
        Request(pipeline, hints=Hints((Hint(1, 2, "red"),))),
        Request(pipeline, hints=Hints((Hint(1, 2, "blue"),))),
        Request(pipeline, variants=2),
        Request(pipeline, chroma_only=True),
    ]
    hows = [request.how for request in requests]
    assert all(hows[i] != hows[j] for i in range(5) for j in range(i))
    assert np.all([each["method"] == "chroma-diffusion" for each in hows])
