"""`retint methods`: lists the methods."""

from __future__ import annotations

import json
from pathlib import Path

import cloup

import retint
from retint.cli.console import ALL_DONE, SOME_FAILED, printable
from retint.cli.flags import A_PATH
from retint.colorizers import DEFAULT


@cloup.command()
@cloup.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@cloup.option("--check", type=A_PATH, help="Show which foreign network an ONNX file matches.")
def methods(as_json: bool, check: Path | None) -> int:
    """List the methods that can color a picture."""
    if check is not None:
        return _check(check)
    said = retint.methods()
    if as_json:
        print(json.dumps(said))
        return ALL_DONE
    width = max(map(len, said))
    for name, summary in said.items():
        default = "  (default)" if name == DEFAULT else ""
        print(f"{name:<{width}}  {summary}{default}")
    return ALL_DONE


def _check(path: Path) -> int:
    from retint.colorizers.foreign import ADAPTERS, ForeignFile

    file = ForeignFile(path, 1, "cpu")
    print(printable(f"{path} {file.signature}"))
    fitting = [each for each in ADAPTERS if each.fits(file)]
    for each in fitting:
        print(f"matches --method {each.name}: {each.wanted()}")
    if len(fitting) > 1:
        print("several networks have the same inputs and outputs; choose the one you downloaded")
    if not fitting:
        for each in ADAPTERS:
            print(f"not {each.name}: it {each.wanted()}")
    return ALL_DONE if fitting else SOME_FAILED
