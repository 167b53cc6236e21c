"""`retint help`: the help of a command."""

from __future__ import annotations

import click
import cloup
from click.shell_completion import CompletionItem

from retint.cli.console import ALL_DONE
from retint.errors import unknown


def _names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    return [CompletionItem(each) for each in group.commands if each.startswith(incomplete)]


@cloup.command()
@cloup.argument("command", required=False, shell_complete=_names)
@click.pass_context
def help(ctx: click.Context, command: str | None) -> int:
    """Show the help of COMMAND, or the list of commands."""
    root = ctx.find_root()
    group = root.command
    assert isinstance(group, click.Group)
    if command is None:
        click.echo(root.get_help())
        return ALL_DONE
    found = group.get_command(root, command)
    if found is None:
        # Users of British spelling write colourize.
        raise unknown("command", command.replace("colour", "color"), group.commands)
    click.echo(found.get_help(found.context_class(found, info_name=command, parent=root)))
    return ALL_DONE
