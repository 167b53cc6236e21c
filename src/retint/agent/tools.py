"""What an agent can do: each public method of `Tools` is a tool, and its docstring is shown to the
agent.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import retint
from retint import api, files
from retint.agent.results import Results, make_folder
from retint.agent.roots import Roots
from retint.batch import unit
from retint.batch.inspecting import credentials_of, record_of
from retint.batch.jobs import plan
from retint.batch.naming import Naming
from retint.colorizers import options as methods
from retint.errors import PhotoError, UsageError, unknown
from retint.files.formats import format_of
from retint.film.containers import is_film
from retint.hints import Hints, read_hints
from retint.options import Option
from retint.picture.finish import Finish
from retint.picture.request import Request
from retint.picture.restore import restore, restored_path
from retint.picture.toned import kind_of

Value = bool | int | float | str
"""The value of an option."""
OPEN: dict[str, Option] = {
    name: each
    for kind in (*methods.ALL, Finish)
    for name, each in kind.described().items()
    if not each.local
}
"""Options that an agent may set: not those that name files, models or hardware."""


@dataclass
class Tools:
    """The tools; one picture is processed at a time.

    Methods raise RetintError with a message for the agent.
    """

    roots: Roots
    max_pixels: int
    threads: int = 0
    results: Results = field(default_factory=Results)
    _busy: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def colorize(
        self, path: str, output: str = "", method: str = "",
        options: dict[str, Value] | None = None, overwrite: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Color a black-and-white photograph and write the result to a file.

        The lightness stays unchanged, and the original is never overwritten.

        Parameters
        ----------
        path
            The picture.
        output
            The file to write, or a folder; by default NAME.retint.EXT beside the picture.
        method
            A method of `list_methods`; by default the best general one.
        options
            Options of `list_methods` by name, such as {"look": "natural", "vividness": 1.2}.
        overwrite
            Whether an existing result of retint may be replaced.
        """
        return self._colored(path, output, method, options, Hints(), overwrite=overwrite)

    def hint(
        self, path: str, hints: list[str] | None = None, hints_file: str = "", output: str = "",
        options: dict[str, Value] | None = None, overwrite: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Color a black-and-white photograph with colors that are known at some places.

        Parameters
        ----------
        path
            The picture.
        hints
            Known colors as "x,y,color": x and y in pixels from the top left, or in percent; the
            color as a name or as #rrggbb. "40%,30%,navy@0.4" limits how far the color reaches.
        hints_file
            A JSON file with points, strokes, polygons or rectangles, instead of or besides `hints`.
        output, options, overwrite
            As for `colorize`.
        """
        known = Hints.parse(hints or ())
        if hints_file:
            known = read_hints(self.roots.source(hints_file)) + known
        if not known:
            raise UsageError("there are no hints")
        return self._colored(path, output, "", options, known, overwrite=overwrite)

    def inspect(self, path: str) -> dict[str, Any]:
        """Show the size of a picture, whether it is in color, and whether and how retint colored
        it. Content Credentials (C2PA) are verified.

        Parameters
        ----------
        path
            The picture.
        """
        source = self._picture(path)
        with self._busy:
            photo = files.read(source, max_pixels=self.max_pixels)
            height, width = photo.size
            return {
                "file": str(source),
                "width": width,
                "height": height,
                "colors": kind_of(photo).value,
                "provenance": record_of(source),
                "credentials": credentials_of(source),
            }

    def restore(self, path: str, output: str = "", overwrite: bool = False) -> dict[str, Any]:
        """Write the black-and-white picture that a file was colored from.

        Parameters
        ----------
        path
            The colored picture.
        output
            The file to write, or a folder; by default NAME.restored.EXT beside the picture.
        overwrite
            Whether an existing result of retint may be replaced.
        """
        source = self._picture(path)
        own = restored_path(source)
        target = self.roots.target(output or str(own))
        if target.is_dir():
            target = self.roots.target(str(target / own.name))
        with self._busy:
            # The source has its own message.
            there = target != source and self.results.check(target, overwrite=overwrite)
            make_folder(target)
            made = restore(source, target, overwrite=there, max_pixels=self.max_pixels)
            self.results.add(target)
        return {"file": str(made.path), "remarks": list(made.remarks)}

    def list_methods(self) -> dict[str, Any]:
        """List the methods, the looks and the options for `colorize`, and the folders that may be
        used.
        """
        return {
            "methods": retint.methods(),
            "looks": retint.looks(),
            "options": {name: _described(each) for name, each in sorted(OPEN.items())},
            "folders": [str(each) for each in self.roots.folders],
        }

    def _colored(
        self, path: str, output: str, method: str, options: Mapping[str, Value] | None,
        hints: Hints, *, overwrite: bool,
    ) -> dict[str, Any]:  # fmt: skip
        source = self._picture(path)
        target = self._target(source, output)
        chosen = _checked(options or {})
        with self._busy:
            there = self.results.check(target, overwrite=overwrite)
            colorizer = api.load_pictures_colorizer(method or None, threads=self.threads, **chosen)
            request = Request(colorizer.pipeline, colorizer.finish, hints)
            photo, result = unit.color(
                source, request, lambda _: format_of(target), max_pixels=self.max_pixels,
                recolor=True, tell=True,
            )  # fmt: skip
            make_folder(target)
            files.write_all(result.pictures, [target], new=() if there else [target])
            self.results.add(target)
        height, width = photo.size
        remarks = [*photo.all_remarks, *result.remarks]
        return {"file": str(target), "width": width, "height": height, "remarks": remarks}

    def _picture(self, name: str) -> Path:
        path = self.roots.source(name)
        if is_film(path):
            raise PhotoError("films are not supported here; use `retint FILM` on the command line")
        return path

    def _target(self, source: Path, output: str) -> Path:
        """The file for a result, which is not a source."""
        place = self.roots.target(output) if output else None
        (job,) = plan([source], Naming(place))
        if job.problem:
            raise PhotoError(job.problem)
        return self.roots.target(str(job.target))


def _checked(options: Mapping[str, Value]) -> dict[str, Any]:
    """The options if agents may set them; their classes check the values."""
    for name, value in options.items():
        if name not in OPEN:
            raise unknown("option", name, OPEN)
        if not isinstance(value, bool | int | float | str):
            raise UsageError(f"{name} must be a number or a text")
        kind = OPEN[name].kind
        if kind in (bool, str) and not OPEN[name].choices and type(value) is not kind:
            raise UsageError(f"{name} must be {'true or false' if kind is bool else 'a text'}")
    return dict(options)


def _described(option: Option) -> str:
    range_ = f" ({option.range})" if option.range else ""
    default = "" if option.default is None else f"  [default: {option.default}]"
    return f"{option.help}{range_}{default}"
