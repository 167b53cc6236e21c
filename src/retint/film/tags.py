"""Tags of films: which are kept, and where the provenance is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from retint.film.containers import CONTAINERS, Container

COMMENT = "comment"
"""Tag of a container with the provenance of a film, as JSON. A film that has a comment of its own
keeps it; then the provenance is in another tag, or a further line of the comment.
"""
MARK = "retint"
DESCRIPTIONS = ("description", "synopsis", COMMENT)
"""Tags in which owners describe a film."""
OF_THE_FILE = re.compile(
    r"duration.*|bps.*|number_of_.*|_statistics_.*|encoder|major_brand|minor_version"
    r"|compatible_brands|vendor_id|handler_name|filename|mimetype|alpha_mode",
    re.IGNORECASE,
)
"""Tags about the file and its encoded streams, which containers write themselves."""

UNKNOWN_LANGUAGE = ("language", "und")


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that describe the film and not the file."""
    return {
        name: value
        for name, value in tags.items()
        if not OF_THE_FILE.fullmatch(name) and (name, value) != UNKNOWN_LANGUAGE
    }


def with_provenance(
    tags: Mapping[str, str], how: Mapping[str, Any], container: Container
) -> dict[str, str]:
    """A film's tags with a record of how it was coloured, in place of an earlier one."""
    found = dict(tags)
    record = json.dumps({MARK: how}, ensure_ascii=False)
    for name in [name for name in found if name.lower() in _places()]:
        *lines, last = found[name].splitlines() or [""]
        if _record(last) is not None:
            found[name] = "\n".join(lines)
            if not lines:
                del found[name]
    taken = {name.lower() for name, value in found.items() if value}
    if COMMENT not in taken:
        return {name: value for name, value in found.items() if name.lower() != COMMENT} | {
            COMMENT: record
        }
    if container.provenance and container.provenance not in taken:
        return found | {container.provenance: record}
    name = next(name for name in found if name.lower() == COMMENT)
    return found | {name: f"{found[name]}\n{record}"}


def provenance_of(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The record of how a film was coloured; None if it has none."""
    for name, value in tags.items():
        if name.lower() in _places():
            found = _record((value.splitlines() or [""])[-1])
            if found is not None:
                return found
    return None


def description_of(tags: Mapping[str, str]) -> str:
    """What a film's owner says about it; empty if that is nothing."""
    known = {name.lower(): text for name, text in tags.items()}
    for name in DESCRIPTIONS:
        lines = known.get(name, "").splitlines()
        own = [line for line in lines if _record(line) is None]
        if text := "\n".join(own).strip():
            return text
    return ""


def missing(wanted: Mapping[str, str], *found: Iterable[str]) -> list[str]:
    """The names of a film's own tags that are not among those found."""
    known = {name.lower() for names in found for name in names}
    return sorted(
        name for name, value in own_tags(wanted).items() if value and name.lower() not in known
    )


def _places() -> set[str]:
    return {COMMENT, *(each.provenance for each in CONTAINERS.values())} - {""}


def _record(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)[MARK]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
