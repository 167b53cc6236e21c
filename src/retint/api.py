"""Loads methods for pictures and films, with their options by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint.colorizers import DEFAULT, load_colorizer, method_class
from retint.colorizers.options import ViewOptions
from retint.colorizers.parts.network import load_network
from retint.colorizers.parts.upright import Upright
from retint.errors import unknown
from retint.film.options import FilmOptions
from retint.inputs import (
    AnyPictures,
    naming,
    reference_of,
)
from retint.options import Options
from retint.picture.finish import Finish
from retint.picture.memory import Memory
from retint.picture.pipeline import Pipeline
from retint.session import PictureColorizer, Scalar, Session

if TYPE_CHECKING:
    from retint.film.film import Film

__all__ = [
    "PictureColorizer",
    "Scalar",
    "Session",
    "load_film",
    "load_pictures_colorizer",
    "load_pipeline",
]


def load_pictures_colorizer(
    method: str | None,
    reference: AnyPictures = (),
    references: str | os.PathLike[str] | None = None,
    remember: str | os.PathLike[str] | None = None,
    **options: Any,
) -> PictureColorizer:
    """Load a method; references, remembered hints and options of `Finish` apply to all pictures.

    Raises UsageError for unknown options, whose message lists the known ones, and the exceptions of
    `retint.inputs.reference_of`.
    """
    method = _check_names(method, options)
    own = {name: options.pop(name) for name in Finish.described() if name in options}
    finish = Finish(**own)
    pipeline = load_pipeline(method, **finish.seen(options))
    pipeline.check(finish)
    memory = None if remember is None else Memory.read(pipeline, Path(remember))
    found = reference_of(pipeline, reference, references)
    return PictureColorizer(pipeline, finish, found, memory)


def load_film(
    path: str | os.PathLike[str],
    method: str | None,
    reference: AnyPictures = (),
    references: str | os.PathLike[str] | None = None,
    remember: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Film:
    """Open a film; options other than those of `FilmOptions` and `Finish` go to the method."""
    from retint.film.film import Film

    method = _check_names(method, options, FilmOptions)
    own = {name: options.pop(name) for name in FilmOptions.described() if name in options}
    colorizer = load_pictures_colorizer(method, reference, references, remember, **options)
    options_of_film = FilmOptions(**own)
    with naming(Path(path)):
        return Film(
            Path(path), colorizer.pipeline, options_of_film, colorizer.finish, colorizer.reference,
            colorizer.memory,
        )  # fmt: skip


def load_pipeline(method: str | None = None, **options: Any) -> Pipeline:
    """Load a method and its pipeline; None selects the method of the `weights`, or the default.

    Options of `ViewOptions` apply to all methods.
    """
    own = {name: options.pop(name) for name in ViewOptions.described() if name in options}
    view = ViewOptions(**own)
    colorizer = load_colorizer(_method(method, options), **options)
    return Pipeline(colorizer, colorizer.options.threads, Upright.of(view, colorizer))


def _check_names(method: str | None, options: dict[str, Any], *further: type[Options]) -> str:
    """The name of the method; raises UsageError for an option that does not exist."""
    method = _method(method, options)
    kind = method_class(method)
    known = kind.Options.described()
    if kind.passes_on_to:
        inner = options.get(kind.passes_on_to, known[kind.passes_on_to].default)
        known = known | method_class(inner).Options.described()
    others: tuple[type[Options], ...] = (ViewOptions, Finish, *further)
    for each in others:
        known = known | each.described()
    for name in options:
        if name not in known:
            raise unknown(f"option of {method}", name, known, complete=True)
    return method


def _method(method: str | None, options: dict[str, Any]) -> str:
    if method is not None:
        return method
    return _method_of(options) if options.get("weights") else DEFAULT


def _method_of(options: dict[str, Any]) -> str:
    """The method that a weights file belongs to."""
    threads, device = options.get("threads", 0), options.get("device", "auto")
    return load_network(Path(options["weights"]), threads, device).description.network
