"""The group of all commands. Its import takes most of the time of `retint --help`."""

from __future__ import annotations

import difflib
from pathlib import Path

import click
import cloup
from click.shell_completion import CompletionItem, add_completion_class

import retint
from retint.cli.cluster import cluster
from retint.cli.colorize import colorize
from retint.cli.compare import compare
from retint.cli.completion import Bash, with_files
from retint.cli.console import WRONG_CALL
from retint.cli.desktop import desktop
from retint.cli.evaluate import evaluate
from retint.cli.export import export
from retint.cli.help import help
from retint.cli.iiif import iiif
from retint.cli.inspect import inspect
from retint.cli.mcp import mcp
from retint.cli.methods import methods
from retint.cli.pipe import pipe
from retint.cli.restore import restore
from retint.cli.serve import serve
from retint.cli.stills import stills
from retint.cli.train import train
from retint.cli.watch import watch
from retint.errors import UsageError

COMMANDS = (
    colorize, inspect, restore, serve, methods, evaluate, compare, train, export, cluster, iiif,
    watch, pipe, stills, mcp, desktop, help,
)  # fmt: skip


class PhotosFirst(cloup.Group):
    """`retint photo.jpg` means `retint colorize photo.jpg`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            # Click's own way differs between its versions.
            click.echo(ctx.get_help(), err=True)
            ctx.exit(WRONG_CALL)
        own = (*ctx.help_option_names, "--version")
        if args and args[0] not in self.commands and args[0] not in own:
            if not ctx.resilient_parsing:
                _refuse_misspelt(args[0], list(self.commands))
            args = ["colorize", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        found = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-"):
            return with_files(found, incomplete)
        known = {each.value for each in found}
        further = colorize.shell_complete(ctx, incomplete)
        return found + [each for each in further if each.value not in known]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "PHOTO... [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...")


@cloup.group(cls=PhotosFirst, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(retint.__version__, prog_name="retint", message="%(prog)s %(version)s")
def cli() -> None:
    """Color black-and-white photographs.

    `retint photo.jpg` writes photo.retint.jpg beside it. `retint colorize --help` lists the
    options.
    """


for command in COMMANDS:
    cli.add_command(command)
add_completion_class(Bash)


def _refuse_misspelt(word: str, commands: list[str]) -> None:
    """Raise UsageError if a word is neither a file nor an option and resembles a command."""
    if word.startswith("-") or Path(word).exists() or Path(word).suffix:
        return
    # Users of British spelling write colourize or colourise.
    near = difflib.get_close_matches(word.replace("colour", "color"), commands, cutoff=0.75)
    if near:
        raise UsageError(f"no such file or command: {word!r}; did you mean {near[0]!r}?")
