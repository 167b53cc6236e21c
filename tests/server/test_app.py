from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from retint import files
from retint.files import xmp
from retint.server.api import routes

from .conftest import SIZE, encoded

DIFFUSION = importlib.util.find_spec("diffusers") is not None
FLAT = {"method": "mean"}
NAVY = {"version": 1, "size": list(SIZE), "points": [{"x": 48, "y": 32, "color": "navy"}]}


def spread(content: bytes) -> float:
    """How coloured a picture is."""
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), float)
    return float(np.ptp(pixels, axis=-1).mean())


def opened(client: TestClient, content: bytes = encoded()) -> str:
    answer = client.post("/v1/sessions", content=content)
    assert answer.status_code == 201
    return str(answer.json()["id"])


def is_problem(answer: Any, status: int, detail: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    content = answer.json()
    assert content["status"] == status
    assert content["type"] == "about:blank"
    assert detail in content["detail"]


def test_a_body_is_coloured_in_its_own_format_and_says_so(client: TestClient) -> None:
    for format in ("PNG", "JPEG", "TIFF"):
        answer = client.post("/v1/colorize", params=FLAT, content=encoded(format))
        assert answer.headers["content-type"] == f"image/{format.lower()}"
        picture = files.read(io.BytesIO(answer.content))
        assert picture.format == format
        assert picture.size == SIZE[::-1]
        said = xmp.provenance(picture.metadata.xmp)
        assert said is not None
        assert said["Method"] == "mean"
        assert spread(answer.content) > 2


def test_a_form_is_coloured_as_its_fields_say(client: TestClient) -> None:
    def ask(**fields: str) -> bytes:
        files = {"file": ("../../etc/passwd", encoded())}
        answer = client.post("/v1/colorize", files=files, data=FLAT | fields)
        assert answer.status_code == 200
        assert "passwd" not in answer.headers["content-disposition"]
        return answer.content

    assert spread(ask(vividness="0")) < 1
    assert spread(ask(vividness="2")) > 1.5 * spread(ask())
    assert ask(format="webp")[8:12] == b"WEBP"


def test_what_is_lost_is_named_in_a_header(client: TestClient) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("Größe", "9 x 12")
    content = encoded(pnginfo=chunks)
    plain = client.post("/v1/colorize", content=content)
    assert "Retint-Remarks" not in plain.headers
    done = client.post("/v1/colorize?format=tiff", content=content)
    assert json.loads(done.headers["Retint-Remarks"]) == ["not kept in TIFF: text 'Größe'"]
    kept = client.post(f"/v1/sessions/{opened(client, content)}/colorize",
                       json={"size": "file", "format": "tiff"})  # fmt: skip
    assert kept.headers["Retint-Remarks"] == done.headers["Retint-Remarks"]


def test_a_caption_is_written_unless_there_is_a_description(client: TestClient) -> None:
    plain = client.post("/v1/colorize", params=FLAT | {"caption": "add"}, content=encoded())
    packet = files.read(io.BytesIO(plain.content)).metadata.xmp
    assert b"the colors are a guess by retint" in packet
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("Description", "Großmutter")
    content = encoded(pnginfo=chunks)
    kept = client.post("/v1/colorize", params=FLAT | {"caption": "add"}, content=content)
    assert b"a guess" not in files.read(io.BytesIO(kept.content)).metadata.xmp
    assert "its description stays as it is" in kept.headers["Retint-Remarks"]


def test_hints_and_a_reference_are_heeded(client: TestClient) -> None:
    def ask(**more: Any) -> bytes:
        files = {"file": ("a.png", encoded()), **more.pop("files", {})}
        answer = client.post("/v1/colorize", files=files, data=more)
        assert answer.status_code == 200, answer.text
        return answer.content

    red = np.zeros((64, 96, 3), np.uint8)
    red[..., 0] = np.arange(96) * 2
    buffer = io.BytesIO()
    Image.fromarray(red).save(buffer, "PNG")
    plain = ask()
    assert ask(hints=json.dumps(NAVY)) != plain
    reference = ("reference", ("b.png", buffer.getvalue()))
    told = ask(files=dict([reference]))
    assert told != plain
    several = [("file", ("a.png", encoded())), reference, reference]
    answer = client.post("/v1/colorize", files=several)
    assert answer.status_code == 200, answer.text
    many = client.post("/v1/colorize", files=[*several, *[reference] * 63])
    is_problem(many, 400, "Too many files")


@pytest.mark.parametrize(
    ("query", "content", "status", "detail"),
    [
        ({}, b"hello", 422, "not a readable picture"),
        ({}, b"", 422, "empty"),
        ({}, encoded()[:60], 422, ""),
        ({"method": "nobody"}, encoded(), 422, "unknown method 'nobody'"),
        ({"vividness": "9"}, encoded(), 422, "vividness: "),
        ({"colour": "red"}, encoded(), 422, "colour: "),
        ({"hints": "{"}, encoded(), 422, "hints: "),
        ({"hints": "{}"}, encoded(), 422, "version must be 1"),
        ({**FLAT, "hints": json.dumps(NAVY)}, encoded(), 422, "mean takes no hints"),
        pytest.param(
            {"method": "controlnet"},
            encoded(),
            501,
            "",
            marks=pytest.mark.skipif(not DIFFUSION, reason="needs the extra diffusion"),
        ),
    ],
)
def test_errors_are_answered_as_problem_documents(
    client: TestClient, query: dict[str, str], content: bytes, status: int, detail: str
) -> None:
    is_problem(client.post("/v1/colorize", params=query, content=content), status, detail)


def test_broken_forms_are_answered_as_problem_documents(client: TestClient) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    is_problem(client.post("/v1/colorize", content=b"hello", headers=kind), 400, "malformed form")
    bare = {"Content-Type": "multipart/form-data"}
    is_problem(client.post("/v1/colorize", content=b"hello", headers=bare), 400, "malformed form")
    other = client.post("/v1/colorize", files={"picture": ("a.png", encoded())})
    is_problem(other, 422, "unexpected file in field 'picture'")


def test_a_kept_picture_is_coloured_again_and_again(client: TestClient) -> None:
    id = opened(client)
    path = f"/v1/sessions/{id}/colorize"
    plain = client.post(path, json={})
    assert plain.headers["content-type"] == "image/jpeg"
    hinted = client.post(path, json={"hints": NAVY})
    assert hinted.content != plain.content
    assert client.post(path, json={}).content == plain.content
    file = client.post(path, json={"hints": NAVY, "size": "file"})
    assert files.read(io.BytesIO(file.content)).format == "PNG"
    original = client.get(f"/v1/sessions/{id}/original")
    assert spread(original.content) < 1
    sure = client.post(f"/v1/sessions/{id}/confidence", json={})
    assert Image.open(io.BytesIO(sure.content)).size == SIZE


def test_marked_places_are_repaired_and_excluded_ones_are_not(
    client: TestClient, rng: np.random.Generator
) -> None:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(90, 160, SIZE[::-1], np.uint8)).save(buffer, "PNG")
    id = opened(client, buffer.getvalue())
    square = {"version": 1, "size": list(SIZE), "polygons": [
        {"points": [[20, 10], [60, 10], [60, 50], [20, 50]], "color": "white"}]}  # fmt: skip
    dot = {"version": 1, "size": list(SIZE), "strokes": [
        {"points": [[30, 30], [32, 30]], "radius": 5, "color": "white"}]}  # fmt: skip

    def ask(**wish: Any) -> np.ndarray[Any, Any]:
        content = client.post(f"/v1/sessions/{id}/specks", json={"repair": 1, **wish}).content
        return np.asarray(Image.open(io.BytesIO(content)).convert("L")) > 127

    found = ask(damaged=square, left=dot)
    assert found[15:45, 45:55].all()
    assert not found[28:32, 28:34].any()
    assert not ask(left=square)[15:45, 25:55].any()

    def coloured(**wish: Any) -> bytes:
        return client.post(f"/v1/sessions/{id}/colorize", json={**FLAT, **wish}).content

    assert coloured(repair=1, damaged=square) != coloured(repair=1)
    assert coloured(damaged=square) == coloured()


