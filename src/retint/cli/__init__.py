"""The command line: `main` runs it, each command has a file."""

from retint.cli.main import main

__all__ = ["main"]
