"""How extras of this installation are added: by a command that works with where it came from."""

from __future__ import annotations

import importlib
import json
import sys

import pytest

from retint import extras
from retint.errors import UsageError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GIT = {
    "url": "https://example.org/retint.git",
    "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "main"},
}
FOLDER = {"url": "file:///home/anna/retint", "dir_info": {"editable": True}}
WHEEL = {"url": "file:///tmp/retint-1.0-py3-none-any.whl", "archive_info": {}}
ADDRESS = {"url": "https://example.org/retint-1.0-py3-none-any.whl", "archive_info": {}}


@pytest.mark.parametrize(
    ("direct", "command"),
    [
        (GIT, f'pip install "retint[serve] @ git+https://example.org/retint.git@{COMMIT}"'),
        (ADDRESS, f'pip install "retint[serve] @ {ADDRESS["url"]}"'),
        (FOLDER, 'pip install ".[serve]" in a clone of retint'),
        (WHEEL, 'pip install ".[serve]" in a clone of retint'),
    ],
    ids=["git", "address", "folder", "wheel"],
)
def test_the_command_fits_where_retint_came_from(
    direct: dict[str, object], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = extras.source_of(json.dumps(direct))
    monkeypatch.setattr(extras, "_source", lambda: source)
    assert extras.install("serve") == command


def test_from_an_index_it_is_the_published_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "PUBLISHED", extras.INDEX)
    monkeypatch.setattr(extras, "_source", lambda: extras.source_of(None))
    assert extras.install("serve") == 'pip install "retint[serve]"'


@pytest.mark.parametrize(
    ("source", "command"),
    [
        (extras.INDEX, "pip install retint"),
        (extras.CLONE, "pip install ."),
        ("git+https://example.org/r", 'pip install "retint @ git+https://example.org/r"'),
    ],
)
def test_a_command_may_name_no_extras(source: str, command: str) -> None:
    assert extras.command("", source) == command


def test_this_installation_has_a_source() -> None:
    assert extras.install("raw").startswith("pip install ")


def test_a_script_without_vapoursynth_is_told_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("av")
    monkeypatch.setitem(sys.modules, "vapoursynth", None)
    monkeypatch.delitem(sys.modules, "retint.vapoursynth", raising=False)
    with pytest.raises(UsageError, match=r"3\.12 or newer, requires vapoursynth: pip install "):
        importlib.import_module("retint.vapoursynth")
