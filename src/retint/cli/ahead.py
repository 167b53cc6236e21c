"""Loads networks while the rest of the program is imported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from retint.colorizers import DEFAULT, GUIDED
from retint.files.formats import FORMATS
from retint.film.containers import is_film
from retint.threads import Shares
from retint.weights import sha256, shipped


def load_ahead(photos: Sequence[Path], given: dict[str, Any], *, keeps_format: bool = True) -> None:
    """Begin to load the shipped networks that one picture needs, and what reads the coefficients
    of a JPEG file; more pictures gain nothing.

    Problems are reported where the networks are used.

    Parameters
    ----------
    given
        The options of `colorize`.
    keeps_format
        Whether the result gets the format of the picture.
    """
    own = given["weights"] is not None or given["device"] not in (None, "auto")
    if own or len(photos) != 1 or is_film(photos[0]) or not photos[0].is_file():
        return
    if keeps_format and photos[0].suffix.lower() in FORMATS["JPEG"].endings:
        from retint.files.jpeg import coefficients

        if given["lightness"] != "recompressed" and coefficients.is_there():
            coefficients.begin()
    names = _names(given["method"] or DEFAULT, given["upright"], given["semantics"])
    _begin(names, Shares.of(given["threads"], given["workers"], 1))
    Thread(target=_hash, args=(names,), name="hashing").start()


def load_by_default(photo: Path) -> None:
    """Begin to load the networks that one picture needs without options."""
    if not is_film(photo):
        _begin(_names(DEFAULT), Shares.of(0, 0, 1))


def _names(method: str, turned: str | None = None, semantic: bool | None = None) -> list[str]:
    """The networks' names, in the order in which they are needed."""
    from retint.colorizers.parts import semantics, skin, upright

    judged = turned in (None, "auto")
    names = [upright.NAME] if judged else []
    if judged or (method == GUIDED and semantic is not False):
        names.insert(0, semantics.NAME)
    if method == GUIDED and semantic is not False:
        names.append(skin.NAME)
    return [*names, method]


def _begin(names: Sequence[str], shares: Shares) -> None:
    from retint.colorizers.parts.network import begin_to_load

    begin_to_load(names, shares.threads, "auto")


def _hash(names: Sequence[str]) -> None:
    """Compute what provenance says about files; the result is kept."""
    for path in map(shipped, names):
        if path.is_file():
            sha256(path)
