"""Types of files and limits that this server can read, for a page that states them beforehand."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from PIL import features

from retint.extras import install
from retint.files.formats import FORMATS, RAW_ENDINGS, READ_ONLY, READABLE
from retint.film.containers import ENDINGS
from retint.server.settings import Settings


@dataclass(frozen=True)
class Kind:
    """A type of files that needs more than the package itself."""

    name: str
    endings: tuple[str, ...]
    extra: str = ""
    """The extra that installs it."""
    modules: tuple[str, ...] = ()
    """Modules that read it."""
    feature: str = ""
    """Pillow's name of the library that reads it."""

    @property
    def is_readable(self) -> bool:
        """Whether this installation reads it."""
        found = all(importlib.util.find_spec(each) is not None for each in self.modules)
        return found and (not self.feature or bool(features.check(self.feature)))


PICTURES = (
    Kind("WebP", FORMATS["WEBP"].endings, feature="webp"),
    Kind("AVIF", FORMATS["AVIF"].endings, feature="avif"),
    Kind("JPEG 2000", READ_ONLY["JPEG2000"], feature="jpg_2000"),
    Kind("HEIC", READ_ONLY["HEIF"], "heif", ("pillow_heif",)),
    Kind("RAW", RAW_ENDINGS, "raw", ("rawpy",)),
)
FILMS = Kind("films", tuple(ENDINGS), "film", ("av", "scenedetect"))


def describe_reading(api: FastAPI, settings: Settings) -> None:
    """Add to the API document what the server reads, what it lacks, and its limits in bytes."""
    original = api.openapi
    lacking = [each for each in (*PICTURES, FILMS) if not each.is_readable]
    unreadable = {ending for each in lacking for ending in each.endings}

    def openapi() -> dict[str, Any]:
        schema = original()
        schema["x-readable"] = [each for each in READABLE if each not in unreadable]
        schema["x-films"] = [each for each in ENDINGS if each not in unreadable]
        schema["x-names"] = ["JPEG", "PNG", "TIFF"] + [
            each.name for each in PICTURES if each not in lacking
        ]
        schema["x-lacking"] = [
            {
                "name": each.name,
                "endings": list(each.endings),
                "install": install(each.extra) if each.extra else "",
            }
            for each in lacking
        ]
        schema["x-limits"] = {"picture": settings.max_bytes, "film": settings.film_bytes}
        return schema

    api.openapi = openapi  # type: ignore[method-assign]
