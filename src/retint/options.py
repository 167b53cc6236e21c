"""Options as fields of frozen dataclasses: name, type, range, default and help text.

The command line, the HTTP API, the page and the tables in the documentation are generated from
these fields.
"""

from __future__ import annotations

import dataclasses
import os
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from retint.errors import UsageError, unknown
from retint.numbers import a_number, is_number, range_text, shortened

KEY = "option"
"""Key of an `Option` in the metadata of its field."""
MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Option:
    """Description of an option."""

    help: str
    least: float | None = None
    above: float | None = None
    """Exclusive lower bound."""
    most: float | None = None
    local: bool = False
    """Whether the option names files, models or hardware. HTTP clients may not set such options."""
    name: str = ""
    kind: type = str
    """bool, int, float, str or Path; an optional one is None if it is not set."""
    default: Any = None
    choices: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        """The range in words: "from 0 to 2"."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        found = range_text(self.least, self.above, self.most)
        return found or ("finite" if self.kind is float else "")

    def convert(self, value: Any) -> Any:
        """Convert the value to the option's type: paths may be strings, and choices numbers.

        Raises UsageError.
        """
        if self.choices and type(value) is int:
            return str(value)
        if self.kind is not Path or value is None:
            return value
        if not isinstance(value, str | os.PathLike):
            raise UsageError(f"{self.name} must be a path, not {value!r}")
        return Path(value)

    def check(self, value: Any) -> None:
        """Raise UsageError if the value is out of range; None means not set."""
        if value is None:
            return
        if self.choices:
            if value not in self.choices:
                raise unknown(self.name, str(value), self.choices)
            return
        if self.kind not in (int, float):
            return
        is_kind = isinstance(value, int if self.kind is int else int | float)
        if not is_kind or not is_number(value) or not self._holds(value):
            wanted = a_number(self.kind, self.range)
            raise UsageError(f"{self.name} must be {wanted}, not {shortened(value)}")

    def _holds(self, value: float) -> bool:
        return (
            (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
        )


def option(default: Any, help: str, **more: Any) -> Any:
    """Declare a field of an `Options` class; `more` are further fields of `Option`."""
    return dataclasses.field(default=default, metadata={KEY: Option(help, **more)})


def again(kind: type[Options], name: str, default: Any) -> Any:
    """Declare an option of another dataclass again, with its own default."""
    more = next(each for each in dataclasses.fields(kind) if each.name == name)
    return dataclasses.field(default=default, metadata=more.metadata)


@dataclass(frozen=True)
class Options:
    """Base class of the option dataclasses; checks all values on creation.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    _known: ClassVar[dict[type[Options], dict[str, Option]]] = {}

    def __post_init__(self) -> None:
        for name, each in self.described().items():
            value = each.convert(getattr(self, name))
            each.check(value)
            object.__setattr__(self, name, value)

    @classmethod
    def described(cls) -> dict[str, Option]:
        """All options, by name."""
        if cls not in Options._known:
            hints = get_type_hints(cls)
            Options._known[cls] = {
                each.name: _describe(each, hints[each.name]) for each in dataclasses.fields(cls)
            }
        return Options._known[cls]

    def chosen(self, but: type[Options] | None = None) -> dict[str, Any]:
        """Options that differ from their defaults, without the options of `but`."""
        hidden = but.described() if but is not None else {}
        return {
            name: getattr(self, name)
            for name, each in self.described().items()
            if name not in hidden and getattr(self, name) != each.default
        }


def _describe(field: dataclasses.Field[Any], hint: Any) -> Option:
    choices: tuple[str, ...] = ()
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Literal:
        hint, choices = str, get_args(hint)
    more: Option = field.metadata[KEY]
    return dataclasses.replace(
        more, name=field.name, kind=hint, default=field.default, choices=choices
    )


Device = Literal["auto", "cpu", "cuda", "mps", "coreml", "directml"]


@dataclass(frozen=True)
class MachineOptions(Options):
    """Where a method runs. These options change a picture only by rounding errors."""

    device: Device = option(
        "auto", "Device that runs the networks; auto uses CUDA if it is available.", local=True
    )
    threads: int = option(0, "Number of CPU threads; 0 uses all.", least=0, local=True)
