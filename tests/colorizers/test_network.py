"""How ONNX files are loaded."""

from __future__ import annotations

import ctypes
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retint.colorizers.parts import network, sessions
from retint.colorizers.parts.sessions import session_of
from retint.errors import UsageError, WeightsError
from retint.weights import shipped


def test_a_runtime_that_cannot_be_loaded_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "DLL load failed while importing onnxruntime_pybind11_state: no such module"
    (tmp_path / "onnxruntime.py").write_text(f"raise ImportError({said!r})")
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=rf"onnxruntime cannot be loaded: {said} \(on Windows"):
        sessions.session_of(shipped("unet"), threads=1, device="cpu")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files that were opened, in the test only."""
    found: list[Path] = []
    original = sessions.session_of

    def open_file(path: Path, threads: int, device: str) -> object:
        found.append(path)
        return original(path, threads, device)

    monkeypatch.setattr(network, "session_of", open_file)
    monkeypatch.setattr(network, "_loads", network.Loads())
    return found


def test_a_network_is_loaded_once_by_all_threads(opened: list[Path]) -> None:
    network.begin_to_load(["upright"], 1, "cpu")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: network.load_own("upright", None, 1, "cpu"), range(4)))
    assert opened == [shipped("upright")]
    assert all(each is found[0] for each in found)


def test_other_threads_and_devices_are_other_networks(opened: list[Path]) -> None:
    one, two = (network.load_own("upright", None, count, "cpu") for count in (1, 2))
    assert one is not two
    assert len(opened) == 2


def test_a_file_that_appears_later_is_loaded_later(tmp_path: Path, opened: list[Path]) -> None:
    path = tmp_path / "weights.onnx"
    for _ in range(2):
        with pytest.raises(WeightsError, match="no weights"):
            network.load_network(path, 1, "cpu")
    path.write_bytes(shipped("upright").read_bytes())
    assert network.load_network(path, 1, "cpu").description.network == "upright"
    assert opened == [path]


def test_an_error_of_loading_ahead_is_raised_where_the_network_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: list[Path]
) -> None:
    monkeypatch.setattr(network, "shipped", lambda name: tmp_path / f"{name}.onnx")
    network.begin_to_load(["upright"], 1, "cpu")
    with pytest.raises(WeightsError, match="no weights"):
        network.load_own("upright", None, 1, "cpu")
    assert not opened


@pytest.mark.skipif(sys.platform != "linux", reason="only the C library of Linux is asked")
@pytest.mark.parametrize("error", [None, AttributeError, OSError])
def test_memory_of_loading_is_given_back_where_that_is_possible(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    asked: list[int] = []

    class Library:
        def __init__(self, _: object) -> None:
            if error is OSError:
                raise OSError

        def malloc_trim(self, kept: int) -> None:
            asked.append(kept)
            if error is not None:
                raise error

    monkeypatch.setattr(ctypes, "CDLL", Library)
    session_of(shipped("upright"), 1, "cpu")
    assert asked == ([] if error is OSError else [0])
