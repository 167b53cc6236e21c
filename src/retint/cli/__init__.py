"""The command line: `main` runs it, and each command has its own file."""

from retint.cli.main import main

__all__ = ["main"]
