"""The command line: parses arguments, runs a command, reports errors."""

from __future__ import annotations

import difflib
import logging
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import click
import cloup
from click.shell_completion import CompletionItem, add_completion_class

import retint
from retint import children
from retint.cli import stderr
from retint.cli.cluster import cluster
from retint.cli.colorize import colorize
from retint.cli.compare import compare
from retint.cli.completion import Bash, with_files
from retint.cli.console import ALL_DONE, SOME_FAILED, WRONG_CALL, complain
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
from retint.cli.startup import leave_garbage
from retint.cli.stills import stills
from retint.cli.train import train
from retint.cli.watch import watch
from retint.errors import RetintError, UsageError, unexpected

COMMANDS = (
    colorize, inspect, restore, serve, methods, evaluate, compare, train, export, cluster, iiif,
    watch, pipe, stills, mcp, desktop, help,
)  # fmt: skip
INTERRUPTED = 130


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


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status; every error is one line."""
    is_program = args is None
    args = list(sys.argv[1:] if args is None else args)
    stderr.open_missing()
    debug = "--debug" in args
    if debug:
        logging.basicConfig(level=logging.WARNING)
        logging.getLogger("retint").setLevel(logging.DEBUG)
    else:  # what is wrong with a file is said in one line
        warnings.filterwarnings("ignore", module=r"PIL\.")
    with nullcontext() if debug else stderr.only_own():
        status = _status(args, debug=debug)
    if is_program:
        leave_garbage()
    sys.exit(status or ALL_DONE)


def _status(args: list[str], *, debug: bool) -> int | None:
    """Run a command and return its exit status."""
    try:
        with children.guarded():
            status: int | None = cli.main(args, prog_name="retint", standalone_mode=False)
            return status
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        complain(_in_a_line(error))
        return WRONG_CALL
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone
        sys.stderr.close()
        return SOME_FAILED
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _report(error)


def _report(error: Exception) -> int:
    """Print an error; return the exit status."""
    if isinstance(error, RetintError):
        complain(str(error))
        return WRONG_CALL if isinstance(error, UsageError) else SOME_FAILED
    if isinstance(error, OSError):
        complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return SOME_FAILED
    complain(f"{unexpected(error)}; use --debug for the traceback")
    return SOME_FAILED


def _in_a_line(error: click.UsageError) -> str:
    """The message of a click error, with a reference to the help."""
    command = error.ctx.command_path if error.ctx else "retint"
    message = " ".join(error.format_message().split())  # click lists choices in lines
    return f"{message.rstrip('.')} (see '{command} --help')"


def _refuse_misspelt(word: str, commands: list[str]) -> None:
    """Raise UsageError if a word is neither a file nor an option and resembles a command."""
    if word.startswith("-") or Path(word).exists() or Path(word).suffix:
        return
    # Users of British spelling write colourize or colourise.
    near = difflib.get_close_matches(word.replace("colour", "color"), commands, cutoff=0.75)
    if near:
        raise UsageError(f"no such file or command: {word!r}; did you mean {near[0]!r}?")