def test_previews_are_small_and_pixels_are_all(client_of: Callable[..., TestClient]) -> None:
    client = client_of(preview_pixels=1000)
    id = opened(client)
    for size, most in (("preview", 1100), ("pixels", 96 * 64)):
        for answer in (
            client.get(f"/v1/sessions/{id}/original", params={"size": size}),
            client.post(f"/v1/sessions/{id}/colorize", json={**FLAT, "size": size}),
        ):
            width, height = Image.open(io.BytesIO(answer.content)).size
            assert 900 < width * height <= most


def test_a_session_takes_the_colours_of_another(client: TestClient) -> None:
    ramp = np.zeros((64, 96, 3), np.uint8)
    ramp[..., 0] = np.arange(96) * 2
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG")
    id, other = opened(client), opened(client, buffer.getvalue())
    path = f"/v1/sessions/{id}/colorize"
    plain = client.post(path, json={}).content
    assert client.post(path, json={"reference": other}).content != plain
    several = client.post(path, json={"reference": [other, other]})
    assert several.status_code == 200, several.text
    assert several.content != plain
    assert client.post(path, json={"reference": []}).content == plain
    is_problem(client.post(path, json={"reference": id}), 422, "no colors")
    is_problem(client.post(path, json={"reference": [other, id]}), 422, "no colors")
    is_problem(client.post(path, json={"reference": [other] * 65}), 422, "reference")
    is_problem(client.post(path, json={"reference": [other, "none"]}), 404, "")


