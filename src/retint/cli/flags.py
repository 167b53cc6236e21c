"""Command-line options, built from the option dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
import cloup

from retint.cli.values import NumberRange, OneOf, WholeRange
from retint.files.formats import MAX_PIXELS
from retint.options import MachineOptions, Option, Options

Command = TypeVar("Command", bound=Callable[..., Any])

A_PATH = click.Path(path_type=Path)
quiet_option = cloup.option("--quiet", is_flag=True, help="Print errors only.")
debug_option = cloup.option(
    "--debug", is_flag=True, expose_value=False, help="Print the traceback of an error."
)
force_option = cloup.option(
    "--force", is_flag=True, help="Overwrite existing files; originals are never overwritten."
)
keep_times_option = cloup.option(
    "--keep-times", is_flag=True,
    help="Give results the modification and access times of their sources.",
)  # fmt: skip
no_provenance_option = cloup.option(
    "--no-provenance", is_flag=True,
    help="Do not record in the file that retint colored it (IPTC source type, XMP).",
)  # fmt: skip
max_pixels_option = cloup.option(
    "--max-pixels", type=WholeRange(min=1), default=MAX_PIXELS, show_default=True,
    help="Maximum number of pixels; larger pictures are refused before decoding.",
)  # fmt: skip


OTHERWISE = {
    "overwrite": "force",
    "safety_checker": "no_safety_checker",
    "semantics": "no_semantics",
}
"""Python parameters that have another name on the command line."""


def flag(name: str) -> str:
    """The command-line option of a Python parameter."""
    return "--" + OTHERWISE.get(name, name).replace("_", "-")


def flag_for(option: Option, *, default: bool = True) -> Any:
    """Build the command-line option for a declared option.

    Parameters
    ----------
    default
        Whether it has the declared default. Otherwise it is None, since methods have their own.
    """
    names = [flag(option.name), option.name]
    settings: dict[str, Any] = {"help": option.help, "default": option.default if default else None}
    if option.kind is bool:
        if option.default:
            settings |= {"help": f"Do not {option.help[0].lower()}{option.help[1:]}"}
            return cloup.option(*names, flag_value=False, type=bool, **settings)
        return cloup.option(*names, is_flag=True, **settings)
    shown = default and option.default != ""
    return cloup.option(*names, type=_type(option), show_default=shown, **settings)


def own_flags(kind: type[Options], *but: type[Options]) -> list[Any]:
    """Options of a dataclass that the others do not have, with None as default."""
    known = {name for other in but for name in other.described()}
    return [
        flag_for(each, default=False)
        for name, each in kind.described().items()
        if name not in known
    ]


def pop_options(kinds: Iterable[type[Options]], given: dict[str, Any]) -> dict[str, Any]:
    """Remove the options of these dataclasses from `given`; return those that the user has set."""
    names = {name for kind in kinds for name in kind.described()}
    found = {name: given.pop(name) for name in list(given) if name in names}
    return {name: value for name, value in found.items() if value is not None}


def _type(option: Option) -> Any:
    if option.choices:
        return OneOf(option.choices)
    if option.kind is Path:
        return A_PATH
    if option.kind in (int, float):
        range_: Any = WholeRange if option.kind is int else NumberRange
        least = option.least if option.above is None else option.above
        number = None if least is None else option.kind(least)
        most = None if option.most is None else option.kind(option.most)
        return range_(number, most, min_open=option.above is not None)
    return option.kind


device_option: Callable[[Command], Command] = flag_for(MachineOptions.described()["device"])
threads_option: Callable[[Command], Command] = flag_for(MachineOptions.described()["threads"])
