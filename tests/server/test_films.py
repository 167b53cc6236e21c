"""Films on the server: scanned, coloured one at a time, and deleted afterwards."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from retint.film.film import Film
from retint.server.keep import film_jobs
from retint.server.keep.errands import Errands
from retint.server.keep.films import Films
from retint.server.settings import Settings
from tests.film.clips import SIZE, moving, write

from .serving import Served
from .test_app import is_problem

Clients = Callable[..., TestClient]
FLAT = {"method": "mean"}
GUIDED = {"method": "guided-unet"}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two shots."""
    dark = [each * 0.4 for each in moving(12, seed=5)]
    return write(tmp_path / "clip.mp4", [*moving(12), *dark], sound=True)


def opened(client: TestClient, clip: Path) -> dict[str, Any]:
    answer = client.post("/v1/films", params={"name": clip.name}, content=clip.read_bytes())
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


def done(client: TestClient, id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job: dict[str, Any] = client.get(f"/v1/films/{id}").json()["job"]
        if job["state"] != "working":
            return job
        time.sleep(0.02)
    raise AssertionError("it takes too long")


def test_a_film_is_looked_at(client: TestClient, clip: Path) -> None:
    said = opened(client, clip)
    assert (said["height"], said["width"]) == SIZE
    assert said["frames"] == 24
    assert not said["in_color"]
    assert len(said["shots"]) == 2
    assert said["shots"][1]["begin"] == said["shots"][0]["end"] == 0.5
    still = client.get(f"/v1/films/{said['id']}/frame", params={"time": said["shots"][0]["middle"]})
    picture = Image.open(io.BytesIO(still.content))
    assert picture.size == SIZE[::-1]
    assert picture.mode == "L"


def test_it_is_coloured_and_given_back_with_its_sound(client: TestClient, clip: Path) -> None:
    id = opened(client, clip)["id"]
    assert client.get(f"/v1/films/{id}/file").status_code == 409
    begun = client.post(f"/v1/films/{id}/colorize", json=FLAT)
    assert begun.status_code == 202
    assert done(client, id) == {
        "state": "done", "frames": 24, "total": 24, "begin": 0, "ending": ".mp4", "lost": [],
        "error": "",
    }  # fmt: skip
    source = client.get(f"/v1/films/{id}/source", headers={"Range": "bytes=0-7"})
    assert (source.status_code, source.headers["content-type"]) == (206, "video/mp4")
    assert source.content[4:8] == b"ftyp"
    answer = client.get(f"/v1/films/{id}/file")
    assert answer.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(answer.content), "r") as film:
        assert len(film.streams.audio) == 1
        frame = next(film.decode(video=0))
        assert np.ptp(frame.to_ndarray(format="rgb24").astype(int), axis=-1).mean() > 3


def test_quality_is_chosen(client: TestClient, clip: Path) -> None:
    id = opened(client, clip)["id"]

    def size(**wish: int) -> int:
        client.post(f"/v1/films/{id}/colorize", json=FLAT | wish)
        assert done(client, id)["state"] == "done"
        return len(client.get(f"/v1/films/{id}/file").content)

    usual, rough = size(), size(crf=35)
    assert rough < 0.8 * usual
    assert size(crf=13) == usual
    for crf in (-1, 52):
        answer = client.post(f"/v1/films/{id}/colorize", json=FLAT | {"crf": crf})
        assert answer.status_code == 422


def test_a_part_is_coloured_in_another_container(client: TestClient, clip: Path) -> None:
    id = opened(client, clip)["id"]
    wish = FLAT | {"start": "0.25", "end": "0:00:00.75", "format": "mkv", "lossless": True}
    assert client.post(f"/v1/films/{id}/colorize", json=wish).status_code == 202
    job = done(client, id)
    assert (job["state"], job["frames"], job["total"], job["ending"]) == ("done", 12, 12, ".mkv")
    assert job["begin"] == 0.25
    content = client.get(f"/v1/films/{id}/file").content
    with av.open(io.BytesIO(content), "r") as film:
        assert film.streams.video[0].codec_context.name == "ffv1"
        found = [each.to_ndarray(format="gray") for each in film.decode(video=0)]
    with av.open(str(clip), "r") as film:
        expected = [each.to_ndarray(format="gray") for each in film.decode(video=0)][6:18]
    assert len(found) == 12
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(found, expected, strict=True)) < 3
    assert client.post(f"/v1/films/{id}/colorize", json=FLAT).status_code == 202
    assert done(client, id)["ending"] == ".mp4"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"start": "1:x"}, "not a valid time"),
        ({"start": "2", "end": "1"}, "must be after"),
        ({"start": "100"}, "no frames in that part"),
        ({"format": "avi"}, "format"),
        ({"format": "mp4", "lossless": True}, "requires .mkv"),
    ],
)
def test_impossible_parts_and_formats_are_named(
    client: TestClient, clip: Path, wish: dict[str, Any], said: str
) -> None:
    id = opened(client, clip)["id"]
    answer = client.post(f"/v1/films/{id}/colorize", json=FLAT | wish)
    is_problem(answer, 422, said)
    assert client.get(f"/v1/films/{id}").json()["job"] is None


