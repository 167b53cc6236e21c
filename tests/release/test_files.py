"""What builds releases: workflows, the container, the citation."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def workflow(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text("utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_rights_are_few(path: Path) -> None:
    text = path.read_text("utf-8")
    uses = re.findall(r"uses: (\S+)(.*)", text)
    assert uses
    for action, comment in uses:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v[\d.]+", comment), action
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


def test_all_systems_and_pythons_are_tried() -> None:
    matrix = workflow("test.yml")["jobs"]["core"]["strategy"]["matrix"]
    assert {each.split("-")[0] for each in matrix["system"]} == {"ubuntu", "macos", "windows"}
    classifiers = re.findall(r"Python :: (3\.\d+)\"", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert matrix["python"] == classifiers


def test_a_release_is_published_without_a_secret() -> None:
    release = workflow("release.yml")
    publish = release["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["needs"] == "build"
    text = json.dumps(release)
    assert "secrets." not in text
    assert "cyclonedx" in text
    assert "attestations" in text


def test_workflows_pass_an_audit() -> None:
    call = [BIN / "zizmor", "--offline", "--no-progress", *WORKFLOWS]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_passes_its_lint() -> None:
    call = [BIN / "hadolint", ROOT / "Dockerfile"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_container_is_nobody_special_and_says_how_it_is() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    last = text.rpartition("FROM ")[2]
    assert "USER retint" in last
    assert "HEALTHCHECK" in last
    assert "/healthz" in last


def test_all_that_the_container_copies_is_let_in() -> None:
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }  # fmt: skip
    text = (ROOT / "Dockerfile").read_text("utf-8")
    copied = {each for line in re.findall(r"^COPY (?!--)(.*)$", text, re.MULTILINE)
              for each in line.split()[:-1]}  # fmt: skip
    assert copied == let_in
    assert all((ROOT / each).exists() for each in copied)


def test_scripts_of_the_shell_pass_their_lint() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    scripts = [ROOT / "integrations" / "gimp" / "check.sh", *(ROOT / "examples").glob("*.sh")]
    subprocess.run(["shellcheck", *scripts], check=True)
