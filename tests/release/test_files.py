"""The files for releases: workflows, the container, the citation."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
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


def test_the_lowest_versions_are_tried_on_the_oldest_python() -> None:
    _, python, run = workflow("test.yml")["jobs"]["lowest"]["steps"]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert oldest["requires-python"] == f">={python['with']['python-version']}"
    assert run["run"] == "make lowest"


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
    call = [str(BIN / "zizmor"), "--offline", "--no-progress", *map(str, WORKFLOWS)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_passes_its_lint() -> None:
    call = [BIN / "hadolint", ROOT / "Dockerfile"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_container_runs_without_privileges_and_has_a_health_check() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    last = text.rpartition("FROM ")[2]
    assert "USER 1000" in last
    assert "HEALTHCHECK" in last
    assert "/healthz" in last
    (volume,) = re.findall(r"^VOLUME (\S+)$", last, re.MULTILINE)
    assert f"TMPDIR={volume}\n" in last
    assert f"install --directory --mode 1777 {volume}\n" in last


def test_the_image_goes_to_a_registry_with_its_parts_and_few_rights() -> None:
    image = workflow("release.yml")["jobs"]["image"]
    assert image["needs"] == "build"
    assert image["permissions"] == {"contents": "read", "packages": "write"}
    built = image["steps"][-1]["with"]
    assert built["push"]
    assert built["sbom"]
    assert built["provenance"] == "mode=max"


def test_the_composed_services_have_few_rights_and_what_the_image_needs() -> None:
    folder = ROOT / "examples" / "container"
    composed = yaml.safe_load((folder / "compose.yaml").read_text("utf-8"))
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    for service in composed["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    page, proxy = composed["services"]["retint"], composed["services"]["caddy"]
    assert (folder / page["build"]).resolve() == ROOT
    command = json.loads(re.findall(r"^CMD (.*)$", dockerfile, re.MULTILINE)[0])
    assert page["command"][: len(command)] == command
    assert "ports" not in page  # only the proxy is reached from outside
    places = [each.split(":")[1] for each in page["volumes"]]
    assert places == re.findall(r"^VOLUME (\S+)$", dockerfile, re.MULTILINE)
    named = {
        each.split(":")[0] for service in (page, proxy) for each in service["volumes"]
        if not each.startswith(".")
    }  # fmt: skip
    assert named == set(composed["volumes"])
    assert proxy["depends_on"] == {"retint": {"condition": "service_healthy"}}


@pytest.mark.skipif(
    os.environ.get("RETINT_NETWORK") != "required", reason="RETINT_NETWORK=required installs it"
)
def test_the_commands_of_the_dockerfile_start_a_healthy_server(tmp_path: Path) -> None:
    """Without Docker: its COPY, RUN, HEALTHCHECK and CMD, with other folders and a free port."""
    text = re.sub(r"\\\n", "", (ROOT / "Dockerfile").read_text("utf-8"))
    source, installed = tmp_path / "source", tmp_path / "retint"
    source.mkdir()
    for line in re.findall(r"^COPY (?!--)(.*)$", text, re.MULTILINE):
        *those, _ = line.split()
        for each in those:
            copy = shutil.copytree if (ROOT / each).is_dir() else shutil.copy
            copy(ROOT / each, source / each)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def here(step: str) -> str:
        return step.replace("/opt/retint", str(installed)).replace("8017", str(port))

    environment = {**os.environ, "PIP_CONSTRAINT": "", "RETINT_TOKEN": "known"}
    for step in re.findall(r"^RUN (.*)$", text, re.MULTILINE):
        if "useradd" in step:
            continue
        shell = ["sh", "-c", here(step.replace("python -m venv", f"{sys.executable} -m venv"))]
        subprocess.run(shell, cwd=source, env=environment, check=True)
    environment["PATH"] = f"{installed / 'bin'}:{environment['PATH']}"
    well = json.loads(here(re.findall(r"^HEALTHCHECK .*?CMD (.*)$", text, re.MULTILINE)[0]))
    serve = json.loads(here(re.findall(r"^CMD (.*)$", text, re.MULTILINE)[0]))
    with subprocess.Popen(serve, cwd=tmp_path, env=environment) as server:
        try:
            assert any(is_well(well, environment) for _ in range(60))
        finally:
            server.terminate()


def is_well(check: list[str], environment: dict[str, str]) -> bool:
    """Whether a health check passes; it is not asked for more often than it can be answered."""
    done = subprocess.run(check, env=environment, capture_output=True, check=False)
    if done.returncode:
        time.sleep(0.3)
    return done.returncode == 0


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
    scripts = [ROOT / "integrations" / "gimp" / "check.sh", ROOT / ".ci" / "run"]
    there = [str(each) for each in scripts if each.exists()]  # an sdist has no .ci
    done = subprocess.run(
        [str(BIN / "shellcheck"), *there], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