def test_what_follows_a_reference_is_stated(client: TestClient, coffee: NDArray[np.uint8]) -> None:
    small = coffee[::2, ::2]
    grey, same, other = (
        opened(client, files.encode(files.Photo(each), files.FORMATS["PNG"]))
        for each in (small.mean(-1).astype(np.uint8), small, np.roll(small[..., ::-1], 9, 1)[:9])
    )
    path = f"/v1/sessions/{grey}/followed"
    found = client.post(path, json={"reference": [other, same]}).json()
    assert [each["reference"] for each in found] == [other, same]
    none, some = (each["places"] for each in found)
    assert not none
    assert len(some) > 20
    assert all(0 < x < 1 and 0 < y < 1 for x, y in some)
    assert client.post(path, json={}).json() == []
    is_problem(client.post(path, json={"reference": ["none"]}), 404, "")


def test_likely_colours_are_listed_for_a_place(client: TestClient) -> None:
    id = opened(client)
    colors = client.get(f"/v1/sessions/{id}/colors", params={"x": 0.5, "y": 0.5}).json()["colors"]
    assert 1 <= len(colors) <= 6
    assert all(len(each) == 7 and int(each[1:], 16) >= 0 for each in colors)
    assert len(set(colors)) == len(colors) > 2  # beside what is predicted, what is likely too
    is_problem(client.get(f"/v1/sessions/{id}/colors", params={"x": 2, "y": 0}), 422, "x: ")


def test_a_thing_is_outlined_at_a_position(client: TestClient) -> None:
    rows, columns = np.indices((SIZE[1], SIZE[0]))
    levels = np.where(np.hypot(rows - 32, columns - 48) < 16, 220, 60).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG")
    id = opened(client, buffer.getvalue())
    path = f"/v1/sessions/{id}/thing"
    lines = client.get(path, params={"x": 0.5, "y": 0.5}).json()["lines"]
    assert lines
    assert all(0 <= each <= 1 for line in lines for place in line for each in place)
    is_problem(client.get(path, params={"x": 2, "y": 0}), 422, "x: ")
    is_problem(client.get("/v1/sessions/none/thing", params={"x": 0, "y": 0}), 404, "send it again")


def test_a_closed_or_unknown_session_is_not_found(client: TestClient) -> None:
    id = opened(client)
    assert client.delete(f"/v1/sessions/{id}").status_code == 204
    is_problem(client.post(f"/v1/sessions/{id}/colorize", json={}), 404, "send it again")


def test_methods_are_listed(client: TestClient) -> None:
    methods = {each["name"]: each for each in client.get("/v1/methods").json()}
    assert "controlnet" not in methods  # it needs what is not in the package
    assert methods["guided-unet"]["default"]
    assert methods["guided-unet"]["hints"]
    assert methods["guided-unet"]["things"]
    assert not methods["chroma-diffusion"]["things"]
    assert methods["chroma-diffusion"]["varied"]
    assert not methods["unet"]["hints"]
    assert {name for name, each in methods.items() if each["baseline"]} == {"gray", "mean"}


