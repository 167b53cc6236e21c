"""`python -m retint`."""

import os
import sys

# Python has put the working folder first, where anybody's modules may lie. What it imported up to
# here may have come from there; nothing from now on does, unless retint itself did.
own = os.sep.join((sys.path[0], "retint", "__main__.py"))  # noqa: PTH118 - pathlib may lie there too
if not sys.flags.safe_path and __file__ != own:
    del sys.path[0]

from retint.cli.main import main  # noqa: E402

main()
