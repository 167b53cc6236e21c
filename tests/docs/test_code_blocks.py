"""The commands in the documentation are run, or parsed if they cannot be run here.

A block that cannot be run stands below a comment `<!-- not run: REASON -->`. Lines that install
something need the network and are passed over in every block.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.cli.commands import cli
from retint.colorizers import chroma_diffusion
from retint.colorizers.parts import ddim
from retint.whole import export
from tests.cli.test_main import run
from tests.film.clips import moving, write

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "notebooks").glob("*.md")),
]  # fmt: skip
REASONS = {"network", "GPU", "endless", "long", "excerpt", "data"}
"""Data: photographs that do not come with the project."""
BLOCK = re.compile(
    r"^(?: *<!-- not run: (?P<reason>\w+) -->\n)?(?P<indent> *)```(?P<kind>console|python)\n"
    r"(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
WITH_TEXT = [
    *PAGES,
    *sorted((ROOT / "integrations").rglob("*.md")),
    *sorted((ROOT / "src" / "retint" / "weights").glob("*.md")),
]
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(retint [^`]+)`")
INSTALLS = re.compile(r"^(pipx?|uvx?) [^#;&]*(&& *|; *|#.*|$)")
ANEW = re.compile(r"^retint (photo|film)")
"""Lines of a block may be alternatives: what they write by default is taken away before each."""
OUTPUTS = ("photo*.retint.*", "film*.retint.*")
FOR_A_SHELL = re.compile(r"[|<>$*?~`]")


@dataclass(frozen=True)
class Block:
    """Something to type."""

    page: str
    line: int
    kind: str
    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start("kind")) + 1
            name = str(page.relative_to(ROOT))
            yield Block(name, line, found["kind"], found["text"], found["reason"] or "")


BLOCKS = list(blocks())


def commands(text: str) -> list[str]:
    """Lines of a terminal without prompts, outputs and what installs."""
    lines = text.splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    left = (INSTALLS.sub("", line.strip()) for line in lines)
    return [line for line in left if line and not line.startswith("#")]


@pytest.mark.parametrize("page", WITH_TEXT, ids=lambda page: str(page.relative_to(ROOT)))
def test_comments_stand_on_lines_of_their_own(page: Path) -> None:
    """zsh and the Command Prompt hand them to the command."""
    lines = [
        line
        for found in re.finditer(r"```(?:console|sh)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for line in found[1].splitlines()
    ]
    assert [line for line in lines if re.search(r"\S.*\s# ", line)] == []


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the pages speak of."""
    folder = tmp_path_factory.mktemp("pages")
    rng = np.random.default_rng(1)

    def picture(name: str, channels: int = 1, size: tuple[int, int] = (240, 180)) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(30, 220, (6, 8, channels)).astype(np.uint8)
        Image.fromarray(coarse.squeeze()).resize(size, Image.Resampling.BICUBIC).save(path)

    for name in (
        "photo.jpg",
        "old.jpg",
        "older.jpg",
        "album/a.jpg",
        "SCANS/box/b.tif",
        "REELS/c.jpg",
    ):
        picture(name)
    picture("similar.jpg", 3)
    for k in range(4):
        picture(f"PHOTOGRAPHS/{k}.png", 3)
    (folder / "hints.json").write_text(
        '{"version": 1, "size": [240, 180], "points": [{"x": 40, "y": 30, "color": "navy"}]}'
    )
    for name in ("photo.retint.jpg", "photo.retint.png"):
        assert run(folder / "photo.jpg", "-o", folder / name) == 0
    times = [4 * 12288 * k for k in range(17)]  # the pages take a part after a minute
    for name in ("film.mp4", "film.mkv", "REELS/d.mp4"):
        write(folder / name, moving(17, (48, 96)), times=times)
    return folder


