"""Options that several values may follow: `--reference a.jpg b.jpg` is `--reference a.jpg
--reference b.jpg`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

import click
import cloup

SEVERAL = ("--reference",)
"""Those options."""
END = "--"


class Spreading(cloup.Command):
    """A command with arguments and such options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        valued = {
            name
            for each in self.params
            if isinstance(each, click.Option) and not each.is_flag and not each.count
            for name in each.opts
        }
        return super().parse_args(ctx, spread(args, valued))


def spread(args: Sequence[str], valued: Collection[str]) -> list[str]:
    """Repeat the option before each further value of it.

    Words after its first value belong to it if there are arguments elsewhere; otherwise they are
    the arguments.

    Parameters
    ----------
    valued
        The options that take a value.
    """
    found: list[str] = []
    further: list[int] = []
    last, has_arguments = "", False
    words = iter(args)
    for word in words:
        if word == END:
            rest = list(words)
            has_arguments, found = has_arguments or bool(rest), [*found, word, *rest]
        elif word.startswith("-") and word != "-":
            last = word.partition("=")[0]
            found.append(word)
            if word in valued:
                found += list(islice(words, 1))
        elif last in SEVERAL:
            further.append(len(found))
            found.append(word)
        else:
            has_arguments = True
            found.append(word)
    if has_arguments:
        for place in reversed(further):
            found.insert(place, SEVERAL[0])
    return found
