"""The command line: loads the commands, runs one, reports errors."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from retint import children
from retint.cli import early, stderr
from retint.cli.startup import leave_garbage, uncollected
from retint.errors import RetintError, UsageError, unexpected

if TYPE_CHECKING:
    import click

INTERRUPTED = 130


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
        if is_program:
            early.begin(args)
        status = _status(args, debug=debug, is_program=is_program)
    if is_program:
        leave_garbage()
    sys.exit(status or 0)


def _status(args: list[str], *, debug: bool, is_program: bool) -> int | None:
    """Run a command and return its exit status."""
    with uncollected():
        import click

        from retint.cli.commands import cli
        from retint.cli.console import SOME_FAILED, WRONG_CALL, complain
    if is_program:
        leave_garbage()
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
    from retint.cli.console import SOME_FAILED, WRONG_CALL, complain

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
    import click

    from retint.cli.mistyped import unknown_option

    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        message = unknown_option(error)
    message = " ".join(message.split())  # some of click's messages have several
    return f"{message.rstrip('.')} (see '{command} --help')"
