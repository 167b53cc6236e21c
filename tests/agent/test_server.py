"""The tools as a client uses them, over standard input and output of `retint mcp`."""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("mcp")

from mcp import Client, StdioServerParameters

from tests.cli.test_main import is_coloured


def server(*arguments: object) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-m", "retint", "mcp", *map(str, arguments)],
        env=dict(os.environ),
    )  # fmt: skip


def text(result: Any) -> str:
    (content,) = result.content
    assert "\n" not in content.text
    return str(content.text)


def test_a_client_colors_and_is_told_what_is_wrong(tmp_path: Path) -> None:
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))).save(tmp_path / "a.png")

    async def use() -> None:
        async with Client(server(tmp_path, "--max-pixels", 5000)) as client:
            tools = {each.name: each for each in (await client.list_tools()).tools}
            assert tools.keys() == {"colorize", "hint", "inspect", "restore", "list_methods"}
            assert tools["colorize"].input_schema["required"] == ["path"]
            assert str(tmp_path.resolve()) in str(client.instructions)
            methods: Any = await client.call_tool("list_methods", {})
            assert "guided-unet" in methods.structured_content["methods"]

            given = {
                "path": "a.png",
                "method": "mean",
                "options": {"vividness": 1.5, "keep_color": False},
            }
            made = await client.call_tool("colorize", given)
            assert not made.is_error, made
            assert made.structured_content is not None
            assert is_coloured(Path(made.structured_content["file"]))
            again = await client.call_tool("colorize", given)
            assert again.is_error
            assert "already exists" in text(again)

            for name, wrong, said in (
                ("colorize", {}, "path: Field required"),
                ("colorize", {"path": 3, "options": 4}, "path: Input should be a valid string; op"),
                ("colorize", {"path": "a.png", "overwite": True}, "unknown argument 'overwite'; d"),
                ("list_methods", {"path": "a.png"}, "list_methods takes no arguments"),
            ):
                refused = await client.call_tool(name, wrong)
                assert refused.is_error
                assert text(refused).startswith(said)
            out = await client.call_tool("inspect", {"path": "../b.png"})
            assert out.is_error
            assert "outside of the folders" in text(out)
            Image.new("L", (100, 100)).save(tmp_path / "large.png")
            large = await client.call_tool("colorize", {"path": "large.png"})
            assert large.is_error
            assert "--max-pixels of `retint mcp`" in text(large)
            broken = tmp_path / "broken.png"
            broken.write_bytes(b"none")
            assert (await client.call_tool("inspect", {"path": "broken.png"})).is_error

    # Other tests of this process may have left a loop running.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, use()).result()
