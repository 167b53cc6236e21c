"""Additions to FastAPI's API document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from retint.files import FORMATS
from retint.files.formats import MARK
from retint.hints.entries import SHAPES, VERSION
from retint.hints.shapes import EVERYWHERE, RADIUS
from retint.picture.reference import MOST
from retint.server.api.pictures import REMARKS
from retint.server.gate import bodies
from retint.server.problems import MEDIA_TYPE as PROBLEM_TYPE
from retint.server.settings import Settings

PICTURE = {"schema": {"type": "string", "format": "binary"}}


def problem_answers(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Descriptions of error responses."""
    return {
        status.value: {
            "description": status.phrase,
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


ANSWERS = problem_answers(
    HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.SERVICE_UNAVAILABLE,
)  # fmt: skip
A_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture",
        "content": {each.media_type: PICTURE for each in FORMATS.values()},
        "headers": {
            REMARKS: {
                "description": "What the result lost of the uploaded picture, as a JSON array "
                "of lines; only if there is something",
                "schema": {"type": "string"},
            }
        },
    }
}


SAMPLED = "chroma-diffusion"
"""Method of the page's variants, whose samples also provide the palette."""


def extend_document(api: FastAPI, settings: Settings) -> None:
    """Add the schema of problems to the document, and facts for a page that is built from it."""
    original = api.openapi

    def openapi() -> dict[str, Any]:
        schema = original()
        schema["x-endings"] = {each.media_type: each.endings[0] for each in FORMATS.values()}
        schema["x-lossy"] = [each.name for each in FORMATS.values() if "quality" in each.options]
        schema["x-mark"] = MARK
        schema["x-preview-pixels"] = settings.preview_pixels
        schema["x-sampled"] = SAMPLED
        schema["x-signs"] = settings.signing is not None
        schema["x-hints"] = {
            "version": VERSION,
            "radius": RADIUS.percent / 100,
            "everywhere": EVERYWHERE,
            "reach": {name: kind.reach for name, kind in SHAPES.items()},
        }
        schema["components"]["schemas"]["Problem"] = {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
        }
        return schema

    api.openapi = openapi  # type: ignore[method-assign]


def picture_body(wish: type[BaseModel] | None, *, reference: bool) -> dict[str, Any]:
    """OpenAPI description of a body that is a picture, or a form with one."""
    fields: dict[str, Any] = {bodies.FILE: {"type": "string", "format": "binary"}}
    if reference:
        one = {"type": "string", "format": "binary"}
        fields[bodies.REFERENCE] = {"type": "array", "items": one, "maxItems": MOST}
    if wish is not None:
        fields |= _flat(wish)
    form = {"schema": {"type": "object", "required": [bodies.FILE], "properties": fields}}
    raw = {"schema": {"type": "string", "format": "binary"}}
    content = {"multipart/form-data": form, "application/octet-stream": raw}
    return {"requestBody": {"required": True, "content": content}}


def film_body() -> dict[str, Any]:
    """OpenAPI description of a body that is a film."""
    raw = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": {"required": True, "content": {"application/octet-stream": raw}}}


def as_query(wish: type[BaseModel]) -> dict[str, Any]:
    """The same options as query parameters."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in _flat(wish).items()
        ]
    }


def _flat(wish: type[BaseModel]) -> dict[str, Any]:
    """Schemas of a model's fields; fields other than numbers and strings become JSON texts."""
    fields = wish.model_json_schema(ref_template="{model}")
    plain: dict[str, Any] = {}
    for name, schema in fields["properties"].items():
        if "anyOf" in schema:
            kinds = [each for each in schema["anyOf"] if each.get("type") != "null"]
            said = {"description": schema.get("description", "")}
            if kinds[0].get("type") == "object":
                schema = {"type": "string", "contentMediaType": "application/json"} | said
            else:
                schema = kinds[0] | said
        elif "$ref" in schema:
            schema = {**fields["$defs"][schema["$ref"]], "default": schema.get("default")}
        plain[name] = schema
    return plain
