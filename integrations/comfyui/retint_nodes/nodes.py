"""The nodes: a method, hints from a mask and a colour, and the colouring itself.

Pictures of ComfyUI are tensors [B, H, W, C] of floats in [0, 1], and masks are [B, H, W].
Choices, ranges, defaults and help texts are those of retint's own options.
"""

import numpy as np

import retint
from retint.api import PictureColorizer, load_pipeline
from retint.colorizers import DEFAULT
from retint.errors import UsageError
from retint.hints import Hints
from retint.hints.regions import regions
from retint.inputs import reference_of
from retint.picture.finish import Finish

OFFERED = ("look", "warmth", "vividness")
"""Options of `Finish` that are inputs of the node."""
STEP = 0.05
"""Of the numbers."""
METHOD, HINTS = "RETINT_METHOD", "RETINT_HINTS"
"""Types of connections that only these nodes have: a `Pipeline`, and a list of `Hints`."""


def described(option):
    """An option of retint as an input of a node."""
    more = {"default": option.default, "tooltip": option.help}
    if option.choices:
        return list(option.choices), more
    return "FLOAT", {**more, "min": option.least, "max": option.most, "step": STEP}


class RetintLoad:
    """Load a method; ComfyUI keeps it until another one is chosen."""

    TITLE = "Load method (retint)"
    CATEGORY = "retint"
    FUNCTION = "load"
    RETURN_TYPES = (METHOD,)
    RETURN_NAMES = ("method",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        """The name of the method."""
        return {"required": {"method": (list(retint.methods()), {"default": DEFAULT})}}

    def load(self, method):
        """The loaded method."""
        return (load_pipeline(method),)


class RetintHints:
    """Give the places of a mask a colour that is known."""

    TITLE = "Hints from mask (retint)"
    CATEGORY = "retint"
    FUNCTION = "hint"
    RETURN_TYPES = (HINTS,)
    RETURN_NAMES = ("hints",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        """A mask and a colour, and hints to add them to."""
        tooltip = "A name such as navy or dusty rose, or a CSS color such as #b03a2e."
        return {
            "required": {
                "mask": ("MASK",),
                "color": ("STRING", {"default": "navy", "tooltip": tooltip}),
            },
            "optional": {"hints": (HINTS,)},
        }

    def hint(self, mask, color, hints=None):
        """Hints for each mask of the batch, added to others."""
        planes = to_array(mask)
        planes = planes[None] if planes.ndim == 2 else planes
        added = [regions(each, color) for each in planes]
        before = [Hints()] if hints is None else hints
        count = max(len(added), len(before))
        return (
            [
                first + second
                for first, second in zip(
                    for_each(before, count, "hints"), for_each(added, count, "masks"), strict=True
                )
            ],
        )


class RetintColorize:
    """Colour pictures; their lightness stays unchanged."""

    TITLE = "Colorize (retint)"
    CATEGORY = "retint"
    FUNCTION = "colorize"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        """Pictures, a method and options; hints and reference pictures as far as there are any."""
        known = Finish.described()
        return {
            "required": {
                "image": ("IMAGE",),
                "method": (METHOD,),
                **{name: described(known[name]) for name in OFFERED},
            },
            "optional": {"hints": (HINTS,), "reference": ("IMAGE",)},
        }

    def colorize(self, image, method, hints=None, reference=None, **options):
        """The pictures of the batch in colour."""
        finish = Finish(**options)
        method.check(finish)
        given = () if reference is None else pictures_of(reference)
        colorizer = PictureColorizer(method, finish, reference_of(method, given))
        pictures = pictures_of(image)
        hints = for_each([Hints()] if hints is None else hints, len(pictures), "hints")
        coloured = [colorizer(*each) for each in zip(pictures, hints, strict=True)]
        return (to_tensor(np.stack(coloured)),)


NODES = (RetintLoad, RetintHints, RetintColorize)


def for_each(given, count, what):
    """One of `given` for each picture; a single one applies to all."""
    if len(given) not in (1, count):
        raise UsageError(f"there are {len(given)} {what} for {count} pictures; give 1 or {count}")
    return given * count if len(given) == 1 else given


def pictures_of(image):
    """The pictures of a batch as arrays; what other nodes left outside [0, 1] is clipped."""
    batch = to_array(image)
    if batch.ndim != 4:
        raise UsageError(f"an image must be [B, H, W, C], not {list(batch.shape)}")
    return list(batch.clip(0, 1))


def to_array(tensor):
    """A tensor of any device and precision as an array of float32."""
    return tensor.detach().float().cpu().numpy()


def to_tensor(array):
    """An array as a tensor."""
    import torch  # ComfyUI brings it; retint does without

    return torch.from_numpy(array)
