"""`retint watch`: colours pictures as they arrive in a folder."""

from __future__ import annotations

import glob
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import cloup

from retint.cli.colorize import colorize
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.flags import A_PATH, debug_option
from retint.cli.values import NumberRange
from retint.errors import RetintError, UsageError, reason
from retint.extras import required

EXTRA = "watch"
LOOK = 1.0
"""Seconds between two looks at files that are still being written."""
REGULARLY = 60
"""Looks after which the folder is listed anyway, since drives may lose messages about changes."""
MOST_SETTLE = 86400
"""Maximum seconds that a file must not change."""
RETRY = 10.0
"""Seconds until a run that could not start is tried again."""


@cloup.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@cloup.argument("folder", type=A_PATH)
@cloup.option("-o", "--output", type=A_PATH, required=True, help="Folder for the results.")
@cloup.option(
    "--settle",
    type=NumberRange(min=0, max=MOST_SETTLE),
    default=2.0,
    show_default=True,
    help="Seconds without a change after which a file counts as complete.",
)
@cloup.option("--poll", is_flag=True, help="Check the folder regularly; network drives need this.")
@cloup.option("--once", is_flag=True, help="Color the complete files that are there, and exit.")
@debug_option
@click.pass_context
def watch(
    context: click.Context, folder: Path, output: Path, settle: float, poll: bool, once: bool
) -> int:  # fmt: skip
    """Color pictures and films as they arrive in FOLDER.

    Subfolders are included. Takes the options of `retint colorize`, too. Each file is colored once,
    when it has stopped growing; the manifest in the output folder records it, also for later runs.
    If the folder disappears, such as with a drive, the command waits until it is back.
    """
    from retint.batch.growth import Growth

    if output.resolve() == folder.resolve():
        raise UsageError("the results need a folder of their own: -o FOLDER")
    if not once:
        with required(EXTRA, "watching a folder"):
            import watchfiles  # noqa: F401
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    watcher = Watcher(folder, output, Growth(settle), context.args)
    if once:
        return watcher.run_once(settle)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        watcher.run(poll=poll)
    return ALL_DONE


class Watcher:
    """Colours the complete files of a folder, again and again."""

    def __init__(
        self, folder: Path, output: Path, growth: Any, options: Sequence[str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._folder, self._output, self._growth = folder, output, growth
        self._options, self._sleep = options, sleep
        self._done: dict[Path, Any] = {}
        self._growing: list[Path] = []
        self._problem = ""
        self._has_begun = False
        self._status = ALL_DONE

    def run(self, *, poll: bool) -> None:
        """Watch until interrupted."""
        import watchfiles

        print(printable(f"watching {self._folder}"), flush=True)
        while True:
            growing = self.look()
            if growing is None:
                self._sleep(RETRY)
                continue
            # A folder that disappears ends the watching, or is an error, by system.
            with suppress(OSError, RuntimeError):
                looks = watchfiles.watch(
                    self._folder, rust_timeout=int(LOOK * 1000), yield_on_timeout=True,
                    force_polling=poll or None,
                )  # fmt: skip
                for number, changes in enumerate(looks):
                    # The first time, for what has arrived before the watching began.
                    regular = number % REGULARLY == 0
                    if changes or growing or regular or not self._folder.is_dir():
                        growing = self.look()
                    if growing is None:
                        break

    def run_once(self, settle: float) -> int:
        """Colour what is complete, and name the rest; returns the exit status."""
        self.look()
        self._sleep(settle)
        if self.look() is None:
            return SOME_FAILED
        for path in self._growing:
            complain(f"{path}: empty or still being written; it was left out")
        return SOME_FAILED if self._growing else self._status

    def look(self) -> int | None:
        """Colour what is complete and new.

        Returns
        -------
        How many files are still being written; None if the folders cannot be used now.
        """
        from retint.batch.listing import list_files
        from retint.batch.naming import Naming

        if not self._folder.is_dir():
            self._complain_once(f"{self._folder} is not there; waiting for it")
            return None
        hidden = "--hidden" in self._options
        listed = list_files([self._folder], Naming(recursive=True, hidden=hidden))
        paths = [each.path for each in listed if not each.problem and not self._is_made(each.path)]
        complete, growing = self._growth.update(paths)
        self._growing = growing
        if any(self._done.get(path) != state for path, state in complete.items()):
            # With a slash in front they mean no files of the same name in subfolders.
            names = [each.relative_to(self._folder).as_posix() for each in growing]
            if not self._color([f"/{glob.escape(name)}" for name in names]):
                return None
            self._done = complete
        self._problem = ""
        return len(growing)

    def _is_made(self, path: Path) -> bool:
        """Whether a file lies in an output folder inside of the watched folder."""
        inside, root = self._output.resolve(), self._folder.resolve()
        return inside.is_relative_to(root) and path.resolve().is_relative_to(inside)

    def _color(self, left_out: Sequence[str]) -> bool:
        """Colour the folder without some files; returns whether that could be tried."""
        excluded = [part for each in left_out for part in ("--exclude", each)]
        arguments = [
            str(self._folder), "-o", str(self._output), "--recursive", "--resume", *excluded,
            *self._options,
        ]  # fmt: skip
        try:
            status = colorize.main(arguments, prog_name="retint", standalone_mode=False)
        except click.Abort:  # it is a RuntimeError, as those of a folder that disappears
            raise KeyboardInterrupt from None
        except (RetintError, OSError) as error:
            if not self._has_begun:
                raise
            self._complain_once(reason(error) if isinstance(error, OSError) else str(error))
            return False
        self._has_begun = True
        self._status = max(self._status, status or ALL_DONE)
        return True

    def _complain_once(self, message: str) -> None:
        """Report a lasting problem only once, when it begins."""
        if message != self._problem:
            complain(message)
        self._problem = message
