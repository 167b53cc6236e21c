"""`retint methods`: what there is to choose from."""

from __future__ import annotations

import json
from pathlib import Path

import cloup

from retint.cli.console import ALL_DONE, SOME_FAILED, printable
from retint.cli.flags import A_PATH
from retint.colorizers import DEFAULT, method_class, method_names


@cloup.command()
@cloup.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@cloup.option("--check", type=A_PATH, help="Say which foreign network an ONNX file fits.")
def methods(as_json: bool, check: Path | None) -> int:
    """List the methods that can colour a picture."""
    if check is not None:
        return _check(check)
    said = {name: method_class(name).summary for name in method_names()}
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
        print(f"fits --method {each.name}: {each.wanted()}")
    if len(fitting) > 1:
        print("several networks look alike from outside; you know which one it is")
    if not fitting:
        for each in ADAPTERS:
            print(f"no {each.name}, which {each.wanted()}")
    return ALL_DONE if fitting else SOME_FAILED
