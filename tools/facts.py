"""Tables of facts that stand in the code: options with their defaults, and the server's limits."""

from __future__ import annotations

from retint.cli.flags import flag
from retint.colorizers.options import (
    ChromaDiffusionOptions,
    ControlNetOptions,
    ForeignOptions,
    GuidedOptions,
    HybridOptions,
    NetworkOptions,
    ViewOptions,
)
from retint.files.jpeg.segments import MOST_SCANS
from retint.film.options import FilmOptions
from retint.hints.canvas import MOST_DRAWN
from retint.hints.hints import MAX_SHAPES
from retint.options import MachineOptions, Option, Options
from retint.picture.finish import Finish
from retint.server.keep.film_jobs import STOPPING_SECONDS
from retint.server.settings import FILMS_KEPT, MEGA, Settings

GROUPS: dict[str, type[Options]] = {
    "view": ViewOptions,
    "finish": Finish,
    "machine": MachineOptions,
    "networks": NetworkOptions,
    "guided-unet": GuidedOptions,
    "films": FilmOptions,
    "foreign": ForeignOptions,
    "chroma-diffusion": ChromaDiffusionOptions,
    "hybrid": HybridOptions,
    "controlnet": ControlNetOptions,
}
"""Option dataclasses by the name in `options NAME` and `flags NAME`."""


def options(group: str) -> str:
    """The options of a group by their names in Python, with ranges and defaults."""
    lines = ["| option | what it is | range | default | over HTTP |", "|---|---|---|---|---|"]
    for name, each in _own(group).items():
        default = "" if each.default in (None, "") else f"{each.default}"
        over = "" if each.local else "yes"
        lines.append(f"| `{name}` | {each.help} | {each.range} | {default} | {over} |")
    return "\n".join(lines)


def flags(group: str) -> str:
    """The options of a group as they are called on the command line, with defaults."""
    lines = ["| option | default | what it is |", "|---|---|---|"]
    for name, each in _own(group).items():
        lines.append(f"| `{flag(name)}` | {_default(each)} | {_help(each)} |")
    return "\n".join(lines)


def _own(group: str) -> dict[str, Option]:
    """The options of a group that not all methods have."""
    return {
        name: each
        for name, each in GROUPS[group].described().items()
        if name not in MachineOptions.described() or group == "machine"
    }


def _default(option: Option) -> str:
    if option.kind is bool:
        return "off"  # a flag that changes the default
    if option.default in (None, ""):
        return ""
    if isinstance(option.default, str):
        return f"`{option.default}`"
    return f"{option.default:g}"


def _help(option: Option) -> str:
    if option.kind is bool and option.default:
        return f"Do not {option.help[0].lower()}{option.help[1:]}"
    if option.choices:
        return f"{option.help.removesuffix('.')}: {', '.join(option.choices)}."
    return option.help


def limits() -> str:
    """The server's limits with their defaults."""
    own = Settings()
    rows = [
        (
            "picture upload",
            f"{_mega(own.max_bytes)} MB, also for streamed bodies; kept in memory, never written "
            "to disk",
            "`--max-megabytes`",
        ),
        ("other request bodies", f"{_mega(own.json_bytes)} MB within {own.json_seconds:g} s", ""),
        ("pixels", f"{_mega(own.max_pixels)} million, checked before decoding", "`--max-pixels`"),
        (
            "pictures coloured at a time",
            "one per two processors, sharing one network",
            "`--workers`, `--threads`",
        ),
        ("concurrent requests", f"{own.queue}, and {own.per_client} per address", ""),
        (
            "time",
            f"{own.upload_seconds:g} s for the upload, {own.work_seconds:g} s for the answer; "
            "work stops at its next step if the client disconnects",
            "",
        ),
        ("scans of a JPEG", f"{MOST_SCANS}", ""),
        (
            "hints",
            f"{MAX_SHAPES:,} shapes and line points, which together cover at most "
            f"{_mega(MOST_DRAWN)} million pixels",
            "",
        ),
        (
            "film",
            f"{_mega(own.film_bytes)} MB, {_mega(own.film_pixels)} million pixels in all frames; "
            "one film is coloured at a time, and it pauses while pictures are waiting",
            "`--max-film-megabytes`",
        ),
        (
            "film uploads",
            f"{own.film_uploads} at a time, {own.film_uploads_per_client} per address, in addition "
            f"to the requests above; each must send something every {own.film_stall_seconds:g} s, "
            f"and {own.film_rate / 1000:g} kB/s on average",
            "",
        ),
        (
            "kept films",
            f"{FILMS_KEPT} times the size limit of a film, in a folder that only its owner can "
            f"read, until {own.session_seconds / 60:g} minutes after the last use or until the "
            "server stops",
            "",
        ),
        (
            "stopping a film",
            f"{STOPPING_SECONDS:g} s; after that it counts as failed, and the next one can start",
            "",
        ),
        (
            "kept pictures",
            f"{_mega(own.session_bytes)} MB, for {own.session_seconds / 60:g} minutes after the "
            "last use; the least recently used are removed first",
            "`--memory`",
        ),
    ]  # fmt: skip
    lines = ["| limit | default | option |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _mega(value: float) -> str:
    return f"{value / MEGA:,g}"