def test_hints_of_a_still_are_seen_in_others_of_its_shot_and_in_no_other(
    client: TestClient, clip: Path
) -> None:
    said = opened(client, clip)
    first, second = (each["middle"] for each in said["shots"])
    square = {"x": 28, "y": 29, "color": "#4060ff", "reach": 0.3, "time": first}
    hints = {"version": 1, "size": list(SIZE[::-1]), "points": [square]}

    def looks(hints: Any) -> list[Any]:
        wish = GUIDED | {"at": [first + 0.1, second], "hints": hints}
        answer = client.post(f"/v1/films/{said['id']}/stills", json=wish)
        assert answer.status_code == 200, answer.text
        contents = map(base64.b64decode, answer.json()["pictures"])
        return [np.asarray(Image.open(io.BytesIO(each)), float) for each in contents]

    plain, told = looks(None), looks(hints)
    # It has moved four pixels to the right by then.
    blue = (told[0] - plain[0])[26:34, 28:36, 2].mean()
    assert blue > 15
    assert np.abs(told[1] - plain[1]).max() < 3


def test_one_film_at_a_time_is_coloured_until_it_is_stopped(
    client: TestClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def slow(_self: Film, target: Path, *_: Any, progress: Any, **__: Any) -> Path:
        while not free.wait(0.01):
            progress(1, 0)
        return target

    monkeypatch.setattr(Film, "colorize", slow)
    one, other = (opened(client, clip)["id"] for _ in range(2))
    assert client.post(f"/v1/films/{one}/colorize", json=FLAT).status_code == 202
    is_problem(
        client.post(f"/v1/films/{other}/colorize", json=FLAT),
        409,
        "only one film",
    )
    assert client.delete(f"/v1/films/{one}/colorize").status_code == 204
    assert done(client, one)["state"] == "stopped"
    assert client.post(f"/v1/films/{other}/colorize", json=FLAT).status_code == 202
    free.set()
    assert done(client, other)["state"] == "done"


def test_failures_state_their_reason(
    client: TestClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retint.errors import PhotoError

    def failing(*_: Any, **__: Any) -> Path:
        raise PhotoError("the disk is full")

    monkeypatch.setattr(Film, "colorize", failing)
    id = opened(client, clip)["id"]
    client.post(f"/v1/films/{id}/colorize", json=FLAT)
    said = done(client, id)
    assert (said["state"], said["frames"], said["error"]) == ("failed", 0, "the disk is full")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("clip.mp4", b"no film at all", "not a readable film"),
        ("clip.mp4", b"", "not a readable film"),
        ("clip.txt", b"no film", "the name of a film must end in .mp4"),
        ("../../clip", b"no film", "the name of a film must end in .mp4"),
    ],
)
def test_invalid_films_are_refused_and_deleted(
    client_of: Clients, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    name: str, content: bytes, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client = client_of()
    is_problem(client.post("/v1/films", params={"name": name}, content=content), 422, said)
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def test_films_over_the_limits_are_refused(client_of: Clients, clip: Path) -> None:
    size = clip.stat().st_size

    def answer(**settings: int) -> Any:
        client = client_of(**settings)
        return client.post("/v1/films", params={"name": "clip.mp4"}, content=clip.read_bytes())

    is_problem(answer(film_bytes=size - 1), 413, "exceeds the limit")
    is_problem(answer(film_pixels=SIZE[0] * SIZE[1] * 23), 413, "23 frames")
    is_problem(answer(film_bytes=size, films_bytes=size - 1), 503, "no space")
    assert answer(film_bytes=size, film_pixels=SIZE[0] * SIZE[1] * 24).status_code == 201


def test_films_make_room_for_others_and_leave_nothing_behind(
    client_of: Clients, clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    size = clip.stat().st_size
    client = client_of(film_bytes=size, films_bytes=3 * size - 1)
    ids = [opened(client, clip)["id"] for _ in range(3)]
    assert [client.get(f"/v1/films/{id}").status_code for id in ids] == [404, 200, 200]
    (root,) = folder.iterdir()
    assert root.stat().st_mode & 0o077 == 0
    assert len(list(root.iterdir())) == 2
    for id in ids:
        assert client.delete(f"/v1/films/{id}").status_code == 204
    assert not list(root.iterdir())


def test_a_film_that_nobody_waits_for_is_not_kept(clip: Path) -> None:
    from retint.api import load_pipeline
    from retint.errors import PhotoError

    kept = Films(Settings())
    path = kept.place("clip.mp4")
    path.write_bytes(clip.read_bytes())
    with pytest.raises(PhotoError, match="was cancelled"):
        kept.keep(path, load_pipeline("mean"), lambda: kept.discard(path))
    assert not len(kept)


def test_films_that_nobody_uses_are_forgotten(clip: Path) -> None:
    from retint.api import load_pipeline

    now = 0.0
    all_films = Films(Settings(session_seconds=10), clock=lambda: now)
    path = all_films.place("clip.mp4")
    path.write_bytes(clip.read_bytes())
    kept = all_films.keep(path, load_pipeline("mean"))
    now = 11.0
    all_films.forget_old()
    assert not len(all_films)
    assert not kept.folder.exists()


def test_a_film_takes_no_option_that_changes_lightness(client: TestClient, clip: Path) -> None:
    id = opened(client, clip)["id"]
    is_problem(client.post(f"/v1/films/{id}/colorize", json=FLAT | {"repair": 1}), 422, "repair")
    is_problem(client.post("/v1/films/none/colorize", json=FLAT), 404, "open it again")


def test_a_reference_gives_the_film_its_colors(client: TestClient, clip: Path) -> None:
    said = opened(client, clip)
    at = [said["shots"][0]["middle"]]
    frame = client.get(f"/v1/films/{said['id']}/frame", params={"time": at[0]})
    level = np.asarray(Image.open(io.BytesIO(frame.content)).convert("L"), float)
    green = (level[..., None] * (0.4, 1, 0.47)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(green).save(buffer, "PNG")
    reference = client.post("/v1/sessions", content=buffer.getvalue()).json()["id"]

    def look(**more: str) -> Any:
        answer = client.post(f"/v1/films/{said['id']}/stills", json=GUIDED | {"at": at} | more)
        content = base64.b64decode(answer.json()["pictures"][0])
        return np.asarray(Image.open(io.BytesIO(content)), float)

    change = look(reference=reference) - look()
    assert change[..., 1].mean() > change[..., 0].mean()


def test_stills_are_the_truth_at_their_frames(client: TestClient, clip: Path) -> None:
    said = opened(client, clip)
    path = f"/v1/films/{said['id']}"
    frame = client.get(f"{path}/frame", params={"time": said["shots"][0]["middle"]})
    level = np.asarray(Image.open(io.BytesIO(frame.content)).convert("L"), float)
    buffer = io.BytesIO()
    Image.fromarray((level[..., None] * (0.4, 1, 0.47)).astype(np.uint8)).save(buffer, "PNG")
    session = client.post("/v1/sessions", content=buffer.getvalue()).json()["id"]

    def look(**still: Any) -> Any:
        wish = GUIDED | {"at": [said["shots"][0]["middle"]]}
        return client.post(f"{path}/stills", json=wish | {"stills": [{"session": session} | still]})

    pictures = look(frame=6).json()["pictures"]
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(pictures[0]))), float)
    assert (found[..., 1] > found[..., 0] + 20).mean() > 0.9
    is_problem(look(), 422, "either a `frame` or a `time`")
    is_problem(look(frame=6, time=0.25), 422, "either a `frame` or a `time`")
    is_problem(look(frame=600), 422, "beyond the end")
    far = {"stills": [{"session": session, "frame": 600}]}
    is_problem(client.post(f"{path}/colorize", json=GUIDED | far), 422, "beyond the end")


