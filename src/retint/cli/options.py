"""Options that several commands or only some methods have, as the command line takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu or cuda."
)
threads_option = click.option(
    "--threads", type=click.IntRange(min=0), default=0, help="CPU threads; 0, the default, for all."
)
quiet_option = click.option("--quiet", is_flag=True, help="Print errors only.")
debug_option = click.option("--debug", is_flag=True, help="Show the traceback of an error.")
force_option = click.option("--force", is_flag=True, help="Overwrite what is there.")

METHODS_OWN = (
    click.option("--prompt", help="What the picture shows, in words."),
    click.option("--negative-prompt", help="What it does not show."),
    click.option("--strength", type=float, help="How much is painted anew, above 0, at most 1."),
    click.option("--guidance-scale", type=float, help="How much words, or what is seen, count."),
    click.option("--control-scale", type=float, help="How much the picture's structure counts."),
    click.option("--steps", type=int, help="Steps from noise to picture."),
    click.option("--seed", type=int, help="Another number, another picture."),
    click.option("--base", help="Of hybrid: the method that lays the base colours."),
    click.option("--booster", help="Of hybrid: the diffusion that makes them richer."),
    click.option("--blend", type=float, help="Of hybrid: from 0, base colours only, to 1."),
    click.option("--guide", type=click.Path(path_type=Path),
                 help="ONNX file of the guided-unet that chroma-diffusion's --weights go with."),
    click.option("--scheduler", help="unipc, ddim or dpm++."),
    click.option("--base-model", help="Stable Diffusion: a cached Hugging Face id or a folder."),
    click.option("--control-model", help="ControlNet for depth, likewise."),
    click.option("--depth-model", help="Depth network (DPT), likewise."),
    click.option("--revision", help="Commit or tag of the base model."),
    click.option("--no-safety-checker", "safety_checker", flag_value=False, default=None,
                 type=bool, help="Let Stable Diffusion's checker refuse nothing."),
    click.option("--low-memory", is_flag=True, default=None, help="Slower, in less memory."),
)  # fmt: skip


def method_options(command: Command) -> Command:
    """Add what only some methods have.

    The names are those of the fields of the methods' dataclasses; a command gets them as keyword
    arguments, None where they are not given.
    """
    for option in reversed(METHODS_OWN):
        command = option(command)
    return command


def given(settings: dict[str, Any]) -> dict[str, Any]:
    """Those that the user has set."""
    return {name: value for name, value in settings.items() if value is not None}
