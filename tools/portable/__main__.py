"""The command."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from retint.errors import RetintError
from retint.version import __version__
from tools.portable.folder import compose
from tools.portable.pack import pack
from tools.portable.systems import SYSTEMS


def main() -> int:
    """Make the archive that the command line describes."""
    parser = argparse.ArgumentParser("python -m tools.portable")
    parser.add_argument("target", type=Path)
    parser.add_argument("--system", choices=SYSTEMS, default="linux")
    parser.add_argument("--python", type=Path)
    given = parser.parse_args()
    name = f"retint-{__version__}-{given.system}-x86_64"
    archive = given.target / (name + SYSTEMS[given.system].ending)
    try:
        given.target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / name
            folder.mkdir()
            compose(folder, given.system, given.python)
            whole = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
            pack(folder, archive)
    except (OSError, RetintError) as error:
        print(f"tools.portable: {error}", file=sys.stderr)
        return 1
    print(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB, unpacked {whole / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
