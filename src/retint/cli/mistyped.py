"""The message for options that do not exist."""

from __future__ import annotations

import difflib

import click

MEANT = {"color": "hint"}
"""What is meant by words that resemble other options."""
LEAST_SIMILAR = 0.7
"""Options with less similar names are not suggested."""


def unknown_option(error: click.NoSuchOption) -> str:
    """The message, with the most similar option."""
    word = error.option_name.lstrip("-").replace("colour", "color")
    params = error.ctx.command.params if error.ctx else []
    known = [name[2:] for each in params for name in each.opts if name.startswith("--")]
    near = difflib.get_close_matches(MEANT.get(word, word), known, 1, LEAST_SIMILAR)
    hint = f"; did you mean --{near[0]}?" if near else ""
    return f"no such option: {error.option_name}{hint}"
