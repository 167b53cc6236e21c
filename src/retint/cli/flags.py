"""Options as the command line takes them, made from where each is stated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
import cloup

from retint.options import MachineOptions, Option, Options

Command = TypeVar("Command", bound=Callable[..., Any])

A_PATH = click.Path(path_type=Path)
quiet_option = cloup.option("--quiet", is_flag=True, help="Print errors only.")
debug_option = cloup.option(
    "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."
)
force_option = cloup.option(
    "--force", is_flag=True, help="Overwrite what is there; never an original."
)


OTHERWISE = {"overwrite": "force", "safety_checker": "no_safety_checker"}
"""Parameters of Python's that the command line calls by another name."""


def flag(name: str) -> str:
    """What the command line calls a parameter of Python's."""
    return "--" + OTHERWISE.get(name, name).replace("_", "-")


def stated(option: Option, *, default: bool = True) -> Any:
    """An option of the command line as it is stated.

    Parameters
    ----------
    default
        Whether it has the stated default; else it is None, as methods have defaults of their own.
    """
    names = [flag(option.name), option.name]
    said: dict[str, Any] = {"help": option.help, "default": option.default if default else None}
    if option.kind is bool:
        if option.default:
            said |= {"help": f"Not: {option.help[0].lower()}{option.help[1:]}"}
            return cloup.option(*names, flag_value=False, type=bool, **said)
        return cloup.option(*names, is_flag=True, **said)
    if option.range and not option.choices:
        said["help"] = f"{option.help.removesuffix('.')} ({option.range})."
    return cloup.option(*names, type=_type(option), show_default=default, **said)


def only(kind: type[Options], *but: type[Options]) -> list[Any]:
    """What a dataclass of options has besides those of the others, as a method has it."""
    known = {name for other in but for name in other.described()}
    return [
        stated(each, default=False) for name, each in kind.described().items() if name not in known
    ]


def taken(kinds: Iterable[type[Options]], given: dict[str, Any]) -> dict[str, Any]:
    """Take those of the given options that the dataclasses have; those that the user has set."""
    names = {name for kind in kinds for name in kind.described()}
    found = {name: given.pop(name) for name in list(given) if name in names}
    return {name: value for name, value in found.items() if value is not None}


def _type(option: Option) -> Any:
    if option.choices:
        return click.Choice(option.choices)
    if option.kind is Path:
        return A_PATH
    if option.kind in (int, float):
        range_: Any = click.IntRange if option.kind is int else click.FloatRange
        least = option.least if option.above is None else option.above
        number = None if least is None else option.kind(least)
        most = None if option.most is None else option.kind(option.most)
        return range_(number, most, min_open=option.above is not None)
    return option.kind


device_option: Callable[[Command], Command] = stated(MachineOptions.described()["device"])
threads_option: Callable[[Command], Command] = stated(MachineOptions.described()["threads"])
