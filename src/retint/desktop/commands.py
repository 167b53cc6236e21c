"""What all entries call, and how they are known."""

from __future__ import annotations

import sys

NAME = "Color with retint"
MARK = "# Written by `retint desktop install`; `retint desktop remove` removes it."
"""A line of every file that is installed, where its format allows one."""
_COMMAND = (sys.executable, "-P", "-m", "retint")
"""Found whatever the search path of a desktop is; imports nothing from the folder of the pictures,
in which file managers start it.
"""
COLOR = (*_COMMAND, "desktop", "color", "--")
SERVE = (*_COMMAND, "serve", "--open")