@pytest.fixture
def sandbox(places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as a terminal is in it."""
    folder = tmp_path / "copy"
    shutil.copytree(places, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(chroma_diffusion, "sample", in_two_steps)
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    return folder


def in_two_steps(*given: Any, **options: Any) -> Any:
    """A quick sample: what is tested is what one types."""
    return ddim.sample(*given, **{**options, "steps": 2})


RUN = [each for each in BLOCKS if not each.reason]


@pytest.mark.parametrize("block", [b for b in RUN if b.kind == "console"], ids=str)
def test_console_commands_in_the_pages_work(block: Block, sandbox: Path) -> None:
    for line in commands(block.text):
        if ANEW.match(line):
            for path in (each for pattern in OUTPUTS for each in sandbox.glob(pattern)):
                path.unlink()
        type_in(line)


def type_in(line: str) -> None:
    """Run a line of a terminal: what calls retint alone in this process, which has it loaded."""
    called = [words for words in calls(line) if words]
    if all(words[0] == "retint" and not any(map(FOR_A_SHELL.search, words)) for words in called):
        for words in called:
            assert run(*words[1:]) == 0
        return
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{line}"], capture_output=True, text=True, check=False,
        timeout=500, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("block", [b for b in RUN if b.kind == "python"], ids=str)
def test_python_programs_in_the_pages_work(
    block: Block, sandbox: Path, grey: NDArray[np.uint8]
) -> None:
    if "retint.onnx" in block.text:
        export.export("unet", sandbox / "retint.onnx")
    exec(compile(block.text, str(block), "exec"), {"array": grey})


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.reason], ids=str)
def test_skipped_blocks_have_a_reason_and_parse(block: Block) -> None:
    assert block.reason in REASONS
    if block.kind == "python":
        compile(block.text, str(block), "exec")
        return
    for line in commands(block.text):
        for words in calls(line):
            if words[:1] == ["retint"]:
                parsed(words[1:])


def calls(line: str) -> Iterator[list[str]]:
    """The commands of a line of a shell, in words."""
    words: list[str] = []
    for word in shlex.split(line, comments=True):
        if word == "&&" or word.endswith(";"):
            yield [*words, word.rstrip(";")] if word != "&&" else words
            words = []
        else:
            words.append(word)
    yield words


def parsed(words: list[str]) -> None:
    """Fails for an option that is not there."""
    words = [word for word in words if not re.fullmatch(r"\[.*|.*\]", word)]
    name = words.pop(0) if words and words[0] in cli.commands else "colorize"
    known = options_of(cli.commands[name])
    if cli.commands[name].context_settings.get(
        "ignore_unknown_options"
    ):  # it passes them on, as `watch` does
        known = known | options_of(cli.commands["colorize"])
    for word in words:
        option = word.partition("=")[0]
        if option.startswith("--"):
            assert option in known, f"{name} has no {option}"


def options_of(command: click.Command) -> set[str]:
    found: set[str] = set()
    for each in command.params:
        found |= {*each.opts, *each.secondary_opts}
    return found | {"--help"}


@pytest.mark.parametrize("page", WITH_TEXT, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_within_sentences_parse(page: Path) -> None:
    text = FENCED.sub("", page.read_text("utf-8"))
    for found in INLINE.finditer(text):
        for words in calls(found[1].replace("\n", " ")):
            parsed(words[1:])


def test_the_parser_finds_wrong_options() -> None:
    parsed(["photo.jpg", "--vividness", "1.2"])
    with pytest.raises(AssertionError, match="--no-such"):
        parsed(["photo.jpg", "--no-such", "1"])
    with pytest.raises(AssertionError, match="--vividness"):
        parsed(["serve", "--vividness", "1"])


def test_pages_have_blocks_of_both_kinds() -> None:
    kinds: dict[str, Any] = {}
    for each in RUN:
        kinds.setdefault(each.kind, []).append(each)
    assert len(kinds["console"]) > 8
    assert len(kinds["python"]) > 2
