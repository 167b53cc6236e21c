"""What a caller wants of a picture: the options of the command line, under the same names.

Those of the finish and of the methods come from where they are stated; what names files, models or
hardware is not for strangers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from retint.colorizers import DEFAULT
from retint.colorizers import options as methods
from retint.files import Photo
from retint.files.formats import KEEP, OFFERED, Format, chosen
from retint.film.tracking import Timed, timed_of
from retint.hints import Hints, hints_of
from retint.options import Option, Options
from retint.picture.finish import Finish
from retint.server.problems import Problem

MOST_LOOKS = 8
"""Pictures of a shot at a time."""
LONGEST_TEXT = 500
"""Characters of a word or a text."""


def _parsed(value: Any) -> Any:
    """JSON in the field of a form."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None


HintsContent = Annotated[
    dict[str, Any] | None,
    BeforeValidator(_parsed),
    Field(description="The content of a hints file (docs/hints.md), as JSON"),
]


MOST_SECONDS = 1e9
"""Into a film; what is beyond its end is refused where that is known."""
Second = Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)]
"""Of a film."""


class Size(StrEnum):
    """How much of a kept picture: to look at, to look closer at, or the file."""

    PREVIEW = "preview"
    PIXELS = "pixels"
    FILE = "file"


def _open(*kinds: type[Options]) -> dict[str, Option]:
    """The options that a stranger may set, each once."""
    return {
        name: each
        for kind in reversed(kinds)
        for name, each in kind.described().items()
        if not each.local
    }


FINISH = _open(Finish)
FILM_FINISH = ("vividness",)
"""What a film can be asked for of it: it keeps its lightness."""
OWN = _open(*methods.ALL)
"""Of methods; what is not given is as the method has it."""


class SharedWish(BaseModel):
    """What pictures and films have in common."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    method: str = Field(DEFAULT, max_length=40)
    hints: HintsContent = None

    @property
    def options(self) -> dict[str, Any]:
        """The method's own, as far as they are given."""
        given = {name: getattr(self, name) for name in sorted(OWN)}
        return {name: value for name, value in given.items() if value is not None}


class Wish(SharedWish):
    """How a picture shall be coloured."""

    left: HintsContent = Field(
        None, description="Shapes, of any colour, within which `repair` paints nothing over"
    )
    format: str = Field(
        KEEP,
        pattern=f"^({'|'.join([KEEP, *OFFERED])})$",
        json_schema_extra={"enum": [KEEP, *OFFERED]},
        description="Of the answer; keep is that of the picture, or PNG where it cannot be written",
    )

    @property
    def known(self) -> Hints:
        """The hints; raises UsageError where they are no hints."""
        return hints_of(self.hints) if self.hints is not None else Hints()

    @property
    def unrepaired(self) -> Hints:
        """Those shapes; raises UsageError where they are none."""
        return hints_of(self.left) if self.left is not None else Hints()

    @property
    def finish(self) -> Finish:
        """How the picture is finished."""
        return Finish(**{name: getattr(self, name) for name in FINISH})

    def format_of(self, photo: Photo) -> Format:
        """What the answer to a photo is written as."""
        return chosen(self.format, photo.format)


class FilmWish(SharedWish):
    """How a film shall be coloured; its hints may each have a `time` or a `frame`."""

    reference: str = Field("", max_length=64, description="A session whose colours are taken")

    @property
    def finish(self) -> Finish:
        """How its frames are finished."""
        return Finish(**{name: getattr(self, name) for name in FILM_FINISH})

    def timed(self, rate: float) -> list[Timed]:
        """The hints of a film of so many frames a second; raises UsageError where they are none."""
        if self.hints is None:
            return []
        hints_of(self.hints)  # all of them, before any is looked at by its time
        return timed_of(self.hints, rate)


def _fields(names: Iterable[str] = FINISH) -> dict[str, Any]:
    stated = {
        name: (_type(FINISH[name]), _field(FINISH[name], FINISH[name].default)) for name in names
    }
    own = {name: (_type(each) | None, _field(each, None)) for name, each in OWN.items()}
    return stated | own


def _type(option: Option) -> Any:
    return Literal[option.choices] if option.choices else option.kind


def _field(option: Option, default: Any) -> Any:
    limits: dict[str, Any] = {"ge": option.least, "gt": option.above, "le": option.most}
    if option.kind is str and not option.choices:
        limits["max_length"] = LONGEST_TEXT
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return Field(default, description=option.help, **given)


if TYPE_CHECKING:

    class Coloring(Wish):
        """A type checker cannot see fields that are made."""

    class FilmColoring(FilmWish):
        """Nor these."""

else:
    FilmColoring = create_model(
        "FilmColoring", __base__=FilmWish, __doc__=FilmWish.__doc__, **_fields(FILM_FINISH)
    )
    Coloring = create_model("Coloring", __base__=Wish, __doc__=Wish.__doc__, **_fields())


class SessionColoring(Coloring):
    """How a kept picture shall be coloured.

    `size` is its preview, all its pixels, both as JPEG to be looked at, or a file in `format` with
    all its pages and metadata.
    """

    reference: str = Field("", max_length=64, description="A session whose colours are taken")
    size: Size = Size.PREVIEW
    patient: bool = Field(
        False, description="Whether others go first: for what nobody waits for just now"
    )


class FilmLook(FilmColoring):
    """How a film shall be coloured, and at which seconds that is to be seen."""

    at: list[Second] = Field(min_length=1, max_length=MOST_LOOKS)


def parse(fields: dict[str, Any]) -> Coloring:
    """Fields of a form or a query to what they mean; raises Problem, 422."""
    try:
        return Coloring.model_validate(fields)
    except ValidationError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, first_complaint(error.errors())) from None


def first_complaint(errors: Any) -> str:
    """The first of pydantic's complaints, in a line."""
    first = errors[0]
    place = ".".join(str(each) for each in first["loc"] if each != "body")
    return f"{place}: {first['msg']}" if place else str(first["msg"])
