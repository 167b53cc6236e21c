"""`retint methods`: what there is to choose from."""

from __future__ import annotations

import json

import cloup

from retint.cli.console import ALL_DONE
from retint.colorizers import DEFAULT, METHODS, method_class


@cloup.command()
@cloup.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def methods(as_json: bool) -> int:
    """List the methods that can colour a picture."""
    said = {name: method_class(name).summary for name in METHODS}
    if as_json:
        print(json.dumps(said))
        return ALL_DONE
    width = max(map(len, said))
    for name, summary in said.items():
        default = "  (default)" if name == DEFAULT else ""
        print(f"{name:<{width}}  {summary}{default}")
    return ALL_DONE
