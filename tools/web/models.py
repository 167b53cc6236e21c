"""The networks and the steps around them, compressed, under names that contain their hashes."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import onnx

from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.parts import guided_parts, semantics, skin, things, upright
from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.weights import shipped
from retint.whole.steps import steps_of

FOLDER = "models"
NETWORKS = ("guided-unet", semantics.NAME, skin.NAME, upright.NAME, things.NAME)
"""Shipped files that are used unchanged, so that the record of a picture names the same weights."""
SMALLER = {"guided-unet": guided_parts.SMALLER, things.NAME: things.SMALLER}
"""Inputs of networks that are stored side by side, as in their modules."""
HASHED = 8
"""Digits of a hash in a name."""


@dataclass(frozen=True)
class Packed:
    """A compressed file."""

    name: str
    """Its path in the folder."""
    content: bytes
    facts: Mapping[str, Any]
    """What its reader needs to know."""


def packed(method: GuidedUNet) -> dict[str, Packed]:
    """All models by name."""
    found = {}
    for name in NETWORKS:
        content = shipped(name).read_bytes()
        facts = {"weights": shipped(name).name, "sha256": hashlib.sha256(content).hexdigest()}
        found[name] = compressed(name, ".onnx", content, facts | {"least": _least(name, content)})
    for name, model in steps_of(method).items():
        found[name] = compressed(name, ".onnx", model.SerializeToString(), {})
    return found


def compressed(name: str, ending: str, content: bytes, facts: Mapping[str, Any]) -> Packed:
    """A file, compressed as every browser can decompress it, and always alike."""
    digest = hashlib.sha256(content).hexdigest()[:HASHED]
    packed = gzip.compress(content, mtime=0)
    path = f"{FOLDER}/{name}.{digest}{ending}.gz"
    return Packed(path, packed, {"file": path, "bytes": len(packed), **facts})


def _least(name: str, content: bytes) -> dict[str, list[int]]:
    """Smallest shapes of the inputs of a network whose parts run one at a time.

    ONNX Runtime wants all inputs; see `retint.colorizers.parts.network.SideBySide`.
    """
    if name not in SMALLER:
        return {}
    model = onnx.load_from_string(content)
    (text,) = (each.value for each in model.metadata_props if each.key == METADATA_KEY)
    side = Description.from_json(text).size.minimum
    channels = {
        each.name: each.type.tensor_type.shape.dim[1].dim_value for each in model.graph.input
    }
    return {
        name: [1, channels[name], side // step, side // step]
        for name, step in SMALLER[name].items()
    }
