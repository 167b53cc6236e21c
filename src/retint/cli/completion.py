"""Completion in shells: file names beside commands, and names of methods."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, CompletionItem

from retint.colorizers import method_names

BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion type value files=
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
%(complete_var)s=bash_complete $1)

    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) COMPREPLY=(); compopt -o dirnames ;;
            file) files=1; compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done
    # The default applies only where there is nothing else.
    if [[ $files && ${#COMPREPLY[@]} -gt 0 ]]; then
        compopt -o filenames
        while read -r value; do
            COMPREPLY+=("$value")
        done < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    fi
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Completion in bash. Click's own offers either words or files, but not both."""

    source_template = BASH


def with_files(found: list[CompletionItem[str]], incomplete: str) -> list[CompletionItem[str]]:
    """Some completions, and file names."""
    return [*found, CompletionItem(incomplete, type="file")]


def complete_method(
    _: click.Context, __: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Names of methods."""
    return [CompletionItem(each) for each in method_names() if each.startswith(incomplete)]


def complete_methods(
    _: click.Context, __: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Names of methods after others, separated by commas."""
    before, comma, last = incomplete.rpartition(",")
    names = [each for each in method_names() if each.startswith(last)]
    return [CompletionItem(f"{before}{comma}{each}") for each in names]
