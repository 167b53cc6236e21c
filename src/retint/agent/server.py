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
from pydantic import ValidationError

from retint.agent.tools import Tools
from retint.errors import UsageError, message_of, unknown
from retint.version import __version__

READING, WRITING = ("list_methods", "inspect"), ("colorize", "hint", "restore")
"""Names of tools."""
INSTRUCTIONS = """\
Colors black-and-white photographs, restores them, and tells how they were colored. Only files in \
these folders can be used: {roots}. Relative paths begin at the first of them. Results are files \
there; nothing is overwritten unless `overwrite` is set, and then only {replaced}."""
RESULTS, EVERYTHING = "results of retint", "files other than the source"
LIMIT = "`max_pixels`"
"""The limit in messages; only who starts the server can change it."""


def serve(tools: Tools) -> None:
    """Answer a client until it closes standard input."""
    server_of(tools).run()


def server_of(tools: Tools) -> MCPServer[Any]:
    """The server that offers the tools."""
    replaced = EVERYTHING if tools.results.force else RESULTS
    server = _Server(
        "retint", version=__version__, log_level="CRITICAL",
        instructions=INSTRUCTIONS.format(roots=tools.roots, replaced=replaced),
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


class _Server(MCPServer[Any]):
    """The server of the library, with wrong arguments as one line."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool; raises ToolError for an argument that it lacks, which the library ignores,
        so that a misspelt one would not be missed.
        """
        for tool in await self.list_tools():
            known = tool.input_schema["properties"] if tool.name == name else arguments
            if extra := sorted(arguments.keys() - known.keys()):
                wrong = unknown("argument", extra[0], known) if known else None
                raise ToolError(_one_line(wrong or UsageError(f"{name} takes no arguments")))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            raise ToolError(_message(error.__cause__)) from error.__cause__


def _message(error: ValidationError) -> str:
    """What is wrong with the arguments, each once: a value is tried as each of its types."""
    wrong = {".".join(map(str, each["loc"][:2])): each["msg"] for each in error.errors()}
    return "; ".join(f"{name}: {message}" for name, message in wrong.items())


def _in_a_line(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool with all its errors as messages to the agent."""

    @functools.wraps(tool)
    def called(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except Exception as error:
            raise ToolError(_one_line(error)) from error

    return called


def _one_line(error: Exception) -> str:
    message = message_of(error).replace(LIMIT, "--max-pixels of `retint mcp`")
    return " ".join(message.split())
