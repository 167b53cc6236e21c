"""`retint mcp`: tools for AI agents."""

from __future__ import annotations

from pathlib import Path

import cloup

from retint.cli.console import ALL_DONE
from retint.cli.flags import A_PATH, debug_option, max_pixels_option, threads_option
from retint.extras import required

EXTRA = "mcp"


@cloup.command()
@cloup.argument("roots", metavar="ROOT...", nargs=-1, required=True, type=A_PATH)
@cloup.option(
    "--force", is_flag=True,
    help="Let the agent also replace files that are not results of retint, except the source.",
)  # fmt: skip
@max_pixels_option
@threads_option
@debug_option
def mcp(roots: tuple[Path, ...], force: bool, max_pixels: int, threads: int) -> int:
    """Offer tools to an AI agent (MCP) on standard input and output.

    The agent can color, restore and inspect photographs in the folders ROOT... and nowhere else.
    Agents start this command themselves; see docs/mcp.md.
    """
    from retint.agent.roots import Roots

    folders = Roots.of(roots)
    with required(EXTRA, "the server for agents"):
        from retint.agent.server import serve
    from retint.agent.results import Results
    from retint.agent.tools import Tools

    serve(Tools(folders, max_pixels, threads, Results(force=force)))
    return ALL_DONE
