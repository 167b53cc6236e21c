from __future__ import annotations

import numpy as np
import torch

from retint.colorizers.parts import octaves
from retint.training.networks import chroma_diffusion


def test_the_same_seed_gives_the_same_noise_of_deviation_one() -> None:
    many = np.stack([octaves.noise((seed,), 2, 32, 48) for seed in range(200)])
    assert many.dtype == np.float32
    assert many.shape == (200, 2, 32, 48)
    np.testing.assert_array_equal(many[3], octaves.noise((3,), 2, 32, 48))
    assert abs(many.std() - 1) < 0.05
    # White noise of so many cells would have means that deviate by 0.03.
    assert 0.5 < many.mean(axis=(2, 3)).std() < 0.8


def test_octaves_keep_the_shape_of_the_picture() -> None:
    assert octaves.grids(40, 60) == [(1, 2), (2, 3), (4, 6), (8, 12), (16, 24), (32, 48)]
    assert octaves.grids(60, 8)[-1] == (60, 8)


def test_training_adds_octaves_up_as_sampling_does() -> None:
    planes = [np.random.default_rng(k).standard_normal((2, *grid), np.float32)
              for k, grid in enumerate(octaves.grids(16, 24))]  # fmt: skip
    ours = octaves.blended(planes, 16, 24)
    theirs = chroma_diffusion.blended(
        [torch.from_numpy(each)[None] for each in planes], torch.empty(1, 2, 16, 24)
    )
    np.testing.assert_allclose(ours, theirs[0], atol=1e-5)
