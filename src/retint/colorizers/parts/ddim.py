"""From noise to a sample in few steps.

DDIM (Song et al. 2021, "Denoising Diffusion Implicit Models", equation 12, without added noise) for
networks that predict velocity (Salimans & Ho 2022, "Progressive Distillation for Fast Sampling of
Diffusion Models", appendix D). Noise grows as a squared cosine (Nichol & Dhariwal 2021, "Improved
Denoising Diffusion Probabilistic Models", equation 17) until nothing of the signal is left (Lin et
al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", sections 3.1 and 3.3).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.options import SCHEDULE
from retint.steps import walked

# Of the times 0 to SCHEDULE - 1 that a network is trained at the first has next to no noise, the
# last nothing else.
LARGEST = 0.999
"""Share of the noise that one time may add."""

Velocity = Callable[[Float32, int], Float32]
"""Noisy samples [N, C, h, w] at a time to their velocities."""


def sample(
    velocity: Velocity, base: Float32, noise: Float32, *, steps: int, strength: float = 1.0
) -> Float32:
    """Noisy `base` without its noise.

    Parameters
    ----------
    base, noise
        [N, C, h, w]; the noise has deviation 1.
    steps
        Of the whole way from noise alone.
    strength
        How much of the way is taken, in (0, 1], as in SDEdit (Meng et al. 2022, section 3): at 1
        nothing is left of `base`.
    """
    times = np.round(np.arange(SCHEDULE, 0, -SCHEDULE / steps)).astype(int) - 1
    times = times[steps - max(1, int(steps * strength)) :]
    signal, noisiness = _amplitudes()
    noisy: Float32 = signal[times[0]] * base + noisiness[times[0]] * noise
    for time, following in walked(list(zip(times, [*times[1:], SCHEDULE], strict=True))):
        found = velocity(noisy, int(time))
        clean = signal[time] * noisy - noisiness[time] * found
        noise = signal[time] * found + noisiness[time] * noisy
        noisy = signal[following] * clean + noisiness[following] * noise
    return noisy


@functools.cache
def _amplitudes() -> tuple[Float32, Float32]:
    """What signal and noise are multiplied by at each time; the last entry is no noise at all."""
    place = np.arange(SCHEDULE + 1) / SCHEDULE
    left = np.cos((place + 0.008) / 1.008 * np.pi / 2) ** 2
    kept = np.cumprod(1 - np.minimum(1 - left[1:] / left[:-1], LARGEST))
    root = np.sqrt(kept)
    signal = np.append((root - root[-1]) * root[0] / (root[0] - root[-1]), 1.0)
    return signal.astype(np.float32), np.sqrt(1 - signal**2).astype(np.float32)
