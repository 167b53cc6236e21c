"""A critic that learns to distinguish predicted from true colours, and the loss based on it.

Conditional Wasserstein GAN with gradient penalty: Gulrajani et al. 2017, "Improved Training of
Wasserstein GANs", equation 3 and section 4; the condition, lightness, is an input beside the
colours as in pix2pix (Isola et al. 2017, section 3.1). Like that of pix2pix, it judges patches.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from retint.training.guess import Batch, Guess

WIDTHS = (64, 128, 256)
PENALTY = 10.0
"""Lambda of the paper."""
BETAS = (0.0, 0.9)
"""Parameters of the critic's Adam, as in the paper."""


class Critic(nn.Module):
    """L* / 100 and a*, b* over 100, [N, 3, H, W], to a score for each patch."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        # No normalisation, since the penalty applies to each picture's own gradient (section 4).
        for outputs in WIDTHS:
            layers += [nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            inputs = outputs
        layers.append(nn.Conv2d(inputs, 1, 3, padding=1))
        self.layers = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.layers(pictures)
        return scores


class Adversary(nn.Module):
    """The loss given by the critic's scores. In training, the critic first makes a step of its own.

    The paper makes five steps of the critic for each of the network; one at a higher rate works as
    well (Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", section 2) and is
    cheaper.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.critic = Critic()
        self.optimizer = torch.optim.Adam(self.critic.parameters(), rate, betas=BETAS)

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        assert guess.chroma is not None
        guessed = torch.cat([truth.lightness, guess.chroma], dim=1)
        if not self.training:  # its scores have no zero point and would dominate the other losses
            return guessed.new_zeros(())
        self._learn(guessed.detach(), torch.cat([truth.lightness, truth.chroma], dim=1))
        self.critic.requires_grad_(False)
        score: Tensor = -self.critic(guessed).mean()
        self.critic.requires_grad_(True)
        return score

    def _learn(self, guessed: Tensor, true: Tensor) -> None:
        loss = self.critic(guessed).mean() - self.critic(true).mean()
        loss = loss + PENALTY * gradient_penalty(self.critic, guessed, true)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def gradient_penalty(critic: nn.Module, guessed: Tensor, true: Tensor) -> Tensor:
    """Squared distance from 1 of the critic's gradient norm, between predicted and true pictures.

    The score of a patch critic is the mean over its patches.
    """
    share = torch.rand(len(true), 1, 1, 1, device=true.device)
    between = (share * true + (1 - share) * guessed).requires_grad_()
    scores = critic(between).mean(dim=(1, 2, 3)).sum()
    (slope,) = torch.autograd.grad(scores, between, create_graph=True)
    penalty: Tensor = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    return penalty
