"""An agent names no file outside of its folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from retint.agent.roots import Roots
from retint.errors import PhotoError, UsageError


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    for name in ("scans", "more", "private"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"a")
    return Roots.of([tmp_path / "scans", tmp_path / "more"])


def test_relative_names_begin_at_the_first_folder(roots: Roots, tmp_path: Path) -> None:
    assert roots.source("a.png") == (tmp_path / "scans" / "a.png").resolve()
    assert roots.source(str(tmp_path / "more" / "a.png")).parent.name == "more"
    assert roots.target("new/b.png") == (tmp_path / "scans").resolve() / "new" / "b.png"


@pytest.mark.parametrize(
    "name", ["../private/a.png", "/etc/passwd", "x/../../private/a.png", "..", "../scans-2/a.png"]
)
def test_names_that_lead_out_are_refused(name: str, roots: Roots) -> None:
    for wanted in (roots.source, roots.target):
        with pytest.raises(PhotoError, match="outside of the folders"):
            wanted(name)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_that_lead_out_are_refused(roots: Roots, tmp_path: Path) -> None:
    (tmp_path / "scans" / "link.png").symlink_to(tmp_path / "private" / "a.png")
    (tmp_path / "scans" / "folder").symlink_to(tmp_path / "private")
    (tmp_path / "scans" / "circle").symlink_to("circle")
    for name in ("link.png", "folder/a.png"):
        with pytest.raises(PhotoError, match="outside of the folders"):
            roots.source(name)
        with pytest.raises(PhotoError, match="outside of the folders"):
            roots.target(name)
    with pytest.raises(PhotoError):
        roots.source("circle")


@pytest.mark.parametrize("name", ["", ".", "missing.png", "a\0.png", "a" * 5000, "a.png/b.png"])
def test_what_is_no_file_is_refused(name: str, roots: Roots) -> None:
    with pytest.raises(PhotoError) as caught:
        roots.source(name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_read(roots: Roots, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "scans" / "pipe.png")
    with pytest.raises(PhotoError, match="is not a file"):
        roots.source("pipe.png")


def test_roots_are_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        Roots.of([tmp_path / "none"])


def test_a_name_too_long_for_a_file_is_one_line(roots: Roots) -> None:
    with pytest.raises(PhotoError, match=r"y\.\.\.y.*: ") as caught:
        roots.target("y" * 300 + ".png")
    assert len(str(caught.value)) < 100
