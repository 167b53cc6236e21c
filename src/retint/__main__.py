"""`python -m retint`."""

import os
import sys

# Python has put the working folder first, where anybody's modules may lie. What it imported up to
# here may have come from there; nothing from now on does, unless retint itself did.
if not sys.flags.safe_path and __file__ != os.sep.join((sys.path[0], "retint", "__main__.py")):
    del sys.path[0]

from retint.cli.main import main

main()
