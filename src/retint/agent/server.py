"""The tools over the Model Context Protocol (https://modelcontextprotocol.io), on standard input
and output.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from retint.agent.tools import Tools
from retint.errors import message_of
from retint.version import __version__

READING, WRITING = ("list_methods", "inspect"), ("colorize", "hint", "restore")
"""Names of tools."""
INSTRUCTIONS = """\
Colors black-and-white photographs, restores them, and tells how they were colored. Only files in \
these folders can be used: {roots}. Relative paths begin at the first of them. Results are files \
there; nothing is overwritten unless `overwrite` is set."""
LIMIT = "`max_pixels`"
"""The limit in messages; only who starts the server can change it."""


def serve(tools: Tools) -> None:
    """Answer a client until it closes standard input."""
    server_of(tools).run()


def server_of(tools: Tools) -> MCPServer[Any]:
    """The server that offers the tools."""
    server: MCPServer[Any] = MCPServer(
        "retint", version=__version__, instructions=INSTRUCTIONS.format(roots=tools.roots),
        log_level="CRITICAL",
    )  # fmt: skip
    for name in (*READING, *WRITING):
        tool = getattr(tools, name)
        server.add_tool(
            _in_a_line(tool), name, description=inspect.getdoc(tool), structured_output=True,
            annotations=ToolAnnotations(
                read_only_hint=name in READING, destructive_hint=name in WRITING,
                idempotent_hint=name in READING, open_world_hint=False,
            ),
        )  # fmt: skip
    return server


def _in_a_line(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool with all its errors as messages to the agent."""

    @functools.wraps(tool)
    def called(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except Exception as error:
            message = message_of(error).replace(LIMIT, "--max-pixels of `retint mcp`")
            raise ToolError(" ".join(message.split())) from error

    return called
