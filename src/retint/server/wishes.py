"""What a caller wants of a picture: the options of the command line, under the same names."""

from __future__ import annotations

import json
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from retint.colorizers import DEFAULT
from retint.files.photo import Photo
from retint.hints import Hints, hints_of
from retint.server.problems import Problem


class Format(StrEnum):
    """Of the answer; `keep` is that of the picture, or PNG where it cannot be written."""

    KEEP = "keep"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tiff"
    AVIF = "avif"

    def of(self, photo: Photo) -> str:
        """Pillow's name."""
        if self != Format.KEEP:
            return self.name
        return photo.format if photo.format in MEDIA_TYPES else "PNG"


MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
}
"""Of what can be written, by Pillow's names."""


def _parsed(value: Any) -> Any:
    """JSON in the field of a form."""
    return json.loads(value) if isinstance(value, str) else value


HintsContent = Annotated[
    dict[str, Any] | None,
    BeforeValidator(_parsed),
    Field(description="The content of a hints file (docs/hints.md), as JSON"),
]


class Size(StrEnum):
    """How much of a kept picture: to look at, to look closer at, or the file."""

    PREVIEW = "preview"
    PIXELS = "pixels"
    FILE = "file"


class Colouring(BaseModel):
    """How a picture shall be coloured."""

    model_config = ConfigDict(extra="forbid")

    method: str = Field(DEFAULT, max_length=40)
    vividness: float = Field(1, ge=0, le=2)
    saturation: float = Field(1, ge=0, le=3)
    seed: int = Field(0, ge=0, lt=1 << 31, description="Of methods with several colourings")
    hints: HintsContent = None
    format: Format = Format.KEEP

    @property
    def known(self) -> Hints:
        """The hints; raises UsageError where they are no hints."""
        return hints_of(self.hints) if self.hints is not None else Hints()


class SessionColouring(Colouring):
    """How a kept picture shall be coloured.

    `size` is its preview, all its pixels, both as JPEG to be looked at, or a file in `format` with
    all its pages and metadata.
    """

    reference: str = Field("", max_length=64, description="A session whose colours are taken")
    size: Size = Size.PREVIEW


def parse(fields: dict[str, Any]) -> Colouring:
    """Fields of a form or a query to what they mean; raises Problem, 422."""
    try:
        return Colouring.model_validate(fields)
    except ValidationError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, said(error.errors())) from None


def said(errors: Any) -> str:
    """The first of pydantic's complaints, in a line."""
    first = errors[0]
    place = ".".join(str(each) for each in first["loc"] if each != "body")
    return f"{place}: {first['msg']}" if place else str(first["msg"])
