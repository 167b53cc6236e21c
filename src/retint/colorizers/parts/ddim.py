"""DDIM sampling in few steps.

DDIM (Song et al. 2021, "Denoising Diffusion Implicit Models", equation 12, without added noise) for
networks that predict velocity (Salimans & Ho 2022, "Progressive Distillation for Fast Sampling of
Diffusion Models", appendix D). The noise schedule is a squared cosine (Nichol & Dhariwal 2021,
"Improved Denoising Diffusion Probabilistic Models", equation 17) down to a signal of zero (Lin et
al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", sections 3.1 and 3.3).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.options import SCHEDULE
from retint.steps import with_progress

# Of the training times 0 to SCHEDULE - 1, the first has almost no noise and the last nothing but
# noise.
LARGEST = 0.999
"""Maximum share of noise that one time adds."""

Velocity = Callable[[Float32, int], Float32]
"""Maps noisy samples [N, C, h, w] at a time to their velocities."""


def sample(
    velocity: Velocity, base: Float32, noise: Float32, *, steps: int, strength: float = 1.0
) -> Float32:
    """Add noise to `base` and remove it again by sampling.

    Parameters
    ----------
    base, noise
        [N, C, h, w]; the noise has a standard deviation of 1.
    steps
        Number of steps of the whole schedule.
    strength
        Share of the schedule in (0, 1], as in SDEdit (Meng et al. 2022, section 3): at 1 nothing of
        `base` remains.
    """
    times = np.round(np.arange(SCHEDULE, 0, -SCHEDULE / steps)).astype(int) - 1
    times = times[steps - max(1, int(steps * strength)) :]
    signal, noisiness = _amplitudes()
    noisy: Float32 = signal[times[0]] * base + noisiness[times[0]] * noise
    for time, following in with_progress(list(zip(times, [*times[1:], SCHEDULE], strict=True))):
        found = velocity(noisy, int(time))
        clean = signal[time] * noisy - noisiness[time] * found
        noise = signal[time] * found + noisiness[time] * noisy
        noisy = signal[following] * clean + noisiness[following] * noise
    return noisy


@functools.cache
def _amplitudes() -> tuple[Float32, Float32]:
    """Factors for signal and noise at each time; the last entry is free of noise."""
    place = np.arange(SCHEDULE + 1) / SCHEDULE
    left = np.cos((place + 0.008) / 1.008 * np.pi / 2) ** 2
    kept = np.cumprod(1 - np.minimum(1 - left[1:] / left[:-1], LARGEST))
    root = np.sqrt(kept)
    signal = np.append((root - root[-1]) * root[0] / (root[0] - root[-1]), 1.0)
    return signal.astype(np.float32), np.sqrt(1 - signal**2).astype(np.float32)
