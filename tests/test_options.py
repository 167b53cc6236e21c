"""Python, the command line, the API and its document agree about the options."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from retint.cli.colorize import colorize
from retint.cli.flags import flag
from retint.colorizers.options import ALL, NetworkOptions
from retint.errors import UsageError
from retint.options import Option, Options, again, option
from retint.picture.finish import Finish
from retint.server.api.app import create_app
from retint.server.api.option_fields import FINISH, OWN
from retint.server.settings import Settings

STATED = {name: each for kind in (*ALL[::-1], Finish) for name, each in kind.described().items()}
KINDS = [(kind, name) for kind in (*ALL, Finish) for name in kind.described()]


@dataclass(frozen=True)
class Some(Options):
    share: float = option(0.5, "A share.", above=0, most=1)
    count: int = option(3, "A count.", least=1)


@dataclass(frozen=True)
class Other(Some):
    share: float = again(Some, "share", 0.7)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"share": 0.0}, "share must be a number above 0 and at most 1, not 0"),
        ({"share": math.nan}, "share must be a number above 0 and at most 1, not nan"),
        ({"share": math.inf}, "share must be a number above 0 and at most 1, not inf"),
        ({"share": "much"}, "share must be a number above 0 and at most 1, not 'much'"),
        ({"count": 0}, "count must be a whole number, 1 or more, not 0"),
        ({"count": 1.5}, "count must be a whole number, 1 or more, not 1.5"),
        ({"count": True}, "count must be a whole number, 1 or more, not True"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, Any], message: str) -> None:
    for kind in (Some, Other):
        with pytest.raises(UsageError, match=message):
            kind(**values)


def test_a_path_may_be_written_as_a_string() -> None:
    assert NetworkOptions(weights="mine.onnx").weights == Path("mine.onnx")  # type: ignore[arg-type]
    assert NetworkOptions().weights is None
    with pytest.raises(UsageError, match="weights must be a path, not 3"):
        NetworkOptions(weights=3)  # type: ignore[arg-type]


def test_only_what_is_unusual_is_chosen() -> None:
    assert Other().share == 0.7
    assert Other().chosen() == {}
    assert Other(share=0.5, count=4).chosen() == {"share": 0.5, "count": 4}
    assert Other(share=0.5, count=4).chosen(but=Some) == {}


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_an_option_is_the_same_in_all_methods(kind: type[Options], name: str) -> None:
    here, stated = kind.described()[name], STATED[name]
    assert (here.help, here.range, here.kind, here.local) == (
        stated.help, stated.range, stated.kind, stated.local,
    )  # fmt: skip


def beyond(each: Option) -> list[Any]:
    """Values that the option does not take."""
    if each.choices:
        return ["nonsense"]
    if each.kind not in (int, float):
        return []
    values: list[Any] = [math.nan, math.inf] if each.kind is float else []
    if each.least is not None:
        values.append(each.least - 1)
    if each.above is not None:
        values.append(each.above)
    if each.most is not None:
        values.append(each.most + 1)
    return values


def parameters() -> dict[str, click.Parameter]:
    return {each.name: each for each in colorize.params if each.name}


@pytest.mark.parametrize("name", STATED)
def test_the_command_line_has_it(name: str) -> None:
    each, there = STATED[name], parameters()[name]
    assert there.opts[0] == flag(name)
    for value in beyond(each):
        said = CliRunner().invoke(colorize, ["p.jpg", flag(name), str(value)])
        assert said.exit_code != 0 or isinstance(said.exception, UsageError), value
        with pytest.raises(UsageError):
            each.check(value)


@pytest.fixture(scope="module")
def client() -> TestClient:
    app, _ = create_app(Settings(threads=1))
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.mark.parametrize("name", FINISH | OWN)
def test_the_api_has_it_and_its_document_says_so(client: TestClient, name: str) -> None:
    document = client.get("/openapi.json").json()
    said = document["components"]["schemas"]["SessionColoring"]["properties"][name]
    each = STATED[name]
    assert said["description"] == each.help
    numbers = next((k for k in said.get("anyOf", []) if k["type"] != "null"), said)
    if each.kind in (int, float):
        assert numbers.get("minimum") == each.least
        assert numbers.get("exclusiveMinimum") == each.above
        assert numbers.get("maximum") == each.most
    for value in beyond(each):
        answer = client.post("/v1/colorize", files={"file": b"no"}, data={name: str(value)})
        assert answer.status_code == 422
        assert name in answer.json()["detail"]


def test_clients_cannot_name_files_or_hardware(client: TestClient) -> None:
    local = [name for name, each in STATED.items() if each.local]
    assert {"weights", "guide", "base_model", "revision", "device", "threads"} <= set(local)
    for name in local:
        answer = client.post("/v1/colorize", files={"file": b"no"}, data={name: "1"})
        assert answer.status_code == 422
        assert name in answer.json()["detail"]
