"""Request models: the options of the command line, with the same names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from retint.colorizers import DEFAULT
from retint.errors import UsageError
from retint.files import Photo
from retint.files.formats import KEEP, OFFERED, Format, chosen
from retint.film.containers import CONTAINERS, container_of, ending_of
from retint.film.options import LATEST, FilmOptions
from retint.film.tracking import Timed, TimeOf, timed_of
from retint.hints import Hints, hints_of
from retint.picture.damage import Retouch
from retint.picture.finish import Finish
from retint.picture.reference import MOST
from retint.picture.still import At
from retint.server.api.option_fields import FILM, FILM_FINISH, FINISH, OWN, field_of, fields_of
from retint.server.problems import Problem

MOST_LOOKS = 8
"""Maximum number of pictures of a shot per request."""


def _parse(value: Any) -> Any:
    """Parse JSON in a form field."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None


HintsContent = Annotated[
    dict[str, Any] | None,
    BeforeValidator(_parse),
    Field(description="Content of a hints file (docs/hints.md), as JSON"),
]


MOST_SECONDS = 1e9
"""Upper bound for times in a film; the end of the film is checked later."""
Second = Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)]
"""A time in a film."""


SessionId = Annotated[str, Field(max_length=64)]
References = Annotated[
    SessionId | Annotated[list[SessionId], Field(max_length=MOST)],
    Field(description="Id of a session whose colors are used as reference, or several"),
]


def _kept_or(names: Iterable[str], description: str) -> Any:
    """A field for `KEEP` or one of some names."""
    values = [KEEP, *names]
    pattern = f"^({'|'.join(values)})$"
    return Field(
        KEEP, pattern=pattern, json_schema_extra={"enum": [*values]}, description=description
    )


class Size(StrEnum):
    """Size of a returned picture: the preview, the full picture for display, or a file."""

    PREVIEW = "preview"
    PIXELS = "pixels"
    FILE = "file"


class SharedWish(BaseModel):
    """Fields common to pictures and films."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    method: str = Field(DEFAULT, max_length=40)
    hints: HintsContent = None
    references: bool = Field(
        False,
        description="Whether those pictures of the server's folder that are most like it are "
        "references, too, if the server has one",
    )
    remember: bool = Field(
        False,
        description="Whether the colors that the server remembers are used, if it remembers any; "
        "hints and references override them",
    )
    sign: bool = Field(
        False,
        description="Whether files get Content Credentials (C2PA), signed with the certificate of "
        "the server, if it has one",
    )

    @property
    def options(self) -> dict[str, Any]:
        """The options of the method that are set."""
        given = {name: getattr(self, name) for name in sorted(OWN)}
        chosen = {name: value for name, value in given.items() if value is not None}
        return self.finish.seen(chosen)

    @property
    def finish(self) -> Finish:
        """The finish of the result."""
        raise NotImplementedError


class Wish(SharedWish):
    """How to color a picture."""

    left: HintsContent = Field(
        None, description="Shapes, of any color, within which `repair` changes nothing"
    )
    damaged: HintsContent = Field(
        None, description="Shapes, of any color, that `repair` paints over, except within `left`"
    )
    format: str = _kept_or(
        OFFERED,
        "Output format; keep is the picture's own format, or PNG if that cannot be written",
    )

    @property
    def parsed_hints(self) -> Hints:
        """The hints; raises UsageError if they are invalid."""
        return hints_of(self.hints) if self.hints is not None else Hints()

    @property
    def retouch(self) -> Retouch:
        """What is marked for repair; raises UsageError if it is invalid."""
        damaged, left = (
            Hints() if each is None else hints_of(each) for each in (self.damaged, self.left)
        )
        return Retouch(damaged, left)

    @property
    def finish(self) -> Finish:
        """The finish of the picture."""
        return Finish(**{name: getattr(self, name) for name in FINISH})

    def format_of(self, photo: Photo) -> Format:
        """The output format for a photo."""
        return chosen(self.format, photo.format)


class StillWish(BaseModel):
    """A picture that sets the colours of a frame of a film."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    session: SessionId
    frame: int | None = Field(None, ge=0, le=LATEST, description="Number of the frame, from 0")
    time: Second | None = Field(None, description="Or its time in seconds")

    @property
    def at(self) -> At:
        """The frame; raises UsageError if there is not one of both."""
        if (self.frame is None) == (self.time is None):
            raise UsageError("a still must have either a `frame` or a `time`")
        return At(self.frame, self.time)


class FilmWish(SharedWish):
    """How to color a film; its hints may each have a `time` or a `frame`."""

    reference: References = ""
    stills: list[StillWish] = Field(
        [], max_length=MOST, description="Pictures that set the colors of frames of the film"
    )
    format: str = _kept_or(
        CONTAINERS,
        "Container of the result; keep is that of the film, or mkv if that cannot be written",
    )

    @property
    def finish(self) -> Finish:
        """The finish of the frames."""
        return Finish(**{name: getattr(self, name) for name in FILM_FINISH})

    @property
    def film(self) -> FilmOptions:
        """How the film is read and written; raises UsageError."""
        return FilmOptions(**{name: getattr(self, name) for name in FILM})

    def ending_of(self, source: Path) -> str:
        """The suffix of the result; raises UsageError if the options contradict each other."""
        container = CONTAINERS.get(self.format)
        if container is None:
            return ending_of(source, lossless=self.film.lossless)
        ending = container.endings[0]
        container_of(Path(f"film{ending}"), lossless=self.film.lossless)
        return ending

    def timed(self, time_of: TimeOf) -> list[Timed]:
        """The hints of a film, given the times of its frames; raises UsageError."""
        if self.hints is None:
            return []
        hints_of(self.hints)  # validates all hints before their times are read
        return timed_of(self.hints, time_of)


if TYPE_CHECKING:

    class Coloring(Wish):
        """Type checkers do not see generated fields."""

    class FilmColoring(FilmWish):
        """Type checkers do not see generated fields."""

else:
    FilmColoring = create_model(
        "FilmColoring",
        __base__=FilmWish,
        __doc__=FilmWish.__doc__,
        **{name: (each.kind, field_of(each, each.default)) for name, each in FILM.items()},
        **fields_of(FILM_FINISH),
    )
    Coloring = create_model("Coloring", __base__=Wish, __doc__=Wish.__doc__, **fields_of())


class SessionColoring(Coloring):
    """How to color an uploaded picture.

    `size` selects the preview, the full picture (both as JPEG for display), or a file in `format`
    with all pages and metadata.
    """

    reference: References = ""
    size: Size = Size.PREVIEW
    patient: bool = Field(
        False,
        description="Whether other requests go first, for results that are not needed immediately",
    )


class FilmLook(FilmColoring):
    """How to color a film, and the times in seconds of the pictures to return."""

    at: list[Second] = Field(min_length=1, max_length=MOST_LOOKS)


def parse(fields: dict[str, Any]) -> Coloring:
    """Parse the fields of a form or query; raises Problem 422."""
    try:
        return Coloring.model_validate(fields)
    except ValidationError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, first_complaint(error.errors())) from None


def first_complaint(errors: Any) -> str:
    """The first of pydantic's errors, in one line."""
    first = errors[0]
    place = ".".join(str(each) for each in first["loc"] if each != "body")
    return f"{place}: {first['msg']}" if place else str(first["msg"])
