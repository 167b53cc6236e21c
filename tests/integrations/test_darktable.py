"""The ways between darktable and retint that docs/editors.md shows, with the real program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import colourfulness
from tests.programs import optional


def test_what_darktable_develops_is_coloured_and_darktable_shows_it_in_colour(
    tmp_path: Path, grey: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    darktable = optional("darktable-cli")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Image.fromarray(grey[::4, ::4]).convert("RGB").save("scan.png")
    own = ["--core", "--configdir", "configuration", "--library", ":memory:"]

    def developed(source: str, target: str) -> float:
        subprocess.run([darktable, source, target, *own], check=True, capture_output=True)
        with Image.open(target) as picture:
            return colourfulness(np.asarray(picture.convert("RGB")))

    assert developed("scan.png", "scan.jpg") < 0.5
    call = [sys.executable, "-m", "retint", "scan.jpg", "--method", "unet", "--quiet"]
    subprocess.run(call, check=True)
    assert developed("scan.retint.jpg", "shown.jpg") > 2


SCRIPT = """
local dt = require "darktable"
local loaded, retint = pcall(require, "retint")
if not loaded then -- not the same as a darktable that does not start
  local said = io.open(os.getenv("SAID"), "w")
  said:write(retint, "\\n")
  said:close()
  return
end
dt.preferences.write("retint", "command", "string", os.getenv("RETINT"))
dt.control.dispatch(function()
  local said = io.open(os.getenv("SAID"), "w")
  said:write("begun ")
  said:flush()
  local ok, problem = pcall(function()
    local picture = dt.database.import(os.getenv("PICTURE"))
    said:write(retint.color({picture}), " ", retint.color({picture}), " ")
    said:write(#picture:get_group_members())
  end)
  said:write(ok and "" or problem, "\\n")
  said:close()
end)
"""


def test_the_button_of_darktable_colors_and_groups_a_picture(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    screen, bus, darktable = (optional(each) for each in ("Xvfb", "dbus-run-session", "darktable"))
    lua = Path(__file__).parents[2] / "integrations" / "darktable"
    (tmp_path / "trial.lua").write_text(SCRIPT)
    picture = tmp_path / "anna's scan.jpg"
    Image.fromarray(grey[::4, ::4]).save(picture)
    command = tmp_path / "retint"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m retint --method mean "$@"\n')
    command.chmod(0o755)
    said = tmp_path / "said.txt"
    start = f"package.path = '{lua}/?.lua;{tmp_path}/?.lua;' .. package.path; require 'trial'"
    call = [
        bus, "--", darktable, "--configdir", str(tmp_path / "configuration"),
        "--library", ":memory:", "--disable-opencl", "--luacmd", start,
    ]  # fmt: skip
    with subprocess.Popen(
        [screen, "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as shown:
        try:
            assert shown.stdout is not None
            display = f":{shown.stdout.readline().strip()}"
            given = {
                "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": display,
                "RETINT": str(command), "SAID": str(said), "PICTURE": str(picture),
            }  # fmt: skip
            # At times, darktable stops while it starts, since the trial begins before its window
            # is there; the button alone does not do that.
            if not any(is_done(call, {**os.environ, **given}, said) for _ in range(2)):
                pytest.skip("darktable did not start")
        finally:
            shown.kill()
    assert said.read_text() == "begun 1 0 2\n"  # colored, not again, and both in a group
    with Image.open(tmp_path / "anna's scan.retint.jpg") as result:
        assert colourfulness(np.asarray(result.convert("RGB"))) > 2


def is_done(call: list[str], environment: dict[str, str], said: Path) -> bool:
    """Run darktable until its script has ended; False if it never began."""
    running = subprocess.Popen(
        call, env=environment, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    begun = time.monotonic()
    try:
        while not (said.exists() and said.read_text().endswith("\n")):
            assert running.poll() is None
            if time.monotonic() > begun + 60 and not said.exists():
                return False
            assert time.monotonic() < begun + 240
            time.sleep(0.2)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    return True