class Hanging:
    """A film whose coloring answers nobody until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.begun = threading.Event(), threading.Semaphore(0)
        self.targets: list[Path] = []
        self.quick = False
        monkeypatch.setattr(Film, "colorize", self)
        monkeypatch.setattr(film_jobs, "STOPPING_SECONDS", 0.3)

    def __call__(self, target: Path, *_: Any, **__: Any) -> Path:
        self.targets.append(target)
        self.begun.release()
        assert self.quick or self.free.wait(20)
        return target


@pytest.mark.alone
def test_a_film_that_does_not_stop_is_given_up_and_others_go_on(
    client: TestClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = Hanging(monkeypatch)
    one, other = (opened(client, clip)["id"] for _ in range(2))
    client.post(f"/v1/films/{one}/colorize", json=FLAT)
    assert hanging.begun.acquire(timeout=10)
    assert client.delete(f"/v1/films/{one}/colorize").status_code == 204
    job = client.get(f"/v1/films/{one}").json()["job"]
    assert (job["state"], job["error"]) == ("failed", film_jobs.GIVEN_UP)
    hanging.quick = True
    for id in (other, one):  # the same film too, which writes elsewhere
        assert client.post(f"/v1/films/{id}/colorize", json=FLAT).status_code == 202
        assert done(client, id)["state"] == "done"
    assert len({*hanging.targets}) == 3
    hanging.free.set()


@pytest.mark.alone
def test_a_closed_film_frees_its_place_too_and_not_before_it_has_ended(
    client: TestClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = Hanging(monkeypatch)
    one, other = (opened(client, clip)["id"] for _ in range(2))
    client.post(f"/v1/films/{one}/colorize", json=FLAT)
    assert hanging.begun.acquire(timeout=10)
    assert client.delete(f"/v1/films/{one}").status_code == 204
    is_problem(
        client.post(f"/v1/films/{other}/colorize", json=FLAT),
        409,
        "only one film",
    )
    deadline = time.monotonic() + 10
    while client.post(f"/v1/films/{other}/colorize", json=FLAT).status_code == 409:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    hanging.free.set()


@pytest.mark.alone
def test_films_that_hang_cannot_fill_the_machine(
    client: TestClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = Hanging(monkeypatch)
    id = opened(client, clip)["id"]
    for _ in range(film_jobs.MOST_GIVEN_UP):
        assert client.post(f"/v1/films/{id}/colorize", json=FLAT).status_code == 202
        assert client.delete(f"/v1/films/{id}/colorize").status_code == 204
    is_problem(client.post(f"/v1/films/{id}/colorize", json=FLAT), 409, "abandoned")
    hanging.free.set()


def test_a_film_stops_while_others_are_waited_for(
    client: TestClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def slow(_self: Film, target: Path, *_: Any, progress: Any, **__: Any) -> Path:
        begun.set()
        progress(1, 0)
        return target

    monkeypatch.setattr(Errands, "_is_hurried", lambda _: begun.is_set())
    monkeypatch.setattr(Film, "colorize", slow)
    id = opened(client, clip)["id"]
    client.post(f"/v1/films/{id}/colorize", json=FLAT)
    assert begun.wait(10)
    assert client.delete(f"/v1/films/{id}/colorize").status_code == 204
    assert client.get(f"/v1/films/{id}").json()["job"]["state"] == "stopped"


def test_uploads_at_once_take_no_more_than_their_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, served_of: Callable[..., Served]
) -> None:
    """None says how large it is, so none can be turned away before it comes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mega = 1_000_000
    served = served_of(
        film_bytes=mega, films_bytes=4 * mega, film_uploads=16, film_uploads_per_client=16
    )
    most = 0
    barrier = threading.Barrier(8)

    def upload(_: int) -> int:
        def chunks() -> Iterator[bytes]:
            nonlocal most
            for k in range(16):
                if k == 15:  # all are nearly there, and none is finished
                    barrier.wait(20)
                    with suppress(FileNotFoundError):  # those that were refused are removed
                        most = max(most, sum(p.stat().st_size for p in tmp_path.rglob("film*")))
                yield b"x" * (mega // 16)

        try:
            answer = httpx.post(f"{served.url}/v1/films?name=a.mp4", content=chunks(), timeout=30)
        except httpx.TransportError:  # refused while it still came, seen on writing or reading
            barrier.abort()
            return 503
        except threading.BrokenBarrierError:
            return 0
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(upload, range(8)))
    assert 201 not in statuses
    assert 503 in statuses
    assert most <= 4 * mega
    deadline = time.monotonic() + 10
    while list(tmp_path.rglob("film.mp4")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.alone
@pytest.mark.parametrize("trickle", [0, 10])
def test_very_slow_uploads_are_aborted(served_of: Callable[..., Served], trickle: int) -> None:
    served = served_of(film_stall_seconds=0.5, film_rate=1e6)
    head = b"POST /v1/films?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    began = time.monotonic()
    with served.connected() as slow:
        slow.socket.sendall(head)
        slow.socket.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() < began + 10:
            with suppress(TimeoutError):
                answer = slow.socket.recv(1000)
            if not answer and trickle:
                slow.socket.sendall(b"x" * trickle)
    assert b" 408 " in answer


def test_films_that_arrive_leave_room_for_pictures(served_of: Callable[..., Served]) -> None:
    served = served_of(queue=1, film_uploads=3, film_uploads_per_client=2)
    head = b"POST /v1/films?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    with served.connected() as one, served.connected() as other, served.connected() as third:
        for each in (one, other):
            each.socket.sendall(head)
        served.wait_until_under_way(2)
        third.socket.sendall(head)
        assert b" 429 " in third.socket.recv(100)
        assert httpx.get(f"{served.url}/v1/methods", timeout=10).status_code == 200
