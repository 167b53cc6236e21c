"""What the page without a server offers: the API document of the server, reduced to it, and what
else the page asks a server for.
"""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from retint.colorizers import DEFAULT
from retint.files.formats import FORMATS, KEEP, RAW_ENDINGS, READ_ONLY
from retint.server.api.app import create_app
from retint.server.api.reading import FILMS
from retint.server.settings import MEGA, Settings

PATHS = (
    "/v1/sessions",
    "/v1/sessions/{id}",
    "/v1/sessions/{id}/original",
    "/v1/sessions/{id}/colorize",
    "/v1/sessions/{id}/looks",
    "/v1/sessions/{id}/confidence",
    "/v1/sessions/{id}/colors",
    "/v1/sessions/{id}/thing",
    "/v1/methods",
    "/v1/looks",
    "/v1/color-names",
)
OPTIONS = (
    "method", "hints", "upright", "look", "warmth", "vividness", "saturation",
    "format", "quality", "longest", "size", "patient",
)  # fmt: skip
"""Fields of requests for a picture."""
WRITTEN = ("JPEG", "PNG")
"""Formats that get a provenance record."""
DECODED = ("JPEG", "PNG", "WebP", "AVIF", "BMP")
"""What browsers decode; Safari also decodes HEIC."""
ELSEWHERE = {
    "TIFF": FORMATS["TIFF"].endings,
    "GIF": READ_ONLY["GIF"],
    "JPEG 2000": READ_ONLY["JPEG2000"],
    "RAW": RAW_ENDINGS,
    FILMS.name: FILMS.endings,
}
"""Types of files that only the installed program reads, with their suffixes."""
MOST_PIXELS = 50 * MEGA
MOST_BYTES = Settings.max_bytes
MOST_PICTURES = 40
"""Limits of this page: all its pictures share the memory of one tab."""
INSTEAD = "use the installed program (pip install retint)"


def capabilities() -> dict[str, Any]:
    """Document, methods, looks and names of colours, as the server answers."""
    app, _ = create_app()
    with TestClient(app, base_url="http://localhost") as client:
        schema = client.get("/openapi.json").json()
        methods = client.get("/v1/methods").json()
        return {
            "document": _reduced(schema),
            "methods": [each for each in methods if each["name"] == DEFAULT],
            "looks": client.get("/v1/looks").json(),
            "colors": client.get("/v1/color-names").json(),
        }


def _reduced(schema: dict[str, Any]) -> dict[str, Any]:
    schema["paths"] = {path: {} for path in PATHS}
    schemas = schema["components"]["schemas"]
    wish = schemas["SessionColoring"]
    fields = {name: wish["properties"][name] for name in OPTIONS}
    written = [FORMATS[name] for name in WRITTEN]
    fields["format"] = fields["format"] | {"enum": [KEEP, *(each.key for each in written)]}
    needed = {name: schemas[name] for name in ("FilmColoring", "Size")}
    schema["components"] = {"schemas": needed | {"SessionColoring": wish | {"properties": fields}}}
    unreadable = {ending for endings in ELSEWHERE.values() for ending in endings}
    return schema | {
        "x-endings": {each.media_type: each.endings[0] for each in written},
        "x-readable": [each for each in schema["x-readable"] if each not in unreadable],
        "x-films": [],
        "x-names": list(DECODED),
        "x-lacking": [
            {"name": name, "endings": list(endings), "install": ""}
            for name, endings in ELSEWHERE.items()
        ],
        "x-limits": {"picture": MOST_BYTES, "film": 0, "pictures": MOST_PICTURES},
        "x-reader": {"name": "this page", "instead": INSTEAD, "raises": ""},
    }
