from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler

from retint.color.lab import Float32
from retint.colorizers.options import SCHEDULE
from retint.colorizers.parts.ddim import sample

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.standard_normal((2, 2, 4, 6), np.float32)
BASE = RANDOM.standard_normal((2, 2, 4, 6), np.float32)


def velocity(noisy: Float32, time: int) -> Float32:
    """Any function of both."""
    curved: Float32 = np.tanh(noisy * np.float32(0.7))
    return curved - np.float32(time / SCHEDULE)


@pytest.mark.parametrize(("steps", "strength"), [(20, 1.0), (10, 1.0), (20, 0.5)])
def test_samples_equal_those_of_diffusers(steps: int, strength: float) -> None:
    scheduler: Any = DDIMScheduler(  # type: ignore[no-untyped-call]
        beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction", clip_sample=False,
        rescale_betas_zero_snr=True, timestep_spacing="trailing",
    )  # fmt: skip
    scheduler.set_timesteps(steps)
    times = scheduler.timesteps[steps - int(steps * strength) :]
    noisy = scheduler.add_noise(torch.from_numpy(BASE), torch.from_numpy(NOISE), times[:1])
    for time in times:
        found = torch.from_numpy(velocity(noisy.numpy(), int(time)))
        noisy = scheduler.step(found, time, noisy).prev_sample
    ours = sample(velocity, BASE, NOISE, steps=steps, strength=strength)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, noisy.numpy(), atol=1e-4)


def test_full_strength_forgets_the_base() -> None:
    one = sample(velocity, BASE, NOISE, steps=8)
    np.testing.assert_array_equal(one, sample(velocity, np.zeros_like(BASE), NOISE, steps=8))


def test_little_strength_stays_near_the_base() -> None:
    def perfect(noisy: Float32, time: int) -> Float32:  # noqa: ARG001
        return np.zeros_like(noisy)

    near = np.abs(sample(perfect, BASE, NOISE, steps=50, strength=0.02) - BASE).mean()
    far = np.abs(sample(perfect, BASE, NOISE, steps=50, strength=0.5) - BASE).mean()
    assert near < 0.2 * far


def test_the_smallest_strength_still_takes_a_step() -> None:
    times = []

    def noting(noisy: Float32, time: int) -> Float32:
        times.append(time)
        return noisy

    sample(noting, BASE, NOISE, steps=8, strength=0.01)
    assert times == [124]
