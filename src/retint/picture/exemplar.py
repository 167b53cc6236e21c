"""One reference picture: what its places are like, and their colours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts.network import Network
from retint.errors import PhotoError
from retint.files import Photo
from retint.picture.compared import box_of, colors_of, tokens_of
from retint.picture.correspondence import Tokens
from retint.picture.pipeline import Pipeline, View

LEAST_CHROMA = 2.0
"""Chroma below which a colour counts as grey."""


@dataclass(frozen=True, eq=False)
class Exemplar:
    """A picture whose colours others take."""

    tokens: Tokens
    colors: Float32
    """L*a*b* [CELLS * FINE, CELLS * FINE, 3]."""
    sha256: str
    """Of its pixels."""
    name: str = ""
    """As remarks call it; empty if they do not."""
    least_share: float = 0.0
    """Minimum share of the cells of a picture that match, so that it is followed."""

    @classmethod
    def of(
        cls, network: Network, pipeline: Pipeline, photo: Photo, least_share: float, name: str = ""
    ) -> Exemplar:
        """Look at a photo; raises PhotoError if it is grey."""
        view, colors = view_and_colors(pipeline, photo)
        tokens = tokens_of(network, view)
        return cls(tokens, colors, sha256_of(photo), name, least_share)


def view_and_colors(pipeline: Pipeline, photo: Photo) -> tuple[View, Float32]:
    """The picture as the method sees it, and its L*a*b*; raises PhotoError if it is grey."""
    if photo.pixels.ndim == 3:
        view = pipeline.open(photo)
        colors = colors_of(photo.pixels[box_of(view).slices])
        if np.hypot(colors[..., 1], colors[..., 2]).max() >= LEAST_CHROMA:
            return view, colors
    raise PhotoError("the reference picture has no colors")


def sha256_of(photo: Photo) -> str:
    """SHA-256 of its pixels."""
    return hashlib.sha256(photo.pixels.tobytes()).hexdigest()
