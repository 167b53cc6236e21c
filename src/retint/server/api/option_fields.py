"""Options as fields of request models.

Options of the finish, of films and of methods come from their dataclasses, without those that name
files, models or hardware.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from retint.colorizers import options as methods
from retint.film.options import FilmOptions
from retint.options import Option, Options
from retint.picture.finish import Finish

LONGEST_TEXT = 500
"""Maximum length of a text in characters."""


def _open_options(*kinds: type[Options]) -> dict[str, Option]:
    """The options that clients may set, without duplicates."""
    return {
        name: each
        for kind in reversed(kinds)
        for name, each in kind.described().items()
        if not each.local
    }


FINISH = _open_options(Finish)
FILM_FINISH = ("look", "warmth", "vividness")
"""Finish options of films, which keep their lightness."""
FILM = {name: FilmOptions.described()[name] for name in ("start", "end", "crf", "lossless")}
"""Options of films that clients may set."""
OWN = _open_options(*methods.ALL)
"""Options of methods; omitted ones have the method's default."""
USUAL = "x-usual"
"""Key of the default that an option has in all methods."""


def fields_of(names: Iterable[str] = FINISH) -> dict[str, Any]:
    """Fields for some options of the finish, and for those of all methods."""
    stated = {
        name: (_type(FINISH[name]), field_of(FINISH[name], FINISH[name].default)) for name in names
    }
    own = {
        name: (_type(each) | None, field_of(each, None, _usual(name))) for name, each in OWN.items()
    }
    return stated | own


def _type(option: Option) -> Any:
    if not option.choices:
        return option.kind
    return Annotated[Literal[option.choices], BeforeValidator(option.convert)]


def field_of(option: Option, default: Any, extra: dict[str, Any] | None = None) -> Any:
    """A field with the description and range of an option."""
    limits: dict[str, Any] = {"ge": option.least, "gt": option.above, "le": option.most}
    if option.kind is str and not option.choices:
        limits["max_length"] = LONGEST_TEXT
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return Field(default, description=option.help, json_schema_extra=extra, **given)


def _usual(name: str) -> dict[str, Any]:
    """What the schema says about the default of an option of methods, if it is the same in all."""
    described = [kind.described() for kind in methods.ALL]
    defaults = {each[name].default for each in described if name in each}
    return {USUAL: defaults.pop()} if len(defaults) == 1 else {}
