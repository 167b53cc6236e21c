"""The command."""

from __future__ import annotations

import sys
from pathlib import Path

from retint.errors import RetintError
from tools.web import folder


def main() -> int:
    """Build the folder that the command line names."""
    if len(sys.argv) != 2:
        print("usage: python -m tools.web TARGET", file=sys.stderr)
        return 2
    target = Path(sys.argv[1])
    try:
        folder.build(target)
    except RetintError as error:
        print(f"tools.web: {error}", file=sys.stderr)
        return 1
    size = sum(each.stat().st_size for each in target.rglob("*") if each.is_file())
    print(f"{target}: {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