def test_the_document_states_what_the_page_needs(client_of: Callable[..., TestClient]) -> None:
    for each in ("pillow_heif", "rawpy"):
        pytest.importorskip(each)
    schema = client_of(preview_pixels=1000).get("/openapi.json").json()
    assert schema["x-preview-pixels"] == 1000
    methods = client_of().get("/v1/methods").json()
    assert schema["x-sampled"] in [each["name"] for each in methods if each["varied"]]
    assert schema["x-mark"] == ".retint"
    assert {".jpg", ".heic", ".dng"} <= {*schema["x-readable"]}
    assert schema["x-hints"]["reach"] == {
        "points": 1, "strokes": 1, "rectangles": 1, "polygons": 0
    }  # fmt: skip
    assert schema["x-hints"]["radius"] == 0.015
    options = schema["components"]["schemas"]["SessionColoring"]["properties"]
    assert options["upright"]["x-usual"] == "auto"
    assert "x-usual" not in options["strength"]  # it depends on the method


def test_health_metrics_page_and_documents_are_served(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    client.post("/v1/colorize", content=b"hello")
    measures = client.get("/metrics").text
    assert 'retint_answers_total{route="/v1/colorize",status="422"} 1.0' in measures
    for path in ("/", "/docs", "/app.js", "/style.css"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "http://" not in answer.text.replace("http://127.0.0.1:8017", "").replace(
            "http://www.w3.org", ""
        )
    is_problem(client.get("/nothing"), 404, "")
    is_problem(client.put("/v1/colorize"), 405, "")


def test_an_internal_error_is_answered_as_a_problem_document(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "display_response", lambda photo: 1 / 0)  # noqa: ARG005
    id = opened(client)
    is_problem(client.get(f"/v1/sessions/{id}/original"), 500, "internal server error")


def test_a_picture_lying_on_its_side_is_shown_upright(client: TestClient) -> None:
    content = encoded("PNG", (96, 128))
    turned = io.BytesIO()
    Image.open(io.BytesIO(content)).transpose(Image.Transpose.ROTATE_90).save(turned, "PNG")

    def colored(content: bytes, upright: str) -> Any:
        wish = {"method": "unet", "upright": upright}
        answer = client.post("/v1/colorize", params=wish, content=content)
        assert answer.status_code == 200
        return np.asarray(Image.open(io.BytesIO(answer.content)), int)

    difference = np.abs(np.rot90(colored(turned.getvalue(), "90"), -1) - colored(content, "off"))
    assert difference.max() <= 2
    refused = client.post("/v1/colorize", params={"upright": "45"}, content=content)
    is_problem(refused, 422, "upright")


def test_results_are_turned_and_cropped_at_any_size(client: TestClient) -> None:
    id = opened(client, encoded("PNG", (96, 128)))
    sizes = {"preview": (40, 20), "pixels": (40, 20), "file": (40, 20)}
    for size, wanted in sizes.items():
        wish = {"method": "unet", "turn": 90, "crop": "0,0,40,20", "size": size}
        answer = client.post(f"/v1/sessions/{id}/colorize", json=wish)
        assert answer.status_code == 200
        assert Image.open(io.BytesIO(answer.content)).size == wanted
    for wrong in ({"turn": "45"}, {"straighten": 50}, {"crop": "1,2"}):
        answer = client.post(f"/v1/sessions/{id}/colorize", json={"method": "unet", **wrong})
        is_problem(answer, 422, next(iter(wrong)))
    beyond = {"method": "unet", "crop": "90,0,40,10"}
    answer = client.post(f"/v1/sessions/{id}/colorize", json=beyond)
    is_problem(answer, 422, "not inside")


def test_a_session_may_be_seen_upright_after_it_was_not(client: TestClient) -> None:
    id = opened(client, encoded("PNG", (96, 128)))
    answers = []
    for upright in ("off", 90, "off"):
        wish = {"method": "unet", "upright": upright}
        answer = client.post(f"/v1/sessions/{id}/colorize", json=wish)
        assert answer.status_code == 200
        answers.append(answer.content)
    assert answers[0] == answers[2] != answers[1]
